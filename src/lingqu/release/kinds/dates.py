"""Dates and times, also in the formats that people write."""

from __future__ import annotations

import polars as pl

from lingqu.core.i18n import Phrase
from lingqu.core.schema import Column
from lingqu.release.kinds.refusal import refuse_lost, refused
from lingqu.release.kinds.words import absent

DATE_FORMATS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y.%m.%d", "%Y年%m月%d日", "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H时%M分%S秒", "%Y年%m月%d日%H时%M分", "%m/%d/%Y",
    "%d/%m/%Y", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M",
    "%d.%m.%Y", "%d-%m-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y",
)  # fmt: skip
"""Formats of dates in text, the likeliest first; `Column.format` records the one that was seen."""


def as_datetime(series: pl.Series, column: Column, where: str) -> pl.Series:
    """Return instants in UTC, read by the format of the column or by a known one."""
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
        raise refused(series, column, where, 0, expected)
    text = series.str.strip_chars()
    tried = [column.format] if column.format else []
    for pattern in (*tried, *DATE_FORMATS):
        values = read_dates(text, pattern)
        if values.null_count() == text.null_count() or _only_absent(text, values):
            return values.alias(column.name)
    values = read_dates(text, column.format or DATE_FORMATS[0])
    refuse_lost(text, values, column, where, expected)
    return values.alias(column.name)


def read_dates(text: pl.Series, pattern: str) -> pl.Series:
    """Parse text by one format; what does not match is null. A zone is brought to UTC."""
    parsed = text.str.to_datetime(pattern, strict=False, time_unit="us")
    zoned = isinstance(parsed.dtype, pl.Datetime) and parsed.dtype.time_zone is not None
    return parsed.dt.replace_time_zone(None) if zoned else parsed


def _only_absent(text: pl.Series, values: pl.Series) -> bool:
    frame = pl.DataFrame({"text": text, "value": values})
    return not frame.select((pl.col("value").is_null() & ~absent(pl.col("text"))).any()).item()
