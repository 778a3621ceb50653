"""The head of the page: what came out, how good it is, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.core.i18n import Language
from lingqu.report.markup import Html, both, figure, interval, join, pair, say, seconds, tag
from lingqu.report.sections.scores import distinct, is_error
from lingqu.report.tables import MARKS, copyable, facts, named

Document = Mapping[str, Any]
_OF_POLICIES = ("policy", "off_policy")
"""Checks that judge policies, the first measure first."""


def draw(document: Document) -> Html:
    """Return the head of the page."""
    run = document["run"]
    state = str(run.get("release_state", ""))
    when = str(run.get("started", ""))[:19].replace("T", " ")
    entries = [
        (say("report.release"), copyable(str(run.get("release", "")))),
        (say("report.state"), both(named("state", state))),
        (say("report.run"), tag("code", run.get("id", ""))),
        (say("report.started"), f"{when} UTC"),
        (say("report.took"), seconds(float(run.get("seconds") or 0.0))),
    ]
    return tag(
        "header",
        tag("p", say("report.kicker"), class_="kicker"),
        tag("h1", run.get("channel", "")),
        tag("p", _sentence(document, state), class_="verdict"),
        _next(document, state),
        facts(entries),
        class_="title",
        id="top",
    )


def _sentence(document: Document, state: str) -> Html:
    """Return the verdict as one line: the state, the headline metric and its interval."""
    kind = {"blocked": "fail", "candidate": "unknown"}.get(state, "pass")
    sign = tag("span", MARKS[kind], class_=f"mark {kind}", aria_hidden="true")
    word = both(named("headline", state))
    measured = headline(document)
    if measured is None:
        return join([sign, " ", word])
    name = both(named("measure", measured["measure"]))
    spread = interval(measured.get("low"), measured.get("high"))
    number = tag("span", name, " ", tag("strong", figure(measured["value"])), class_="headline")
    twice = "report.on_rows_twice" if document.get("other_attempt") else "report.on_rows"
    if document.get("policy"):
        twice = "report.on_episodes"
    about = say(twice, rows=figure(measured.get("n")))
    ends = tag("span", f"[{spread}] " if spread else "", about, class_="quiet")
    return join([tag("span", sign, word, class_="outcome"), number, ends])


def headline(document: Document) -> Mapping[str, Any] | None:
    """Return the test finding of the metric that decided, else the first one that is known."""
    measured = document.get("metrics") or [
        f for f in document.get("findings", ()) if f.get("check") in _OF_POLICIES
    ]
    known = [f for f in measured if f.get("value") is not None]
    wanted = document.get("choice", {}).get("metric")
    chosen = [f for f in known if f["measure"] == wanted and not f.get("argument")]
    return next(iter([*chosen, *known]), None)


def _next(document: Document, state: str) -> Html:
    """Return what to do next as sentences with the command to type."""
    run, gate = document["run"], document.get("gate", {})
    channel, release = str(run.get("channel", "")), str(run.get("release", ""))[:12]
    todo: list[Html] = []
    if state == "blocked":
        for requirement in gate.get("requirements", ()):
            if requirement.get("verdict") != "pass":
                seen = ", ".join([*requirement.get("seen", ()), *requirement.get("missing", ())])
                todo.append(say("report.next_unmet", rule=requirement["text"], seen=seen or "–"))
        for subject in gate.get("blocking", ()):
            todo.append(say("report.next_blocking", subject=subject))
        todo.append(say("report.next_blocked"))
    elif state == "candidate":
        todo.append(say("report.next_approve", release=release))
    else:
        todo.append(say("report.next_deploy", channel=channel))
    failed = sum(f.get("verdict") == "fail" for f in distinct(document.get("findings", ())))
    if failed:
        link = tag("a", say("report.next_findings", count=failed), href="#findings")
        todo.append(link)
    heading = tag("h2", say("report.next"), class_="small")
    return tag("div", heading, tag("ul", *(tag("li", line) for line in todo)), class_="next")


def page_title(document: Document) -> Mapping[Language, str]:
    """Return the title of the browser's tab."""
    measured = headline(document)
    name = str(document["run"].get("channel", ""))
    if measured is None or is_error(str(measured["measure"])):
        return pair("report.title", channel=name)
    return pair("report.title", channel=f"{name} · {figure(measured['value'])}")
