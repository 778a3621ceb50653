"""What more data would give: the best learner again on parts of the rows, and the law of that.

Where there is no time for the best one, the best of those that are nearly as good stands in. Each
part is held within the next larger one, and all are judged on the same held-out rows, so
that what differs is their size. It uses time that is left, never more: a share of the budget is
kept for it only where the budget is long enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lingqu.core import metrics
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.ports import Engine, Job, Outcome
from lingqu.core.predictions import Predictions
from lingqu.learn.candidate import GROWTH, TASK, write_pairs
from lingqu.learn.folds import Rows
from lingqu.learn.growth_words import Note, curve, in_words, joined, perfect
from lingqu.learn.lane import Lane
from lingqu.learn.power_law import fit
from lingqu.learn.race import Order, Race
from lingqu.learn.threshold import cut

Floats = NDArray[np.float64]
SHARE = 0.05
"""Share of the budget that this may take."""
LEAST_S = 5.0
"""Budget from which that share is kept; of a shorter one only what is left is used."""
PARTS = (0.125, 0.25, 0.5)
"""Parts of the rows of a fold that are learned from, without the last where time is short; all of
them were before."""
CLOSE = 1.25
"""Loss, as a multiple of that of the best learner, up to which another one stands in for it."""
FEWEST = 25
"""Rows of the smallest part, and of each class ten."""
MOST_FOLDS = 3
TIMES = (2, 4)
_PLUS = 0.01
"""Seconds that a fit takes however few its rows are."""
_MARGIN = 1.3
_RESAMPLES = 200


@dataclass
class Growth:
    """Plans and runs the fits on parts of the rows.

    Args:
        race: Whose best learner is fitted again.
        train: The rows that it learned from.
        scratch: Folder that the workers read.
        seed: Of the draw of parts.
    """

    race: Race
    train: Dataset
    scratch: Path
    seed: int = 0
    _best: tuple[Any, Lane | None] = field(default=(None, None))

    def lane(self) -> Lane | None:
        """Return the best single member of the leader, or None where that is the baseline."""
        leader = self.race.standings.leader
        if leader is None:
            return None
        if self._best[0] is not leader:
            rate = self.race.standings.own_loss
            name = min(leader.weights, key=lambda one: (rate(one, leader.level), one))
            lane = self.race.lanes[name]
            self._best = (leader, None if lane.entry.algorithm == "constant" else lane)
        return self._best[1]

    def due(self) -> float:
        """Return the seconds to keep: what it needs on one fold, if that is within its share."""
        whole, best = self.race.deadline.seconds, self.lane()
        if whole < LEAST_S or best is None:
            return 0.0
        lane, parts = self._quick(best, SHARE * whole)
        return self._fold_s(lane, parts) if parts else 0.0

    def _quick(self, best: Lane, seconds: float) -> tuple[Lane, tuple[float, ...]]:
        """Return the best learner or who stands in for it, and the parts for which it has time."""
        for lane in (best, *self._close(best)):
            parts = self._able(lane, seconds) if _finished(lane) else ()
            if parts:
                return lane, parts
        return best, ()

    def _close(self, best: Lane) -> list[Lane]:
        """Return the other learners that are nearly as good as the best one, the better first."""
        rate, found = self.race.standings.own_loss, []
        for lane in self.race.lanes.values():
            level = min(lane.depth, best.depth)
            if lane is best or not level or lane.barred or lane.entry.algorithm == "constant":
                continue
            loss, least = rate(lane.name, level), rate(best.name, level)
            if self._lost(loss) <= CLOSE * self._lost(least):
                found.append((loss, lane.name, lane))
        return [lane for _, _, lane in sorted(found, key=lambda one: one[:2])]

    def _lost(self, loss: float) -> float:
        """Return what is lacking to the best score there is; of an error, the error."""
        best = perfect(self.race.standings.metric)
        return loss if best is None else loss + best

    def _able(self, lane: Lane, seconds: float) -> tuple[float, ...]:
        """Return the parts for which there is time on one fold at least; none, if so."""
        plans = (PARTS, PARTS[:-1])
        return next((parts for parts in plans if self._fold_s(lane, parts) <= seconds), ())

    def _fold_s(self, lane: Lane, parts: tuple[float, ...]) -> float:
        """Return the wall seconds of parts of one fold, with a margin."""
        side = 1 if lane.entry.tag == "torch" else max(1, min(2, self.race.workers))
        total = sum(part * lane.seconds + _PLUS for part in parts)
        return _MARGIN * max(total / side, parts[-1] * lane.seconds + _PLUS)

    def look(self, engine: Engine, order: Order) -> dict[str, Json]:
        """Fit the best learner on parts of the rows and return what more rows would give.

        Args:
            engine: Runs the fits.
            order: Words its fits as jobs.

        Returns:
            ``name``, ``metric``, ``rows``, ``sizes``, ``scores`` and ``errors`` by size (as the
            metric is read), ``curve`` (rows ``size``, ``score``, ``low``, ``high``), ``gains``
            (rows ``times``, ``rows``, ``gain``, ``low``, ``high``; positive is better), ``words``
            in both languages, and ``stands_in_for`` where it is not the best learner. Only
            ``words`` where nothing could be estimated.
        """
        best = self.lane()
        reason = self._reason(best)
        if reason is not None or best is None:
            return {"words": dict(reason or both("why.growth_baseline"))}
        left = max(0.0, min(SHARE * self.race.deadline.seconds, self.race.rest()))
        lane, parts = self._quick(best, _MARGIN * left)  # the margin was for getting here
        if not parts:
            return {"words": self._late(best, left)}
        pairs = self._pairs(lane, parts)
        if not pairs:
            return {"words": both("why.growth_few", rows=len(self.train))}
        write_pairs(self.scratch, GROWTH, [pair for fold in pairs for pair in fold])
        said = self._fitted(lane, pairs, engine, order, left)
        done = []
        for fold in range(len(pairs)):
            answers = [said.get((fold, i)) for i in range(len(parts))]
            answers.append(lane.fits[fold].predictions)
            if all(answer is not None for answer in answers):
                done.append((fold, [answer for answer in answers if answer is not None]))
        if not done:
            return {"words": self._late(lane, left)}
        sizes = [len(rows) for rows, _ in pairs[0]]
        sizes.append(len(self.race.folds.pairs[0][0]))
        told = self._told(lane, sizes, done)
        if lane is not best:
            more = both("why.growth_stands_in", name=lane.name, best=best.name)
            told["words"] = joined(told["words"], more)
            told["stands_in_for"] = best.name
        return told

    def _late(self, lane: Lane, left: float) -> Note:
        """Return that there was no time for a learner, or for all of it before."""
        if not _finished(lane):
            return both("why.growth_unfinished", name=lane.name)
        needed = self._fold_s(lane, PARTS[:-1]) / _MARGIN
        return both("why.growth_late", left=left, needed=needed)

    def _reason(self, lane: Lane | None) -> Note | None:
        """Return why nothing can be estimated, or None."""
        metric = self.race.standings.metric
        if lane is None:
            return both("why.growth_baseline")
        if ":" in metric:
            return both("why.growth_metric", metric=metric)
        return None

    def _pairs(self, lane: Lane, parts: tuple[float, ...]) -> list[list[tuple[Rows, Rows]]]:
        """Return of each fold the parts to learn from, smallest first, with its held-out rows."""
        standings, found = self.race.standings, []
        classes = len(np.unique(standings.y)) if standings.y.dtype.kind in "iu" else 0
        for fold in range(min(lane.depth, MOST_FOLDS)):
            rows, held = self.race.folds.pairs[fold]
            order = rows[self._order(rows, standings.y[rows] if classes else None, fold)]
            sizes = [round(part * len(rows)) for part in parts]
            if sizes[0] < max(FEWEST, 10 * classes):
                return []
            found.append([(np.sort(order[:size]), held) for size in sizes])
        return found

    def _order(self, rows: Rows, y: Rows | None, fold: int) -> NDArray[np.int64]:
        """Return places of rows in an order of which each beginning is a fair part of them."""
        random = np.random.default_rng([self.seed, fold])
        group = next(iter(self.train.schema.having("group")), None)
        if group is not None and self.race.folds.scheme == "group":
            words = self.train.frame.get_column(group.name)[rows].cast(str).fill_null("")
            codes = words.rank("dense").to_numpy().astype(np.int64)
            return np.argsort(random.permutation(codes.max() + 1)[codes], kind="stable")
        key = random.random(len(rows))
        if y is not None:  # the same share of each class in every beginning
            for label in np.unique(y):
                at = np.flatnonzero(y == label)
                key[at] = (np.argsort(np.argsort(key[at])) + key[at]) / len(at)
        return np.argsort(key, kind="stable")

    def _fitted(
        self,
        lane: Lane,
        pairs: list[list[tuple[Rows, Rows]]],
        engine: Engine,
        order: Order,
        left: float,
    ) -> dict[tuple[int, int], Predictions]:
        """Return what was said of held-out rows, by fold and part, as far as time allowed."""
        end, issued = self.race.deadline.spent() + left, list[tuple[int, int]]()

        def jobs() -> Iterator[Job]:
            for fold in range(len(pairs)):
                for index in reversed(range(len(pairs[fold]))):
                    rest = end - self.race.deadline.spent()
                    if rest < PARTS[index] * lane.seconds + _PLUS:
                        return
                    issued.append((fold, index))
                    yield self._job(order, lane, fold * len(pairs[fold]) + index, rest)

        said: dict[tuple[int, int], Predictions] = {}
        with closing(cast(Any, engine.map(TASK, jobs(), lambda index, row: None))) as outcomes:
            for outcome in cast(Iterator[Outcome], outcomes):
                value = outcome.value if outcome.state == "done" else None
                if value is None or value["model"] is None or value["labels"] is None:
                    continue
                notes = value["model"].members[0].notes
                if not (notes.get("unfinished") or notes.get("cut_short")):
                    said[issued[outcome.index]] = Predictions(
                        value["labels"], value["probabilities"], value["model"].classes
                    )
        return said

    def _job(self, order: Order, lane: Lane, index: int, rest: float) -> Job:
        job = order(lane.entry, lane.fold_options, 0, rest, rest)
        payload = {**job.payload, "pairs": GROWTH, "fold": index}
        return replace(job, payload=payload, timeout_s=rest)

    def _told(
        self, lane: Lane, sizes: list[int], done: list[tuple[int, list[Predictions]]]
    ) -> dict[str, Json]:
        metric = self.race.standings.metric
        losses, drawn = self._losses(done, metric)
        held = sum(len(self.race.folds.pairs[fold][1]) for fold, _ in done)
        spread = np.cov(drawn.T) + np.diag(np.full(len(sizes), (0.5 / held * losses.max()) ** 2))
        law = fit(sizes, losses, spread, self.seed)
        rows, best = len(self.train), perfect(metric)
        gains = []
        for times in TIMES:
            middle, low, high = law.gain(rows, times * rows)
            gains.append({"times": times, "rows": times * rows, "gain": middle, "low": low,
                          "high": high})  # fmt: skip
        scores = losses if best is None else best - losses
        return {
            "name": lane.name,
            "metric": metric,
            "rows": rows,
            "folds": len(done),
            "sizes": sizes,
            "scores": [float(score) for score in scores],
            "errors": [float(error) for error in np.sqrt(np.diag(spread))],
            "curve": curve(law, sizes[0], TIMES[-1] * rows, best),
            "gains": gains,
            "words": in_words(metric, gains, float(np.median(law.now)), lane.name),
        }

    def _losses(
        self, done: list[tuple[int, list[Predictions]]], metric: str
    ) -> tuple[Floats, Floats]:
        """Return the mean loss at each size, (S,), and of resamples of the rows, (B, S)."""
        random = np.random.default_rng(self.seed)
        best, tune = perfect(metric), self.race.standings.tune
        formula = metrics.metric(metric).formula
        plain, drawn = [], []
        for fold, answers in done:
            truth = self.race.standings.y[self.race.folds.pairs[fold][1]]
            n = len(truth)
            counts = random.multinomial(n, np.full(n, 1 / n), _RESAMPLES).astype(np.float64)
            counts = np.vstack([np.ones(n), counts])
            said = [cut(truth, one, metric) if tune else one for one in answers]
            scores = np.stack([formula(truth, one, 1, counts) for one in said], axis=1)
            lost = scores if best is None else best - scores
            plain.append(lost[0])
            drawn.append(np.where(np.isfinite(lost[1:]), lost[1:], lost[0]))
        return np.mean(plain, axis=0), np.mean(drawn, axis=0)


def _finished(lane: Lane) -> bool:
    """Say whether all fits that parts are compared with had the time that they wanted."""
    return not any(fit.unfinished for fit in lane.fold_fits[:MOST_FOLDS])
