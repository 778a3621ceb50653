"""Who leads: candidates are compared on rows that all of them have answered.

Level k is the held-out rows of the first k folds. Each level has a best ensemble of those that
have answered it. The one that is known on the most rows leads; it gives way to one that is known
on fewer only where the gain on these is more than chance, so that nothing wins by the noise of a
few hundred rows. The leader so far is always among the options of its level, so on the same rows
a longer run never ends with a worse score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.floors import COMPLEMENT, Floor
from lingqu.core.metrics import loss
from lingqu.core.nouns import Json
from lingqu.core.predictions import Predictions
from lingqu.learn.adjust import Adjustment
from lingqu.learn.ensemble import answer, average, greedy, row_losses, smooth_itself
from lingqu.learn.floor import cut_keeping
from lingqu.learn.folds import Folds, Rows
from lingqu.learn.lane import Lane
from lingqu.learn.threshold import cut, served_by

CLOSE = 0.25
"""A candidate that closes all but this share of the gap between baseline and best goes on."""

_BASE = 0.25
"""What the baseline deserves: it costs nothing, and is needed for comparison."""
_FELLOW = 0.8
"""What a candidate deserves that is as good as the best alone, but no member of the leader."""
_NEAR = 0.1
"""Share of that gap within which a setting that was searched for goes on."""

DOUBT = 0.5
"""Standard errors by which a leader on few rows must beat one that is known on more. With 1.5 the
choice was worse on 1,437 fashion pictures in 5 of 5 draws of 1.5 s: 0.777 against 0.784."""

WIDEST = 12
"""Candidates that an ensemble is chosen from, at most: the best of each level."""

Fair = Callable[[Predictions, NDArray[np.int64]], bool]
"""Says of answers and their row numbers whether they keep the limits that were set."""


@dataclass(frozen=True)
class Leader:
    """The best ensemble so far: weights by candidate, on the rows of the first `level` folds."""

    weights: Mapping[str, float]
    level: int
    loss: tuple[float, float]


Settle = Callable[["Standings", Leader], Mapping[str, float]]
"""Returns the weights with which the best ensemble is to lead, where held-out values are too few
to trust its own."""


class Standings:
    """The candidates' answers, and the best ensemble of them.

    Args:
        lanes: The candidates by name; filled elsewhere.
        folds: The held-out rows.
        y: Truth of all rows.
        metric: Score that decides.
        tune: Whether candidates are compared each with its own best threshold, because the one
            that is released will have its own too. Precision and recall are then decided by F1:
            with a threshold of its choice even the constant has a perfect recall.
        units: Of each row what an error of 1 is there: answers are told in these, as `y` is.
        fair: Says of held-out answers whether a limit allows them; all are allowed when omitted.
        floor: What the threshold must keep. Where the score that decides is its own measure, the
            complementary one decides.
    """

    def __init__(
        self,
        lanes: Mapping[str, Lane],
        folds: Folds,
        y: NDArray[Any],
        metric: str,
        tune: bool = False,
        units: NDArray[Any] | None = None,
        fair: Fair | None = None,
        floor: Floor | None = None,
    ) -> None:
        self.lanes, self.folds, self.y, self.metric = lanes, folds, y, metric
        self._fair = fair
        self.tune, self.units = tune, units
        self.close = CLOSE
        self.share: float | None = None
        """Share of the truth that answers shall lie above: each candidate is moved so."""
        self.shifts: dict[tuple[str, int], float] = {}
        """By what a candidate was moved, on the rows of so many folds."""
        self.adjust: Adjustment | None = None
        """What the score asks of probabilities: they are judged, and released, so."""
        self.lists: Rows | None = None
        """Of each row the list it belongs to, where the score judges the order of lists."""
        self._floor = floor if tune else None
        self._judge = served_by(metric) if tune else metric
        if self._floor is not None:
            own = metric == self._floor.measure
            self._judge = COMPLEMENT[metric] if own else metric
        self.settle: Settle | None = None
        self.leader: Leader | None = None
        self._best_so_far: Leader | None = None
        """The leader before its weights were settled: these must not be settled twice."""
        self.history: list[dict[str, Json]] = []
        self.wanted: frozenset[str] = frozenset()
        """Candidates that lead, also those that lead on the first folds only."""
        self._levels: dict[int, tuple[frozenset[str], Leader]] = {}
        self._answers: dict[tuple[str, int], Predictions] = {}
        self._rated: dict[tuple[frozenset[tuple[str, float]], int], tuple[float, float]] = {}

    @property
    def weights(self) -> Mapping[str, float]:
        """Weights of the leader; nothing before there is one."""
        return self.leader.weights if self.leader else {}

    def put_to(self, lanes: Mapping[str, Lane]) -> Standings:
        """Return the same question put to other candidates, whom nobody has judged yet."""
        other = copy(self)
        other.lanes, other.shifts, other.history = lanes, {}, []
        other._levels, other._answers, other._rated = {}, {}, {}
        return other

    def closeness(self) -> dict[str, float]:
        """Return how much each candidate deserves a further fold, 0 to 1.

        Members of the leader get 1, as do those that lead on fewer rows. The others get
        somewhat less at most, by how close they are to the best on the rows that they have
        answered.
        """
        found: dict[str, float] = {}
        for name, lane in self.lanes.items():
            if not lane.depth:
                continue
            level = lane.depth
            rivals = [n for n, other in self.lanes.items() if other.depth >= level]
            losses = [self._rate({rival: 1.0}, level)[0] for rival in rivals]
            best, worst = min(losses), self._worst(level, losses)
            own = self._rate({name: 1.0}, level)[0]
            near = self.close * max(1e-12, self._span(best, worst))
            parent = self.lanes.get(lane.entry.parent)
            if parent is not None and parent.depth >= level:
                # Another setting must come close to the one that it would replace.
                best, near = self._rate({parent.name: 1.0}, level)[0], _NEAR * near
            share = 1.0 - (own - best) / near if np.isfinite(own) else 0.0
            found[name] = 1.0 if name in self.wanted else max(0.0, min(_FELLOW, _FELLOW * share))
            if lane.entry.algorithm == "constant":  # what is no better must not be chosen
                found[name] = max(found[name], _BASE) if level < self.folds.whole else 0.0
        for name in [name for name, value in found.items() if value > 0]:
            # What augmentation is worth is known only where both have answered.
            plain = self.lanes[name].entry.plain
            if plain in found:
                found[plain] = max(found[plain], found[name])
        return found

    def _span(self, best: float, worst: float) -> float:
        """Return what closeness is measured by: the gap to the baseline, or less.

        Where nearly all of a value can be explained, everyone closes nearly all of the gap. There
        an error that is larger by its own size counts as much: an average has no use for who errs
        a quarter more than the best and much alike. (Not where all are wanted on all rows.)
        """
        relative = np.issubdtype(self.y.dtype, np.floating) and best > 0 and self.close < 1
        return min(worst - best, best) if relative else worst - best

    def _worst(self, level: int, losses: list[float]) -> float:
        constant = [
            name
            for name, lane in self.lanes.items()
            if lane.entry.algorithm == "constant" and lane.depth
        ]
        if constant:
            depth = min(level, self.lanes[constant[0]].depth)
            return self._rate({constant[0]: 1.0}, depth)[0]
        return max(losses)

    def rows(self, level: int) -> Rows:
        """Return the row numbers held out by the first `level` folds, in order of the folds.

        Folds that divide the rows anew hold out no other rows: they make the answers surer.
        """
        pairs = self.folds.pairs[: min(level, self.folds.whole)]
        return np.concatenate([valid for _, valid in pairs])

    def truth(self, level: int) -> NDArray[Any]:
        """Return the truth of `rows(level)`."""
        truth: NDArray[Any] = self.y[self.rows(level)]
        return truth

    def answers(self, name: str, level: int) -> Predictions:
        """Return what a candidate said of `rows(level)`."""
        if (name, level) not in self._answers:
            self._answers = {k: v for k, v in self._answers.items() if k[0] != name or k[1] == 1}
            self._answers[name, level] = self._joined(name, level)
        return self._answers[name, level]

    def _joined(self, name: str, level: int) -> Predictions:
        said = [self.lanes[name].fits[fold].predictions for fold in range(level)]
        parts = [one for one in said if one is not None]
        labels = np.concatenate([one.labels for one in parts])
        chances = [one.probabilities for one in parts if one.probabilities is not None]
        joined = Predictions(labels, np.concatenate(chances) if chances else None, parts[0].classes)
        if level > self.folds.whole:
            joined = self._averaged(joined, level)
        if self.adjust is not None and joined.probabilities is not None:
            joined = answer(self.adjust.of(joined.probabilities), joined.classes)
        if self.share is not None:
            values = joined.labels.astype(np.float64)
            self.shifts[name, level] = float(np.quantile(self.truth(level) - values, self.share))
            joined = replace(joined, labels=values + self.shifts[name, level])
        if self.lists is not None:
            joined = replace(joined, groups=self.lists[self.rows(level)])
        if self.units is not None:
            joined = replace(joined, labels=joined.labels / self.units[self.rows(level)])
        return joined

    def _averaged(self, said: Predictions, level: int) -> Predictions:
        """Average the answers to rows that were held out more than once."""
        places = np.concatenate([valid for _, valid in self.folds.pairs[:level]])
        rows = self.rows(level)
        at = np.full(int(max(places.max(), rows.max())) + 1, -1, dtype=np.int64)
        at[rows] = np.arange(len(rows))
        known = at[places] >= 0
        values = said.labels[:, None] if said.probabilities is None else said.probabilities
        total = np.zeros((len(rows), values.shape[1]))
        np.add.at(total, at[places[known]], values[known])
        counts = np.bincount(at[places[known]], minlength=len(rows))
        return answer(total / counts[:, None], said.classes)

    def blend(self, weights: Mapping[str, float], level: int) -> Predictions:
        """Return what a weighted ensemble said of `rows(level)`."""
        return average([self.answers(name, level) for name in weights], list(weights.values()))

    def loss(self, said: Predictions, level: int) -> float:
        """Return the loss of answers on `rows(level)`, with the threshold that suits them."""
        return loss(self.metric, self.truth(level), self._labelled(said, level))

    def served(self, said: Predictions, level: int) -> Predictions:
        """Return answers to `rows(level)` as they are judged, with their own threshold."""
        return self._labelled(said, level)

    def lost(self, weights: Mapping[str, float], before: Mapping[str, float]) -> float:
        """Return what share of the score is lost by another ensemble than the leader's.

        Both the score that decides and the log loss count, so that a change which a score in
        steps does not show is seen; infinite where limits do not allow it.
        """
        level = self.leader.level if self.leader else 1
        if not self._allowed(weights, level):
            return float("inf")
        pairs = zip(self._rate(weights, level), self._rate(before, level), strict=True)
        shares = [(new - old) / max(abs(old), 1e-12) for new, old in pairs]
        return max(shares[0], 0.2 * shares[1]) if len(shares) > 1 else shares[0]

    def own_loss(self, name: str, level: int) -> float:
        """Return the loss of one candidate alone, its ties broken by the log loss."""
        first, second = self._rate({name: 1.0}, level)
        return first + 1e-3 * second

    def update(self, seconds: float) -> None:
        """Find the leader again, level by level, and note when it changed.

        Args:
            seconds: Time since the start, for the history.
        """
        found = self._found()
        if found is None:
            return
        self._best_so_far = found
        if self.settle is not None:
            weights = self.settle(self, found)
            found = Leader(weights, found.level, self._rate(weights, found.level))
            self.wanted = frozenset({*self.wanted, *weights})
        if found == self.leader:
            return
        old, self.leader = self.leader, found
        known = old is not None and self._answered(old.weights, found.level)
        self.history.append(
            {
                "seconds": round(seconds, 4),
                "score": self._score(found.weights, found.level),
                "before": self._score(old.weights, found.level) if old and known else None,
                "folds": found.level,
                "rows": len(self.rows(found.level)),
                "members": dict(found.weights),
            }
        )

    def _found(self) -> Leader | None:
        """Return the leader that is known on the most rows, unless another is surely better."""
        best: list[Leader] = []
        for level in sorted({lane.depth for lane in self.lanes.values() if lane.depth}):
            pool = self._pool(level)
            if not pool:
                break
            best.append(self._level(level, pool))
        if not best:
            return None
        found, wanted = best[-1], set(best[-1].weights)
        for rival in reversed(best[:-1]):
            wanted |= set(rival.weights)
            # Weights of candidates that went further are better known there: only one that is
            # known on no more rows than these counts.
            new = any(self.lanes[name].depth == rival.level for name in rival.weights)
            if new and self._surely_better(rival, found):
                found = rival
        self.wanted = frozenset({*wanted, *found.weights})
        return found

    def _level(self, level: int, pool: list[str]) -> Leader:
        """Return the best ensemble of a level, found again where more have answered it."""
        known, leader = self._levels.get(level, (frozenset(), None))
        if leader is None or known != frozenset(pool) or not self._kept(level, leader):
            leader = self._best(level, pool, leader)
            self._levels[level] = frozenset(pool), leader
        return leader

    def _kept(self, level: int, leader: Leader) -> bool:
        """Say whether the leader of all is no better on this level than its own best one."""
        lead = self._best_so_far
        if lead is None or not self._answered(lead.weights, level):
            return True
        return leader.loss <= self._rate(lead.weights, level)

    def _surely_better(self, rival: Leader, deep: Leader) -> bool:
        """Say whether a leader known on few rows beats one known on more by more than chance."""
        truth, level = self.truth(rival.level), rival.level
        pair = (self.blend(weights, level) for weights in (deep.weights, rival.weights))
        lost, kept = (row_losses(truth, said, self.metric) for said in pair)
        gain = lost - kept
        doubt = DOUBT * float(gain.std()) / np.sqrt(len(gain))
        if not self._allowed(deep.weights, deep.level):
            return True
        return float(gain.mean()) > doubt and rival.loss <= self._rate(deep.weights, level)

    def _pool(self, level: int) -> list[str]:
        return [
            name
            for name, lane in self.lanes.items()
            if lane.depth >= level and not lane.barred and self._helps(lane, level)
        ]

    def _helps(self, lane: Lane, level: int) -> bool:
        """Say whether augmentation, if any, beats the same learner without it.

        What a search found must show it on all folds: the luckiest of many is lucky on few rows.
        """
        if lane.entry.parent and level < self.folds.whole:
            return False
        plain = self.lanes.get(lane.entry.plain)
        if plain is None:
            return True
        if plain.depth < level:
            return False
        return self._rate({lane.name: 1.0}, level) < self._rate({plain.name: 1.0}, level)

    def _best(self, level: int, pool: list[str], before: Leader | None) -> Leader:
        """Return the best of: each candidate alone, a greedy ensemble, the leaders so far."""
        truth = self.truth(level)
        singles = sorted(pool, key=lambda name: (self._rate({name: 1.0}, level), name))
        options: list[Mapping[str, float]] = [{name: 1.0} for name in singles]
        learners = [name for name in singles if self.lanes[name].entry.algorithm != "constant"]
        if len(learners) > 1:
            said = {name: self.answers(name, level) for name in learners[:WIDEST]}
            classes = said[learners[0]].classes
            ways = (True,) if smooth_itself(self.metric, classes) else (True, False)
            options += [greedy(said, truth, self.metric, smooth=way) for way in ways]
        earlier = (before, self._best_so_far)
        options += [e.weights for e in earlier if e is not None and e.weights.keys() <= set(pool)]
        allowed = [weights for weights in options if self._allowed(weights, level)] or options
        best = min(allowed, key=lambda weights: self._rate(weights, level))
        return self._trimmed(Leader(best, level, self._rate(best, level)))

    def _trimmed(self, leader: Leader) -> Leader:
        """Leave out the members without which the leader is no worse."""
        while len(leader.weights) > 1:
            shorter = []
            for name in leader.weights:
                left = {other: w for other, w in leader.weights.items() if other != name}
                total = sum(left.values())
                left = {other: w / total for other, w in left.items()}
                if self._allowed(left, leader.level):
                    rated = self._rate(left, leader.level)
                    shorter.append(Leader(left, leader.level, rated))
            found = min(shorter, key=lambda one: one.loss, default=leader)
            if found.loss > leader.loss or found is leader:
                return leader
            leader = found
        return leader

    def allows(self, weights: Mapping[str, float], level: int) -> bool:
        """Say whether the limits on answers allow an ensemble, on the rows of some folds."""
        return self._allowed(weights, level)

    def _allowed(self, weights: Mapping[str, float], level: int) -> bool:
        if self._fair is None:
            return True
        return self._fair(self._labelled(self.blend(weights, level), level), self.rows(level))

    def _answered(self, names: Iterable[str], level: int) -> bool:
        lanes = [self.lanes[name] for name in names]
        lanes += [self.lanes[lane.entry.plain] for lane in lanes if lane.entry.plain]
        return all(lane.depth >= level for lane in lanes)

    def _rate(self, weights: Mapping[str, float], level: int) -> tuple[float, float]:
        key = frozenset(weights.items()), level
        if key not in self._rated:
            self._rated[key] = self._measured(weights, level)
        return self._rated[key]

    def _measured(self, weights: Mapping[str, float], level: int) -> tuple[float, float]:
        said, truth = self.blend(weights, level), self.truth(level)
        second = loss("log_loss", truth, said) if said.probabilities is not None else 0.0
        return loss(self._judge, truth, self._labelled(said, level)), second

    def _labelled(self, said: Predictions, level: int) -> Predictions:
        if self._floor is not None:
            return cut_keeping(self.truth(level), said, self._floor, self.metric)
        return cut(self.truth(level), said, self.metric) if self.tune else said

    def _score(self, weights: Mapping[str, float], level: int) -> float:
        return -self.loss(self.blend(weights, level), level)
