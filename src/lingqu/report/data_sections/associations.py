"""Associations: pairs of columns of which one nearly tells the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report import svg
from lingqu.report.data_sections.words import (
    Document,
    Words,
    ends_of,
    gap,
    list_of,
    named,
    part_of,
    why,
)
from lingqu.report.markup import Html, both, figure, interval, join, pair, say, tag
from lingqu.report.tables import Head, folded, table

_MOST = 12


def draw(document: Document) -> Html:
    """Return the section."""
    told = part_of(document, "associations")
    if not told.get("looked"):
        return join([gap(document, "associations"), why(told)])
    pairs = [p for p in list_of(told, "pairs") if isinstance(p, Mapping)]
    inside = [_pairs(pairs)] if pairs else [tag("p", say("datareport.no_pairs"))]
    matrix = _matrix(list_of(told, "columns"), list_of(told, "matrix"))
    return join([*inside, matrix])


def _pairs(pairs: Sequence[Mapping[str, Any]]) -> Html:
    head: Head = [
        (pair("datareport.pair_of"), ""),
        ("", ""),
        (pair("datareport.strength"), "number"),
        (pair("report.interval"), "number"),
        (pair("report.rows"), "number"),
        (pair("report.measure"), "tight"),
    ]
    rows = []
    for one in pairs:
        names = [str(name) for name in list_of(one, "columns")]
        value = one.get("value")
        strength = float(value) if isinstance(value, int | float) else 0.0
        spoken = f"{' – '.join(names)}: {figure(value)}"
        words: Words = {"en": spoken, "zh": spoken}
        rows.append(
            [
                join([tag("code", names[0]), " – ", tag("code", names[-1])]) if names else "–",
                svg.bar(strength, *ends_of(one), words),
                figure(value),
                interval(*ends_of(one)),
                figure(one.get("n") or None),
                both(named("strength", str(one.get("measure")))),
            ]
        )
    caption = pair("datareport.pairs_caption")
    inside = [table(caption, head, rows[:_MOST])]
    if rows[_MOST:]:
        more = table(caption, head, rows[_MOST:])
        inside.append(folded(say("report.more", count=len(rows) - _MOST), more))
    return join(inside)


def _matrix(names: Sequence[Any], matrix: Sequence[Any]) -> Html:
    """Return the strengths of all pairs; the stronger, the darker."""
    size = min(len(names), len(matrix))
    if size < 2:
        return join([])
    head: Head = [(pair("report.column"), ""), *((str(i + 1), "number") for i in range(size))]
    rows = []
    for index in range(size):
        line = matrix[index] if isinstance(matrix[index], list | tuple) else ()
        cells = [_cell(value, index == place) for place, value in enumerate(line[:size])]
        cells += [join([""])] * (size - len(cells))
        rows.append([f"{index + 1} {str(names[index])[:40]}", *cells])
    drawn = table(pair("datareport.matrix_caption"), head, rows, class_="matrix strengths")
    return folded(say("datareport.matrix", count=size), drawn)


def _cell(value: Any, same: bool) -> Html:
    if same or not isinstance(value, int | float):
        return tag("span", "·", class_="none")
    return tag("span", f"{value:.2f}".lstrip("0") or "0", data_strength=min(4, int(value * 5)))
