"""Walk a race: hand its jobs to an engine, lap by lap, until none is worth its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any, cast

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.ports import Budget, Engine, Outcome, Progress
from lingqu.learn.candidate import TASK, Fit
from lingqu.learn.contest import Contest
from lingqu.learn.race import Race


class _Stopped(Exception):
    """Somebody wants the best so far."""


class Course:
    """The way of one race through an engine.

    Args:
        race: Decides what runs next.
        engine: Runs it.
        progress: Gets rows: ``candidate``, ``fold`` and what the learner reports; after each
            fit also ``state``, ``best``, ``left_s``.
        stop: Asked now and then; True ends the race with the best so far.
    """

    def __init__(
        self, race: Race, engine: Engine, progress: Progress, stop: Callable[[], bool]
    ) -> None:
        self._race, self._engine = race, engine
        self._progress, self._stop = progress, stop
        self.stopped = False
        """Whether somebody ended it before its time, with Ctrl-C too."""

    def walk(self) -> None:
        """Go on until no job is worth its time, or until it is stopped.

        A map ends when no job can be decided before another has ended; then a new one begins.

        Raises:
            KeyboardInterrupt: Ctrl-C, and there is no model yet.
        """
        try:
            while not self.stopped and self._lap():
                continue
        except _Stopped:
            self.stopped = True
        except KeyboardInterrupt:
            if self._race.standings.leader is None:
                raise
            self.stopped = True

    def _lap(self) -> bool:
        """Run one map; return whether anything came of it."""
        race, ended = self._race, 0
        jobs = self._engine.map(TASK, race.jobs(), self._listen)
        with closing(cast(Any, jobs)) as outcomes:
            for outcome in cast(Iterator[Outcome], outcomes):
                ended += 1
                race.take(outcome)
                history = race.standings.history
                best = history[-1]["score"] if history else None
                left = round(race.deadline.left(), 2)
                self._tell(outcome.index, {"state": outcome.state, "best": best, "left_s": left})
        return ended > 0

    def _listen(self, index: int, row: Json) -> None:
        self._tell(index, cast(Mapping[str, Json], row))

    def _tell(self, index: int, row: Mapping[str, Json]) -> None:
        """Hand on what is known of a job, and leave where somebody wants to."""
        name, fold = self._race.issued(index)
        self._progress({"candidate": name, "fold": fold, **row})
        if self._stop():
            raise _Stopped


def fall_back(race: Race, train: Dataset, seed: int, contest: Contest | None) -> None:
    """Fit the constant here and now where time alone was lacking.

    Args:
        race: One without a leader.
        train: The rows.
        seed: Of the fit.
        contest: May bring another baseline.

    Raises:
        TrainError: No candidate could be fitted, however long it had: says what went wrong.
    """
    from lingqu.learn.tabular.constant import Constant
    from lingqu.release.runner import predict_model

    lanes = list(race.lanes.values())
    if all(lane.state in ("failed", "memory") or lane.entry.skip for lane in lanes):
        reasons = "; ".join(f"{lane.entry.name}: {lane.reason}" for lane in lanes)
        raise TrainError("learn.nothing_fitted", seconds=race.deadline.seconds, reasons=reasons)
    first, held = (replace(train, frame=train.frame[rows]) for rows in race.folds.pairs[0])
    if contest is None:
        name, model = "constant", Constant().fit(first, held, Budget(1.0, seed=seed), silent)
    else:
        name, fit_baseline = contest.baseline
        model = fit_baseline(first, held)
    lane = race.lanes[name]
    lane.broken, lane.reason = False, ""
    race.accept(lane, 0, Fit(model, predict_model(model, held.frame)))


def silent(row: Mapping[str, Json]) -> None:
    """Take a progress row and do nothing."""
