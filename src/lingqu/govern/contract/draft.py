"""A first contract, for a person to read and sharpen: from the schema, or from the rows."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column, Schema
from lingqu.govern.contract.draft_columns import LEVELS, column_rules, proposed, seen_of
from lingqu.govern.contract.draft_pairs import pair_rules
from lingqu.govern.contract.evaluate import evaluate
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.rules import parse

__all__ = ["LEVELS", "draft"]

ORDERED = ("increasing",)
"""Drafted rules that only mean something while rows stand as they came."""


def draft(
    schema: Schema,
    frame: pl.DataFrame | None = None,
    as_of: datetime | None = None,
    ordered: bool = True,
) -> list[Rule]:
    """Return rules that these rows keep today, each with the reason in both languages.

    Why: a contract that nobody wrote protects nobody. Only what is surely meant blocks (a target
    must be there, numbers must be finite, ids must be unique); what was merely seen warns, with
    room around it. Nothing is drafted that does not hold on the rows given.

    Args:
        schema: Typed columns; those that are ignored get no rules.
        frame: The rows. Without them only what the schema knows is drafted.
        as_of: UTC time that counts as now; without it no rule speaks of the future.
        ordered: Whether the order of rows will be that of the source when the rules are judged; a
            run judges training rows, which a split has shuffled.

    Example:
        >>> [rule.id for rule in draft(Schema((Column("age", "number", low=0, high=90),)))]
        ['row_count', 'finite(age)', 'range(age)', 'not_null(age)']

    Source: Own, after Schelter et al., Automating Large-Scale Data Quality Verification, VLDB
        2018, section 3.3 (constraint suggestion), doi:10.14778/3229863.3229867.
    """
    used = [column for column in schema if column.role != "ignored"]
    rows: list[Json] = [proposed({"row_count": {"min": 1}}, "block", "contract.why_rows")]
    if frame is None:
        for column in used:
            rows += _from_schema(column)
        return parse(rows)
    if not frame.height:
        return parse(rows)
    seen = seen_of(frame, [column.name for column in used])
    for column in used:
        rows += column_rules(column, frame[column.name], seen[column.name], as_of)
    rows += pair_rules(used, frame, seen)
    rules = [rule for row in rows for rule in parse([row]) if ordered or rule.kind not in ORDERED]
    results = evaluate(frame, rules, as_of)
    held = [rule for rule, r in zip(rules, results, strict=True) if r.verdict == "pass"]
    return parse([rule.to_json() for rule in held])


def _from_schema(column: Column) -> list[Json]:
    name = column.name
    rows: list[Json] = []
    if column.kind == "number":
        rows.append(proposed({"finite": name}, "block", "contract.why_finite"))
        if column.low is not None and column.high is not None and column.role != "id":
            limits = {"column": name, "min": column.low, "max": column.high}
            rows.append(
                proposed({"range": limits}, "warn", "contract.why_range",
                         low=column.low, high=column.high)
            )  # fmt: skip
    if column.kind == "category" and 0 < len(column.levels) <= LEVELS:
        allowed = {"column": name, "allowed": list(column.levels)}
        count = len(column.levels)
        rows.append(proposed({"levels": allowed}, "warn", "contract.why_levels", count=count))
    if column.kind == "text":
        rows.append(proposed({"not_blank": name}, "warn", "contract.why_not_blank"))
    if column.role == "id":
        rows.append(proposed({"unique": name}, "warn", "contract.why_id"))
    if column.role == "target":
        rows.append(proposed({"not_null": name}, "block", "contract.why_target"))
    elif column.nullable:
        half = {"column": name, "share": 0.5}
        rows.append(proposed({"max_missing": half}, "warn", "contract.why_some_missing"))
    else:
        rows.append(proposed({"not_null": name}, "warn", "contract.why_not_null"))
    return rows
