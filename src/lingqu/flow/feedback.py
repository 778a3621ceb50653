"""Labels that came back: taken in from a file, and set beside the answers of a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.nouns import CLASSES, Dataset, Json
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Schema
from lingqu.flow.call import answering
from lingqu.outlets.served import Served
from lingqu.outlets.sight.labels import Labels, label_of
from lingqu.release.release import Release
from lingqu.store.folders import release_folder
from lingqu.store.home import Home

COLUMNS = ("prediction_id", "label")
"""Columns that a file of labels has."""


def take(
    home: Home, channel: str, labels: pl.DataFrame | Mapping[str, Json], *, replaces: bool = False
) -> dict[str, int]:
    """Keep labels for answers that a channel gave.

    Args:
        home: The workspace.
        channel: Name of the channel.
        labels: Prediction id → label, or a frame of `COLUMNS`.
        replaces: Whether labels that are known may be corrected.

    Returns:
        How many were ``new``, and how many ``known``.

    Raises:
        DataError: A column is missing, a label cannot be, or an id is of no answer.
        AccessError: An answer has another label already.
    """
    pairs = _pairs(labels)
    folder = release_folder(home, answering(home, channel).digest)
    with ThreadPoolExecutor(1) as threads:
        served = Served(Release.open(folder, paths=False), threads)
        read = [
            label_of(served, place, dict(zip(COLUMNS, pair, strict=True)))[0]
            for place, pair in enumerate(pairs, start=1)
        ]
    states = Labels(home).keep(
        channel, read, {one.prediction for one in read} if replaces else frozenset()
    )
    return {"new": states.count("new"), "known": states.count("known")}


def truth_of(
    home: Home, channel: str, release: Release, rows: pl.DataFrame
) -> tuple[Dataset, Predictions] | None:
    """Return the answered rows of a window whose truth came back, and what was answered.

    Args:
        home: The workspace.
        channel: Name of the channel.
        release: The release that answered.
        rows: Lines of the log.

    Returns:
        A dataset of the target alone, and the answers row by row; None where no label came, or
        answers of the task are no classes and no numbers.
    """
    target = release.schema.target
    rows = rows.filter(pl.col("status") < 400)
    known = home.ledger.feedback.of(channel, rows["prediction_id"].to_list())
    if not known or target is None:
        return None
    rows = rows.filter(pl.col("prediction_id").is_in(list(known)))
    truth = [known[name].label for name in rows["prediction_id"].to_list()]
    said = _said(release, rows)
    if said is None:
        return None
    kind = pl.String() if release.task in CLASSES else pl.Float64()
    frame = pl.DataFrame({target.name: pl.Series(truth, dtype=kind, strict=False)})
    return Dataset(frame, Schema((target,))), said


def _said(release: Release, rows: pl.DataFrame) -> Predictions | None:
    if release.task == "regress":
        low, high = (
            rows[name].to_numpy() if name in rows.columns else None for name in ("low", "high")
        )
        return Predictions(rows["prediction"].cast(pl.Float64).to_numpy(), low=low, high=high)
    if release.task not in CLASSES or not release.classes:
        return None
    places = {name: place for place, name in enumerate(release.classes)}
    labels = np.array([places[name] for name in rows["prediction"].to_list()], dtype=np.int64)
    sets = None
    if "set" in rows.columns:
        inside = rows["set"].to_list()
        sets = np.array([[name in (held or ()) for name in release.classes] for held in inside])
    return Predictions(labels, None, release.classes, sets=sets)


def _pairs(labels: pl.DataFrame | Mapping[str, Json]) -> Sequence[tuple[Any, ...]]:
    if isinstance(labels, Mapping):
        return list(labels.items())
    lacking = [name for name in COLUMNS if name not in labels.columns]
    if lacking:
        raise DataError(
            "outlets.missing_column", row=1, column=lacking[0], expected=", ".join(COLUMNS),
            received=", ".join(labels.columns[:12]),
        )  # fmt: skip
    return labels.select(COLUMNS).drop_nulls().rows()
