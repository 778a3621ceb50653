"""Rows and columns of the task generate, before anything is learned."""

from __future__ import annotations

from dataclasses import replace

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.learn.generate import is_pictures
from lingqu.learn.generate.table import refuse_kinds
from lingqu.release.made.conditions import served

FOR_MADE = frozenset(
    {"contract", "mask", "drop_ids", "repair_encoding", "standardise", "clean_categories"}
)
"""Operators that the task gets where none is named. A gap is learned as one and made again, and
rows that are equal say how usual they are."""


def with_protected(dataset: Dataset) -> Dataset:
    """Return rows of which protected columns are learned: without them no row is whole.

    Raises:
        DataError: The columns are of kinds that cannot be made, or pictures beside a table.
    """
    schema = dataset.schema
    for column in schema.having("protected"):
        schema = schema.updated(column.name, seen=True)
    dataset = replace(dataset, schema=schema)
    served(schema)  # refuses a target that is called like the seed
    if not is_pictures(schema):
        refuse_kinds(dataset)
        return dataset
    pictures = [c.name for c in schema.features if c.kind == "image"]
    others = [c.name for c in schema.features if c.kind != "image"]
    if others or len(pictures) > 1:
        raise DataError(
            "generate.mixed", pictures=", ".join(pictures), columns=", ".join(others) or "—"
        )
    return dataset
