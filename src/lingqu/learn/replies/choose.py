"""From rows and a budget to one learner of replies: fit, compare on held-out rows, fit again."""

from __future__ import annotations

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
from lingqu.core.nouns import TEXTS, Dataset, Json, Member, Model, Task
from lingqu.core.ports import Budget, Engine, Progress
from lingqu.core.predictions import Predictions
from lingqu.core.reply_metrics import USUAL
from lingqu.engine.budget import Deadline
from lingqu.learn.assemble import Choice, Note
from lingqu.learn.candidate import ALL, Fit
from lingqu.learn.contender import Contender, contenders, fit_here, refuse_failed
from lingqu.learn.folds import Folds, Rows
from lingqu.learn.kept import Recall, Remember
from lingqu.learn.replies import TRIED, tried
from lingqu.learn.replies.fitting import TASK
from lingqu.learn.rounds import Rounds

__all__ = ["Choice", "choose_reply"]

HELD = 0.15
"""Share of the rows that candidates are compared on."""
MOST_HELD = 1000
FEW_HELD = 100
"""Rows that candidates are compared on at most; of texts, which some write word by word, fewer."""
_AGAIN = 0.5
"""Share of the budget that is for fitting the chosen one again, on all rows."""
_SPARE = 0.03


def choose_reply(
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
    """Find the learner that answers held-out rows best within a budget, and fit it on all rows.

    Args:
        train: Rows with a target.
        task: One whose answers are replies.
        budget_s: Wall seconds for everything.
        engine: Runs the fits.
        scratch: An empty folder that the workers can read.
        seed: Seed of every draw.
        metric: Score that decides, one that the task always has; its first one when empty.
        algorithms: Names and options to try instead of the usual ones.
        memory_mb: Limit of each fit.
        recall: As `lingqu.learn.choose.choose`, and so are the others.
        remember: Keeps a finished fit.
        progress: Gets rows.
        families: The first row of each row's family of copies, shape (N,), or None.
        clock: Seconds that only rise.

    Raises:
        SpecError: Unknown algorithm or metric, no budget.
        TrainError: Nothing could be fitted, or there are too few rows.
    """
    if not budget_s > 0:
        raise SpecError("learn.no_budget", received=budget_s)
    names = USUAL[task]
    metric = metric or names[0]
    if metric not in names:
        raise SpecError("replies.other_metric", metric=metric, expected=", ".join(names), task=task)
    deadline = Deadline(budget_s, clock)
    folds = held_out(train, task, seed, families)
    wishes = [(name, dict(options or {})) for name, options in algorithms or ()]
    if algorithms is None:
        wishes = [(name, {}) for name in tried(task, train.schema)]
    size = len(train), len(train.schema.features), 0
    those = contenders(wishes, task, TRIED[task], size)
    for one in those:
        one.entry = replace(one.entry, options={**one.entry.options, "task": task})
    rounds = Rounds(
        TASK, train, folds, those, deadline=deadline, engine=engine, scratch=scratch, seed=seed,
        memory_mb=memory_mb, progress=progress, recall=recall, remember=remember,
    )  # fmt: skip
    rounds.run([(one, 0) for one in those], _AGAIN, evenly=True)
    best = _best(those, names.index(metric))
    if best is not None:
        rounds.run([(best, ALL)], _SPARE, settled=_settled, evenly=True)
    refuse_failed(those, budget_s)
    if best is None:
        best = _at_once(those, task, train, seed)
    fit = _released(best)
    member = replace(fit.model.members[0], name=best.name, weight=1.0)
    model = Model(task, (), (member,))
    lines = sorted(
        (one.line(metric, float(one is best), budget_s) for one in those),
        key=lambda c: (c.score is None, -(c.score or 0.0), c.name),
    )
    value = float("nan") if best.score is None else best.score
    said = Predictions(np.zeros(0, dtype=np.float64))
    held = folds.pairs[0][1] if best.score is not None else np.zeros(0, dtype=np.int64)
    notes = _notes(best, member, len(folds.pairs[0][1]), metric)
    return Choice(model, tuple(lines), metric, value, said, held, (), tuple(notes))


def held_out(
    train: Dataset, task: Task, seed: int, families: NDArray[np.int64] | None = None
) -> Folds:
    """Set rows aside to compare candidates on; copies stay together.

    Args:
        train: All rows that may be learned from.
        task: What is learned.
        seed: Seed of the draw.
        families: The first row of each row's family of copies, shape (N,), or None.

    Raises:
        TrainError: There are fewer than two rows, or all are copies of each other.
    """
    first = np.arange(len(train)) if families is None else families
    drawn = np.random.default_rng(seed).permutation(np.unique(first))
    most = FEW_HELD if task in TEXTS else MOST_HELD
    sizes = np.bincount(first, minlength=len(train))[drawn]
    wanted = min(most, max(1, round(HELD * len(train))))
    taken = drawn[: max(1, int(np.searchsorted(np.cumsum(sizes), wanted)))]
    held = np.isin(first, taken)
    if len(drawn) < 2 or held.all():
        raise TrainError("learn.too_few_rows", name=train.name, rows=len(train), usable=0)
    rows: tuple[Rows, Rows] = np.flatnonzero(~held), np.flatnonzero(held)
    return Folds("random", (rows,), 1)


def _best(those: Sequence[Contender], place: int) -> Contender | None:
    """Return who answers the held-out rows best, the first of equals; each is told its score."""
    ready = [one for one in those if 0 in one.fits]
    for one in ready:
        said = cast(Predictions, one.fits[0].predictions)
        score = float(said.labels[place])
        one.score = score if np.isfinite(score) else None
    judged = [one for one in ready if one.score is not None]
    return max(judged or ready, key=lambda one: one.score or 0.0, default=None)


def _released(best: Contender) -> Fit:
    """Return the fit on all rows, unless time ran out in it: then that which was judged."""
    whole, judged = best.fits.get(ALL), best.fits.get(0)
    if whole is None or (judged is not None and whole.unfinished and not judged.unfinished):
        return best.fits[0]
    return whole


def _settled(one: Contender) -> Mapping[str, Json]:
    """Return what the first fit has found out: without held-out rows nothing says when to stop."""
    notes = one.fits[0].model.members[0].notes
    settled: Mapping[str, Json] = notes.get("settled", {})
    return settled


def _at_once(those: list[Contender], task: Task, train: Dataset, seed: int) -> Contender:
    """Return the cheapest learner, fitted here, where there was no time for any."""

    def fitted(one: Contender) -> Model:
        options = {name: value for name, value in one.entry.options.items() if name != "task"}
        algorithm = catalog.build("algorithms", one.entry.algorithm, options)
        nothing = Dataset(train.frame.head(0), train.schema)
        model: Model = algorithm.fit(train, nothing, Budget(1.0, seed=seed), lambda row: None)
        return replace(model, task=task)

    return fit_here(those, TRIED[task][0], fitted)


def _notes(best: Contender, member: Member, rows: int, metric: str) -> list[Note]:
    if best.score is None:
        return [both("replies.note_unjudged", name=best.name)]
    notes: list[Note] = [both("replies.note_held", rows=rows, metric=metric)]
    again = _released(best) is best.fits.get(ALL)
    key = "replies.note_again" if again else "replies.note_part"
    notes.append(both(key, name=best.name))
    return [*notes, *member.notes.get("told", ())]
