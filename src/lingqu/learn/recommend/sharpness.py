"""How sure a recommender may be: from what it tells of items to the chance that each is next."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CELLS = 2_000_000
"""Users × items that are looked at."""


def fit_sharpness(
    told: Floats, taken: NDArray[Any], popular: Floats, wanted: NDArray[np.int64]
) -> tuple[float, float]:
    """Return sharpness and prior under which what was held out is the least surprising.

    The chance of an item is taken as the share of ``exp(sharpness · told + prior · popular)``
    among all that is not taken yet: a logit with two numbers to learn.

    Args:
        told: What a learner says of each item, (N, items).
        taken: How much of each the user took before, (N, items).
        popular: Logarithm of the share of each item, (items,).
        wanted: The item that was held out, (N,).

    Returns:
        Both at least 0; what cannot be learned is 1 and 0.

    Source: McFadden, "Conditional logit analysis of qualitative choice behavior", 1974.
    """
    open_ = ~(np.asarray(taken) > 0)
    rows = np.flatnonzero(open_[np.arange(len(wanted)), wanted] & (wanted >= 0))
    rows = rows[: max(1, CELLS // max(1, told.shape[1]))]
    if len(rows) < 2:
        return 1.0, 0.0
    scale = float(told[rows].std()) or 1.0
    inside, there = told[rows] / scale, open_[rows]
    at = wanted[rows]
    number = np.arange(len(rows))

    def surprise(given: Floats) -> tuple[float, Floats]:
        whole = np.where(there, given[0] * inside + given[1] * popular, -np.inf)
        whole = whole - whole.max(1, keepdims=True)
        powers = np.exp(whole)
        total = powers.sum(1)
        share = powers / total[:, None]
        loss = float((np.log(total) - whole[number, at]).mean())
        slopes = [
            float(((share * part).sum(1) - part[number, at]).mean())
            for part in (inside, np.broadcast_to(popular, inside.shape))
        ]
        return loss, np.array(slopes)

    from scipy.optimize import minimize  # slow to import, and every run reads this module

    found = minimize(
        surprise, np.array([1.0, 0.2]), jac=True, method="L-BFGS-B",
        bounds=[(1e-3, 1e3), (0.0, 2.0)], options={"maxiter": 40},
    )  # fmt: skip
    return float(found.x[0]) / scale, float(found.x[1])
