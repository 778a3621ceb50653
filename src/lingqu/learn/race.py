"""Who runs next: the candidates of a choice on their way through the folds.

Every candidate is fitted on the first fold; those that lead or come close get the next folds,
one by one, and a refit on all rows where that needs no validation. So a usable model exists
early, and each further second makes the choice more certain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from statistics import median
from typing import Any

from numpy.typing import NDArray

from lingqu.core.i18n import text
from lingqu.core.nouns import Json, Predictions
from lingqu.core.ports import Job, Outcome
from lingqu.engine.budget import FIRST, Deadline
from lingqu.learn.candidate import ALL, Fit
from lingqu.learn.folds import Folds
from lingqu.learn.lane import Lane, State
from lingqu.learn.portfolio import Entry
from lingqu.learn.standings import Standings

LEAST_S = 0.05
"""Seconds below which no fit is started."""
_FINISH = 0.03
"""Share of the budget kept for putting the model together."""
_WORTH = 0.3
"""Share of its expected time below which a learner is not begun at the end of a run, once another
leads: two epochs say nothing of a net, and the leader has better use for the time."""

Recall = Callable[[Entry, Mapping[str, Json], int, float], Fit | None]
Remember = Callable[[Entry, Mapping[str, Json], int, Fit], None]
Build = Callable[[Entry, Mapping[str, Json], int, float], Job]


class Race:
    """Decides each job when it is asked for, by all that is known then.

    Args:
        entries: Candidates in the order in which they are tried.
        folds: The held-out rows.
        y: Truth of all rows.
        metric: Score that decides.
        deadline: Of the whole choice.
        workers: Fits side by side.
        build: Makes a job of an entry, its options, a fold and seconds.
        recall: Returns a fit of an earlier run for an entry, its options, a fold and the
            seconds that it would have now; or None.
        remember: Keeps a finished fit.
        tune: Whether each candidate is compared with its own best threshold.
    """

    def __init__(
        self,
        entries: tuple[Entry, ...],
        folds: Folds,
        y: NDArray[Any],
        metric: str,
        deadline: Deadline,
        workers: int,
        build: Build,
        recall: Recall,
        remember: Remember,
        tune: bool = False,
    ) -> None:
        self.lanes = {entry.name: Lane(entry, reason=entry.skip) for entry in entries}
        self.standings = Standings(self.lanes, folds, y, metric, tune)
        self.folds, self.deadline, self.workers = folds, deadline, workers
        self._issued: list[tuple[Lane, int, Mapping[str, Json]]] = []
        self._build, self._recall, self._remember = build, recall, remember

    # --- who runs next ---

    def jobs(self) -> Iterator[Job]:
        """Yield jobs as long as one is worth its time."""
        self._issued = []
        while (picked := self._pick()) is not None:
            lane, fold, seconds = picked
            options = (lane.refit_options or {}) if fold == ALL else lane.fold_options
            known = self._recall(lane.entry, options, fold, seconds)
            if known is not None:
                self.accept(lane, fold, known)
                continue
            lane.running.add(fold)
            self._issued.append((lane, fold, options))
            yield self._build(lane.entry, options, fold, seconds)

    def issued(self, index: int) -> tuple[str, int]:
        """Return name and fold of a job of the present map."""
        lane, fold, _ = self._issued[index]
        return lane.entry.name, fold

    def left(self) -> float:
        """Return the seconds in which fits may still run."""
        return self.deadline.left() - _FINISH * self.deadline.seconds

    def _pick(self) -> tuple[Lane, int, float] | None:
        left = self.left()
        if left < LEAST_S:
            return None
        # A refit adds a quarter more rows to what will be released; further folds of others
        # only might change who that is. So it comes before them, and time is kept for it.
        leaders = self.standings.wanted | set(self.standings.weights)
        others = self.lanes.keys() - leaders
        return (
            self._first(left)
            or self._deeper(left, leaders)
            or self._refit(left)
            or self._deeper(left, others)
        )

    def _first(self, left: float) -> tuple[Lane, int, float] | None:
        """Pick a candidate that has not been tried, and the seconds it may have."""
        waiting = [lane for lane in self.lanes.values() if lane.untried]
        if any(self.lanes[name].entry.algorithm != "constant" for name in self.standings.weights):
            left -= self._due(left)
            pace, most = _WORTH * self._slowness(), FIRST * self.deadline.seconds
            waiting = [lane for lane in waiting if left >= min(most, pace * lane.entry.cost)]
        if not waiting:
            return None
        lane, left = waiting[0], max(left, LEAST_S)
        # An equal part for each, or twice its part by cost: most will not need theirs.
        pool = left * self.workers
        part = 2.0 * lane.entry.cost / sum(other.entry.cost for other in waiting)
        return lane, 0, min(left, max(LEAST_S, pool / len(waiting), pool * part))

    def _slowness(self) -> float:
        """Return the wall seconds that an expected second takes here, at least 1."""
        lanes = [lane for lane in self.lanes.values() if lane.entry.algorithm != "constant"]
        ratios = [lane.fits[0].seconds / lane.entry.cost for lane in lanes if 0 in lane.fits]
        return max(1.0, median(ratios or [1.0]))

    def _due(self, left: float) -> float:
        """Return the wall seconds to keep for the refits of the leader's members."""
        refits = (_refit_s(lane) for lane in self._unrefitted())
        return sum(seconds for seconds in refits if seconds <= left) / self.workers

    def _deeper(self, left: float, names: Collection[str]) -> tuple[Lane, int, float] | None:
        """Pick the next fold of one of these candidates that leads or comes close."""
        weights = self.standings.weights
        able = [lane for lane in self.standings.promising() if lane.idle and lane.name in names]
        able = [lane for lane in able if lane.depth < self.folds.limit]
        able.sort(key=lambda lane: (lane.depth, -_of(weights, lane)))
        spare = left - self._due(left)
        for lane in able:
            if 1.3 * lane.seconds <= spare:  # one that is cut short would only spoil the average
                # Plenty, so that a busy moment does not make this fold a worse learner.
                return lane, lane.depth, min(left, max(1.0, 3.0 * lane.seconds))
        return None

    def _refit(self, left: float) -> tuple[Lane, int, float] | None:
        """Pick a member of the leader that has no time, or no need, for a further fold."""
        able = [lane for lane in self._unrefitted() if not lane.running]
        return next(((lane, ALL, left) for lane in able if _refit_s(lane) <= left), None)

    def _unrefitted(self) -> list[Lane]:
        """Return the members of the leader for which a refit on all rows is due."""
        lanes = [self.lanes[name] for name in self.standings.weights]
        return [
            lane
            for lane in lanes
            if not lane.broken and ALL not in lane.fits and lane.refit_options is not None
        ]

    # --- what came of it ---

    def take(self, outcome: Outcome) -> None:
        """Note what became of a job of the present map."""
        lane, fold, options = self._issued[outcome.index]
        lane.running.discard(fold)
        if not outcome.begun or (outcome.state == "done" and outcome.value["model"] is None):
            return  # it only waited for a worker: it is picked again as long as there is time
        if outcome.state != "done":
            lane.broken, lane.reason = True, outcome.reason
            state: State = "failed" if outcome.state == "crash" else outcome.state
            lane.state = "done" if lane.fold_fits else state
            return
        value = outcome.value
        model, said = value["model"], None
        if value["labels"] is not None:
            said = Predictions(value["labels"], value["probabilities"], model.classes)
        used = (outcome.seconds, outcome.cpu_seconds, outcome.peak_mb)
        fit = Fit(model, said, value["curve"], *used, given_s=value["given_s"])
        self._remember(lane.entry, options, fold, fit)
        self.accept(lane, fold, fit)

    def accept(self, lane: Lane, fold: int, fit: Fit) -> None:
        """Note a finished fit, and who leads now."""
        lane.fits[fold] = fit
        lane.state = "done"
        if fold != ALL:
            self.standings.update(self.deadline.spent())

    def end(self) -> None:
        """Say of what was never started why."""
        for lane in self.lanes.values():
            if not lane.fits and not lane.reason:
                lane.reason = text("learn.no_time", seconds=self.deadline.seconds)


def _refit_s(lane: Lane) -> float:
    """Return the seconds of a refit: all rows are a quarter more than four folds of five."""
    return 1.25 * lane.seconds


def _of(weights: Mapping[str, float], lane: Lane) -> float:
    return weights.get(lane.name, 0.0)
