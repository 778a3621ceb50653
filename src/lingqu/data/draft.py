"""Draft a channel.yaml after looking at the data: three lines, and what was seen as comments."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.column_names import listed, quoted
from lingqu.core.errors import DataError
from lingqu.core.i18n import text
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column
from lingqu.data.files import stem
from lingqu.data.names import PERSONAL, PROTECTED, TARGET
from lingqu.data.resolve import resolve
from lingqu.data.roles import empty_columns

MOST_CLASSES = 20
"""A whole number with more different values than this is drafted as a regression."""


def draft(path: str, predict: str | None = None) -> str:
    """Return the text of a channel.yaml for a data source.

    Args:
        path: What will stand after ``data:``, relative to the current folder.
        predict: Column to predict; the likeliest when omitted, and the draft says so.

    Raises:
        DataError: The data cannot be read, or has no such column.

    Example:
        >>> print(draft("sklearn:iris", "species").splitlines()[2])
        train: {task: classify, target: species}
    """
    dataset = resolve(path).read()
    why = ""
    if predict is None:
        predict, why = _likeliest(dataset, path)
    elif predict not in dataset.schema:
        raise DataError(
            "data.target_absent",
            target=predict,
            near=near(predict, dataset.schema.names),
            received=listed(dataset.schema.names, 20),
        )
    task = _task(dataset.schema[predict], dataset.frame[predict])
    lines = [
        f"channel: {_name(path)}",
        f"data: {_source(dataset, path, predict)}",
        f"train: {{task: {task}, target: {quoted(predict)}}}",
        "",
        "# " + text("data.draft_seen", rows=len(dataset), columns=dataset.frame.width),
    ]
    if why:
        lines.append("# " + text("data.draft_guess", target=predict, why=why))
    return "\n".join([*lines, *_suggestions(dataset, path, predict)]) + "\n"


def _source(dataset: Dataset, path: str, target: str) -> str:
    """Return the data line: the path, with the columns left out that no row fills."""
    rows = dataset.frame.height
    empty = [n for n in empty_columns(dataset.schema, dataset.frame) if n != target and rows]
    if not empty:
        return quoted(path)
    return f"{{source: {quoted(path)}, drop: [{', '.join(quoted(name) for name in empty)}]}}"


def _suggestions(dataset: Dataset, path: str, target: str) -> list[str]:
    """Return comment lines: what to declare, each with the line that would declare it."""
    rest = [column for column in dataset.schema if column.name != target]
    lines = []
    for role, key in (("id", "data.draft_ids"), ("ignored", "data.draft_ignored")):
        names = [column.name for column in rest if column.role == role]
        if names:
            lines.append("# " + text(key, names=", ".join(names)))
    used = [column for column in rest if column.role == "feature"]
    protected = [column.name for column in used if PROTECTED.search(column.name)]
    if protected:
        listed = ", ".join(quoted(name) for name in protected)
        lines.append("# " + text("data.draft_protected"))
        lines.append(f"#   data: {{source: {quoted(path)}, protected: [{listed}]}}")
    words = [c.name for c in rest if c.kind in ("text", "category") and c.role != "ignored"]
    personal = [name for name in words if PERSONAL.search(name)]
    if personal:
        listed = ", ".join(quoted(name) for name in personal)
        lines.append("# " + text("data.draft_personal", names=", ".join(personal)))
        lines.append("# " + text("data.draft_mask"))
        lines.append(f"#   govern: [contract, dedupe, {{mask: {{columns: [{listed}]}}}}, drop_ids]")
    dates = [column.name for column in used if column.kind == "datetime"]
    if dates:
        lines.append("# " + text("data.draft_time"))
        lines.append(f"#   data: {{source: {quoted(path)}, time: {quoted(dates[0])}}}")
    return lines


def _likeliest(dataset: Dataset, path: str) -> tuple[str, str]:
    possible = [
        column.name
        for column in dataset.schema
        if column.kind in ("category", "boolean", "number") and column.role == "feature"
    ]
    if not possible or dataset.frame.width < 2:
        raise DataError("data.no_target", path=path)
    named = [name for name in possible if TARGET.search(name)]
    if named:
        return named[-1], text("data.draft_named")
    return possible[-1], text("data.draft_last")


def _task(column: Column, series: pl.Series) -> str:
    if column.kind != "number":
        return "classify"
    present = series.drop_nulls()
    whole = bool((present == present.floor()).all())
    few = present.n_unique() <= min(MOST_CLASSES, max(2, len(present) // 10))
    return "classify" if whole and few else "regress"


def _name(path: str) -> str:
    """Return a channel name: the file's name in lower case, words joined by hyphens."""
    scheme, colon, rest = path.partition(":")
    base = rest if colon and "/" not in rest else stem(path.partition("?")[0])
    if "table=" in path:
        base = path.partition("table=")[2].partition("&")[0]
    if Path(path).is_dir():
        base = Path(path).resolve().name
    return re.sub(r"[^\w]+|_+", "-", base.lower()).strip("-") or scheme or "channel"
