"""The main directions of weighed terms: latent semantic analysis. Only a fit needs it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from sklearn.utils.extmath import randomized_svd

from lingqu.govern.text.vectorise import Counts, Floats


def main_directions(rows: Sequence[Counts], width: int, dimensions: int, seed: int) -> Floats:
    """Return the directions in which rows of weights differ most.

    Args:
        rows: Places and weights of each row.
        width: Size of the vocabulary, V.
        dimensions: Directions wanted; fewer where there are fewer rows or terms.
        seed: Of the random start.

    Returns:
        float64, shape (V, d); each direction has length 1.

    Example:
        >>> rows = [(np.array([0]), np.array([2.0])), (np.array([1]), np.array([1.0]))]
        >>> np.abs(main_directions(rows, 2, 1, 0)).round(3).tolist()
        [[1.0], [0.0]]

    Source: Deerwester et al., "Indexing by latent semantic analysis", 1990; randomised SVD:
        Halko, Martinsson & Tropp, 2011, arXiv:0909.4061, algorithm 4.4.
    """
    starts = np.cumsum([0, *(len(places) for places, _ in rows)])
    places = np.concatenate([places for places, _ in rows])
    weights = np.concatenate([values for _, values in rows])
    table = csr_array((weights, places, starts), shape=(len(rows), width))
    wanted = max(1, min(dimensions, width, len(rows)))
    _, _, directions = randomized_svd(table, wanted, random_state=seed)
    return np.asarray(directions.T, dtype=np.float64)
