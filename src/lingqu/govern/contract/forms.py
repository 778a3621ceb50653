"""Every kind of rule: what it is about, which options it takes, which of them must be there."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Shape = Literal["column", "columns", "table"]
NUMBER = (int, float)
BOUND = (int, float, str)
LIST = (list, tuple)
TEXTS = (str, list, tuple)

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
TYPES = ("number", "integer", "boolean", "date", "text")


@dataclass(frozen=True)
class Form:
    """How one kind of rule is written.

    Args:
        shape: About one column, several, or the table.
        options: Option → accepted types.
        required: Options that must be there; of a tuple inside, at least one.
    """

    shape: Shape
    options: Mapping[str, tuple[type, ...]] = field(default_factory=dict)
    required: tuple[str | tuple[str, ...], ...] = ()


_LIMITS: Mapping[str, tuple[type, ...]] = {"min": NUMBER, "max": NUMBER}
_COUNTS: Mapping[str, tuple[type, ...]] = {"min": (int,), "max": (int,)}
_ONE_LIMIT = (("min", "max"),)

VALUE_FORMS: dict[str, Form] = {
    "not_null": Form("column"),
    "not_blank": Form("column"),
    "unique": Form("column"),
    "key": Form("columns"),
    "range": Form("column", {"min": BOUND, "max": BOUND, "exclusive": (bool,)}, _ONE_LIMIT),
    "date_range": Form("column", {"min": (str,), "max": (str,)}, _ONE_LIMIT),
    "age_range": Form("column", {**_LIMITS, "at": (str,)}, _ONE_LIMIT),
    "positive": Form("column", {"zero": (bool,)}),
    "finite": Form("column"),
    "whole": Form("column"),
    "multiple_of": Form("column", {"step": NUMBER}, ("step",)),
    "levels": Form("column", {"allowed": LIST}, ("allowed",)),
    "forbidden": Form("column", {"values": LIST}, ("values",)),
    "regex": Form("column", {"pattern": (str,), "absent": (bool,)}, ("pattern",)),
    "starts_with": Form("column", {"any": TEXTS}, ("any",)),
    "ends_with": Form("column", {"any": TEXTS}, ("any",)),
    "contains": Form("column", {"any": TEXTS, "absent": (bool,)}, ("any",)),
    "format": Form("column", {"is": (str,)}, ("is",)),
    "language": Form("column", {"is": TEXTS}, ("is",)),
    "length": Form("column", _COUNTS, _ONE_LIMIT),
    "size": Form("column", _COUNTS, _ONE_LIMIT),
    "image_size": Form(
        "column",
        {name: (int,) for name in ("min_width", "max_width", "min_height", "max_height")},
        (("min_width", "max_width", "min_height", "max_height"),),
    ),
    "audio_rate": Form("column", {"allowed": LIST}, ("allowed",)),
    "duration": Form("column", {"min_s": NUMBER, "max_s": NUMBER}, (("min_s", "max_s"),)),
    "type": Form("column", {"is": (str,)}, ("is",)),
    "no_future": Form("column"),
    "no_outliers": Form("column", {"method": (str,), "limit": NUMBER}),
}
"""Rules about the values of a column, one by one."""

ROW_FORMS: dict[str, Form] = {
    "compare": Form(
        "columns", {"left": (str,), "is": (str,), "right": (str,)}, ("left", "is", "right")
    ),
    "same": Form("columns", {"tolerance": NUMBER}),
    "differ": Form("columns"),
    "sum_of": Form("columns", {"equals": (str, int, float), "tolerance": NUMBER}, ("equals",)),
    "expression": Form("table", {"that": (str,)}, ("that",)),
    "required_if": Form("column", {"when": (str,), "equals": (str, int, float, bool)}, ("when",)),
    "any_present": Form("columns"),
    "foreign": Form(
        "column", {"values": LIST, "file": (str,), "key": (str,)}, (("values", "file"),)
    ),
    "references": Form("columns", {"file": (str,), "keys": LIST}, ("file",)),
    "determines": Form("columns", {"target": (str,)}, ("target",)),
    "increasing": Form("column", {"strictly": (bool,), "falling": (bool,)}),
    "monotone_within": Form(
        "column", {"group": TEXTS, "strictly": (bool,), "falling": (bool,)}, ("group",)
    ),
    "no_gaps": Form("column", {"every": (str,), "group": TEXTS}, ("every",)),
    "max_step": Form("column", {"max": NUMBER, "group": TEXTS}, ("max",)),
}
"""Rules that look at several cells: of a row, of neighbouring rows, of another table."""

TABLE_FORMS: dict[str, Form] = {
    "row_count": Form("table", _COUNTS, _ONE_LIMIT),
    "columns": Form("columns", {"exactly": (bool,), "ordered": (bool,)}),
    "max_missing": Form("column", {"share": NUMBER}, ("share",)),
    "distinct": Form("column", _COUNTS, _ONE_LIMIT),
    "mean": Form("column", _LIMITS, _ONE_LIMIT),
    "median": Form("column", _LIMITS, _ONE_LIMIT),
    "quantile": Form("column", {"at": NUMBER, **_LIMITS}, ("at", ("min", "max"))),
    "std": Form("column", _LIMITS, _ONE_LIMIT),
    "sum": Form("column", _LIMITS, _ONE_LIMIT),
    "correlation": Form("columns", _LIMITS, _ONE_LIMIT),
    "max_share": Form("column", {"share": NUMBER}, ("share",)),
    "level_shares": Form("column", {"shares": (dict,), "tolerance": NUMBER}, ("shares",)),
    "min_per_level": Form("column", {"rows": (int,)}, ("rows",)),
    "count_per_group": Form("columns", _COUNTS, _ONE_LIMIT),
    "drift": Form(
        "column",
        {"file": (str,), "key": (str,), "summary": (dict,), "max": NUMBER},
        (("file", "summary"),),
    ),
    "fresh": Form("column", {"days": NUMBER}, ("days",)),
}
"""Rules about one number of the table as a whole."""

FORMS: dict[str, Form] = {**VALUE_FORMS, **ROW_FORMS, **TABLE_FORMS}
"""Every kind of rule."""

MOSTLY = frozenset({*VALUE_FORMS, *ROW_FORMS})
"""Kinds that count failing rows, and so may carry ``mostly: 0.99``."""
