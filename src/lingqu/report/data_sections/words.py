"""Words of the data report: named things in both languages, gaps, and lists that are cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.i18n import Language
from lingqu.core.messages.datareport import MESSAGES
from lingqu.report.markup import Html, both, join, pair, say, tag
from lingqu.report.tables import folded
from lingqu.report.tables import named as told

Document = Mapping[str, Any]
Words = Mapping[Language, str]
_PLAIN = str.maketrans(". ", "__")


def part_of(document: Document, name: str) -> Mapping[str, Any]:
    """Return a part of the document; an empty one where it is absent."""
    part = document.get(name)
    return part if isinstance(part, Mapping) else {}


def list_of(holder: Mapping[str, Any], name: str) -> Sequence[Any]:
    """Return a list in a part; an empty one where it is absent."""
    found = holder.get(name)
    return found if isinstance(found, list | tuple) else ()


def number_of(holder: Mapping[str, Any], name: str) -> float:
    """Return a number in a part; 0 where it is absent."""
    found = holder.get(name)
    return found if isinstance(found, int | float) else 0.0


def ends_of(holder: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the ends of an interval; none where one of them is absent."""
    low, high = holder.get("low"), holder.get("high")
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None, None
    return low, high


def numbers_of(found: Any) -> list[float]:
    """Return a list of numbers, with 0 in the place of what is none."""
    listed = found if isinstance(found, list | tuple) else ()
    return [one if isinstance(one, int | float) else 0.0 for one in listed]


def named(family: str, name: str) -> Words:
    """Return the word for a name in both languages; the name itself if it has none."""
    key = f"datareport.{family}_{name.translate(_PLAIN)}"
    return pair(key) if key in MESSAGES else told(family, name)


def gap(document: Document, part: str) -> Html:
    """Return why a part is empty: what was not looked at, and what would look at it."""
    for line in list_of(document, "gaps"):
        if isinstance(line, Mapping) and line.get("part") == part:
            said: Words = {"en": str(line.get("en", "")), "zh": str(line.get("zh", ""))}
            return tag("p", both(said), class_="quiet gap")
    return tag("p", say("datareport.nothing"), class_="quiet gap")


def why(told_of: Mapping[str, Any]) -> Html:
    """Return the reason that a part gives for being empty."""
    english = str(told_of.get("why") or "")
    return both({"en": english, "zh": str(told_of.get("why_zh") or english)})


def some(parts: Sequence[Html], most: int, kind: str) -> Html:
    """Return the first parts in a box, and the others folded away."""
    if not parts:
        return join([])
    first = tag("div", *parts[:most], class_=kind)
    rest = parts[most:]
    if not rest:
        return first
    more = tag("div", *rest, class_=kind)
    return join([first, folded(say("report.more", count=len(rest)), more)])
