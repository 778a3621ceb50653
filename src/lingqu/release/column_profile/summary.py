"""A stream of numbers in a few lines: moments, extremes, quantiles, a histogram."""

from __future__ import annotations

from math import isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.release.column_profile.quantiles import EXACT, Quantiles

SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
BARS = 24
_SPIKES = 5
_SPIKE = 0.01
"""Share of the rows from which one value is named as frequent."""

Values = NDArray[np.float64]


class Summary:
    """Moments and ranks of finite numbers; batches add, parts merge.

    Example:
        >>> numbers = Summary()
        >>> numbers.add(np.array([1.0, 2.0, 3.0]))
        >>> numbers.to_json()["mean"], numbers.to_json()["quantiles"]["50"]
        (2.0, 2.0)

    Source: Pébay, Formulas for Robust, One-Pass Parallel Computation of Covariances and
    Arbitrary-Order Statistical Moments, 2008, SAND2008-6212, doi:10.2172/1028931, equations
    1.5 to 2.2 (merging); skewness is the moment ratio g1.
    """

    def __init__(self, exact: int = EXACT) -> None:
        self.ranks = Quantiles(exact)
        self.count = 0
        self.mean = self.squares = self.cubes = 0.0
        self.low, self.high = float("inf"), float("-inf")

    def add(self, values: Values) -> None:
        """Add finite values."""
        if not len(values):
            return
        # Numbers near the largest there is have no variance that a float can hold: it is left out.
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(values.mean())
            apart = values - mean
            square = apart * apart
            squares = float(square.sum())
            square *= apart
            self._join(len(values), mean, squares, float(square.sum()))
        self.low, self.high = min(self.low, values.min()), max(self.high, values.max())
        self.ranks.add(values)

    def merge(self, other: Summary) -> None:
        """Add what another part has seen."""
        if other.count:
            with np.errstate(over="ignore", invalid="ignore"):
                self._join(other.count, other.mean, other.squares, other.cubes)
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.ranks.merge(other.ranks)

    def _join(self, count: int, mean: float, squares: float, cubes: float) -> None:
        n, m = self.count, count
        total = n + m
        # NumPy's floats: Python's own raise where these become infinite.
        apart = np.float64(mean) - self.mean
        self.cubes += float(
            cubes
            + apart**3 * n * m * (n - m) / total**2
            + 3 * apart * (n * np.float64(squares) - m * np.float64(self.squares)) / total
        )
        self.squares += float(squares + apart**2 * n * m / total)
        self.mean += float(apart * m / total)
        self.count = total

    def to_json(self) -> dict[str, Json]:
        """Return what a report shows; empty when there was nothing."""
        if not self.count:
            return {}
        std = sqrt(self.squares / self.count) if isfinite(self.squares) else float("inf")
        skew = self.cubes / self.count / std**3 if 0 < std < 1e100 else 0.0
        quantiles = self.ranks.at(list(SHARES))
        shown = {
            "min": float(self.low),
            "max": float(self.high),
            "mean": _finite(self.mean),
            "std": _finite(std),
            "skew": _finite(skew),
            "quantiles": {
                f"{100 * share:g}": float(value)
                for share, value in zip(SHARES, quantiles, strict=True)
            },
            "histogram": self._histogram(float(self.low), float(self.high)),
        }
        if not self.ranks.exact:
            shown["rank_error"] = self.ranks.error / self.count
        if self.low < quantiles[0] < quantiles[-1] < self.high:
            shown["core"] = self._histogram(float(quantiles[0]), float(quantiles[-1]))
        return shown

    def _histogram(self, low: float, high: float) -> dict[str, Json]:
        if low == high:
            edges = np.array([low - 0.5, high + 0.5])
        else:
            part = np.arange(BARS + 1) / BARS
            edges = low * (1 - part) + high * part
            edges[-1] = high
        return {"edges": edges.tolist(), "counts": self.ranks.counts(edges).tolist()}

    def distinct(self) -> int | None:
        """Return the number of different values, or None once values were left out."""
        if not self.ranks.exact:
            return None
        values, _ = self.ranks.ordered()
        return int(np.count_nonzero(values[1:] != values[:-1])) + 1 if len(values) else 0

    def frequent(self) -> list[list[Json]]:
        """Return values that repeat in a hundredth of the rows or more, with how many rows."""
        values, weights = self.ranks.ordered()
        if not len(values):
            return []
        first = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
        rows = np.add.reduceat(weights, first)
        best = np.argsort(-rows, kind="stable")[:_SPIKES]
        least = max(2, _SPIKE * self.count, 4 * self.ranks.error)
        return [[float(values[first[i]]), int(rows[i])] for i in best if rows[i] >= least]


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None
