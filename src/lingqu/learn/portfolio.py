"""Which candidates are tried, and in which order.

The order is the expected gain per CPU second: with little time the first few decide, so what
is cheap and strong comes first and what is dear comes when there is time for it. What each is
expected to bring is data (`portfolio.yaml`), measured on public tables; nothing heavy is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lingqu.core import catalog, yaml
from lingqu.core.errors import SpecError
from lingqu.core.i18n import Message, Phrase
from lingqu.core.nouns import TEXTS, Dataset, Json, Task
from lingqu.core.schema import KINDS, Kind
from lingqu.learn.costs import SECONDS
from lingqu.learn.objectives import fitting
from lingqu.learn.spaces import SPACES, Space

_TABLE = frozenset[Kind]({"number", "category", "boolean", "text", "datetime", "image", "vector"})
_MADE = frozenset[Kind]({"number", "category", "boolean", "datetime"})
_BOTH = frozenset({"classify", "regress"})


@dataclass(frozen=True)
class Facts:
    """What planning must know of an algorithm without importing it."""

    tasks: frozenset[str]
    kinds: frozenset[Kind]
    engine: str
    monotone: bool = False
    """Whether it has an option `monotone`: column → ``increasing`` or ``decreasing``."""


FACTS: dict[str, Facts] = {
    "constant": Facts(_BOTH | {"verify"}, frozenset(KINDS), "numpy"),
    "logistic": Facts(frozenset({"classify"}), _TABLE, "sklearn"),
    "ridge": Facts(frozenset({"regress"}), _TABLE, "sklearn"),
    "elastic_net": Facts(_BOTH, _TABLE, "numpy"),
    "naive_bayes": Facts(frozenset({"classify"}), _TABLE, "numpy"),
    "kernel_ridge": Facts(_BOTH, _TABLE, "numpy"),
    "rbf_svm": Facts(_BOTH, _TABLE, "sklearn"),
    "k_neighbours": Facts(_BOTH, _TABLE, "numpy"),
    "lightgbm": Facts(_BOTH, _TABLE, "sklearn", monotone=True),
    "random_forest": Facts(_BOTH, _TABLE, "sklearn"),
    "extra_trees": Facts(_BOTH, _TABLE, "sklearn"),
    "xgboost": Facts(_BOTH, _TABLE, "sklearn", monotone=True),
    "catboost": Facts(_BOTH, _TABLE, "sklearn", monotone=True),
    "ebm": Facts(_BOTH, _TABLE, "sklearn", monotone=True),
    "mlp": Facts(_BOTH, _TABLE, "torch"),
    "tabm": Facts(_BOTH, _TABLE, "torch"),
    "cnn": Facts(_BOTH, frozenset({"image"}), "torch"),
    "net": Facts(_BOTH, _TABLE, "torch"),
    "pretrained": Facts(_BOTH, _TABLE | {"audio"}, "torch"),
    "seasonal_naive": Facts(frozenset({"forecast"}), frozenset(KINDS), "numpy"),
    "drift": Facts(frozenset({"forecast"}), frozenset(KINDS), "numpy"),
    "recent_mean": Facts(frozenset({"forecast"}), frozenset(KINDS), "numpy"),
    "theta": Facts(frozenset({"forecast"}), frozenset(KINDS), "numpy"),
    "ets": Facts(frozenset({"forecast"}), frozenset(KINDS), "numpy"),
    "arima": Facts(frozenset({"forecast"}), frozenset(KINDS), "sklearn"),
    "fracast": Facts(frozenset({"forecast"}), frozenset(KINDS), "numpy"),
    "lag_linear": Facts(frozenset({"forecast"}), frozenset(KINDS), "numpy"),
    "lag_trees": Facts(frozenset({"forecast"}), frozenset(KINDS), "sklearn"),
    "gru": Facts(frozenset({"forecast"}), frozenset(KINDS), "torch"),
    "transformer": Facts(frozenset({"forecast"}), frozenset(KINDS), "torch"),
    "isolation_forest": Facts(frozenset({"flag"}), _TABLE, "sklearn"),
    "mahalanobis": Facts(frozenset({"flag"}), _TABLE, "numpy"),
    "column_tails": Facts(frozenset({"flag"}), _TABLE, "numpy"),
    "linear_autoencoder": Facts(frozenset({"flag"}), _TABLE, "numpy"),
    "lof": Facts(frozenset({"flag"}), _TABLE, "numpy"),
    "labelled_forest": Facts(frozenset({"flag"}), _TABLE, "sklearn"),
    "seasonal_residual": Facts(frozenset({"flag"}), _TABLE, "numpy"),
    "autoencoder": Facts(frozenset({"flag"}), _TABLE, "torch"),
    "usual_boxes": Facts(frozenset({"detect"}), frozenset({"image"}), "numpy"),
    "centres": Facts(frozenset({"detect"}), frozenset({"image"}), "torch"),
    "cosine": Facts(frozenset({"verify"}), _TABLE, "numpy"),
    "siamese": Facts(frozenset({"verify"}), _TABLE, "torch"),
    "popularity": Facts(frozenset({"recommend"}), frozenset(KINDS), "numpy"),
    "item_knn": Facts(frozenset({"recommend"}), frozenset(KINDS), "numpy"),
    "ease": Facts(frozenset({"recommend"}), frozenset(KINDS), "numpy"),
    "als": Facts(frozenset({"recommend"}), frozenset(KINDS), "numpy"),
    "bpr": Facts(frozenset({"recommend"}), frozenset(KINDS), "numpy"),
    "two_tower": Facts(frozenset({"recommend"}), frozenset(KINDS), "torch"),
    "memory": Facts(TEXTS, frozenset({"text"}), "sklearn"),
    "usual_tags": Facts(frozenset({"tag"}), frozenset({"text"}), "numpy"),
    "tagger": Facts(frozenset({"tag"}), frozenset({"text"}), "torch"),
    "decoder": Facts(TEXTS, frozenset({"text"}), "torch"),
    "reader": Facts(frozenset({"answer"}), frozenset({"text"}), "torch"),
    "pretrained_decoder": Facts(TEXTS, frozenset({"text"}), "torch"),
    "pretrained_seq2seq": Facts(TEXTS, frozenset({"text"}), "torch"),
    "ngram_axes": Facts(frozenset({"embed"}), frozenset({"text"}), "sklearn"),
    "embedder": Facts(frozenset({"embed"}), _TABLE, "torch"),
    "sequential_trees": Facts(frozenset({"generate"}), _MADE, "sklearn"),
    "table_vae": Facts(frozenset({"generate"}), _MADE, "torch"),
    "table_gan": Facts(frozenset({"generate"}), _MADE, "torch"),
    "picture_vae": Facts(frozenset({"generate"}), frozenset({"image"}), "torch"),
    "picture_gan": Facts(frozenset({"generate"}), frozenset({"image"}), "torch"),
    "wgan_gp": Facts(frozenset({"generate"}), frozenset({"image"}), "torch"),
    "usual_action": Facts(frozenset({"control"}), frozenset(KINDS), "numpy"),
    "ppo": Facts(frozenset({"control"}), frozenset(KINDS), "torch"),
    "dqn": Facts(frozenset({"control"}), frozenset(KINDS), "torch"),
    "stable_baselines3": Facts(frozenset({"control"}), frozenset(KINDS), "torch"),
    "value_iteration": Facts(frozenset({"control"}), frozenset(KINDS), "numpy"),
    "policy_iteration": Facts(frozenset({"control"}), frozenset(KINDS), "numpy"),
    "linucb": Facts(frozenset({"control"}), frozenset(KINDS), "numpy"),
    "thompson": Facts(frozenset({"control"}), frozenset(KINDS), "numpy"),
    "best_action": Facts(frozenset({"control"}), frozenset(KINDS), "numpy"),
    "reward_regression": Facts(frozenset({"control"}), _TABLE, "numpy"),
    "doubly_robust": Facts(frozenset({"control"}), _TABLE, "numpy"),
}

LARGE = frozenset({"random_forest", "extra_trees", "ebm"})
"""Learners whose fits hold a hundred megabytes beside their rows, about as much as torch itself."""
AUGMENTED = 2.0
"""How much longer a fit takes when its training rows are augmented, as a first guess."""
BENT = 2.5
"""How much longer boosted trees of logarithms go on gaining: rounds on 43,000 diamonds, 975 against
369 of LightGBM, 1009 against 325 of XGBoost."""
RANDOM = 4.0
"""The same of trees that split at random points: 6.6 times on the diamonds, 4 on the digits."""
_BOOSTED = frozenset({"lightgbm", "xgboost", "catboost"})
GAIN = 0.02
"""What a candidate of which nothing is known is expected to bring."""
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
        gain: Share of the way from the constant to the best that it is expected to add.
        parent: Name of the candidate around which a search found it, or ``""``.
    """

    name: str
    algorithm: str
    options: Mapping[str, Json] = field(default_factory=dict)
    tag: str = ""
    cost: float = 0.0
    skip: Message = ""
    augment: tuple[Sequence[Json], ...] = ()
    plain: str = ""
    gain: float = GAIN
    parent: str = ""

    @property
    def variant(self) -> str:
        """The algorithm, and in a second word what sets a usual candidate apart from another."""
        kind = "large" if "leaves" in self.options else ""
        kind = "random" if self.options.get("extra_random") else kind
        kind = "log" if self.options.get("target") == "log" else kind
        kind = str(self.options.get("objective") or kind)
        return f"{self.algorithm} {kind}".rstrip()


def portfolio(
    train: Dataset,
    task: Task,
    budget_s: float,
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None = None,
    workers: int = 1,
    augment: Sequence[Sequence[Json]] = (),
    monotone: Mapping[str, str] | None = None,
    metric: str = "",
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
        monotone: Columns with which answers may only rise (``increasing``) or fall; candidates
            that cannot promise it are left out.
        metric: Score that decides: learners that can minimise its own loss are tried with it.

    Raises:
        SpecError: A name that is unknown, or an algorithm that cannot do the task.
    """
    asked = algorithms is not None
    wishes = _named(algorithms) if algorithms is not None else usual(train, task)
    if not asked:
        wishes = fitting(wishes, metric)
    if not any(name == "constant" for name, _, _ in wishes) and not _only_heard(train):
        # First, in a few milliseconds: whatever befalls the others, there is a model.
        wishes.insert(0, ("constant", {}, GAIN))
    seen: dict[str, int] = {}
    entries = []
    for algorithm, options, gain in wishes:
        seen[algorithm] = seen.get(algorithm, 0) + 1
        name = algorithm if seen[algorithm] == 1 else f"{algorithm}#{seen[algorithm]}"
        entry = _entry(name, algorithm, options, train, task)
        entries.append(_monotone(replace(entry, gain=gain), monotone))
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


def _named(algorithms: Iterable[_Wish]) -> list[tuple[str, Mapping[str, Json], float]]:
    return [(name, dict(options or {}), GAIN) for name, options in algorithms]


def _monotone(entry: Entry, monotone: Mapping[str, str] | None) -> Entry:
    """Hand a wish for monotony to a candidate, or leave it out; the constant keeps any."""
    if not monotone or entry.algorithm == "constant" or entry.skip:
        return entry
    if not facts_of(entry.algorithm).monotone:
        return replace(entry, skip=Phrase("choice.not_monotone", {"columns": ", ".join(monotone)}))
    return replace(entry, options={**entry.options, "monotone": dict(monotone)})


def refuse_directions(train: Dataset, monotone: Mapping[str, str]) -> None:
    """Refuse a wish for monotony that means nothing here.

    Raises:
        SpecError: Not a number column among the features, or no direction.
    """
    numbers = [c.name for c in train.schema.features if c.kind == "number"]
    for column, direction in monotone.items():
        if column not in numbers:
            raise SpecError("choice.monotone_column", column=column, expected=", ".join(numbers))
        if direction not in ("increasing", "decreasing"):
            raise SpecError("choice.bad_direction", column=column, received=direction)


@cache
def shipped() -> Mapping[str, Any]:
    """Return what `portfolio.yaml` says."""
    file = Path(__file__).with_name("portfolio.yaml")
    data: Mapping[str, Any] = yaml.load(file.read_text(encoding="utf-8"), file.name).data
    return data


def usual(train: Dataset, task: Task) -> list[tuple[str, Mapping[str, Json], float]]:
    """Return algorithm, options and expected gain of what is tried when nobody names anything.

    Linear models come first, because a usable model must exist early; then the order is the
    gain per expected second.
    """
    rows = len(train)
    kinds = [column.kind for column in train.schema.features]
    pictures = "image" in kinds
    mixture = pictures and len(kinds) > kinds.count("image")
    texts = "text" in kinds and not pictures
    found: list[tuple[tuple[bool, float], int, tuple[str, dict[str, Json], float]]] = []
    for item in shipped()["candidates"]:
        name = item["algorithm"]
        if name not in FACTS or find_spec(item.get("needs", "lingqu")) is None:
            continue
        if task not in facts_of(name).tasks or item.get("pictures", pictures) != pictures:
            continue
        if item.get("mixture", mixture) != mixture or item.get("texts", texts) != texts:
            continue
        if not item.get("least_rows", 0) <= rows <= item.get("most_rows", rows):
            continue
        if item.get("tail") and not (task == "regress" and has_tail(train)):
            continue
        gain = gain_of(item, bucket(train, task))
        options = dict(item.get("options", {}))
        rank = (not item.get("first", False), -gain / (0.05 + _cost(name, options, train)))
        found.append((rank, len(found), (name, options, gain)))
    return [wish for _, _, wish in sorted(found)]


def has_tail(train: Dataset) -> bool:
    """Say whether the target is so skewed that learning its logarithm is worth a try."""
    # Here, so that planning without a table stays light.
    from lingqu.learn.tabular.target import long_tailed
    from lingqu.release.targets import targets

    return long_tailed(targets(train, "regress")[0].astype("float64"))


def bucket(train: Dataset, task: str) -> tuple[str, str, str]:
    """Return what tables are told apart by: task, number of rows, kinds of columns."""
    sizes = shipped()["rows"]
    size = next((name for name, most in sizes.items() if len(train) <= most), "huge")
    numbers = all(c.kind in ("number", "boolean", "vector") for c in train.schema.features)
    return task, size, "numbers" if numbers else "mixed"


def gain_of(item: Mapping[str, Any], where: tuple[str, str, str]) -> float:
    """Return the expected gain of a candidate, by the most exact figure that is known.

    Example:
        >>> gain_of({"gain": 0.1, "gains": {"classify/tiny": 0.3}}, ("classify", "tiny", "mixed"))
        0.3
    """
    known = item.get("gains", {})
    keys = ("/".join(where[:end]) for end in (3, 2, 1))
    return float(next((known[key] for key in keys if key in known), item["gain"]))


def facts_of(algorithm: str) -> Facts:
    """Return the facts of an algorithm; one of a third party is imported for them.

    Raises:
        SpecError: There is no such algorithm.
    """
    if algorithm in FACTS:
        return FACTS[algorithm]
    kind = catalog.load("algorithms", algorithm, "`train.algorithm`")
    return Facts(kind.tasks, kind.kinds, kind.engine)


def hears(algorithms: Iterable[_Wish]) -> bool:
    """Say whether one of the learners that were named reads recordings; a constant does not.

    Example:
        >>> hears([("cnn", {})]), hears([("pretrained", {"path": "models/voices"})])
        (False, True)
    """
    return any(name != "constant" and "audio" in facts_of(name).kinds for name, _ in algorithms)


def _only_heard(train: Dataset) -> bool:
    """Say whether there are recordings and nothing else: even a constant needs a column to read."""
    kinds = {column.kind for column in train.schema.features}
    return kinds == {"audio"}


def space_of(algorithm: str) -> Space:
    """Return what a search may vary of an algorithm; empty for nothing."""
    if algorithm in FACTS:
        return SPACES.get(algorithm, {})
    found: Space = getattr(catalog.load("algorithms", algorithm), "space", {})
    return found


def _entry(
    name: str, algorithm: str, options: Mapping[str, Json], train: Dataset, task: Task
) -> Entry:
    facts = facts_of(algorithm)
    if task not in facts.tasks:
        able = ", ".join(sorted(other for other, fact in FACTS.items() if task in fact.tasks))
        raise SpecError("learn.wrong_task", name=algorithm, task=task, expected=able)
    tag = "" if facts.engine == "numpy" else facts.engine
    kinds = {column.kind for column in train.schema.features}
    skip: Message = ""
    if not kinds & facts.kinds:
        expected = ", ".join(sorted(facts.kinds))
        received = ", ".join(sorted(kinds)) or "-"
        skip = Phrase("learn.unread_kinds", {"expected": expected, "received": received})
    elif facts.engine == "torch" and find_spec("torch") is None:
        needed = {"package": "torch", "extra": catalog.EXTRAS["torch"]}
        skip = Phrase("learn.not_installed", needed)
    return Entry(name, algorithm, dict(options), tag, _cost(algorithm, options, train), skip)


def _cost(algorithm: str, options: Mapping[str, Json], train: Dataset) -> float:
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
        return _longer(algorithm, options) * SECONDS[algorithm](len(train), max(width, 1), classes)
    cost: Any = catalog.load("algorithms", algorithm).cost
    return max(0.01, float(cost(len(train), max(width, 1), classes)))


def _longer(algorithm: str, options: Mapping[str, Json]) -> float:
    """Return how much longer a fit takes with these options than without."""
    if algorithm not in _BOOSTED:
        return 1.0
    bent = BENT if options.get("target") == "log" else 1.0
    return bent * (RANDOM if options.get("extra_random") else 1.0)


def _stops(entry: Entry) -> bool:
    """Say whether a fit ends early, in a usable state, when its time is over."""
    return entry.algorithm not in ("rbf_svm", "k_neighbours", "ridge", "kernel_ridge")


def _dear(entry: Entry) -> Entry:
    reason = Phrase("learn.too_slow", {"cost": entry.cost})
    return replace(entry, skip=reason)
