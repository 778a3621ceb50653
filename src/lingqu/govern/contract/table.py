"""What builders of rules may ask of a table, and what they give back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.core.i18n import Language, text
from lingqu.govern.contract.rule import Rule


class UnevaluatedError(Exception):
    """A rule cannot be judged on this table; a key of the messages and its facts say why."""

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts

    def worded(self, to: Language) -> str:
        return text(self.key, to, **self.facts)


@dataclass(frozen=True)
class Built:
    """A rule made ready for one table.

    Args:
        judged: Rows the rule speaks about: one number.
        rows: True where a row fails; null where the rule says nothing. None for table rules.
        failures: How many rows fail, when that is cheaper than summing `rows`.
        whole: Whether the whole column is needed at once: then slices will not do, and a stream
            holds these columns (and only these) in memory while this rule is judged.
        reads: The columns it needs, when not those of the rule.
        by_equality: Whether only equality of values matters: a stream then holds 8-byte hashes
            in the place of text and of keys.
        observed: Table rules: what is judged, one value or one struct.
        value: Table rules: the number that is shown, from what was observed.
        holds: Table rules: whether that number is fine.
    """

    judged: pl.Expr
    rows: pl.Expr | None = None
    failures: pl.Expr | None = None
    whole: bool = False
    reads: tuple[str, ...] = ()
    by_equality: bool = False
    observed: pl.Expr | None = None
    value: Callable[[Any], Any] = field(default=lambda seen: seen)
    holds: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Table:
    """What builders may ask about the table without reading its rows.

    Args:
        schema: Names and types of the columns.
        as_of: UTC time that counts as now, or None.
        folder: Where relative paths of other files start.
    """

    schema: Mapping[str, pl.DataType]
    as_of: datetime | None = None
    folder: Path = field(default_factory=Path)

    @classmethod
    def of(
        cls,
        frame: pl.DataFrame | pl.LazyFrame,
        as_of: datetime | None = None,
        folder: Path | None = None,
    ) -> Table:
        return cls(frame.collect_schema(), as_of, folder or Path())

    def dtype(self, column: str) -> pl.DataType:
        if column not in self.schema:
            raise UnevaluatedError("contract.no_column", column=column)
        return self.schema[column]

    def now(self) -> datetime:
        if self.as_of is None:
            raise UnevaluatedError("contract.no_now")
        return self.as_of


def held(column: str) -> pl.Expr:
    """Return how many values are not null."""
    return pl.col(column).count()


def as_number(column: str, table: Table) -> pl.Expr:
    """Return the column, refused unless it holds numbers."""
    dtype = table.dtype(column)
    if not dtype.is_numeric():
        raise UnevaluatedError("contract.needs_numbers", column=column, dtype=dtype)
    return pl.col(column)


def as_text(column: str, table: Table) -> pl.Expr:
    """Return the column as text, refused unless it holds text."""
    dtype = table.dtype(column)
    if dtype in (pl.Categorical, pl.Enum):
        return pl.col(column).cast(pl.String)
    if dtype != pl.String:
        raise UnevaluatedError("contract.needs_text", column=column, dtype=dtype)
    return pl.col(column)


def as_time(column: str, table: Table) -> pl.Expr:
    """Return the column as naive UTC times, refused unless it holds dates."""
    dtype = table.dtype(column)
    if not isinstance(dtype, (pl.Datetime, pl.Date)):
        raise UnevaluatedError("contract.needs_dates", column=column, dtype=dtype)
    expr = pl.col(column)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        expr = expr.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return expr


def moment(written: Any) -> datetime:
    """Return an ISO date as naive UTC time."""
    try:
        found = datetime.fromisoformat(str(written))
    except ValueError as error:
        raise UnevaluatedError("contract.not_iso", written=repr(written)) from error
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def outside(value: pl.Expr, low: Any, high: Any, exclusive: bool = False) -> pl.Expr:
    """Say which values lie below `low` or above `high`; a limit may be None."""
    parts: list[pl.Expr] = []
    if low is not None:
        parts.append(value <= low if exclusive else value < low)
    if high is not None:
        parts.append(value >= high if exclusive else value > high)
    return parts[0] if len(parts) == 1 else parts[0] | parts[1]


def family(dtype: pl.DataType) -> str:
    """Return which types can be compared with each other."""
    if dtype.is_numeric():
        return "numbers"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    return "dates" if dtype.is_temporal() else str(dtype)


def names(given: Any) -> tuple[str, ...]:
    """Return one name, or several, as a tuple."""
    return (given,) if isinstance(given, str) else tuple(given or ())


def listed(rule: Rule, option: str) -> list[str]:
    """Return the texts of an option that may be one text or a list."""
    return list(names(rule.options[option]))
