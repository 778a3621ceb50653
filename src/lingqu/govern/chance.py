"""How many of the equal rows of a table are equal by chance, like two children in a census."""

from __future__ import annotations

from math import prod

import numpy as np
import polars as pl
from numpy.typing import NDArray

CHANCE = 0.05
"""Share of the equal pairs from which chance counts as the explanation."""
DRAWN = 64
"""Rows with copies whose neighbourhood is looked at."""
CELLS = 400_000
"""Cells that each of them is compared with: rows times columns."""
_COUNT = "lingqu.count"


def explained(rows: pl.DataFrame) -> float:
    """Return the share of the equal pairs of rows that chance explains; it may pass 1.

    Two estimates, each rather too small than too large where columns depend on each other; the
    larger one counts.

    Args:
        rows: Comparable columns; equal rows included.

    Example:
        >>> coarse = pl.DataFrame({"sex": ["m", "f"] * 50, "smokes": ["no"] * 75 + ["yes"] * 25})
        >>> fine = coarse.with_columns(height=pl.Series([*range(95), *range(90, 95)]) / 7)
        >>> explained(coarse) > 0.5, explained(fine) < 0.05
        (True, True)
    """
    groups = rows.group_by(rows.columns, maintain_order=True).len(name=_COUNT)
    counts = groups.get_column(_COUNT).to_numpy().astype(np.float64)
    pairs = counts * (counts - 1)
    if not pairs.any() or groups.height < 2:
        return 0.0
    random = np.random.default_rng(0)
    drawn = random.choice(counts.size, DRAWN, p=pairs / pairs.sum())
    most = max(CELLS // rows.width, DRAWN)
    some = np.sort(random.choice(rows.height, min(rows.height, most), replace=False))
    near = by_neighbours(rows[some], rows.height, groups.drop(_COUNT)[drawn], counts[drawn] - 1)
    alone = independently(groups.drop(_COUNT)) * rows.height * (rows.height - 1)
    return max(float(alone / pairs.sum()), near)


def independently(distinct: pl.DataFrame) -> float:
    """Return the probability that two rows are equal if no column knew of another.

    Args:
        distinct: Each row once, so that copies do not explain themselves.

    Source: the product of the columns' shares of equal pairs: Simpson 1949, doi:10.1038/163688a0.
    """
    every = distinct.height * (distinct.height - 1)
    shares = []
    for series in distinct.get_columns():
        counts = series.value_counts(name=_COUNT).get_column(_COUNT).to_numpy().astype(np.float64)
        shares.append(float((counts * (counts - 1)).sum()) / every if every else 0.0)
    return prod(shares)


def by_neighbours(
    sample: pl.DataFrame, rows: int, drawn: pl.DataFrame, copies: NDArray[np.float64]
) -> float:
    """Return the share of the equal pairs that chance explains, by rows that are nearly equal.

    Why: columns depend on each other. Nobody of five years is married or employed, so children
    who differ in nothing are common, though the product of forty shares says they cannot be. But
    where rows are equal by chance, many more differ in one column only, and in two; a copied
    record stands alone. Other rows are as people seen on some occasions: *seen* by a column is
    who differs there. Who is seen once and who twice tell how many are never seen, that is equal.
    Single neighbours do not count: they may be copies with one cell edited.

    Args:
        sample: Rows drawn evenly.
        rows: How many they were drawn from.
        drawn: Rows with copies, drawn in proportion to their equal pairs.
        copies: How many copies each of them has, shape (N,).

    Source: Chao 1989, Estimating population size for sparse data in capture-recapture
        experiments, doi:10.2307/2531487 (model M_t; a lower bound where rows differ in how
        easily they are seen).
    """
    if not drawn.height:
        return 0.0
    codes, asked = _codes(sample), _codes(drawn)
    columns = _own(codes)
    codes, asked = codes[:, columns], asked[:, columns]
    shares = []
    for row, count in zip(asked, copies.tolist(), strict=True):
        differs = codes != row
        seen = differs.sum(axis=1)
        once = np.maximum(differs[seen == 1].sum(axis=0, dtype=np.float64) - 1, 0)
        never = (once.sum() ** 2 - (once**2).sum()) / (2 * ((seen == 2).sum() + 1))
        shares.append(min(never * rows / sample.height / count, 1.0))
    return float(np.mean(shares))


def _codes(frame: pl.DataFrame) -> NDArray[np.uint64]:
    """Return a number for each cell, equal where the cells are, shape (N, columns)."""
    return np.stack([series.hash().to_numpy() for series in frame.get_columns()], axis=1)


def _own(codes: NDArray[np.uint64]) -> list[int]:
    """Return the columns that do not follow from another: a name beside its code says nothing."""
    finest = sorted(range(codes.shape[1]), key=lambda at: -np.unique(codes[:, at]).size)
    own: list[int] = []
    while finest:
        own.append(finest[0])
        ordered = codes[np.argsort(codes[:, finest[0]])]
        same = ordered[1:, finest[0]] == ordered[:-1, finest[0]]
        varies = (ordered[1:][same] != ordered[:-1][same]).any(axis=0)
        finest = [at for at in finest[1:] if varies[at]]
    return own
