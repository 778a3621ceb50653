"""Before and after: what governance changed in each column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.report import svg
from lingqu.report.data_sections.cells import written
from lingqu.report.data_sections.words import Document, gap, list_of, named, number_of, part_of
from lingqu.report.markup import Html, both, figure, join, pair, say, tag
from lingqu.report.tables import Head, folded, table

_MOST = 30
_SHOWN = ("missing", "distinct", "mean", "std", "top", "share", "length")


def draw(document: Document) -> Html:
    """Return the section."""
    rows = [row for row in list_of(document, "changes") if isinstance(row, Mapping)]
    if not rows:
        return gap(document, "changes")
    head: Head = [
        (pair("report.column"), ""),
        (pair("datareport.what_changed"), "wordy"),
        (pair("datareport.moved"), ""),
        (pair("report.value"), "number"),
    ]
    moved = [row for row in rows if _changed(row)]
    still = len(rows) - len(moved)
    moved.sort(key=lambda row: -number_of(row, "distance"))
    drawn = [_line(row) for row in moved]
    caption = pair("datareport.changes_caption")
    inside = [table(caption, head, drawn[:_MOST])] if drawn else []
    if drawn[_MOST:]:
        more = table(caption, head, drawn[_MOST:])
        inside.append(folded(say("report.more", count=len(drawn) - _MOST), more))
    if still:
        inside.append(tag("p", say("datareport.unchanged", count=still), class_="quiet"))
    return join(inside)


def _sides(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return part_of(row, "before"), part_of(row, "after")


def _changed(row: Mapping[str, Any]) -> bool:
    one, two = _sides(row)
    if bool(one) != bool(two):
        return True
    return bool(row.get("distance")) or any(one.get(n) != two.get(n) for n in _SHOWN)


def _line(row: Mapping[str, Any]) -> list[object]:
    one, two = _sides(row)
    name = str(row.get("column", ""))
    if not one or not two:
        words = "datareport.column_new" if not one else "datareport.column_gone"
        return [tag("code", name), say(words), "", "–"]
    changed = [n for n in _SHOWN if one.get(n) != two.get(n)]
    parts = [_change(n, one, two) for n in changed]
    distance = row.get("distance")
    drawn: object = ""
    if isinstance(distance, int | float):
        spoken = f"{name}: {figure(distance)}"
        drawn = svg.bar(float(distance), None, None, {"en": spoken, "zh": spoken})
    return [tag("code", name), join(parts) if parts else "–", drawn, figure(distance)]


def _change(name: str, one: Mapping[str, Any], two: Mapping[str, Any]) -> Html:
    before, after = one.get(name), two.get(name)
    if name == "share":
        before, after = (f"{v:.1%}" if isinstance(v, float) else v for v in (before, after))
    if name == "missing":
        before, after = (_missing(side) for side in (one, two))
    word = both(named("fact", name))
    told = tag("span", written(before), " → ", tag("strong", written(after)))
    return tag("div", tag("small", word), " ", told, class_="change")


def _missing(side: Mapping[str, Any]) -> str:
    rows, missing = number_of(side, "rows"), number_of(side, "missing")
    if not rows or side.get("missing") is None:
        return figure(side.get("missing"))
    return f"{figure(missing)} ({missing / rows:.1%})"
