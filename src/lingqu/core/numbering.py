"""How rows are numbered: kept from 0 as a frame counts, told from 1 as errors and people do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ONE = frozenset({"row", "copy_of", "train_row", "test_row"})
"""Names under which an operator or a check keeps a row."""
_MANY = frozenset({"rows", "lost_rows", "sample_rows", "samples"})
"""Names under which it keeps several; under some of them a count may stand, too."""


def told_row(row: object) -> object:
    """Return the number that a person reads for a row: the first is 1, a header is not counted.

    Example:
        >>> told_row(0), told_row(None)
        (1, None)
    """
    return row + 1 if isinstance(row, int) and not isinstance(row, bool) else row


def told_rows(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an operator or a check keeps of rows, with their numbers as a person reads them.

    Names inside an entry are those of columns, and stay as they are.

    Example:
        >>> told_rows({"copy_of": 4, "rows": [0, 2], "similarity": 1.0, "values": {"row": 7}})
        {'copy_of': 5, 'rows': [1, 3], 'similarity': 1.0, 'values': {'row': 7}}
        >>> told_rows({"rows": 30, "samples": [{"row": 0, "value": "?"}]})
        {'rows': 30, 'samples': [{'row': 1, 'value': '?'}]}
    """
    return {name: _told(name, value, name in _ONE) for name, value in evidence.items()}


def _told(name: str, value: Any, is_row: bool) -> Any:
    if isinstance(value, Mapping):
        return {inner: _told(inner, part, False) for inner, part in value.items()}
    if isinstance(value, list | tuple):
        return [_element(name, part) for part in value]
    return told_row(value) if is_row else value


def _element(name: str, part: Any) -> Any:
    if isinstance(part, Mapping):
        return told_rows(part)
    if isinstance(part, list | tuple):  # a group of rows
        return [told_row(inner) for inner in part] if name in _MANY else part
    # Samples that stand alone are values.
    return told_row(part) if name in _MANY - {"samples"} else part
