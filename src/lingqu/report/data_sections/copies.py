"""Copies: rows that stand twice, rows that nearly do, and copies that contradict each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.numbering import told_row
from lingqu.report.data_sections.cells import beside, record
from lingqu.report.data_sections.words import Document, gap, list_of, number_of, part_of, some
from lingqu.report.markup import Html, figure, join, say, tag
from lingqu.report.tables import facts, part

_FEW = 3


def draw(document: Document) -> Html:
    """Return the section."""
    told = part_of(document, "duplicates")
    if not told.get("looked"):
        return gap(document, "duplicates")
    near = part_of(told, "near")
    entries = [
        (say("datareport.copies"), figure(told.get("copies"))),
        (say("datareport.copy_groups"), figure(told.get("groups"))),
        (say("datareport.near_groups"), figure(near.get("groups") if near else None)),
        (say("datareport.conflicting"), figure(told.get("conflicting"))),
    ]
    if told.get("by_chance"):
        entries.append((say("datareport.by_chance"), f"{number_of(told, 'by_chance'):.1%}"))
    only = tag("p", say("datareport.only_reported")) if told.get("only_reported") else None
    return join([facts(entries), only, _exact(told), _conflicts(told), _near(near)])


def _exact(told: Mapping[str, Any]) -> Html:
    groups = [group for group in list_of(told, "exact") if isinstance(group, Mapping)]
    drawn = []
    for group in groups:
        rows = list_of(group, "rows")
        words = say("datareport.same_rows", rows=_rows(rows), count=figure(group.get("count")))
        drawn.append(tag("figure", tag("figcaption", words), record(part_of(group, "record"))))
    if not drawn:
        return join([])
    return part(say("datareport.exact"), some(drawn, _FEW, "rows"))


def _conflicts(told: Mapping[str, Any]) -> Html:
    drawn = []
    for group in list_of(told, "conflicts"):
        records = list_of(group, "records") if isinstance(group, Mapping) else ()
        if len(records) > 1:
            rows, shown = list_of(group, "rows"), list_of(group, "shown")
            drawn.append(beside(records, _heads(shown or rows), _others(rows)))
    if not drawn:
        return join([])
    return part(say("datareport.conflicts"), some(drawn, _FEW, "pairs wide-pairs"))


def _others(rows: Sequence[Any]) -> Html:
    if len(rows) <= 2:
        return join([])
    return say("datareport.same_rows", rows=_rows(rows), count=len(rows))


def _near(near: Mapping[str, Any]) -> Html:
    drawn = []
    for one in list_of(near, "pairs"):
        if not isinstance(one, Mapping) or len(list_of(one, "records")) < 2:
            continue
        said = [say("datareport.similarity", value=figure(one.get("similarity")))]
        if one.get("labels"):
            names = " ≠ ".join(str(label) for label in list_of(one, "labels"))
            said += [join([" "]), tag("span", names, class_="mark fail")]
        drawn.append(beside(list_of(one, "records"), _heads(list_of(one, "rows")), *said))
    if not near:
        return join([])
    equal = near.get("equal_elsewhere")
    words = "near_reported" if not near.get("marked") else "near_marked" if equal else "near_kept"
    counts = {"rows": figure(near.get("rows")), "compared": figure(near.get("compared"))}
    about = say(f"datareport.{words}", **counts, equal=figure(equal))
    left = near.get("left_out")
    more = tag("p", say("datareport.not_compared", count=figure(left))) if left else None
    return part(
        say("datareport.near"), tag("p", about), more, some(drawn, _FEW, "pairs wide-pairs")
    )


def _heads(rows: Sequence[Any]) -> list[Html]:
    return [say("datareport.row", row=figure(told_row(row))) for row in [*rows, None, None][:2]]


def _rows(rows: Sequence[Any]) -> str:
    return ", ".join(figure(told_row(row)) for row in rows)
