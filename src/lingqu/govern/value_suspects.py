"""Numbers to predict that a model and the neighbours both put elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FAR = 5.0
"""Robust deviations of the residuals, of both judges, from which a value is suspect."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Residuals:
    """What the judges say of N numbers.

    Args:
        expected: Mean of what the judges foretold, shape (N,).
        model: Residual to the model, in robust deviations, shape (N,).
        neighbours: The same to the nearest rows, shape (N,).
        score: Minus the smaller of the two in size; 0 where they disagree on the side.
        suspect: Whether both are far away on the same side.
    """

    expected: Matrix
    model: Matrix
    neighbours: Matrix
    score: Matrix
    suspect: NDArray[np.bool_]


def residuals(model: Matrix, neighbours: Matrix, wanted: Matrix) -> Residuals:
    """Return how far each number lies from what was foretold of it.

    Args:
        model: Foretold by a model that has not seen the row, shape (N,).
        neighbours: Mean of the nearest other rows, shape (N,).
        wanted: The given numbers, shape (N,).

    Source: Own rule on robust deviations: Leys et al., J. Exp. Soc. Psych. 49 (2013).
    """
    apart = [_robust(wanted - said) for said in (model, neighbours)]
    same_side = np.sign(apart[0]) == np.sign(apart[1])
    score = -np.minimum(np.abs(apart[0]), np.abs(apart[1])) * same_side
    return Residuals((model + neighbours) / 2, apart[0], apart[1], score, score < -FAR)


def _robust(errors: Matrix) -> Matrix:
    """Return errors in robust deviations: 1.4826 × median absolute deviation is 1."""
    middle = np.median(errors)
    spread: Any = 1.4826 * np.median(np.abs(errors - middle))
    if not spread > 0:
        spread = errors.std() or 1.0
    return np.asarray((errors - middle) / spread)
