"""From rows and a budget to one model of what is usual: fit, compare where labels are, add up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import DataError, SpecError, TrainError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Engine, Progress
from lingqu.core.predictions import Predictions
from lingqu.engine.budget import Deadline
from lingqu.learn.assemble import Choice, Note
from lingqu.learn.candidate import ALL, TASK
from lingqu.learn.contender import Contender, contenders, fit_here, refuse_failed
from lingqu.learn.flag import CLASSES, SHOWN, USUAL
from lingqu.learn.flag.held import NOBODY, Held, held_of, seasonal, unjudged
from lingqu.learn.flag.judge import METRIC
from lingqu.learn.flag.mahalanobis import Mahalanobis
from lingqu.learn.flag.reading import labels, sampled
from lingqu.learn.flag.unite import united
from lingqu.learn.folds import Folds, make_folds
from lingqu.learn.kept import Recall, Remember
from lingqu.learn.rounds import Rounds

__all__ = ["RATE", "Choice", "choose_flag", "tried"]

RATE = 0.01
"""Share of rows that is expected to be odd, where neither the channel nor labels say."""
FOLDS = 3
_NET_ROWS, _NET_SECONDS = 300, 10.0
"""Rows and budget from which a net is among what is tried."""
ENOUGH = 5
"""Known anomalies from which a learner that is shown them is among what is tried."""
_LEFT = 0.1
"""Share of the budget that is for adding up."""


def choose_flag(
    train: Dataset,
    *,
    budget_s: float,
    engine: Engine,
    scratch: Path,
    rate: float | None = None,
    seed: int = 0,
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None = None,
    folds: int | None = None,
    memory_mb: float | None = None,
    families: NDArray[np.int64] | None = None,
    recall: Recall | None = None,
    remember: Remember | None = None,
    progress: Progress = lambda row: None,
    clock: Callable[[], float] = time.monotonic,
) -> Choice:
    """Learn what is usual, as well as a budget allows.

    Without labels every learner counts the same. Rows that somebody called an anomaly are left
    out of what is usual; `labelled_forest` alone learns from them, where there are enough. On
    held-out rows labels decide how much each learner counts and from where on a row is flagged.

    Args:
        train: Rows to learn from; a target of the classes ``normal`` and ``anomaly``, with gaps
            where nobody knows, is optional.
        budget_s: Wall seconds for everything.
        engine: Runs the fits.
        scratch: An empty folder that the workers can read.
        rate: Share of rows that is to be flagged; with labels it goes before the best F1.
        seed: Seed of every draw.
        algorithms: Names and options to try instead of the usual ones.
        folds: Folds where labels are; 3 when omitted.
        memory_mb: Limit of each fit.
        families: The first row of each row's family of copies: folds keep them together.
        recall: As `lingqu.learn.choose.choose`, and so are the others.
        remember: Keeps a finished fit.
        progress: Gets rows.
        clock: Seconds that only rise.

    Raises:
        TrainError: Nothing could be fitted.
        SpecError: Unknown algorithm, one that cannot flag, no budget.
        DataError: No rows or no column that can be read.
    """
    if not budget_s > 0:
        raise SpecError("learn.no_budget", received=budget_s)
    deadline = Deadline(budget_s, clock)
    whole = len(train)
    train = sampled(train, seed)
    truth = labels(train)
    if not len(train):
        raise DataError("release.no_rows", where="`train`")
    if truth is not None and (truth == 1).all():
        raise DataError("flag.all_odd", rows=len(train))
    parts = _folds(train, truth, folds, seed, families if len(train) == whole else None)
    wishes = algorithms if algorithms is not None else [(n, {}) for n in tried(train, budget_s)]
    size = len(train), len(train.schema.names), 2
    those = contenders(wishes, "flag", USUAL, size)
    rounds = Rounds(
        TASK, train, parts, those, deadline=deadline, engine=engine, scratch=scratch, seed=seed,
        memory_mb=memory_mb, progress=progress, recall=recall, remember=remember,
    )  # fmt: skip
    rounds.run(_order(those, parts), _LEFT)
    if not any(ALL in one.fits for one in those):
        refuse_failed(those, budget_s)
        fit_here(those, Mahalanobis.name, lambda one: _cheapest(train, seed))
    ready = [one for one in those if ALL in one.fits]
    held = held_of(ready, parts, truth)
    found = unjudged(ready) if held is None else held.weights(ready, seed)
    weights = {one.name: share for one, share in zip(ready, found, strict=True)}
    choice = _choice(ready, weights, held, train, rate)
    lines = sorted(
        (_judged(one, held).line(METRIC, weights.get(one.name, 0.0), budget_s) for one in those),
        key=lambda c: (c.score is None, -(c.score or 0.0), c.name),
    )
    notes = list(choice.notes)
    if whole > len(train):
        notes.insert(0, both("flag.note_sampled", rows=len(train), whole=whole))
    return replace(choice, candidates=tuple(lines), notes=tuple(notes))


def tried(train: Dataset, budget_s: float) -> list[str]:
    """Return the learners that are tried when nobody names any, the cheapest first."""
    timed = any(c.kind == "datetime" and c.seen for c in train.schema.having("time"))
    net = len(train) >= _NET_ROWS and budget_s >= _NET_SECONDS and find_spec("torch") is not None
    left_out = set() if timed else {"seasonal_residual"}
    left_out |= set() if net else {"autoencoder"}
    left_out |= set() if _known(train) >= ENOUGH else {SHOWN}
    return [name for name in USUAL if name not in left_out]


def _known(train: Dataset) -> int:
    """Return how many rows are called anomalies, where others are called normal."""
    truth = labels(train)
    return int((truth == 1).sum()) if truth is not None and (truth == 0).sum() > 1 else 0


def _folds(
    train: Dataset,
    truth: NDArray[np.int64] | None,
    count: int | None,
    seed: int,
    families: NDArray[np.int64] | None,
) -> Folds | None:
    """Return folds that hold out both classes, or None where labels cannot judge anything."""
    if truth is None or min((truth == 1).sum(), (truth == 0).sum()) < 2:
        return None
    # Where times are, a group is a series: it is compared with its own past.
    series = [c.name for c in train.schema.having("group") if c.seen]
    alone = replace(train, schema=train.schema.without(series))
    try:
        parts = make_folds(alone, (truth == 1).astype(np.int64), "flag", count or FOLDS, seed,
                           families)  # fmt: skip
    except TrainError:
        return None
    pairs = tuple(
        (fit, out)
        for fit, out in parts.pairs[: count or FOLDS]
        if (truth[out] == 1).any() and (truth[out] == 0).any() and (truth[fit] != 1).any()
    )
    return replace(parts, pairs=pairs) if pairs else None


def _order(those: Sequence[Contender], parts: Folds | None) -> list[tuple[Contender, int]]:
    """Return the fits in order: a usable model, then a first comparison, then all the rest."""
    able = [one for one in those if not one.entry.skip]
    turns = [0, ALL, *range(1, len(parts.pairs))] if parts else [ALL]
    order = [(one, fold) for fold in turns for one in able]
    return sorted(order, key=lambda pair: pair != (able[0], ALL)) if able else []


def _cheapest(train: Dataset, seed: int) -> Model:
    return Mahalanobis().fit(train, train, Budget(1.0, seed=seed), lambda row: None)


def _judged(one: Contender, held: Held | None) -> Contender:
    return one if held is None else replace(one, score=held.precision(one.name))


def _choice(
    ready: Sequence[Contender],
    weights: Mapping[str, float],
    held: Held | None,
    train: Dataset,
    rate: float | None,
) -> Choice:
    """Return the model of these weights, what was seen of it, and why."""
    members = [
        replace(one.fits[ALL].model.members[0], name=one.name, weight=weights[one.name])
        for one in ready
        if weights[one.name] > 0
    ]
    used = ", ".join(f"{name} {share:.0%}" for name, share in weights.items() if share > 0)
    notes: list[Note] = []
    at: float | None = None
    value, rows, said = float("nan"), NOBODY, Predictions(NOBODY, np.zeros((0, 2)), CLASSES)
    if held is None:
        key = "flag.note_equal" if seasonal(ready) is None else "flag.note_season"
        notes.append(both(key, names=used))
    else:
        verdict = held.united(weights)
        value, at, rows, said = verdict.precision, verdict.at, held.rows, verdict.said
        notes.append(both("flag.note_labels", names=used, rows=len(held.odd),
                          odd=int(held.odd.sum())))  # fmt: skip
        if rate is None:
            notes.append(both("flag.note_threshold_f1", f1=verdict.f1))
    if held is None or rate is not None:
        at = None
        notes.append(both("flag.note_threshold_rate", rate=rate or RATE))
    model = united(members, train.frame, at)
    if at is None:
        model = replace(model, threshold=1.0 - (rate or RATE))
    return Choice(model, (), METRIC, value, said, rows, (), tuple(notes))
