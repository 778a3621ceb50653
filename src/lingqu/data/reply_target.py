"""The column that is to be answered where an answer is a text, tags, a vector or boxes."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.nouns import TEXTS, Task
from lingqu.core.schema import Column, Kind, because

EXPECTED: dict[str, tuple[Kind, ...]] = {
    **dict.fromkeys(TEXTS | {"tag"}, ("text", "category", "number", "boolean")),
    "embed": ("text", "image", "audio", "vector", "category"),
    "detect": ("boxes",),
}
"""Task → kinds that its target may have."""


def reply_target(column: Column, series: pl.Series, task: Task) -> Column:
    """Return the target column of a task whose answers are replies.

    Args:
        column: What was inferred of it.
        series: Its values.
        task: The task.

    Raises:
        DataError: It is of another kind, or empty.
    """
    expected = EXPECTED[task]
    if column.kind not in expected:
        raise DataError(
            "replies.bad_target", target=column.name, kind=column.kind, task=task,
            expected=", ".join(expected),
        )  # fmt: skip
    if series.null_count() == len(series):
        raise DataError("data.target_empty", target=column.name)
    if series.null_count():
        row = int(series.is_null().arg_max() or 0)
        raise DataError(
            "data.target_missing", target=column.name, count=series.null_count(), row=row + 1
        )
    if task in TEXTS or task == "tag":
        return Column(column.name, "text", "target", **because("replies.target_text"))
    return replace(column, role="target")
