"""What one answer rests on: how it changes when a column takes its usual value.

The question is put to the whole release, preparation included, so it is asked in the columns that
callers send. Columns are changed one at a time: what two of them do only together is told of
neither, and shares do not add up to the answer.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import CLASSES, Json
from lingqu.core.schema import Column
from lingqu.release.release import Release
from lingqu.release.signals import signal_of

MOST = 5
"""Columns that are told of a row."""
ROWS = 100
"""Rows that are explained at a time."""
CELLS = 100_000
"""Rows times columns at most: each is a prediction."""
_KINDS = frozenset({"number", "category", "boolean"})
_LEAST = 1e-9


def usual_values(release: Release) -> dict[str, Json]:
    """Return of each column that can be explained what is usual in it.

    Returns:
        Column → the median of its training rows, or their most frequent level; nothing for what
        has none, such as pictures and texts, and for tasks whose answers are no class and no
        number.
    """
    if release.task not in CLASSES | {"regress"} or release.task == "flag":
        return {}
    parts: Mapping[str, Json] = release.profile["columns"]
    found = {
        column.name: _usual(column, parts.get(signal_of(column)))
        for column in release.predictor.schema
        if column.kind in _KINDS
    }
    return {name: value for name, value in found.items() if value is not None}


def contributions(release: Release, frame: pl.DataFrame) -> list[list[Json]]:
    """Return for each row the columns without which its answer would differ most.

    Args:
        release: Who answered.
        frame: The rows as callers send them, at most `ROWS`.

    Returns:
        One list a row, the strongest first: ``column``, ``change`` (of the probability of the
        answer, or of the value, that is due to it), ``value`` and ``usual``.

    Source: Zintgraf et al., "Visualizing deep neural network decisions: prediction difference
        analysis", 2017, arXiv:1702.04595, with one usual value in place of a distribution.
    """
    usual = usual_values(release)
    before, labels = _said(release, frame, None)
    changes = {
        name: before - _said(release, _with(frame, name, value), labels)[0]
        for name, value in usual.items()
        if name in frame.columns
    }
    told: list[list[Json]] = []
    for row in range(frame.height):
        order = sorted(changes, key=lambda name: -abs(changes[name][row]))[:MOST]
        told.append(
            [
                {
                    "column": name,
                    "change": float(f"{changes[name][row]:.6g}"),
                    "value": _plain(frame[name][row]),
                    "usual": usual[name],
                }
                for name in order
                if abs(changes[name][row]) > _LEAST
            ]
        )
    return told


def _said(
    release: Release, frame: pl.DataFrame, labels: NDArray[np.int64] | None
) -> tuple[NDArray[np.float64], NDArray[np.int64] | None]:
    """Return values, or how likely the answer is (the one of `labels` where they are given)."""
    said = release.answer(frame)
    if said.probabilities is None:
        values: NDArray[np.float64] = np.asarray(said.labels, dtype=np.float64)
        return values, None
    labels = said.labels.astype(np.int64) if labels is None else labels
    return said.probabilities[np.arange(len(labels)), labels], labels


def _with(frame: pl.DataFrame, name: str, value: Json) -> pl.DataFrame:
    return frame.with_columns(pl.lit(value).cast(frame.schema[name]).alias(name))


def _usual(column: Column, part: Json) -> Json:
    if not isinstance(part, Mapping) or not sum(part.get("counts", ())):
        return None
    counts = np.asarray(part["counts"], dtype=np.float64)
    if part["kind"] == "number":
        # The first bin lies below the first edge, the last one above the last.
        place = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
        edges = part["edges"]
        return float(f"{edges[min(max(place - 1, 0), len(edges) - 1)]:.6g}")
    levels = part.get("levels", ())
    if not levels:
        return None
    level = levels[int(counts[: len(levels)].argmax())]
    return level == "true" if column.kind == "boolean" else level


def _plain(value: object) -> Json:
    if value is None or isinstance(value, bool | int | str):
        return value
    return float(f"{value:.6g}") if isinstance(value, float) and np.isfinite(value) else None
