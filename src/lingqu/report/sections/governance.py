"""Governance: what each operator changed, which rows left and why, and what is still doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.numbering import told_row, told_rows
from lingqu.report.markup import (
    Html,
    both,
    figure,
    in_both,
    interval,
    join,
    pair,
    say,
    seconds,
    tag,
)
from lingqu.report.tables import (
    LISTED,
    Head,
    code,
    facts,
    folded,
    named,
    part,
    picture,
    plain,
    rest,
    row,
    table,
    verdict,
)

Document = Mapping[str, Any]
_KNOWN = frozenset(
    {
        "operator", "rows", "changed", "rules", "samples", "failed", "unknown", "blocked",
        "drafted", "applicable", "judged", "suspects", "share",
    }
)  # fmt: skip
"""What has its own column or its own part below."""
_FEW = 12
_IN_SIGHT = 100
"""Rules that failed, as far as they are listed in sight."""


def draw(document: Document) -> Html:
    """Return the section."""
    governance = document.get("governance", {})
    operators = governance.get("operators", ())
    reports = {str(o["operator"]): o.get("report", {}) for o in operators}
    return join(
        [
            _operators(operators),
            _removed(governance),
            _contract(reports.get("contract", {})),
            _suspects(reports.get("find_label_errors", {})),
            _leakage(document.get("data", {}).get("leakage", ())),
        ]
    )


def _operators(operators: Sequence[Mapping[str, Any]]) -> Html:
    if not operators:
        return tag("p", say("report.no_operators"))
    head: Head = [
        (pair("report.operator"), ""),
        (pair("report.changed"), "number"),
        (pair("report.before"), "number"),
        (pair("report.after"), "number"),
        (pair("report.travels"), "tight"),
        (pair("report.time"), "number"),
        (pair("report.detail"), "wordy"),
    ]
    rows = [
        [
            tag("code", operator.get("name", operator["operator"])),
            figure(operator.get("report", {}).get("changed", 0)),
            figure(operator.get("rows_before")),
            figure(operator.get("rows_after")),
            say("report.yes" if operator.get("travels") else "report.no"),
            seconds(float(operator.get("seconds", 0.0))),
            _detail(operator.get("report", {})),
        ]
        for operator in operators
    ]
    return table(pair("report.operators_caption"), head, rows)


def _detail(report: Mapping[str, Any]) -> Html:
    """Return what an operator has to say beyond its counts."""
    if report.get("applicable") is False:
        return join([say("report.not_applicable"), " ", in_both(report, "why")])
    told = {
        key: value
        for key, value in report.items()
        if key not in _KNOWN and value not in (None, "", 0, [], {}, False)
    }
    if not told:
        return join(["–"])
    return folded(say("report.details"), plain(told_rows(told)))


def _removed(governance: Mapping[str, Any]) -> Html:
    removed, count = governance.get("removed", ()), governance.get("removed_count", 0)
    if not count:
        return part(say("report.removed", count=0), tag("p", say("report.none_removed")))
    head: Head = [
        (pair("report.row"), "number"),
        (pair("report.operator"), ""),
        (pair("report.reason"), "wordy"),
    ]
    rows = [
        [figure(told_row(r["row"])), tag("code", r["operator"]), in_both(r, "reason")]
        for r in removed
    ]
    more = count - len(rows)
    return part(
        say("report.removed", count=count),
        table(pair("report.removed_caption"), head, rows, class_="tall"),
        tag("p", say("report.more", count=more), class_="quiet") if more > 0 else None,
    )


def _contract(report: Mapping[str, Any]) -> Html:
    """Return the rules: those that failed in sight, a long list of passes folded away."""
    rules = report.get("rules", ())
    if not rules:
        return join([])
    head: Head = [
        (pair("report.rule"), ""),
        (pair("report.verdict"), "tight"),
        (pair("report.severity"), "tight"),
        (pair("report.failures"), "number"),
        (pair("report.rows"), "number"),
        (pair("report.rate"), "number"),
    ]
    bad = [r for r in rules if r["verdict"] != "pass"]
    good = [r for r in rules if r["verdict"] == "pass"]
    caption = pair("report.contract_caption")
    say_drafted = say("report.drafted") if report.get("drafted") else None
    shown, hidden = (bad, good) if len(bad) + len(good) > _FEW else ([*bad, *good], [])
    shown, more = shown[:_IN_SIGHT], shown[_IN_SIGHT:]
    inside = [table(caption, head, [_rule(r, head) for r in shown])] if shown else []
    for words, some in (("report.more", more), ("report.rules_held", hidden)):
        if some:
            drawn = [_rule(r, head) for r in some[:LISTED]]
            said = say(words, count=len(some))
            inside.append(rest(said, caption, head, drawn, len(some)))
    return part(
        say("report.contract", passed=len(good), count=len(rules)),
        tag("p", say_drafted, class_="quiet") if say_drafted else None,
        *inside,
    )


def _rule(rule: Mapping[str, Any], head: Head) -> Html:
    cells = [
        code(rule["rule"]),
        verdict(str(rule["verdict"])),
        both(named("severity", str(rule.get("severity", "")))),
        figure(rule.get("failures")),
        figure(rule.get("n")),
        interval(rule.get("low"), rule.get("high")),
    ]
    return row(cells, head, class_=str(rule["verdict"]))


def _suspects(report: Mapping[str, Any]) -> Html:
    """Return labels that a model and the neighbours doubt, as pictures where there are any."""
    samples = report.get("samples", ())
    if not report or not report.get("applicable", True):
        return join([])
    count = int(report.get("suspects", len(samples)))
    heading = say("report.suspects", count=count, judged=figure(report.get("judged")))
    if not samples:
        return part(heading, tag("p", say("report.no_suspects")))
    if any(s.get("image") for s in samples):
        return part(heading, tag("div", *(_suspect(s) for s in samples), class_="suspects"))
    head: Head = [
        (pair("report.row"), "number"),
        (pair("report.given"), ""),
        (pair("report.suggested"), ""),
        (pair("report.doubt"), "number"),
    ]
    rows = [
        [figure(told_row(s["row"])), s["given"], s["suggested"], figure(-float(s["score"]))]
        for s in samples
    ]
    if any(s.get("values") for s in samples):
        head = [*head, (pair("report.values"), "wordy")]
        rows = [[*line, plain(s.get("values"), 2)] for line, s in zip(rows, samples, strict=True)]
    caption = pair("report.suspects_caption")
    return part(heading, table(caption, head, rows, class_="tall"))


def _suspect(sample: Mapping[str, Any]) -> Html:
    said = pair("report.suspect_said", given=sample["given"], suggested=sample["suggested"])
    return tag(
        "figure",
        picture(sample["image"], said) if sample.get("image") else None,
        tag("figcaption", f"{sample['given']} → {sample['suggested']} ", tag("small", "?")),
    )


def _leakage(findings: Sequence[Mapping[str, Any]]) -> Html:
    """Return the leakage checks, and the pairs of rows that are the same or nearly so."""
    judged = [f for f in findings if f.get("value") is not None]
    if not judged:
        return join([])
    head: Head = [
        (pair("report.measure"), ""),
        (pair("report.value"), "number"),
        (pair("report.interval"), "number"),
        (pair("report.limit"), "number"),
        (pair("report.verdict"), "tight"),
    ]
    rows = []
    for f in sorted(judged, key=lambda f: (f["verdict"] == "pass", -f["value"])):
        about = tag("code", f["argument"]) if f.get("argument") else ""
        name = join([both(named("measure", f["measure"])), " ", about])
        limit = figure(f.get("evidence", {}).get("limit"))
        ends = interval(f.get("low"), f.get("high"))
        rows.append([name, figure(f["value"]), ends, limit, verdict(str(f["verdict"]))])
    caption = pair("report.leakage_caption")
    inside = [table(caption, head, rows[:_FEW])]
    if rows[_FEW:]:
        held = say("report.more", count=len(rows) - _FEW)
        inside.append(rest(held, caption, head, rows[_FEW:]))
    pairs = [p for f in judged for p in f.get("evidence", {}).get("pairs", ())]
    drawn = [_pair(p) for p in pairs]
    if drawn:
        inside.append(tag("div", *drawn[:6], class_="pairs"))
    if drawn[6:]:
        more = tag("div", *drawn[6:], class_="pairs")
        inside.append(folded(say("report.more", count=len(drawn) - 6), more))
    return part(say("report.leakage"), *inside)


def _pair(pair_of_rows: Mapping[str, Any]) -> Html:
    """Return a training row and a test row side by side, with what differs marked."""
    train, test = pair_of_rows.get("train", {}), pair_of_rows.get("test", {})
    entries = []
    for name in train:
        a, b = train[name], test.get(name)
        if isinstance(a, list) or isinstance(b, list):
            words = pair("report.picture_of", name=name)
            entries.append(
                (name, join([picture(v, words) if isinstance(v, list) else "–" for v in (a, b)]))
            )
        elif a == b:
            entries.append((name, join([figure(a)])))
        else:
            entries.append((name, tag("mark", f"{figure(a)} ≠ {figure(b)}")))
    sides = {side: told_row(pair_of_rows.get(f"{side}_row")) for side in ("train", "test")}
    shown, others = entries[:10], entries[10:]
    tail = folded(say("report.more", count=len(others)), facts(others)) if others else None
    return tag("figure", tag("figcaption", say("report.pair", **sides)), facts(shown), tail)
