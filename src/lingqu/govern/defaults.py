"""Which operators a channel gets when it names none, and why."""

from __future__ import annotations

from typing import Any

import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Schema
from lingqu.govern.find_label_errors import MOST_ROWS
from lingqu.govern.privacy.scan import scan
from lingqu.govern.repair_encoding import RepairEncoding
from lingqu.govern.standardise import Standardise
from lingqu.release.ngrams import is_dense

Choice = tuple[str, dict[str, Json], str]
"""Operator name, options, message key of the reason."""


def defaults(schema: Schema, frame: pl.DataFrame) -> list[Choice]:
    """Return the operators to walk, in order, each with the message key of its reason.

    Order matters: judge first, then drop rows, then columns, then repair what is left. Only what
    these data need is listed; what changes values silently (clipping, reweighing) never is.

    Args:
        schema: Of the training rows.
        frame: The training rows; a bounded sample of them is looked at.

    Example:
        >>> from lingqu.core.schema import Column
        >>> frame = pl.DataFrame({"age": [30.0, None]})
        >>> columns = Schema((Column("age", "number", nullable=True),))
        >>> [name for name, options, reason in defaults(columns, frame)]
        ['contract', 'dedupe', 'drop_constant', 'drop_ids', 'outliers', 'impute']
    """
    features = schema.features
    kinds = {column.kind for column in features}
    chosen: list[Choice] = [
        ("contract", {}, "govern.why_contract"),
        ("dedupe", {}, "govern.why_dedupe"),
    ]
    private = _private(schema, frame)
    if private:
        chosen.append(("mask", {"columns": private}, "govern.why_mask"))
    chosen.append(("drop_constant", {}, "govern.why_drop_constant"))
    if kinds & {"number", "category", "text"}:
        chosen.append(("drop_ids", {}, "govern.why_drop_ids"))
    if _damaged(schema, frame):
        chosen.append(("repair_encoding", {}, "standardise.why_repair_encoding"))
    if _written_alike(schema, frame):
        chosen.append(("standardise", {}, "govern.why_standardise"))
    if _has_words(schema, frame):
        chosen.append(("clean_categories", {}, "govern.why_clean_categories"))
    if "number" in kinds:
        chosen.append(("outliers", {"action": "report"}, "govern.why_outliers"))
    if "audio" in kinds:
        chosen.append(("log_mel", {}, "govern.why_log_mel"))
    dense = [c.name for c in features if c.kind == "text" and _is_dense(frame.get_column(c.name))]
    if dense:
        chosen.append(("text_features", {**_DENSE, "columns": dense}, "govern.why_text_features"))
    if any(_has_gaps(frame.get_column(c.name)) for c in features if c.kind in _FILLED):
        chosen.append(("impute", {"strategy": "median"}, "govern.why_impute"))
    target = schema.target
    if target is not None and target.kind in ("category", "boolean") and len(frame) <= MOST_ROWS:
        chosen.append(("find_label_errors", {}, "govern.why_find_label_errors"))
    return chosen


_DENSE: dict[str, Json] = {
    "unit": "characters", "ngrams": [1, 2], "max_features": 10_000, "dimensions": 200
}  # fmt: skip
"""For Chinese and Japanese texts: measured on 8,000 reviews by folds of the training part."""
_ENOUGH = 500
"""Rows from which directions of meaning can be learnt."""


def _is_dense(series: pl.Series) -> bool:
    return len(series) >= _ENOUGH and is_dense(series)


_FILLED = ("number", "category", "boolean")


def _private(schema: Schema, frame: pl.DataFrame) -> list[str]:
    target = schema.target
    held = {found.argument for found in scan(frame, schema) if found.verdict == "fail"}
    return [n for n in schema.names if n in held and (target is None or n != target.name)]


def _has_words(schema: Schema, frame: pl.DataFrame) -> bool:
    words: Any = (pl.String, pl.Categorical, pl.Enum)
    return any(
        column.kind == "category"
        and column.role in ("feature", "target", "protected")
        and frame.get_column(column.name).dtype in words
        for column in schema
    )


def _written_alike(schema: Schema, frame: pl.DataFrame) -> bool:
    """Say whether `standardise` would change anything in the first thousand rows."""
    part = Dataset(frame.head(1000), schema)
    if not part.frame.height:
        return False
    step = Standardise()
    step.fit(part)
    step.apply(part)
    return bool(step.report()["changed"])


def _damaged(schema: Schema, frame: pl.DataFrame) -> bool:
    """Say whether `repair_encoding` would change anything in the first thousand rows."""
    part = Dataset(frame.head(1000), schema)
    if not part.frame.height:
        return False
    step = RepairEncoding()
    step.fit(part)
    return step.apply(part).frame is not part.frame


def _has_gaps(series: pl.Series) -> bool:
    return bool(series.null_count() or (series.dtype.is_float() and series.is_nan().any()))
