"""The report: one HTML page that needs nothing else, from the plain data of a run."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

from lingqu.core.i18n import language
from lingqu.report.markup import TAGS, Html, pair, say, spoken, tag
from lingqu.report.sections import (
    choice,
    closing,
    data,
    governance,
    judgement,
    path,
    samples,
    title,
)

Document = Mapping[str, Any]

SECTIONS: tuple[tuple[str, Callable[[Document], Html]], ...] = (
    ("path", path.draw),
    ("data", data.draw),
    ("governance", governance.draw),
    ("algorithm", choice.draw),
    ("judgement", judgement.draw),
    ("samples", samples.draw),
    ("findings", closing.findings),
    ("gate", closing.gate),
    ("actions", closing.actions),
    ("lineage", closing.lineage),
    ("trail", closing.trail),
    ("machine", closing.machine),
    ("declaration", closing.declaration),
)
"""Name and drawing of every section, in reading order."""


def render(document: Mapping[str, Any]) -> str:
    """Return the report of a run as one page: no file and no address is needed beside it.

    The page opens in the user's language and holds both. What the data say is text wherever it
    lands, and a content policy keeps the browser from running or loading anything else.

    Args:
        document: What `flow/document.py` builds; a section whose facts are absent says so.
    """
    script, style = Html(_kept("page.js")), Html(_kept("page.css"))
    to = language()
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title.page_title(document)[to], **_spoken_title(document)),
        tag("style", style),
    )
    drawn = [_section(name, draw, document) for name, draw in SECTIONS]
    body = tag(
        "body",
        tag("a", say("report.skip"), href="#path", class_="skip"),
        _bar(),
        tag("main", title.draw(document), *drawn),
        tag("footer", tag("p", say("report.footer"))),
        tag("script", script),
    )
    page = tag("html", head, body, lang=TAGS[to], data_language=to)
    return f"<!doctype html>\n{page}\n"


def _kept(name: str) -> str:
    return files("lingqu.report").joinpath(name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    """Return the policy that lets run only our script, and load nothing but inline pictures."""
    mark = b64encode(sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{mark}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _spoken_title(document: Document) -> dict[str, str]:
    said = title.page_title(document)
    return {"data_speak": "", "data_en": said["en"], "data_zh": said["zh"]}


def _bar() -> Html:
    """Return the bar on top: where to go, language and light."""
    links = [tag("a", say(f"report.section_{name}"), href=f"#{name}") for name, _ in SECTIONS]
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
    named = spoken("aria-label", pair("report.contents"))
    return tag(
        "div",
        tag("nav", *links, **named),
        tag("div", switch, light, class_="switches"),
        class_="bar",
    )


def _section(name: str, draw: Callable[[Document], Html], document: Document) -> Html:
    heading = tag("h2", say(f"report.section_{name}"))
    twice = "_twice" if name == "judgement" and document.get("other_attempt") else ""
    lead = tag("p", say(f"report.lead_{name}{twice}"), class_="lead")
    inside = tag("div", draw(document), class_="inside")
    return tag("section", tag("header", heading, lead), inside, id=name)
