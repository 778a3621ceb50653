"""What is drafted of one column, from what was seen in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from lingqu.core.i18n import text
from lingqu.core.nouns import Json, Severity
from lingqu.core.schema import Column
from lingqu.govern.contract.formats import FORMATS, matches
from lingqu.govern.contract.result import wilson

LEVELS = 50
"""Most levels of a category that are written into a contract."""
ENOUGH = 20
"""Fewer rows than this are too few to draw a rule of uniqueness, order or format from them."""
CLASSES = 10
SLACK = 0.1
"""Room on both sides of what was seen, as a share of its span."""
_TRIED = 1000
"""Distinct texts that a format is tried on; the whole column is judged before it is drafted."""

_SMALLEST, _LARGEST = 1e-290, 1e290
"""Spans outside of these have no room in a float to round in."""

Seen = Mapping[str, Any]


def proposed(rule: Mapping[str, Json], severity: Severity, why: str, **facts: Any) -> Json:
    """Return a rule to be parsed, with its reason in both languages."""
    return {
        **rule,
        "severity": severity,
        "reason": text(why, "en", **facts),
        "reason_zh": text(why, "zh", **facts),
    }


def seen_of(frame: pl.DataFrame, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return per column: rows, nulls, distinct values; limits of numbers, dates and lengths."""
    wanted: list[pl.Expr] = []
    for place, name in enumerate(names):
        column, dtype = pl.col(name), frame.schema[name]
        facts = {"nulls": column.null_count()}
        if not dtype.is_nested() and dtype != pl.Binary:
            facts["distinct"] = column.drop_nulls().n_unique()
        if dtype.is_numeric():
            real = column.filter(column.is_finite()) if dtype.is_float() else column
            facts |= {"low": real.min(), "high": real.max()}
            facts["wild"] = column.len() - column.null_count() - real.count()
            facts["whole"] = (real == real.floor()).all()
        elif dtype in (pl.Date, pl.Datetime):
            facts |= {"low": column.min(), "high": column.max()}
        elif dtype == pl.String:
            facts |= {"longest": column.str.len_chars().max()}
            facts["blank"] = (column.str.strip_chars() == "").sum()
        wanted += [expr.alias(f"{place}.{fact}") for fact, expr in facts.items()]
    row = frame.select(wanted).row(0, named=True) if wanted else {}
    seen: dict[str, dict[str, Any]] = {name: {"rows": frame.height} for name in names}
    for key, value in row.items():
        place_text, _, fact = key.partition(".")
        seen[names[int(place_text)]][fact] = value
    return seen


def column_rules(column: Column, series: pl.Series, seen: Seen, now: datetime | None) -> list[Json]:
    """Return what is drafted of one column."""
    rows = _missing(column, seen)
    if series.dtype.is_numeric():
        rows += _number(column, series, seen)
    elif series.dtype in (pl.Date, pl.Datetime):
        rows += _date(column, series, seen, now)
    elif series.dtype == pl.String:
        rows += _text(column, series, seen)
    distinct = seen.get("distinct", 0)
    filled = seen["rows"] - seen["nulls"]
    if column.kind in ("category", "boolean") and 0 < distinct <= LEVELS:
        rows += _levels(column, series, filled)
    if column.role == "id" and filled >= ENOUGH and distinct == filled:
        rows.append(proposed({"unique": column.name}, "block", "contract.why_id"))
    return rows


def _missing(column: Column, seen: Seen) -> list[Json]:
    nulls, rows, name = seen["nulls"], seen["rows"], column.name
    if not nulls and not seen.get("wild"):
        if column.role == "target":
            return [proposed({"not_null": name}, "block", "contract.why_target")]
        return [proposed({"not_null": name}, "warn", "contract.why_not_null")]
    low, high = wilson(nulls, rows)
    share = min(1.0, math.ceil(150 * high + 1) / 100)
    facts = {"share": f"{nulls / rows:.1%}", "low": f"{low:.1%}", "high": f"{high:.1%}"}
    limit = {"column": name, "share": share}
    return [proposed({"max_missing": limit}, "warn", "contract.why_missing", **facts)]


def _number(column: Column, series: pl.Series, seen: Seen) -> list[Json]:
    name, low, high = column.name, seen["low"], seen["high"]
    if low is None:
        return []
    rows = []
    if series.dtype.is_float():
        rows.append(proposed({"finite": name}, "block", "contract.why_finite"))
    if column.role == "id" or column.kind == "category":
        return rows
    bottom, top = limits(low, high)
    if seen["whole"] and seen["rows"] >= ENOUGH:
        bottom, top = math.floor(bottom), math.ceil(top)
        if series.dtype.is_float():
            rows.append(proposed({"whole": name}, "warn", "contract.why_whole"))
    body = {"column": name, "min": bottom, "max": top}
    facts = {"low": _shown(low), "high": _shown(high)}
    rows.append(proposed({"range": body}, "warn", "contract.why_range", **facts))
    if low > 0 and bottom <= 0 and seen["rows"] >= ENOUGH:
        rows.append(proposed({"positive": name}, "warn", "contract.why_positive", low=_shown(low)))
    return rows


def _shown(value: float) -> str:
    return str(int(value)) if value == math.floor(value) else str(value)


def limits(low: float, high: float) -> tuple[float, float]:
    """Return round limits with room around what was seen; a sign, and a share, stay what they are.

    Example:
        >>> limits(18, 77), limits(0.02, 0.97), limits(-3.2, 4.1)
        ((12, 83), (0.0, 1.0), (-4.0, 4.9))
    """
    if low >= 0 and high <= 1 and low != high:
        return 0.0, 1.0
    span = high - low or abs(high) or 1
    if not _SMALLEST < span < _LARGEST:
        return low, high
    step = 10.0 ** (math.floor(math.log10(span)) - 1)
    bottom = math.floor((low - SLACK * span) / step + 1e-9) * step
    top = math.ceil((high + SLACK * span) / step - 1e-9) * step
    if low >= 0:
        bottom = max(0.0, bottom)
    if high <= 0:
        top = min(0.0, top)
    digits = max(0, 2 - math.floor(math.log10(span)))
    if isinstance(low, int) and isinstance(high, int):
        return math.floor(bottom), math.ceil(top)
    return min(low, round(bottom, digits)), max(high, round(top, digits))


def _date(column: Column, series: pl.Series, seen: Seen, now: datetime | None) -> list[Json]:
    name, low, high = column.name, seen["low"], seen["high"]
    if low is None:
        return []
    body = {"column": name, "min": _earliest(low, high)}
    rows = [proposed({"date_range": body}, "warn", "contract.why_dates", low=low, high=high)]
    if now is not None:
        rows.append(proposed({"no_future": name}, "warn", "contract.why_past"))
    if seen["rows"] >= ENOUGH and low < high and series.is_sorted():
        rows.append(proposed({"increasing": name}, "warn", "contract.why_sorted"))
    return rows


def _earliest(low: date, high: date) -> str:
    """Return a day with room before the first one seen; ISO, four digits a year."""
    try:
        first = low - SLACK * (high - low)
    except OverflowError:
        first = low
    return first.isoformat()[:10]


def _text(column: Column, series: pl.Series, seen: Seen) -> list[Json]:
    name, longest = column.name, seen["longest"]
    if not longest:
        return []
    form = _format(series) if column.role != "target" else ""
    if form:
        body = {"column": name, "is": form}
        return [proposed({"format": body}, "warn", "contract.why_format", form=form)]
    if column.kind != "text":
        return []
    body = {"column": name, "max": 2 * longest}
    rows = [proposed({"length": body}, "warn", "contract.why_length", longest=longest)]
    if not seen["blank"]:
        rows.append(proposed({"not_blank": name}, "warn", "contract.why_not_blank"))
    return rows


def _format(series: pl.Series) -> str:
    """Return the format that all texts are of, or ``""``."""
    values = series.drop_nulls().unique(maintain_order=True).head(_TRIED)
    if len(values) < ENOUGH // 2:
        return ""
    frame = values.to_frame("text")
    for name, form in FORMATS.items():
        if form.specific and frame.select(matches(pl.col("text"), name).all()).item():
            return name
    return ""


def _levels(column: Column, series: pl.Series, filled: int) -> list[Json]:
    shares = series.drop_nulls().cast(pl.String).value_counts(sort=True)
    level, count = shares.columns
    shares = shares.sort(count, level, descending=[True, False])
    values = list(dict.fromkeys([*column.levels, *shares[level].to_list()]))[:LEVELS]
    rows = []
    if column.kind == "category":
        allowed = {"column": column.name, "allowed": values}
        rows.append(proposed({"levels": allowed}, "warn", "contract.why_levels", count=len(values)))
    if column.role == "target" and len(shares) <= CLASSES and filled >= ENOUGH:
        found = dict(zip(shares[level], (shares[count] / filled).round(3), strict=True))
        worst = max(math.sqrt(p * (1 - p) / filled) for p in found.values())
        tolerance = round(max(0.05, 4 * worst), 2)
        body: Json = {"column": column.name, "shares": found, "tolerance": tolerance}
        rows.append(proposed({"level_shares": body}, "warn", "contract.why_shares"))
    return rows
