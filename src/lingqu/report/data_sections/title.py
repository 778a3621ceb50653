"""The head of the data report: what the data are, how good, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lingqu.report.data_sections.words import Document, list_of, named, number_of, part_of
from lingqu.report.markup import Html, both, figure, join, pair, say, seconds, tag
from lingqu.report.tables import MARKS, copyable, facts, plain

_BESIDE = re.compile(r"[A-Za-z0-9_-]+\.html")
_WEAK = 0.9
"""Score below which a part of the data is named as weak."""


def draw(document: Document) -> Html:
    """Return the head of the page."""
    identity = part_of(document, "identity")
    entries = [
        (say("report.rows"), figure(identity.get("rows"))),
        (say("datareport.columns"), figure(identity.get("columns"))),
    ]
    if identity.get("clean_rows") is not None:
        entries.append((say("datareport.clean_rows"), figure(identity["clean_rows"])))
    if identity.get("version"):
        entries.append((say("datareport.version"), copyable(str(identity["version"]))))
    if identity.get("clean"):
        entries.append((say("datareport.clean_version"), copyable(str(identity["clean"]))))
    if identity.get("run"):
        entries.append((say("report.run"), _run(identity)))
    if identity.get("made"):
        when = str(identity["made"])[:19].replace("T", " ")
        entries.append((say("datareport.made"), f"{when} UTC"))
    cost = number_of(part_of(document, "cost"), "seconds")
    if cost:
        entries.append((say("report.took"), seconds(cost)))
    return tag(
        "header",
        tag("p", say("datareport.kicker"), class_="kicker"),
        tag("h1", identity.get("name", "")),
        tag("p", _sentence(document), class_="verdict"),
        _next(document),
        facts(entries),
        _declared(identity),
        _notes(document),
        class_="title",
        id="top",
    )


def _run(identity: Mapping[str, Any]) -> Html:
    """Return the run; with a link to its own report where that lies beside this page."""
    run, page = tag("code", identity["run"]), str(identity.get("beside") or "")
    return tag("a", run, href=page) if _BESIDE.fullmatch(page) else run


def _sentence(document: Document) -> Html:
    """Return how good the data are in one line: blocking rules first, then the weakest scores."""
    blocked = number_of(part_of(document, "contract"), "blocked")
    known = [s for s in list_of(document, "scores") if _value(s) is not None]
    weak = sorted((s for s in known if (_value(s) or 0.0) < _WEAK), key=lambda s: _value(s) or 0.0)
    kind = "fail" if blocked else "unknown" if weak else "pass" if known else "note"
    sign = tag("span", MARKS[kind], class_=f"mark {kind}", aria_hidden="true")
    word = say(
        f"datareport.headline_{kind}", blocked=figure(blocked), weak=len(weak), known=len(known)
    )
    parts: list[object] = [tag("span", sign, word, class_="outcome")]
    for score in weak[:3]:
        name = both(named("quality", str(score.get("name"))))
        value = tag("strong", figure(_value(score)))
        parts += [tag("span", name, " ", value, class_="headline")]
    return join(parts)


def _value(score: Any) -> float | None:
    value = score.get("value") if isinstance(score, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def _next(document: Document) -> Html | None:
    """Return what to do next, each with the section that shows it."""
    found = [
        ("rules", part_of(document, "contract").get("blocked")),
        ("labels", part_of(document, "labels").get("suspects")),
        ("copies", part_of(document, "duplicates").get("conflicting")),
        ("privacy", len(list_of(part_of(document, "privacy"), "left"))),
        ("leakage", sum(_fails(leak) for leak in list_of(document, "leakage"))),
    ]
    todo = [
        tag("li", tag("a", say(f"datareport.next_{part}", count=figure(count)), href=f"#{part}"))
        for part, count in found
        if count
    ]
    missing = list_of(part_of(document, "identity"), "undeclared")
    if missing:
        names = {
            to: (", " if to == "en" else "、").join(named("fact", str(m))[to] for m in missing)
            for to in ("en", "zh")
        }
        todo.append(tag("li", say("datareport.next_facts", names=names)))
    if not todo:
        return None
    heading = tag("h2", say("report.next"), class_="small")
    return tag("div", heading, tag("ul", *todo), class_="next")


def _fails(leak: Any) -> bool:
    return isinstance(leak, Mapping) and leak.get("verdict") == "fail"


def _declared(identity: Mapping[str, Any]) -> Html | None:
    entries = []
    for name, value in part_of(identity, "facts").items():
        if value in (None, "", [], {}):
            continue
        if isinstance(value, Mapping) and {"en", "zh"} <= set(value):
            value = both({"en": str(value["en"]), "zh": str(value["zh"])})
        else:
            value = _counted(value) or plain(value, 1)
        entries.append((both(named("fact", str(name))), value))
    return facts(entries) if entries else None


def _counted(value: Any) -> str:
    """Return counts as a line: ``8000 (20), 16000 (3)``; nothing for what is no such table."""
    if not isinstance(value, Mapping) or not all(isinstance(n, int) for n in value.values()):
        return ""
    return ", ".join(f"{name} ({figure(count)})" for name, count in value.items())


def _notes(document: Document) -> Html | None:
    lines = [*list_of(document, "notes"), *list_of(document, "left_out")]
    said = [
        tag("li", both({"en": str(line.get("en", "")), "zh": str(line.get("zh", ""))}))
        for line in lines
        if isinstance(line, Mapping)
    ]
    return tag("ul", *said, class_="notes") if said else None


def page_title(document: Document) -> Mapping[Any, str]:
    """Return the title of the browser's tab."""
    return pair("datareport.title", name=str(part_of(document, "identity").get("name", "")))
