"""Set aside feature columns that say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import KINDS, Kind
from lingqu.govern.set_aside import SetAside, worded
from lingqu.govern.step import chosen


@dataclass
class DropConstant(SetAside):
    """Give features with one value (or none) the role ``ignored``; travels.

    Why: a column that never changes cannot explain anything, breaks scaling by its spread, and
    would have to be sent with every request for nothing. The values stay in the frame.

    Args:
        share: A column also counts as constant when one value holds at least this share of its
            rows, 0.5 < share ≤ 1.
        columns: Only these columns; every feature when empty.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"a": [1, 1], "b": [1, 2]})
        >>> schema = Schema((Column("a", "number"), Column("b", "number")))
        >>> step = DropConstant()
        >>> step.fit(Dataset(frame, schema))
        >>> [c.name for c in step.apply(Dataset(frame, schema)).schema.features]
        ['b']

    Source: Kuhn & Johnson, Applied Predictive Modeling, 2013, section 3.5 (zero variance).
    """

    name: ClassVar[str] = "drop_constant"
    main: ClassVar[str] = "share"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)

    share: float = 1.0
    columns: tuple[str, ...] = ()

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        found: dict[str, tuple[str, dict[str, Json]]] = {}
        for column in chosen(self.name, dataset.schema, self.columns, self.kinds):
            why = self._why(dataset.frame.get_column(column.name))
            if why:
                found[column.name] = why
        return worded(found)

    def _why(self, series: pl.Series) -> tuple[str, dict[str, Json]] | None:
        if series.null_count() == series.len():
            return "govern.aside_empty", {}
        if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
            return None
        if self.share >= 1.0:
            # Most columns differ in their first rows: a scan of the rest is rarely needed.
            if series.head(1000).n_unique() > 1 or series.n_unique() > 1:
                return None
            return "govern.aside_one_value", {"value": series[0]}
        top = series.value_counts(sort=True, name="lingqu.count")
        count = int(top.get_column("lingqu.count")[0])
        if count >= self.share * series.len():
            value = top.get_column(series.name)[0]
            facts = {"value": value, "count": count, "rows": series.len()}
            return "govern.aside_mostly", facts
        return None
