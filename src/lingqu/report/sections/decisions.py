"""Logged decisions: what a policy would have earned, by every estimate, beside what was earned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report.markup import Html, figure, interval, join, pair, say, tag
from lingqu.report.svg import dot
from lingqu.report.tables import Head, table

Document = Mapping[str, Any]
Finding = Mapping[str, Any]
_ROOM = "off_policy."
_DRAWN = ("logged", "ips", "snips", "dm", "dr", "gain")


def draw(document: Document) -> Html:
    """Return the section."""
    found = {f["measure"].removeprefix(_ROOM): f for f in document.get("decisions", ())}
    known = [name for name in _DRAWN if found.get(name, {}).get("value") is not None]
    effective = found.get("effective", {})
    if not known or effective.get("value") is None:
        return tag("p", say("tables.report_unknown"))
    told = say(
        "tables.report_lead", rows=figure(effective["n"]),
        effective=figure(round(effective["evidence"]["rows"])),
        matched=figure(effective["evidence"]["matched"]),
    )  # fmt: skip
    parts = [tag("p", told), _table([found[name] for name in known], known)]
    never = found.get("unsupported", {}).get("value") or 0.0
    if never:
        parts.append(tag("p", say("tables.report_never", share=f"{100 * never:.3g} %")))
    if effective.get("severity") == "warn":
        parts.append(tag("p", say("tables.advice_few"), class_="quiet"))
    return join(parts)


def _table(found: Sequence[Finding], names: Sequence[str]) -> Html:
    head: Head = [
        (pair("tables.estimate"), ""),
        (pair("report.value"), "number"),
        (pair("report.interval"), "number"),
        ("", ""),
    ]
    ends = [end for f in found for end in (f["low"], f["high"], f["value"]) if end is not None]
    scale = min([0.0, *ends]), max([0.0, *ends])
    rows = [
        [
            say(f"tables.estimate_{name}"),
            figure(f["value"]),
            interval(f.get("low"), f.get("high")),
            dot(f["value"], f.get("low"), f.get("high"), scale, pair(f"tables.estimate_{name}")),
        ]
        for name, f in zip(names, found, strict=True)
    ]
    return table(pair("tables.estimates"), head, rows)
