"""What an operator tells of itself, in the words of a reader: no empty entries, no braces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.core.messages.detail import MESSAGES
from lingqu.report.data_sections.cells import HIDDEN
from lingqu.report.markup import Html, figure, join, say, tag
from lingqu.report.tables import facts

_EMPTY: tuple[Any, ...] = (None, "", 0, HIDDEN)
"""What says nothing: also a count of nothing, and what may not be shown."""
_MOST, _FEW = 20, 10


def kept(value: Any) -> Any:
    """Return what an operator tells without what says nothing; None where all of it does.

    Example:
        >>> kept({"changed": 281, "unread": 0, "samples": [], "of": {"unit": ""}})
        {'changed': 281}
    """
    if isinstance(value, Mapping):
        parts = {name: kept(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None} or None
    if isinstance(value, list | tuple):
        return value or None
    return None if value in _EMPTY else value


def details(told: Mapping[str, Any]) -> Html:
    """Return names and values; below the first names stand columns, which keep theirs."""
    entries = list(told.items())[:_MOST]
    return facts((_word(name), _value(value)) for name, value in entries)


def _value(value: Any) -> Html:
    if isinstance(value, Mapping):
        return facts((name, _line(part)) for name, part in list(value.items())[:_MOST])
    return _line(value)


def _line(value: Any) -> Html:
    """Return a value on one line."""
    if isinstance(value, Mapping):
        parts = [join([_word(name), " ", _line(part)]) for name, part in value.items()]
        return join(_between(parts, " · "))
    if isinstance(value, list | tuple):
        shown = [_line(part) for part in value[:_FEW]]
        more = len(value) - len(shown)
        tail = [say("report.more", count=more)] if more else []
        return join(_between([*shown, *tail], "; "))
    if isinstance(value, bool):
        return say("report.yes" if value else "report.no")
    return join([figure(value)])


def _word(name: str) -> Html:
    key = f"detail.{name}"
    return tag("span", say(key) if key in MESSAGES else name, class_="label")


def _between(parts: list[Html], gap: str) -> list[object]:
    spread: list[object] = []
    for part in parts:
        spread += [gap, part] if spread else [part]
    return spread
