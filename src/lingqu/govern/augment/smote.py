"""Rows between two rows of one class, through imbalanced-learn, with the rows they came from."""

from __future__ import annotations

from typing import Any

import numpy as np
from imblearn.over_sampling import SMOTE, SMOTENC
from numpy.typing import NDArray

NEIGHBOURS = 5

Matrix = NDArray[np.float64]
Codes = NDArray[np.intp]


def between(
    numbers: Matrix, levels: NDArray[np.object_], classes: Codes, code: int, count: int, seed: int
) -> tuple[Matrix, NDArray[np.object_], Codes]:
    """Return new rows of one class, and which row of that class each was made from.

    Numbers lie on the way to one of the nearest classmates; a level is the commonest among them.

    Args:
        numbers: Of all rows, scaled, without gaps, shape (N, D).
        levels: Categories of all rows as text, shape (N, C); C may be 0.
        classes: Class index of all rows, shape (N,).
        code: The class to make rows of; it needs at least two rows.
        count: How many.
        seed: Seed of the draws.

    Returns:
        Numbers (count, D), levels (count, C), row numbers of the parents (count,).

    Source: Chawla et al., SMOTE, JAIR 16 (2002), sections 4 and 6.1, arXiv:1106.1813.
    """
    held = np.flatnonzero(classes == code)
    wanted = {code: len(held) + count}
    neighbours = min(NEIGHBOURS, len(held) - 1)
    if not levels.shape[1]:
        maker: Any = _Plain(sampling_strategy=wanted, k_neighbors=neighbours, random_state=seed)
        made, _ = maker.fit_resample(numbers, classes)
        points = np.asarray(made, dtype=np.float64)[len(classes) :]
        return points, np.empty((count, 0), dtype=object), held[maker.parents]
    # SMOTENC asks for a number; a constant one says nothing.
    ground = numbers if numbers.shape[1] else np.zeros((len(classes), 1))
    places = list(range(ground.shape[1], ground.shape[1] + levels.shape[1]))
    maker = _Mixed(places, sampling_strategy=wanted, k_neighbors=neighbours, random_state=seed)
    joined = np.concatenate([ground.astype(object), levels], axis=1)
    made, _ = maker.fit_resample(joined, classes)
    cells: NDArray[np.object_] = np.asarray(made, dtype=object)[len(classes) :]
    split = ground.shape[1]
    return (
        cells[:, :split].astype(np.float64)[:, : numbers.shape[1]],
        cells[:, split:],
        held[maker.parents],
    )


class _Parents:
    """Remembers which rows the samples were made from, which imbalanced-learn does not tell."""

    parents: Codes

    def _generate_samples(
        self, X: Any, nn_data: Any, nn_num: Any, rows: Any, *more: Any, **named: Any
    ) -> Any:
        self.parents = np.asarray(rows, dtype=np.intp)
        make: Any = super()
        return make._generate_samples(X, nn_data, nn_num, rows, *more, **named)


class _Plain(_Parents, SMOTE):  # type: ignore[misc]
    """SMOTE that remembers parents."""


class _Mixed(_Parents, SMOTENC):  # type: ignore[misc]
    """SMOTENC that remembers parents."""
