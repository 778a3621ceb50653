"""From rows and a budget to one learner that makes such rows: fit, judge, choose, fit again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from lingqu.core import catalog
from lingqu.core.errors import SpecError, TrainError
from lingqu.core.i18n import both
from lingqu.core.metrics import greater_is_better
from lingqu.core.nouns import Dataset, Json, Member, Model, Task
from lingqu.core.ports import Budget, Engine, Progress
from lingqu.core.predictions import Predictions
from lingqu.engine.budget import Deadline
from lingqu.learn.assemble import Choice, Note
from lingqu.learn.candidate import ALL, Fit
from lingqu.learn.contender import Contender, contenders, fit_here, refuse_failed
from lingqu.learn.folds import Folds, Rows
from lingqu.learn.generate import is_pictures, scores, tried
from lingqu.learn.generate.fitting import TASK
from lingqu.learn.generate.table import refuse_kinds
from lingqu.learn.kept import Recall, Remember
from lingqu.learn.rounds import Rounds

__all__ = ["Choice", "choose_generator"]

HELD = 0.2
"""Share of the rows that candidates are compared on."""
MOST_HELD = 1000
FEWEST = 20
"""Rows without which nothing is learned, and made rows could be told from nothing."""
_AGAIN = 0.5
"""Share of the budget that is for fitting the chosen one again, on all rows."""
_SPARE = 0.03


def choose_generator(
    train: Dataset,
    task: Task,
    *,
    budget_s: float,
    engine: Engine,
    scratch: Path,
    seed: int = 0,
    metric: str = "",
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None = None,
    memory_mb: float | None = None,
    recall: Recall | None = None,
    remember: Remember | None = None,
    progress: Progress = lambda row: None,
    families: NDArray[np.int64] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Choice:
    """Find the learner whose rows are most like held-out ones within a budget, and fit it on all.

    Args:
        train: Rows to learn from; test rows take no part in this.
        task: ``generate``.
        budget_s: Wall seconds for everything.
        engine: Runs the fits.
        scratch: An empty folder that the workers can read.
        seed: Seed of every draw.
        metric: Score that decides: see `lingqu.learn.generate.scores`; its first one when empty.
        algorithms: Names and options to try instead of the usual ones.
        memory_mb: Limit of each fit.
        recall: As `lingqu.learn.choose.choose`, and so are the others.
        remember: Keeps a finished fit.
        progress: Gets rows.
        families: The first row of each row's family of copies, shape (N,), or None.
        clock: Seconds that only rise.

    Raises:
        SpecError: Unknown algorithm or metric, no budget.
        DataError: A column is of a kind that cannot be made.
        TrainError: Nothing could be fitted, or there are too few rows.
    """
    if not budget_s > 0:
        raise SpecError("learn.no_budget", received=budget_s)
    names = scores(train.schema)
    metric = metric or names[0]
    if metric not in names:
        raise SpecError("generate.other_metric", metric=metric, expected=", ".join(names))
    if not is_pictures(train.schema):
        refuse_kinds(train)
    if len(train) < FEWEST:
        raise TrainError("generate.too_few", rows=len(train), expected=FEWEST)
    deadline = Deadline(budget_s, clock)
    folds = _held_out(train, seed, families)
    wishes = list(algorithms or [(name, {}) for name in tried(train.schema)])
    those = contenders(wishes, task, tried(train.schema), (len(train), len(train.schema.names), 0))
    rounds = Rounds(
        TASK, train, folds, those, deadline=deadline, engine=engine, scratch=scratch, seed=seed,
        memory_mb=memory_mb, progress=progress, recall=recall, remember=remember,
    )  # fmt: skip
    rounds.run([(one, 0) for one in those], _AGAIN, evenly=True)
    best = _best(those, names.index(metric), metric)
    if best is not None:
        rounds.run([(best, ALL)], _SPARE, settled=_settled, evenly=True)
    refuse_failed(those, budget_s)
    if best is None:
        best = _at_once(those, train, seed)
    return _told(best, those, metric, folds.pairs[0][1], budget_s)


def _told(
    best: Contender, those: Sequence[Contender], metric: str, held: Rows, budget_s: float
) -> Choice:
    """Return the choice; a greater score is better in it, as everywhere while choosing."""
    fit = _released(best)
    member = replace(fit.model.members[0], name=best.name, weight=1.0)
    model = Model("generate", (), (member,))
    ordered = sorted(those, key=lambda c: (c.score is None, -(c.score or 0.0), c.name))
    lines = tuple(one.line(metric, float(one is best), budget_s) for one in ordered)
    value = float("nan") if best.score is None else best.score
    nobody = Predictions(np.zeros(0, dtype=np.float64))
    judged = held if best.score is not None else np.zeros(0, dtype=np.int64)
    notes = tuple(_notes(best, member, len(held), metric))
    return Choice(model, lines, metric, value, nobody, judged, (), notes)


def _held_out(train: Dataset, seed: int, families: NDArray[np.int64] | None) -> Folds:
    """Set rows aside that made rows are compared with; copies stay together."""
    first = np.arange(len(train)) if families is None else families
    drawn = np.random.default_rng(seed).permutation(np.unique(first))
    sizes = np.bincount(first, minlength=len(train))[drawn]
    wanted = min(MOST_HELD, max(1, round(HELD * len(train))))
    taken = drawn[: max(1, int(np.searchsorted(np.cumsum(sizes), wanted)))]
    held = np.isin(first, taken)
    if held.all():
        raise TrainError("generate.too_few", rows=len(drawn), expected=FEWEST)
    rows: tuple[Rows, Rows] = np.flatnonzero(~held), np.flatnonzero(held)
    return Folds("random", (rows,), 1)


def _best(those: Sequence[Contender], place: int, metric: str) -> Contender | None:
    """Return who makes the likest rows; each is told its score, greater for better."""
    ready = [one for one in those if 0 in one.fits]
    for one in ready:
        found = float(cast(Predictions, one.fits[0].predictions).labels[place])
        if math.isfinite(found):
            one.score = found if greater_is_better(metric) else -found
    judged = [one for one in ready if one.score is not None]
    return max(judged or ready, key=lambda one: one.score or 0.0, default=None)


def _released(best: Contender) -> Fit:
    """Return the fit on all rows, unless time ran out in it: then that which was judged."""
    whole, judged = best.fits.get(ALL), best.fits.get(0)
    if whole is None or (judged is not None and whole.unfinished and not judged.unfinished):
        return best.fits[0]
    return whole


def _settled(one: Contender) -> Mapping[str, Json]:
    """Return what the first fit has found out, such as when to stop."""
    settled: Mapping[str, Json] = one.fits[0].model.members[0].notes.get("settled", {})
    return settled


def _at_once(those: list[Contender], train: Dataset, seed: int) -> Contender:
    """Return the cheapest learner, fitted here, where there was no time for any."""

    def fitted(one: Contender) -> Model:
        algorithm = catalog.build("algorithms", one.entry.algorithm, dict(one.entry.options))
        nothing = Dataset(train.frame.head(0), train.schema)
        model: Model = algorithm.fit(train, nothing, Budget(1.0, seed=seed), lambda row: None)
        return model

    return fit_here(those, tried(train.schema)[0], fitted)


def _notes(best: Contender, member: Member, rows: int, metric: str) -> list[Note]:
    if best.score is None:
        return [both("replies.note_unjudged", name=best.name)]
    again = _released(best) is best.fits.get(ALL)
    key = "replies.note_again" if again else "replies.note_part"
    told = [both("generate.note_held", rows=rows, metric=metric), both(key, name=best.name)]
    return [*told, *member.notes.get("told", ())]
