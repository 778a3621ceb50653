"""Decoded JSON → the cells of one column, by the kind that the release's schema gives it.

What is plain (JSON numbers in a number column, text in a category, nested lists of pixels) takes a
short way that does the same as `release.conform`; everything else goes through `conform` itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import polars as pl

from lingqu.core.errors import DataError, gist, problem_of
from lingqu.core.i18n import Phrase
from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.release.conform import as_kind
from lingqu.release.kinds.words import MISSING
from lingqu.release.media import as_bytes, measure, named, pixels

_NUMBERS = frozenset({int, float, type(None)})
_TEXTS = frozenset({str, type(None)})
_FLAGS = frozenset({bool, type(None)})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_EXACT = 2**53
"""Whole numbers up to here are themselves as float64."""

Cells = Any
"""A column as it was read: a list of plain cells, an array of pixels, or a Polars series."""


def cells_of(column: Column, folder: str) -> Callable[[list[Json]], Cells]:
    """Return what reads the cells of a column.

    Args:
        column: It.
        folder: Text in a media column may name a file in this folder; ``""`` forbids it.
    """
    if column.kind == "number":
        return partial(numbers_of, column)
    if column.kind in ("category", "text"):
        return partial(_texts, column)
    if column.kind == "boolean":
        return partial(_flags, column)
    if column.kind == "audio":
        return partial(files_of, column, folder)
    if column.kind == "image" and column.shape:
        return partial(_images, column, folder)
    if column.kind in ("vector", "image"):
        return partial(_arrays, column)
    return partial(_scalars, column)


def numbers_of(column: Column, values: list[Json]) -> Cells:
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


def files_of(column: Column, folder: str, values: list[Json]) -> pl.Series:
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
