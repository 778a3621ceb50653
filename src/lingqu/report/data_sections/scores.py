"""Scores: eight of them, each with its interval, its parts and its worst rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.core.numbering import told_row
from lingqu.report import svg
from lingqu.report.data_sections.cells import record
from lingqu.report.data_sections.words import Document, ends_of, gap, list_of, named, part_of, why
from lingqu.report.markup import Html, both, figure, interval, join, say, tag
from lingqu.report.tables import facts, folded, plain

_FEW = 6


def draw(document: Document) -> Html:
    """Return the section."""
    found = [s for s in list_of(document, "scores") if isinstance(s, Mapping)]
    if not found:
        return gap(document, "scores")
    caption = tag("p", say("datareport.scores_caption"), class_="quiet")
    return join([caption, tag("div", *map(_score, found), class_="scores")])


def _score(score: Mapping[str, Any]) -> Html:
    """Return a score: its name, its bar, its number, and below them what it is made of."""
    name = named("quality", str(score.get("name")))
    value = score.get("value")
    heading = tag("h3", both(name))
    if not isinstance(value, int | float):
        unmeasured = tag("span", say("report.unmeasured"), class_="mark unknown")
        return tag("article", heading, unmeasured, tag("p", why(score)), class_="score")
    low, high = ends_of(score)
    words = {to: f"{word}: {figure(value)}" for to, word in name.items()}
    ends = interval(low, high)
    about = [tag("strong", figure(value)), f" [{ends}]" if ends else None]
    rows = score.get("n")
    of = "datareport.of_facts" if score.get("name") == "authenticity" else "datareport.of_rows"
    counted = say(of, rows=figure(rows)) if rows else None
    return tag(
        "article",
        heading,
        svg.bar(value, low, high, words),
        tag("p", *about, " ", tag("span", counted, class_="quiet")),
        tag("div", _formula(score), _parts(part_of(score, "parts")), _worst(score)),
        class_="score",
    )


def _formula(score: Mapping[str, Any]) -> Html:
    english = str(score.get("formula") or "")
    said = both({"en": english, "zh": str(score.get("formula_zh") or english)})
    return tag("p", said, class_="quiet")


def _parts(parts: Mapping[str, Any]) -> Html:
    """Return what a score is made of: the columns that pull it down as bars, the rest as facts."""
    told = {name: value for name, value in parts.items() if value not in (None, "", [], {}, 0)}
    if not told:
        return join([])
    entries = []
    for name, value in told.items():
        word = both(named("part", name))
        numbers = isinstance(value, Mapping) and _numbers(value)
        if isinstance(value, list) and name in ("declared", "missing"):
            names = [both(named("fact", str(one))) for one in value]
            shown = join([part for one in names for part in (one, " · ")][:-1])
        else:
            shown = _bars(value) if numbers else plain(value)
        entries.append((word, shown))
    return folded(say("datareport.parts"), facts(entries))


def _numbers(value: Mapping[str, Any]) -> bool:
    return all(isinstance(one, int | float) for one in value.values())


def _bars(value: Mapping[str, Any]) -> Html:
    """Return names with numbers, the greatest first."""
    ordered = sorted(value.items(), key=lambda entry: -entry[1])
    top = max(1e-9, *(abs(number) for _, number in ordered))
    if all(number <= 1 for _, number in ordered):
        top = 1.0
    lines = [
        tag("li", tag("span", name), bar_of(number / top), tag("span", figure(number)))
        for name, number in ordered[: 2 * _FEW]
    ]
    return tag("ul", *lines, class_="bars")


def bar_of(share: float) -> Html:
    """Return a bar without words, beside words that say the same."""
    width = max(0.0, min(1.0, share)) * 100
    inner = tag("rect", x=0, y=0, width=round(width, 1), height=8, class_="ink")
    rail = tag("rect", x=0, y=0, width=100, height=8, class_="rail")
    return tag(
        "svg", rail, inner, viewBox="0 0 100 8", class_="chart bare", preserveAspectRatio="none",
        aria_hidden="true",
    )  # fmt: skip


def _worst(score: Mapping[str, Any]) -> Html:
    rows = [row for row in list_of(score, "worst") if isinstance(row, Mapping)]
    if not rows:
        return join([])
    drawn = [
        tag("figure",
            tag("figcaption", say("datareport.row", row=figure(told_row(row.get("row"))))),
            record(part_of(row, "cells")))
        for row in rows
    ]  # fmt: skip
    return folded(say("datareport.worst", count=len(rows)), tag("div", *drawn, class_="rows"))
