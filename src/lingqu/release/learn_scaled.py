"""What an encoding learns of numbers with long tails, and of levels that resemble each other."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.release.blocks import numbers
from lingqu.release.ranks import FAR
from lingqu.release.reading import Scaling

KNOTS = 65
"""Quantiles that are kept of a column."""
_OUTERMOST = 0.002
"""Share of the values beyond which one normal score serves all."""
DISTINCT = 16
"""Fewer distinct values have no ranks worth the name."""
LONG = 30.0
"""How many deviations of the middle half the farthest value lies out in a long tail."""
FEW = 30
"""Levels up to which each has a column of its own, and needs no likeness."""

Values = NDArray[np.float64]


def way(values: Values, wish: Scaling) -> Scaling:
    """Return how the numbers of one column are scaled: never ``auto``.

    Example:
        >>> way(np.exp(np.linspace(0, 20, 200)), "auto"), way(np.arange(200.0), "auto")
        ('quantile', 'standard')

    Source: Own; on eight tables with such tails it won on some and lost on others, so nobody is
        given ``auto`` unasked.
    """
    if wish == "standard":
        return "standard"
    finite = values[np.isfinite(values)]
    if len(np.unique(finite)) < DISTINCT:
        return "standard"
    if wish == "auto":
        return "quantile" if tail(finite) > LONG else "standard"
    return wish


def tail(finite: Values) -> float:
    """Return how far the farthest value lies from the median, in deviations of the middle half.

    Where half of the values are one, deviations of the values between the 5 % quantiles count.
    """
    low, first, median, third, high = np.quantile(
        np.clip(finite, -FAR, FAR), [0.05, 0.25, 0.5, 0.75, 0.95], method="nearest"
    )
    spread = (third - first) / 1.349 or (high - low) / 3.29
    far = float(np.abs(np.clip(finite, -FAR, FAR) - median).max())
    return float(far / spread) if spread > 0 else 0.0


def robust(values: Values) -> tuple[float, float] | None:
    """Return median and deviation by the quartiles; None where half of the values are one.

    Source: Huber, "Robust statistics", 1981, section 5.1.
    """
    finite = np.clip(values[np.isfinite(values)], -FAR, FAR)
    if not finite.size:
        return None
    first, median, third = np.quantile(finite, [0.25, 0.5, 0.75], method="nearest")
    return (float(median), float(third - first) / 1.349) if third > first else None


def ranks(frame: pl.DataFrame, names: Sequence[str]) -> dict[str, Json]:
    """Return the block of numbers that are read by rank."""
    block: dict[str, Json] = {
        "type": "ranks", "columns": list(names), "edges": [], "scores": [], "median": [],
        "missing": [],
    }  # fmt: skip
    shares = np.linspace(0, 1, KNOTS)
    inside = np.clip(shares, _OUTERMOST, 1 - _OUTERMOST)
    scores = np.array([NormalDist().inv_cdf(float(share)) for share in inside])
    for name in names:
        values = numbers(frame.get_column(name))
        finite = np.clip(values[np.isfinite(values)], -FAR, FAR)
        edges, place = np.unique(np.quantile(finite, shares, method="nearest"), return_inverse=True)
        # A value that fills several quantiles has their mean score.
        means = np.bincount(place, scores) / np.bincount(place)
        block["edges"].append(edges.tolist())
        block["scores"].append([_short(value) for value in means])
        block["median"].append(float(np.median(finite)))
        if np.isnan(values).any():
            block["missing"].append(name)
    return block


def likeness(column: str, levels: Sequence[str], most: int) -> dict[str, Json] | None:
    """Return the block that compares levels with the most frequent; None where there are few.

    Args:
        column: The category.
        levels: Its levels, the most frequent first.
        most: How many of them are compared with.
    """
    if most < 1 or len(levels) <= FEW:
        return None
    return {"type": "likeness", "column": column, "levels": list(levels[:most])}


def _short(value: Any) -> float:
    return float(f"{value:.7g}")
