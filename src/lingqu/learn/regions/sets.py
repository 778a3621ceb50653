"""Which classes are in the set of a row: those that are likely enough, and always the answer."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Region
from lingqu.core.predictions import Predictions
from lingqu.learn.regions.quantile import place_of

_SLACK = 1e-6
"""Share by which a threshold is lowered: the graph computes in float32."""


def set_region(
    y: NDArray[Any],
    said: Predictions,
    coverage: float,
    by: Literal["rows", "class"] = "rows",
    units: NDArray[np.int64] | None = None,
) -> Region:
    """Return the probability from which each class is in the set.

    A class is in where its probability reaches a threshold (LAC): of all rules these sets are the
    smallest on average at their coverage, and nothing is drawn at random, so that a row always
    gets the same set. Adaptive sets (APS) without the draw hold far more classes than promised
    for. The answer itself counts as always in, already while the threshold is taken, so that no
    set is empty and none is wider for it.

    Args:
        y: True classes of held-out rows, (N,).
        said: Held-out answers.
        coverage: Share of the truth that the sets shall hold.
        by: ``rows``: over all rows, with one threshold; ``class``: within each class, with a
            threshold for each. A class of too few held-out rows is in every set.
        units: Group of each row, where rows of one group resemble each other.

    Example:
        >>> chances = np.array([[0.6, 0.4], [0.55, 0.45], [0.9, 0.1], [0.2, 0.8]])
        >>> said = Predictions(chances.argmax(1), chances, ("a", "b"))
        >>> set_region(np.array([1, 0, 0, 1]), said, 0.8).least
        (0.3999996, 0.3999996)

    Source: Sadinle, Lei and Wasserman, "Least ambiguous set-valued classifiers with bounded error
        levels", 2019, doi:10.1080/01621459.2017.1395341 (both forms); for comparison Romano,
        Sesia and Candès, "Classification with valid and adaptive coverage", NeurIPS 2020,
        arXiv:2006.02544.
    """
    chances = np.asarray(said.probabilities, dtype=np.float64)
    own = np.where(y == said.labels, 1.0, chances[np.arange(len(y)), y])
    count = len(said.classes)
    if by == "rows":
        least = [_least(own, coverage, units)] * count
    else:
        parts = [y == k for k in range(count)]
        least = [_least(own[p], coverage, None if units is None else units[p]) for p in parts]
    return Region(coverage, len(y), by, least=tuple(least))


def _least(own: NDArray[np.float64], coverage: float, units: NDArray[np.int64] | None) -> float:
    """Return the threshold that a share of these probabilities of the truth reaches."""
    groups = None if units is None else len(np.unique(units))
    place = place_of(len(own), coverage, groups)
    if place > len(own):
        return 0.0
    return float(np.sort(own)[-place]) * (1 - _SLACK)
