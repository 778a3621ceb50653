"""Rules about rows: which rows of a table fail."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.govern.contract.rules import Rule
from lingqu.govern.contract.table import (
    Built,
    Table,
    UnevaluatedError,
    as_number,
    as_text,
    as_time,
    family,
    moment,
)


def _valued(rule: Rule, table: Table, rows: pl.Expr) -> Built:
    """A rule about each value of a column: it says nothing about nulls."""
    return Built(table.held(rule.columns[0]), rows)


def _not_null(rule: Rule, table: Table) -> Built:
    column = pl.col(rule.columns[0])
    if table.dtype(rule.columns[0]).is_float():
        rows = column.is_null() | column.is_nan().fill_null(False)
        return Built(table.frame.height, rows)
    return Built(table.frame.height, column.is_null(), column.null_count())


def _not_blank(rule: Rule, table: Table) -> Built:
    text = as_text(rule, table)
    return _valued(rule, table, text.str.strip_chars() == "")


def _unique(rule: Rule, table: Table) -> Built:
    column = pl.col(rule.columns[0])
    held = column.drop_nulls()
    return Built(
        table.held(rule.columns[0]),
        ~column.is_first_distinct() & column.is_not_null(),
        held.len() - held.n_unique(),
        whole=True,
    )


def _key(rule: Rule, table: Table) -> Built:
    key = pl.struct(rule.columns)
    return Built(
        table.frame.height, ~key.is_first_distinct(), pl.len() - key.n_unique(), whole=True
    )


def _range(rule: Rule, table: Table) -> Built:
    low, high = rule.options.get("min"), rule.options.get("max")
    if isinstance(low if low is not None else high, str):
        column = as_time(rule, table)
        low, high = (None if bound is None else moment(bound) for bound in (low, high))
    else:
        column = as_number(rule, table)
    tight = rule.options.get("exclusive", False)
    parts = []
    if low is not None:
        parts.append(column <= low if tight else column < low)
    if high is not None:
        parts.append(column >= high if tight else column > high)
    return _valued(rule, table, parts[0] if len(parts) == 1 else parts[0] | parts[1])


def _positive(rule: Rule, table: Table) -> Built:
    column = as_number(rule, table)
    return _valued(rule, table, column < 0 if rule.options.get("zero") else column <= 0)


def _finite(rule: Rule, table: Table) -> Built:
    column = as_number(rule, table)
    floats = table.dtype(rule.columns[0]).is_float()
    return _valued(rule, table, ~column.is_finite() if floats else pl.lit(False))


def _whole(rule: Rule, table: Table) -> Built:
    column = as_number(rule, table)
    floats = table.dtype(rule.columns[0]).is_float()
    return _valued(rule, table, column != column.floor() if floats else pl.lit(False))


def _multiple_of(rule: Rule, table: Table) -> Built:
    steps = as_number(rule, table) / rule.options["step"]
    # A step such as 0.01 is not exact in binary: a thousandth of a step is no failure.
    return _valued(rule, table, (steps - steps.round()).abs() > 1e-3)


def _levels(rule: Rule, table: Table) -> Built:
    return _valued(rule, table, ~_among(rule.columns[0], rule.options["allowed"], table))


def _forbidden(rule: Rule, table: Table) -> Built:
    return _valued(rule, table, _among(rule.columns[0], rule.options["values"], table))


def _among(name: str, values: Any, table: Table) -> pl.Expr:
    """Say which values are in a list; lists of text judge numbers and booleans by their text."""
    column, dtype = pl.col(name), table.dtype(name)
    if dtype.is_nested() or dtype == pl.Binary:
        raise UnevaluatedError(f"{name!r} holds {dtype}, which cannot be listed")
    if dtype.is_numeric() and all(isinstance(v, (int, float)) for v in values):
        if dtype.is_integer() and all(isinstance(v, int) for v in values):
            # Stay with whole numbers: long ids lose digits as floats.
            return column.cast(pl.Int64).is_in(pl.Series(list(values), dtype=pl.Int64).implode())
        return column.cast(pl.Float64).is_in(pl.Series([float(v) for v in values]).implode())
    texts = pl.Series([str(value) for value in values], dtype=pl.String)
    text = column if dtype == pl.String else column.cast(pl.String)
    return text.is_in(texts.implode())


def _regex(rule: Rule, table: Table) -> Built:
    return _valued(rule, table, ~as_text(rule, table).str.contains(rule.options["pattern"]))


def _between(value: pl.Expr, options: Mapping[str, Any]) -> pl.Expr:
    low, high = options.get("min"), options.get("max")
    rows = pl.lit(False) if low is None else value < low
    return rows if high is None else rows | (value > high)


def _length(rule: Rule, table: Table) -> Built:
    rows = _between(as_text(rule, table).str.len_chars(), rule.options)
    return _valued(rule, table, rows)


def _size(rule: Rule, table: Table) -> Built:
    column, dtype = pl.col(rule.columns[0]), table.dtype(rule.columns[0])
    if isinstance(dtype, pl.Array):
        column = column.arr.to_list()
    elif dtype == pl.Binary:
        return _valued(rule, table, _between(column.bin.size(), rule.options))
    elif not isinstance(dtype, pl.List):
        raise UnevaluatedError(f"it needs lists or bytes, and {rule.columns[0]!r} holds {dtype}")
    return _valued(rule, table, _between(column.list.len(), rule.options))


def _type(rule: Rule, table: Table) -> Built:
    name, wanted = rule.columns[0], rule.options["is"]
    column, dtype, held = pl.col(name), table.dtype(name), table.held(rule.columns[0])
    right = {
        "number": dtype.is_numeric(),
        "integer": dtype.is_integer(),
        "boolean": dtype == pl.Boolean,
        "date": dtype.is_temporal(),
        "text": dtype in (pl.String, pl.Categorical, pl.Enum),
    }[wanted]
    if right:
        return Built(held, pl.lit(False))
    if wanted == "integer" and dtype.is_float():
        return Built(held, column != column.floor())
    if dtype != pl.String:
        return Built(held, column.is_not_null())
    text = column.str.strip_chars()
    if wanted == "boolean":
        known = pl.Series(["true", "false", "0", "1", "yes", "no", "是", "否"])
        return Built(held, ~text.str.to_lowercase().is_in(known.implode()))
    if wanted == "date":
        return Built(held, ~text.str.contains(r"^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])([T ]|$)"))
    target = pl.Int64 if wanted == "integer" else pl.Float64
    return Built(held, column.is_not_null() & text.cast(target, strict=False).is_null())


_SIGNS = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}


def _compare(rule: Rule, table: Table) -> Built:
    left, right = rule.columns
    families = {family(table.dtype(name)) for name in rule.columns}
    if len(families) > 1:
        raise UnevaluatedError(f"{left!r} and {right!r} hold {' and '.join(sorted(families))}")
    holds: pl.Expr = _SIGNS[rule.options["is"]](pl.col(left), pl.col(right))
    both = min(table.held(left), table.held(right))
    if both < table.frame.height:
        pair = [table.frame.get_column(name).is_not_null() for name in rule.columns]
        both = int((pair[0] & pair[1]).sum())
    return Built(both, ~holds)


def _no_future(rule: Rule, table: Table) -> Built:
    return _valued(rule, table, as_time(rule, table) > table.now())


def _required_if(rule: Rule, table: Table) -> Built:
    when = rule.options["when"]
    table.dtype(when)
    applies = pl.col(when).is_not_null()
    if "equals" in rule.options:
        applies = _among(when, [rule.options["equals"]], table).fill_null(False)
    return Built(table.frame.height, applies & pl.col(rule.columns[0]).is_null())


def _any_present(rule: Rule, table: Table) -> Built:
    rows = pl.all_horizontal([pl.col(name).is_null() for name in rule.columns])
    return Built(table.frame.height, rows)


def _increasing(rule: Rule, table: Table) -> Built:
    column = pl.col(rule.columns[0])
    before = column.shift(1)
    rows = column <= before if rule.options.get("strictly") else column < before
    return Built(table.held(rule.columns[0]), rows, whole=True)


def _foreign(rule: Rule, table: Table) -> Built:
    values = rule.options.get("values")
    if values is None:
        values = _file_values(rule)
    return _valued(rule, table, ~_among(rule.columns[0], values, table))


def _file_values(rule: Rule) -> list[Any]:
    path, key = Path(rule.options["file"]), rule.options.get("key", rule.columns[0])
    try:
        read = pl.read_parquet if path.suffix == ".parquet" else pl.read_csv
        return read(path, columns=[key]).get_column(key).drop_nulls().unique().to_list()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnevaluatedError(f"column {key!r} of {path.name!r} cannot be read") from error


ROW_RULES = {
    "not_null": _not_null,
    "not_blank": _not_blank,
    "unique": _unique,
    "key": _key,
    "range": _range,
    "positive": _positive,
    "finite": _finite,
    "whole": _whole,
    "multiple_of": _multiple_of,
    "levels": _levels,
    "forbidden": _forbidden,
    "regex": _regex,
    "length": _length,
    "size": _size,
    "type": _type,
    "compare": _compare,
    "no_future": _no_future,
    "required_if": _required_if,
    "any_present": _any_present,
    "increasing": _increasing,
    "foreign": _foreign,
}
"""Kind of rule → its builder."""
