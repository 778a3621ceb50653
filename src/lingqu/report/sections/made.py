"""Made rows and pictures, beside real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report.axes import rounded
from lingqu.report.markup import Html, figure, join, pair, say, tag
from lingqu.report.picture import data_uri
from lingqu.report.svg import Words, canvas
from lingqu.report.tables import Head, chart, row, table

Document = Mapping[str, Any]
_WIDE, _LINE, _NAMES = 340, 22, 120
"""Width of a chart, height of a bar pair, room for what it is of."""
_LETTERS = 17


def draw(document: Document) -> Html:
    """Return the section: of tables each column and some rows, of pictures grids of them."""
    told = document.get("made") or {}
    if "pictures" in told:
        return _pictures(told)
    drawn = [_column(column) for column in told.get("columns", ())]
    return join(
        [
            tag("p", say("generate.lead")),
            tag("p", say("generate.legend"), class_="lead"),
            tag("div", *drawn, class_="charts top"),
            _rows(told.get("rows", ())),
        ]
    )


def _column(told: Mapping[str, Any]) -> Html:
    title = pair("generate.column_caption", name=told["name"])
    notes = []
    if any(told["missing"]):
        real, made = (f"{share:.1%}" for share in told["missing"])
        notes.append(tag("p", say("generate.missing_shares", real=real, made=made)))
    return chart(_bars(told, title), tag("code", told["name"]), *notes)


def _bars(told: Mapping[str, Any], title: Words) -> Html:
    """Return a pair of bars for each label: the real share above, the made one below it."""
    most = max([*told["real"], *told["made"], 1e-9])
    room = _WIDE - _NAMES - 44
    parts: list[Html] = []
    sides = zip(told["labels"], told["real"], told["made"], strict=True)
    for place, (label, real, made) in enumerate(sides):
        top = place * _LINE
        parts.append(tag("text", _short(str(label)), x=_NAMES - 6, y=top + 15, text_anchor="end"))
        for share, y, kind in ((real, top + 4, "rail real"), (made, top + 12, "ink")):
            width = rounded(room * share / most)
            parts.append(tag("rect", x=_NAMES, y=y, width=width, height=7, class_=kind))
        told_made = f"{made:.0%}" if made >= 0.01 or not made else "<1%"
        wide = _NAMES + room * max(real, made) / most
        parts.append(tag("text", told_made, x=rounded(wide + 5), y=top + 15))
    return canvas(_WIDE, max(_LINE, len(told["labels"]) * _LINE), title, *parts)


def _short(label: str) -> str:
    return label if len(label) <= _LETTERS else label[: _LETTERS - 1] + "…"


def _rows(rows: Sequence[Mapping[str, Any]]) -> Html:
    if not rows:
        return join([])
    names = list(rows[0])
    head: Head = [(name, "") for name in names]
    lines = [row([figure(cells[name]) for name in names], head) for cells in rows]
    return table(pair("generate.rows_caption", count=len(rows)), head, lines, class_="tall")


def _pictures(told: Mapping[str, Any]) -> Html:
    """Return grids of pictures; each grid has a name and rows of pixels 0–255."""
    grids = [
        tag("figure", tag("figcaption", say(f"generate.grid_{grid['name']}")),
            tag("div", *(_tile(tile) for tile in grid["tiles"]), class_="grid"))
        for grid in told["pictures"]
    ]  # fmt: skip
    return join([tag("p", say("generate.lead")), *grids])


def _tile(tile: Mapping[str, Any]) -> Html:
    label = tag("span", tile["label"]) if tile.get("label") is not None else None
    return tag("div", tag("img", src=data_uri(tile["image"]), alt=""), label, class_="tile")
