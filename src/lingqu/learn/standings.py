"""Who leads: candidates are compared on rows that all of them have answered.

Level k is the held-out rows of the first k folds. The leader of level 1 is chosen among all
candidates; a deeper level counts as soon as every member of the leader before it has answered
it. The leader so far is always among the options, so on the same rows a longer run never ends
with a worse score. A leader that is known on many rows gives way to one that is known on few
only where the gain is more than chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.metrics import loss
from lingqu.core.nouns import Json, Predictions
from lingqu.learn.ensemble import average, greedy, row_losses
from lingqu.learn.folds import Folds, Rows
from lingqu.learn.lane import Lane
from lingqu.learn.threshold import cut, served_by

CLOSE = 0.25
"""A candidate that closes all but this share of the gap between baseline and best goes on."""

DOUBT = 0.5
"""Standard errors by which a leader on few rows must beat one that is known on more."""


@dataclass(frozen=True)
class Leader:
    """The best ensemble so far: weights by candidate, on the rows of the first `level` folds."""

    weights: Mapping[str, float]
    level: int
    loss: tuple[float, float]


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
    """

    def __init__(
        self,
        lanes: Mapping[str, Lane],
        folds: Folds,
        y: NDArray[Any],
        metric: str,
        tune: bool = False,
    ) -> None:
        self.lanes, self.folds, self.y, self.metric = lanes, folds, y, metric
        self.tune = tune
        self._judge = served_by(metric) if tune else metric
        self.leader: Leader | None = None
        self.history: list[dict[str, Json]] = []
        self.wanted: frozenset[str] = frozenset()
        """Candidates that lead, also those that lead on the first folds only."""
        self._levels: dict[int, Leader] = {}

    @property
    def weights(self) -> Mapping[str, float]:
        """Weights of the leader; nothing before there is one."""
        return self.leader.weights if self.leader else {}

    def promising(self) -> list[Lane]:
        """Return the members of the leader and the candidates that come close to the best."""
        losses = {
            name: self._rate({name: 1.0}, 1)[0] for name, lane in self.lanes.items() if lane.depth
        }
        if not losses:
            return []
        best, worst = min(losses.values()), losses.get("constant", max(losses.values()))
        near = best + CLOSE * max(0.0, worst - best)
        close = {name for name, value in losses.items() if value <= near or name in self.wanted}
        # What augmentation is worth is known only where both have answered.
        close |= {self.lanes[name].entry.plain for name in close} - {""}
        return [self.lanes[name] for name in losses if name in close]

    def rows(self, level: int) -> Rows:
        """Return the row numbers held out by the first `level` folds, in order of the folds."""
        return np.concatenate([valid for _, valid in self.folds.pairs[:level]])

    def truth(self, level: int) -> NDArray[Any]:
        """Return the truth of `rows(level)`."""
        truth: NDArray[Any] = self.y[self.rows(level)]
        return truth

    def answers(self, name: str, level: int) -> Predictions:
        """Return what a candidate said of `rows(level)`."""
        said = [self.lanes[name].fits[fold].predictions for fold in range(level)]
        parts = [one for one in said if one is not None]
        labels = np.concatenate([one.labels for one in parts])
        chances = [one.probabilities for one in parts if one.probabilities is not None]
        return Predictions(labels, np.concatenate(chances) if chances else None, parts[0].classes)

    def blend(self, weights: Mapping[str, float], level: int) -> Predictions:
        """Return what a weighted ensemble said of `rows(level)`."""
        return average([self.answers(name, level) for name in weights], list(weights.values()))

    def loss(self, said: Predictions, level: int) -> float:
        """Return the loss of answers on `rows(level)`, with the threshold that suits them."""
        return loss(self.metric, self.truth(level), self._labelled(said, level))

    def update(self, seconds: float) -> None:
        """Find the leader again, level by level, and note when it changed.

        Args:
            seconds: Time since the start, for the history.
        """
        found = self._climb()
        if found is None:
            return
        climbed = found
        if self.leader is not None and self.leader.level > found.level:
            found = self._deep_or_shallow(self.leader.level, found)
        self.wanted = frozenset({*climbed.weights, *found.weights})
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

    def _climb(self) -> Leader | None:
        """Return the leader of the deepest level that the leaders below it have all answered."""
        leader: Leader | None = None
        for level in range(1, self.folds.limit + 1):
            pool = self._pool(level)
            if not pool or (leader is not None and not self._answered(leader.weights, level)):
                break
            leader = self._levels[level] = self._best(level, pool, leader)
        return leader

    def _deep_or_shallow(self, level: int, shallow: Leader) -> Leader:
        """Choose between a leader known on few rows and the best of those known on many."""
        deep = self._levels[level] = self._best(level, self._pool(level), None)
        truth = self.truth(shallow.level)
        gain = row_losses(truth, self.blend(deep.weights, shallow.level)) - row_losses(
            truth, self.blend(shallow.weights, shallow.level)
        )
        doubt = DOUBT * float(gain.std()) / np.sqrt(len(gain))
        return shallow if float(gain.mean()) > doubt else deep

    def _pool(self, level: int) -> list[str]:
        return [
            name
            for name, lane in self.lanes.items()
            if lane.depth >= level and self._helps(lane, level)
        ]

    def _helps(self, lane: Lane, level: int) -> bool:
        """Say whether augmentation, if any, beats the same learner without it."""
        plain = self.lanes.get(lane.entry.plain)
        if plain is None:
            return True
        if plain.depth < level:
            return False
        return self._rate({lane.name: 1.0}, level) < self._rate({plain.name: 1.0}, level)

    def _best(self, level: int, pool: list[str], before: Leader | None) -> Leader:
        """Return the best of: each candidate alone, a greedy ensemble, the leaders so far."""
        truth = self.truth(level)
        said = {name: self.answers(name, level) for name in pool}
        options: list[Mapping[str, float]] = [{name: 1.0} for name in sorted(pool)]
        learners = {name: one for name, one in said.items() if not name.startswith("constant")}
        if len(learners) > 1:
            options.append(greedy(learners, truth, self.metric))
            if self.tune:  # selection at a threshold of 0.5 is blind to what another would give
                options.append(greedy(learners, truth, "log_loss"))
        earlier = (self._levels.get(level), before, self.leader)
        options += [e.weights for e in earlier if e is not None and e.weights.keys() <= set(pool)]
        rated = [Leader(weights, level, self._rate(weights, level)) for weights in options]
        return min(rated, key=lambda leader: leader.loss)

    def _answered(self, names: Iterable[str], level: int) -> bool:
        lanes = [self.lanes[name] for name in names]
        lanes += [self.lanes[lane.entry.plain] for lane in lanes if lane.entry.plain]
        return all(lane.depth >= level for lane in lanes)

    def _rate(self, weights: Mapping[str, float], level: int) -> tuple[float, float]:
        said, truth = self.blend(weights, level), self.truth(level)
        second = loss("log_loss", truth, said) if said.probabilities is not None else 0.0
        return loss(self._judge, truth, self._labelled(said, level)), second

    def _labelled(self, said: Predictions, level: int) -> Predictions:
        return cut(self.truth(level), said, self.metric) if self.tune else said

    def _score(self, weights: Mapping[str, float], level: int) -> float:
        return -self.loss(self.blend(weights, level), level)
