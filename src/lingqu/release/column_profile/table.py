"""The profile of every column of a table in one pass, with a sample of rows beside it."""

from __future__ import annotations

import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Schema
from lingqu.release.column_profile.column import ColumnProfile, profile_of
from lingqu.release.column_profile.quantiles import BUFFER, EXACT
from lingqu.release.column_profile.sample import RowSample

SAMPLE = 50_000
"""Rows that are kept for what needs whole rows, such as associations between columns."""
VALUES = 8 * EXACT
"""Numbers that all columns together may keep, before quantiles are summarised."""
_SAMPLED = ("number", "category", "boolean", "datetime")


class TableProfile:
    """Profiles of all columns: `add` batches, `merge` parts, `to_json` at any time.

    Args:
        schema: The typed columns; those with the role ``ignored`` are profiled too.
        seed: Of the sample; give parts that will be merged different ones.

    Example:
        >>> from lingqu.core.schema import Column
        >>> table = TableProfile(Schema((Column("age", "number"),)))
        >>> table.add(pl.DataFrame({"age": [41.0]}))
        >>> table.add(pl.DataFrame({"age": [29.0, None]}))
        >>> table.rows, table.to_json()["columns"]["age"]["missing"]
        (3, 1)
    """

    def __init__(self, schema: Schema, seed: int = 0) -> None:
        self.rows = 0
        exact = VALUES // max(1, len(schema.columns))
        self.exact = min(EXACT, max(BUFFER, exact))
        self.columns: dict[str, ColumnProfile] = {
            column.name: profile_of(column, self.exact) for column in schema
        }
        self.sample = RowSample(SAMPLE, seed)
        self._sampled = [column.name for column in schema if column.kind in _SAMPLED]

    def add(self, frame: pl.DataFrame) -> None:
        """Count a batch that holds every column."""
        self.rows += frame.height
        for name, profile in self.columns.items():
            profile.add(frame[name])
        self.sample.add(frame.select(self._sampled))

    def merge(self, other: TableProfile) -> None:
        """Count what the profile of another part of the same table has seen."""
        self.rows += other.rows
        for name, profile in self.columns.items():
            profile.merge(other.columns[name])
        self.sample.merge(other.sample)

    def to_json(self) -> dict[str, Json]:
        """Return ``rows`` and the profile of each column."""
        return {
            "rows": self.rows,
            "columns": {name: profile.to_json() for name, profile in self.columns.items()},
        }
