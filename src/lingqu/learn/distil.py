"""One small model that learned from the ensemble, where limits allow no other that is as good.

Pupils are judged like every candidate: on the truth of held-out rows. What a pupil learns on a
fold was said by the fits of that fold alone, so nobody who taught it has seen the rows that judge
it. The best one is then fitted on all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.i18n import Language, Message, both
from lingqu.core.metrics import greater_is_better
from lingqu.core.nouns import Dataset, Json, Model, Task
from lingqu.core.ports import Engine, Job, Outcome, Progress
from lingqu.core.predictions import Predictions
from lingqu.engine.budget import Deadline
from lingqu.learn import candidate
from lingqu.learn.candidate import ALL, TASK, Fit
from lingqu.learn.ensemble import greedy, objective
from lingqu.learn.folds import Folds
from lingqu.learn.goals import cost, encoder_cost
from lingqu.learn.lane import Lane
from lingqu.learn.lesson import LEAST, MOST, Lesson, Shares, lesson
from lingqu.learn.orders import Orders
from lingqu.learn.portfolio import Entry, facts_of
from lingqu.learn.race import Race
from lingqu.release.runner import Runner

NAME = "distilled"
SHARE = 0.25
"""Share of the budget that is kept for it where it may be needed."""
SHORT = 4.0
"""Seconds of a budget below which nothing is distilled."""
MOST_LOST = 0.05
"""Share of the score that a pupil may lose where `size: small` was wished for."""
_LEAST_S = 0.5
_FINISH = 0.05
_FIRST = 0.5
"""Share of the time in which the pupils are compared on the first fold."""
_ROWS_S = 1500
"""Training rows of a lesson for each second that is kept, between `LEAST` and `MOST`."""
_TEACHERS = 3
"""Folds whose fits answer together what the last fit learns."""

Options = Mapping[str, Json]
Weights = Mapping[str, float]


def reserve(budget_s: float) -> float:
    """Return the seconds of a budget to keep for it."""
    return SHARE * budget_s if budget_s >= SHORT else 0.0


def pupils(classes: int, monotone: Mapping[str, str]) -> list[tuple[str, Options]]:
    """Return the small learners that are tried, with their options, the likeliest first.

    Args:
        classes: How many; 0 for values. Trees are shared among them, so that a pupil is small
            however many there are.
        monotone: Columns with which answers may only rise or fall: nets cannot promise it.

    Example:
        >>> [options["rounds"] for _, options in pupils(10, {"age": "increasing"})]
        [12, 12, 10]
    """
    wish = {"monotone": dict(monotone)} if monotone else {}
    shapes = ((15, 120, 0.1), (31, 120, 0.15), (6, 40, 0.2))
    trees: list[tuple[str, Options]] = []
    for leaves, rounds, rate in shapes:
        turns = max(10, rounds // (classes if classes > 2 else 1))
        boosted = {"leaves": leaves, "rounds": turns, "learning_rate": rate}
        trees.append(("lightgbm", {"view": "plain", **boosted, **wish}))
    if monotone:
        return trees
    net = {"view": "plain", "dropout": 0.0}
    nets: list[tuple[str, Options]] = []
    if find_spec("torch") is not None:
        nets = [("mlp", {**net, "hidden": [64, 32]}), ("mlp", {**net, "hidden": [12]})]
    linear = ("logistic" if classes else "ridge", {"view": "plain"})
    return [trees[0], *nets[:1], linear, *trees[1:], *nets[1:]]


@dataclass(frozen=True)
class Taught:
    """A pupil that keeps what was asked.

    Args:
        lane: Its fits; they are on the leaderboard.
        fit: The one to release.
        notes: What was done, in both languages.
    """

    lane: Lane
    fit: Fit
    notes: tuple[Mapping[Language, str], ...]


@dataclass
class Distiller:
    """Teaches a small model when it is asked for one.

    Args:
        race: The finished race.
        train: Its rows.
        classes: Class names; empty for a regression.
        engine: Runs fits.
        scratch: A folder that the workers can read.
        deadline: Of the whole choice.
        seed: Seed of every draw.
        workers: Fits side by side.
        memory_mb: Limit of each fit.
        monotone: Columns with which answers may only rise or fall.
        progress: Gets rows.
        within: Says of a model which limit it breaks.
        kept_s: Seconds of the deadline that are for something else.
        named: Algorithms that may be used, where somebody named them; all if empty.
    """

    race: Race
    train: Dataset
    classes: tuple[str, ...]
    engine: Engine
    scratch: Path
    deadline: Deadline
    seed: int
    workers: int
    memory_mb: float | None
    monotone: Mapping[str, str]
    progress: Progress
    within: Callable[[Model], tuple[Message, str]] | None = None
    kept_s: float = 0.0
    named: frozenset[str] = frozenset()
    _lessons: dict[int, Lesson] = field(default_factory=dict, init=False)

    @property
    def task(self) -> Task:
        """What is learned."""
        return "classify" if self.classes else "regress"

    def needed(self) -> bool:
        """Say whether the leader, one fit for each member, is more than is allowed."""
        leader, lanes = self.race.standings.leader, self.race.lanes
        if leader is None:
            return False
        if any(lane.barred for lane in lanes.values()):
            return True
        parts, _ = self.race.size.parts(self.race.standings, leader.weights, True)
        if self.race.size.crowded(lanes, [part.lane.name for part in parts]):
            return True
        members = tuple(
            replace(part.fits[0].member, name=part.lane.name, weight=part.weight) for part in parts
        )
        model = Model(self.task, self.classes, members)
        return self.within is not None and bool(self.within(model)[0])

    @cached_property
    def teacher(self) -> tuple[Weights, int]:
        """The best ensemble when no limit is looked at, and the folds that it has answered."""
        standings, lanes = self.race.standings, self.race.lanes
        assert standings.leader is not None
        own = standings.leader.weights
        level = min(standings.leader.level, standings.folds.whole)
        learners = [
            n for n, lane in lanes.items() if lane.depth and lane.entry.algorithm != "constant"
        ]
        if not any(lanes[name].barred for name in learners):
            return own, level
        # It is taught only on folds that the best of all has answered.
        level = min(level, lanes[min(learners, key=lambda n: self.rate({n: 1.0}, 1))].depth)
        names = [name for name in learners if lanes[name].depth >= level]
        said = {name: standings.answers(name, level) for name in names}
        truth, metric = standings.truth(level), standings.metric
        found = [greedy(said, truth, metric, smooth=smooth) for smooth in (True, False)]
        return min([own, *found], key=lambda weights: self.rate(weights, level)), level

    def rate(self, weights: Weights, level: int) -> float:
        """Return the loss of an ensemble on the first folds, ties broken by the log loss."""
        standings = self.race.standings
        said = standings.blend(weights, level)
        lost = standings.loss(said, level)
        return lost + 1e-3 * objective(standings.truth(level), said, "log_loss" if self.classes
                                       else standings.metric)  # fmt: skip

    def teach(self, rival: Weights | None, crowded: bool) -> Taught | None:
        """Return a pupil that is better than what would be released without it, or None.

        Args:
            rival: That ensemble; None where nothing keeps the limits.
            crowded: Whether it is larger than `size` asks for.
        """
        weights, level = self.teacher
        best = self.rate(weights, level)
        share = self.race.size.goal.loss
        if rival is not None and not crowded:
            lost = (self.rate(rival, level) - best) / max(abs(best), 1e-12)
            if lost <= share:
                return None
        if self._left() < _LEAST_S:
            return None
        lane = self._learned(weights, level)
        if lane is None:
            return None
        self.race.lanes[NAME] = lane
        depth = lane.depth
        own = self.rate({NAME: 1.0}, depth)
        others = [self.rate({name: 1.0}, depth) for name in self._singles(depth)]
        if rival is not None and not crowded:
            others = [self.rate(rival, depth)]
        if others and own >= min(others):
            return None
        if rival is not None and crowded:
            # A wish for a small model is no limit: what loses too much is no answer to it.
            before = self.rate(rival, depth)
            if own - before > MOST_LOST * max(abs(before), 1e-12):
                return None
        if not self.race.standings.allows({NAME: 1.0}, depth):
            return None
        fit = lane.fits.get(ALL, lane.fits[0])
        return Taught(lane, fit, (self._note(lane, weights, depth),))

    def _singles(self, level: int) -> list[str]:
        """Return the single candidates that keep what is asked."""
        return [
            name
            for name, lane in self.race.lanes.items()
            if lane.depth >= level
            and not lane.barred
            and name != NAME
            and self._small(lane.fits[0])
        ]

    def _small(self, fit: Fit) -> bool:
        size, member = self.race.size, fit.model.members[0]
        if size.wish != "small":
            return True
        return bool((cost(fit, size.goal) + encoder_cost(member, size.goal)).max() <= 1.0)

    # --- fits ---

    def _left(self) -> float:
        return self.deadline.left() - self.kept_s - _FINISH * self.deadline.seconds

    def _learned(self, weights: Weights, level: int) -> Lane | None:
        """Return the best pupil with its folds and its fit on all rows."""
        entries = [
            self._entry(name, options)
            for name, options in pupils(len(self.classes), self.monotone)
            if not self.named or name in self.named
        ]
        if not entries:
            return None
        tried = self._fits([(entry, entry.options, 0) for entry in entries], weights, _FIRST)
        lanes = []
        for entry, (outcome, fit) in zip(entries, tried, strict=True):
            if fit is not None and not self.race.bar(fit) and self._small(fit):
                lanes.append(Lane(entry, {0: fit}, state="done"))
            elif outcome is not None and outcome.state != "done":
                self.progress({"candidate": NAME, "fold": 0, "state": outcome.state})
        if not lanes:
            return None
        lane = min(lanes, key=lambda one: self._loss(one.fits[0]))
        wanted = [(lane.entry, lane.refit_options or lane.entry.options, ALL)]
        wanted += [(lane.entry, lane.fold_options, fold) for fold in range(1, level)]
        found = self._fits(wanted, weights, 1.0)
        for (_, _, fold), (_, fit) in zip(wanted, found, strict=True):
            if fit is not None:
                lane.fits[fold] = fit
        return lane

    def _entry(self, algorithm: str, options: Options) -> Entry:
        engine = facts_of(algorithm).engine
        return Entry(NAME, algorithm, options, "" if engine == "numpy" else engine)

    def _loss(self, fit: Fit) -> float:
        rows = self.race.folds.pairs[0][1]
        said = cast(Predictions, fit.predictions)
        return objective(self.race.standings.y[rows], said, self.race.standings.metric)

    def _folder(self, fold: int) -> Path:
        return self.scratch / f"{NAME}-{fold}"

    def _lesson(self, weights: Weights, fold: int) -> None:
        """Write what is learned on a fold where workers read it, once."""
        if fold in self._lessons:
            return
        race, train = self.race, self.train
        everything, none = np.arange(len(train)), np.zeros(0, dtype=np.int64)
        rows, held = race.folds.pairs[fold] if fold != ALL else (everything, none)
        folds = [fold] if fold != ALL else list(range(min(_TEACHERS, self.teacher[1])))
        answers = self._answers(weights, folds)
        known = self._held_out(weights) if fold == ALL else None
        most = int(min(MOST, max(LEAST, _ROWS_S * reserve(self.deadline.seconds))))
        made = lesson(train, race.standings.y, self.classes, rows, held, answers,
                      self.seed + fold + 1, known, most)  # fmt: skip
        taught = np.arange(made.taught)
        pair = (taught, np.arange(made.taught, len(made.data)))
        candidate.write_scratch(self._folder(fold), made.data, Folds("distilled", (pair,), 1))
        self._lessons[fold] = made

    def _answers(self, weights: Weights, folds: list[int]) -> Callable[[pl.DataFrame], Shares]:
        """Return the teacher: the fits of these folds."""
        lanes = self.race.lanes
        members = tuple(
            replace(lanes[name].fits[fold].member, name=f"{name}.{fold}",
                    weight=weight / len(folds))
            for name, weight in weights.items() for fold in folds
        )  # fmt: skip
        runner = Runner.of(Model(self.task, self.classes, members), threads=self.workers)
        return lambda frame: _shares(runner.predict(frame))

    def _held_out(self, weights: Weights) -> Shares:
        """Return what the teacher said of rows that it had not seen; NaN for others."""
        level = self.teacher[1]
        standings = self.race.standings
        said = _shares(standings.blend(weights, level))
        known: NDArray[np.float64] = np.full((len(self.train), said.shape[1]), np.nan)
        known[standings.rows(level)] = said
        return known

    def _fits(
        self, wanted: list[tuple[Entry, Options, int]], weights: Weights, part: float
    ) -> list[tuple[Outcome | None, Fit | None]]:
        """Run fits in some part of what time is left; the last ones may get none."""
        found: list[tuple[Outcome | None, Fit | None]] = [(None, None)] * len(wanted)
        self._lesson(weights, wanted[0][2])
        left = self._left()
        span, after = part * left, (1 - part) * left
        laps = -(-len(wanted) // self.workers)

        def jobs() -> Iterator[Job]:
            for entry, options, fold in wanted:
                # A lesson is written when a worker is free for it: the other one goes on.
                self._lesson(weights, fold)
                left = self._left() - after
                if left < _LEAST_S / 2:
                    return
                yield self._job(entry, options, fold, min(left, span / laps), left)

        def listen(index: int, row: Json) -> None:
            self.progress({"candidate": NAME, "fold": wanted[index][2], **row})

        with closing(cast(Any, self.engine.map(TASK, jobs(), listen))) as outcomes:
            for outcome in cast(Iterator[Outcome], outcomes):
                found[outcome.index] = (outcome, _fit(outcome))
        return found

    def _job(self, entry: Entry, options: Options, fold: int, seconds: float, left: float) -> Job:
        order = Orders(self._folder(fold), self.seed, self.memory_mb, patience=None)
        return order(entry, options, ALL if fold == ALL else 0, seconds, left)

    def _note(self, lane: Lane, weights: Weights, depth: int) -> Mapping[Language, str]:
        standings, made = self.race.standings, self._lessons[ALL if ALL in lane.fits else 0]
        sign = -1.0 if greater_is_better(standings.metric) else 1.0
        own, best = (
            sign * standings.loss(standings.blend(one, depth), depth)
            for one in ({NAME: 1.0}, weights)
        )
        return both(
            "choice.note_distilled", algorithm=lane.entry.algorithm, names=", ".join(weights),
            real=made.real, fresh=made.fresh, metric=standings.metric, own=own, teacher=best,
            share=self.race.size.goal.loss,
        )  # fmt: skip


def _fit(outcome: Outcome) -> Fit | None:
    if outcome.state != "done" or outcome.value["model"] is None:
        return None
    value, said = outcome.value, None
    if value["labels"] is not None:
        said = Predictions(value["labels"], value["probabilities"], value["model"].classes)
    used = (outcome.seconds, outcome.cpu_seconds, outcome.peak_mb)
    told = {"given_s": value["given_s"], "many_s": value["many_s"], "row_ms": value["row_ms"]}
    return Fit(value["model"], said, value["curve"], *used, **told)


def _shares(said: Predictions) -> Shares:
    if said.probabilities is not None:
        return said.probabilities
    return np.asarray(said.labels, dtype=np.float64)[:, None]
