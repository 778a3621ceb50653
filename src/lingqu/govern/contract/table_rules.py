"""Rules about the table as a whole: one value is observed and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from lingqu.govern.contract.pair_rules import filled
from lingqu.govern.contract.row_rules import Builder
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, Table, as_number, as_time, held


def within(options: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Return a test for values between `min` and `max`."""
    low, high = options.get("min"), options.get("max")
    return lambda value: (low is None or value >= low) and (high is None or value <= high)


def _row_count(rule: Rule, table: Table) -> Built:
    return Built(pl.len(), observed=pl.len(), holds=within(rule.options))


def _columns(rule: Rule, table: Table) -> Built:
    there = list(table.schema)
    wrong = [name for name in rule.columns if name not in there]
    if rule.options.get("exactly"):
        wrong += sorted(set(there) - set(rule.columns))
    if rule.options.get("ordered") and not wrong:
        order = [name for name in there if name in rule.columns]
        wrong = [a for a, b in zip(rule.columns, order, strict=True) if a != b]
    seen = ", ".join(wrong)
    return Built(pl.lit(len(rule.columns)), observed=pl.lit(seen), holds=lambda names: names == "")


def _max_missing(rule: Rule, table: Table) -> Built:
    share = pl.col(rule.columns[0]).null_count() / pl.max_horizontal(pl.len(), 1)
    return Built(pl.len(), observed=share, holds=lambda seen: seen <= rule.options["share"])


def _distinct(rule: Rule, table: Table) -> Built:
    return _of_column(rule, pl.col(rule.columns[0]).drop_nulls().n_unique(), True, True)


def _of_column(rule: Rule, observed: pl.Expr, whole: bool = False, equal: bool = False) -> Built:
    return Built(
        held(rule.columns[0]),
        observed=observed,
        holds=within(rule.options),
        whole=whole,
        by_equality=equal,
    )


def _mean(rule: Rule, table: Table) -> Built:
    return _of_column(rule, as_number(rule.columns[0], table).mean())


def _sum(rule: Rule, table: Table) -> Built:
    column = as_number(rule.columns[0], table)
    integers = table.dtype(rule.columns[0]).is_integer()
    # Small integers would overflow in silence.
    return _of_column(rule, (column.cast(pl.Int64) if integers else column).sum())


def _std(rule: Rule, table: Table) -> Built:
    return _of_column(rule, as_number(rule.columns[0], table).std())


def _median(rule: Rule, table: Table) -> Built:
    return _of_column(rule, as_number(rule.columns[0], table).median(), whole=True)


def _quantile(rule: Rule, table: Table) -> Built:
    at, column = rule.options["at"], as_number(rule.columns[0], table)
    if at in (0, 1):
        return _of_column(rule, column.max() if at else column.min())
    return _of_column(rule, column.quantile(at, "linear"), whole=True)


def _correlation(rule: Rule, table: Table) -> Built:
    one, other = (as_number(name, table).cast(pl.Float64) for name in rule.columns)
    both = one.is_not_null() & other.is_not_null()
    seen = pl.corr(one.filter(both), other.filter(both))
    return Built(filled(rule.columns), observed=seen, holds=within(rule.options), whole=True)


def _max_share(rule: Rule, table: Table) -> Built:
    filled_in = pl.col(rule.columns[0]).drop_nulls()
    share = filled_in.unique_counts().max() / filled_in.len()
    limit = rule.options["share"]
    return Built(
        held(rule.columns[0]),
        observed=share,
        holds=lambda seen: seen <= limit,
        whole=True,
        by_equality=True,
    )


def _min_per_level(rule: Rule, table: Table) -> Built:
    least = pl.col(rule.columns[0]).drop_nulls().unique_counts().min()
    limit = rule.options["rows"]
    return Built(
        held(rule.columns[0]),
        observed=least,
        holds=lambda seen: seen >= limit,
        whole=True,
        by_equality=True,
    )


def _count_per_group(rule: Rule, table: Table) -> Built:
    """Rows of the smallest and the largest group must both lie within the limits."""
    counts = pl.struct(rule.columns).unique_counts()
    fits = within(rule.options)

    def worst(seen: Mapping[str, int | None]) -> int | None:
        least, most = seen["least"], seen["most"]
        return least if least is not None and not fits(least) else most

    return Built(
        pl.len(),
        observed=pl.struct(counts.min().alias("least"), counts.max().alias("most")),
        value=worst,
        holds=fits,
        whole=True,
        by_equality=True,
    )


def _fresh(rule: Rule, table: Table) -> Built:
    oldest = table.now() - timedelta(days=rule.options["days"])
    newest = as_time(rule.columns[0], table).max().cast(pl.Datetime("us"))
    return Built(
        held(rule.columns[0]),
        observed=newest,
        holds=lambda seen: seen >= oldest,
    )


TABLE_RULES: dict[str, Builder] = {
    "row_count": _row_count,
    "columns": _columns,
    "max_missing": _max_missing,
    "distinct": _distinct,
    "mean": _mean,
    "median": _median,
    "quantile": _quantile,
    "std": _std,
    "sum": _sum,
    "correlation": _correlation,
    "max_share": _max_share,
    "min_per_level": _min_per_level,
    "count_per_group": _count_per_group,
    "fresh": _fresh,
}
"""Kind of rule → its builder."""
