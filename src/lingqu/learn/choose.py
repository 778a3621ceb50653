"""From data and a budget to one model: try, compare on held-out rows, average, refit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.floors import floor_of, loss_of, tunes
from lingqu.core.i18n import Message, both
from lingqu.core.nouns import Dataset, Json, Model, Task
from lingqu.core.ports import Engine, Progress
from lingqu.core.schema import Kind
from lingqu.engine.budget import Deadline
from lingqu.learn import candidate, distil
from lingqu.learn.assemble import Choice, assemble
from lingqu.learn.compress import compressor as compress
from lingqu.learn.compress.compressor import Compressor
from lingqu.learn.contest import Contest
from lingqu.learn.course import Course, fall_back, silent
from lingqu.learn.distil import Distiller
from lingqu.learn.goals import Wish
from lingqu.learn.growth import Growth
from lingqu.learn.kept import Kept, facts_of
from lingqu.learn.limits import Groups, Limits, measured
from lingqu.learn.orders import Orders
from lingqu.learn.portfolio import hears, portfolio, refuse_directions, space_of
from lingqu.learn.question import ask
from lingqu.learn.race import Race
from lingqu.learn.regions.attach import By, Regions
from lingqu.learn.search import Search
from lingqu.learn.size import Size

__all__ = ["Choice", "choose"]

CELLS = frozenset[Kind]({"number", "category", "boolean", "datetime"})
MANY_ROWS, LONG_S = 50_000, 20.0
"""Rows below which, and seconds from which on, a choice on plain columns has one large learner at a
time: nets, forests and additive models hold a hundred megabytes and more beside the rows."""


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
    progress: Progress = silent,
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
            ``threshold(recall >= 0.95)``; ``compress``, or what that may lose:
            ``compress(loss <= 0.01)``.
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
    within, wanted = Limits.parse(limits), dict(monotone or {})
    asked = ask(
        train, job, budget_s=budget_s, workers=workers, seed=seed, metric=metric, folds=folds,
        optimise=optimise, families=families, contest=contest, hears=hears(algorithms or ()),
    )  # fmt: skip
    refuse_directions(asked.train, wanted)
    train, y, classes, parts = asked.train, asked.y, asked.classes, asked.folds
    regions = Regions.wanted(coverage, coverage_by, train, y, job, parts, families)
    entries = contest.entries if contest else portfolio(
        train, job, budget_s, algorithms, workers, augment, wanted, asked.metric
    )  # fmt: skip
    candidate.write_scratch(scratch, train, parts)
    plan = {
        "seconds": budget_s, "workers": workers, "memory_mb": memory_mb,
        "candidates": [[entry.algorithm, dict(entry.options)] for entry in entries],
        "augment": [list(piece) for piece in augment],
    }  # fmt: skip
    kept = Kept(facts_of(scratch, train, parts, seed), plan, recall, remember)
    orders = Orders(scratch, seed, memory_mb)
    tune, floor = tunes(optimise) and len(classes) == 2, floor_of(optimise)
    groups = Groups(train, within) if within.columns else None
    later = regions.reserve(budget_s, workers) if regions else 0.0
    may_teach = contest is None and asked.share is None and (within.of_models or size == "small")
    spare = distil.reserve(budget_s) if may_teach else 0.0
    gate = loss_of(optimise) if asked.by_row else None
    due = compress.reserve(budget_s) if gate is not None else 0.0
    racing = deadline
    if later + spare + due:
        racing = Deadline(max(budget_s / 2, deadline.left() - later - spare - due), clock)
    race = Race(
        entries, parts, y, asked.metric, racing, workers, orders, kept.find, kept.keep, tune,
        contest.units if contest else None, groups.allow if groups else None,
        partial(within.broken_by, smaller=compress.MOST if due else 1.0),
        Size(size, refit), floor, scratch / "graphs",
    )  # fmt: skip
    if search if search is not None else contest is None and algorithms is None:
        race.search = Search(space_of, lambda name: race.standings.own_loss(name, 1), seed)
    race.lean = contest is None and algorithms is None and _is_small(train, budget_s)
    asked.instruct(race.standings, tune)
    growth = Growth(race, train, scratch, seed) if asked.by_row else None
    if growth is not None:
        race.keep = growth.due
    judge = _judge(within, train) if within.of_models else None
    distiller = None
    if spare:
        distiller = Distiller(
            race, train, classes, engine, scratch, deadline, seed, workers, memory_mb, wanted,
            progress, judge, later + due, frozenset(name for name, _ in algorithms or ()),
        )  # fmt: skip
        race.teaches = True
    compressor = None
    if gate is not None and due:
        compressor = Compressor(
            race, engine, scratch, deadline, seed, workers, memory_mb, gate, judge, later
        )
    course = Course(race, engine, progress, stop)
    course.walk()
    if distiller is not None and (course.stopped or not distiller.needed()):
        distiller = None
        racing.extend(spare)  # nobody needs to be taught: the race goes on
        course.walk()
    spent = deadline.spent()
    race.end()
    grown = growth.look(engine, orders) if growth is not None and not course.stopped else {}
    if race.standings.leader is None:
        fall_back(race, train, seed, contest)
    assert race.standings.leader is not None  # the baseline leads where nothing else does
    choice = assemble(
        race, race.standings.leader, classes, optimise, within=judge, distiller=distiller,
        compressor=None if course.stopped else compressor,
    )  # fmt: skip
    if regions is not None:
        left = deadline.left() if later and not course.stopped else 0.0
        choice = regions.around(choice, engine, scratch, left, seed, judge)
    ending = _ending(race, choice, spent, course.stopped)
    choice = replace(choice, notes=(*choice.notes, *ending), stopped=course.stopped, growth=grown)
    return asked.among_given(choice)


def _is_small(train: Dataset, budget_s: float) -> bool:
    """Say whether little memory is worth more than two large learners side by side.

    Not so in a short time, and not where nets are what leads.
    """
    plain = all(column.kind in CELLS for column in train.schema.features)
    return plain and len(train) < MANY_ROWS and budget_s >= LONG_S


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
