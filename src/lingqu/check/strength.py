"""How strongly two columns go together: three measures from 0 to 1, pure NumPy."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def correlations(table: Floats) -> Floats:
    """Return Pearson's correlation of every pair of columns on the rows that have both.

    Args:
        table: Standardised columns, NaN where a value is missing, shape (N, D).

    Returns:
        Shape (D, D), symmetric; NaN where a column does not vary on the common rows.

    Example:
        >>> table = np.array([[-1.0, 1.0], [0.0, 0.0], [1.0, -1.0], [np.nan, 9.0]])
        >>> correlations(table).round(6).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]

    Source: Pearson, Proceedings of the Royal Society 58, 1895, doi:10.1098/rspl.1895.0041.
    """
    there = ~np.isnan(table)
    values = np.where(there, table, 0.0)
    known = there.astype(np.float64)
    count = known.T @ known  # (D, D): rows that a pair has in common
    total = values.T @ known  # of the first column over those rows
    squares = (values**2).T @ known
    with np.errstate(divide="ignore", invalid="ignore"):
        across = values.T @ values - total * total.T / count
        apart = np.maximum(squares - total**2 / count, 0.0)
        # What rounding leaves of a column that does not vary is no variance.
        apart[apart <= 1e-12 * np.maximum(squares, 1e-300)] = 0.0
        found: Floats = across / np.sqrt(apart * apart.T)
    found[~np.isfinite(found)] = np.nan
    clipped: Floats = np.clip(found, -1.0, 1.0)
    return clipped


def ranks(values: Floats) -> Floats:
    """Return the ranks of a column, standardised, ties in the middle; NaN stays NaN.

    Example:
        >>> ranks(np.array([5.0, np.nan, 1.0])).tolist()
        [1.0, nan, -1.0]

    Source: Spearman, American Journal of Psychology 15, 1904, doi:10.2307/1412159.
    """
    there = ~np.isnan(values)
    found = np.full(len(values), np.nan)
    places = pl.Series(values[there]).rank("average").to_numpy()
    found[there] = (places - places.mean()) / (places.std() or 1.0)
    return found


def cramer(first: Codes, second: Codes) -> float:
    """Return Cramér's V without the bias that many levels give it; NaN where it is not defined.

    Args:
        first: Level of each row, 0, 1, 2 …
        second: The same of the other column.

    Example:
        >>> codes = np.array([0, 1] * 50)
        >>> round(cramer(codes, codes), 3), cramer(codes, codes[::-1] * 0)
        (1.0, nan)

    Source: Bergsma 2013, doi:10.1016/j.jkss.2012.10.002, section 2.
    """
    n = len(first)
    if n < 2:
        return float("nan")
    size = int(second.max()) + 1
    table = np.bincount(first * size + second, minlength=(int(first.max()) + 1) * size)
    table = table.reshape(-1, size)
    table = table[table.sum(1) > 0][:, table.sum(0) > 0].astype(np.float64)
    rows, columns = table.shape
    if min(rows, columns) < 2:
        return float("nan")
    expected = np.outer(table.sum(1), table.sum(0)) / n
    phi = float(((table - expected) ** 2 / expected).sum()) / n
    phi = max(0.0, phi - (rows - 1) * (columns - 1) / (n - 1))
    smaller = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return float(min(1.0, np.sqrt(phi / smaller))) if smaller > 0 else float("nan")


def ratio(codes: Codes, values: Floats) -> float:
    """Return the correlation ratio: the root of the share of variance between the levels.

    Kelley's correction takes off what levels explain by chance; NaN where it is not defined.

    Example:
        >>> codes = np.array([0, 0, 1, 1])
        >>> ratio(codes, np.array([1.0, 1.0, 5.0, 5.0]))
        1.0

    Source: Kelley, PNAS 21, 1935, doi:10.1073/pnas.21.9.554 (epsilon squared).
    """
    n = len(codes)
    if n < 3:
        return float("nan")
    counts = np.bincount(codes)
    sums = np.bincount(codes, weights=values)
    levels = counts > 0
    k = int(levels.sum())
    total = float(((values - values.mean()) ** 2).sum())
    if k < 2 or n <= k or total <= 1e-12 * float((values**2).sum()):
        return float("nan")
    means = sums[levels] / counts[levels]
    between = float((counts[levels] * (means - values.mean()) ** 2).sum())
    share = 1 - (1 - between / total) * (n - 1) / (n - k)
    return float(np.sqrt(min(1.0, max(0.0, share))))
