"""Columns of levels: how often each stands, and which are one level spelt in several ways."""

from __future__ import annotations

from typing import Self

import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.release.column_profile.column import ColumnProfile
from lingqu.release.column_profile.distinct import Distinct
from lingqu.release.column_profile.levels import Levels
from lingqu.release.column_profile.numbers import counted
from lingqu.release.column_profile.quantiles import EXACT

TOP = 12


class CategoryProfile(ColumnProfile):
    """Levels: counts of the frequent ones, levels seen once, spelling variants."""

    def __init__(self, column: Column, exact: int = EXACT) -> None:
        super().__init__(column, exact)
        self.levels, self.different = Levels(), Distinct()

    def read(self, series: pl.Series) -> pl.Series:
        return series if series.dtype == pl.String else series.cast(pl.String)

    def look(self, values: pl.Series) -> None:
        self.levels.add(values)
        self.different.add(values)

    def join(self, other: Self) -> None:
        self.levels.merge(other.levels)
        self.different.merge(other.different)

    def shown(self) -> dict[str, Json]:
        top = self.levels.top(TOP)
        counts = self.levels.counts()["n"]
        shown = {
            **counted(self.different),
            "top": top,
            "other": self.rows - self.missing - sum(top.values()),
            "single": None if self.levels.missed else int((counts == 1).sum()),
            "variants": self.levels.variants(),
        }
        if unsaid := self.levels.unsaid():
            shown["unsaid"] = unsaid
        return shown | ({"top_error": self.levels.missed} if self.levels.missed else {})


class BooleanProfile(ColumnProfile):
    """Yes and no: their counts, and the share of yes where the column holds truth values."""

    def __init__(self, column: Column, exact: int = EXACT) -> None:
        super().__init__(column, exact)
        self.levels = Levels()

    def look(self, values: pl.Series) -> None:
        self.levels.add(values.cast(pl.String))

    def join(self, other: Self) -> None:
        self.levels.merge(other.levels)

    def shown(self) -> dict[str, Json]:
        top = self.levels.top(TOP)
        present = self.rows - self.missing
        shown = {
            "distinct": self.levels.counts().height,
            "top": top,
            "other": present - sum(top.values()),
        }
        if set(top) <= {"true", "false"} and present:
            shown["true_share"] = top.get("true", 0) / present
        return shown
