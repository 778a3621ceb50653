"""Columns of numbers, of vectors (by their length) and of boxes (by how many)."""

from __future__ import annotations

from typing import Self

import numpy as np
import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.release.column_profile.column import ColumnProfile
from lingqu.release.column_profile.distinct import Distinct
from lingqu.release.column_profile.quantiles import EXACT
from lingqu.release.column_profile.summary import Summary


class NumberProfile(ColumnProfile):
    """Numbers: moments, quantiles, histogram, zeros, negatives, infinities, frequent values."""

    def __init__(self, column: Column, exact: int = EXACT) -> None:
        super().__init__(column, exact)
        self.numbers, self.different = Summary(exact), Distinct()
        self.zeros = self.negative = self.infinite = 0
        self.whole = True

    def read(self, series: pl.Series) -> pl.Series:
        values = series if series.dtype == pl.Float64 else series.cast(pl.Float64, strict=False)
        return values.fill_nan(None)

    def look(self, values: pl.Series) -> None:
        self.different.add(values)
        found = values.to_numpy()
        if not np.isfinite(found.sum()):
            finite = np.isfinite(found)
            self.infinite += int(len(found) - finite.sum())
            found = found[finite]
        self.zeros += int(np.count_nonzero(found == 0))
        self.negative += int(np.count_nonzero(found < 0))
        self.whole = self.whole and bool((found == np.floor(found)).all())
        self.numbers.add(found)

    def join(self, other: Self) -> None:
        self.numbers.merge(other.numbers)
        self.different.merge(other.different)
        self.zeros += other.zeros
        self.negative += other.negative
        self.infinite += other.infinite
        self.whole = self.whole and other.whole

    def shown(self) -> dict[str, Json]:
        exact = None if self.infinite else self.numbers.distinct()
        different = counted(self.different) if exact is None else {"distinct": exact}
        if not self.numbers.count:
            return different | ({"infinite": self.infinite} if self.infinite else {})
        return {
            **different,
            **self.numbers.to_json(),
            "zeros": self.zeros,
            "negative": self.negative,
            "infinite": self.infinite,
            "whole": self.whole,
            "frequent": self.numbers.frequent(),
        }


def counted(different: Distinct) -> dict[str, Json]:
    """Return the number of different values, with its error where it was estimated."""
    found: dict[str, Json] = {"distinct": different.estimate()}
    if not different.exact:
        found["distinct_error"] = round(different.error, 5)
    return found


class VectorProfile(ColumnProfile):
    """Lists of numbers: how long they are as arrows."""

    def __init__(self, column: Column, exact: int = EXACT) -> None:
        super().__init__(column, exact)
        self.norms = Summary(exact)

    def look(self, values: pl.Series) -> None:
        table = np.asarray(values.to_list(), dtype=np.float64)
        norms = np.linalg.norm(table.reshape(len(table), -1), axis=1)
        self.norms.add(norms[np.isfinite(norms)])

    def join(self, other: Self) -> None:
        self.norms.merge(other.norms)

    def shown(self) -> dict[str, Json]:
        return {"parts": {"norm": self.norms.to_json()}}


class BoxProfile(ColumnProfile):
    """Boxes around objects: how many a row has."""

    def __init__(self, column: Column, exact: int = EXACT) -> None:
        super().__init__(column, exact)
        self.counts = Summary(exact)

    def look(self, values: pl.Series) -> None:
        if isinstance(values.dtype, pl.List):
            self.counts.add(values.list.len().cast(pl.Float64).to_numpy())

    def join(self, other: Self) -> None:
        self.counts.merge(other.counts)

    def shown(self) -> dict[str, Json]:
        found = self.counts.to_json()
        return {"parts": {"boxes": found}} if found else {}
