"""Tables, lists of facts and marks: the words and boxes that every section uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lingqu.core.i18n import Language
from lingqu.core.messages.report import MESSAGES
from lingqu.report.markup import LANGUAGES, Html, both, figure, join, pair, say, spoken, tag
from lingqu.report.picture import data_uri, stretched

Head = Sequence[tuple[Mapping[Language, str] | str, str]]
"""Name and class of each column; the class ``number`` sets numbers flush right."""

_SHEETS = tag(
    "svg",
    tag("path", d="M5 5h8v8H5zM3 10.5V3h7.5"),
    viewBox="0 0 16 16",
    class_="sheets",
    aria_hidden="true",
)
MARKS = {"pass": "✓", "fail": "✗", "unknown": "?", "note": "·"}
_SHORT = 12
_CARDS = 8
"""Columns up to which a row is stacked as a card on a narrow screen."""
LISTED = 300
"""Rows that a table folded away holds: a page of more opens slowly and is not read."""
_LONG = 12
"""Cards beyond which they scroll in a box of their own."""
_PLAIN = str.maketrans(". ", "__")


def table(caption: Mapping[Language, str], head: Head, rows: Iterable[object], **box: Any) -> Html:
    """Return a table; on a narrow screen its rows are cards, or many columns scroll in a box.

    Args:
        caption: What the table says.
        head: Its columns.
        rows: Sequences of cells, of which the first names the row; or rows that are markup.
        **box: Attributes of the box.
    """
    drawn = [line if isinstance(line, Html) else row(line, head) for line in rows]  # type: ignore[arg-type]
    top = tag("tr", *(_heading(name, kind) for name, kind in head))
    kinds = ["wide", *str(box.pop("class_", "")).split()]
    if len(head) <= _CARDS and "matrix" not in kinds:
        kinds += ["cards", "long"] if len(drawn) > _LONG else ["cards"]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", both(caption)),
            tag("thead", top),
            tag("tbody", *drawn),
        ),
        class_=" ".join(kinds),
        role="region",
        tabindex=0,
        **spoken("aria-label", caption),
        **box,
    )


def _heading(name: Mapping[Language, str] | str, kind: str) -> Html:
    said = name if isinstance(name, str) else both(name)
    return tag("th", said, scope="col", class_=kind or None)


def row(cells: Iterable[object], head: Head, **attributes: Any) -> Html:
    """Return a row of a table; the first cell names it, the others carry their column's name."""
    drawn = []
    for index, (cell, (name, kind)) in enumerate(zip(cells, head, strict=True)):
        if index:
            drawn.append(tag("td", cell, class_=kind or None, **_label(name)))
        else:
            drawn.append(tag("th", cell, scope="row", class_=kind or None))
    return tag("tr", *drawn, **attributes)


def _label(name: Mapping[Language, str] | str) -> dict[str, str]:
    """Return a column's name as attributes, which a card shows before the value."""
    if isinstance(name, str):
        return {"data_label": name} if name else {}
    if name["en"] == name["zh"]:
        return {"data_label": name["en"]}
    return {"data_label": name["en"], "data_label_zh": name["zh"]}


def facts(entries: Iterable[tuple[object, object]]) -> Html:
    """Return a list of names and values."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in entries))


def named(family: str, name: str) -> Mapping[Language, str]:
    """Return the word for a name of the house in both languages; the name itself if it has none."""
    key = f"report.{family}_{name.translate(_PLAIN)}"
    return pair(key) if key in MESSAGES else {"en": name, "zh": name}


def verdict(name: str) -> Html:
    """Return a verdict by sign and word, not by colour alone."""
    sign = tag("span", MARKS.get(name, "·"), aria_hidden="true")
    return tag("span", sign, " ", both(named("verdict", name)), class_=f"mark {name}")


def copyable(digest: str) -> Html:
    """Return a digest, short, whole in a tooltip, that a press copies."""
    if not digest:
        return join(["–"])
    return tag(
        "button",
        tag("code", digest[:_SHORT]),
        _SHEETS,
        class_="copy",
        type="button",
        data_copy=digest,
        title=digest,
        **spoken("aria-label", pair("report.copy", digest=digest[:_SHORT])),
    )


def command(line: str, short: str) -> Html:
    """Return a command, short, whole in a tooltip, that a press copies."""
    return tag(
        "button",
        tag("code", short),
        _SHEETS,
        class_="copy",
        type="button",
        data_copy=line,
        title=line,
        **spoken("aria-label", pair("datareport.copy", command=line)),
    )


def picture(rows: Sequence[Sequence[Any]], words: Mapping[Language, str]) -> Html:
    """Return a small picture that stays sharp when it is enlarged."""
    if not rows or not rows[0]:
        return join([])
    return tag("img", src=data_uri(stretched(rows)), class_="pixels", **spoken("alt", words))


def code(text: str) -> Html:
    """Return code that may be broken where a reader would break it."""
    parts: list[object] = []
    for piece in re.split(r"(?<=[.(_,])", text):
        parts += [tag("wbr"), piece] if parts else [piece]
    return tag("code", *parts)


def plain(value: object, depth: int = 0) -> Html:
    """Return plain data as a reader can take it in: no braces, no quotes, no endless lists."""
    if isinstance(value, Mapping):
        if value.keys() == set(LANGUAGES):
            return both({to: str(value[to]) for to in LANGUAGES})
        if depth > 1:
            return join([", ".join(f"{k}: {figure(v)}" for k, v in list(value.items())[:8])])
        return facts((key, plain(part, depth + 1)) for key, part in list(value.items())[:20])
    if isinstance(value, list | tuple):
        shown = [plain(part, 2) for part in value[:10]]
        more = len(value) - len(shown)
        tail = [say("report.more", count=more)] if more else []
        return join(_between([*shown, *tail], "; ")) if shown else join(["–"])
    return join([figure(value)])


def _between(parts: Sequence[object], gap: str) -> list[object]:
    spread: list[object] = []
    for part in parts:
        spread += [gap, part] if spread else [part]
    return spread


def folded(summary: object, *inside: object, **attributes: Any) -> Html:
    """Return something that opens on demand, and always in print."""
    return tag("details", tag("summary", summary), *inside, **attributes)


def rest(
    words: object,
    caption: Mapping[Language, str],
    head: Head,
    rows: Sequence[object],
    count: int | None = None,
) -> Html:
    """Return the rows behind those in sight, folded away; at most `LISTED`, which is then said.

    Args:
        words: What is pressed to see them.
        caption: Of the table.
        head: Its head.
        rows: The rows; of many, the first `LISTED` are enough.
        count: How many there are, where `rows` are not all.
    """
    listed = table(caption, head, rows[:LISTED], class_="tall")
    left = (len(rows) if count is None else count) - LISTED
    more = (
        tag("p", say("report.not_listed", count=figure(left)), class_="quiet") if left > 0 else None
    )
    return folded(words, listed, more)


def chart(drawing: Html, title: object, *notes: object) -> Html:
    """Return a chart with its caption."""
    return tag("figure", tag("figcaption", tag("strong", title), *notes), drawing)


def part(title: object, *inside: object) -> Html:
    """Return a part of a section under its own heading."""
    return tag("div", tag("h3", title), *inside, class_="part")
