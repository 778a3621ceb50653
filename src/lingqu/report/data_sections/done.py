"""What was done: the operators in order, the rows that left and why, and how to have one back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.core.numbering import told_row, told_rows
from lingqu.report.data_sections.cells import beside, record, written
from lingqu.report.data_sections.details import details, kept
from lingqu.report.data_sections.words import (
    Document,
    gap,
    list_of,
    named,
    number_of,
    part_of,
    some,
)
from lingqu.report.markup import Html, both, figure, in_both, join, pair, say, seconds, tag
from lingqu.report.tables import Head, command, folded, part, plain, table

_SHORT = 12
_FEW = 3


def draw(document: Document) -> Html:
    """Return the section."""
    steps = [step for step in list_of(document, "operators") if isinstance(step, Mapping)]
    if not steps:
        return gap(document, "changes")
    order = [str(step.get("name")) for step in steps]
    return join([_steps(steps), _removed(part_of(document, "removed"), order)])


def _steps(steps: list[Mapping[str, Any]]) -> Html:
    head: Head = [
        (pair("report.operator"), ""),
        (pair("report.before"), "number"),
        (pair("report.after"), "number"),
        (pair("report.changed"), "number"),
        (pair("report.travels"), "tight"),
        (pair("report.time"), "number"),
        (pair("report.detail"), "wordy"),
    ]
    rows = [
        [
            tag("code", step.get("name") or step.get("operator") or ""),
            figure(step.get("rows_before")),
            figure(step.get("rows_after")),
            figure(step.get("changed")),
            say("report.yes" if step.get("travels") else "report.no"),
            seconds(number_of(step, "seconds")),
            _detail(part_of(step, "detail")),
        ]
        for step in steps
    ]
    return table(pair("report.operators_caption"), head, rows)


def _detail(detail: Mapping[str, Any]) -> Html:
    if detail.get("applicable") is False:
        return join([say("report.not_applicable"), " ", in_both(detail, "why")])
    told = kept({name: value for name, value in detail.items() if name != "applicable"})
    return folded(say("report.details"), details(told_rows(told))) if told else join(["–"])


def _removed(told: Mapping[str, Any], order: list[str]) -> Html:
    count = number_of(told, "count")
    heading = say("report.removed", count=figure(count))
    if not count:
        return part(heading, tag("p", say("report.none_removed")))
    undo = str(told.get("undo") or "")
    inside: list[Html | None] = [tag("p", say("datareport.undo_line")) if undo else None]
    by, samples = part_of(told, "by"), part_of(told, "samples")
    known = {*by, *samples}
    for name in [*(n for n in dict.fromkeys(order) if n in known), *sorted(known - set(order))]:
        shown = [row for row in list_of(samples, name) if isinstance(row, Mapping)]
        words = say("datareport.removed_by", operator=name, count=figure(by.get(name, len(shown))))
        whole = command(f"{undo} --operator {name}", "undo") if undo else None
        drawn = some([_gone(row, undo) for row in shown], _FEW, "rows wide-pairs")
        inside.append(tag("div", tag("h4", words, " ", whole), drawn, class_="removed"))
    return part(heading, *inside)


def _gone(row: Mapping[str, Any], undo: str) -> Html:
    number = say("datareport.row", row=figure(told_row(row.get("row"))))
    name = str(row.get("id") or "")
    back = command(f"{undo} {name}", name[:_SHORT]) if undo and name else None
    reason = in_both(row, "reason")
    twin = list_of(row, "twin")
    proof = part_of(row, "evidence")
    if len(twin) > 1:
        first = say("datareport.row", row=figure(told_row(proof.get("copy_of"))))
        rest = {n: v for n, v in proof.items() if n != "copy_of"}
        heads = [join([first, " ✓"]), join([number, " ✗"])]
        return beside(twin, heads, reason, " ", back, _proof(rest))
    top = tag("figcaption", number, " · ", reason, " ", back, _proof(proof))
    return tag("figure", top, record(part_of(row, "cells")))


def _proof(proof: Mapping[str, Any]) -> Html | None:
    """Return what a removal rests on, in a line."""
    parts: list[object] = []
    for name, value in told_rows(proof).items():
        shown = plain(value, 2) if isinstance(value, Mapping | list) else written(value)
        parts += [" · "] if parts else []
        parts += [tag("span", both(named("proof", name)), class_="label"), " ", shown]
    return tag("p", *parts) if parts else None
