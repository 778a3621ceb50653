"""The kinds of columns, compiled: each block writes some columns of a frame into a tensor.

A block is made once from its JSON and then only does whole-column work. `write` fills a slice
of the tensor that already has the right shape, so a row of 64 pixels costs a few microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, Protocol
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.release.few_rows import FewRows, Rows, frame_of
from lingqu.release.ngrams import ngram_counts
from lingqu.release.pictures import pixel_array, reduce_pixels

CLIP = 8.0
"""Standardised values end here: one wild value must not rule a linear model."""
REQUEST = "lingqu.request"
"""Column that keeps requests apart which are answered together: in a forecast, none sees the
values that another sent."""
UNIT = 2
"""Place of the unit of its series in the tensor of a forecast (`series/block.py`)."""
STEP = 3
"""Place of the step ahead there."""
LARGEST = 3.0e38
"""The largest raw value; above it float32 has no number."""

Floats = NDArray[np.float32]


class Block(Protocol):
    """Writes its columns into `out`, float32, shape (N, width)."""

    width: int

    def write(self, rows: pl.DataFrame, out: Floats, /) -> None: ...


def numbers(series: pl.Series) -> NDArray[np.float64]:
    """Return numbers or Booleans as float64, missing values as NaN."""
    dtype = series.dtype
    if not isinstance(dtype, pl.Float64) and (
        dtype == pl.Boolean or not dtype.is_numeric() or dtype.is_decimal()
    ):
        series = series.cast(pl.Float64, strict=False)
    return series.to_numpy().astype(np.float64, copy=False)


def numbers_of(rows: Rows, names: Sequence[str]) -> NDArray[np.float64]:
    """Return columns of numbers as float64, one after the other, (C, N); see `numbers`."""
    if isinstance(rows, FewRows):
        try:
            # None becomes NaN.
            return np.array([rows.numbers[name] for name in names], dtype=np.float64)
        except KeyError:  # a column of another type
            rows = rows.frame
    values = np.empty((len(names), rows.height))
    for place, name in enumerate(names):
        values[place] = numbers(rows.get_column(name))
    return values


class Numbers:
    """Numbers and Booleans: filled, standardised, clipped; or raw where `mean` is absent."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._columns: list[str] = block["columns"]
        self._raw = "mean" not in block
        self._flags: list[int] = []
        if not self._raw:
            self._median = np.asarray(block["median"], dtype=np.float64)
            self._mean = np.asarray(block["mean"], dtype=np.float64)
            self._scale = np.asarray(block["scale"], dtype=np.float64)
            self._flags = [self._columns.index(name) for name in block["missing"]]
        self.width = len(self._columns) + len(self._flags)

    def write(self, rows: Rows, out: Floats) -> None:
        count = len(self._columns)
        values = numbers_of(rows, self._columns).T
        if self._raw:
            out[:] = np.clip(values, -LARGEST, LARGEST)
            return
        missing = np.isnan(values)
        if missing.any():
            values = np.where(missing, self._median, values)
        with np.errstate(over="ignore"):
            values -= self._mean
            values /= self._scale
        out[:, :count] = np.clip(values, -CLIP, CLIP)
        if self._flags:
            out[:, count:] = missing[:, self._flags]


class Levels:
    """The known levels of a category: text → code; unseen and missing have a code each."""

    def __init__(self, levels: list[str]) -> None:
        self._codes = {level: code for code, level in enumerate(levels)}
        self._enum = pl.Enum(levels)

    def code(self, level: str | None) -> int:
        """Return the code of one value."""
        unseen = len(self._codes)
        return unseen + 1 if level is None else self._codes.get(level, unseen)

    def codes(self, values: pl.Series) -> NDArray[np.int64]:
        """Return codes (N,): the place of a level, `len(levels)` for an unseen one, or the next
        for a missing one."""
        if not isinstance(values.dtype, (pl.String, pl.Enum)):
            values = values.cast(pl.String)
        unseen = len(self._codes)
        found = values.cast(self._enum, strict=False).to_physical().cast(pl.Int64)
        codes = found.fill_null(unseen).to_numpy().copy()
        if values.null_count():
            codes[values.is_null().to_numpy()] = unseen + 1
        return codes

    def codes_of(self, rows: Rows, name: str) -> NDArray[np.int64]:
        """Return the codes of a column; see `codes`."""
        if isinstance(rows, FewRows) and name in rows.texts:
            return np.array([self.code(cell) for cell in rows.texts[name]])
        return self.codes(frame_of(rows).get_column(name))


class Category:
    """A category: a table of one row per known level; unseen and missing have a row each."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.column: str = block["column"]
        levels: list[str] = block["levels"]
        self.levels = Levels(levels)
        self.table = _ordinal(levels) if block["type"] == "ordinal" else _one_hot(block, levels)
        self.width = self.table.shape[1]

    def codes(self, rows: Rows) -> NDArray[np.int64]:
        """Return of each row its place in the table."""
        return self.levels.codes_of(rows, self.column)

    def row(self, level: str | None) -> Floats:
        """Return the row of the table that stands for a value, (width,)."""
        row: Floats = self.table[self.levels.code(level)]
        return row

    def write(self, rows: Rows, out: Floats) -> None:
        out[:] = self.table[self.codes(rows)]


class Categories:
    """Categories that lie side by side: of a few rows, all are looked up at once."""

    def __init__(self, parts: Sequence[Category]) -> None:
        ends = accumulate((part.width for part in parts), initial=0)
        self._parts = [(p, slice(*at)) for p, at in zip(parts, pairwise(ends), strict=True)]
        self._categories = list(parts)
        self._columns = {part.column for part in parts}
        self.width = sum(part.width for part in parts)

    def write(self, rows: Rows, out: Floats) -> None:
        texts = rows.texts if isinstance(rows, FewRows) else {}
        if not texts.keys() >= self._columns:
            for part, place in self._parts:
                part.write(rows, out[:, place])
            return
        columns = [texts[part.column] for part in self._categories]
        for row, cells in enumerate(zip(*columns, strict=True)):
            np.concatenate(list(map(Category.row, self._categories, cells)), out=out[row])


def _ordinal(levels: list[str]) -> Floats:
    table = np.full((len(levels) + 2, 1), np.nan, dtype=np.float32)
    table[: len(levels), 0] = np.arange(len(levels))
    return table


def _one_hot(block: Mapping[str, Any], levels: list[str]) -> Floats:
    hot = min(len(levels), int(block["hot"]))
    shares: list[float] = block["shares"]
    buckets = int(block["buckets"]) if shares else 0
    extra = 1 if shares else 0
    rest = 1 if block.get("rest") else 0
    width = hot + extra + buckets + rest + (1 if block["missing"] else 0)
    table = np.zeros((len(levels) + 2, width), dtype=np.float32)
    table[np.arange(hot), np.arange(hot)] = 1
    if shares:
        table[: len(levels), hot] = shares
        for code in range(hot, len(levels)):
            table[code, hot + 1 + crc32(levels[code].encode()) % buckets] = 1
    if rest:
        table[-2, hot + extra + buckets] = 1
    if block["missing"]:
        table[-1, -1] = 1
    return table


class Moments:
    """Date and time: year, month and weekday on a circle, hour; in UTC."""

    _DAY = 86_400_000_000

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._column: str = block["column"]
        self._linear = block["type"] == "moments"
        self._year = (float(block.get("mean", 0.0)), float(block.get("scale", 1.0)))
        self._flag = bool(block.get("missing", False))
        self.width = 6 + int(self._flag) if self._linear else 6

    def write(self, frame: pl.DataFrame, out: Floats) -> None:
        stamps = instants(frame.get_column(self._column))
        missing = np.isnat(stamps)
        known = np.where(missing, np.datetime64(0, "us"), stamps)
        micros = known.astype(np.int64)
        days = micros // self._DAY
        year = known.astype("datetime64[Y]").astype(np.int64) + 1970
        month = known.astype("datetime64[M]").astype(np.int64) % 12
        weekday = (days + 3) % 7
        hour = (micros % self._DAY) / (self._DAY / 24)
        if self._linear:
            mean, scale = self._year
            out[:, 0] = np.clip((year - mean) / scale, -CLIP, CLIP)
            out[:, 1] = np.sin(month * (2 * np.pi / 12))
            out[:, 2] = np.cos(month * (2 * np.pi / 12))
            out[:, 3] = np.sin(weekday * (2 * np.pi / 7))
            out[:, 4] = np.cos(weekday * (2 * np.pi / 7))
            out[:, 5] = hour / 12 - 1
            out[missing, :6] = 0
            if self._flag:
                out[:, 6] = missing
        else:
            day = (known - known.astype("datetime64[M]")).astype(np.int64) // self._DAY
            for index, part in enumerate((year, month, day, weekday, hour, days)):
                out[:, index] = part
            out[missing] = np.nan


def instants(series: pl.Series) -> NDArray[np.datetime64]:
    """Return dates or times as datetime64[us] in UTC, missing and unreadable ones as NaT."""
    if series.dtype == pl.String:
        series = series.str.to_datetime(strict=False, time_unit="us", time_zone="UTC")
    stamps = series.cast(pl.Datetime("us"), strict=False).to_numpy()
    return stamps.astype("datetime64[us]", copy=False)


class Text:
    """Text: hashed character n-grams weighted by rarity, rows of length 1; or a few raw counts."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._column: str = block["column"]
        self._buckets = int(block["buckets"])
        self._grams: tuple[int, int] = (int(block["grams"][0]), int(block["grams"][1]))
        self._rarity = np.asarray(block["idf"], dtype=np.float32) if "idf" in block else None
        self.width = self._buckets + (1 if self._rarity is None else 0)

    def write(self, frame: pl.DataFrame, out: Floats) -> None:
        texts = frame.get_column(self._column)
        counts = ngram_counts(texts, self._buckets, *self._grams)
        if self._rarity is None:
            out[:, 0] = texts.cast(pl.String).str.len_chars().cast(pl.Float64).to_numpy()
            out[:, 1:] = counts
            return
        weighted = np.log1p(counts) * self._rarity
        length = np.sqrt(np.square(weighted).sum(axis=1, keepdims=True))
        np.divide(weighted, np.maximum(length, 1e-6), out=out)


class Vector:
    """Vectors of one length, scaled by one mean and deviation; or raw where these are absent."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._column: str = block["column"]
        self.width = int(block["length"])
        self._shift = (float(block["mean"]), float(block["scale"])) if "mean" in block else None

    def write(self, frame: pl.DataFrame, out: Floats) -> None:
        values = vectors(frame.get_column(self._column), self.width)
        if self._shift is None:
            out[:] = np.clip(values, -LARGEST, LARGEST)
            return
        mean, scale = self._shift
        with np.errstate(over="ignore"):
            out[:] = np.clip((values - mean) / scale, -CLIP, CLIP)
        out[np.isnan(out)] = 0


def vectors(series: pl.Series, length: int) -> NDArray[np.float64]:
    """Return vectors as float64 (N, length); a missing vector or number is NaN."""
    try:
        fixed = series.cast(pl.Array(pl.Float64, length))
    except pl.exceptions.PolarsError as error:
        problem = str(error).splitlines()[0]
        raise DataError(
            "release.vector_length", column=series.name, expected=length, problem=problem
        ) from error
    present = fixed.drop_nulls().explode().to_numpy().reshape(-1, length)
    if not series.null_count():
        return present
    result = np.full((len(series), length), np.nan)
    result[series.is_not_null().to_numpy()] = present
    return result


class Pixels:
    """Images: flattened (or as channels), scaled by one mean and deviation, or raw."""

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._column: str = block["column"]
        self._shape: tuple[int, ...] = tuple(block["shape"])
        self._size: tuple[int, int] | None = tuple(block["size"]) if block["size"] else None
        self._grey = bool(block["grey"])
        self._channels_first = bool(block["channels_first"])
        self._raw = "mean" not in block
        self._scale = np.float32(1 / block["scale"]) if not self._raw else np.float32(1)
        self._shift = -np.float32(block["mean"]) * self._scale if not self._raw else np.float32(0)
        self.width = pixel_width(block)

    def write(self, rows: Rows, out: Floats) -> None:
        read = rows.arrays.get(self._column) if isinstance(rows, FewRows) else None
        if read is not None and read.shape[1:] == self._shape:
            self._fill(read, out)
            return
        series = frame_of(rows).get_column(self._column)
        if series.null_count():
            present = series.is_not_null().to_numpy()
            part = np.empty((int(present.sum()), self.width), dtype=np.float32)
            self._fill(pixel_array(series.drop_nulls(), self._shape), part)
            out[:] = np.nan if self._raw else 0
            out[present] = part
        else:
            self._fill(pixel_array(series, self._shape), out)

    def _fill(self, values: NDArray[Any], out: Floats) -> None:
        if self._size:
            values = reduce_pixels(values, self._size, self._grey)
        elif self._channels_first and values.ndim == 4:
            values = np.moveaxis(values, 3, 1)
        values = values.reshape(len(values), -1)
        if self._raw:
            out[:] = values
        else:
            np.multiply(values, self._scale, out=out)
            out += self._shift
            np.clip(out, -CLIP, CLIP, out=out)
        if values.dtype.kind == "f" and not self._raw:
            out[np.isnan(out)] = 0


def pixel_width(block: Mapping[str, Any]) -> int:
    """Return how many numbers one image becomes."""
    shape = tuple(block["shape"])
    channels = shape[2] if len(shape) == 3 and not block["grey"] else 1
    height, width = block["size"] or shape[:2]
    return int(height * width * channels)


BLOCKS: dict[str, type[Any]] = {
    "numbers": Numbers,
    "category": Category,
    "ordinal": Category,
    "moments": Moments,
    "moment_parts": Moments,
    "text": Text,
    "vector": Vector,
    "pixels": Pixels,
}
