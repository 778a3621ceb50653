"""From data and a budget to one model: try, compare on held-out rows, average, refit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

import lingqu
from lingqu.core import digest
from lingqu.core.errors import SpecError, TrainError
from lingqu.core.i18n import both
from lingqu.core.metrics import greater_is_better
from lingqu.core.nouns import VALUES, Dataset, Json, Task
from lingqu.core.ports import Budget, Engine, Job, Outcome, Progress
from lingqu.engine.budget import Deadline
from lingqu.learn import candidate
from lingqu.learn.assemble import Choice, assemble
from lingqu.learn.candidate import TASK, Fit
from lingqu.learn.folds import Folds, lonely, make_folds, refuse_unscored
from lingqu.learn.kept import Kept
from lingqu.learn.portfolio import Entry, portfolio
from lingqu.learn.race import Race
from lingqu.learn.sources import code_of_fits
from lingqu.release.encode import targets

__all__ = ["Choice", "choose", "default_metric", "with_levels"]

PATIENCE = 2.0
"""Multiple of its seconds after which a fit is stopped: one that hangs must not keep a worker."""
START_S = 3.0
"""Seconds added to that for a worker that must start first."""


def _silent(row: Mapping[str, Json]) -> None:
    """Take a progress row and do nothing."""


def choose(
    train: Dataset,
    task: str,
    *,
    budget_s: float,
    engine: Engine,
    scratch: Path,
    seed: int = 0,
    metric: str = "",
    algorithms: Sequence[tuple[str, Mapping[str, Json]]] | None = None,
    folds: int | None = None,
    optimise: Sequence[str] = (),
    memory_mb: float | None = None,
    workers: int = 2,
    augment: Sequence[Sequence[Json]] = (),
    recall: Callable[[str], bytes | None] | None = None,
    remember: Callable[[str, bytes], None] | None = None,
    progress: Progress = _silent,
    clock: Callable[[], float] = time.monotonic,
) -> Choice:
    """Find the best model that a budget allows.

    Args:
        train: Rows to learn from. Nothing else is ever looked at.
        task: ``classify`` or ``regress``.
        budget_s: Wall seconds for everything; kept to within 5 %.
        engine: Runs the fits.
        scratch: An empty folder that the workers can read; the caller removes it.
        seed: Seed of folds and fits.
        metric: Score that decides; by task and class balance when empty.
        algorithms: Names and options to try instead of the usual ones.
        folds: Number of folds; 1 for a holdout; by rows when omitted.
        optimise: ``calibrate`` (temperature) and ``threshold`` (two classes; candidates are
            then compared each with its own best one).
        memory_mb: Limit of each fit.
        workers: Fits side by side.
        augment: Augmenting operators, see `lingqu.learn.candidate.augmented`.
        recall: Returns what `remember` was given under a key by an earlier run, or None. A fit
            that was cut short is not taken over where it would have more time now.
        remember: Keeps the bytes of a finished fit under a key, so that a killed run goes on.
        progress: Gets rows: ``candidate``, ``fold`` and what the learner reports; after each
            fit also ``state``, ``best``, ``left_s``.
        clock: Seconds that only rise.

    Raises:
        TrainError: Nothing could be fitted, or the rows allow no validation by this metric.
        SpecError: Unknown algorithm or metric, one that cannot do the task, no budget.
        DataError: A target or weight that cannot be used.
    """
    if not budget_s > 0:
        raise SpecError("learn.no_budget", received=budget_s)
    deadline = Deadline(budget_s, clock)
    job = cast(Task, task)
    train = with_levels(train, job)
    y, classes = targets(train, job)
    _refuse_hopeless(train, y, classes)
    metric = metric or default_metric(job, y)
    greater_is_better(metric)  # refuses an unknown name before any work
    parts = make_folds(train, y, job, folds, seed)
    refuse_unscored(parts, y, classes, metric)
    entries = portfolio(train, job, budget_s, algorithms, workers, augment)
    candidate.write_scratch(scratch, train, parts)
    plan = {
        "seconds": budget_s, "workers": workers, "memory_mb": memory_mb,
        "candidates": [[entry.algorithm, dict(entry.options)] for entry in entries],
        "augment": [list(piece) for piece in augment],
    }  # fmt: skip
    kept = Kept(_facts(scratch, train, parts, seed), plan, recall, remember)

    def build(entry: Entry, options: Mapping[str, Json], fold: int, seconds: float) -> Job:
        left = race.left()
        limit = min(left, PATIENCE * seconds + START_S)
        payload = {
            "scratch": str(scratch), "algorithm": entry.algorithm, "options": dict(options),
            "augment": [list(piece) for piece in entry.augment],
            "fold": fold, "seconds": seconds, "left": left, "sent_at": time.time(),
            "threads": 1, "memory_mb": memory_mb, "seed": seed,
        }  # fmt: skip
        return Job(payload, entry.tag, limit, memory_mb)

    tune = "threshold" in optimise and len(classes) == 2
    race = Race(entries, parts, y, metric, deadline, workers, build, kept.find, kept.keep, tune)
    _run(race, engine, progress)
    race.end()
    if race.standings.leader is None:
        _baseline(race, train, parts, seed)
    assert race.standings.leader is not None  # the baseline leads where nothing else does
    choice = assemble(race, race.standings.leader, classes, optimise)
    if alone := lonely(y, classes):
        note = both("learn.note_lonely", names=", ".join(alone))
        choice = replace(choice, notes=(choice.notes[0], note, *choice.notes[1:]))
    return choice


def with_levels(train: Dataset, task: Task) -> Dataset:
    """Return the data with a target that says what it is: a number, or classes with names."""
    column = train.schema.target
    if column is None or column.name not in train.frame.columns:
        return train  # `targets` words the error
    if task in VALUES:
        return replace(train, schema=train.schema.updated(column.name, kind="number"))
    levels = column.levels
    if not levels and train.frame.get_column(column.name).dtype != pl.Boolean:
        values = train.frame.get_column(column.name).drop_nulls().unique().sort()
        levels = tuple(dict.fromkeys(values.cast(pl.String).to_list()))
    kind = column.kind if column.kind in ("category", "boolean") else "category"
    return replace(train, schema=train.schema.updated(column.name, kind=kind, levels=levels))


def default_metric(task: Task, y: NDArray[Any]) -> str:
    """Return the score that decides when the channel names none.

    Example:
        >>> default_metric("classify", np.array([0] * 9 + [1]))
        'roc_auc'
    """
    if task in VALUES:
        return "rmse"
    shares = np.unique(y, return_counts=True)[1] / len(y)
    if len(shares) == 2:
        return "roc_auc" if shares.min() < 0.35 else "accuracy"
    return "accuracy" if shares.max() < 5 * shares.min() else "balanced_accuracy"


def _refuse_hopeless(train: Dataset, y: NDArray[Any], classes: tuple[str, ...]) -> None:
    features = train.schema.features
    if features and all(column.kind == "audio" for column in features):
        raise TrainError("learn.only_audio", columns=", ".join(c.name for c in features))
    different = np.unique(y)
    if len(different) >= 2:
        return
    if classes:
        raise TrainError("learn.one_class", seen=classes[int(different[0])] if len(y) else None)
    name = train.schema.target.name if train.schema.target else ""
    raise TrainError("learn.constant_target", column=name, value=float(y[0]) if len(y) else None)


def _facts(scratch: Path, train: Dataset, folds: Folds, seed: int) -> dict[str, Json]:
    """Return what all fits depend on."""
    return {
        "data": train.digest or digest.of_file(scratch / "train.arrow"),
        "schema": train.schema.to_json(),
        "folds": digest.of_bytes(b"".join(a.tobytes() + b.tobytes() for a, b in folds.pairs)),
        "seed": seed,
        "code": [lingqu.__version__, code_of_fits()],
    }


def _run(race: Race, engine: Engine, progress: Progress) -> None:
    """Hand jobs to the engine until none is worth its time.

    A map ends when no job can be decided before another has ended; then a new one begins.
    """

    def listen(index: int, row: Json) -> None:
        name, fold = race.issued(index)
        progress({"candidate": name, "fold": fold, **row})

    while True:
        ended = 0
        with closing(cast(Any, engine.map(TASK, race.jobs(), listen))) as outcomes:
            for outcome in cast(Iterator[Outcome], outcomes):
                ended += 1
                race.take(outcome)
                name, fold = race.issued(outcome.index)
                best = race.standings.history[-1]["score"] if race.standings.history else None
                left = round(race.deadline.left(), 2)
                progress(
                    {"candidate": name, "fold": fold, "state": outcome.state, "best": best,
                     "left_s": left}
                )  # fmt: skip
        if not ended:
            return


def _baseline(race: Race, train: Dataset, folds: Folds, seed: int) -> None:
    """Fit the constant here and now where time alone was lacking; else say what went wrong."""
    from lingqu.learn.tabular.constant import Constant
    from lingqu.release.predictor import predict_model

    lanes = list(race.lanes.values())
    if all(lane.state in ("failed", "memory") or lane.entry.skip for lane in lanes):
        reasons = "; ".join(f"{lane.entry.name}: {lane.reason}" for lane in lanes)
        raise TrainError("learn.nothing_fitted", seconds=race.deadline.seconds, reasons=reasons)
    first, held = (replace(train, frame=train.frame[rows]) for rows in folds.pairs[0])
    model = Constant().fit(first, held, Budget(1.0, seed=seed), _silent)
    lane = race.lanes["constant"]
    lane.broken, lane.reason = False, ""
    race.accept(lane, 0, Fit(model, predict_model(model, held.frame)))
