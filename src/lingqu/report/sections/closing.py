"""The end of the page: findings, gate, actions, lineage, trail, machine and declaration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report.markup import Html, both, figure, interval, join, pair, say, spoken, tag
from lingqu.report.sections.scores import distinct
from lingqu.report.tables import (
    Head,
    code,
    copyable,
    facts,
    named,
    part,
    plain,
    row,
    table,
    verdict,
)

Document = Mapping[str, Any]
_ORDER = ("fail", "unknown", "note", "pass")
_LISTED = 1000
"""Findings that the page lists: it has to open at once, with ten thousand columns as well."""
_MANY = 100
"""Findings of one measure that crowd out the others where not all are listed."""


def findings(document: Document) -> Html:
    """Return what every check saw, the failures first, with a box to search in."""
    found = distinct(document.get("findings", ()))
    if not found:
        return tag("p", say("report.no_findings"))
    head: Head = [
        (pair("report.check"), "tight"),
        (pair("report.measure"), ""),
        (pair("report.value"), "number"),
        (pair("report.interval"), "number"),
        (pair("report.rows"), "number"),
        (pair("report.verdict"), "tight"),
        (pair("report.advice"), "wordy"),
    ]
    advice = document.get("advice", {})
    rows = [_finding(f, advice, head) for f in _ordered(found)[:_LISTED]]
    counts = {name: sum(f["verdict"] == name for f in found) for name in _ORDER}
    search = tag(
        "input", type="search", id="search", **spoken("placeholder", pair("report.search"))
    )
    label = tag("label", say("report.search_label"), for_="search", class_="hidden")
    buttons = [
        tag(
            "button",
            both(named("verdict", name)),
            f" {count}",
            type="button",
            class_="pill",
            aria_pressed="false",
            data_only=name,
        )
        for name, count in counts.items()
        if count
    ]
    left = tag("p", class_="quiet", id="left", aria_live="polite")
    caption, more = pair("report.findings_caption", count=len(found)), len(found) - _LISTED
    return join(
        [
            tag("div", label, search, *buttons, class_="tools"),
            left,
            table(caption, head, rows, class_="tall", id="found"),
            tag("p", say("report.not_listed", count=figure(more)), class_="quiet")
            if more > 0
            else "",
        ]
    )


def _ordered(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the failures first, and what is told of each of many columns behind the rest."""
    alike = Counter(str(f["measure"]) for f in found)
    many = {name for name, count in alike.items() if count > _MANY and len(found) > _LISTED}
    return sorted(found, key=lambda f: (_ORDER.index(f["verdict"]), f["measure"] in many))


def _finding(f: Mapping[str, Any], advice: Mapping[str, Any], head: Head) -> Html:
    evidence = f.get("evidence", {})
    told: list[Html] = []
    if f.get("advice"):
        told.append(both(advice[f["advice"]]) if f["advice"] in advice else join([f["advice"]]))
    if evidence.get("why"):
        why = str(evidence["why"])
        told.append(both({"en": why, "zh": str(evidence.get("why_zh", why))}))
    subject = f["measure"] + (f"({f['argument']})" if f.get("argument") else "")
    cells = [
        both(named("check", str(f["check"]))),
        code(subject),
        figure(f.get("value")),
        interval(f.get("low"), f.get("high")),
        figure(f.get("n")) if f.get("n") else "–",
        verdict(str(f["verdict"])),
        join(told) if told else "",
    ]
    return row(cells, head, class_=str(f["verdict"]), data_verdict=str(f["verdict"]))


def gate(document: Document) -> Html:
    """Return each requirement and how it fared, in both attempts where there were two."""
    decision, other = document.get("gate", {}), document.get("other_attempt")
    outcome = tag("p", say("report.gate_passed" if decision.get("passed") else "report.gate_shut"))
    if not other:
        return join([outcome, *_decision(decision)])
    ended = say("report.gate_would_pass" if other.get("passed") else "report.gate_would_shut")
    return join(
        [
            outcome,
            tag("p", tag("strong", say("report.gate_twice"))),
            part(say("report.attempt_kept"), *_decision(decision)),
            part(say("report.attempt_left"), tag("p", ended), *_decision(other)),
        ]
    )


def _decision(decision: Mapping[str, Any]) -> list[Html]:
    """Return the requirements of one attempt, and the findings that block by themselves."""
    requirements = decision.get("requirements", ())
    blocking = [tag("li", tag("code", subject)) for subject in decision.get("blocking", ())]
    barred = [tag("p", say("report.blocking")), tag("ul", *blocking)] if blocking else []
    if not requirements:
        return [tag("p", say("report.no_requirements"), class_="quiet"), *barred]
    head: Head = [
        (pair("report.requirement"), ""),
        (pair("report.verdict"), "tight"),
        (pair("report.seen"), "wordy"),
    ]
    rows = []
    for r in requirements:
        seen = [tag("div", tag("code", one)) for one in r.get("seen", ())]
        seen += [tag("div", say("report.unseen", measure=m)) for m in r.get("missing", ())]
        seen += [tag("div", both(reason), class_="quiet") for reason in r.get("reasons", ())]
        rows.append([tag("code", r["text"]), verdict(str(r["verdict"])), join(seen)])
    return [table(pair("report.gate_caption"), head, rows), *barred]


def actions(document: Document) -> Html:
    """Return what was done about findings."""
    done = document.get("actions", ())
    if not done:
        return tag("p", say("report.no_actions"))
    head: Head = [
        (pair("report.action"), ""),
        (pair("report.rule"), ""),
        (pair("report.state"), "tight"),
        (pair("report.when"), ""),
        (pair("report.detail"), "wordy"),
    ]
    rows = [
        [
            tag("code", a["name"]),
            tag("code", a.get("rule", "")),
            both(named("acted", str(a.get("state", "")))),
            str(a.get("at", ""))[:19].replace("T", " "),
            plain(a.get("detail", {})),
        ]
        for a in done
    ]
    return table(pair("report.actions_caption"), head, rows)


def lineage(document: Document) -> Html:
    """Return what came from what, each by its digest."""
    head: Head = [
        (pair("report.what"), ""),
        (pair("report.digest"), ""),
        (pair("report.from_"), "wordy"),
    ]
    rows = []
    for entry in document.get("lineage", ()):
        parents = [both(named("made", str(parent))) for parent in entry.get("from", ())]
        spread: list[object] = []
        for parent in parents:
            spread += [" + ", parent] if spread else [parent]
        name = both(named("made", str(entry["what"])))
        rows.append([name, copyable(str(entry.get("digest", ""))), join(spread) if spread else "–"])
    return table(pair("report.lineage_caption"), head, rows)


def trail(document: Document) -> Html:
    """Return how long the trail is, its head, and whether it verified."""
    kept = document.get("trail", {})
    sign = verdict("pass" if kept.get("ok") else "fail")
    return facts(
        [
            (say("report.events"), figure(kept.get("count"))),
            (say("report.head"), copyable(str(kept.get("head", "")))),
            (say("report.verified"), sign),
        ]
    )


def machine(document: Document) -> Html:
    """Return the machine and the versions it ran."""
    return facts((name, value) for name, value in document.get("machine", {}).items())


def declaration(document: Document) -> Html:
    """Return the channel file as it was read."""
    words = pair("report.channel_text")
    whole = tag("code", document.get("channel_text", ""))
    return tag("pre", whole, tabindex=0, role="region", **spoken("aria-label", words))
