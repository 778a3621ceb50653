"""Columns that leave the features: they get the role ``ignored``, their values stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Schema
from lingqu.govern.step import Step


@dataclass
class SetAside(Step):
    """The half that operators which drop columns share; ``state["dropped"]``: name → why."""

    def prepare(self, schema: Schema) -> Schema:
        dropped: Mapping[str, str] = self.state.get("dropped", {})
        if not any(name in dropped for name in schema.names):
            return schema
        return Schema(
            tuple(
                replace(column, role="ignored", reason=f"{self.name}: {dropped[column.name]}")
                if column.name in dropped
                else column
                for column in schema
            )
        )

    def transform(self, dataset: Dataset) -> Dataset:
        schema = self.plan(dataset.schema)
        if schema is dataset.schema:
            return dataset
        return Dataset(dataset.frame, schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        dropped = {
            name: why
            for name, why in self.state.get("dropped", {}).items()
            if name in before.schema
        }
        return {"dropped": dropped, "changed": len(dropped)}
