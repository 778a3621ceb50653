"""Answered requests as rows of the prediction log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl

from lingqu.core.nouns import CLASSES, REPLIES
from lingqu.core.predictions import OUT_OF_RANGE, in_numbers
from lingqu.outlets.sight.log import BASE, Entry
from lingqu.release.signals import made_cells

if TYPE_CHECKING:
    from lingqu.outlets.served import Served


def frames(entries: Sequence[Entry]) -> list[pl.DataFrame]:
    """Turn entries of the log into rows; requests of one release that follow each other share
    one frame."""
    made = []
    for (source, answered), group in groupby(
        entries, key=lambda entry: (entry.source, entry.answer is not None)
    ):
        made.append(_frame(source, list(group), answered))
    return made


def _frame(source: Served, entries: list[Entry], answered: bool) -> pl.DataFrame:
    counts = [entry.rows for entry in entries]

    def repeated(values: list[Any]) -> list[Any]:
        return [value for value, n in zip(values, counts, strict=True) for _ in range(n)]

    stamps = [datetime.fromtimestamp(e.at, UTC).replace(tzinfo=None) for e in entries]
    told = in_numbers(source.release.task, source.release.classes)
    told |= source.release.task in REPLIES
    said = pl.Float64() if told else pl.String()
    rows = sum(counts)
    predictions = [p for e in entries for p in e.answer.predictions] if answered else [None] * rows
    if source.release.task == "recommend":  # the first item stands for the list
        predictions = [(p or [None])[0] for p in predictions]
    elif source.release.task in REPLIES:  # what is watched of an answer is how long it is
        predictions = [None if p is None else float(len(p)) for p in predictions]
    sure: list[Any] = [None] * rows
    if answered and source.release.task in REPLIES:
        sure = [
            value
            for entry in entries
            for value in (entry.answer.beside or {}).get("confidence", [None] * entry.rows)
        ]
    if answered and source.release.task in CLASSES and not told:
        sure = [value for entry in entries for value in entry.answer.confidence]
    frame = pl.DataFrame(
        {
            "prediction_id": [name for entry in entries for name in entry.ids],
            "at": repeated(stamps),
            "release": [source.digest] * rows,
            "arm": repeated([entry.arm for entry in entries]),
            "key": repeated([entry.key for entry in entries]),
            "status": repeated([entry.status for entry in entries]),
            "latency_ms": repeated([entry.latency_ms for entry in entries]),
            "prediction": predictions,
            "confidence": sure,
        },
        schema={**BASE, "prediction": said},
    )
    if any(entry.caller for entry in entries):
        callers = repeated([entry.caller for entry in entries])
        frame = frame.with_columns(pl.Series("caller", callers, dtype=pl.Int64))
    if answered:
        frame = frame.hstack([*_regions(entries), *_options(source, entries)])
        frame = frame.hstack(_watched(source, entries))
        frame = frame.hstack(source.signals([entry.columns for entry in entries]))
    return frame


def _options(source: Served, entries: list[Entry]) -> list[pl.Series]:
    """Return how each answer was asked to be written, as JSON; no column where none is written."""
    if not source.writes:
        return []
    told = [
        None if entry.columns.writing is None
        else orjson.dumps(entry.columns.writing.to_json()).decode()
        for entry in entries for _ in range(entry.rows)
    ]  # fmt: skip
    return [pl.Series("options", told, dtype=pl.String)]


def _watched(source: Served, entries: list[Entry]) -> list[pl.Series]:
    """Return what else is watched of answers: made cells, and rows unlike those of training.

    The profile of the release names the cells that may be kept.
    """
    flags = [flag for entry in entries for flag in entry.answer.out_of_range or ()]
    strange = [pl.Series(OUT_OF_RANGE, flags)] if flags else []
    made = made_cells([said for entry in entries for said in entry.answer.predictions])
    known = source.release.profile.get("outputs", {})
    return [*strange, *(cells for cells in made if cells.name in known)]


def _regions(entries: list[Entry]) -> list[pl.Series]:
    """Return the interval or set of each answer as columns of the log: nothing without any.

    Truth that comes back later can then be held against what was promised.
    """
    first = entries[0].answer
    if first.sets is not None:
        inside = [names for entry in entries for names in entry.answer.sets]
        return [pl.Series("set", inside, dtype=pl.List(pl.String))]
    if first.low is None:
        return []
    ends = {"low": [e.answer.low for e in entries], "high": [e.answer.high for e in entries]}
    return [
        pl.Series(name, [value for part in parts for value in part], dtype=pl.Float64)
        for name, parts in ends.items()
    ]
