"""How many graphs a model is made of: enough to be right, few enough to answer at once.

Held-out rows say what a member adds, but nothing of what the average of its folds adds to one of
them. So bags are cut as far as the goals of the wish ask for it, the slowest first; members are
left out only where held-out rows lose next to nothing. What a graph costs is estimated from the
graph, not measured: the same data and seed must give the same model on a busy machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from lingqu.core.nouns import Member
from lingqu.learn.candidate import ALL, Fit
from lingqu.learn.folds import COUNT
from lingqu.learn.lane import Lane
from lingqu.learn.standings import Standings

Wish = Literal["accurate", "balanced", "small"]
Weights = Mapping[str, float]

_TREE_S = 0.2
_OTHER_S = 0.5
"""Seconds for 10,000 rows and a megabyte of graph: of trees one path is walked, of matrices every
number is used. On digits, wine and breast cancer trees took 0.16 to 0.31, TabM 0.37 to 0.45, and
nets, kernels and neighbours of more than 0.1 MB 0.06 to 0.42."""
_BLOCK_S = 1.5e-3
_BLOCK_MS = 0.012
"""Seconds for 10,000 rows, and milliseconds for one, of a column that is encoded by itself."""
_CALL_MS = 0.06


@dataclass(frozen=True)
class Goal:
    """What a wish asks for.

    Args:
        many_s: Seconds for 10,000 rows; row_ms: milliseconds for one.
        size_mb: Megabytes of all graphs.
        loss: Share of the score that may be lost by leaving members out.
    """

    many_s: float
    row_ms: float
    size_mb: float
    loss: float


GOALS: dict[str, Goal] = {
    "accurate": Goal(60.0, 100.0, 1000.0, 0.0),
    "balanced": Goal(0.4, 0.8, 40.0, 0.002),
    "small": Goal(0.05, 0.25, 4.0, 0.01),
}


@dataclass(frozen=True)
class Part:
    """A member as it is released: a candidate, its weight, and the fits that stand for it."""

    lane: Lane
    weight: float
    fits: tuple[Fit, ...]


def cost(fit: Fit, goal: Goal) -> float:
    """Return what the graph of a fit uses up of a goal, as a share of it.

    Example:
        >>> from lingqu.core.nouns import Model
        >>> trees = Member("t", "t", 1.0, {"blocks": []}, b"TreeEnsemble" * 10_000)
        >>> cost(Fit(Model("regress", (), (trees,)), None), GOALS["balanced"]) < 0.2
        True
    """
    many_s = fit.size_mb * (_TREE_S if fit.trees else _OTHER_S)
    return max(many_s / goal.many_s, many_s / 10 / goal.row_ms, fit.size_mb / goal.size_mb)


def encoder_cost(member: Member, goal: Goal) -> float:
    """Return what encoding the columns of a member uses up of a goal."""
    blocks = len(member.encoding.get("blocks", ()))
    row_ms = _CALL_MS + _BLOCK_MS * blocks
    return max(_BLOCK_S * blocks / goal.many_s, row_ms / goal.row_ms)


class Size:
    """Decides of how many fits a model is made.

    Args:
        wish: ``accurate`` keeps every fold; ``balanced`` aims at 10,000 rows in half a second and
            a row in a millisecond; ``small`` at a tenth of that.
        refit: True fits every member again on all rows, False none; None where it is better.
    """

    def __init__(self, wish: Wish = "balanced", refit: bool | None = None) -> None:
        self.wish, self.goal, self.refit = wish, GOALS[wish], refit

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
        counts = dict.fromkeys(left, 1) if fewest else self._counts(lanes, left)
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
        self, standings: Standings, left: dict[str, float], weights: Weights
    ) -> dict[str, float] | None:
        """Leave out the member whose loss is smallest, if that is next to nothing."""
        best, lowest = None, float("inf")
        for name in left:
            others = {other: weight for other, weight in left.items() if other != name}
            total = sum(others.values())
            others = {other: weight / total for other, weight in others.items()}
            lost = standings.lost(others, weights)
            if lost < lowest:
                best, lowest = others, lost
        return best if lowest <= self.goal.loss else None

    def _counts(self, lanes: Mapping[str, Lane], weights: Weights) -> dict[str, int]:
        """Return how many fits of each member fit into the goal; at least one."""
        most = COUNT if self.wish != "accurate" else 100
        counts = {name: min(most, max(1, _able(lanes[name]))) for name in weights}
        while self._used(lanes, counts) > 1.0:
            able = [name for name in counts if counts[name] > 1]
            if not able:
                break
            dearest = max(able, key=lambda name: (self._used(lanes, {name: counts[name]}), name))
            counts[dearest] = (counts[dearest] + 1) // 2
        return counts

    def _used(self, lanes: Mapping[str, Lane], counts: Mapping[str, int]) -> float:
        """Return how much of the goal so many fits of each candidate use up.

        Every fold has an encoding of its own; refits read columns alike share one.
        """
        total, shared = 0.0, dict[str, float]()
        for name, count in counts.items():
            fits = lanes[name].fold_fits
            if not fits:
                continue
            member = fits[0].model.members[0]
            encoder = encoder_cost(member, self.goal)
            total += count * cost(fits[0], self.goal)
            if count > 1:
                total += count * encoder
            else:
                style = str(member.encoding.get("style", name))
                shared[style] = max(encoder, shared.get(style, 0.0))
        return total + sum(shared.values())


def _able(lane: Lane) -> int:
    """Return how many fits could stand for a member, whatever was settled of it before."""
    return len(lane.fits) if lane.bags else len(lane.released)
