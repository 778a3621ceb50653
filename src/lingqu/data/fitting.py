"""Raw rows made to fit a guessed schema, or the reason why the guess was too narrow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.data.infer import look
from lingqu.data.parts import Part
from lingqu.data.pictures import rooted
from lingqu.release.column_profile.distinct import Distinct
from lingqu.release.conform import as_kind
from lingqu.release.kinds.dates import read_dates
from lingqu.release.kinds.words import absent

ODD = 10_000
"""Rows from the first that did not fit, from which a wider kind is guessed."""
Types = Mapping[str, pl.DataType]


class MisfitError(DataError):
    """A cell that the guessed kind of its column cannot hold; worded for the user as any other."""

    def __init__(self, error: DataError, column: str, raw: pl.Series, first: int) -> None:
        row = int(error.facts.get("row", 1))
        super().__init__(error.key, **{**error.facts, "row": row + first})
        self.column = column
        self.odd = raw.slice(max(0, row - 1), ODD)
        """The cell that did not fit and those after it, as they were read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return DataError(self.key, **self.facts).__reduce__()


def fitted(
    part: Part, schema: Schema, columns: list[Column], types: Types, base: Path | None,
    sample: pl.DataFrame,
) -> pl.DataFrame:  # fmt: skip
    """Return the rows of a part in canonical types.

    Args:
        part: Raw rows.
        schema: All columns of the table.
        columns: Those that are wanted.
        types: The type of each.
        base: Folder that relative paths of media start from.
        sample: Raw rows that the schema was guessed from.

    Raises:
        MisfitError: A column holds what its kind cannot hold, or is not in the schema.
    """
    fresh = [name for name in part.frame.columns if name not in schema]
    if fresh:
        raw = part.frame[fresh[0]]
        received = listed(part.frame.columns)
        error = DataError(
            "data.missing_column",
            where=f"{part.path}: schema",
            columns=repr(fresh[0]),
            count=len(fresh),
            near="—",
            received=received,
        )
        raise MisfitError(error, fresh[0], raw, part.first)
    made, known = [], frozenset(part.frame.columns)
    for column in columns:
        name = column.name
        if name not in known:
            made.append(pl.Series(name, [None] * part.frame.height, dtype=types[name]))
            continue
        raw = part.frame[name]
        try:
            values = _read(raw, column, part.path)
            _agree(values, raw, column, types[name], sample, part.path)
        except DataError as error:
            raise MisfitError(error, name, raw, part.first) from error
        if column.kind in ("image", "audio") and values.dtype == pl.String and base is not None:
            values = rooted(values, base)
        made.append(values if values.dtype == types[name] else values.cast(types[name]))
    return pl.DataFrame(made)


def _read(raw: pl.Series, column: Column, where: str) -> pl.Series:
    if column.kind != "datetime" or not column.format or raw.dtype != pl.String:
        return as_kind(_plain(raw, column), column, where)
    # Only the format of the column: another one may fit this batch alone and mean other days.
    text = raw.str.strip_chars()
    values = read_dates(text, column.format).alias(column.name)
    if values.null_count() > text.null_count():
        lost = pl.DataFrame({"text": text, "value": values}).select(
            pl.col("value").is_null() & ~absent(pl.col("text"))
        )
        _refuse(lost.to_series(), raw, column, where, column.format)
    return values


def _plain(raw: pl.Series, column: Column) -> pl.Series:
    """Write floats as text one by one: a batch must not decide how another one is written."""
    if not raw.dtype.is_float() or column.kind not in ("category", "text"):
        return raw
    value = pl.col(raw.name)
    whole = value.is_finite() & (value == value.floor()) & (value.abs() < 2.0**53)
    text = pl.when(whole).then(value.cast(pl.Int64, strict=False).cast(pl.String))
    return (
        raw.to_frame()
        .select(text.when(value.is_finite()).then(value.cast(pl.String)).alias(raw.name))
        .to_series()
    )


def _agree(
    values: pl.Series, raw: pl.Series, column: Column, dtype: pl.DataType, sample: pl.DataFrame,
    where: str,
) -> None:  # fmt: skip
    """Refuse what a batch alone accepts but the whole column would not."""
    if column.role == "ignored" and column.name in sample.columns:
        known = as_kind(_plain(sample[column.name], column), column, where)
        levels = known.unique()
        if len(levels) == 1:
            odd = values.to_frame("v").select(~pl.col("v").eq_missing(pl.lit(levels[0])))
            _refuse(odd.to_series(), raw, column, where, repr(levels[0]))
    if dtype != values.dtype and values.null_count() < len(values):
        every = values.is_not_null()
        _refuse(every, raw, column, where, str(dtype))


def _refuse(odd: pl.Series, raw: pl.Series, column: Column, where: str, expected: str) -> None:
    rows = odd.arg_true()
    if len(rows):
        row = int(rows[0])
        raise DataError(
            "data.wrong_kind",
            where=f"{where}: " if where else "",
            column=column.name,
            kind=column.kind,
            row=row + 1,
            received=repr(raw[row])[:80],
            expected=expected,
        )


def widened(
    misfit: MisfitError, sample: pl.DataFrame, base: Path | None
) -> tuple[Column, pl.Series, pl.DataFrame]:
    """Guess a column again from its sample and the rows that did not fit.

    Returns:
        The column, some of its typed values, and the sample with odd rows in the place of its last.
    """
    name, odd = misfit.column, misfit.odd
    known: Any = sample[name] if name in sample.columns else None
    if known is None:
        known = pl.Series(name, [None] * sample.height, dtype=odd.dtype)
    elif known.dtype != odd.dtype:
        known, odd = _text(known), _text(odd)
    union = pl.concat([known, odd])
    column, values = look(union, None, str(misfit.facts.get("where", "")).removesuffix(": "), base)
    # The sample keeps its height, so the first odd rows stand in for its last.
    kept = min(len(odd), max(1, sample.height // 2))
    mixed = pl.concat([known.head(sample.height - kept), odd.head(kept)])
    return column, values, sample.with_columns(mixed)


def _text(values: pl.Series) -> pl.Series:
    return _plain(values, Column(values.name, "text")).cast(pl.String)


class Seen:
    """What only a whole column tells: missing values, smallest and largest, repeated keys."""

    def __init__(self) -> None:
        self.rows = 0
        self._nulls: dict[str, int] = {}
        self._ends: dict[str, tuple[float, float]] = {}
        self._keys: dict[str, Distinct] = {}
        self._repeats: set[str] = set()

    def add(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Look at a batch of typed rows."""
        before = self.rows
        self.rows += frame.height
        for series in frame.get_columns():
            name = series.name
            # A column that came later was missing in all rows before.
            missing = self._nulls.get(name, before)
            self._nulls[name] = missing + series.null_count()
            column = schema[name]
            if column.kind == "number" and series.null_count() < len(series):
                low, high = float(series.min()), float(series.max())  # type: ignore[arg-type]
                ends = self._ends.get(name, (low, high))
                self._ends[name] = min(ends[0], low), max(ends[1], high)
            if column.role == "id":
                self._key(series)

    def _key(self, series: pl.Series) -> None:
        present = series.drop_nulls()
        if present.n_unique() < len(present):
            self._repeats.add(series.name)
        self._keys.setdefault(series.name, Distinct()).add(present)

    def schema(self, schema: Schema, hints: Mapping[str, Kind]) -> Schema:
        """Return the schema with what was seen filled in."""
        columns = []
        for column in schema:
            name = column.name
            changes: dict[str, Any] = {"nullable": self._nulls.get(name, 0) > 0}
            if column.kind == "number" and name in self._ends:
                changes["low"], changes["high"] = self._ends[name]
            if column.role == "id" and name not in hints and self._repeated(name):
                changes |= {"kind": "category", "role": "feature", **because("data.reason_repeats")}
            columns.append(Column(**{**vars(column), **changes}))
        return Schema(tuple(columns))

    def _repeated(self, name: str) -> bool:
        """Tell whether a key repeats: surely within a batch, by an estimate across batches."""
        keys = self._keys.get(name)
        if keys is None:
            return False
        there = self.rows - self._nulls[name]
        return name in self._repeats or keys.estimate() < there * (1 - 1.5 * keys.error)
