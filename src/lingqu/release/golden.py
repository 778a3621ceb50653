"""Golden answers: a few rows and exactly what the model said of them, kept in the release.

Every outlet answers them again before it opens, and refuses to open on a difference. Rows are
stored as a caller would send them in JSON, so the same rows test a function, an HTTP server and a
container.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.nouns import REPLIES, Json
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.release.answers import columns
from lingqu.release.conform import conform
from lingqu.release.frames import to_polars
from lingqu.release.predictor import Predictor

ROWS = 16
TOLERANCE = 1e-6
"""Largest difference of a number that still counts as the same answer on another machine."""


@dataclass(frozen=True)
class Difference:
    """One answer that is not what it was.

    Args:
        row: Row of the golden answers, from 1.
        column: Column of the answer, or ``""`` when the number of rows differs.
        expected: What the release recorded.
        received: What came back.
    """

    row: int
    column: str
    expected: Json
    received: Json

    def __str__(self) -> str:
        return f"row {self.row} {self.column}: {self.expected!r} → {self.received!r}"


def make_golden(predictor: Predictor, frame: pl.DataFrame, rows: int = ROWS) -> dict[str, Json]:
    """Choose rows, answer them, and return both as JSON.

    Args:
        predictor: The model with its preparation, as the release will open it.
        frame: Raw rows to choose from; one row per predicted class comes first, the rest is
            spread evenly.
        rows: How many at most.
    """
    # Of answers without classes any rows will do, and some are written word by word.
    sample = frame[: rows if predictor.task in REPLIES else 64 * rows]
    chosen = sample[_spread(predictor.predict(sample), rows)]
    inputs = json_rows(chosen, predictor.schema)
    # The answers are those to the rows as they will come back from JSON.
    answers = columns(predictor.predict(to_polars(inputs)))
    outputs = answers.to_dicts()
    return {
        "tolerance": TOLERANCE,
        "rows": [{"input": i, "output": o} for i, o in zip(inputs, outputs, strict=True)],
    }


def _spread(predictions: Predictions, rows: int) -> list[int]:
    count = len(predictions.labels)
    first: list[int] = []
    if predictions.classes:
        first = np.unique(predictions.labels, return_index=True)[1].tolist()[:rows]
    even = np.linspace(0, count - 1, min(rows, count)).astype(int).tolist()
    return sorted(list(dict.fromkeys([*first, *even]))[:rows])


def json_rows(frame: pl.DataFrame, schema: Schema) -> list[dict[str, Json]]:
    """Return the features of raw rows as a caller would send them in JSON.

    Pictures and recordings that are files or encoded bytes become ``data:`` URIs, so the rows
    stand alone.

    Example:
        >>> schema = Schema((Column("age", "number"),))
        >>> json_rows(pl.DataFrame({"age": ["41"], "else": [1]}), schema)
        [{'age': 41.0}]
    """
    inputs = Schema(schema.inputs)
    rows = conform(frame, inputs).to_dicts()
    return [{c.name: _plain(row[c.name], c) for c in inputs} for row in rows]


def _plain(value: Any, column: Column) -> Json:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return _uri(value)
    if (
        column.kind in ("image", "audio")
        and isinstance(value, str)
        and not value.startswith("data:")
    ):
        return _uri(Path(value).read_bytes())
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list):
        return [_plain(item, column) for item in value]
    return value


def _uri(data: bytes) -> str:
    return "data:application/octet-stream;base64," + base64.b64encode(data).decode()


def inputs_of(golden: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Return the rows to send, in order."""
    return [row["input"] for row in golden["rows"]]


def differences(golden: Mapping[str, Json], answers: pl.DataFrame) -> list[Difference]:
    """Compare answers, in the columns of `predictor.columns`, with the recorded ones.

    Args:
        golden: Content of ``golden.json``.
        answers: Answers to `inputs_of(golden)`, in order.

    Returns:
        What differs; empty when the model gives the same answers.
    """
    rows, received = golden["rows"], answers.to_dicts()
    if len(rows) != len(received):
        return [Difference(0, "", len(rows), len(received))]
    found = []
    for number, (row, answer) in enumerate(zip(rows, received, strict=True), start=1):
        for name, expected in row["output"].items():
            got = answer.get(name)
            if not _same(expected, got, golden["tolerance"]):
                found.append(Difference(number, name, expected, got))
    return found


def _same(expected: Json, received: Json, tolerance: float) -> bool:
    if isinstance(expected, int | float) and isinstance(received, int | float):
        return abs(expected - received) <= tolerance * max(1.0, abs(expected))
    if isinstance(expected, dict) and isinstance(received, dict):
        return expected.keys() == received.keys() and all(
            _same(value, received[name], tolerance) for name, value in expected.items()
        )
    if isinstance(expected, list) and isinstance(received, list):
        pairs = zip(expected, received, strict=False)
        return len(expected) == len(received) and all(_same(a, b, tolerance) for a, b in pairs)
    return bool(expected == received)
