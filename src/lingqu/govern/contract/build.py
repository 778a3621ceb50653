"""From a rule to an expression: which rows fail it, or which single value the table shows."""

from __future__ import annotations

from collections.abc import Callable

from lingqu.govern.contract.row_rules import ROW_RULES
from lingqu.govern.contract.rules import Rule
from lingqu.govern.contract.table import Built, Table
from lingqu.govern.contract.table_rules import TABLE_RULES

BUILDERS: dict[str, Callable[[Rule, Table], Built]] = {**ROW_RULES, **TABLE_RULES}


def build(rule: Rule, table: Table) -> Built:
    """Return the rule ready for this table.

    Raises:
        UnevaluatedError: A column is absent or of a type the rule cannot judge.
    """
    for column in rule.columns:
        if rule.kind != "columns":
            table.dtype(column)
    return BUILDERS[rule.kind](rule, table)
