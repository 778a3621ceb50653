"""What training has seen: how far each column went, and how the numbers went together.

Source: Mahalanobis, "On the generalised distance in statistics", 1936; as a sign that inputs are
unlike those of training: Lee et al., 2018, arXiv:1807.03888.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lingqu.environment.observed import Floats, Observed

Doubles = NDArray[np.float64]
ENOUGH = 0.999
"""Share of rows of held-out episodes that lie near enough."""
SLACK = 1.1
"""By how much farther than these a row may lie before it is unlike them."""
_CONSTANT, _RIDGE = 1e-9, 1e-3
"""Deviation below which a number does not vary; what is added to each variance, in shares."""


@dataclass(frozen=True)
class Near:
    """The joint distance of rows from the middle of training.

    Args:
        places: Which parts of an observation are measured: the numbers that vary.
        middle: Of each, (n,).
        axes: From differences to steps of one deviation in directions without correlation, (n, n).
        most: Distance from which a row is unlike those of training.
    """

    places: tuple[int, ...]
    middle: Doubles
    axes: Doubles
    most: float = float("inf")

    def distances(self, rows: Floats) -> Doubles:
        """Return how far rows (N, columns) lie from the middle, (N,)."""
        apart = rows[:, list(self.places)].astype(np.float64) - self.middle
        found: Doubles = np.sqrt(((apart @ self.axes) ** 2).sum(axis=1))
        return found


@dataclass(frozen=True)
class Known:
    """What training has seen.

    Args:
        low: Smallest value of each part of an observation, (parts,).
        high: Largest, (parts,).
        near: How its numbers went together; None where fewer than two vary.

    Example:
        >>> low = np.zeros(2)
        >>> near = Near((0, 1), low, np.eye(2))
        >>> Known(low, low + 9, near).within(np.array([[3.0, 4.0]], np.float32)).near.most
        5.5
    """

    low: Doubles
    high: Doubles
    near: Near | None = None

    def within(self, rows: Floats) -> Known:
        """Return the same, with the distance that rows of held-out episodes (N, columns) keep."""
        if self.near is None or not len(rows):
            return self
        usual = float(np.quantile(self.near.distances(rows), ENOUGH))
        return replace(self, near=replace(self.near, most=SLACK * usual))

    @classmethod
    def of(cls, observed: Observed, rows: Floats) -> Known:
        """Return what rows (N, columns) show.

        Args:
            observed: What a row holds.
            rows: They.
        """
        parts = rows[:, : len(observed.parts)].astype(np.float64)
        gauge = Gauge(observed, rows)
        return cls(parts.min(axis=0), parts.max(axis=0), gauge.near(gauge.moments(rows)))


class Gauge:
    """Sums of rows, from which their middle and what goes together follow.

    Args:
        observed: What a row holds.
        rows: Rows that were seen first, (N, columns): by them numbers are brought to one size, so
            that the sums are exact enough.
    """

    def __init__(self, observed: Observed, rows: Floats) -> None:
        exact = rows.astype(np.float64)
        numbers = [place for place, levels in enumerate(observed.levels) if not levels]
        self.places = tuple(place for place in numbers if np.ptp(exact[:, place]) > _CONSTANT)
        self.shift = exact[:, list(self.places)].mean(axis=0)
        self.size = exact[:, list(self.places)].std(axis=0)

    @cached_property
    def nothing(self) -> Doubles:
        """The sums of no rows."""
        return np.zeros((len(self.places) + 1,) * 2)

    def moments(self, rows: Floats) -> Doubles:
        """Return count, sums and sums of products of standardised rows, (n + 1, n + 1)."""
        ours = (rows[:, list(self.places)].astype(np.float64) - self.shift) / self.size
        wide = np.hstack([np.ones((len(rows), 1)), ours])
        found: Doubles = wide.T @ wide
        return found

    def near(self, moments: Doubles) -> Near | None:
        """Return the distance that sums of rows give."""
        count, width = float(moments[0, 0]), len(self.places)
        if width < 2 or count <= width:
            return None
        mean = moments[0, 1:] / count
        together = moments[1:, 1:] / count - np.outer(mean, mean)
        together += _RIDGE * max(float(np.trace(together)) / width, _CONSTANT) * np.eye(width)
        axes = np.linalg.inv(np.linalg.cholesky(together)).T / self.size[:, None]
        return Near(self.places, self.shift + self.size * mean, axes)
