"""Cells, records and pairs of rows: what a row of any kind of data looks like on the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from lingqu.core.i18n import Language
from lingqu.report.axes import rounded
from lingqu.report.data_sections.words import numbers_of
from lingqu.report.markup import Html, figure, join, pair, say, spoken, tag
from lingqu.report.svg import canvas

HIDDEN, OTHER = "***", "***≠"
"""Personal data, and personal data that differs from that of the row beside it."""
_PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/]+={0,2}")
_PIECE = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|\s+|.", re.DOTALL)
_LONG = 36
"""Width from which a value takes a line of its own; a Chinese character is two wide."""
_COMPARED = 400
"""Pieces of a text that are compared: more takes longer than it tells."""

Record = Mapping[str, Any]


def cell(value: Any, name: str = "") -> Html:
    """Return a cell: a plain value, a picture, a sound, or what stands in their place.

    Example:
        >>> cell(41.0), cell("a < b"), cell({"picture": "https://elsewhere"})
        ('41', 'a &lt; b', '–')
    """
    if value is None:
        return tag("span", say("datareport.absent"), class_="absent")
    if isinstance(value, Mapping):
        return _media(value, name)
    if value in (HIDDEN, OTHER):
        return tag("span", say("datareport.hidden"), class_="absent")
    if isinstance(value, list | tuple):
        return join([", ".join(written(part) for part in value[:6])])
    return join([written(value)])


def written(value: Any) -> str:
    """Return a value as the data have it: a year is no amount, so no thousands are set apart.

    Example:
        >>> written(2002.0), written(0.1 + 0.2), written(True), written(None)
        ('2002', '0.3', 'true', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, float):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.6g}"


def _media(value: Mapping[str, Any], name: str) -> Html:
    if "picture" in value:
        return picture(value["picture"], pair("report.picture_of", name=name))
    if isinstance(value.get("sound"), Mapping):
        return sound(value["sound"], name)
    if value.get("broken"):
        return tag("span", "✗ ", str(value["broken"])[:120], class_="mark fail wraps")
    return join(["–"])


def picture(address: Any, words: Mapping[Language, str]) -> Html:
    """Return a small picture; only one that lies in the document itself."""
    if not isinstance(address, str) or not _PICTURE.fullmatch(address):
        return join(["–"])
    return tag("img", src=address, class_="pixels", **spoken("alt", words))


def sound(told: Mapping[str, Any], name: str) -> Html:
    """Return a recording as its wave, with its spectrum below."""
    seconds, rate = told.get("seconds"), told.get("rate")
    about = say("datareport.sound", seconds=figure(seconds), rate=figure(rate))
    words = pair("datareport.wave_of", name=name)
    listed = [numbers_of(ends) for ends in told.get("wave") or ()]
    wave = [ends for ends in listed if len(ends) == 2]
    parts = [_wave(wave, words)] if wave else []
    if told.get("bands"):
        parts.append(picture(told["bands"], pair("datareport.bands_of", name=name)))
    return tag("span", *parts, tag("small", about), class_="sound")


def _wave(wave: Sequence[Sequence[float]], words: Mapping[Language, str]) -> Html:
    step = 128 / len(wave)
    path = "".join(
        f"M{rounded(i * step + step / 2)} {rounded(20 - high / 5.5)}V{rounded(20.5 - low / 5.5)}"
        for i, (low, high) in enumerate(wave)
    )
    line = tag("path", d=path, class_="wave", stroke_width=rounded(step * 0.7))
    return canvas(128, 40, words, line, kind="cell sketch")


def record(cells: Record) -> Html:
    """Return a row as names and values; a long text takes a line of its own."""
    return tag("dl", *(_entry(name, value) for name, value in cells.items()), class_="record")


def _entry(name: str, value: Any) -> Html:
    kind = "whole" if isinstance(value, str) and _wide(value) else None
    return tag("div", tag("dt", name), tag("dd", cell(value, name)), class_=kind)


def _wide(said: str) -> bool:
    return len(said) + sum("\u2e80" <= sign <= "\uffef" for sign in said[:_LONG]) > _LONG


def beside(records: Sequence[Record], heads: Iterable[object], *below: object) -> Html:
    """Return two rows beside each other, with what differs marked, down to words and characters.

    Args:
        records: Two rows over the same columns.
        heads: What stands over each.
        *below: What is said of the pair.
    """
    one, two = [one if isinstance(one, Mapping) else {} for one in [*records, {}, {}][:2]]
    names = list(dict.fromkeys([*one, *two]))
    top = tag("div", tag("span"), *(tag("strong", head) for head in heads), class_="heads")
    same = [name for name in names if _same(one.get(name), two.get(name))]
    lines = [_line(name, one.get(name), two.get(name)) for name in names if name not in same]
    table = tag("div", top, *lines, class_="beside")
    both = _shared({name: one.get(name) for name in same}) if same else None
    return tag("figure", tag("figcaption", *below), table, both)


def _same(one: Any, two: Any) -> bool:
    return bool(one == two) and not isinstance(one, Mapping)


def _shared(cells: Record) -> Html:
    """Return what two rows have in common: long texts in full, the others in a line."""
    long = {n: v for n, v in cells.items() if isinstance(v, str) and _wide(v)}
    short = {n: v for n, v in cells.items() if n not in long}
    listed = [
        tag("span", tag("span", name, class_="label"), " ", cell(value, name))
        for name, value in short.items()
    ]
    lines = [
        tag("div", tag("span", name, class_="label"), tag("span", cell(value, name)))
        for name, value in long.items()
    ]
    label = tag("span", say("datareport.in_both"), class_="label")
    if listed:
        lines.append(tag("div", label, tag("span", *listed, class_="listed")))
    return tag("div", *lines, class_="beside shared")


def _line(name: str, one: Any, two: Any) -> Html:
    label = tag("span", name, class_="label")
    if isinstance(one, str) and isinstance(two, str) and HIDDEN not in (one, two):
        first, second = differing(one, two)
    else:
        first, second = cell(one, name), cell(two, name)
        if not isinstance(one, Mapping):
            first, second = tag("mark", first), tag("mark", second)
    return tag("div", label, tag("span", first), tag("span", second), class_="differs")


def differing(one: str, two: str) -> tuple[Html, Html]:
    """Return two texts with what differs between them marked.

    Example:
        >>> differing("very good", "very bad")[1]
        'very <mark>bad</mark>'
    """
    a, b = _PIECE.findall(one)[:_COMPARED], _PIECE.findall(two)[:_COMPARED]
    first: list[object] = []
    second: list[object] = []
    for how, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for parts, words in ((first, "".join(a[a1:a2])), (second, "".join(b[b1:b2]))):
            if words:
                parts.append(words if how == "equal" else tag("mark", words))
    return join(first), join(second)
