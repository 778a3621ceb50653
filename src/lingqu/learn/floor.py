"""The threshold that keeps a floor: the share of a class that must be found, or be right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lingqu.core.floors import COMPLEMENT, Floor
from lingqu.core.predictions import Predictions
from lingqu.learn.threshold import counts_at, of_labels, scores_of

Floats = NDArray[np.float64]
_Z95 = 1.959963984540054
_STEPS = 4000
"""Thresholds that are looked at, at most."""
NOBODY = 1.5
"""A threshold that no probability reaches."""


@dataclass(frozen=True)
class Kept:
    """A threshold, and how well it keeps its floor on held-out rows.

    Args:
        at: The threshold.
        how: ``sure`` where the lower end of the 95 % interval keeps the floor, ``measured``
            where only the value itself does, ``missed`` where no threshold does.
        value: The measure there.
        low: Lower end of its interval.
        other: The complementary measure there.
    """

    at: float
    how: Literal["sure", "measured", "missed"]
    value: float
    low: float
    other: float


def keeping(y: NDArray[Any], chance: Floats, floor: Floor, metric: str) -> Kept:
    """Return the threshold that keeps a floor and is otherwise best.

    A measure on held-out rows is itself uncertain, and a threshold that keeps the floor there by
    a hair breaks it on other rows every second time. So the lower end of the 95 % interval must
    keep it. With too few rows for that the value itself must; and where no threshold does even
    that, the one that comes closest is taken. `how` says which of the three it was.

    Args:
        y: 0 or 1, (N,).
        chance: Held-out probability of 1, (N,).
        floor: What must be kept.
        metric: Score that decides: the best one among the thresholds that keep the floor, where
            it depends on labels and is not the floor's own; else the complementary measure
            (specificity for a recall, recall for a precision).

    Example:
        >>> y = np.array([0] * 80 + [1] * 80); chance = np.linspace(0, 1, 160)
        >>> found = keeping(y, chance, Floor("recall", 0.9), "roc_auc")
        >>> found.how, round(found.at, 3), found.value
        ('sure', 0.5, 1.0)

    Source: Wilson, 1927, doi:10.1080/01621459.1927.10502953 (the interval); a floor for one
        error while the other is smallest: Neyman and Pearson, 1933, doi:10.1098/rsta.1933.0009.
    """
    steps = _steps(chance)
    counts = counts_at(steps, y, chance)
    hits, n = _share(floor.measure, *counts)
    value = np.divide(hits, n, out=np.zeros(len(steps)), where=n > 0)
    low = _lower(value, n)
    other = scores_of(COMPLEMENT[floor.measure], *counts)
    best = scores_of(metric, *counts) if of_labels(metric) and metric != floor.measure else other
    how: Literal["sure", "measured", "missed"] = "sure"
    able = low >= floor.least
    if not able.any():
        how, able = "measured", value >= floor.least
    if not able.any():
        how, able = "missed", low >= low.max() - 1e-12
    best = np.where(able, best, -np.inf)
    tied = np.flatnonzero(best >= best.max() - 1e-12)
    surest = tied[low[tied] >= low[tied].max() - 1e-12]
    chosen = surest[len(surest) // 2]
    return Kept(float(steps[chosen]), how, float(value[chosen]), float(low[chosen]),
                float(other[chosen]))  # fmt: skip


def cut_keeping(y: NDArray[Any], said: Predictions, floor: Floor, metric: str) -> Predictions:
    """Return answers with the labels that the threshold which keeps the floor gives.

    Where no threshold keeps a floor, the second class is never chosen: so no candidate wins a
    comparison by breaking it.
    """
    chances = said.probabilities
    if chances is None or chances.shape[1] != 2:
        return said
    found = keeping(y, chances[:, 1], floor, metric)
    at = NOBODY if found.how == "missed" else found.at
    return replace(said, labels=(chances[:, 1] >= at).astype(np.int64))


def _steps(chance: Floats) -> Floats:
    """Return thresholds between the probabilities that occur, rising, and one below all."""
    seen = np.unique(chance)
    if len(seen) > _STEPS:
        # Evenly over the rows, and finer at both ends, where floors usually lie.
        share = np.linspace(0, np.pi, _STEPS)
        seen = np.unique(np.quantile(chance, (1 - np.cos(share)) / 2))
    middles: Floats = (seen[1:] + seen[:-1]) / 2
    return np.asarray(np.r_[seen[0] / 2, middles])


def _share(
    measure: str, true: Floats, false: Floats, ones: int, zeros: int
) -> tuple[Floats, Floats]:
    """Return of how many rows how many are right, for each threshold."""
    if measure == "recall":
        return true, np.full(len(true), float(ones))
    if measure == "specificity":
        return zeros - false, np.full(len(true), float(zeros))
    return true, true + false


def _lower(share: Floats, n: Floats) -> Floats:
    """Return the lower end of Wilson's interval of each share; 0 of no rows."""
    n, z2 = np.maximum(n, 1e-9), _Z95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return np.asarray(np.maximum(0.0, centre - half))
