"""How alike two things are, as the probability that they are the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ROUNDS, _PENALTY, _STEEPEST = 100, 1e-3, 200.0


@dataclass(frozen=True)
class Scale:
    """A probability that rises with a cosine: 1 / (1 + exp(−slope · cosine − offset)).

    Args:
        slope: Not below 0.
        offset: Moves the cosine of one half.
    """

    slope: float
    offset: float

    def to_json(self) -> dict[str, float]:
        """Return both, as options of a learner."""
        return {"slope": self.slope, "offset": self.offset}


def scale_of(
    cosine: NDArray[np.floating], y: NDArray[np.int64], weight: NDArray[np.float64] | None = None
) -> Scale:
    """Return the scale under which the truth is most likely.

    Args:
        cosine: How alike both sides of each pair are, (N,).
        y: 1 where they are the same, (N,).
        weight: How much each pair counts, or None.

    Example:
        >>> cosine = np.array([-0.5, 0.1, 0.0, 0.9])
        >>> found = scale_of(cosine, np.array([0, 0, 1, 1]))
        >>> found.slope > 0 > found.offset
        True

    Source: Platt, "Probabilistic outputs for support vector machines", 1999; his targets keep
        the slope finite where no pair is on the wrong side.
    """
    rows = np.ones(len(y)) if weight is None else weight
    x = np.column_stack([np.asarray(cosine, dtype=np.float64), np.ones(len(y))])  # (N, 2)
    own, others = float(rows[y == 1].sum()), float(rows[y == 0].sum())
    truth = np.where(y == 1, (own + 1) / (own + 2), 1 / (others + 2))
    found = np.array([1.0, 0.0])
    pull = np.array([_PENALTY, 0.0])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(x @ found, -30, 30)))
        slope = x.T @ (rows * (chance - truth)) + pull * found
        curve = (x * (rows * np.maximum(chance * (1 - chance), 1e-6))[:, None]).T @ x
        step = np.linalg.solve(curve + np.diag(pull + 1e-9), slope)
        found = found - np.clip(step, -5.0, 5.0)
        if np.abs(step).max() < 1e-9:
            break
    return Scale(round(float(np.clip(found[0], 0.0, _STEEPEST)), 6), round(float(found[1]), 6))
