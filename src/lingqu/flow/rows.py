"""Rows that a run kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lingqu.data import versions
from lingqu.store.home import Home

if TYPE_CHECKING:
    import polars as pl


def kept_rows(home: Home, run: str, part: Literal["train", "test"]) -> pl.DataFrame:
    """Return the rows of the data stage of a run, before governance."""
    record = home.ledger.runs.get(run)
    stage = next(s for s in record.stages if s.name == "data")
    return versions.load(stage.result[part]["blob"], home.blobs).frame
