"""Rules about the values of one column: which rows of a table fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import (
    Built,
    Table,
    UnevaluatedError,
    as_number,
    as_text,
    as_time,
    held,
    moment,
    outside,
)

Builder = Callable[[Rule, Table], Built]
SPREAD = {"iqr": 1.5, "z": 4.0}
"""Usual limits of `no_outliers`."""
_YEAR_S = 365.2425 * 86_400


def valued(rule: Rule, rows: pl.Expr) -> Built:
    """A rule about each value of a column: it says nothing about nulls."""
    return Built(held(rule.columns[0]), rows)


def _not_null(rule: Rule, table: Table) -> Built:
    column = pl.col(rule.columns[0])
    if table.dtype(rule.columns[0]).is_float():
        return Built(pl.len(), column.is_null() | column.is_nan().fill_null(False))
    return Built(pl.len(), column.is_null(), column.null_count())


def _unique(rule: Rule, table: Table) -> Built:
    name = rule.columns[0]
    column = pl.col(name)
    filled = column.drop_nulls()
    return Built(
        held(name),
        ~column.is_first_distinct() & column.is_not_null(),
        filled.len() - filled.n_unique(),
        whole=True,
        by_equality=True,
    )


def _key(rule: Rule, table: Table) -> Built:
    key = pl.struct(rule.columns)
    return Built(
        pl.len(),
        ~key.is_first_distinct(),
        pl.len() - key.n_unique(),
        whole=True,
        by_equality=True,
    )


def _range(rule: Rule, table: Table) -> Built:
    name, low, high = rule.columns[0], rule.options.get("min"), rule.options.get("max")
    if isinstance(low if low is not None else high, str):
        column = as_time(name, table)
        low, high = (None if bound is None else moment(bound) for bound in (low, high))
    else:
        column = as_number(name, table)
    return valued(rule, outside(column, low, high, rule.options.get("exclusive", False)))


def _date_range(rule: Rule, table: Table) -> Built:
    """Dates, also those written as text: what cannot be read as a date fails."""
    name = rule.columns[0]
    low, high = (
        None if rule.options.get(end) is None else moment(rule.options[end])
        for end in ("min", "max")
    )
    if table.dtype(name) != pl.String:
        return valued(rule, outside(as_time(name, table), low, high))
    text = pl.col(name).str.strip_chars()
    time = pl.coalesce(
        text.str.to_datetime(form, strict=False, time_unit="us")
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")
    )
    time = pl.coalesce(time, text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")))
    return valued(rule, pl.col(name).is_not_null() & outside(time, low, high).fill_null(True))


def _age_range(rule: Rule, table: Table) -> Built:
    at = rule.options.get("at")
    until = as_time(at, table) if at else pl.lit(table.now())
    gap = until.cast(pl.Datetime("us")) - as_time(rule.columns[0], table).cast(pl.Datetime("us"))
    years = gap.dt.total_seconds() / _YEAR_S
    rows = outside(years, rule.options.get("min"), rule.options.get("max"))
    return Built(years.count(), rows)


def _positive(rule: Rule, table: Table) -> Built:
    column = as_number(rule.columns[0], table)
    return valued(rule, column < 0 if rule.options.get("zero") else column <= 0)


def _never(rule: Rule) -> pl.Expr:
    return pl.col(rule.columns[0]).is_null() & False


def _finite(rule: Rule, table: Table) -> Built:
    column = as_number(rule.columns[0], table)
    floats = table.dtype(rule.columns[0]).is_float()
    return valued(rule, ~column.is_finite() if floats else _never(rule))


def _whole(rule: Rule, table: Table) -> Built:
    column = as_number(rule.columns[0], table)
    floats = table.dtype(rule.columns[0]).is_float()
    return valued(rule, column != column.floor() if floats else _never(rule))


def _multiple_of(rule: Rule, table: Table) -> Built:
    steps = as_number(rule.columns[0], table) / rule.options["step"]
    # A step such as 0.01 is not exact in binary: a thousandth of a step is no failure.
    return valued(rule, (steps - steps.round()).abs() > 1e-3)


def _levels(rule: Rule, table: Table) -> Built:
    return valued(rule, ~among(rule.columns[0], rule.options["allowed"], table))


def _forbidden(rule: Rule, table: Table) -> Built:
    return valued(rule, among(rule.columns[0], rule.options["values"], table))


def among(name: str, values: Any, table: Table) -> pl.Expr:
    """Say which values are in a list; lists of text judge numbers and booleans by their text."""
    column, dtype = pl.col(name), table.dtype(name)
    if dtype.is_nested() or dtype == pl.Binary:
        raise UnevaluatedError("contract.not_listed", column=name, dtype=dtype)
    if dtype.is_numeric() and all(isinstance(v, (int, float)) for v in values):
        if dtype.is_integer() and all(isinstance(v, int) for v in values):
            # Stay with whole numbers: long ids lose digits as floats.
            return column.cast(pl.Int64).is_in(pl.Series(list(values), dtype=pl.Int64).implode())
        return column.cast(pl.Float64).is_in(pl.Series([float(v) for v in values]).implode())
    texts = pl.Series([_as_text(value) for value in values], dtype=pl.String)
    text = column if dtype == pl.String else column.cast(pl.String)
    return text.is_in(texts.implode())


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _size(rule: Rule, table: Table) -> Built:
    column, dtype = pl.col(rule.columns[0]), table.dtype(rule.columns[0])
    if isinstance(dtype, pl.Array):
        count = column.arr.to_list().list.len()
    elif dtype == pl.Binary:
        count = column.bin.size()
    elif isinstance(dtype, pl.List):
        count = column.list.len()
    else:
        raise UnevaluatedError("contract.needs_lists", column=rule.columns[0], dtype=dtype)
    return valued(rule, outside(count, rule.options.get("min"), rule.options.get("max")))


def _type(rule: Rule, table: Table) -> Built:
    name, wanted = rule.columns[0], rule.options["is"]
    column, dtype = pl.col(name), table.dtype(name)
    right = {
        "number": dtype.is_numeric(),
        "integer": dtype.is_integer(),
        "boolean": dtype == pl.Boolean,
        "date": dtype.is_temporal(),
        "text": dtype in (pl.String, pl.Categorical, pl.Enum),
    }[wanted]
    if right:
        return valued(rule, _never(rule))
    if wanted == "integer" and dtype.is_float():
        return valued(rule, column != column.floor())
    if dtype != pl.String:
        return valued(rule, column.is_not_null())
    text = column.str.strip_chars()
    if wanted == "boolean":
        known = pl.Series(["true", "false", "0", "1", "yes", "no", "是", "否"])
        return valued(rule, ~text.str.to_lowercase().is_in(known.implode()))
    if wanted == "date":
        return valued(rule, ~text.str.contains(r"^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])([T ]|$)"))
    target = pl.Int64 if wanted == "integer" else pl.Float64
    return valued(rule, column.is_not_null() & text.cast(target, strict=False).is_null())


def _no_future(rule: Rule, table: Table) -> Built:
    return valued(rule, as_time(rule.columns[0], table) > table.now())


def _no_outliers(rule: Rule, table: Table) -> Built:
    """Tukey's fences, or distance from the mean in standard deviations."""
    column = as_number(rule.columns[0], table)
    method = rule.options.get("method", "iqr")
    limit = rule.options.get("limit", SPREAD[method])
    if method == "z":
        rows = (column - column.mean()).abs() > limit * column.std()
    else:
        low, high = column.quantile(0.25, "linear"), column.quantile(0.75, "linear")
        reach = limit * (high - low)
        rows = (column < low - reach) | (column > high + reach)
    return Built(held(rule.columns[0]), rows, whole=True)


def _not_blank(rule: Rule, table: Table) -> Built:
    return valued(rule, as_text(rule.columns[0], table).str.strip_chars() == "")


ROW_RULES: dict[str, Builder] = {
    "not_null": _not_null,
    "not_blank": _not_blank,
    "unique": _unique,
    "key": _key,
    "range": _range,
    "date_range": _date_range,
    "age_range": _age_range,
    "positive": _positive,
    "finite": _finite,
    "whole": _whole,
    "multiple_of": _multiple_of,
    "levels": _levels,
    "forbidden": _forbidden,
    "size": _size,
    "type": _type,
    "no_future": _no_future,
    "no_outliers": _no_outliers,
}
"""Kind of rule → its builder."""
