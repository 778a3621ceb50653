"""Which candidates are tried, and in which order.

The order is the expected gain per CPU second: with little time the first few decide, so what
is cheap and strong comes first and what is dear comes when there is time for it. The order is
written by hand from runs on tables and pictures of several sizes; nothing heavy is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.i18n import text
from lingqu.core.nouns import Dataset, Json, Task
from lingqu.core.schema import KINDS, Kind
from lingqu.learn.costs import SECONDS, SMALL

_TABLE = frozenset[Kind]({"number", "category", "boolean", "text", "datetime", "image", "vector"})
_BOTH = frozenset({"classify", "regress"})


@dataclass(frozen=True)
class Facts:
    """What planning must know of an algorithm without importing it."""

    tasks: frozenset[str]
    kinds: frozenset[Kind]
    engine: str


FACTS: dict[str, Facts] = {
    "constant": Facts(_BOTH, frozenset(KINDS), "numpy"),
    "logistic": Facts(frozenset({"classify"}), _TABLE, "sklearn"),
    "ridge": Facts(frozenset({"regress"}), _TABLE, "sklearn"),
    "rbf_svm": Facts(_BOTH, _TABLE, "sklearn"),
    "k_neighbours": Facts(_BOTH, _TABLE, "numpy"),
    "lightgbm": Facts(_BOTH, _TABLE, "sklearn"),
    "mlp": Facts(_BOTH, _TABLE, "torch"),
    "cnn": Facts(_BOTH, frozenset({"image"}), "torch"),
}

AUGMENTED = 2.0
"""How much longer a fit takes when its training rows are augmented, as a first guess."""
_RANDOM_TREES = {"extra_random": True, "l2": 5.0, "column_share": 0.5, "smallest_leaf": 10}
_LARGE_TREES = {"leaves": 128, "smallest_leaf": 10, "column_share": 0.9}
_Wish = tuple[str, Mapping[str, Json]]


@dataclass(frozen=True)
class Entry:
    """One candidate to try.

    Args:
        name: Unique name in the run: ``"lightgbm"``, ``"lightgbm#2"``.
        algorithm: Catalogue name.
        options: Options of the algorithm.
        tag: The worker it prefers; ``""`` for any.
        cost: Expected CPU seconds of one fit.
        skip: Why it cannot be tried here, or ``""``.
        augment: Augmenting operators (name, options, preparation) that run on the training part
            of each fit.
        plain: Name of the candidate that differs only by lacking them, or ``""``.
    """

    name: str
    algorithm: str
    options: Mapping[str, Json] = field(default_factory=dict)
    tag: str = ""
    cost: float = 0.0
    skip: str = ""
    augment: tuple[Sequence[Json], ...] = ()
    plain: str = ""


def portfolio(
    train: Dataset,
    task: Task,
    budget_s: float,
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None = None,
    workers: int = 1,
    augment: Sequence[Sequence[Json]] = (),
) -> tuple[Entry, ...]:
    """Return the candidates in the order in which they are worth trying.

    Args:
        train: Rows to learn from; only its size and schema are looked at.
        task: What is learned.
        budget_s: Wall seconds of the whole choice.
        algorithms: What the user wants instead of the usual ones, with options. The constant
            baseline is always among the candidates.
        workers: How many fits run side by side.
        augment: Augmenting operators; every learner is then tried without and with them, and
            the second must beat the first on held-out rows to be used.

    Raises:
        SpecError: A name that is unknown, or an algorithm that cannot do the task.
    """
    asked = algorithms is not None
    wishes = _named(algorithms) if algorithms is not None else _usual(train, task)
    if not any(name == "constant" for name, _ in wishes):
        # First, in a few milliseconds: whatever befalls the others, there is a model.
        wishes.insert(0, ("constant", {}))
    seen: dict[str, int] = {}
    entries = []
    for algorithm, options in wishes:
        seen[algorithm] = seen.get(algorithm, 0) + 1
        name = algorithm if seen[algorithm] == 1 else f"{algorithm}#{seen[algorithm]}"
        entries.append(_entry(name, algorithm, options, train, task))
    entries += [
        replace(entry, name=f"{entry.name}+", augment=tuple(augment), plain=entry.name,
                cost=AUGMENTED * entry.cost)
        for entry in entries
        if augment and entry.algorithm != "constant"
    ]  # fmt: skip
    patience = budget_s * max(1, workers) / 2
    return tuple(
        entry if asked or entry.skip or entry.cost <= patience or _stops(entry) else _dear(entry)
        for entry in entries
    )


def _named(algorithms: Iterable[_Wish]) -> list[_Wish]:
    return [(name, dict(options or {})) for name, options in algorithms]


def _usual(train: Dataset, task: Task) -> list[_Wish]:
    rows = len(train)
    pictures = any(column.kind == "image" for column in train.schema.features)
    names: list[_Wish] = [("logistic" if task == "classify" else "ridge", {})]
    if pictures:
        names += [("cnn", {})]
    if rows <= SMALL:
        names += [("rbf_svm", {}), ("k_neighbours", {})]
    names += [("lightgbm", {}), ("mlp", {})]
    if not pictures:
        names += [("lightgbm", _LARGE_TREES)] if rows >= 5 * SMALL else []
        names += [("lightgbm", _RANDOM_TREES)]
    return names


def facts_of(algorithm: str) -> Facts:
    """Return the facts of an algorithm; one of a third party is imported for them.

    Raises:
        SpecError: There is no such algorithm.
    """
    if algorithm in FACTS:
        return FACTS[algorithm]
    kind = catalog.load("algorithms", algorithm, "`train.algorithm`")
    return Facts(kind.tasks, kind.kinds, kind.engine)


def _entry(
    name: str, algorithm: str, options: Mapping[str, Json], train: Dataset, task: Task
) -> Entry:
    facts = facts_of(algorithm)
    if task not in facts.tasks:
        able = ", ".join(sorted(other for other, fact in FACTS.items() if task in fact.tasks))
        raise SpecError("learn.wrong_task", name=algorithm, task=task, expected=able)
    tag = "" if facts.engine == "numpy" else facts.engine
    kinds = {column.kind for column in train.schema.features}
    skip = ""
    if not kinds & facts.kinds:
        expected = ", ".join(sorted(facts.kinds))
        received = ", ".join(sorted(kinds)) or "-"
        skip = text("learn.unread_kinds", expected=expected, received=received)
    elif facts.engine == "torch" and find_spec("torch") is None:
        skip = text("learn.not_installed", package="torch", extra=catalog.EXTRAS["torch"])
    return Entry(name, algorithm, dict(options), tag, _cost(algorithm, train), skip)


def _cost(algorithm: str, train: Dataset) -> float:
    width = 0
    for column in train.schema.features:
        wide = column.kind in ("image", "vector") and column.shape
        size = 1
        for length in column.shape if wide else ():
            size *= length
        width += 200 if column.kind == "text" else size
    target = train.schema.target
    classes = len(target.levels) if target is not None else 0
    if algorithm in SECONDS:
        return SECONDS[algorithm](len(train), max(width, 1), classes)
    cost: Any = catalog.load("algorithms", algorithm).cost
    return max(0.01, float(cost(len(train), max(width, 1), classes)))


def _stops(entry: Entry) -> bool:
    """Say whether a fit ends early, in a usable state, when its time is over."""
    return entry.algorithm not in ("rbf_svm", "k_neighbours", "ridge")


def _dear(entry: Entry) -> Entry:
    reason = text("learn.too_slow", cost=entry.cost)
    return replace(entry, skip=reason)
