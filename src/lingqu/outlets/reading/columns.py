"""Decoded JSON → typed columns: the door through which strangers' rows come in.

Columns are read one by one by the kind that the release's schema gives them. What is plain (JSON
numbers in a number column, text in a category, nested lists of pixels) takes a short way that
does the same as `release.conform`; everything else goes through `conform` itself. The result of
many requests is joined into one frame, so that they can be answered together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import polars as pl

from lingqu.core.errors import DataError, gist, problem_of
from lingqu.core.i18n import Language, Phrase, text
from lingqu.core.nouns import Json
from lingqu.core.schema import Column, Schema
from lingqu.release.blocks import REQUEST
from lingqu.release.conform import as_kind
from lingqu.release.few_rows import FewRows, Rows
from lingqu.release.kinds.words import MISSING
from lingqu.release.media import as_bytes, measure, named, pixels
from lingqu.release.replies.writing import Writing

WARNINGS = 5
"""Most warnings in one reply: values of categories, however many rows hold them."""
_NUMBERS = frozenset({int, float, type(None)})
_TEXTS = frozenset({str, type(None)})
_FLAGS = frozenset({bool, type(None)})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_EXACT = 2**53
"""Whole numbers up to here are themselves as float64."""

Cells = Any
"""A column as it was read: a list of plain cells, an array of pixels, or a Polars series."""


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
            (c, partial(_files, c, folder) if c.name in originals else _reader(c, folder))
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
            cells[self.history.name] = _numbers(self.history, values[self.history.name])
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


def _reader(column: Column, folder: str) -> Callable[[list[Json]], Cells]:
    if column.kind == "number":
        return partial(_numbers, column)
    if column.kind in ("category", "text"):
        return partial(_texts, column)
    if column.kind == "boolean":
        return partial(_flags, column)
    if column.kind == "audio":
        return partial(_files, column, folder)
    if column.kind == "image" and column.shape:
        return partial(_images, column, folder)
    if column.kind in ("vector", "image"):
        return partial(_arrays, column)
    return partial(_scalars, column)


def _numbers(column: Column, values: list[Json]) -> Cells:
    if _NUMBERS.issuperset(map(type, values)):
        try:
            return [value if value is None else float(value) for value in values]
        except OverflowError:
            row = next(i for i, v in enumerate(values) if type(v) is int and abs(v) > _EXACT)
            raise _wrong(column, row, values[row], Phrase("core.expects_number")) from None
    return _scalars(column, values)


def _texts(column: Column, values: list[Json]) -> Cells:
    if _TEXTS.issuperset(map(type, values)):
        if column.kind == "text" or not any(value in MISSING for value in values):
            return values
        return [None if value in MISSING else value for value in values]
    return _scalars(column, values).to_list()


def _flags(column: Column, values: list[Json]) -> Cells:
    if _FLAGS.issuperset(map(type, values)):
        return values
    return _scalars(column, values).to_list()


def _scalars(column: Column, values: list[Json]) -> pl.Series:
    """Read cells that are not plainly of their kind, as `conform` reads them from a file."""
    for row, value in enumerate(values):
        if isinstance(value, list | dict):
            raise _wrong(column, row, value, Phrase("outlets.expects_one"))
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {int} and not all(v is None or abs(v) < 2**63 for v in values):
        kinds = {int, str}
    if len(kinds) > 1:
        values = [value if value is None else as_text(value) for value in values]
    return as_kind(_guarded(column, values), column)


def as_text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value)


def _images(column: Column, folder: str, values: list[Json]) -> Cells:
    """Read pixels from nested lists, or decode picture files that came as text."""
    first = next((value for value in values if value is not None), None)
    if isinstance(first, str):
        return _pictures(column, folder, values)
    try:
        block = np.asarray(values)
    except ValueError:
        block = np.empty(0)
    if block.dtype.kind not in "iuf" or block.shape[1:] != column.shape:
        return _arrays(column, values)
    return block.astype(np.float32)


def _pictures(column: Column, folder: str, values: list[Json]) -> Cells:
    for row, value in enumerate(values):
        if not isinstance(value, str):
            raise _wrong(column, row, value, Phrase("outlets.expects_image"))
    series = _guarded(column, [_inside(folder, value) for value in values])
    return pixels(series, column.shape, paths=bool(folder))


def _files(column: Column, folder: str, values: list[Json]) -> pl.Series:
    """Read files that came as base64 text, each decoded once: a broken one must not come further.

    Pixels in nested lists are kept beside them in NumPy's own format.
    """
    what = Phrase(f"outlets.expects_{column.kind}")
    cells: list[bytes | None] = []
    for row, value in enumerate(values):
        try:
            cells.append(_file(column, folder, value))
        except (OSError, ValueError, SyntaxError, TypeError) as error:
            wanted = Phrase("outlets.because", {"what": what, "problem": problem_of(error)})
            raise _wrong(column, row, value, wanted) from error
    return pl.Series(column.name, cells, dtype=pl.Binary)


def _file(column: Column, folder: str, value: Json) -> bytes | None:
    if value is None:
        return None
    if column.kind == "image" and isinstance(value, list):
        if not _all_numbers(value):
            raise ValueError(Phrase("outlets.not_numbers"))
        return as_bytes(np.asarray(value, dtype=np.float32), column.shape)
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    place = named(_inside(folder, value), paths=bool(folder))
    data = place.read_bytes() if isinstance(place, Path) else place.getvalue()
    if column.kind == "image":
        measure(BytesIO(data))
    else:
        from lingqu.release.sound import decode

        decode(data)
    return data


def _inside(folder: str, value: str) -> str:
    """Return text that may be opened: a file of the folder, or a data URI.

    Raises:
        DataError: It is another kind of URI, or one of a file outside the folder.
    """
    if value.startswith("data:"):
        return value
    scheme = _SCHEME.match(value)
    if scheme and not (folder and scheme[0] == "file:"):
        raise DataError("protocols.uri_refused", received=value[:60])
    if not folder:
        return value
    base = Path(folder).resolve()
    path = (base / (unquote(urlsplit(value).path) if scheme else value)).resolve()
    # Whatever is not a file in the folder is read as base64, and so never opens another file.
    if path.is_relative_to(base) and path.is_file():
        return str(path)
    if scheme:
        raise DataError("protocols.uri_refused", received=value[:60])
    return "data:;base64," + value


def _arrays(column: Column, values: list[Json]) -> pl.Series:
    shape = column.shape
    for row, value in enumerate(values):
        if value is not None and not isinstance(value, list):
            raise _wrong(column, row, value, Phrase("outlets.expects_lists", {"shape": shape}))
        if value is not None and not _all_numbers(value):
            raise _wrong(column, row, value, Phrase("outlets.expects_arrays", {"shape": shape}))
    return as_kind(_guarded(column, values), column)


def _all_numbers(value: Json) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_all_numbers(item) for item in value)
    return type(value) in (int, float)


def _guarded(column: Column, values: list[Json]) -> pl.Series:
    """Make a series, or refuse what no column can hold."""
    try:
        return pl.Series(column.name, values)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as error:
        problem = f"{column.name!r}: {gist(error)}"
        raise DataError("data.mixed_column", problem=problem) from error


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


def _wrong(column: Column, row: int, value: Json, expected: Phrase) -> DataError:
    return DataError(
        "outlets.wrong_kind",
        row=row + 1,
        column=column.name,
        kind=column.kind,
        received=shown(value),
        expected=expected,
    )


def shown(value: Json) -> Phrase | str:
    if isinstance(value, int) and abs(value) >= 10**60:
        return Phrase("outlets.huge")
    return str(value) if isinstance(value, int) else repr(value)[:60]
