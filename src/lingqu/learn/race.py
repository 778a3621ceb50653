"""Who runs next: the candidates of a choice on their way through the folds.

First a usable model. From then on each job is the one with the most expected gain per second: a
candidate that nobody has tried, a further fold of one that leads or comes close, or a setting
that a search proposes. Time is kept for refits of the leader on all rows, which come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from lingqu.core.floors import Floor
from lingqu.core.i18n import Message, Phrase
from lingqu.core.nouns import Json
from lingqu.core.ports import Job, Outcome
from lingqu.engine.budget import FIRST, Deadline
from lingqu.learn.candidate import ALL, Fit
from lingqu.learn.folds import Folds
from lingqu.learn.lane import Lane, State
from lingqu.learn.portfolio import Entry
from lingqu.learn.search import Search
from lingqu.learn.size import Size
from lingqu.learn.standings import Fair, Standings

LEAST_S = 0.05
"""Seconds below which no fit is started."""
JITTER_S = 0.1
"""Seconds by which a fit may be late on a busy machine, however short it is."""
_FINISH = 0.03
"""Share of the budget kept for putting the model together."""
_FINISH_S = 0.15
"""Seconds that are kept at least, if they are no more than an eighth of the budget: a fit that is
stopped at its limit ends a moment later."""
_NOISE = 0.3
"""What is lost by a choice on one row, in shares of the way from the constant to the best; on n
rows it is the square root of n times smaller."""
_BAG = 0.02
"""What the average of many folds adds to one of them, in the same measure."""
_AGAIN = 0.2
"""Worth of a fold of rows that were held out before, against a new one."""
_NEAR = 0.3
"""Closeness to the leaders from which a candidate gets its folds before a search begins."""
_PLENTY = 3.0
"""Multiple of its expected seconds that a fit may take."""
_MARGIN = 1.3
"""Multiple of the expected seconds of refits that is kept for them."""
_JUDGING = 0.1
"""Share of the time that comparing candidates may take: on few rows, where a fit takes a tenth of
a second, it took five sixths of a minute, and the learners got the rest."""
_WORTH = 0.3
"""Share of its expected time below which a learner is not begun at the end of a run, once another
leads: two epochs say nothing of a net, and the leader has better use for the time."""

Recall = Callable[[Entry, Mapping[str, Json], int, float], Fit | None]
Remember = Callable[[Entry, Mapping[str, Json], int, Fit], None]
Order = Callable[[Entry, Mapping[str, Json], int, float, float], Job]


class Race:
    """Decides each job when it is asked for, by all that is known then.

    Args:
        entries: Candidates in the order in which they are tried.
        folds: The held-out rows.
        y: Truth of all rows.
        metric: Score that decides.
        deadline: Of the whole choice.
        workers: Fits side by side.
        order: Makes a job of an entry, its options, a fold, its seconds, and the seconds after
            which nobody wants it, see `lingqu.learn.orders`.
        recall: Returns a fit of an earlier run for an entry, its options, a fold and the
            seconds that it would have now; or None.
        remember: Keeps a finished fit.
        tune: Whether each candidate is compared with its own best threshold.
        units: Of each row what an error of 1 is there, if `y` is told in such units.
        fair: Says of held-out answers whether the limits allow them.
        bar: Says of a fit which limit it breaks, or ``""``.
        size: Decides of how many fits the model is made.
        floor: What the threshold must keep, or None.
        shelf: Folder for the graphs of fits; in memory if omitted.
    """

    def __init__(
        self,
        entries: tuple[Entry, ...],
        folds: Folds,
        y: NDArray[Any],
        metric: str,
        deadline: Deadline,
        workers: int,
        order: Order,
        recall: Recall,
        remember: Remember,
        tune: bool = False,
        units: NDArray[Any] | None = None,
        fair: Fair | None = None,
        bar: Callable[[Fit], Message] = lambda fit: "",
        size: Size | None = None,
        floor: Floor | None = None,
        shelf: Path | None = None,
    ) -> None:
        self.size = size or Size()
        self.bar = bar
        self.lanes = {entry.name: Lane(entry, reason=entry.skip) for entry in entries}
        self.standings = Standings(self.lanes, folds, y, metric, tune, units, fair, floor)
        self.folds, self.deadline, self.workers = folds, deadline, workers
        self._shelf = shelf
        self._issued: list[tuple[Lane, int, Mapping[str, Json]]] = []
        self._order, self._recall, self._remember = order, recall, remember
        self._close: dict[str, float] = {}
        self.keep: Callable[[], float] = lambda: 0.0
        """Seconds that are kept for what comes after the fits."""
        self.search: Search | None = None
        self._judged_s, self._stale = 0.0, False
        self.stopped = False
        self.lean = False
        """Whether a learner that takes much memory waits for another one that does."""
        self.teaches = False
        """Whether candidates that break a limit go on, for a smaller model to learn from."""

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
            left = self.left_for(lane.entry, fold)
            yield self._order(lane.entry, options, fold, seconds, left)

    def issued(self, index: int) -> tuple[str, int]:
        """Return name and fold of a job of the present map."""
        lane, fold, _ = self._issued[index]
        return lane.entry.name, fold

    def left(self) -> float:
        """Return the seconds in which fits may still run."""
        return self.rest() - self.keep()

    def rest(self) -> float:
        """Return the seconds before the model must be put together."""
        return self.deadline.left() - self._finish()

    def _finish(self) -> float:
        seconds = self.deadline.seconds
        return max(_FINISH * seconds, min(_FINISH_S, seconds / 8))

    def left_for(self, entry: Entry, fold: int) -> float:
        """Return the seconds that a fit may take at most: refits come after all others."""
        left = self.left()
        if fold == ALL:
            return self.rest()
        return max(min(left, LEAST_S), self._bearable(entry, left) - self._due(left))

    def _bearable(self, entry: Entry, left: float) -> float:
        """Return how long one may take, so that a cheaper one can still make a usable model."""
        waits = (lane.entry for lane in self.lanes.values() if lane.untried)
        cheaper = any(0 < other.cost < entry.cost for other in waits)
        return left / 2 if cheaper and not self._usable() else left

    def _pick(self) -> tuple[Lane, int, float] | None:
        left = self.left()
        if left < LEAST_S or self.stopped:
            return None
        waiting = [lane for lane in self.lanes.values() if lane.untried]
        if waiting and not self._usable():
            return self._opening(waiting, left)
        # A refit adds a quarter more rows to what will be released, so time is kept for it.
        spare = left - self._due(left)
        self._close = self.standings.closeness()
        options = [*self._firsts(waiting, spare), *self._deeper(spare)]
        # One of them at a time where anything else can be done: two would hold the memory of both.
        crowded = any(lane.running and lane.large for lane in self.lanes.values())
        if crowded:
            smaller = [o for o in options if not o[1].large]
            if self.lean and options and not smaller:
                return self._trial(spare, crowded)  # or none: it waits for its turn
            options = smaller or options
        best = max(options, key=lambda option: option[0], default=None)
        # Other settings come behind what is left to learn of the settings at hand.
        known = all(
            fold == 0 or lane.depth >= self.folds.whole or self._close.get(lane.name, 0) < _NEAR
            for _, lane, fold in options
        )
        if best is None or (known and best[0] < self._search_rate()) or (crowded and best[1].large):
            trial = self._trial(spare, crowded)
            if trial is None and best is None and crowded and not self.lean:
                trial = self._trial(spare)
            if trial is not None:
                return trial
        if best is not None:
            _, lane, fold = best
            if fold == 0:
                return self._first(waiting, lane, spare)
            # Plenty, so that a busy moment does not make this fold a worse learner.
            return lane, fold, min(spare, max(1.0, _PLENTY * lane.seconds))
        if self._stale:
            self._judge()
            return self._pick()
        return self._refit(self.rest())

    def _opening(self, waiting: list[Lane], left: float) -> tuple[Lane, int, float]:
        """Return who runs while there is no usable model, with the seconds it may have.

        Where a learner was stopped at its limit, or none is expected to end in time, the machine
        is slower than the budget assumes: the cheapest then gets all the time that is left.
        """
        stopped = any(lane.state == "timeout" for lane in self.lanes.values())
        able = [lane for lane in waiting if self._expected(lane) <= left]
        if stopped or not able:
            return min(waiting, key=lambda lane: (lane.entry.cost, lane.name)), 0, left
        return self._first(waiting, able[0], left)

    def _usable(self) -> bool:
        return any(
            lane.depth and lane.entry.algorithm != "constant" for lane in self.lanes.values()
        )

    def _first(self, waiting: list[Lane], lane: Lane, left: float) -> tuple[Lane, int, float]:
        """Return a candidate that has not been tried, with the seconds it may have."""
        if not self._usable():
            # An equal part for each, or twice its part by cost: most will not need theirs.
            pool = left * self.workers
            part = 2.0 * lane.entry.cost / sum(other.entry.cost for other in waiting)
            most = self._bearable(lane.entry, left)
            return lane, 0, min(most, max(LEAST_S, pool / len(waiting), pool * part))
        # What takes much longer than expected is not worth it: others have use for the time.
        share = max(FIRST * self.deadline.seconds, _PLENTY * self._expected(lane))
        return lane, 0, max(LEAST_S, min(left, share))

    def _firsts(self, waiting: list[Lane], spare: float) -> Iterator[tuple[float, Lane, int]]:
        """Yield what candidates that nobody tried are worth a second."""
        most = FIRST * self.deadline.seconds
        known = self.standings.leader.level if self.standings.leader else 1
        for lane in waiting:
            seconds = max(LEAST_S, self._expected(lane))
            if spare < min(most, _WORTH * seconds):
                continue
            # Of use is it only where it gets as far as the leader, or nearly so.
            needed = min(known, self.folds.whole) * seconds
            reach = min(1.0, spare * self.workers / needed)
            yield lane.entry.gain * reach / seconds, lane, 0

    def _expected(self, lane: Lane) -> float:
        """Return the wall seconds that the first fit of a candidate is expected to take here."""
        done = [
            other
            for other in self.lanes.values()
            if 0 in other.fits and other.entry.algorithm != "constant" and not other.entry.parent
        ]
        same = [other for other in done if other.entry.algorithm == lane.entry.algorithm]
        used = same or done
        taken = sum(other.fits[0].seconds for other in used)
        pace = taken / sum(other.entry.cost for other in used) if used else 1.0
        return max(1.0, pace) * lane.entry.cost

    def _deeper(self, spare: float) -> Iterator[tuple[float, Lane, int]]:
        """Yield what the next folds of candidates are worth a second."""
        for name, close in self._close.items():
            lane = self.lanes[name]
            if not lane.idle or lane.depth >= self.folds.limit or close <= 0:
                continue
            # One that is cut short would only spoil the average.
            if JITTER_S + 1.3 * lane.seconds <= spare:
                gain = close * self._fold_gain(lane.depth)
                yield gain / max(LEAST_S / 5, lane.seconds), lane, lane.depth

    def _fold_gain(self, depth: int) -> float:
        """Return what a fold behind so many adds: a surer choice, and one more to average."""
        rows = len(self.standings.rows(1))
        surer = _NOISE * ((depth * rows) ** -0.5 - ((depth + 1) * rows) ** -0.5)
        gain = float(surer + _BAG * (1 / depth - 1 / (depth + 1)))
        return gain if depth < self.folds.whole else _AGAIN * gain

    def _search_rate(self) -> float:
        """Return what a trial of the search is worth a second; nothing while it may not begin."""
        leader = self.standings.leader
        if self.search is None or leader is None or leader.level < self.folds.whole:
            return 0.0
        return self.search.rate(self.lanes, leader.weights)

    def _trial(self, spare: float, crowded: bool = False) -> tuple[Lane, int, float] | None:
        """Return the first fold of a setting that the search proposes, or None.

        Args:
            spare: Seconds that are left.
            crowded: Whether learners that take much memory must wait.
        """
        leader = self.standings.leader
        if self.search is None or leader is None or leader.level < self.folds.whole:
            return None
        folds = 1 + (self.folds.whole - 1) / self.workers
        lanes = {n: lane for n, lane in self.lanes.items() if not (crowded and lane.large)}
        entry = self.search.propose(lanes, leader.weights, folds, spare)
        if entry is None:
            return None
        lane = self.lanes.setdefault(entry.name, Lane(entry))
        return lane, 0, min(spare, max(1.0, _PLENTY * entry.cost))

    def _due(self, left: float) -> float:
        """Return the wall seconds to keep for the refits of the leader's members."""
        refits = [_refit_s(lane) for lane in self._unrefitted()]
        able = [seconds for seconds in refits if seconds <= left]
        if not able:
            return 0.0
        most = max(sum(able) / self.workers, *able)
        return max(_MARGIN * most, min(self._finish(), left / 2))

    def _refit(self, left: float) -> tuple[Lane, int, float] | None:
        """Pick a member of the leader that has no time, or no need, for a further fold."""
        able = [lane for lane in self._unrefitted() if not lane.running]
        return next(((lane, ALL, left) for lane in able if _refit_s(lane) <= left), None)

    def _unrefitted(self) -> list[Lane]:
        """Return the members of the leader for which a refit on all rows is due."""
        self.size.settle(self.lanes, self.standings.weights)
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
            if self.search is not None and lane.entry.parent and fold == 0:
                self.search.told(lane.entry, float("inf"))
            return
        fit = Fit.of(outcome)
        self._remember(lane.entry, options, fold, fit)
        self.accept(lane, fold, fit)

    def accept(self, lane: Lane, fold: int, fit: Fit) -> None:
        """Note a finished fit, and who leads now."""
        if fold == ALL and fit.unfinished and not any(one.unfinished for one in lane.fold_fits):
            lane.refit_cut = True
            return
        lane.fits[fold] = fit.shelved(self._shelf) if self._shelf else fit
        lane.state = "done"
        if fold == ALL:
            return
        if not lane.barred and lane.entry.algorithm != "constant":
            lane.barred = self.bar(fit)
            lane.teaches = self.teaches
        if self.standings.leader is None or self._judged_s <= _JUDGING * self.deadline.spent():
            self._judge()
        else:
            self._stale = True
        if self.search is not None and lane.entry.parent and fold == 0:
            self.search.told(lane.entry, self.standings.own_loss(lane.name, 1))

    def _judge(self) -> None:
        """Find out who leads now."""
        begun, self._stale = self.deadline.spent(), False
        self.standings.update(begun)
        self._judged_s += self.deadline.spent() - begun

    def end(self) -> None:
        """Find out who leads in the end, and say of what was never started why."""
        if self._stale:
            self._judge()
        for lane in self.lanes.values():
            if not lane.fits and not lane.reason:
                lane.reason = Phrase("learn.no_time", {"seconds": self.deadline.seconds})


def _refit_s(lane: Lane) -> float:
    """Return the seconds of a refit: all rows are a quarter more than four folds of five."""
    return 1.25 * lane.seconds
