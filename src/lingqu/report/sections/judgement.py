"""Judgement: how good the answers are on rows that were never used, with what certainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.metric_table import CUSTOM, PARAMETERS
from lingqu.report import svg
from lingqu.report.axes import Point
from lingqu.report.markup import Html, both, figure, interval, join, pair, say, tag
from lingqu.report.sections import regions, see
from lingqu.report.sections.scores import is_error
from lingqu.report.sections.trials import draw as trials
from lingqu.report.tables import Head, chart, named, part, row, table

Document = Mapping[str, Any]
Finding = Mapping[str, Any]


BELOW = "share_below"


def draw(document: Document) -> Html:
    """Return the section."""
    findings = document.get("metrics", ())
    evidence = _merged(findings)
    elsewhere = document.get("policy") or document.get("decisions")  # a section of its own
    return join(
        [
            *([] if elsewhere else [_metrics(findings)]),
            _confusion(evidence),
            see.confused(document),
            _classes(evidence.get("per_class", ())),
            regions.draw(findings),
            _pictures(evidence, document.get("calibration", ())),
            trials(document),
        ]
    )


def _merged(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the tables that the metrics carry, whichever finding they are on."""
    found: dict[str, Any] = {}
    for finding in findings:
        found.update(finding.get("evidence", {}))
    return found


def _metrics(findings: Sequence[Finding]) -> Html:
    head: Head = [
        (pair("report.measure"), ""),
        (pair("report.value"), "number"),
        (pair("report.interval"), "number"),
        ("", ""),
        (pair("report.better"), "tight"),
        (pair("report.rows"), "number"),
    ]
    # What one class or group has is told where it is compared with the others.
    known = [f for f in findings if f.get("value") is not None and _whole(f)]
    shares = [f for f in known if 0 <= f["value"] <= 1 and not _error(f)]
    ends = [min(f["value"], f.get("low") or f["value"]) for f in shares]
    start = int(min(ends, default=0.0) * 10) / 10
    rows = []
    for f in known:
        scale = (start, 1.0) if f in shares else _scale(f)
        name = named("measure", f["measure"])
        if f.get("argument"):
            name = {to: f"{word} ({f['argument']})" for to, word in name.items()}
        words = {to: f"{word}: {figure(f['value'])}" for to, word in name.items()}
        rows.append(
            [
                both(name),
                tag("strong", figure(f["value"])),
                interval(f.get("low"), f.get("high")),
                svg.dot(f["value"], f["low"], f["high"], scale, words)
                if f.get("low") is not None and f.get("high") is not None
                else "",
                say("report.lower" if _error(f) else "report.higher"),
                figure(f.get("n")),
            ]
        )
    if not rows:
        return tag("p", say("report.no_metrics"))
    told = pair("report.metrics_caption", start=figure(start))
    return part(say("report.metrics"), table(told, head, rows))


def _whole(finding: Finding) -> bool:
    """Say whether a finding is about all rows; an argument may also be the number of a metric."""
    return not finding.get("argument") or finding["measure"] in (*PARAMETERS, CUSTOM, BELOW)


def _error(finding: Finding) -> bool:
    measure = str(finding["measure"])
    if finding.get("evidence", {}).get("better") == "lower":
        return True
    return measure.startswith(("error", "wql", "interval_", "set_")) or is_error(measure)


def _scale(finding: Finding) -> Point:
    low = finding["value"] if finding.get("low") is None else finding["low"]
    high = finding["value"] if finding.get("high") is None else finding["high"]
    return (min(0.0, low), high * 1.1 if high > 0 else 1.0)


def _confusion(evidence: Mapping[str, Any]) -> Html:
    """Return what was said of what was true; a class's own share of its row gives the shade."""
    matrix, classes = evidence.get("confusion"), evidence.get("classes", ())
    if not matrix:
        return join([])
    head: Head = [
        (pair("report.true_said"), ""),
        *((name, "number") for name in classes),
    ]
    rows = []
    for index, counts in enumerate(matrix):
        total = sum(counts) or 1
        cells = [
            _cell(count, count / total, at == index, (classes[index], classes[at]))
            for at, count in enumerate(counts)
        ]
        rows.append(tag("tr", tag("th", classes[index], scope="row"), *cells))
    caption = pair("report.confusion_caption")
    return part(say("report.confusion"), table(caption, head, rows, class_="matrix"))


def _cell(count: int, share: float, right: bool, names: tuple[str, str]) -> Html:
    if not count:
        return tag("td", "·", class_="number none")
    kind = "right" if right else "wrong"
    strength = "strong" if share >= 0.5 else "weak"
    title = f"{names[0]} → {names[1]}: {count} ({share:.1%})"
    return tag("td", figure(count), class_=f"number {kind} {strength}", title=title)


def _classes(rows: Sequence[Mapping[str, Any]]) -> Html:
    if not rows:
        return join([])
    head: Head = [
        (pair("report.class_"), ""),
        (pair("report.rows"), "number"),
        (named("measure", "precision"), "number"),
        (named("measure", "recall"), "number"),
        ("", ""),
        (pair("report.interval"), "number"),
        (named("measure", "f1"), "number"),
    ]
    drawn = []
    for entry in rows:
        value = entry.get("recall")
        words = {to: f"{w} {figure(value)}" for to, w in named("measure", "recall").items()}
        ends = (entry.get("recall_low"), entry.get("recall_high"))
        drawn.append(
            row(
                [
                    entry["class"],
                    figure(entry.get("n")),
                    figure(entry.get("precision")),
                    figure(value),
                    "" if value is None else svg.dot(value, *ends, (0.0, 1.0), words),
                    interval(*ends),
                    figure(entry.get("f1")),
                ],
                head,
            )
        )
    return part(say("report.per_class"), table(pair("report.per_class_caption"), head, drawn))


def _pictures(evidence: Mapping[str, Any], calibration: Sequence[Finding]) -> Html:
    """Return the reliability curve, or for numbers the answers against the truth."""
    drawn = []
    for finding in calibration:
        curve = finding.get("evidence", {}).get("curve")
        if curve:
            error = figure(finding.get("value"))
            spread = interval(finding.get("low"), finding.get("high")) or "–"
            note = tag("p", say("report.reliability_note", error=error, spread=spread))
            title = pair("report.reliability_title", error=error)
            below = pair("report.x_confidence")
            drawn.append(
                chart(svg.reliability(curve, title, below), say("report.reliability"), note)
            )
    points = [(float(t), float(p)) for t, p in evidence.get("points", ())]
    if points:
        drawn += [
            chart(
                svg.scatter(points, pair("report.scatter_title"), pair("report.x_truth")),
                say("report.scatter"),
                tag("p", say("report.scatter_note")),
            ),
            chart(
                svg.scatter(
                    [(p, t - p) for t, p in points],
                    pair("report.residuals_title"),
                    pair("report.x_predicted"),
                    "zero",
                ),
                say("report.residuals"),
                tag("p", say("report.residuals_note")),
            ),
        ]
    return tag("div", *drawn, class_="charts") if drawn else join([])
