"""Decoded JSON → typed columns: the door through which strangers' rows come in.

Columns are read one by one (`cells`). The result of many requests is joined into one frame, so that
they can be answered together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.i18n import Language, Phrase, text
from lingqu.core.nouns import Json
from lingqu.core.schema import Column, Schema
from lingqu.outlets.reading.cells import Cells, cells_of, files_of, numbers_of, shown
from lingqu.release.blocks import REQUEST
from lingqu.release.few_rows import FewRows, Rows
from lingqu.release.kinds.words import MISSING
from lingqu.release.replies.writing import Writing

WARNINGS = 5
"""Most warnings in one reply: values of categories, however many rows hold them."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows of one request.

    Args:
        height: How many there are.
        cells: Cells by column.
        unseen: ``(column, value, rows)`` of categories that were never seen in training.
        writing: How the texts that answer them shall be written; None as the release has it.
    """

    height: int
    cells: dict[str, Cells]
    unseen: tuple[tuple[str, str, int], ...] = ()
    writing: Writing | None = None

    def warnings(self, to: Language | None = None) -> list[str]:
        """Return what the caller should know of rows that were answered all the same."""
        return [
            text("outlets.unseen", to, column=column, received=repr(value)[:60], rows=rows)
            for column, value, rows in self.unseen
        ]


class Reader:
    """Reads the features of one schema, and the newer values that a forecast may start from.

    Args:
        schema: Columns as callers send them; the features are asked for.
        folder: Text in a media column may name a file in this folder; ``""`` forbids it.
        originals: Image columns whose files are handed on as they are
            (`lingqu.release.prepare.originals`).
    """

    def __init__(self, schema: Schema, folder: str = "", originals: Collection[str] = ()) -> None:
        self.schema = Schema(schema.inputs)
        self.names = self.schema.names
        self.history = schema.history
        self._read = [
            (c, partial(files_of, c, folder) if c.name in originals else cells_of(c, folder))
            for c in self.schema
        ]
        self._pictures = self.history is None and {c.kind for c in self.schema} == {"image"}
        self._levels = {
            column.name: frozenset((*column.levels, *MISSING))
            for column in self.schema
            if column.kind == "category" and column.levels
        }

    def rows(self, rows: Sequence[Json]) -> Columns:
        """Read a list of ``{column: value}``.

        Raises:
            DataError: No rows, a row that is no object or lacks a column, a cell of a wrong kind.
        """
        if not rows:
            raise DataError("outlets.no_rows")
        try:
            values = {name: [row[name] for row in rows] for name in self.names}
            if self.history is not None:
                values[self.history.name] = [row.get(self.history.name) for row in rows]
            return self._columns(values, rows)
        except (KeyError, TypeError, IndexError):
            raise self._odd_row(rows) from None

    def table(self, columns: Mapping[str, Json]) -> Columns:
        """Read a dict of columns, each a list of values.

        Raises:
            DataError: As `rows`, or columns of different lengths.
        """
        height = -1
        for name in self.names:
            if name not in columns:
                raise self._missing(1, name, columns)
            values = columns[name]
            if not isinstance(values, list):
                raise DataError(
                    "outlets.bad_form", problem=f"{name!r}: {shown(values)}", expected="[…]"
                )
            if height not in (-1, len(values)):
                raise DataError(
                    "outlets.uneven", column=name, expected=height, received=len(values)
                )
            height = len(values)
        if height < 1:
            raise DataError("outlets.no_rows")
        read = {name: columns[name] for name in self.names}
        if self.history is not None:
            name = self.history.name
            read[name] = columns.get(name) or [None] * height
            if not isinstance(read[name], list) or len(read[name]) != height:
                raise DataError(
                    "outlets.uneven", column=name, expected=height, received=shown(read[name])
                )
        return self._columns(read, range(height))

    def frame(self, parts: Sequence[Columns]) -> pl.DataFrame:
        """Return the rows of several requests as one frame, in order."""
        columns = [
            _series(column, [part.cells[column.name] for part in parts]) for column in self.schema
        ]
        if self.history is not None:
            columns.append(_series(self.history, [part.cells[self.history.name] for part in parts]))
            calls = np.repeat(np.arange(len(parts)), [part.height for part in parts])
            columns.append(pl.Series(REQUEST, calls))
        return pl.DataFrame(columns)

    def ready(self, parts: Sequence[Columns]) -> Rows:
        """Return what `frame` does; pixels that came as numbers without a frame."""
        if not self._pictures:
            return self.frame(parts)
        cells = {name: [part.cells[name] for part in parts] for name in self.names}
        if not all(isinstance(one, np.ndarray) for told in cells.values() for one in told):
            return self.frame(parts)
        arrays = {name: told[0] if len(told) == 1 else np.concatenate(told)
                  for name, told in cells.items()}  # fmt: skip
        height = sum(part.height for part in parts)
        return FewRows(height, {}, {}, lambda: self.frame(parts), arrays)

    def _columns(self, values: dict[str, list[Json]], rows: Sequence[Any]) -> Columns:
        cells = {column.name: read(values[column.name]) for column, read in self._read}
        if self.history is not None:
            cells[self.history.name] = numbers_of(self.history, values[self.history.name])
        return Columns(len(rows), cells, self._unseen(cells) if self._levels else ())

    def _unseen(self, cells: Mapping[str, Cells]) -> tuple[tuple[str, str, int], ...]:
        found: list[tuple[str, str, int]] = []
        for name, levels in self._levels.items():
            odd = [value for value in cells[name] if value is not None and value not in levels]
            if odd:
                most = Counter(odd).most_common(WARNINGS - len(found))
                found += [(name, str(value), rows) for value, rows in most]
                if len(found) == WARNINGS:
                    break
        return tuple(found)

    def _odd_row(self, rows: Sequence[Json]) -> DataError:
        for number, row in enumerate(rows, start=1):
            if not isinstance(row, dict):
                problem = Phrase("outlets.row_is", {"row": number, "received": shown(row)})
                return DataError("outlets.bad_form", problem=problem, expected="{column: value}")
            for name in self.names:
                if name not in row:
                    return self._missing(number, name, row)
        raise AssertionError("every row was an object with every column")

    def _missing(self, row: int, name: str, received: Mapping[str, Json]) -> DataError:
        return DataError(
            "outlets.missing_column",
            row=row,
            column=name,
            expected=", ".join(self.names),
            received=", ".join(list(received)[:12])[:400] or "—",
        )


def _series(column: Column, parts: list[Cells]) -> pl.Series:
    """Join the cells of several requests, in the canonical type of the column's kind."""
    if all(isinstance(part, list) for part in parts):
        joined = parts[0] if len(parts) == 1 else [cell for part in parts for cell in part]
        return pl.Series(column.name, joined, dtype=_PLAIN[column.kind])
    if all(isinstance(part, np.ndarray) for part in parts):
        block = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return pl.Series(column.name, block)
    series = [part if isinstance(part, pl.Series) else _series(column, [part]) for part in parts]
    wanted = series[0].dtype if len({s.dtype for s in series}) == 1 else _wide(series)
    return pl.concat([s.cast(wanted) for s in series]).alias(column.name)


def _wide(series: list[pl.Series]) -> pl.DataType:
    """Return the type that holds pixels of bytes and of floats."""
    shape = next(s.dtype.shape for s in series if isinstance(s.dtype, pl.Array))
    return pl.Array(pl.Float32, shape)


_PLAIN = {
    "number": pl.Float64(),
    "category": pl.String(),
    "text": pl.String(),
    "boolean": pl.Boolean(),
}
