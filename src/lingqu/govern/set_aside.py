"""Columns that leave the features: they get the role ``ignored``, their values stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Schema
from lingqu.govern.step import Step


@dataclass
class SetAside(Step):
    """The half that operators which drop columns share.

    ``state["dropped"]`` is name → why in English, ``state["dropped_zh"]`` the same in Chinese.
    """

    def prepare(self, schema: Schema) -> Schema:
        dropped: Mapping[str, str] = self.state.get("dropped", {})
        if not any(name in dropped for name in schema.names):
            return schema
        chinese: Mapping[str, str] = self.state.get("dropped_zh", dropped)

        def ignored(column: Column) -> Column:
            return replace(
                column,
                role="ignored",
                reason=f"{self.name}: {dropped[column.name]}",
                reason_zh=f"{self.name}：{chinese[column.name]}",
            )

        return Schema(tuple(ignored(c) if c.name in dropped else c for c in schema))

    def transform(self, dataset: Dataset) -> Dataset:
        schema = self.plan(dataset.schema)
        if schema is dataset.schema:
            return dataset
        return Dataset(dataset.frame, schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        names = [name for name in self.state.get("dropped", {}) if name in before.schema]
        told: dict[str, Json] = {"dropped": {}}
        for part in ("dropped", "dropped_zh"):
            if part in self.state:
                told[part] = {name: self.state[part][name] for name in names}
        return {**told, "changed": len(names)}


def worded(found: Mapping[str, tuple[str, Mapping[str, Json]]]) -> dict[str, Json]:
    """Return the state of columns to set aside: name → message key and facts, in words.

    Example:
        >>> worded({"a": ("govern.aside_empty", {})})["dropped"]
        {'a': 'every value is missing'}
    """
    words = {name: both(key, **facts) for name, (key, facts) in found.items()}
    return {
        "dropped": {name: word["en"] for name, word in words.items()},
        "dropped_zh": {name: word["zh"] for name, word in words.items()},
    }
