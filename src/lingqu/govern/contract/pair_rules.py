"""Rules about several cells of one row."""

from __future__ import annotations

import operator
from functools import reduce
from itertools import combinations, pairwise

import polars as pl

from lingqu.core.errors import gist
from lingqu.govern.contract.expression import parse_expression
from lingqu.govern.contract.forms import COMPARISONS
from lingqu.govern.contract.row_rules import Builder, among
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, Table, UnevaluatedError, as_number, family


def filled(columns: tuple[str, ...]) -> pl.Expr:
    """Return how many rows have a value in each of the columns."""
    return pl.all_horizontal([pl.col(name).is_not_null() for name in columns]).sum()


def _comparable(rule: Rule, table: Table) -> None:
    families = {family(table.dtype(name)) for name in rule.columns}
    if len(families) > 1:
        raise UnevaluatedError(
            "contract.not_comparable",
            columns=", ".join(rule.columns),
            families=", ".join(sorted(families)),
        )


def _as_stored(name: str, table: Table) -> pl.Expr:
    texts = table.dtype(name) in (pl.Categorical, pl.Enum)
    return pl.col(name).cast(pl.String) if texts else pl.col(name)


def _compare(rule: Rule, table: Table) -> Built:
    _comparable(rule, table)
    left, right = (_as_stored(name, table) for name in rule.columns)
    return Built(filled(rule.columns), ~COMPARISONS[rule.options["is"]](left, right))


def _same(rule: Rule, table: Table) -> Built:
    _comparable(rule, table)
    tolerance = rule.options.get("tolerance", 0)
    parts = []
    for one, other in pairwise(rule.columns):
        if tolerance:
            gap = as_number(one, table) - as_number(other, table)
            parts.append(gap.abs() > tolerance)
        else:
            parts.append(_as_stored(one, table) != _as_stored(other, table))
    return Built(filled(rule.columns), pl.any_horizontal(parts) & _all_there(rule))


def _differ(rule: Rule, table: Table) -> Built:
    _comparable(rule, table)
    parts = [
        _as_stored(one, table) == _as_stored(other, table)
        for one, other in combinations(rule.columns, 2)
    ]
    return Built(filled(rule.columns), pl.any_horizontal(parts) & _all_there(rule))


def _all_there(rule: Rule) -> pl.Expr:
    return pl.all_horizontal([pl.col(name).is_not_null() for name in rule.columns])


def _sum_of(rule: Rule, table: Table) -> Built:
    parts = [as_number(name, table) for name in rule.columns]
    target, read = rule.options["equals"], rule.columns
    if isinstance(target, str):
        whole, read = as_number(target, table), (*rule.columns, target)
    else:
        whole = pl.lit(target)
    gap = (reduce(operator.add, (part.cast(pl.Float64) for part in parts)) - whole).abs()
    # Tenths are not exact in binary: a billionth of the total is no failure.
    slack = pl.max_horizontal(pl.lit(float(rule.options.get("tolerance", 0))), whole.abs() * 1e-9)
    return Built(filled(read), gap > slack, reads=read)


def _expression(rule: Rule, table: Table) -> Built:
    holds, _ = parse_expression(rule.options["that"])
    schema = pl.DataFrame(schema={name: table.dtype(name) for name in rule.columns})
    try:
        kind = schema.select(holds.alias("holds")).schema["holds"]
    except pl.exceptions.PolarsError as error:
        raise UnevaluatedError("contract.engine", problem=gist(error)) from error
    if kind != pl.Boolean:
        raise UnevaluatedError("contract.not_boolean", text=rule.options["that"], dtype=kind)
    return Built(holds.count(), ~holds)


def _required_if(rule: Rule, table: Table) -> Built:
    when = rule.options["when"]
    table.dtype(when)
    applies = pl.col(when).is_not_null()
    if "equals" in rule.options:
        applies = among(when, [rule.options["equals"]], table).fill_null(False)
    absent = pl.col(rule.columns[0]).is_null()
    return Built(pl.len(), applies & absent, reads=(*rule.columns, when))


def _any_present(rule: Rule, table: Table) -> Built:
    return Built(pl.len(), pl.all_horizontal([pl.col(name).is_null() for name in rule.columns]))


PAIR_RULES: dict[str, Builder] = {
    "compare": _compare,
    "same": _same,
    "differ": _differ,
    "sum_of": _sum_of,
    "expression": _expression,
    "required_if": _required_if,
    "any_present": _any_present,
}
"""Kind of rule → its builder."""
