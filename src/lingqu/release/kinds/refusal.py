"""The refusal of a cell that cannot be read as its kind, worded the same for every kind."""

from __future__ import annotations

import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.i18n import Message
from lingqu.core.schema import Column
from lingqu.release.kinds.words import absent

_QUOTED = 80
"""Characters of a cell that an error quotes."""


def refused(
    series: pl.Series, column: Column, where: str, row: int, expected: Message
) -> DataError:
    """Word the refusal of one cell; a null cell gives way to the first that is not null."""
    if len(series) and series[row] is None:
        said = series.is_not_null().arg_true()
        row = int(said[0]) if len(said) else row
    return DataError(
        "data.wrong_kind",
        where=f"{where}: " if where else "",
        column=column.name,
        kind=column.kind,
        row=row + 1,
        received=written(series[row]) if len(series) else str(series.dtype),
        expected=expected,
    )


def refuse_lost(
    text: pl.Series, values: pl.Series, column: Column, where: str, expected: Message
) -> None:
    """Refuse if a cell that says something became null."""
    frame = pl.DataFrame({"text": text, "value": values})
    lost = frame.select(pl.col("value").is_null() & ~absent(pl.col("text"))).to_series()
    rows = lost.arg_true()
    if len(rows):
        raise refused(text, column, where, int(rows[0]), expected)


def written(cell: object) -> str:
    """Return a cell as an error quotes it: on one line, and no longer than that."""
    if isinstance(cell, pl.Series):
        return repr(cell.head(_QUOTED).to_list())[:_QUOTED]
    return repr(cell[:_QUOTED] if isinstance(cell, str | bytes) else cell)[:_QUOTED]
