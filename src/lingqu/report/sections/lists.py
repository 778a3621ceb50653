"""Lists: what users were recommended, beside what is popular, and some of them one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report.markup import Html, both, figure, interval, join, pair, say, tag
from lingqu.report.tables import Head, named, part, table

Document = Mapping[str, Any]
Finding = Mapping[str, Any]


def draw(document: Document) -> Html:
    """Return the section."""
    findings: Sequence[Finding] = document.get("metrics", ())
    return join(
        [
            _beside(findings),
            _by_history(findings),
            _strangers(findings),
            _users(document.get("lists") or ()),
        ]
    )


def _beside(findings: Sequence[Finding]) -> Html | None:
    """Return the table of every measure beside the same of the popular items."""
    known = [f for f in findings if "popularity" in f["evidence"] and f["value"] is not None]
    if not known:
        return None
    head: Head = [
        (pair("report.measure"), ""),
        (pair("report.lists_ours"), "number"),
        (pair("report.lists_popular"), "number"),
        (pair("report.lists_gain"), "number"),
    ]
    lines = []
    for f in known:
        told = f["evidence"]
        ends = interval(told.get("gain_low"), told.get("gain_high")) if "gain" in told else ""
        name = both(named("measure", f["measure"]))
        lines.append([name, figure(f["value"]), figure(told["popularity"]), ends])
    caption = pair("report.lists_beside_caption")
    return part(say("report.lists_beside"), _drawn(known), table(caption, head, lines))


def _drawn(known: Sequence[Finding]) -> Html | None:
    """Return how many users were drawn to be judged, where it was not all of them."""
    for f in known:
        users = f["evidence"].get("users", 0)
        if users > f["n"]:
            words = say("report.lists_drawn", count=figure(f["n"]), users=figure(users))
            return tag("p", words, class_="quiet")
    return None


def _by_history(findings: Sequence[Finding]) -> Html | None:
    """Return the table of the score by how much users took."""
    rows: Sequence[Mapping[str, Any]] = next(
        (f["evidence"]["by_history"] for f in findings if "by_history" in f["evidence"]), ()
    )
    if not rows:
        return None
    head: Head = [
        (pair("report.lists_taken"), ""),
        (pair("report.lists_users"), "number"),
        (pair("report.lists_ours"), "number"),
        (pair("report.lists_popular"), "number"),
    ]
    lines = [
        [f"{r['from']}–{r['to']}" if r["to"] else f"≥ {r['from']}", r["n"], figure(r["ndcg"]),
         figure(r["popularity"])]
        for r in rows
    ]  # fmt: skip
    return part(say("report.lists_cold"), table(pair("report.lists_cold_caption"), head, lines))


def _strangers(findings: Sequence[Finding]) -> Html | None:
    found = [f for f in findings if f.get("argument") == "unknown user"]
    if not found:
        return None
    value = figure(found[0]["value"])
    return tag("p", say("report.lists_strangers", measure=found[0]["measure"], value=value))


def _users(shown: Sequence[Mapping[str, Any]]) -> Html | None:
    if not shown:
        return None
    head: Head = [
        (pair("report.lists_user"), ""),
        (pair("report.lists_past"), "wordy"),
        (pair("report.lists_list"), "wordy"),
        (pair("report.lists_next"), "wordy"),
    ]
    lines = []
    for one in shown:
        past = ", ".join(one["past"]) + (" …" if one["count"] > len(one["past"]) else "")
        listed = tag("ol", *(tag("li", _marked(item, one["next"])) for item in one["listed"]))
        if one["place"]:
            word = say("report.lists_at", place=one["place"])
        else:
            word = say("report.lists_missed")
        lines.append([one["user"], past, listed, join([one["next"], " ", tag("small", word)])])
    return part(say("report.lists_some"), table(pair("report.lists_some_caption"), head, lines))


def _marked(item: str, wanted: str) -> object:
    return tag("strong", item) if item == wanted else item
