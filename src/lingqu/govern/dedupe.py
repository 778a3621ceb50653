"""Mark rows that are copies of an earlier row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import KINDS, Kind
from lingqu.govern.marks import keeping, mark
from lingqu.govern.media import MEDIA, content_keys
from lingqu.govern.step import SAMPLES, Step, chosen

_ROW = "lingqu.row"
CHANCE = 0.05
"""Share of the equal pairs from which chance counts as the explanation."""


@dataclass
class Dedupe(Step):
    """Mark later copies of a row, over every column that says something; media by content.

    Why: a row that stands twice counts twice, and a copy on the other side of a split lets a
    model answer by memory. Rows with equal features and *different* labels are not copies: they
    are reported apart, because one of them is wrong. In a table of a few coarse columns two
    people are often equal by chance; dropping one of them would bend the data, so such copies
    are only reported.

    Args:
        subset: Columns that decide; features, target, protected, time and group when empty.
        coarse: What to do when chance explains a twentieth or more of the equal pairs:
            ``report`` them, or ``drop`` them all the same.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"x": [1, 2, 1]})
        >>> step, data = Dedupe(), Dataset(frame, Schema((Column("x", "number"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["lingqu.keep"].to_list()
        [True, True, False]

    Source: Own: exact equality needs no threshold; chance is the product of the columns' own
        shares of equal pairs (Simpson 1949, doi:10.1038/163688a0). Why it matters: Lee et al.,
        Deduplicating Training Data, ACL 2022, arXiv:2107.06499.
    """

    name: ClassVar[str] = "dedupe"
    main: ClassVar[str] = "subset"
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)

    subset: tuple[str, ...] = ()
    coarse: Literal["report", "drop"] = "report"

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        roles: Any = ("feature", "target", "protected", "time", "group")
        columns = chosen(self.name, dataset.schema, self.subset, self.kinds, roles)
        return {"columns": [column.name for column in columns]}

    def transform(self, dataset: Dataset) -> Dataset:
        copies, keys, _ = self._copies(dataset)
        if not copies.any() or (self.coarse == "report" and explained(keys) >= CHANCE):
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
        share = explained(keys) if copies.any() else 0.0
        kept = self.coarse == "report" and share >= CHANCE
        return {
            "columns": names,
            "by_chance": round(min(share, 1.0), 4),
            "only_reported": kept and bool(copies.any()),
            "copies": int(copies.sum()),
            "groups": groups.len(),
            "samples": [rows[:SAMPLES] for rows in groups.head(SAMPLES).to_list()],
            "conflicting_labels": sum(len(rows) for rows in clashes),
            "conflict_samples": [rows[:SAMPLES] for rows in clashes[:SAMPLES]],
            "changed": 0 if kept else int(copies.sum()),
        }


def explained(keys: pl.DataFrame) -> float:
    """Return the share of the equal pairs of rows that chance explains.

    Columns are taken as independent, which makes the answer too small rather than too large.
    Their own shares of equal pairs are counted on distinct rows, so that copies do not explain
    themselves.
    """
    names = [name for name in keys.columns if name != _ROW]
    groups = keys.select(names).group_by(names).len(name=_ROW)
    seen = _pairs(groups.get_column(_ROW))
    if not seen or groups.height < 2:
        return 0.0
    every = groups.height * (groups.height - 1) / 2
    chance = keys.height * (keys.height - 1) / 2
    for name in names:
        chance *= _pairs(groups.get_column(name).value_counts(name=_ROW).get_column(_ROW)) / every
    return float(chance / seen)


def _pairs(counts: pl.Series) -> float:
    numbers = counts.cast(pl.Float64)
    return float((numbers * (numbers - 1) / 2).sum())


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
