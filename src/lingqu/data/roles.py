"""Give every column its role, and make sure that the target can be learned.

Everything that would waste a training run is refused here, with the row: an absent target, one
class, missing or infinite values to predict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Required, TypedDict, Unpack

import polars as pl

from lingqu.core import digest
from lingqu.core.catalog import near
from lingqu.core.column_names import listed, quoted
from lingqu.core.errors import DataError
from lingqu.core.i18n import Phrase
from lingqu.core.nouns import REPLIES, VALUES, Dataset, Task
from lingqu.core.schema import Column, Kind, Role, Schema, because
from lingqu.data.infer import check_kinds, look
from lingqu.data.reply_target import reply_target
from lingqu.release.conform import as_kind, conform

Names = str | Iterable[str] | None
SMALLEST, LARGEST = 1e-36, 1e36
"""Sizes of a target between which 32-bit numbers hold it, and what learners make of it."""
ALIKE = 1e-5
"""Range of a target, in shares of its size, below which 32-bit answers are too coarse: steps of
1.2e-7 are then more than a hundredth of it."""
_WANTED: dict[Role, tuple[Kind, ...]] = {"time": ("datetime", "number"), "weight": ("number",)}
"""Kinds that a role needs."""
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
    if target not in schema and (target or task not in ("flag", "generate")):
        raise DataError(
            "data.target_absent",
            target=target,
            near=near(target, schema.names),
            received=listed(schema.names, 20),
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
            column, values = _for_role(schema[name], frame[name], role, option)
            column = replace(column, role=role).noted("data.reason_role", option=option)
            schema = Schema(tuple(column if one.name == name else one for one in schema))
            if role == "weight":
                _check_weights(column, as_kind(values, column))
    if target:
        learned = _number_target if task in VALUES else _class_target
        learned = _item_target if task in ("recommend", "verify") else learned
        learned = partial(reply_target, task=task) if task in REPLIES else learned
        learned = _asked_target if task == "generate" else learned
        learned = _action_target if task == "control" else learned
        # What nobody has judged yet is still a row to learn from, where labels are optional.
        values = frame[target].drop_nulls() if task == "flag" else frame[target]
        column = learned(schema[target], values)
        schema = Schema(tuple(column if one.name == target else one for one in schema))
    refuse_empty([n for n in empty_columns(schema, frame) if n not in given], frame.height)
    if not schema.features and task not in ("forecast", "recommend"):
        others = [one for one in schema if one.name != target][:_NAMED]
        # A reason is one line, whatever columns are called.
        why = ", ".join(f"{' '.join(one.name.split())}: {one.role}" for one in others)
        raise DataError("data.no_features", target=target, why=why or "—")
    return schema


def empty_columns(schema: Schema, frame: pl.DataFrame) -> list[str]:
    """Return the columns that no row fills, in order."""
    return [c.name for c in schema if frame.height and frame[c.name].null_count() == frame.height]


def refuse_empty(names: list[str], rows: int) -> None:
    """Refuse columns that no row fills, all of them at once.

    Raises:
        DataError: There are some; it says what to declare.
    """
    if names:
        more = [] if len(names) <= _NAMED else ["…"]
        listed = ", ".join([*(quoted(name) for name in names[:_NAMED]), *more])
        columns = ", ".join([*(repr(name[:80]) for name in names[:_NAMED]), *more])
        key = "data.columns_empty" if len(names) > 1 else "data.column_empty"
        raise DataError(key, columns=columns, count=len(names), rows=rows, drop=listed)


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
    made = replace(dataset, frame=frame, schema=schema, digest="")
    if all(column.kind not in ("image", "audio") for column in schema):
        return replace(made, digest=digest.of_frame(frame, schema))
    # What keeps versions brings the ledger along: rows of plain cells do not wait for it.
    from lingqu.data.versions import whole

    return whole(made)


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
            received=listed(schema.names, 20),
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


def _for_role(
    column: Column, series: pl.Series, role: Role, option: str
) -> tuple[Column, pl.Series]:
    """Return a column, and its values, as a role needs them: a weight of 1 or 5 is no category.

    Raises:
        DataError: It cannot be read so.
    """
    wanted = _WANTED.get(role, ())
    if not wanted or column.kind in wanted:
        return column, series
    try:
        numbers = replace(column, kind="number", levels=())
        return numbers, as_kind(_as_written(column, series), numbers)
    except DataError as error:
        raise DataError(
            "data.wrong_role",
            column=column.name,
            option=option,
            kind=column.kind,
            row=error.facts["row"],
            received=error.facts["received"],
            expected=Phrase(f"data.expects_{role}"),
        ) from error


def _check_weights(column: Column, weights: pl.Series) -> None:
    """Refuse weights by which no row, or nothing that a number can hold, would count."""
    bad = weights.is_null() | (weights < 0) | (weights > LARGEST)
    bad |= (weights > 0) & (weights < SMALLEST)
    rows = bad.arg_true().to_list() or ([] if weights.sum() > 0 else [0])
    if rows:
        first = weights[rows[0]]
        received = Phrase("data.no_value") if first is None else f"{first:g}"
        raise DataError("data.bad_weight", column=column.name, row=rows[0] + 1, received=received)


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


def _refuse_scale(column: Column, low: float, high: float) -> None:
    """Refuse values that answers, which are 32-bit numbers, cannot tell apart.

    Raises:
        DataError: They are too large, too small, or too alike for their size.
    """
    size = max(abs(low), abs(high))
    if not SMALLEST <= size <= LARGEST or high - low < ALIKE * size:
        raise DataError("data.target_scale", target=column.name, low=low, high=high)


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


_MOST_CLASSES = 20
"""Different numbers up to which they are names of classes, as the digits 0 to 9 are."""


def _asked_target(column: Column, series: pl.Series) -> Column:
    """Return the column by which rows can be asked for: classes, or a number."""
    if column.kind == "number" and series.n_unique() > _MOST_CLASSES:
        return _number_target(column, series)
    return _class_target(column, series)


def _action_target(column: Column, series: pl.Series) -> Column:
    """Return the column of actions: those that an environment states, also if nobody took them."""
    words = _as_category(column, series)
    _refuse_missing(column, words)
    known = column.levels
    if not known or not set(words.unique()) <= set(known):
        known = order_levels(words.unique().to_list())
    return Column(
        column.name, "category", "target", levels=known, reason=column.reason,
        reason_zh=column.reason_zh,
    )  # fmt: skip


def _item_target(column: Column, series: pl.Series) -> Column:
    """Return the column of items: as many as there are, each a name."""
    if column.kind not in ("category", "boolean", "number", "text"):
        raise DataError("data.target_media", target=column.name, kind=column.kind)
    words = _as_category(column, series)
    _refuse_missing(column, words)
    _refuse_constant(column, words)
    known = order_levels(words.unique().to_list())
    if column.kind == "boolean" and set(column.levels) == set(known):
        known = column.levels  # false comes first, whatever it is called
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
    _refuse_scale(column, low, high)
    return Column(
        column.name,
        "number",
        "target",
        low=low,
        high=high,
        reason=column.reason,
        reason_zh=column.reason_zh,
    )
