"""What callers send, as a table: rows of training and rows of the log in one form.

The log keeps no more of an input than is watched: numbers, categories and flags as they are, of
the other kinds a measure, of which only says here whether there was a cell. Training rows are
brought to the same form, so that scores of the two can be set beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl

from lingqu.check.data import PLAIN, Data
from lingqu.core.errors import LingquError, StoreError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json, Subject
from lingqu.core.schema import Column, Schema
from lingqu.core.spec import Channel
from lingqu.flow.contracts import folder_of, with_rules
from lingqu.flow.judged import DOCUMENT, read_document
from lingqu.govern.contract.build import build
from lingqu.govern.contract.evaluate import evaluate
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.rules import parse
from lingqu.govern.contract.table import Table, UnevaluatedError
from lingqu.outlets.sight.log import SIGNAL
from lingqu.release.prepare import asked, hidden_columns
from lingqu.release.release import Release
from lingqu.release.signals import signal_of
from lingqu.store.home import Home


def watched(governed: Mapping[str, Any]) -> Schema:
    """Return the features that callers send, without those that hold personal data.

    Args:
        governed: Result of the govern stage.
    """
    raw, clean = (Schema.from_json(governed[name]) for name in ("raw_schema", "schema"))
    schema = asked(raw, clean, governed["operators"])
    if schema.basket is not None:
        return Schema(())
    hidden = hidden_columns(governed["operators"])
    return Schema(tuple(c for c in schema.features if c.name not in hidden))


def served_scores(raw: Dataset, governed: Mapping[str, Any]) -> dict[str, Json]:
    """Return the scores of training rows in the form in which the log keeps rows.

    Returns:
        Score → ``value``, ``low``, ``high``, ``n``; only those that could be measured.
    """
    schema = watched(governed)
    table = _table(schema, lambda column: raw.frame[column.name], len(raw))
    found = Data().look(Subject("live", "classify", schema, test=table))
    return {
        f.measure.partition(".")[2]: {"value": f.value, "low": f.low, "high": f.high, "n": f.n}
        for f in found
        if f.value is not None
    }


def from_log(release: Release, rows: pl.DataFrame) -> Dataset:
    """Return the answered rows of a window of the log as a table.

    Its categories have the levels that the release was trained on, so that a word that was never
    seen is not valid; where there were too many to count one by one, any word is.
    """
    rows = rows.filter(pl.col("status") < 400)
    kept: Mapping[str, Mapping[str, Json]] = release.profile["columns"]
    known = [c for c in release.schema.features if signal_of(c) in kept]
    schema = Schema(tuple(_levelled(column, kept[signal_of(column)]) for column in known))
    absent = pl.Series([None] * rows.height, dtype=pl.Null)

    def cells(column: Column) -> pl.Series:
        name = SIGNAL + signal_of(column)
        return rows[name] if name in rows.columns else absent

    return _table(schema, cells, rows.height)


def _levelled(column: Column, part: Mapping[str, Json]) -> Column:
    told = column.kind == "category" and part["kind"] == "category" and not part["pooled"]
    return replace(column, levels=tuple(part["levels"])) if told else column


def _table(schema: Schema, cells: Callable[[Column], pl.Series], rows: int) -> Dataset:
    columns = tuple(column for column in schema.features if signal_of(column))
    made = [_cells(cells(column), column) for column in columns]
    frame = pl.DataFrame(made) if made else pl.DataFrame({"lingqu.rows": [0] * rows})
    return Dataset(frame, Schema(columns))


def _cells(series: pl.Series, column: Column) -> pl.Series:
    if column.kind == "number":
        series = series.cast(pl.Float64, strict=False)
    elif column.kind == "category":
        series = series.cast(pl.String)
    elif column.kind == "boolean":  # the log keeps flags as words
        flags = {"true": True, "false": False}
        words = series.cast(pl.String)
        series = words.replace_strict(flags, default=None, return_dtype=pl.Boolean)
    else:
        series = pl.select(pl.when(series.is_not_null()).then(pl.lit(value=True))).to_series()
    return series.alias(column.name)


def trained_scores(home: Home, release: str) -> Mapping[str, Json]:
    """Return `served_scores` of the run that made a release; nothing where it is not kept."""
    try:
        run = home.ledger.runs.get(home.ledger.releases.get(release).run)
    except StoreError:
        return {}
    path = str(run.summary.get(DOCUMENT) or "")
    document = read_document(home, path) if path else None
    found: Mapping[str, Json] = (document or {}).get("served") or {}
    return found


def rules_on(channel: Channel, rows: Dataset, now: str) -> dict[str, Json]:
    """Judge the rules of a channel's contract on served rows.

    Only rules about single rows are judged, of columns whose cells are logged: how many rows a
    window has, or how its values are spread, was promised of deliveries and not of windows.

    Returns:
        ``results`` as JSON; or ``why`` and ``why_zh`` where the rules cannot be read; or nothing
        where the channel writes none.
    """
    try:
        rules = _rules(channel)
    except LingquError as error:
        # A window must be watched for drift all the same.
        words = both(error.key, **error.facts)
        return {"why": words["en"], "why_zh": words["zh"]}
    if not rules:
        return {}
    plain = [column.name for column in rows.schema if column.kind in PLAIN]
    frame = rows.frame.select(plain)
    moment = datetime.fromisoformat(now).astimezone(UTC).replace(tzinfo=None)
    folder = folder_of(channel)
    table = Table.of(frame, moment, folder)
    fitting = [rule for rule in rules if _of_rows(rule, table)]
    results = evaluate(frame, fitting, moment, folder)
    return {"results": [result.to_json() for result in results]}


def _rules(channel: Channel) -> Sequence[Rule]:
    pieces = with_rules(channel, [(piece.name, piece.options) for piece in channel.govern or ()])
    for name, options in pieces:
        written = options.get("rules") if isinstance(options, Mapping) else options
        if name == "contract" and written:
            return parse(written)
    return ()


def _of_rows(rule: Rule, table: Table) -> bool:
    try:
        ready = build(rule, table)
    except UnevaluatedError:
        return False
    return ready.rows is not None and not ready.whole
