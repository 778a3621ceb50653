"""Leakage: what the test rows share with the training rows, with both records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.core.numbering import told_row
from lingqu.report.data_sections.cells import beside
from lingqu.report.data_sections.words import Document, gap, list_of, some, why
from lingqu.report.markup import Html, both, figure, interval, join, pair, say, tag
from lingqu.report.tables import Head, folded, named, part, table, verdict

_MOST = 12
_FEW = 3


def draw(document: Document) -> Html:
    """Return the section."""
    leaks = [leak for leak in list_of(document, "leakage") if isinstance(leak, Mapping)]
    if not leaks:
        return gap(document, "leakage")
    head: Head = [
        (pair("report.measure"), ""),
        (pair("report.value"), "number"),
        (pair("report.interval"), "number"),
        (pair("report.limit"), "number"),
        (pair("report.rows"), "number"),
        (pair("report.verdict"), "wordy"),
    ]
    rows = [_leak(leak) for leak in leaks]
    caption = pair("datareport.leakage_caption")
    inside = [table(caption, head, rows[:_MOST])]
    if rows[_MOST:]:
        held = say("report.more", count=len(rows) - _MOST)
        inside.append(folded(held, table(caption, head, rows[_MOST:], class_="tall")))
    return join([*inside, *(_pairs(leak) for leak in leaks)])


def _leak(leak: Mapping[str, Any]) -> list[object]:
    name = join([both(named("measure", str(leak.get("measure")))), " ", _argument(leak)])
    if leak.get("value") is None:
        return [name, "–", "", "–", "–", join([verdict("unknown"), " ", why(leak)])]
    return [
        name,
        figure(leak["value"]),
        interval(leak.get("low"), leak.get("high")),
        figure(leak.get("limit")),
        figure(leak.get("n") or None),
        verdict(str(leak.get("verdict"))),
    ]


def _argument(leak: Mapping[str, Any]) -> Html:
    return tag("code", leak["argument"]) if leak.get("argument") else join([])


def _pairs(leak: Mapping[str, Any]) -> Html:
    drawn = []
    for one in list_of(leak, "pairs"):
        records = list_of(one, "records") if isinstance(one, Mapping) else ()
        if len(records) < 2:
            continue
        said = []
        if one.get("similarity") is not None:
            said.append(say("datareport.similarity", value=figure(one["similarity"])))
        if one.get("distance") is not None:
            said.append(say("datareport.distance", value=figure(one["distance"])))
        rows = [figure(told_row(row)) for row in [*list_of(one, "rows"), None, None][:2]]
        heads = [
            say("datareport.train_row", row=rows[0]),
            say("datareport.test_row", row=rows[1]),
        ]
        drawn.append(beside(records, heads, *said))
    if not drawn:
        return join([])
    name = join([both(named("measure", str(leak.get("measure")))), " ", _argument(leak)])
    return part(name, some(drawn, _FEW, "pairs wide-pairs"))
