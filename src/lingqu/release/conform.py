"""Bring any frame to the canonical columns of a schema, at training and at prediction alike.

number → Float64 · category, text → String · boolean → Boolean · datetime → Datetime("us") ·
image → String (path), Binary or Array(UInt8 | Float32, (H, W[, C])) · vector → Array(Float32, n).

A missing value is null; NaN, ±inf and the usual words for "nothing" (`MISSING`) become null. What
cannot be read as its kind is refused with row and column, never turned into null.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.catalog import near
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.i18n import Message, Phrase
from lingqu.core.schema import Column, Kind, Schema
from lingqu.release.frames import like as like
from lingqu.release.frames import to_polars as to_polars

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL")
"""Words that mean "no value" in every kind except text."""
MISSING_NUMBER = (*MISSING, "None", "none", "-", "--", "?", ".", "无", "缺失")
"""Words that mean "no value" where a number, a date or a yes/no is expected."""
PAIRS: tuple[tuple[str, str], ...] = (
    ("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("0", "1"), ("off", "on"),
    ("否", "是"), ("假", "真"), ("错", "对"), ("无", "有"), ("0.0", "1.0"),
)  # fmt: skip
"""(false, true) as people write them."""
THOUSANDS = r"^[+-]?[$¥￥€£]?\s*[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*%?$"
DECORATED = r"^[+-]?[$¥￥€£]?\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*%?$"
_NOTHING = frozenset(MISSING)
FEW = 8
"""Up to so many rows, looking at each cell is faster than planning an expression."""
_QUOTED = 80
"""Characters of a cell that an error quotes."""
FALSE = {pair[0] for pair in PAIRS}
TRUE = {pair[1] for pair in PAIRS}


def conform(frame: pl.DataFrame, schema: Schema, *, where: str = "") -> pl.DataFrame:
    """Return the columns of the schema, in its order and in canonical types.

    Args:
        frame: Rows in any types; extra columns are dropped.
        schema: What is wanted. For a prediction pass ``Schema(schema.inputs)``.
        where: Name of the source, for errors.

    Returns:
        A frame whose columns are exactly `schema.names`. Unknown category levels are kept.

    Raises:
        DataError: A column is missing, or a cell cannot be read as its kind (the first bad row,
            counted from 1).

    Example:
        >>> schema = Schema((Column("age", "number"), Column("city", "category")))
        >>> conform(pl.DataFrame({"age": ["41"], "city": [3]}), schema).rows()
        [(41.0, '3')]
    """
    there = frame.columns
    known = set(there)
    missing = [column.name for column in schema if column.name not in known]
    if missing:
        raise DataError(
            "data.missing_column",
            where=where or "data",
            columns=", ".join(repr(name) for name in missing[:8]),
            count=len(missing),
            near=near(missing[0], there) or "—",
            received=listed(there),
        )
    if frame.height <= FEW:
        return pl.DataFrame([_few(frame.get_column(c.name), c, where) for c in schema])
    return pl.DataFrame([as_kind(frame[column.name], column, where) for column in schema])


def _few(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return a few values as `as_kind` does; those that are right already, as they are."""
    kind, dtype = column.kind, series.dtype
    if kind in ("category", "boolean") and isinstance(dtype, pl.Float64):
        words = _whole(series.to_list())
        return as_kind(series if words is None else words, column, where)
    if kind == "number":
        if isinstance(dtype, pl.Int64):
            return series.cast(pl.Float64)
        fine = isinstance(dtype, pl.Float64) and isfinite(float(series.sum()))
    elif kind == "category":
        fine = isinstance(dtype, pl.String) and _NOTHING.isdisjoint(series.to_list())
    else:
        fine = isinstance(dtype, pl.String if kind == "text" else pl.Boolean)
        fine = fine and kind in ("text", "boolean")
    return series if fine else as_kind(series, column, where)


def _whole(cells: list[float | None]) -> pl.Series | None:
    """Return a few whole numbers as text, as `as_kind` does; None where others are among them."""
    known = [cell for cell in cells if cell is not None and isfinite(cell)]
    if not all(cell.is_integer() and abs(cell) < 2**53 for cell in known):
        return None
    words = [None if cell is None or not isfinite(cell) else str(int(cell)) for cell in cells]
    return pl.Series(words, dtype=pl.String)


def as_kind(series: pl.Series, column: Column, where: str = "") -> pl.Series:
    """Return one column in the canonical type of its kind; see `conform`.

    Example:
        >>> as_kind(pl.Series("paid", ["是", "否"]), Column("paid", "boolean")).to_list()
        [True, False]
    """
    if series.dtype == pl.Object:
        raise _refused(series, column, where, 0, Phrase("data.expects_one_type"))
    return _CASTS[column.kind](series, column, where)


def number(text: pl.Expr) -> pl.Expr:
    """Read text as a number: thousand separators, a currency sign and a percent sign are taken
    off (``"12 %"`` is 12), everything else gives null.

    Example:
        >>> pl.select(number(pl.Series(["1,234.5", "12%", "1,2", "x"]))).to_series().to_list()
        [1234.5, 12.0, None, None]
    """
    trimmed = text.str.strip_chars()
    plain = trimmed.cast(pl.Float64, strict=False)
    like = trimmed.str.contains(THOUSANDS) | trimmed.str.contains(DECORATED)
    bare = trimmed.str.replace_all(r"[,\s$¥￥€£%]", "").cast(pl.Float64, strict=False)
    return pl.when(plain.is_not_null()).then(plain).when(like).then(bare).otherwise(None)


def read_numbers(text: pl.Series) -> pl.Series:
    """Read a column of text as `number` does; plain numbers skip its patterns.

    Example:
        >>> read_numbers(pl.Series(["1", "2,500", None])).to_list()
        [1.0, 2500.0, None]
    """
    values = text.cast(pl.Float64, strict=False)
    if values.null_count() > text.null_count():
        values = text.to_frame("x").select(number(pl.col("x"))).to_series()
    return values.alias(text.name)


def absent(text: pl.Expr, words: tuple[str, ...] = MISSING_NUMBER) -> pl.Expr:
    """Tell which cells of a text column say "no value"."""
    return text.is_null() | text.str.strip_chars().is_in(words)


def _number(series: pl.Series, column: Column, where: str) -> pl.Series:
    dtype = series.dtype
    if dtype == pl.Float64:
        values = series
    elif dtype.is_numeric() or dtype in (pl.Boolean, pl.Null):
        values = series.cast(pl.Float64)
    elif dtype == pl.Duration:
        values = series.dt.total_microseconds().cast(pl.Float64) / 1e6
    elif dtype in (pl.String, pl.Categorical, pl.Enum):
        text = series.cast(pl.String)
        values = read_numbers(text)
        if values.null_count() > text.null_count():
            _no_loss(text, values, column, where, Phrase("core.expects_number"))
    else:
        raise _refused(series, column, where, 0, Phrase("core.expects_number"))
    # A finite sum proves every value finite, at a tenth of the cost of looking at each.
    if not isfinite(float(values.sum())):
        values = pl.select(pl.when(values.is_finite()).then(values)).to_series()
    return values.alias(column.name)


def _no_loss(
    text: pl.Series, values: pl.Series, column: Column, where: str, expected: Message
) -> None:
    """Refuse if a cell that says something became null."""
    frame = pl.DataFrame({"text": text, "value": values})
    lost = frame.select(pl.col("value").is_null() & ~absent(pl.col("text"))).to_series()
    rows = lost.arg_true()
    if len(rows):
        raise _refused(text, column, where, int(rows[0]), expected)


def _text_of(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return the values as text; whole floats without their ``.0``."""
    dtype = series.dtype
    if dtype == pl.String:
        return series
    if dtype == pl.Boolean:
        low, high = column.levels if len(column.levels) == 2 else ("false", "true")
        return pl.select(
            pl.when(series).then(pl.lit(high)).when(~series).then(pl.lit(low))
        ).to_series()
    if dtype.is_float():
        finite = pl.select(pl.when(series.is_finite()).then(series)).to_series()
        whole = (finite.drop_nulls() == finite.drop_nulls().floor()).all()
        small = (finite.drop_nulls().abs() < 2**53).all()
        return (finite.cast(pl.Int64) if whole and small else finite).cast(pl.String)
    if isinstance(dtype, pl.Struct):
        return series.struct.json_encode()
    if isinstance(dtype, pl.List) and dtype.inner == pl.String:
        return series.list.join(" ")
    if isinstance(dtype, pl.List) and column.role == "ignored":
        record = pl.struct(cells=series).struct.json_encode()
        listed = record.str.strip_prefix('{"cells":').str.strip_suffix("}")
        return pl.select(pl.when(series.is_not_null()).then(listed)).to_series()
    if dtype == pl.Binary and column.role == "ignored":
        return series.bin.encode("hex")
    if dtype == pl.Binary or isinstance(dtype, pl.Array | pl.List):
        raise _refused(series, column, where, 0, Phrase("core.expects_text"))
    return series.cast(pl.String)


def _category(series: pl.Series, column: Column, where: str) -> pl.Series:
    text = _text_of(series, column, where)
    if len(text) <= FEW:
        cells = [None if cell in _NOTHING else cell for cell in text.to_list()]
        text = pl.Series(cells, dtype=pl.String)
    elif text.is_in(MISSING).any():
        text = pl.select(pl.when(~text.is_in(MISSING)).then(text)).to_series()
    return text.alias(column.name)


def _text(series: pl.Series, column: Column, where: str) -> pl.Series:
    return _text_of(series, column, where).alias(column.name)


def _boolean(series: pl.Series, column: Column, where: str) -> pl.Series:
    dtype = series.dtype
    if dtype in (pl.Boolean, pl.Null):
        return series.cast(pl.Boolean).alias(column.name)
    expected = " / ".join(column.levels or ("false", "true"))
    if not (dtype.is_numeric() or dtype in (pl.String, pl.Categorical, pl.Enum)):
        raise _refused(series, column, where, 0, expected)
    text = _text_of(series, column, where)
    low, high = FALSE, TRUE
    if len(column.levels) == 2:
        low = {column.levels[0].lower(), *FALSE} - {column.levels[1].lower()}
        high = {column.levels[1].lower(), *TRUE} - {column.levels[0].lower()}
    values = _yes_no(text, low, high)
    if values.null_count() > text.null_count():
        _no_loss(text, values, column, where, expected)
    return values.alias(column.name)


def _yes_no(text: pl.Series, low: set[str], high: set[str]) -> pl.Series:
    if len(text) <= FEW:
        words = [None if cell is None else cell.strip().lower() for cell in text.to_list()]
        read = [True if word in high else False if word in low else None for word in words]
        return pl.Series(read, dtype=pl.Boolean)
    lower = text.str.strip_chars().str.to_lowercase()
    return pl.select(
        pl.when(lower.is_in(list(high))).then(True).when(lower.is_in(list(low))).then(False)
    ).to_series()


def _datetime(series: pl.Series, column: Column, where: str) -> pl.Series:
    dtype = series.dtype
    expected = Phrase("data.expects_date", {"format": column.format or "ISO 8601"})
    wanted = pl.Datetime("us")
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None:
            series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return series.cast(wanted).alias(column.name)
    if dtype in (pl.Date, pl.Null):
        return series.cast(wanted).alias(column.name)
    # 20240105 as an integer is a date only where the schema says so.
    if dtype.is_integer() and column.format == "%Y%m%d":
        series, dtype = series.cast(pl.String), pl.String()
    if dtype != pl.String:
        raise _refused(series, column, where, 0, expected)
    text = series.str.strip_chars()
    tried = [column.format] if column.format else []
    for pattern in (*tried, *DATE_FORMATS):
        values = read_dates(text, pattern)
        if values.null_count() == text.null_count() or _only_absent(text, values):
            return values.alias(column.name)
    values = read_dates(text, column.format or DATE_FORMATS[0])
    _no_loss(text, values, column, where, expected)
    return values.alias(column.name)


DATE_FORMATS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y.%m.%d", "%Y年%m月%d日", "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H时%M分%S秒", "%Y年%m月%d日%H时%M分", "%m/%d/%Y",
    "%d/%m/%Y", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M",
    "%d.%m.%Y", "%d-%m-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y",
)  # fmt: skip
"""Formats of dates in text, the likeliest first; `Column.format` records the one that was seen."""


def read_dates(text: pl.Series, pattern: str) -> pl.Series:
    """Parse text by one format; what does not match is null. A zone is brought to UTC."""
    parsed = text.str.to_datetime(pattern, strict=False, time_unit="us")
    zoned = isinstance(parsed.dtype, pl.Datetime) and parsed.dtype.time_zone is not None
    return parsed.dt.replace_time_zone(None) if zoned else parsed


def _only_absent(text: pl.Series, values: pl.Series) -> bool:
    frame = pl.DataFrame({"text": text, "value": values})
    return not frame.select((pl.col("value").is_null() & ~absent(pl.col("text"))).any()).item()


def _image(series: pl.Series, column: Column, where: str) -> pl.Series:
    dtype = series.dtype
    if dtype in (pl.String, pl.Binary):
        return series.alias(column.name)
    if not isinstance(dtype, pl.Array | pl.List):
        raise _refused(series, column, where, 0, Phrase("data.expects_picture"))
    inner = _innermost(dtype)
    fixed = isinstance(dtype, pl.Array) and column.shape in ((), tuple(dtype.shape))
    if fixed and inner in (pl.UInt8, pl.Float32):
        return series.alias(column.name)
    return _array(series, column, where, column.shape, None)


def _vector(series: pl.Series, column: Column, where: str) -> pl.Series:
    if not isinstance(series.dtype, pl.Array | pl.List):
        expected = Phrase("data.expects_numbers", {"shape": column.shape})
        raise _refused(series, column, where, 0, expected)
    return _array(series, column, where, column.shape, np.dtype(np.float32))


def _array(
    series: pl.Series,
    column: Column,
    where: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any] | None,
) -> pl.Series:
    """Rebuild nested lists as one fixed-shape array; null rows stay null."""
    present = series.drop_nulls()
    try:
        block = np.asarray(
            present.to_numpy() if isinstance(series.dtype, pl.Array) else present.to_list()
        )
        size = shape or block.shape[1:]
        block = block.reshape(len(present), *size)
        if not np.issubdtype(block.dtype, np.number):
            raise ValueError("not numbers")
    except (ValueError, TypeError) as error:
        row = _odd_row(series, shape)
        expected = Phrase("data.expects_array", {"shape": shape})
        raise _refused(series, column, where, row, expected) from error
    if dtype is None:
        bytes_enough = np.issubdtype(block.dtype, np.integer) and (
            block.size == 0 or (block.min() >= 0 and block.max() <= 255)
        )
        dtype = np.dtype(np.uint8 if bytes_enough else np.float32)
    inner = pl.UInt8() if dtype == np.uint8 else pl.Float32()
    kind = pl.Array(inner, tuple(size))
    values = pl.Series(column.name, block.astype(dtype), dtype=kind)
    if len(present) == len(series):
        return values
    full = pl.Series([None] * len(series), dtype=kind).alias(column.name)
    index = series.is_not_null().cast(pl.Int64).cum_sum() - 1
    taken = values.gather(index.clip(0)) if len(values) else full
    return pl.select(pl.when(series.is_not_null()).then(taken)).to_series().alias(column.name)


def _odd_row(series: pl.Series, shape: tuple[int, ...]) -> int:
    for row, cell in enumerate(series.to_list()):
        if cell is None:
            continue
        try:
            if np.asarray(cell, dtype=np.float64).size != int(np.prod(shape)):
                return row
        except (ValueError, TypeError):
            return row
    return 0


def _innermost(dtype: pl.DataType) -> pl.DataType:
    while isinstance(dtype, pl.Array | pl.List):
        dtype = dtype.inner  # type: ignore[assignment]
    return dtype


def _media(series: pl.Series, column: Column, where: str) -> pl.Series:
    return series.alias(column.name)


_CASTS: dict[Kind, Callable[[pl.Series, Column, str], pl.Series]] = {
    "number": _number,
    "category": _category,
    "boolean": _boolean,
    "text": _text,
    "datetime": _datetime,
    "image": _image,
    "audio": _media,
    "vector": _vector,
    "boxes": _media,
}


def _refused(
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
        received=_written(series[row]) if len(series) else str(series.dtype),
        expected=expected,
    )


def _written(cell: object) -> str:
    """Return a cell as an error quotes it: on one line, and no longer than that."""
    if isinstance(cell, pl.Series):
        return repr(cell.head(_QUOTED).to_list())[:_QUOTED]
    return repr(cell[:_QUOTED] if isinstance(cell, str | bytes) else cell)[:_QUOTED]
