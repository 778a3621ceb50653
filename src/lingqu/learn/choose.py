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

from lingqu.core.errors import SpecError, TrainError
from lingqu.core.floors import floor_of, tunes
from lingqu.core.i18n import Message, both
from lingqu.core.metrics import greater_is_better
from lingqu.core.nouns import VALUES, Dataset, Json, Model, Task
from lingqu.core.ports import Budget, Engine, Job, Outcome, Progress
from lingqu.engine.budget import Deadline
from lingqu.learn import candidate, distil
from lingqu.learn.adjust import adjustment_of
from lingqu.learn.assemble import Choice, assemble
from lingqu.learn.candidate import TASK, Fit
from lingqu.learn.contest import Contest
from lingqu.learn.custom_metric import known
from lingqu.learn.distil import Distiller
from lingqu.learn.folds import Folds, lonely, make_folds, refuse_unscored
from lingqu.learn.growth import Growth
from lingqu.learn.kept import Kept, facts_of
from lingqu.learn.limits import Groups, Limits, measured
from lingqu.learn.lists import lists_of
from lingqu.learn.portfolio import Entry, portfolio, refuse_directions, space_of
from lingqu.learn.race import Race
from lingqu.learn.regions.attach import By, Regions
from lingqu.learn.repeats import repeated
from lingqu.learn.sample import sample
from lingqu.learn.search import Search
from lingqu.learn.shift import share_of
from lingqu.learn.size import Size, Wish
from lingqu.release.encode import targets, weights

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
    contest: Contest | None = None,
    families: NDArray[np.int64] | None = None,
    limits: Sequence[str] = (),
    monotone: Mapping[str, str] | None = None,
    size: Wish = "balanced",
    refit: bool | None = None,
    search: bool | None = None,
    stop: Callable[[], bool] = lambda: False,
    coverage: float | None = None,
    coverage_by: By = "rows",
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
            then compared each with its own best one), or one that keeps a floor:
            ``threshold(recall >= 0.95)``.
        memory_mb: Limit of each fit.
        workers: Fits side by side.
        augment: Augmenting operators, see `lingqu.learn.candidate.augmented`.
        recall: Returns what `remember` was given under a key by an earlier run, or None. A fit
            that was cut short is not taken over where it would have more time now.
        remember: Keeps the bytes of a finished fit under a key, so that a killed run goes on.
        progress: Gets rows: ``candidate``, ``fold`` and what the learner reports; after each
            fit also ``state``, ``best``, ``left_s``.
        clock: Seconds that only rise.
        contest: Candidates and held-out rows of a task that brings its own.
        families: The first row of each row's family of copies: folds keep them together.
        limits: What the model must keep: ``latency <= 1 ms``, ``fairness.gap(sex) <= 0.05``, see
            `lingqu.learn.limits`.
        monotone: Columns with which answers may only rise (``increasing``) or fall.
        size: ``accurate``, ``balanced`` or ``small``, see `lingqu.learn.size`.
        refit: Whether every member is fitted again on all rows; where it is better if omitted.
        search: Whether other settings of the leaders are tried while time remains; by default
            where no algorithms are named.
        stop: Asked now and then; True ends the choice with the best so far, as Ctrl-C does.
        coverage: Share of the truth that the interval or set around an answer shall hold; none
            are made when omitted, see `lingqu.learn.regions`.
        coverage_by: ``rows``, or ``class``: of classes each by itself.

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
    within, wanted = Limits.parse(limits), dict(monotone or {})
    refuse_directions(train, wanted)
    sampled, all_rows = None, len(train)
    if contest is None and families is None:
        train, sampled = sample(train, job, budget_s, workers, seed)
    y, classes = targets(train, job)
    _refuse_hopeless(train, y, classes)
    refuse_floor(classes, optimise)
    metric = known(metric) if metric else default_metric(job, y)
    greater_is_better(metric)  # refuses an unknown name before any work
    parts = contest.folds if contest else make_folds(train, y, job, folds, seed, families)
    if contest is None and folds is None:
        parts = repeated(
            parts, len(train), lambda turn: make_folds(train, y, job, None, seed + turn, families)
        )
    units = contest.units if contest else None
    if units is not None:
        y = y / units
    lists = lists_of(train, metric) if contest is None else None
    share = share_of(metric) if contest is None else None
    refuse_unscored(parts, y, classes, metric, lists)
    regions = Regions.wanted(coverage, coverage_by, train, y, job, parts, families)
    if contest is None:
        entries = portfolio(train, job, budget_s, algorithms, workers, augment, wanted, metric)
    else:
        entries = contest.entries
    candidate.write_scratch(scratch, train, parts)
    plan = {
        "seconds": budget_s, "workers": workers, "memory_mb": memory_mb,
        "candidates": [[entry.algorithm, dict(entry.options)] for entry in entries],
        "augment": [list(piece) for piece in augment],
    }  # fmt: skip
    kept = Kept(facts_of(scratch, train, parts, seed), plan, recall, remember)

    def build(entry: Entry, options: Mapping[str, Json], fold: int, seconds: float) -> Job:
        left = race.left_for(entry, fold)
        limit = min(left, PATIENCE * seconds + START_S)
        payload = {
            "scratch": str(scratch), "algorithm": entry.algorithm, "options": dict(options),
            "augment": [list(piece) for piece in entry.augment],
            "fold": fold, "seconds": seconds, "left": left, "sent_at": time.time(),
            "threads": 1, "memory_mb": memory_mb, "seed": seed,
        }  # fmt: skip
        return Job(payload, entry.tag, limit, memory_mb)

    tune, floor = tunes(optimise) and len(classes) == 2, floor_of(optimise)
    groups = Groups(train, within) if within.columns else None
    later = regions.reserve(budget_s, workers) if regions else 0.0
    wishes = within.of_models or size == "small"
    spare = distil.reserve(budget_s) if wishes and contest is None and share is None else 0.0
    racing = deadline
    if later + spare:
        racing = Deadline(max(budget_s / 2, deadline.left() - later - spare), clock)
    race = Race(
        entries, parts, y, metric, racing, workers, build, kept.find, kept.keep, tune, units,
        groups.allow if groups else None, within.broken_by, Size(size, refit), floor,
        scratch / "graphs",
    )  # fmt: skip
    if search if search is not None else contest is None and algorithms is None:
        race.search = Search(space_of, lambda name: race.standings.own_loss(name, 1), seed)
    race.standings.lists, race.standings.share = lists, share
    if not tune:
        race.standings.adjust = adjustment_of(y, len(classes), metric)
    if contest is not None:
        race.standings.close, race.standings.settle = contest.close, contest.settle
    # By rows that are drawn one by one, of answers as they came.
    judged_alone = contest is None and lists is None and share is None
    growth = Growth(race, train, scratch, seed) if judged_alone else None
    if growth is not None:
        race.keep = growth.due
    judge = _judge(within, train) if within.of_models else None
    distiller = None
    if spare:
        distiller = Distiller(
            race, train, classes, engine, scratch, deadline, seed, workers, memory_mb, wanted,
            progress, judge, later, frozenset(name for name, _ in algorithms or ()),
        )  # fmt: skip
        race.teaches = True
    stopped = _run(race, engine, progress, stop)
    if distiller is not None and (stopped or not distiller.needed()):
        distiller = None
        racing.extend(0.0 if stopped else spare)
        stopped = stopped or _run(race, engine, progress, stop)
    spent = deadline.spent()
    race.end()
    grown = growth.look(engine, build) if growth is not None and not stopped else {}
    if race.standings.leader is None:
        _baseline(race, train, parts, seed, contest)
    assert race.standings.leader is not None  # the baseline leads where nothing else does
    choice = assemble(
        race, race.standings.leader, classes, optimise, within=judge, distiller=distiller
    )
    if regions is not None:
        left = deadline.left() if later and not stopped else 0.0
        choice = regions.around(choice, engine, scratch, left, seed, judge)
    notes = [*choice.notes, *_ending(race, choice, spent, stopped)]
    if sampled is not None:
        choice = replace(choice, rows=sampled[choice.rows], missed=tuple(
            {**row, "row": int(sampled[row["row"]])} for row in choice.missed
        ))  # fmt: skip
        notes.insert(1, both("choice.note_sample", rows=len(train), all=all_rows))
    choice = replace(choice, notes=tuple(notes), stopped=stopped, growth=grown)
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


def refuse_floor(classes: Sequence[str], optimise: Sequence[str]) -> None:
    """Refuse a floor for the threshold where there is none to set.

    Raises:
        SpecError: There are not two classes.
    """
    floor = floor_of(optimise)
    if floor is not None and len(classes) != 2:
        names = ", ".join(classes[:10])
        raise SpecError("choice.floor_classes", floor=str(floor), count=len(classes), classes=names)


def _judge(limits: Limits, train: Dataset) -> Callable[[Model], tuple[Message, str]]:
    """Return what says of a model which limit it breaks, and what was measured."""

    def judge(model: Model) -> tuple[Message, str]:
        facts = measured(model, train.frame)
        names = {rule.measure for rule in limits.rules}
        shown = ", ".join(f"{name} {value:.3g}" for name, value in facts.items() if name in names)
        return limits.broken(facts), shown

    return judge


def _ending(race: Race, choice: Choice, spent: float, stopped: bool) -> list[Mapping[Any, str]]:
    """Say how the choice ended and what its second phase brought."""
    notes: list[Mapping[Any, str]] = []
    budget = race.deadline.seconds
    if race.search is not None and race.search.tried:
        parents = {name for name, lane in race.lanes.items() if lane.entry.parent}
        used = sum(line.name in parents and line.weight > 0 for line in choice.candidates)
        notes.append(both("choice.note_search", tried=race.search.tried, kept=used))
    if stopped:
        notes.append(both("choice.note_stopped", seconds=spent, budget=budget))
    elif race.search is not None and race.search.tried and spent < 0.8 * budget:
        notes.append(both("choice.note_early", seconds=spent, budget=budget))
    return notes


def _refuse_hopeless(train: Dataset, y: NDArray[Any], classes: tuple[str, ...]) -> None:
    features = train.schema.features
    if features and all(column.kind == "audio" for column in features):
        raise TrainError("learn.only_audio", columns=", ".join(c.name for c in features))
    different = np.unique(y)
    if len(different) >= 2:
        weight = weights(train)
        if weight is not None and len(np.unique(y[weight > 0])) < 2:
            name = train.schema.having("weight")[0].name
            raise TrainError("learn.one_class_weighed", column=name, rows=int((weight > 0).sum()))
        return
    if classes:
        raise TrainError("learn.one_class", seen=classes[int(different[0])] if len(y) else None)
    name = train.schema.target.name if train.schema.target else ""
    raise TrainError("learn.constant_target", column=name, value=float(y[0]) if len(y) else None)


class _Stopped(Exception):
    """Somebody wants the best so far."""


def _run(race: Race, engine: Engine, progress: Progress, stop: Callable[[], bool]) -> bool:
    """Hand jobs to the engine until none is worth its time; return whether it was stopped.

    A map ends when no job can be decided before another has ended; then a new one begins.

    Raises:
        KeyboardInterrupt: Ctrl-C, and there is no model yet.
    """

    def listen(index: int, row: Json) -> None:
        if stop():
            raise _Stopped
        name, fold = race.issued(index)
        progress({"candidate": name, "fold": fold, **row})

    try:
        while _lap(race, engine, progress, listen, stop):
            continue
    except _Stopped:
        return True
    except KeyboardInterrupt:
        if race.standings.leader is None:
            raise
        return True
    return False


def _lap(
    race: Race,
    engine: Engine,
    progress: Progress,
    listen: Callable[[int, Json], None],
    stop: Callable[[], bool],
) -> bool:
    """Run one map; return whether anything came of it."""
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
            if stop():
                raise _Stopped
    return ended > 0


def _baseline(
    race: Race, train: Dataset, folds: Folds, seed: int, contest: Contest | None = None
) -> None:
    """Fit the constant here and now where time alone was lacking; else say what went wrong."""
    from lingqu.learn.tabular.constant import Constant
    from lingqu.release.predictor import predict_model

    lanes = list(race.lanes.values())
    if all(lane.state in ("failed", "memory") or lane.entry.skip for lane in lanes):
        reasons = "; ".join(f"{lane.entry.name}: {lane.reason}" for lane in lanes)
        raise TrainError("learn.nothing_fitted", seconds=race.deadline.seconds, reasons=reasons)
    first, held = (replace(train, frame=train.frame[rows]) for rows in folds.pairs[0])
    if contest is None:
        name, model = "constant", Constant().fit(first, held, Budget(1.0, seed=seed), _silent)
    else:
        name, fit_baseline = contest.baseline
        model = fit_baseline(first, held)
    lane = race.lanes[name]
    lane.broken, lane.reason = False, ""
    race.accept(lane, 0, Fit(model, predict_model(model, held.frame)))
