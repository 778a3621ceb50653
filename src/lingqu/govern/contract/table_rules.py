"""Rules about the table as a whole: one value is observed and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from lingqu.govern.contract.rules import Rule
from lingqu.govern.contract.table import Built, Table, as_number, as_time


def _within(options: Mapping[str, Any]) -> Callable[[Any], bool]:
    low, high = options.get("min"), options.get("max")
    return lambda value: (
        value is not None and (low is None or value >= low) and (high is None or value <= high)
    )


def _row_count(rule: Rule, table: Table) -> Built:
    return Built(table.frame.height, observed=pl.len(), holds=_within(rule.options))


def _columns(rule: Rule, table: Table) -> Built:
    there = set(table.frame.columns)
    wrong = [name for name in rule.columns if name not in there]
    if rule.options.get("exactly"):
        wrong += sorted(there - set(rule.columns))
    return Built(
        len(rule.columns), observed=pl.lit(", ".join(wrong)), holds=lambda names: names == ""
    )


def _max_missing(rule: Rule, table: Table) -> Built:
    share = pl.col(rule.columns[0]).null_count() / pl.len()
    return Built(
        table.frame.height, observed=share, holds=lambda seen: seen <= rule.options["share"]
    )


def _distinct(rule: Rule, table: Table) -> Built:
    observed = pl.col(rule.columns[0]).drop_nulls().n_unique()
    return Built(table.held(rule.columns[0]), observed=observed, holds=_within(rule.options))


def _mean(rule: Rule, table: Table) -> Built:
    return Built(
        table.held(rule.columns[0]),
        observed=as_number(rule, table).mean(),
        holds=_within(rule.options),
    )


def _sum(rule: Rule, table: Table) -> Built:
    return Built(
        table.held(rule.columns[0]),
        observed=as_number(rule, table).sum(),
        holds=_within(rule.options),
    )


def _max_share(rule: Rule, table: Table) -> Built:
    held = pl.col(rule.columns[0]).drop_nulls()
    share = held.unique_counts().max() / held.len()
    return Built(
        table.held(rule.columns[0]),
        observed=share,
        holds=lambda seen: seen is None or seen <= rule.options["share"],
    )


def _min_per_level(rule: Rule, table: Table) -> Built:
    least = pl.col(rule.columns[0]).drop_nulls().unique_counts().min()
    return Built(
        table.held(rule.columns[0]),
        observed=least,
        holds=lambda seen: seen is not None and seen >= rule.options["rows"],
    )


def _fresh(rule: Rule, table: Table) -> Built:
    oldest = table.now() - timedelta(days=rule.options["days"])
    newest = as_time(rule, table).max().cast(pl.Datetime("us"))
    return Built(
        table.held(rule.columns[0]),
        observed=newest,
        holds=lambda seen: seen is not None and seen >= oldest,
    )


TABLE_RULES = {
    "row_count": _row_count,
    "columns": _columns,
    "max_missing": _max_missing,
    "distinct": _distinct,
    "mean": _mean,
    "sum": _sum,
    "max_share": _max_share,
    "min_per_level": _min_per_level,
    "fresh": _fresh,
}
"""Kind of rule → its builder."""
