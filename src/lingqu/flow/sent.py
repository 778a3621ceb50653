"""Test rows as callers send them, beside the governed ones: what some checks have to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lingqu.core.nouns import Dataset, Json
from lingqu.core.ports import Operator
from lingqu.core.schema import Schema
from lingqu.release.predictor import Predictor
from lingqu.release.prepare import (
    MAKES_COARSER,
    PROTECTS,
    apply_all,
    asked,
    bare_columns,
    restore_operators,
)
from lingqu.release.runner import Runner


def as_sent(test: Dataset, governed: Mapping[str, Json], runner: Runner) -> dict[str, Any]:
    """Return what a subject knows of its test rows before governance.

    Args:
        test: The rows as they were read, row for row with the governed ones.
        governed: Result of the govern stage.
        runner: The model, which reads governed rows.

    Returns:
        ``sent``, ``answer`` and ``grouped`` of `Subject`.
    """
    saved = governed["operators"]
    raw, schema = (Schema.from_json(governed[name]) for name in ("raw_schema", "schema"))
    wanted = asked(raw, schema, saved)
    operators = restore_operators(saved)
    coarse = {c.name for c in schema.having("protected")} & bare_columns(saved)
    hiding = PROTECTS | MAKES_COARSER
    first = next((i for i, row in enumerate(saved) if row["name"] in hiding), len(saved))
    # What comes before only repaired the values, so that one group is not taken for two.
    before = apply_all(test, operators[:first]) if coarse else None
    return {
        "sent": Dataset(test.frame, wanted, test.name),
        "answer": Predictor(wanted, operators, runner).predict,
        "grouped": None if before is None else _only(before, coarse),
    }


def kept(test: Dataset, operators: Sequence[Operator]) -> Dataset:
    """Return rows as they were read, as far as they may be kept: what privacy hides is hidden."""
    hiding = [o for o in operators if o.name in PROTECTS | MAKES_COARSER]
    if not hiding:
        return test
    shown, raw = apply_all(test, hiding), test.frame
    # A number that became a token cannot be sent as a number again: such cells are left empty.
    names = [name for name in shown.frame.columns if name in raw.columns]
    lost = [n for n in names if raw[n].dtype != shown.frame[n].dtype and raw[n].dtype.is_numeric()]
    empty = shown.frame.with_columns(raw[name].clear(raw.height) for name in lost)
    return replace(shown, frame=empty)


def _only(dataset: Dataset, names: set[str]) -> Dataset:
    schema = Schema(tuple(column for column in dataset.schema if column.name in names))
    return Dataset(dataset.frame.select(schema.names), schema)
