"""Give every column its role, and make sure that the target can be learned.

Everything that would waste a training run is refused here, with the row: an absent target, one
class, missing or infinite values to predict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Required, TypedDict, Unpack

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.errors import DataError
from lingqu.core.nouns import VALUES, Dataset, Task
from lingqu.core.schema import Column, Kind, Role, Schema, because
from lingqu.data.infer import check_kinds, look
from lingqu.data.versions import whole
from lingqu.release.conform import as_kind, conform

Names = str | Iterable[str] | None
_NAMED = 12
"""Columns that a reason names at most."""


def assign(
    schema: Schema,
    frame: pl.DataFrame,
    *,
    target: str,
    task: Task = "classify",
    protected: Names = (),
    time: Names = None,
    group: Names = None,
    weight: Names = None,
    id: Names = (),
    drop: Names = (),
    kinds: Mapping[str, Kind] | None = None,
) -> Schema:
    """Return the schema with the roles that the channel asks for.

    Call `conform` with the result afterwards, or use `ready`: the target may have changed its
    kind.

    Args:
        schema: What `infer` said.
        frame: The rows it said it of.
        target: Column to predict; ``""`` for flag without labels. For classify it becomes a
            category whose levels are in fixed order (numbers by value, then text); for regress
            it must be a number.
        task: ``classify`` or ``regress``.
        protected: Columns kept for fairness checks and left out of the features.
        time: Column that orders the rows.
        group: Column whose equal values must stay together in a split.
        weight: Column of non-negative row weights.
        id: Columns that name a row.
        drop: Columns left out.
        kinds: Kinds that overrule the inferred ones.

    Raises:
        DataError: A column is absent or asked for twice, or the target cannot be learned.

    Example:
        >>> frame = pl.DataFrame({"a": [1.0, 2.0, 3.0], "y": ["10", "9", "10"]})
        >>> schema = Schema((Column("a", "number"), Column("y", "category")))
        >>> assign(schema, frame, target="y").target.levels
        ('9', '10')
    """
    if target not in schema and (target or task != "flag"):
        raise DataError(
            "data.target_absent",
            target=target,
            near=near(target, schema.names),
            received=", ".join(schema.names[:20]),
        )
    schema = _with_kinds(schema, frame, kinds or {})
    asked: tuple[tuple[Role, str, Names], ...] = (
        ("protected", "protected", protected),
        ("time", "time", time),
        ("group", "group", group),
        ("weight", "weight", weight),
        ("id", "id", id),
        ("ignored", "drop", drop),
    )
    given: dict[str, Role] = {target: "target"} if target else {}
    for role, option, names in asked:
        for name in _listed(names):
            _check_name(schema, option, name)
            if name in given:
                raise DataError("data.role_twice", name=name, first=given[name], second=role)
            given[name] = role
            column = replace(schema[name], role=role).noted("data.reason_role", option=option)
            schema = Schema(tuple(column if one.name == name else one for one in schema))
            _check_role(schema[name], frame[name], role)
    if target:
        learned = _number_target if task in VALUES else _class_target
        learned = _item_target if task == "recommend" else learned
        # What nobody has judged yet is still a row to learn from, where labels are optional.
        values = frame[target].drop_nulls() if task == "flag" else frame[target]
        column = learned(schema[target], values)
        schema = Schema(tuple(column if one.name == target else one for one in schema))
    for name in empty_columns(schema, frame):
        if name not in given:
            raise DataError("data.column_empty", column=name, rows=frame.height)
    if not schema.features and task not in ("forecast", "recommend"):
        others = [one for one in schema if one.name != target][:_NAMED]
        # A reason is one line, whatever columns are called.
        why = ", ".join(f"{' '.join(one.name.split())}: {one.role}" for one in others)
        raise DataError("data.no_features", target=target, why=why or "—")
    return schema


def empty_columns(schema: Schema, frame: pl.DataFrame) -> list[str]:
    """Return the columns that no row fills, in order."""
    return [c.name for c in schema if frame.height and frame[c.name].null_count() == frame.height]


class Asked(TypedDict, total=False):
    """What a channel says of roles; the arguments of `assign`."""

    target: Required[str]
    task: Task
    protected: Names
    time: Names
    group: Names
    weight: Names
    id: Names
    drop: Names
    kinds: Mapping[str, Kind] | None


def ready(dataset: Dataset, **asked: Unpack[Asked]) -> Dataset:
    """Return the dataset with roles assigned and its frame brought to the new schema.

    Media that were named by path are read (`versions.whole`), so that from here on the digest
    stands for the content.

    Example:
        >>> from lingqu.data.infer import typed
        >>> rows = typed(pl.DataFrame({"a": [1.5, 2.5], "y": ["yes", "no"]}))
        >>> ready(rows, target="y").frame["y"].to_list()
        ['yes', 'no']
    """
    schema = assign(dataset.schema, dataset.frame, **asked)
    frame = conform(dataset.frame, schema, where=dataset.name)
    return whole(replace(dataset, frame=frame, schema=schema, digest=""))


def order_levels(values: Iterable[str]) -> tuple[str, ...]:
    """Return levels in fixed order: numbers by value, then text by code point.

    Example:
        >>> order_levels({"10", "9", "b", "a"})
        ('9', '10', 'a', 'b')
    """

    def rank(value: str) -> tuple[int, Decimal, str]:
        # Decimal, as long codes are not exact as float, and "nan" has no place among numbers.
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("nan")
        return (0, number, value) if number.is_finite() else (1, Decimal(0), value)

    return tuple(sorted(set(values), key=rank))


def _listed(names: Names) -> list[str]:
    if names is None:
        return []
    return [names] if isinstance(names, str) else list(names)


def _check_name(schema: Schema, option: str, name: str) -> None:
    if name not in schema:
        raise DataError(
            "data.role_absent",
            option=option,
            name=name,
            near=near(name, schema.names),
            received=", ".join(schema.names[:20]),
        )


def _with_kinds(schema: Schema, frame: pl.DataFrame, kinds: Mapping[str, Kind]) -> Schema:
    check_kinds(frame, kinds)
    for name, kind in kinds.items():
        if schema[name].kind != kind:
            column, _ = look(_as_written(schema[name], frame[name]), kind)
            if schema[name].kind == "boolean":
                # The words that false and true stand for are needed to write them again.
                column = replace(column, levels=schema[name].levels)
            schema = Schema(tuple(column if one.name == name else one for one in schema))
        elif schema[name].role in ("id", "ignored"):
            # Naming the kind of a column that was set aside takes it back.
            schema = schema.updated(name, role="feature", **because("data.reason_declared"))
    return schema


def _as_written(column: Column, series: pl.Series) -> pl.Series:
    """Return a boolean as the words it was written in; everything else as it is."""
    return _as_category(column, series) if column.kind == "boolean" else series


def _as_category(column: Column, series: pl.Series) -> pl.Series:
    return as_kind(series, replace(column, kind="category"))


def _check_role(column: Column, series: pl.Series, role: Role) -> None:
    wanted = {"time": ("datetime", "number"), "weight": ("number",)}.get(role)
    if wanted and column.kind not in wanted:
        raise DataError(
            "data.wrong_kind",
            where="",
            column=column.name,
            kind=role,
            row=1,
            received=f"{column.kind} {series[0] if len(series) else ''!r}",
            expected=" / ".join(wanted),
        )
    if role == "weight":
        bad = (series.is_null() | (series < 0)).arg_true()
        if len(bad):
            raise DataError(
                "data.wrong_kind",
                where="",
                column=column.name,
                kind=role,
                row=int(bad[0]) + 1,
                received=repr(series[int(bad[0])]),
                expected="a number ≥ 0",
            )


def _refuse_missing(column: Column, series: pl.Series) -> None:
    missing = series.is_null()
    if series.dtype.is_float():
        missing = missing | ~series.is_finite().fill_null(True)
    rows = missing.arg_true()
    if len(rows) == len(series):
        raise DataError("data.target_empty", target=column.name)
    if len(rows):
        row = int(rows[0]) + 1
        raise DataError("data.target_missing", target=column.name, count=len(rows), row=row)


def _refuse_constant(column: Column, series: pl.Series) -> None:
    if series.n_unique() == 1:
        raise DataError(
            "data.target_constant", target=column.name, value=series[0], rows=len(series)
        )


def _class_target(column: Column, series: pl.Series) -> Column:
    if column.kind not in ("category", "boolean", "number", "text"):
        raise DataError("data.target_media", target=column.name, kind=column.kind)
    _refuse_missing(column, series)
    words = _as_category(column, series)
    _refuse_missing(column, words)
    _refuse_constant(column, words)
    counts = words.value_counts()
    classes = len(counts)
    if classes > 20 and classes > len(words) / 2:
        raise DataError(
            "data.target_not_class", target=column.name, classes=classes, rows=len(words)
        )
    seen = set(counts[column.name].to_list())
    known = column.levels if set(column.levels) == seen else order_levels(seen)
    learned = Column(
        column.name,
        "category",
        "target",
        levels=known,
        reason=column.reason,
        reason_zh=column.reason_zh,
    )
    single = counts.filter(pl.col("count") == 1)[column.name].sort().to_list()
    if single:
        names = ", ".join(repr(name) for name in single[:5])
        return learned.noted("data.reason_single", names=names)
    return learned


def _item_target(column: Column, series: pl.Series) -> Column:
    """Return the column of items: as many as there are, each a name."""
    if column.kind not in ("category", "boolean", "number", "text"):
        raise DataError("data.target_media", target=column.name, kind=column.kind)
    words = _as_category(column, series)
    _refuse_missing(column, words)
    _refuse_constant(column, words)
    known = order_levels(words.unique().to_list())
    return Column(
        column.name,
        "category",
        "target",
        levels=known,
        reason=column.reason,
        reason_zh=column.reason_zh,
    )


def _number_target(column: Column, series: pl.Series) -> Column:
    if column.kind not in ("category", "boolean", "number", "text"):
        raise DataError("data.target_media", target=column.name, kind=column.kind)
    try:
        values = as_kind(_as_written(column, series), replace(column, kind="number"))
    except DataError as error:
        raise DataError(
            "data.target_not_number",
            target=column.name,
            kind=column.kind,
            row=error.facts["row"],
            received=error.facts["received"],
        ) from error
    _refuse_missing(column, series if series.dtype.is_float() else values)
    _refuse_constant(column, values)
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
    return Column(
        column.name,
        "number",
        "target",
        low=low,
        high=high,
        reason=column.reason,
        reason_zh=column.reason_zh,
    )
