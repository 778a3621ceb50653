"""Weigh training rows so that the target no longer depends on a protected column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl

from lingqu.core.catalog import near
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.govern.marks import keeping
from lingqu.govern.step import Step, arrange

WEIGHT = "lingqu.weight"
"""The column of role ``weight`` that this operator adds."""


@dataclass
class Reweigh(Step):
    """Give each training row the weight P(group) · P(label) / P(group, label).

    Why: with these weights every group has the same share of each label, so a learner that
    respects weights has no reason to use the group, and no label was changed. Training only.

    Args:
        column: The protected column; the first of role ``protected`` when empty.
        bins: Numbers (a protected age, a regression target) are cut into this many quantile
            bins, 2 to 20.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"sex": ["f", "f", "m", "m"], "hired": [0, 0, 0, 1]})
        >>> schema = Schema((Column("sex", "category"), Column("hired", "category", "target")))
        >>> step, data = Reweigh("sex"), Dataset(frame, schema)
        >>> step.fit(data)
        >>> step.apply(data).frame["lingqu.weight"].to_list()
        [0.75, 0.75, 1.5, 0.5]

    Source: Kamiran & Calders, Knowl. Inf. Syst. 33 (2012), section 4.2, algorithm 3,
        doi:10.1007/s10115-011-0463-8.
    """

    name: ClassVar[str] = "reweigh"
    main: ClassVar[str] = "column"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"number", "category", "boolean"})

    column: str = ""
    bins: int = 4

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        target = dataset.schema.target
        if target is None:
            raise SpecError("govern.no_target", operator=self.name)
        column = self._protected(dataset.schema)
        edges = {
            name: _edges(dataset.frame.get_column(name), dataset.schema[name], self.bins)
            for name in (column, target.name)
        }
        groups = _levels(dataset.frame.get_column(column), edges[column])
        labels = _levels(dataset.frame.get_column(target.name), edges[target.name])
        table = _weights(groups, labels)
        return {"column": column, "target": target.name, "edges": edges, "weights": table}

    def _protected(self, schema: Schema) -> str:
        if self.column:
            if self.column not in schema:
                raise SpecError(
                    "govern.unknown_column",
                    operator=self.name,
                    column=self.column,
                    near=near(self.column, schema.names),
                )
            return self.column
        protected = schema.having("protected")
        if not protected:
            raise SpecError("govern.no_protected", operator=self.name)
        return protected[0].name

    def transform(self, dataset: Dataset) -> Dataset:
        state = self.state
        if not state:
            return dataset
        frame = dataset.frame
        groups = _levels(frame.get_column(state["column"]), state["edges"][state["column"]])
        labels = _levels(frame.get_column(state["target"]), state["edges"][state["target"]])
        weights = np.array(
            [
                state["weights"].get(group, {}).get(label, 1.0)
                for group, label in zip(groups, labels, strict=True)
            ]
        )
        schema = dataset.schema
        if WEIGHT in schema:
            weights *= frame.get_column(WEIGHT).to_numpy()
        else:
            told = because("govern.reason_weight", column=state["column"], target=state["target"])
            schema = Schema((*schema, Column(WEIGHT, "number", "weight", **told)))
        frame = arrange(frame.with_columns(pl.Series(WEIGHT, weights)), schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        kept = keeping(after.frame)
        if not self.state or not kept.any():
            return {"changed": 0}
        weights = after.frame.get_column(WEIGHT).to_numpy()[kept]
        return {
            "column": self.state["column"],
            "weights": self.state["weights"],
            "lowest": float(weights.min()),
            "highest": float(weights.max()),
            "effective_rows": float(weights.sum() ** 2 / (weights**2).sum()),
            "changed": len(weights),
        }


def _edges(series: pl.Series, column: Column, bins: int) -> list[float]:
    """Return the inner bin edges of a column with many numbers; empty for one of levels."""
    if not series.dtype.is_numeric() or column.kind != "number" or series.n_unique() <= bins:
        return []
    values = series.cast(pl.Float64).drop_nulls().drop_nans().to_numpy()
    return sorted({float(edge) for edge in np.quantile(values, np.arange(1, bins) / bins)})


def _levels(series: pl.Series, edges: list[float]) -> list[str]:
    if edges:
        places = np.searchsorted(edges, series.cast(pl.Float64).to_numpy(), side="right")
        missing = series.is_null().to_list()
        return ["null" if gone else f"bin {p}" for p, gone in zip(places, missing, strict=True)]
    values: list[Any] = series.cast(pl.String).to_list()
    return ["null" if value is None else value for value in values]


def _weights(groups: list[str], labels: list[str]) -> dict[str, dict[str, float]]:
    frame = pl.DataFrame({"group": groups, "label": labels})
    by_group = dict(frame.group_by("group").len().iter_rows())
    by_label = dict(frame.group_by("label").len().iter_rows())
    table: dict[str, dict[str, float]] = {group: {} for group in sorted(by_group)}
    for group, label, count in (
        frame.group_by("group", "label").len().sort("group", "label").iter_rows()
    ):
        table[group][label] = by_group[group] * by_label[label] / (len(groups) * count)
    return table
