"""Rows of logged decisions, before anything is learned: which column is what came of an action."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from lingqu.core.data_section import DataSection
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Task
from lingqu.core.schema import Kind, because
from lingqu.core.train_section import TrainSection

FOR_LOGS = frozenset({"contract", "drop_constant", "impute", "mask"})
"""Operators that logged decisions get where none is named: equal rows are two decisions, and what
was rare is no mistake."""


def is_log(task: Task, train: TrainSection) -> bool:
    """Say whether a channel learns from logged decisions."""
    return task == "control" and train.reward is not None


def kinds_of(data: DataSection, dataset: Dataset, train: TrainSection) -> dict[str, Kind]:
    """Return the declared kinds, with actions as names and what is counted as numbers."""
    names = dataset.schema.names
    found: dict[str, Kind] = {train.target: "category"} if train.target in names else {}
    for name in (train.reward, train.propensity):
        if name is not None and name in names and dataset.schema[name].kind == "category":
            values = dataset.frame[name].drop_nulls()
            if not values.cast(pl.Float64, strict=False).is_null().any():
                found[name] = "number"
    return {**found, **data.kinds}


def with_outcomes(rows: Dataset, train: TrainSection) -> Dataset:
    """Return the rows with the roles of reward and propensity, which no model reads.

    Raises:
        DataError: There is no such column, or no other that a policy could look at.
    """
    schema, asked = rows.schema, (train.reward or "", train.propensity or "")
    for role, name in zip(("reward", "propensity"), asked, strict=True):
        if name not in schema or schema[name].role != "feature":
            received = schema[name].role if name in schema else ", ".join(schema.names[:20])
            raise DataError("tables.no_column", option=role, column=name, received=received)
        told = because(f"tables.reason_{role}")
        schema = schema.updated(name, role="reward" if role == "reward" else "propensity", **told)
    if not schema.features:
        raise DataError("tables.no_context", columns=", ".join(schema.names))
    return replace(rows, schema=schema)
