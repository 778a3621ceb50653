"""A bounded look at a source: the first rows of text, rows from everywhere of columnar files."""

from __future__ import annotations

import polars as pl

from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data import files
from lingqu.data.arrow import ArrowFile
from lingqu.data.parquet import Parquet
from lingqu.data.parts import parts, scannable

COLUMNAR = (Parquet, ArrowFile)
"""Sources of which single columns and any rows can be read."""
_PLACES = 20
"""Places of a columnar file that the sample is taken from."""


def glimpse(source: Source, most: int, size: int) -> tuple[pl.DataFrame, int | None]:
    """Return raw rows to guess a schema from, and the number of all where that is cheap to know.

    Args:
        source: A source that streams.
        most: Rows that are wanted, about.
        size: Bytes of text read at a time.

    Raises:
        DataError: There are no rows, or they cannot be read.
    """
    taken: list[pl.DataFrame] = []
    rows = 0
    scans = _scans(source)
    if scans:
        counts = [int(lazy.select(pl.len()).collect().item()) for lazy in scans]
        total = sum(counts)
        for lazy, count in zip(scans, counts, strict=True):
            share = max(1, most * count // max(total, 1))
            step = max(1, -(-count // _PLACES))
            each = max(1, -(-share // _PLACES))
            taken += [lazy.slice(first, each).collect() for first in range(0, count, step)]
        if not taken:
            columns = ", ".join(scans[0].collect_schema().names()[:20])
            raise DataError("data.no_rows", path=getattr(source, "path", ""), columns=columns)
        return pl.concat(taken, how="diagonal_relaxed"), total
    for part in parts(source, None, size):
        taken.append(part.frame.head(most - rows))
        rows += taken[-1].height
        if rows >= most:
            break
    if not rows:
        columns = listed(taken[0].columns, 20) if taken else "—"
        raise DataError("data.no_rows", path=getattr(source, "path", "query"), columns=columns)
    return pl.concat(taken, how="diagonal_relaxed"), None


def _scans(source: Source) -> list[pl.LazyFrame]:
    """Return the files of a source as frames that can be cut anywhere, or nothing."""
    if not isinstance(source, COLUMNAR):
        return []
    paths = files.expand(source.path, source.storage)
    if not all(scannable(source, path) for path in paths):
        return []
    scan_file = pl.scan_parquet if isinstance(source, Parquet) else pl.scan_ipc
    try:
        found = [scan_file(path) for path in paths]
        for lazy in found:
            lazy.collect_schema()
    # The readers of whole files word what is broken.
    except (pl.exceptions.PolarsError, OSError):
        return []
    return found
