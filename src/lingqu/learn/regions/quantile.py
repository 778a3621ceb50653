"""The conformal quantile: how far one must go so that the next row is inside often enough."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import SpecError


def place_of(rows: int, share: float, units: int | None = None) -> int:
    """Return which of the scores, from the smallest, the next one stays below often enough.

    With rows that have nothing to do with each other it is the ⌈(n + 1) · share⌉-th. Rows of one
    group resemble each other: then the next row belongs to a further group as large as these are
    on average, and of k groups it is the ⌈n (1 + 1 / k) · share⌉-th.

    Args:
        rows: Scores, n.
        share: How often the next row shall be inside, 0 to 1.
        units: Groups that the rows form; as many as there are rows when omitted.

    Returns:
        From 1; above `rows` where they are too few for this share.

    Example:
        >>> place_of(9, 0.9), place_of(8, 0.9), place_of(100, 0.9, units=20)
        (9, 9, 95)

    Source: Vovk, Gammerman and Shafer, "Algorithmic learning in a random world", 2005; groups:
        Dunn, Wasserman and Ramdas, "Distribution-free prediction sets for two-layer hierarchical
        models", 2022, doi:10.1080/01621459.2022.2060112 (pooled, a further group of mean size).
    """
    grown = rows * (1 + 1 / (units or rows)) if rows else 1.0
    return max(1, ceil(round(grown * share, 9)))


def least_units(share: float) -> int:
    """Return the fewest rows, or groups, from which a share can be promised.

    Example:
        >>> least_units(0.9), least_units(0.95)
        (9, 19)
    """
    return ceil(round(share / (1 - share), 9))


def refuse_few(coverage: float, units: int, by: str = "rows") -> None:
    """Refuse a coverage that so few rows, or groups, cannot promise.

    Args:
        coverage: What is wished for.
        units: Rows to measure on, or groups of them.
        by: With ``class`` nothing is refused: a class of too few rows is in every set.

    Raises:
        SpecError: (n + 1) · (1 - coverage) is below 1.
    """
    least = least_units(coverage)
    if by == "rows" and units < least:
        most = units / (units + 1)
        raise SpecError("regions.few", coverage=coverage, least=least, rows=units, most=most)


def quantile(scores: NDArray[Any], share: float, units: int | None = None) -> float:
    """Return the conformal quantile of scores; the largest where they are too few.

    Args:
        scores: Of held-out rows, the larger the odder, (N,).
        share: How often the score of the next row shall not be larger.
        units: Groups that the rows form.

    Example:
        >>> quantile(np.arange(1.0, 10.0), 0.5), quantile(np.array([1.0, 2.0]), 0.9)
        (5.0, 2.0)
    """
    place = min(len(scores), place_of(len(scores), share, units))
    return float(np.partition(scores, place - 1)[place - 1])
