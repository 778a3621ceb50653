"""Rules about text: patterns, formats, lengths, language."""

from __future__ import annotations

from functools import reduce

import polars as pl

from lingqu.govern.contract.formats import matches
from lingqu.govern.contract.row_rules import Builder, valued
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, Table, as_text, listed, outside


def _regex(rule: Rule, table: Table) -> Built:
    found = as_text(rule.columns[0], table).str.contains(rule.options["pattern"])
    return valued(rule, found if rule.options.get("absent") else ~found)


def _any(parts: list[pl.Expr]) -> pl.Expr:
    return reduce(lambda one, other: one | other, parts)


def _starts_with(rule: Rule, table: Table) -> Built:
    text = as_text(rule.columns[0], table)
    return valued(rule, ~_any([text.str.starts_with(part) for part in listed(rule, "any")]))


def _ends_with(rule: Rule, table: Table) -> Built:
    text = as_text(rule.columns[0], table)
    return valued(rule, ~_any([text.str.ends_with(part) for part in listed(rule, "any")]))


def _contains(rule: Rule, table: Table) -> Built:
    text = as_text(rule.columns[0], table)
    found = _any([text.str.contains(part, literal=True) for part in listed(rule, "any")])
    return valued(rule, found if rule.options.get("absent") else ~found)


def _format(rule: Rule, table: Table) -> Built:
    return valued(rule, ~matches(as_text(rule.columns[0], table), rule.options["is"]))


def _length(rule: Rule, table: Table) -> Built:
    count = as_text(rule.columns[0], table).str.len_chars()
    return valued(rule, outside(count, rule.options.get("min"), rule.options.get("max")))


TEXT_RULES: dict[str, Builder] = {
    "regex": _regex,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "contains": _contains,
    "format": _format,
    "length": _length,
}
"""Kind of rule → its builder."""
