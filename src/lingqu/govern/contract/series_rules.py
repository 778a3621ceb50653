"""Rules about the order of rows: which rows break a sequence."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from lingqu.core.units import seconds
from lingqu.govern.contract.row_rules import Builder
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, Table, as_number, as_time, held, names

NEAR = 1.01
"""A step may be longer than promised by one part in a hundred: clocks drift."""


def _falls_back(rule: Rule, before: pl.Expr) -> pl.Expr:
    column = pl.col(rule.columns[0])
    if rule.options.get("falling"):
        return column >= before if rule.options.get("strictly") else column > before
    return column <= before if rule.options.get("strictly") else column < before


def _increasing(rule: Rule, table: Table) -> Built:
    name = rule.columns[0]
    return Built(held(name), _falls_back(rule, pl.col(name).shift(1)), whole=True)


def _monotone_within(rule: Rule, table: Table) -> Built:
    name, group = rule.columns[0], _group(rule, table)
    before = pl.col(name).shift(1).over(group)
    return Built(held(name), _falls_back(rule, before), whole=True, reads=(name, *group))


def _group(rule: Rule, table: Table) -> tuple[str, ...]:
    group = names(rule.options.get("group"))
    for name in group:
        table.dtype(name)
    return group


def _no_gaps(rule: Rule, table: Table) -> Built:
    """A row fails when the one before it, in time, is further away than the cadence."""
    name, group = rule.columns[0], _group(rule, table)
    time = as_time(name, table).cast(pl.Datetime("us"))
    steps = time.sort(nulls_last=True).diff()
    own = steps.gather(time.rank("ordinal").cast(pl.Int64) - 1)
    if group:
        own = own.over(group)
    every = timedelta(seconds=seconds(rule.options["every"]) * NEAR)
    return Built(held(name), own > every, whole=True, reads=(name, *group))


def _max_step(rule: Rule, table: Table) -> Built:
    name, group = rule.columns[0], _group(rule, table)
    step = as_number(name, table).cast(pl.Float64).diff().abs()
    if group:
        step = step.over(group)
    return Built(held(name), step > rule.options["max"], whole=True, reads=(name, *group))


SERIES_RULES: dict[str, Builder] = {
    "increasing": _increasing,
    "monotone_within": _monotone_within,
    "no_gaps": _no_gaps,
    "max_step": _max_step,
}
"""Kind of rule → its builder."""
