"""Numbers of rows that are kept with a split: how they were read, and which are copies."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core import digest
from lingqu.core.nouns import Json
from lingqu.core.surroundings import ReadOrder
from lingqu.flow.last_run import places_read
from lingqu.flow.walk import Walk

if TYPE_CHECKING:
    from lingqu.flow.data_stage import Parts

FOLDER = "numbers"
Rows = NDArray[np.int64]


def keep_numbers(walk: Walk, numbers: Rows) -> str:
    """Keep a number for each row; return the path."""
    data = zlib.compress(numbers.astype("<u4").tobytes())
    path = f"{FOLDER}/{digest.of_bytes(data)}.rows"
    walk.home.blobs.write(path, data)
    return path


def _numbers(walk: Walk, path: str) -> Rows:
    with walk.home.blobs.open(path) as file:
        return np.frombuffer(zlib.decompress(file.read()), dtype="<u4").astype(np.int64)


def order_of(walk: Walk, data: Mapping[str, Json], rows: Parts) -> ReadOrder:
    """Return the rows of a data stage in the order in which they were read."""
    order = np.argsort(_numbers(walk, data["order"]), kind="stable")
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))

    def columns(names: Sequence[str]) -> pl.DataFrame:
        known: list[Any] = [name for name in names if name in rows.train.frame.columns]
        both = [part.frame.select(known) for part in (rows.train, rows.test)]
        return pl.concat(both)[order] if known else pl.DataFrame()

    return ReadOrder(columns, places[: len(rows.train)])


def families_of(walk: Walk, data: Mapping[str, Json], governed: Mapping[str, Json]) -> Rows | None:
    """Return the family of copies of each governed training row, or None where no split knew it."""
    if not data["families"]:
        return None
    found = _numbers(walk, data["families"])
    return found[places_read(walk.home, governed, len(found))]
