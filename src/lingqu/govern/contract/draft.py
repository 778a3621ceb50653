"""A first contract from the schema, for a person to read and sharpen."""

from __future__ import annotations

from lingqu.core.nouns import Json
from lingqu.core.schema import Column, Schema
from lingqu.govern.contract.rules import Rule, parse

LEVELS = 50
"""Most levels of a category that are written into a contract."""


def draft(schema: Schema) -> list[Rule]:
    """Return rules that the rows behind this schema keep today.

    Why: a contract that nobody wrote protects nobody. Only what is surely meant blocks (a target
    must be there, numbers must be finite); what was merely seen warns.

    Example:
        >>> [rule.id for rule in draft(Schema((Column("age", "number", low=0, high=90),)))]
        ['row_count', 'finite(age)', 'range(age)', 'not_null(age)']

    Source: Own, after Schelter et al., Automating Large-Scale Data Quality Verification, VLDB
        2018, section 3.3 (constraint suggestion), doi:10.14778/3229863.3229867.
    """
    rows: list[Json] = [{"row_count": {"min": 1}}]
    for column in schema:
        if column.role != "ignored":
            rows += _rules(column)
    return parse(rows)


def _rules(column: Column) -> list[Json]:
    name = column.name
    rows: list[Json] = []
    if column.kind == "number":
        rows.append({"finite": name, "severity": "block"})
        if column.low is not None and column.high is not None and column.role != "id":
            limits = {"column": name, "min": column.low, "max": column.high}
            rows.append({"range": limits, "severity": "warn"})
    if column.kind == "category" and 0 < len(column.levels) <= LEVELS:
        allowed = {"column": name, "allowed": list(column.levels)}
        rows.append({"levels": allowed, "severity": "warn"})
    if column.kind == "text":
        rows.append({"not_blank": name, "severity": "warn"})
    if column.role == "id":
        rows.append({"unique": name, "severity": "warn"})
    if column.role == "target":
        rows.append({"not_null": name, "severity": "block"})
    elif column.nullable:
        rows.append({"max_missing": {"column": name, "share": 0.5}, "severity": "warn"})
    else:
        rows.append({"not_null": name, "severity": "warn"})
    return rows
