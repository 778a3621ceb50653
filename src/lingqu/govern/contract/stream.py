"""Judge a table that is larger than memory: one streaming select, then streaming heads.

Rules about single rows and sums of rows stream. A rule that needs a whole column (`Built.whole`)
reads that column alone, judges it in memory and lets it go before the next: 8 bytes a row for
numbers, dates, and for text of which only equality matters (a 64-bit hash stands in its place:
two different values share one with a chance of 1 in 90,000 on 20 million rows).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from lingqu.core.nouns import Json
from lingqu.govern.contract.counting import counted, gather, sample
from lingqu.govern.contract.result import Result, judged, unknown
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built
from lingqu.govern.step import SAMPLES

ROW = "lingqu.row"
_SMALL = (pl.Boolean, pl.Int8, pl.UInt8, pl.Int16, pl.UInt16, pl.Int32, pl.UInt32, pl.Float32)


def judge_stream(
    frame: pl.LazyFrame, rules: Sequence[Rule], built: Mapping[int, Built]
) -> dict[int, Result]:
    """Return the result of each rule that could be built."""
    rowwise = {i: ready for i, ready in built.items() if not ready.whole}
    results: dict[int, Result] = {}
    for i, found in counted(frame, rowwise).items():
        results[i] = _result(rules[i], built[i], found)
        if results[i].failures and built[i].rows is not None:
            results[i] = replace(results[i], samples=_first(frame, built[i], results[i]))
    for i, ready in built.items():
        if ready.whole:
            results[i] = _whole(frame, rules[i], ready)
    return results


def _result(rule: Rule, ready: Built, found: object) -> Result:
    if isinstance(found, tuple):
        return judged(rule, ready, *found)
    return unknown(rule, found if isinstance(found, Exception) else ValueError(found))


def _first(frame: pl.LazyFrame, ready: Built, result: Result) -> tuple[Json, ...]:
    """Return the first failing rows; the stream stops when there are enough."""
    rows = ready.rows
    found = (
        frame.with_row_index(ROW)
        .filter(rows.fill_null(False))  # type: ignore[union-attr]
        .select(ROW, *result.columns)
        .head(SAMPLES)
        .collect(engine="streaming")
    )
    return tuple(sample(row[0], row[1:]) for row in found.iter_rows())


def _whole(frame: pl.LazyFrame, rule: Rule, ready: Built) -> Result:
    """Judge one rule on the columns that it reads, held in memory."""
    schema = frame.collect_schema()
    held = [_narrow(name, schema[name], ready.by_equality) for name in ready.reads]
    try:
        part = frame.select(held).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        return unknown(rule, error)
    result = _result(rule, ready, counted(part, {0: ready})[0])
    if not result.failures or ready.rows is None:
        return result
    numbers: dict[int, list[int]] = {0: []}
    gather(part, 0, {0: ready}, numbers)
    del part
    return replace(result, samples=_rows(frame, numbers[0], result.columns))


def _narrow(name: str, dtype: pl.DataType, by_equality: bool) -> pl.Expr:
    """Return the column, as hashes where only equality matters and values may be long."""
    column = pl.col(name)
    if not by_equality or dtype in _SMALL:
        return column
    return pl.when(column.is_not_null()).then(column.hash()).alias(name)


def _rows(frame: pl.LazyFrame, numbers: list[int], columns: Sequence[str]) -> tuple[Json, ...]:
    """Return rows by number, read from the stream."""
    wanted = pl.Series(numbers, dtype=pl.get_index_type()).implode()
    found = (
        frame.select(*columns)
        .with_row_index(ROW)
        .filter(pl.col(ROW).is_in(wanted))
        .head(len(numbers))
        .collect(engine="streaming")
    )
    return tuple(sample(row[0], row[1:]) for row in found.iter_rows())
