"""Changed copies of training rows: which rows are drawn, and what a report says of them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Role
from lingqu.govern.augment.rows import Made, Rows, added, drawn
from lingqu.govern.step import Step, chosen


class Copies(Step):
    """Adds copies of drawn rows in which some columns are changed; a subclass says how."""

    augments: ClassVar[bool] = True
    roles: ClassVar[tuple[Role, ...]] = ("feature",)

    share: float
    columns: tuple[str, ...]
    seed: int

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        found = chosen(self.name, dataset.schema, self.columns, self.kinds, self.roles)
        return {"columns": [column.name for column in found]}

    def transform(self, dataset: Dataset) -> Dataset:
        names = self.state.get("columns", [])
        if not names or not len(dataset):
            return dataset
        random = np.random.default_rng(self.seed)
        rows = drawn(len(dataset), self.share, random)
        frame, schema = dataset.frame, dataset.schema
        fresh = {n: self.copies(frame.get_column(n), schema[n], rows, random) for n in names}
        return added(dataset, [Made(rows, fresh)])

    def copies(
        self, series: pl.Series, column: Column, rows: Rows, random: np.random.Generator
    ) -> pl.Series:
        """Return changed cells of these rows.

        Args:
            series: The whole column.
            column: What the schema says of it.
            rows: Row numbers, some more than once, shape (M,).
            random: Where chance comes from.

        Returns:
            M cells, called like the column.
        """
        raise NotImplementedError

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        rows = len(after) - len(before)
        return {"rows_added": rows, "changed": rows, "columns": self.state.get("columns", [])}
