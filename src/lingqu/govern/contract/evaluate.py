"""Judge all rules: one select for every count, then a bounded look for sample rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from lingqu.core.nouns import Json
from lingqu.govern.contract.build import build
from lingqu.govern.contract.counting import counted, gather, sample
from lingqu.govern.contract.result import Result, judged, plain, unknown, wilson
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.stream import judge_stream
from lingqu.govern.contract.table import Built, Table, UnevaluatedError
from lingqu.govern.step import SAMPLES

__all__ = ["SLICE", "Result", "evaluate", "plain", "wilson"]

SLICE = 65_536
"""Rows per slice when sample rows are looked for; the search ends when enough were found."""


def evaluate(
    frame: pl.DataFrame | pl.LazyFrame,
    rules: Sequence[Rule],
    as_of: datetime | None = None,
    folder: Path | None = None,
) -> list[Result]:
    """Judge every rule on a table.

    A rule that cannot be evaluated is ``unknown`` and never passes in silence; it does not keep
    the others from being judged.

    Args:
        frame: The table. A lazy one is streamed: rules about single rows need no memory; one that
            needs a whole column (`Built.whole`) holds that column alone, one rule at a time.
        rules: From `parse` or `draft`.
        as_of: UTC time that counts as now, for rules about the future and freshness.
        folder: Where relative paths of other files start; the current folder when omitted.

    Example:
        >>> from lingqu.govern.contract.rules import parse
        >>> frame = pl.DataFrame({"age": [30, 430, None]})
        >>> [result] = evaluate(frame, parse([{"range": {"column": "age", "max": 120}}]))
        >>> result.verdict, result.failures, result.n, result.samples
        ('fail', 1, 2, ({'row': 1, 'value': 430},))
    """
    table = Table.of(frame, as_of, folder)
    results: dict[int, Result] = {}
    built: dict[int, Built] = {}
    for index, rule in enumerate(rules):
        try:
            built[index] = build(rule, table)
        except UnevaluatedError as error:
            results[index] = unknown(rule, error)
    if isinstance(frame, pl.LazyFrame):
        results |= judge_stream(frame, rules, built)
    else:
        results |= _judge(frame, rules, built)
    return [results[index] for index in range(len(rules))]


def _judge(
    frame: pl.DataFrame, rules: Sequence[Rule], built: Mapping[int, Built]
) -> dict[int, Result]:
    seen = counted(frame, built)
    results = {
        index: unknown(rules[index], found)
        if isinstance(found, Exception)
        else judged(rules[index], built[index], *found)
        for index, found in seen.items()
    }
    samples = _samples(
        frame,
        {
            i: built[i]
            for i, result in results.items()
            if result.failures and built[i].rows is not None
        },
        results,
    )
    return {i: replace(result, samples=samples.get(i, ())) for i, result in results.items()}


def _samples(
    frame: pl.DataFrame, failing: Mapping[int, Built], results: Mapping[int, Result]
) -> dict[int, tuple[Json, ...]]:
    """Return up to `SAMPLES` failing rows per rule, reading no more of the table than needed."""
    rows: dict[int, list[int]] = {i: [] for i in failing}
    wanted = {i: min(SAMPLES, results[i].failures) for i in rows}
    whole = {i for i in rows if failing[i].whole}
    gather(frame, 0, {i: failing[i] for i in whole}, rows)
    for start in range(0, frame.height, SLICE):
        pending = {i: failing[i] for i in rows if i not in whole and len(rows[i]) < wanted[i]}
        if not pending:
            break
        gather(frame.slice(start, SLICE), start, pending, rows)
    return {
        i: tuple(
            sample(row, [frame.get_column(name)[row] for name in results[i].columns])
            for row in numbers
        )
        for i, numbers in rows.items()
    }
