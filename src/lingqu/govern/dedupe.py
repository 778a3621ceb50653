"""Mark rows that are copies of an earlier row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import KINDS, Kind
from lingqu.govern.marks import keeping, mark
from lingqu.govern.media import MEDIA, content_keys
from lingqu.govern.step import SAMPLES, Step, chosen

_ROW = "lingqu.row"


@dataclass
class Dedupe(Step):
    """Mark later copies of a row, over features and target; media are compared by content.

    Why: a row that stands twice counts twice, and a copy on the other side of a split lets a
    model answer by memory. Rows with equal features and *different* labels are not copies: they
    are reported apart, because one of them is wrong.

    Args:
        subset: Columns that decide; features and target when empty.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"x": [1, 2, 1]})
        >>> step, data = Dedupe(), Dataset(frame, Schema((Column("x", "number"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["lingqu.keep"].to_list()
        [True, True, False]

    Source: Own: exact equality needs no threshold and makes no false hit. Why it matters: Lee et
        al., Deduplicating Training Data, ACL 2022, arXiv:2107.06499.
    """

    name: ClassVar[str] = "dedupe"
    main: ClassVar[str] = "subset"
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)

    subset: tuple[str, ...] = ()

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        roles: Any = ("feature", "target")
        columns = chosen(self.name, dataset.schema, self.subset, self.kinds, roles)
        return {"columns": [column.name for column in columns]}

    def transform(self, dataset: Dataset) -> Dataset:
        copies = self._copies(dataset)[0]
        if not copies.any():
            return dataset
        return replace(
            dataset, frame=mark(dataset.frame, copies, f"{self.name}: copy of an earlier row")
        )

    def _copies(self, dataset: Dataset) -> tuple[Any, pl.DataFrame, str]:
        """Return which rows are copies, the keys of unmarked rows, and the target's name."""
        names = [name for name in self.state.get("columns", []) if name in dataset.frame.columns]
        keys = _keys(dataset, names)
        target = dataset.schema.target
        label = target.name if target is not None and target.name in names else ""
        copies = np.zeros(dataset.frame.height, dtype=bool)
        if names:
            later = ~keys.select(pl.struct(names).is_first_distinct()).to_series()
            copies[keys.get_column(_ROW).filter(later).to_numpy()] = True
        return copies, keys, label

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        copies, keys, label = self._copies(before)
        names = [name for name in keys.columns if name != _ROW]
        groups = (
            keys.group_by(names, maintain_order=True)
            .agg(pl.col(_ROW))
            .filter(pl.col(_ROW).list.len() > 1)
            .get_column(_ROW)
        )
        features = [name for name in names if name != label]
        clashes: list[list[int]] = []
        if label and features:
            clashes = (
                keys.group_by(features, maintain_order=True)
                .agg(pl.col(_ROW), pl.col(label).n_unique().alias("lingqu.labels"))
                .filter(pl.col("lingqu.labels") > 1)
                .get_column(_ROW)
                .to_list()
            )
        return {
            "columns": names,
            "copies": int(copies.sum()),
            "groups": groups.len(),
            "samples": [rows[:SAMPLES] for rows in groups.head(SAMPLES).to_list()],
            "conflicting_labels": sum(len(rows) for rows in clashes),
            "conflict_samples": [rows[:SAMPLES] for rows in clashes[:SAMPLES]],
            "changed": int(copies.sum()),
        }


def _keys(dataset: Dataset, names: list[str]) -> pl.DataFrame:
    """Return the comparable columns of the rows that are not marked yet, with their numbers."""
    frame = dataset.frame.select(names).with_columns(
        pl.Series(_ROW, np.arange(dataset.frame.height, dtype=np.uint32))
    )
    frame = frame.filter(pl.Series(keeping(dataset.frame)))
    swapped = []
    for name in names:
        series = frame.get_column(name)
        kind = dataset.schema[name].kind if name in dataset.schema else "text"
        if kind in MEDIA or series.dtype.is_nested():
            swapped.append(content_keys(series))
    return frame.with_columns(swapped)
