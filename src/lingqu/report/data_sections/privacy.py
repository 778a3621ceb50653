"""Privacy: what personal data was found, how it was treated, and what is left of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.report.data_sections.words import Document, gap, list_of, named, part_of
from lingqu.report.markup import Html, both, figure, join, pair, say, tag
from lingqu.report.tables import Head, part, table


def draw(document: Document) -> Html:
    """Return the section."""
    told = part_of(document, "privacy")
    if not told.get("looked") and not list_of(told, "columns"):
        return gap(document, "privacy")
    left = [row for row in list_of(told, "left") if isinstance(row, Mapping)]
    treated = [row for row in list_of(told, "treated") if isinstance(row, Mapping)]
    inside = [_hidden(told), _treated(treated, str(told.get("strategy") or "")), _left(left)]
    return join(inside)


def _hidden(told: Mapping[str, Any]) -> Html:
    columns = list_of(told, "columns")
    if not columns:
        return join([])
    names = join([part for name in columns for part in (tag("code", name), " ")])
    return tag("p", say("datareport.hidden_columns"), " ", names)


def _treated(rows: list[Mapping[str, Any]], strategy: str) -> Html:
    if not rows:
        return join([])
    head: Head = [
        (pair("report.column"), ""),
        (pair("datareport.kinds"), "wordy"),
        (pair("datareport.treated_by"), ""),
        (pair("datareport.cells"), "number"),
        (pair("datareport.left"), "number"),
    ]
    drawn = [
        [
            tag("code", row.get("column", "")),
            _kinds(part_of(row, "kinds")),
            join([both(named("strategy", strategy)), " · ",
                  both(named("by", str(row.get("by"))))]),
            figure(row.get("cells")),
            figure(row.get("left")),
        ]
        for row in rows
    ]  # fmt: skip
    return part(say("datareport.treated"), table(pair("datareport.treated_caption"), head, drawn))


def _left(rows: list[Mapping[str, Any]]) -> Html:
    if not rows:
        return part(say("datareport.left_over"), tag("p", say("datareport.none_left")))
    head: Head = [
        (pair("report.column"), ""),
        (pair("datareport.kinds"), "wordy"),
        (pair("datareport.share_of_cells"), "number"),
        (pair("report.rows"), "number"),
    ]
    drawn = []
    for row in rows:
        value = row.get("value")
        share = f"{value:.2%}" if isinstance(value, int | float) else "–"
        about = tag("code", row.get("column") or row.get("measure") or "–")
        drawn.append([about, _kinds(part_of(row, "kinds")), share, figure(row.get("n"))])
    caption = pair("datareport.left_caption")
    return part(say("datareport.left_over"), table(caption, head, drawn))


def _kinds(kinds: Mapping[str, Any]) -> Html:
    parts: list[object] = []
    for name, count in list(kinds.items())[:8]:
        parts += [" · "] if parts else []
        parts += [both(named("pii", str(name))), f" {figure(count)}"]
    return join(parts) if parts else join(["–"])
