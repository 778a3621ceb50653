"""Rules: what the contract promises of the data, and how each promise fared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.numbering import told_row
from lingqu.report.data_sections.cells import cell
from lingqu.report.data_sections.words import Document, gap, list_of, part_of, why
from lingqu.report.markup import Html, both, figure, interval, join, pair, say, tag
from lingqu.report.tables import Head, code, folded, named, row, table, verdict

_FEW = 14


def draw(document: Document) -> Html:
    """Return the section."""
    told = part_of(document, "contract")
    rules = [rule for rule in list_of(told, "rules") if isinstance(rule, Mapping)]
    if not rules:
        return gap(document, "contract")
    head: Head = [
        (pair("report.rule"), ""),
        (pair("report.verdict"), "tight"),
        (pair("report.severity"), "tight"),
        (pair("report.failures"), "number"),
        (pair("report.rate"), "number"),
        (pair("datareport.samples"), "wordy"),
    ]
    bad = [_rule(r, head) for r in rules if r.get("verdict") != "pass"]
    good = [_rule(r, head) for r in rules if r.get("verdict") == "pass"]
    shown, held = (bad, good) if len(bad) + len(good) > _FEW else ([*bad, *good], [])
    counts = {name: figure(told.get(name)) for name in ("count", "passed", "failed", "unknown")}
    inside = [tag("p", say("datareport.rules_line", **counts))]
    if told.get("drafted"):
        inside.append(tag("p", say("report.drafted"), class_="quiet"))
    caption = pair("report.contract_caption")
    if shown:
        inside.append(table(caption, head, shown))
    if held:
        words = say("report.rules_held", count=len(held))
        inside.append(folded(words, table(caption, head, held, class_="tall")))
    if told.get("left"):
        inside.append(tag("p", say("report.more", count=figure(told["left"])), class_="quiet"))
    return join(inside)


def _rule(rule: Mapping[str, Any], head: Head) -> Html:
    state = str(rule.get("verdict"))
    cells = [
        code(str(rule.get("rule", ""))),
        verdict(state),
        both(named("severity", str(rule.get("severity", "")))),
        figure(rule.get("failures")),
        interval(rule.get("low"), rule.get("high")),
        _samples(rule),
    ]
    return row(cells, head, class_=state)


def _samples(rule: Mapping[str, Any]) -> Html:
    parts: list[Html] = []
    if rule.get("why"):
        parts.append(tag("div", why(rule)))
    observed = rule.get("observed")
    if isinstance(observed, int | float | str):
        parts.append(tag("div", say("datareport.observed", value=figure(observed))))
    samples: Sequence[Any] = list_of(rule, "samples")
    for sample in samples:
        if isinstance(sample, Mapping):
            words = say("datareport.row", row=figure(told_row(sample.get("row"))))
            parts.append(tag("div", tag("small", words), " ", cell(sample.get("value"))))
    return join(parts) if parts else join(["–"])
