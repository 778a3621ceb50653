"""The frame of a page: one file that needs no other, in both languages, light and dark."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files

from lingqu.core.i18n import Language, language
from lingqu.report.markup import TAGS, Html, both, pair, say, spoken, tag

Words = Mapping[Language, str]


def page(
    title: Words,
    links: Sequence[tuple[str, Words]],
    inside: Iterable[Html],
    footer: Words,
    styles: Sequence[str] = ("page.css",),
) -> str:
    """Return a page; no file and no address is needed beside it.

    It opens in the user's language and holds both. What the data say is text wherever it lands,
    and a content policy keeps the browser from running or loading anything else.

    Args:
        title: Of the browser's tab.
        links: Anchor and name of every section, in reading order.
        inside: What stands in it.
        footer: The last line.
        styles: Files of this room.
    """
    script, style = Html(_kept("page.js")), Html("".join(map(_kept, styles)))
    to = language()
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title[to], data_speak="", data_en=title["en"], data_zh=title["zh"]),
        tag("style", style),
    )
    body = tag(
        "body",
        tag("a", say("report.skip"), href=f"#{links[0][0]}", class_="skip"),
        _bar(links),
        tag("main", *inside),
        tag("footer", tag("p", both(footer))),
        tag("script", script),
    )
    whole = tag("html", head, body, lang=TAGS[to], data_language=to)
    return f"<!doctype html>\n{whole}\n"


def section(name: str, heading: Words, lead: Words, inside: Html) -> Html:
    """Return a section under its heading, with a line that says what it is about."""
    head = tag("header", tag("h2", both(heading)), tag("p", both(lead), class_="lead"))
    return tag("section", head, tag("div", inside, class_="inside"), id=name)


def _kept(name: str) -> str:
    return files("lingqu.report").joinpath(name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    """Return the policy that lets run only our script, and load nothing but inline pictures."""
    mark = b64encode(sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{mark}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _bar(links: Sequence[tuple[str, Words]]) -> Html:
    """Return the bar on top: where to go, language and light."""
    named = [tag("a", both(words), href=f"#{name}") for name, words in links]
    switch = tag(
        "button",
        tag("span", "中文", data_when="en"),
        tag("span", "English", data_when="zh"),
        type="button",
        id="language",
        **spoken("aria-label", pair("report.switch_language")),
    )
    light = tag(
        "button",
        tag("span", "◐", aria_hidden="true"),
        type="button",
        id="light",
        **spoken("aria-label", pair("report.switch_light")),
    )
    return tag(
        "div",
        tag("nav", *named, **spoken("aria-label", pair("report.contents"))),
        tag("div", switch, light, class_="switches"),
        class_="bar",
    )
