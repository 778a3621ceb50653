"""Labels: those that a model and the neighbours doubt, with the row itself to look at."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import Any

from lingqu.core.numbering import told_row
from lingqu.report.data_sections.cells import HIDDEN, cell, record
from lingqu.report.data_sections.words import Document, gap, list_of, number_of, part_of, some, why
from lingqu.report.markup import Html, figure, join, say, tag
from lingqu.report.tables import command

_SHORT = 12
_TILES = 20
_ROWS = 8


def draw(document: Document) -> Html:
    """Return the section."""
    told = part_of(document, "labels")
    if not told.get("looked"):
        return join([gap(document, "labels"), tag("p", why(told), class_="quiet")])
    count = told.get("suspects") or 0
    words = say(
        "datareport.suspects",
        count=figure(count),
        judged=figure(told.get("judged")),
        share=f"{number_of(told, 'share'):.2%}",
    )
    samples = [s for s in list_of(told, "samples") if isinstance(s, Mapping)]
    channel = str(part_of(document, "identity").get("channel") or "")
    todo = tag("p", say("datareport.fix", channel=channel)) if samples and channel else None
    pictures = any(_media(part_of(s, "cells")) for s in samples)
    if pictures:
        drawn = some([_tile(s, channel) for s in samples], _TILES, "suspects")
    else:
        drawn = some([_row(s, channel) for s in samples], _ROWS, "rows")
    return join([tag("p", words), todo, drawn])


def _media(cells: Mapping[str, Any]) -> str:
    """Return the name of the cell that holds a picture or a sound, or nothing."""
    for name, value in cells.items():
        if isinstance(value, Mapping) and ("picture" in value or "sound" in value):
            return name
    return ""


def _said(sample: Mapping[str, Any]) -> Html:
    given, suggested = figure(sample.get("given")), figure(sample.get("suggested"))
    return tag(
        "span",
        tag("span", say("datareport.suspect", given=given, suggested=suggested), class_="hidden"),
        tag("s", given, aria_hidden="true"),
        tag("span", " → ", tag("strong", suggested), aria_hidden="true"),
    )


def _fix(sample: Mapping[str, Any], channel: str) -> Html:
    name = str(sample.get("id") or "")
    if not name or not channel:
        return join([])
    fix = quote(f"{name}={sample.get('suggested')}")
    return command(f"lingqu data fix {channel} {fix}", name[:_SHORT])


def _tile(sample: Mapping[str, Any], channel: str) -> Html:
    cells = part_of(sample, "cells")
    name = _media(cells)
    return tag(
        "figure",
        cell(cells[name], name) if name else None,
        tag("figcaption", _said(sample), tag("br"), _fix(sample, channel)),
    )


def _row(sample: Mapping[str, Any], channel: str) -> Html:
    cells = {n: v for n, v in part_of(sample, "cells").items() if v != HIDDEN}
    # The label itself stands in the caption, struck out; a second time it would only confuse.
    target = next((n for n, v in cells.items() if str(v) == str(sample.get("given"))), "")
    cells.pop(target, None)
    doubt = sample.get("score")
    said = say("datareport.doubt", value=figure(-doubt if isinstance(doubt, float) else doubt))
    row = say("datareport.row", row=figure(told_row(sample.get("row"))))
    top = tag("figcaption", row, " · ", _said(sample), " · ", tag("small", said), " ",
              _fix(sample, channel))  # fmt: skip
    return tag("figure", top, record(cells))
