"""A map of test rows in two dimensions: rows that the model takes for alike lie close together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.see.last_layer import last_layer
from lingqu.check.see.principal import principal
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.release.encode import encode, fit_encoding

ROWS = 300
"""Rows on the map, at most."""
_FEWEST = 3
_LEARNT = 2000
"""Training rows from which columns become numbers, at most."""


def embedding(
    model: Model,
    train: Dataset,
    frame: pl.DataFrame,
    told: Callable[[int], list[Json]],
    seed: int = 0,
) -> dict[str, Json]:
    """Return places of test rows, with what is true and what was said of each.

    The places are principal components and nothing else: a straight projection has axes whose
    share of the variance can be told, and is the same on every machine. Neighbour maps (t-SNE,
    UMAP) show tighter clusters, but distances between these mean nothing, they change with the
    seed, and they cost more than all the rest of a report.

    Args:
        model: Its heaviest member is asked what its head reads; where that is no net, the columns
            as numbers are taken.
        train: Rows from which these numbers are learned.
        frame: Governed test rows.
        told: Truth and answer of each row.
        seed: Which rows are drawn where there are more than `ROWS`.

    Returns:
        ``of`` (the member, or ``""`` for the columns), ``width``, ``shares`` of both axes and
        ``points``: two coordinates, truth, answer. Nothing where there are too few rows.
    """
    if frame.height < _FEWEST:
        return {}
    picked = np.arange(frame.height)
    if len(picked) > ROWS:
        picked = np.sort(np.random.default_rng(seed).choice(frame.height, ROWS, replace=False))
    rows = frame[picked]
    heaviest = max(model.members, key=lambda member: member.weight)
    seen, of = last_layer(heaviest, rows), heaviest.name
    if seen is None or not seen.std(axis=0).any():
        seen, of = _columns(train, rows), ""
    if seen is None:
        return {}
    found = principal(seen)
    places = np.round(found.points, 4).tolist()
    points = [[*place, *told(row)] for place, row in zip(places, picked.tolist(), strict=True)]
    shares = [round(share, 4) for share in found.shares]
    return {"of": of, "width": seen.shape[1], "shares": shares, "points": points}


def _columns(train: Dataset, rows: pl.DataFrame) -> NDArray[np.float64] | None:
    """Return the columns as comparable numbers; None where none can be read so."""
    some = replace(train, frame=train.frame.gather_every(-(-len(train) // _LEARNT) or 1))
    try:
        encoding = fit_encoding(some, "linear")
    except DataError:
        return None
    return encode(rows, encoding)[encoding["tensor"]].astype(np.float64)
