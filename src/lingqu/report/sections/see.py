"""See: the model at work on test rows, drawn: a map, what answers rest on, its mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.report import map_chart
from lingqu.report.markup import Html, figure, join, pair, say, spoken, tag
from lingqu.report.overlay import patches
from lingqu.report.tables import part

Document = Mapping[str, Any]
Seen = Mapping[str, Any]
_SHADES = 4
"""Strengths of shade between words that cost nothing and the one that costs most."""
_FAINT = 0.1
_FULL = 0.02
"""The least chance that must be lost for the full shade: nothing is made to look like much."""


def draw(document: Document) -> Html:
    """Return the section."""
    seen = document.get("seen") or {}
    parts = [_map(seen), _words(seen), _patches(seen), _worst(seen)]
    return join(part for part in parts if part)


def confused(document: Document) -> Html:
    """Return examples of the classes that were taken for each other, for beside their matrix."""
    seen = document.get("seen") or {}
    drawn = [_pair(one, seen["rows"]) for one in seen.get("confused", ())]
    if not drawn:
        return join([])
    note = tag("p", say("see.confused_note"), class_="lead")
    return part(say("see.confused"), note, tag("div", *drawn, class_="confused"))


def _pair(one: Mapping[str, Any], rows: Mapping[str, Any]) -> Html:
    count = int(one["count"])
    many = say("see.once") if count == 1 else say("see.times", count=figure(count))
    words = say("see.pair", truth=one["truth"], said=one["said"])
    shown = [_row(row, rows[str(row)]) for row in one["rows"]]
    return tag("figure", tag("figcaption", tag("strong", words), many), tag("div", *shown))


def _map(seen: Seen) -> Html | None:
    told = seen.get("map") or {}
    points = told.get("points", ())
    if not points:
        return None
    classes = seen.get("classes", ())
    shares = [f"{share:.0%}" for share in told["shares"]]
    key = "see.map_net" if told["of"] else "see.map_columns"
    lead = [say(key, of=told["of"], width=told["width"], first=shares[0], second=shares[1])]
    if classes:
        wrong = sum(p[2] is not None and p[2] != p[3] for p in points)
        lead += [say("see.map_wrong", count=wrong, rows=len(points))] if wrong else []
        others = len({str(p[2]) for p in points}) - len(map_chart.coloured(points))
        lead += [say("see.map_others", count=others)] if others > 0 else []
    else:
        values = [float(p[2]) for p in points if p[2] is not None]
        lead += [say("see.map_values", low=figure(min(values)), high=figure(max(values)))]
    drawn = map_chart.scatter(told, classes, pair("see.map_title"))
    return part(say("see.map"), *(tag("p", one, class_="lead") for one in lead), drawn)


def _words(seen: Seen) -> Html | None:
    told = seen.get("words", ())
    if not told:
        return None
    note = tag("p", say("see.words_note", column=told[0]["column"]), class_="lead")
    classes = bool(seen.get("classes"))
    drawn = [_text(one, seen["rows"][str(one["row"])], classes) for one in told]
    return part(say("see.words"), note, *drawn)


def _text(one: Mapping[str, Any], row: Mapping[str, Any], classes: bool) -> Html:
    most = max(abs(lost) for _, lost in one["parts"])
    full = max(most, _FULL) if classes else most or 1.0
    shaded = [_shaded(piece, lost, full) for piece, lost in one["parts"]]
    return tag("figure", _caption(one["row"], row, most, classes), tag("p", *shaded),
               class_="shaded")  # fmt: skip


def _shaded(piece: str, lost: float, most: float) -> object:
    """Return a piece of a text, shaded by its part of the most that one costs."""
    share = abs(lost) / most
    if share < _FAINT:
        return piece
    kind = "for" if lost > 0 else "against"
    words, blank = piece.rstrip(), piece[len(piece.rstrip()) :]
    level = min(_SHADES, 1 + int(share * _SHADES))
    return join([tag("mark", words, class_=f"{kind} s{level}", title=_signed(lost)), blank])


def _patches(seen: Seen) -> Html | None:
    told = seen.get("patches", ())
    if not told:
        return None
    note = tag("p", say("see.patches_note", column=told[0]["column"]), class_="lead")
    classes = bool(seen.get("classes"))
    drawn = [_looked(one, seen["rows"][str(one["row"])], classes) for one in told]
    return part(say("see.patches"), note, tag("div", *drawn, class_="looked"))


def _looked(one: Mapping[str, Any], row: Mapping[str, Any], classes: bool) -> Html:
    most = max(abs(value) for line in one["grid"] for value in line)
    title = pair("see.overlay", row=figure(int(one["row"]) + 1))
    over = patches(row["picture"], one["grid"], title, _FULL if classes else 0.0)
    side_by_side = tag("div", _picture(one["row"], row), over, class_="beside")
    return tag("figure", side_by_side, _caption(one["row"], row, most, classes))


def _caption(number: int, row: Mapping[str, Any], most: float, classes: bool) -> Html:
    title = tag("strong", say("see.row", row=figure(number + 1)))
    loss = f"{most:.1%}" if classes else figure(most)
    cost = say("see.most" if classes else "see.most_value", loss=loss)
    key, facts = _said(row)
    return tag("figcaption", title, tag("p", say(key, **facts)), tag("p", cost))


def _worst(seen: Seen) -> Html | None:
    worst = seen.get("worst", ())
    if not worst:
        return None
    rows, title = seen["rows"], say("see.worst")
    wrong = sum(rows[str(row)].get("right") is False for row in worst)
    if not seen.get("classes"):
        title, lead = say("see.errors"), say("see.errors_note")
    elif not wrong:
        title, lead = say("see.doubts"), say("see.doubts_note")
    else:
        lead = say("see.worst_note" if wrong < len(worst) else "see.worst_only", wrong=wrong)
    shown = [_row(row, rows[str(row)]) for row in worst]
    note = tag("p", lead, class_="lead")
    return part(title, note, tag("div", *shown, class_="shots"))


def _row(number: int, row: Mapping[str, Any]) -> Html:
    """Return a row by its picture, else by its text, with what was said of it."""
    key, facts = _said(row)
    kind = {True: "shot", False: "shot wrong"}.get(row.get("right", True), "shot")
    if not row.get("picture"):
        kind += " text"
    text = row.get("text")
    return tag(
        "figure",
        _picture(number, row) if row.get("picture") else None,
        tag("blockquote", text) if text and not row.get("picture") else None,
        tag("figcaption", say("see.row", row=figure(number + 1)), tag("p", say(key, **facts))),
        class_=kind,
    )


def _picture(number: int, row: Mapping[str, Any]) -> Html:
    key, facts = _said(row)
    words = pair("see.picture", row=figure(number + 1), words=pair(key, **facts))
    picture = row["picture"]
    sides = {"width": picture["width"], "height": picture["height"]}
    return tag("img", src=picture["uri"], class_="pixels", **sides, **spoken("alt", words))


def _said(row: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return how to say what was said of a row."""
    facts = {"said": figure(row["said"]), "truth": figure(row["truth"])}
    if row.get("sure") is None:
        return "see.said_value", facts
    key = "see.said_right" if row.get("right") else "see.said_true"
    return key, facts | {"sure": f"{row['sure']:.0%}"}


def _signed(value: float) -> str:
    return f"{-value:+.3f}".replace("-", "−")
