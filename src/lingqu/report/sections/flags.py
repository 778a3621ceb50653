"""Flags: the test rows that look odd, and which of their columns make them so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.numbering import told_row
from lingqu.report.markup import Html, figure, join, pair, say, tag
from lingqu.report.tables import Head, table

Document = Mapping[str, Any]
Row = Mapping[str, Any]


def draw(document: Document) -> Html:
    """Return the section."""
    flagged = document.get("flagged") or {}
    shown: Sequence[Row] = flagged.get("shown", ())
    told = say(
        "report.flagged", count=flagged.get("count", 0), rows=flagged.get("rows", 0),
        threshold=figure(flagged.get("threshold")),
    )  # fmt: skip
    parts = [tag("p", told)]
    if not flagged.get("labelled"):
        parts.append(tag("p", say("report.flagged_unjudged"), class_="quiet"))
    if shown:
        parts.append(_table(shown, bool(flagged.get("labelled"))))
    return join(parts)


def _table(shown: Sequence[Row], labelled: bool) -> Html:
    head: Head = [
        (pair("report.row"), "number"),
        (pair("report.flag_share"), "number"),
        (pair("report.flag_why"), ""),
    ]
    if labelled:
        head = [*head, (pair("report.truth"), "")]
    lines = []
    for one in shown:
        cells: list[object] = [told_row(one["row"]), f"{100 * one['share']:.3f} %", _why(one)]
        lines.append([*cells, figure(one["truth"])] if labelled else cells)
    return table(pair("report.flagged_caption", count=len(shown)), head, lines, class_="tall")


def _why(one: Row) -> Html:
    reasons = one["reasons"]
    if not reasons:
        return say("report.flag_together")
    told = []
    for reason in reasons:
        value = figure(reason["value"])
        if reason["usual"] is None:
            words = say("report.flag_reason_alone", column=reason["column"], value=value)
        else:
            words = say("report.flag_reason", column=reason["column"], value=value,
                        usual=figure(reason["usual"]))  # fmt: skip
        told.append(tag("div", words))
    return join(told)
