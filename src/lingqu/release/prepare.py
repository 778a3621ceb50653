"""Preparation as data: the operators that travel inside a release, saved and restored as JSON.

An operator is its catalogue name, its options and the state it learned; nothing else of it is
kept, so loading a release runs the code of the installed operator and none from the bundle.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lingqu.core import catalog
from lingqu.core.errors import GateError, LingquError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.ports import EVIDENCE, KEEP, REASON, Operator
from lingqu.core.schema import Schema, because

if TYPE_CHECKING:
    import polars as pl


PROTECTS = frozenset({"mask"})
"""Operators that hide personal data: what they hide is neither logged nor kept in a release."""


MAKES_COARSER = frozenset({"generalise", "strip_metadata"})
"""Operators after which values tell less, though they are still logged: what a release shows of
rows has gone through them."""


def bare_columns(saved: Iterable[Mapping[str, Json]]) -> set[str]:
    """Return the columns of whose exact values a release tells nothing."""
    rows = list(saved)
    coarser = {
        column
        for operator in rows
        if operator["name"] == "generalise"
        for column in operator["state"].get("columns", ())
    }
    return coarser | hidden_columns(rows)


def hidden_columns(saved: Iterable[Mapping[str, Json]]) -> set[str]:
    """Return the columns that saved operators hide because they hold personal data."""
    return {
        column
        for operator in saved
        if operator["name"] in PROTECTS
        for part in ("options", "state")
        for column in operator[part].get("columns", ())
    }


def without_values(schema: Schema, names: Iterable[str]) -> Schema:
    """Return a schema that tells nothing of the values of these columns, only what they are.

    Example:
        >>> from lingqu.core.schema import Column
        >>> schema = Schema((Column("tel", "number", low=13912345678.0, high=13912345678.0),))
        >>> without_values(schema, ["tel"])["tel"].high is None
        True
    """
    bare = set(names)
    return Schema(
        tuple(
            dataclasses.replace(
                column, low=None, high=None, levels=(), **because("data.reason_personal")
            )
            if column.name in bare and column.role != "target"
            else column
            for column in schema
        )
    )


def save_operators(operators: Iterable[Operator]) -> list[dict[str, Json]]:
    """Return the travelling operators as JSON rows ``{"name", "options", "state"}``, in order.

    Operators that only judge or drop training rows are left out: they have no part in a
    prediction.
    """
    return [
        {"name": operator.name, "options": options(operator), "state": _plain(operator.state)}
        for operator in operators
        if operator.travels
    ]


def options(operator: Operator) -> dict[str, Json]:
    """Return the options of an operator as JSON: the fields that a channel may set."""
    fields = dataclasses.fields(operator)  # type: ignore[arg-type]
    return {field.name: _plain(getattr(operator, field.name)) for field in fields if field.init}


def restore_operators(rows: Sequence[Mapping[str, Json]]) -> list[Operator]:
    """Return fitted operators from what `save_operators` returned.

    Raises:
        GateError: A row is not an operator of this installation, or its options are refused.

    Example:
        >>> rows = [{"name": "impute", "options": {}, "state": {}}]
        >>> [operator.name for operator in restore_operators(rows)]
        ['impute']
    """
    return [_restore(index, row) for index, row in enumerate(rows)]


def _restore(index: int, row: Mapping[str, Json]) -> Operator:
    where = f"`preparation[{index}]`"
    if not isinstance(row, Mapping) or not isinstance(row.get("state"), Mapping):
        raise GateError("prepare.bad_row", where=where, received=str(row)[:80])
    try:
        operator: Operator = catalog.build(
            "operators", str(row.get("name")), dict(row.get("options") or {}), where
        )
    except LingquError as error:
        raise GateError("prepare.not_restored", where=where, why=str(error)) from error
    operator.state = dict(row["state"])
    return operator


def apply_all(dataset: Dataset, operators: Iterable[Operator]) -> Dataset:
    """Apply fitted travelling operators in order; the rows stay as many as they were.

    Marks for the commit step are dropped: whoever asks for a prediction gets one.

    Args:
        dataset: Raw rows with the schema of what was sent; the target may be absent.
        operators: As `restore_operators` returned them.
    """
    for operator in operators:
        dataset = operator.apply(dataset)
    marks = [name for name in (KEEP, REASON, EVIDENCE) if name in dataset.frame.columns]
    if marks:
        dataset = dataclasses.replace(dataset, frame=dataset.frame.drop(marks))
    return dataset


def apply_frame(frame: pl.DataFrame, schema: Schema, operators: Iterable[Operator]) -> pl.DataFrame:
    """Apply fitted travelling operators to a bare frame whose columns `schema` describes.

    Pass the same `schema` object for every request: operators remember their plan for it.
    """
    return apply_all(Dataset(frame, schema), operators).frame


def asked(raw: Schema, governed: Schema, saved: Iterable[Mapping[str, Json]] = ()) -> Schema:
    """Return what a caller must send: raw kinds, and only features that governance kept.

    Args:
        raw: Schema of the rows as they were read.
        governed: Schema after all operators; columns that it lacks or ignores are not asked for.
        saved: The travelling operators. One that makes a column from others names these in its
            state as ``sources``: they are asked for, though the model no longer reads them.

    Example:
        >>> from lingqu.core.schema import Column
        >>> raw = Schema((Column("id", "number"), Column("age", "text")))
        >>> governed = raw.updated("id", role="ignored").updated("age", kind="number")
        >>> [(column.name, column.kind) for column in asked(raw, governed).inputs]
        [('age', 'text')]
    """
    roles = {column.name: column.role for column in governed}
    sources = {name for row in saved for name in row["state"].get("sources", ())}
    roles |= {c.name: c.role for c in raw if c.name in sources and c.role == "feature"}
    return Schema(tuple(dataclasses.replace(c, role=roles.get(c.name, "ignored")) for c in raw))


def originals(operators: Iterable[Operator]) -> frozenset[str]:
    """Return the image columns of which the first operator wants the picture as it was sent.

    One that keeps proportions must see the original size; every other reads pixels in the shape
    of the schema.
    """
    first: dict[str, str] = {}
    for operator in operators:
        if operator.kinds == frozenset({"image"}):
            for name in operator.state.get("columns", ()):
                first.setdefault(name, operator.name)
    return frozenset(name for name, operator in first.items() if operator == "image_resize")


def _plain(value: Any) -> Json:
    """Return tuples as lists and keys as text, as JSON will, so that digests agree."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(item) for item in value)
    return value
