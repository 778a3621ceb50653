"""Tell the kind of every column from its values: the schema that nobody has to write.

Each column goes through an ordered list of guesses. A guess is made on at most `SAMPLE` rows, taken
evenly, and then proved by converting the whole column; what fails the proof gives way to the next
guess. So the frame that comes out always agrees with the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.core import digest
from lingqu.core.catalog import near
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import KINDS, Column, Kind, Schema, because
from lingqu.data.names import CODE, COUNT, DATE, KEY, ROW_NUMBER
from lingqu.data.texts import EXACT, from_text, often
from lingqu.release.conform import as_kind
from lingqu.release.frames import refuse_patterns
from lingqu.release.kinds.boxes import is_boxes

SAMPLE = 10_000
"""Rows that the expensive tests look at."""
SOUNDS = (b"fLaC", b"OggS", b"ID3")
"""How FLAC, Ogg and MP3 files begin."""
_BOXED = 50
"""Cells that are read to tell boxes from other texts."""
FEW = 6
"""Whole numbers with at most this many different values are taken for coded categories."""


def infer(
    frame: pl.DataFrame, hints: Mapping[str, Kind] | None = None, name: str = "data"
) -> Schema:
    """Return the schema of a frame: a kind for each column, and why.

    Ids, dates in text, coded categories, yes/no, numbers in text, free text, pictures and vectors
    are told apart. Ids get the role ``id`` and columns without information ``ignored``; every
    other role is left to `roles.assign`.

    Args:
        frame: Rows in any types; text stays to be looked at as text.
        hints: Kinds that are known; they are not questioned.
        name: What the user calls the data, for errors.

    Raises:
        DataError: A hint names an unknown kind or column, or contradicts the values.

    Example:
        >>> schema = infer(pl.DataFrame({"zip": ["01234", "94107"], "paid": ["是", "否"]}))
        >>> [(column.name, column.kind) for column in schema]
        [('zip', 'category'), ('paid', 'boolean')]
    """
    return typed(frame, hints=hints, name=name).schema


def typed(
    frame: pl.DataFrame,
    *,
    hints: Mapping[str, Kind] | None = None,
    name: str = "data",
    facts: Mapping[str, Any] | None = None,
    base: Path | None = None,
    levels: Mapping[str, tuple[str, ...]] | None = None,
    where: str = "",
) -> Dataset:
    """Return a dataset: the frame in canonical types, its schema and its digest.

    Args:
        frame: Rows in any types.
        hints: Kinds that are known.
        name: What the user calls the data.
        facts: What is known of the data: source, version …
        base: Folder that relative paths of picture columns start from.
        levels: Known levels of columns, in their fixed order.
        where: Place of the data, for errors.

    Example:
        >>> typed(pl.DataFrame({"age": ["41", "NA"]})).frame["age"].to_list()
        [41.0, None]
    """
    hints = hints or {}
    refuse_patterns(frame.columns, where or name)
    check_kinds(frame, hints)
    columns, series = [], []
    for raw in frame.get_columns():
        column, values = look(raw, hints.get(raw.name), where or name, base)
        known = (levels or {}).get(raw.name)
        columns.append(replace(column, levels=known) if known else column)
        series.append(values)
    schema = Schema(tuple(columns))
    ready = pl.DataFrame(series)
    return Dataset(ready, schema, name, digest.of_frame(ready, schema), dict(facts or {}))


def look(
    series: pl.Series, hint: Kind | None = None, where: str = "", base: Path | None = None
) -> tuple[Column, pl.Series]:
    """Return one column and its values in the canonical type.

    Example:
        >>> column, values = look(pl.Series("share", ["12%", "1,250%"]))
        >>> column.kind, values.to_list()
        ('number', [12.0, 1250.0])
    """
    series = _media_of(series)
    if hint is not None:
        column = replace(_shaped(series, hint), **because("data.reason_declared"))
        return _finish(column, as_kind(series, column, where), base)
    failed: dict[str, Any] = {}
    for column in candidates(series):
        try:
            values = as_kind(series, column, where)
        except DataError as error:
            told = {name: error.facts.get(name) for name in ("row", "received")}
            failed = failed or {**told, "kind": column.kind}
            continue
        if failed:
            column = column.noted("data.reason_misfit", **failed)
        return _finish(column, values, base)
    raise DataError(
        "data.no_kind",
        where=f"{where}: " if where else "",
        column=series.name,
        received=str(series.dtype)[:80],
    )


def candidates(series: pl.Series) -> Iterator[Column]:
    """Yield guesses of the column, the best first; each is still to be proved."""
    dtype, name = series.dtype, series.name
    if _boxed(series):
        yield Column(name, "boxes", **because("data.reason_boxes"))
    if series.null_count() == len(series):
        yield Column(name, "category", "ignored", **because("data.reason_empty"))
    elif dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum):
        yield from _texts(series.cast(pl.String))
    elif dtype == pl.Boolean:
        yield _boolean(series)
    elif dtype.is_numeric():
        yield from numbers(series, SAMPLE)
    elif dtype.is_temporal():
        yield from _temporal(series)
    elif isinstance(dtype, pl.Array | pl.List):
        yield from _nested(series)
    elif dtype == pl.Binary:
        yield _bytes(series)
    elif isinstance(dtype, pl.Struct):
        yield Column(name, "text", "ignored", **because("data.reason_nested"))


def _boxed(series: pl.Series) -> bool:
    """Say whether the first cells are lists of boxes, at least one of them not empty."""
    nested = isinstance(series.dtype, pl.List) and isinstance(series.dtype.inner, pl.Struct)
    if series.dtype != pl.String and not nested:
        return False
    some = series.drop_nulls().head(_BOXED).to_list()
    if not nested and not all(cell.lstrip().startswith("[") for cell in some):
        return False
    return any(len(cell) > 2 or nested for cell in some) and all(map(is_boxes, some))


def numbers(series: pl.Series, sample: int) -> Iterator[Column]:
    """Yield guesses for a column of numbers (or of text that is all numbers).

    Args:
        series: Numeric values, missing ones null.
        sample: Rows at which distinct values are counted before the whole column is.
    """
    if series.dtype.is_decimal():
        series = series.cast(pl.Float64)
    name, present = series.name, series.drop_nulls()
    if series.dtype.is_float():
        present = present.filter(present.is_finite())
    if not len(present):
        yield Column(name, "category", "ignored", **because("data.reason_empty"))
        return
    low, high = float(present.min()), float(present.max())  # type: ignore[arg-type]
    if max(abs(low), abs(high)) > EXACT and series.dtype.is_integer():
        yield from _texts(series.cast(pl.String))
        return
    if low == high and len(present) == len(series):
        yield Column(name, "number", "ignored", **because("data.reason_same_number", value=low))
    if series.dtype.is_float() and not (present == present.floor()).all():
        yield Column(name, "number", **because("data.reason_numbers"))
        return
    if (low, high) == (0.0, 1.0) and often(float(present.sum()), len(present)):
        why = because("data.reason_only_two", low=0, high=1)
        yield Column(name, "boolean", levels=("0", "1"), **why)
    yield from _whole(series, present, low, high, sample)


def _whole(
    series: pl.Series, present: pl.Series, low: float, high: float, sample: int
) -> Iterator[Column]:
    """Tell ids, dates, codes and counts apart among whole numbers."""
    name = series.name
    few = present.gather_every(max(1, len(present) // sample))
    different = few.n_unique()
    named = KEY.search(name) or ROW_NUMBER.search(name)
    if named and different == len(few) and present.n_unique() == len(present):
        yield Column(name, "text", "id", **because("data.reason_number_key"))
    if DATE.search(name) and low >= 19_000_101 and high <= 21_001_231:
        why = because("data.reason_dates_as", format="20240105")
        yield Column(name, "datetime", format="%Y%m%d", **why)
    if KEY.search(name) and not ROW_NUMBER.search(name):
        yield Column(name, "category", **because("data.reason_repeats"))
        return
    if CODE.search(name):
        if different == len(few) and different >= 20:
            yield Column(name, "text", "id", **because("data.reason_codes_unique"))
        yield Column(name, "category", **because("data.reason_codes", different=different))
        return
    counted = COUNT.search(name) or DATE.search(name)
    coded = not counted and different <= FEW and len(few) >= 5 * different and low >= 0
    if coded and present.n_unique() <= FEW:
        yield Column(name, "category", **because("data.reason_coded", different=different))
        return
    yield Column(name, "number", **because("data.reason_whole"))


def _texts(series: pl.Series) -> Iterator[Column]:
    step = max(1, len(series) // SAMPLE)
    yield from from_text(series, series.gather_every(step), numbers, step > 1)


def _boolean(series: pl.Series) -> Column:
    if series.n_unique() == 1:
        why = because("data.reason_same_boolean", value=str(series[0]).lower())
        return Column(series.name, "boolean", "ignored", levels=("false", "true"), **why)
    why = because("data.reason_boolean")
    return Column(series.name, "boolean", levels=("false", "true"), **why)


def _temporal(series: pl.Series) -> Iterator[Column]:
    dtype = series.dtype
    if dtype == pl.Duration:
        yield Column(series.name, "number", **because("data.reason_durations"))
    elif dtype == pl.Time:
        yield Column(series.name, "category", **because("data.reason_times"))
    elif series.n_unique() == 1:
        yield Column(series.name, "datetime", "ignored", **because("data.reason_same_date"))
    else:
        yield Column(series.name, "datetime", **because("data.reason_dates"))


def _bytes(series: pl.Series) -> Column:
    """Tell recordings, pictures and bytes of another kind apart by how most of them begin."""
    from lingqu.data.pictures import LOOK, begins_as_picture

    present = series.drop_nulls()
    some = present.gather_every(max(1, len(present) // LOOK)).head(LOOK).to_list()
    if 2 * sum(map(_begins_as_sound, some)) >= len(some):
        return Column(series.name, "audio", **because("collect.reason_encoded_recordings"))
    if 2 * sum(map(begins_as_picture, some)) >= len(some):
        return Column(series.name, "image", **because("data.reason_encoded"))
    return Column(series.name, "text", "ignored", **because("data.reason_bytes"))


def _begins_as_sound(cell: bytes) -> bool:
    return cell.startswith(SOUNDS) or (cell[:4] == b"RIFF" and cell[8:12] == b"WAVE")


def _media_of(series: pl.Series) -> pl.Series:
    """Return the bytes of media that lie beside their path, as data sets of hubs keep them."""
    dtype = series.dtype
    if not isinstance(dtype, pl.Struct) or {f.name for f in dtype.fields} != {"bytes", "path"}:
        return series
    held = series.struct.field("bytes")
    known = held.dtype == pl.Binary and held.null_count() < len(held)
    return held.alias(series.name) if known else series


def _nested(series: pl.Series) -> Iterator[Column]:
    shape = nested_shape(series)
    size = " × ".join(str(side) for side in shape)
    if len(shape) in (2, 3):
        yield Column(series.name, "image", shape=shape, **because("data.reason_pixels", size=size))
    if len(shape) == 1:
        yield Column(series.name, "vector", shape=shape, **because("data.reason_vector", size=size))
    if series.dtype == pl.List(pl.String):
        yield Column(series.name, "text", **because("data.reason_word_lists"))
    yield Column(series.name, "text", "ignored", **because("data.reason_nested"))


def nested_shape(series: pl.Series) -> tuple[int, ...]:
    """Return the shape of one cell of nested lists, or ``()`` if cells differ or are not numbers.

    Example:
        >>> nested_shape(pl.Series([[[1, 2, 3], [4, 5, 6]]]))
        (2, 3)
    """
    shape: list[int] = []
    inner, values = series.dtype, series.drop_nulls()
    while isinstance(inner, pl.Array | pl.List):
        if isinstance(inner, pl.Array):
            shape.append(inner.shape[0])
            values = values.explode(empty_as_null=True)
        else:
            lengths = values.list.len().unique()
            if len(lengths) != 1:
                return ()
            shape.append(int(lengths[0]))
            values = values.explode(empty_as_null=True)
        inner = values.dtype
    return tuple(shape) if inner.is_numeric() else ()


def _shaped(series: pl.Series, kind: Kind) -> Column:
    """Return a column of a declared kind with what its values tell beside the kind."""
    nested = isinstance(series.dtype, pl.Array | pl.List)
    column = Column(series.name, kind, shape=nested_shape(series) if nested else ())
    if kind in ("boolean", "datetime"):
        for guess in candidates(series):
            if guess.kind == kind:
                return replace(column, levels=guess.levels, format=guess.format)
    return column


def _finish(column: Column, values: pl.Series, base: Path | None) -> tuple[Column, pl.Series]:
    """Fill in what only the whole converted column tells."""
    column = replace(column, nullable=bool(values.null_count()))
    if column.kind == "number" and values.null_count() < len(values):
        low, high = values.min(), values.max()
        column = replace(column, low=float(low), high=float(high))  # type: ignore[arg-type]
    if column.kind == "image":
        column, values = _picture(column, values, base)
    elif column.kind == "audio" and values.dtype == pl.String and base is not None:
        from lingqu.data.pictures import rooted

        values = rooted(values, base)
    return column, values


def _picture(column: Column, values: pl.Series, base: Path | None) -> tuple[Column, pl.Series]:
    from lingqu.data.pictures import common_shape, rooted

    if isinstance(values.dtype, pl.Array):
        flat = values.explode(empty_as_null=True)
        while isinstance(flat.dtype, pl.Array):
            flat = flat.explode(empty_as_null=True)
        low, high = flat.min(), flat.max()
        if low is None or high is None:
            return column, values
        return replace(column, low=float(low), high=float(high)), values  # type: ignore[arg-type]
    if values.dtype == pl.String and base is not None:
        values = rooted(values, base)
    shape = column.shape or common_shape(values)
    return replace(column, shape=shape, low=0.0, high=255.0), values


def check_kinds(frame: pl.DataFrame, hints: Mapping[str, Any]) -> None:
    for name, kind in hints.items():
        if kind not in KINDS:
            raise DataError(
                "data.unknown_kind",
                name=name,
                kind=kind,
                near=near(str(kind), KINDS),
                expected=", ".join(KINDS),
            )
        if name not in frame.columns:
            raise DataError(
                "data.role_absent",
                option="kinds",
                name=name,
                near=near(name, frame.columns) or "—",
                received=listed(frame.columns),
            )
