"""Markup that cannot be forgotten to escape: only `Html` passes as markup, all else is text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from math import isfinite
from typing import Any

from lingqu.core.i18n import Language, language, text

LANGUAGES: tuple[Language, ...] = ("en", "zh")
TAGS: Mapping[Language, str] = {"en": "en", "zh": "zh-CN"}
"""Language tags as HTML wants them."""
VOID = frozenset({"br", "img", "input", "meta", "wbr"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def join(parts: Iterable[object]) -> Html:
    """Return the parts one after the other; what is not `Html` is escaped, None is nothing.

    Example:
        >>> join([tag("b", "a < b"), " & c"])
        '<b>a &lt; b</b> &amp; c'
    """
    return Html(
        "".join(
            part if isinstance(part, Html) else escape(str(part))
            for part in parts
            if part is not None
        )
    )


def tag(name: str, /, *parts: object, **attributes: object) -> Html:
    """Return an element; ``class_`` is ``class``, ``data_x`` is ``data-x``.

    Args:
        name: Name of the element.
        *parts: What is in it.
        **attributes: Values are escaped; None and False leave one out, True gives a bare one.

    Example:
        >>> tag("a", "next", href='#"x"', hidden=True)
        '<a href="#&quot;x&quot;" hidden>next</a>'
    """
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        written.append(f" {label}" if value is True else f' {label}="{escape(str(value))}"')
    opening = f"<{name}{''.join(written)}>"
    return Html(opening if name in VOID else f"{opening}{join(parts)}</{name}>")


def pair(key: str, /, **facts: Any) -> dict[Language, str]:
    """Return a message in both languages; a fact may itself be a pair.

    Args:
        key: Catalogue key.
        **facts: Values of the placeholders: text, or a mapping by language.
    """
    return {
        to: text(key, to, **{k: v[to] if isinstance(v, Mapping) else v for k, v in facts.items()})
        for to in LANGUAGES
    }


def both(said: Mapping[Language, str]) -> Html:
    """Return a text in both languages, of which the page shows one."""
    if said["en"] == said["zh"]:
        return _coded(said["en"])
    return join(tag("span", _coded(said[to]), lang=TAGS[to]) for to in LANGUAGES)


def in_both(row: Mapping[str, Any], name: str) -> Html:
    """Return a text that a row holds as `name` and, in Chinese, as `name` with ``_zh``."""
    english = str(row.get(name) or "")
    return both({"en": english, "zh": str(row.get(f"{name}_zh") or english)})


def _coded(said: str) -> Html:
    """Return a message with what stands in backticks as code."""
    parts = said.split("`")
    if len(parts) % 2 == 0:
        return join([said])
    return join(tag("code", part) if index % 2 else part for index, part in enumerate(parts))


def say(key: str, /, **facts: Any) -> Html:
    """Return a message of the catalogue in both languages, of which the page shows one."""
    return both(pair(key, **facts))


def spoken(attribute: str, said: Mapping[Language, str]) -> dict[str, str]:
    """Return an attribute in the language the page opens with, and what to switch it to."""
    return {
        attribute.replace("-", "_"): said[language()],
        "data_speak": attribute,
        "data_en": said["en"],
        "data_zh": said["zh"],
    }


def figure(value: object) -> str:
    """Return a number as a reader wants it: four digits that matter, thousands apart.

    Example:
        >>> figure(0.99166), figure(1797), figure(0.0), figure(50.2288), figure(None)
        ('0.9917', '1,797', '0', '50.23', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if not isfinite(value):
        return str(value)
    size = abs(value)
    if abs(value - round(value)) < 1e-9 and size < 1e15:
        return f"{round(value):,}".replace("-", "−")
    if size >= 1e6 or size < 1e-4:
        return f"{value:.3g}"
    # Nearly 1 is not 1: such a score keeps the digits that tell them apart.
    places = 6 if 0.99995 <= size < 1 else 4 if size < 1 else 3 if size < 10 else 2
    written = f"{value:,.{places if size < 1000 else 0}f}"
    if written.startswith("-"):
        written = "−" + written[1:]
    exact = "." in written and float(written.replace(",", "").replace("−", "-")) == value
    return written.rstrip("0") if exact else written


def seconds(value: float) -> str:
    """Return a duration.

    Example:
        >>> seconds(0.0712), seconds(4.2), seconds(75)
        ('71 ms', '4.2 s', '1 min 15 s')
    """
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 60:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {value % 60:.0f} s"


def interval(low: object, high: object) -> str:
    """Return a 95 % interval, or nothing where there is none."""
    return "" if low is None or high is None else f"{figure(low)} – {figure(high)}"
