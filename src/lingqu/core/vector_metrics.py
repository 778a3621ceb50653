"""Scores of vectors: whether what belongs together lies together.

Each row has a rank: the place at which the first that belongs to it stands among all candidates,
the nearest first. Candidates of a pair are the partners of all rows, of a class the other rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_TINY = 1e-12


def ranks(
    vectors: Sequence[Sequence[float]],
    partners: Sequence[Sequence[float]] | None,
    wanted: Sequence[Any],
) -> Floats:
    """Return the rank of each row, from 1; infinite where no other row belongs to it.

    Of equal candidates the one that belongs to a row comes last, so that a model which says the
    same of everything finds nothing.

    Args:
        vectors: Of each row, (N, D).
        partners: What belongs to each row, (N, D), row by row; None where classes tell.
        wanted: What is wanted of each row: its partner, or its class.

    Example:
        >>> ranks([[1, 0], [0, 1], [1, 0.1]], None, ["a", "b", "a"]).tolist()
        [1.0, inf, 1.0]
        >>> ranks([[1, 0], [0, 1]], [[0, 1], [0, 2]], ["x", "y"]).tolist()
        [2.0, 2.0]
    """
    units = _units(vectors)
    likeness = units @ (units if partners is None else _units(partners)).T  # (N, N)
    # Rows that want the same have each other's partner, too.
    codes = np.unique(np.array([str(one) for one in wanted]), return_inverse=True)[1]
    belongs = codes[:, None] == codes[None, :]
    if partners is None:
        np.fill_diagonal(belongs, False)
        np.fill_diagonal(likeness, -np.inf)
    likeness = likeness.round(9)  # the last digits of a sum are no order
    best = np.where(belongs, likeness, -np.inf).max(axis=1, keepdims=True)
    before = ((likeness >= best) & ~belongs).sum(axis=1)
    ranked: Floats = np.where(belongs.any(axis=1), before + 1.0, np.inf)
    return ranked


def recall_at_1(ranked: Floats) -> Floats:
    """Return 1 for each row of which the nearest belongs to it, else 0.

    Source: Jégou, Douze and Schmid, 2011, doi:10.1109/TPAMI.2010.57.
    """
    first: Floats = (ranked == 1).astype(np.float64)
    return first


def reciprocal(ranked: Floats) -> Floats:
    """Return 1 / rank of each row.

    Source: Voorhees, "The TREC-8 question answering track report", 1999.
    """
    return 1 / ranked


def _units(vectors: Sequence[Sequence[float]]) -> Floats:
    table = np.asarray(vectors, dtype=np.float64)
    units: Floats = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), _TINY)
    return units


OF_RANKS = {"recall_at_1": recall_at_1, "mrr": reciprocal}
"""Scores that are means over the rows, of their ranks."""
