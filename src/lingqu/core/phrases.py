"""What pydantic expected, in words that are chosen when they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.core.i18n import Phrase

__all__ = ["Phrase", "expected"]

_EXPECTED: Mapping[str, str] = {
    "string_type": "core.expects_text",
    "string_too_short": "core.expects_text",
    "string_too_long": "core.expects_text",
    "int_type": "core.expects_whole",
    "int_from_float": "core.expects_whole",
    "int_parsing": "core.expects_whole",
    "int_parsing_size": "core.expects_whole",
    "float_type": "core.expects_number",
    "float_parsing": "core.expects_number",
    "finite_number": "core.expects_number",
    "bool_type": "core.expects_boolean",
    "bool_parsing": "core.expects_boolean",
    "tuple_type": "core.expects_list",
    "list_type": "core.expects_list",
    "model_type": "core.expects_mapping",
    "dict_type": "core.expects_mapping",
    "mapping_type": "core.expects_mapping",
    "missing": "core.expects_something",
    "missing_argument": "core.expects_something",
    "piece": "core.expects_piece",
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than": (">", "gt"),
    "greater_than_equal": ("≥", "ge"),
    "less_than": ("<", "lt"),
    "less_than_equal": ("≤", "le"),
}


def expected(row: Mapping[str, Any]) -> Phrase | str:
    """Return what pydantic expected, in our words; its own English where we have none.

    Args:
        row: One of the rows of ``ValidationError.errors()``.
    """
    kind, facts = row["type"], row.get("ctx", {})
    if kind == "literal_error":
        choices = facts["expected"].replace(" or ", ", ").replace("'", "")
        return Phrase("core.expects_choice", {"choices": choices})
    if kind in _BOUNDS:
        sign, name = _BOUNDS[kind]
        return f"{sign} {facts[name]}"
    if kind in _EXPECTED:
        return Phrase(_EXPECTED[kind])
    return str(row["msg"])
