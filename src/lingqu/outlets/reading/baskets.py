"""Requests for lists of items → typed columns: a user, items that somebody took, or both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.i18n import Phrase
from lingqu.core.nouns import Json
from lingqu.core.schema import Schema
from lingqu.outlets.reading.cells import as_text, shown
from lingqu.outlets.reading.columns import Columns, Reader
from lingqu.outlets.reading.wishes import WishReader
from lingqu.release.baskets.block import ASIDE, EXCLUDE, HISTORY

MOST_ITEMS = 10_000
"""Items that one row may list."""


def reader_of(schema: Schema, folder: str, originals: Collection[str]) -> Reader:
    """Return the reader of a release, by what its callers send."""
    if schema.seed is not None:
        return WishReader(schema, folder, originals)
    kind = Reader if schema.basket is None else BasketReader
    return kind(schema, folder, originals)


class BasketReader(Reader):
    """Reads a user, ``history: […]``, what is known of a user, or several of them, and
    ``exclude_seen``.
    """

    def __init__(self, schema: Schema, folder: str = "", originals: Collection[str] = ()) -> None:
        super().__init__(schema, folder, originals)
        self.user = next(c.name for c in self.schema if c.role == "group")

    def rows(self, rows: Sequence[Json]) -> Columns:
        """Read a list of objects; see `Reader.rows`."""
        if not rows:
            raise DataError("outlets.no_rows")
        for number, row in enumerate(rows, start=1):
            if not isinstance(row, dict):
                problem = Phrase("outlets.row_is", {"row": number, "received": shown(row)})
                raise DataError("outlets.bad_form", problem=problem, expected="{column: value}")
            if not any(name in row for name in (*self.names, HISTORY)):
                raise self._missing(number, self.user, row)
        values = {name: [row.get(name) for row in rows] for name in (*self.names, *ASIDE)}
        return self._baskets(values, len(rows))

    def table(self, columns: Mapping[str, Json]) -> Columns:
        """Read a dict of columns; see `Reader.table`."""
        given = {name: columns[name] for name in (*self.names, *ASIDE) if name in columns}
        if not any(name in given for name in (*self.names, HISTORY)):
            raise self._missing(1, self.user, columns)
        height = len(next(iter(given.values()))) if given else 0
        for name, values in given.items():
            if not isinstance(values, list) or len(values) != height:
                raise DataError(
                    "outlets.uneven", column=name, expected=height, received=shown(values)
                )
        if not height:
            raise DataError("outlets.no_rows")
        nothing: list[Json] = [None] * height
        return self._baskets(
            {name: given.get(name, nothing) for name in (*self.names, *ASIDE)}, height
        )

    def frame(self, parts: Sequence[Columns]) -> pl.DataFrame:
        """Return the rows of several requests as one frame, in order."""
        types: dict[str, Any] = {HISTORY: pl.List(pl.String), EXCLUDE: pl.Boolean}
        aside = [
            pl.Series(name, [cell for part in parts for cell in part.cells[name]], dtype=kind)
            for name, kind in types.items()
        ]
        return super().frame(parts).hstack(aside)

    def _baskets(self, values: Mapping[str, list[Json]], height: int) -> Columns:
        known = [(column.name, read) for column, read in self._read if column.name != self.user]
        cells: dict[str, Any] = {name: read(values[name]) for name, read in known}
        users = enumerate(values[self.user], start=1)
        cells[self.user] = [_name(self.user, row, cell) for row, cell in users]
        cells[HISTORY] = [_items(row, cell) for row, cell in enumerate(values[HISTORY], start=1)]
        for row, cell in enumerate(values[EXCLUDE], start=1):
            if cell is not None and not isinstance(cell, bool):
                raise _wrong(EXCLUDE, row, cell, "true / false")
        cells[EXCLUDE] = values[EXCLUDE]
        return Columns(height, cells, self._unseen(cells))


def _name(column: str, row: int, cell: Json) -> str | None:
    if isinstance(cell, list | dict):
        raise _wrong(column, row, cell, Phrase("outlets.expects_one"))
    return None if cell is None else as_text(cell)


def _items(row: int, cell: Json) -> list[str] | None:
    if cell is None:
        return None
    cell = [cell] if isinstance(cell, str) else cell
    if not isinstance(cell, list) or len(cell) > MOST_ITEMS:
        raise _wrong(HISTORY, row, cell, f"[…] ≤ {MOST_ITEMS}")
    names = [_name(HISTORY, row, item) for item in cell]
    return [name for name in names if name is not None]


def _wrong(column: str, row: int, cell: Json, expected: Any) -> DataError:
    return DataError(
        "recommend.bad_cell", row=row, column=column, received=shown(cell), expected=expected
    )
