"""What builders of rules may ask of a table, and what they give back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from lingqu.govern.contract.rules import Rule


class UnevaluatedError(Exception):
    """A rule cannot be judged on this table; the text says why."""


@dataclass(frozen=True)
class Built:
    """A rule made ready for one table.

    Args:
        rows: True where a row fails; null where the rule says nothing. None for table rules.
        failures: How many rows fail, when that is cheaper than summing `rows`.
        judged: Rows the rule speaks about.
        whole: Whether `rows` needs the whole column at once, so that slices will not do.
        observed: Table rules: the one value that is judged.
        holds: Table rules: whether that value is fine.
    """

    judged: int
    rows: pl.Expr | None = None
    failures: pl.Expr | None = None
    whole: bool = False
    observed: pl.Expr | None = None
    holds: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Table:
    """What builders may ask about the table without reading its rows."""

    frame: pl.DataFrame
    as_of: datetime | None

    def dtype(self, column: str) -> pl.DataType:
        if column not in self.frame.columns:
            raise UnevaluatedError(f"the table has no column {column!r}")
        return self.frame.get_column(column).dtype

    def held(self, column: str) -> int:
        """Return how many values are not null: known without a pass."""
        series = self.frame.get_column(column)
        return series.len() - series.null_count()

    def now(self) -> datetime:
        if self.as_of is None:
            raise UnevaluatedError("it compares with today, and `as_of` was not given")
        return self.as_of


def as_number(rule: Rule, table: Table) -> pl.Expr:
    """Return the column, refused unless it holds numbers."""
    dtype = table.dtype(rule.columns[0])
    if not dtype.is_numeric():
        raise UnevaluatedError(f"it needs numbers, and {rule.columns[0]!r} holds {dtype}")
    return pl.col(rule.columns[0])


def as_text(rule: Rule, table: Table) -> pl.Expr:
    """Return the column as text, refused unless it holds text."""
    dtype = table.dtype(rule.columns[0])
    if dtype in (pl.Categorical, pl.Enum):
        return pl.col(rule.columns[0]).cast(pl.String)
    if dtype != pl.String:
        raise UnevaluatedError(f"it needs text, and {rule.columns[0]!r} holds {dtype}")
    return pl.col(rule.columns[0])


def as_time(rule: Rule, table: Table) -> pl.Expr:
    """Return the column as naive UTC times, refused unless it holds dates."""
    dtype = table.dtype(rule.columns[0])
    if not isinstance(dtype, (pl.Datetime, pl.Date)):
        raise UnevaluatedError(f"it needs dates, and {rule.columns[0]!r} holds {dtype}")
    expr = pl.col(rule.columns[0])
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        expr = expr.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return expr


def moment(text: Any) -> datetime:
    """Return an ISO date as naive UTC time."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise UnevaluatedError(f"{text!r} is not an ISO date, such as 2026-01-31") from error
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def family(dtype: pl.DataType) -> str:
    """Return which types can be compared with each other."""
    if dtype.is_numeric():
        return "numbers"
    return "dates" if dtype.is_temporal() else str(dtype)
