"""Data: where they come from, how they were split, what the columns are, how good they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lingqu.core.i18n import Language
from lingqu.report import svg
from lingqu.report.markup import Html, both, figure, in_both, interval, join, pair, say, tag
from lingqu.report.tables import Head, facts, named, part, plain, rest, table

Document = Mapping[str, Any]
Words = Mapping[Language, str]
_COLUMNS = 40


def draw(document: Document) -> Html:
    """Return the section."""
    data = document.get("data", {})
    split = data.get("split", {})
    how = both(named("split", str(split.get("how", ""))))
    entries = [
        (say("report.source"), tag("code", data.get("source", ""))),
        (say("report.rows"), figure(data.get("rows"))),
        (say("report.train_rows"), figure(data.get("train_rows"))),
        (say("report.test_rows"), figure(data.get("test_rows"))),
        (say("report.split"), join([how, " — ", in_both(split, "reason")])),
    ]
    declared = [
        (both(named("fact", key)), plain(value, 1))
        for key, value in data.get("facts", {}).items()
        if key != "source"
    ]
    page = str(document.get("data_report") or "")
    more = tag("p", tag("a", say("report.data_report"), href=page)) if _beside(page) else None
    return join([facts([*entries, *declared]), more, _quality(data), _columns(data)])


def _beside(page: str) -> bool:
    """Say whether a page lies in the folder of this one; no other address is ever linked."""
    return re.fullmatch(r"[A-Za-z0-9_-]+\.data\.html", page) is not None


def _quality(data: Mapping[str, Any]) -> Html:
    """Return the eight scores as bars; one that could not be measured says why."""
    head: Head = [
        (pair("report.score"), "tight"),
        ("", ""),
        (pair("report.value"), "number"),
        (pair("report.interval"), "number"),
        (pair("report.meaning"), "wordy"),
    ]
    rows = []
    for finding in data.get("quality", ()):
        if finding["measure"] == "quality.column":
            continue
        name = named("quality", finding["measure"].partition(".")[2])
        evidence, value = finding.get("evidence", {}), finding.get("value")
        if value is None:
            why: Words = {"en": evidence.get("why", ""), "zh": evidence.get("why_zh", "")}
            rows.append([both(name), say("report.unmeasured"), "–", "", both(why)])
            continue
        drawn = svg.bar(value, finding.get("low"), finding.get("high"), _spoken(name, value))
        formula: Words = {"en": evidence.get("formula", ""), "zh": evidence.get("formula_zh", "")}
        lacks = evidence.get("missing")
        told = [both(formula)]
        if isinstance(lacks, list | tuple) and lacks:
            told += [tag("br"), say("report.missing_facts", names=", ".join(lacks))]
        ends = interval(finding.get("low"), finding.get("high"))
        rows.append([both(name), drawn, figure(value), ends, join(told)])
    if not rows:
        return join([])
    return part(say("report.quality"), table(pair("report.quality_caption"), head, rows))


def _spoken(name: Words, value: float) -> Words:
    return {to: f"{word}: {figure(value)}" for to, word in name.items()}


def _columns(data: Mapping[str, Any]) -> Html:
    profiles = {
        f["argument"]: f.get("evidence", {})
        for f in data.get("quality", ())
        if f["measure"] == "quality.column"
    }
    head: Head = [
        (pair("report.column"), ""),
        (pair("report.kind"), "tight"),
        (pair("report.role"), "tight"),
        (pair("report.shape"), ""),
        (pair("report.values"), ""),
        (pair("report.missing"), "number"),
        (pair("report.why"), "wordy"),
    ]
    rows = [
        [
            column["name"],
            both(named("kind", str(column.get("kind")))),
            both(named("role", str(column.get("role")))),
            _distribution(str(column["name"]), profiles.get(column["name"], {})),
            _values(column, profiles.get(column["name"], {})),
            _missing(profiles.get(column["name"], {})),
            in_both(column, "reason"),
        ]
        for column in data.get("columns", ())
    ]
    if not rows:
        return join([])
    first = table(pair("report.columns_caption"), head, rows[:_COLUMNS])
    if others := rows[_COLUMNS:]:
        words = say("report.more", count=len(others))
        first = join([first, rest(words, pair("report.columns_caption"), head, others)])
    return part(say("report.columns", count=len(rows)), first)


def _missing(profile: Mapping[str, Any]) -> str:
    """Return how many values were missing as read, with their share of the rows."""
    missing, rows = profile.get("missing"), profile.get("rows")
    if not missing or not rows:
        return figure(missing)
    return f"{figure(missing)} ({missing / rows:.1%})"


def _distribution(name: str, profile: Mapping[str, Any]) -> Html:
    """Return the histogram of a column; of a picture or text, that of its first measured part."""
    parts = profile.get("parts") or {}
    label, shown = next(iter(parts.items()), ("", profile))
    counts = (shown.get("histogram") or {}).get("counts")
    if counts is None and profile.get("top"):
        counts = list(profile["top"].values())
        if profile.get("other"):
            counts.append(profile["other"])
    if not counts:
        return join(["–"])
    title = pair("report.histogram_of", name=f"{name} · {label}" if label else name)
    drawn = svg.histogram(counts, title)
    return join([drawn, tag("small", label)]) if label else drawn


def _values(column: Mapping[str, Any], profile: Mapping[str, Any]) -> Html:
    if profile.get("min") is not None:
        return join([f"{figure(profile['min'])} – {figure(profile['max'])}"])
    top = list((profile.get("top") or {}).items())
    if top:
        names = ", ".join(f"{name} ({figure(count)})" for name, count in top[:3])
        rest = int(profile.get("distinct", len(top))) - 3
        return join([names, " ", say("report.more", count=rest) if rest > 0 else ""])
    if column.get("shape"):
        return join([" × ".join(str(side) for side in column["shape"])])
    return join(["–"])
