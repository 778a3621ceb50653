"""Trials: small errors in the inputs, groups of people, what answers rest on, what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report import svg
from lingqu.report.markup import LANGUAGES, Html, both, figure, interval, join, pair, say, tag
from lingqu.report.sections import curves, explain
from lingqu.report.tables import Head, chart, named, part, row, table, verdict

Document = Mapping[str, Any]
Finding = Mapping[str, Any]


def draw(document: Document) -> Html:
    """Return the parts that have something to show."""
    by_check: dict[str, list[Finding]] = {}
    for finding in document.get("findings", ()):
        if finding.get("value") is not None:
            by_check.setdefault(str(finding["check"]), []).append(finding)
    return join(
        [
            _limited(by_check.get("robustness", ()), "robustness"),
            _fairness(by_check.get("fairness", ())),
            _importance(by_check.get("importance", ())),
            curves.draw(document.get("curves") or {}),
            explain.effects(by_check.get("importance", ())),
            explain.slices(by_check.get("slices", ())),
            _efficiency(by_check.get("efficiency", ())),
        ]
    )


def _limited(findings: Sequence[Finding], check: str) -> Html:
    """Return findings that have a limit of their own, on one scale, worst first."""
    rows = [f for f in findings if f.get("argument")]
    if not rows:
        return join([])
    head: Head = [
        (pair("report.about"), ""),
        (pair("report.value"), "number"),
        (pair("report.interval"), "number"),
        ("", ""),
        (pair("report.limit"), "number"),
        (pair("report.verdict"), "tight"),
    ]
    ends = [f.get(key) for f in rows for key in ("low", "high", "value")]
    known = [float(end) for end in ends if end is not None]
    scale = (min(0.0, *known), max(known))
    drawn = []
    for f in sorted(rows, key=lambda f: -f["value"]):
        name = named("measure", f["measure"])
        about = join([tag("code", f["argument"])])
        if check == "fairness":
            about = join([both(name), " ", about])
        words = {to: f"{word} {f['argument']}: {figure(f['value'])}" for to, word in name.items()}
        cells = [
            about,
            figure(f["value"]),
            interval(f.get("low"), f.get("high")),
            svg.dot(f["value"], f.get("low"), f.get("high"), scale, words),
            figure(f.get("evidence", {}).get("limit")),
            verdict(str(f["verdict"])),
        ]
        drawn.append(row(cells, head))
    caption = pair(f"report.{check}_caption")
    return part(say(f"report.{check}"), table(caption, head, drawn))


def _fairness(findings: Sequence[Finding]) -> Html:
    if not findings:
        return join([])
    groups: dict[str, Any] = {}
    for finding in findings:
        groups.setdefault(str(finding["argument"]), finding.get("evidence", {}).get("groups", ()))
    head: Head = [
        (pair("report.group"), ""),
        (pair("report.rows"), "number"),
        (pair("report.mean_answer"), "number"),
        (pair("report.judged"), ""),
    ]
    drawn = [
        table(
            pair("report.groups_caption", column=column),
            head,
            [
                [
                    entry["group"],
                    figure(entry.get("n")),
                    figure(entry.get("mean_answer")),
                    say("report.yes" if entry.get("judged") else "report.no"),
                ]
                for entry in table_of
            ],
        )
        for column, table_of in groups.items()
        if table_of
    ]
    return join([_limited(findings, "fairness"), *drawn])


def _importance(findings: Sequence[Finding]) -> Html:
    rows = [f for f in findings if f.get("argument")]
    if not rows:
        return join([])
    head: Head = [
        (pair("report.column"), ""),
        (pair("report.lost"), "number"),
        (pair("report.interval"), "number"),
        ("", ""),
    ]
    known = [float(f[k]) for f in rows for k in ("low", "high", "value") if f.get(k) is not None]
    scale = (min(0.0, *known), max(known))
    drawn = []
    for f in rows:
        words = dict.fromkeys(LANGUAGES, f"{f['argument']}: {figure(f['value'])}")
        dot = svg.dot(f["value"], f.get("low"), f.get("high"), scale, words)
        ends = interval(f.get("low"), f.get("high"))
        drawn.append([tag("code", f["argument"]), figure(f["value"]), ends, dot])
    maps = [
        chart(
            svg.heat(f["evidence"]["map"], pair("report.map_title", column=f["argument"])),
            say("report.map", column=f["argument"]),
            tag("p", say("report.map_note")),
        )
        for f in rows
        if f.get("evidence", {}).get("map")
    ]
    return part(
        say("report.importance"),
        table(pair("report.importance_caption"), head, drawn),
        _grouped(rows[0].get("evidence", {})),
        tag("div", *maps, class_="charts") if maps else None,
    )


def _grouped(evidence: Mapping[str, Any]) -> Html | None:
    """Return what was not shuffled by itself, where there are too many columns."""
    if "of" not in evidence:
        return None
    told = say("report.importance_groups", of=evidence["of"], judged=evidence["judged"])
    return tag("p", told)


def _efficiency(findings: Sequence[Finding]) -> Html:
    if not findings:
        return join([])
    head: Head = [
        (pair("report.measure"), ""),
        (pair("report.value"), "number"),
        (pair("report.measured"), "number"),
    ]
    rows = [
        [both(named("measure", f["measure"])), _amount(f), figure(f.get("n"))] for f in findings
    ]
    return part(say("report.efficiency"), table(pair("report.efficiency_caption"), head, rows))


def _amount(finding: Finding) -> str:
    unit = str(finding["measure"]).rpartition("_")[2]
    return f"{figure(finding['value'])} {({'mb': 'MB'}).get(unit, unit)}"
