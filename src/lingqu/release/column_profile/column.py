"""What every column profile shares, and which class profiles which kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from typing import Any, Self, cast

import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.release.column_profile.quantiles import EXACT


class ColumnProfile(ABC):
    """One pass over one column: `add` batches, `merge` parts, `to_json` at any time.

    Args:
        column: The typed column.
        exact: Numbers up to which quantiles are exact.
    """

    def __init__(self, column: Column, exact: int = EXACT) -> None:
        self.column, self.exact = column, exact
        self.rows = self.missing = 0

    def add(self, series: pl.Series) -> None:
        """Count a batch."""
        values = self.read(series)
        self.rows += len(values)
        missing = values.null_count()
        self.missing += missing
        if missing < len(values):
            self.look(values.drop_nulls() if missing else values)

    def merge(self, other: Self) -> None:
        """Count what another profile of the same column has seen."""
        self.rows += other.rows
        self.missing += other.missing
        self.join(other)

    def to_json(self) -> dict[str, Json]:
        """Return the profile, small and without rows."""
        return {
            "kind": self.column.kind,
            "role": self.column.role,
            "rows": self.rows,
            "missing": self.missing,
            **self.shown(),
        }

    def read(self, series: pl.Series) -> pl.Series:
        """Return the values in the type that `look` reads; what is no value becomes null."""
        return series

    @abstractmethod
    def look(self, values: pl.Series) -> None:
        """Count values that are there, at least one."""

    @abstractmethod
    def join(self, other: Self) -> None:
        """Add what the other has counted."""

    @abstractmethod
    def shown(self) -> dict[str, Json]:
        """Return what this kind of column has to show."""


_KINDS = {
    "number": "numbers:NumberProfile",
    "category": "categories:CategoryProfile",
    "boolean": "categories:BooleanProfile",
    "datetime": "times:TimeProfile",
    "text": "words:TextProfile",
    "image": "pictures:PictureProfile",
    "audio": "sounds:SoundProfile",
    "vector": "numbers:VectorProfile",
    "boxes": "numbers:BoxProfile",
}
"""Kind → module and class, imported when a column of that kind comes."""


def profile_of(column: Column, exact: int = EXACT) -> ColumnProfile:
    """Return an empty profile for a column of this kind.

    Example:
        >>> profile = profile_of(Column("age", "number"))
        >>> profile.add(pl.Series([41.0, None]))
        >>> profile.to_json()["missing"], profile.to_json()["max"]
        (1, 41.0)
    """
    module, _, name = _KINDS[column.kind].partition(":")
    made: Any = getattr(import_module(f"lingqu.release.column_profile.{module}"), name)
    return cast(ColumnProfile, made(column, exact))
