"""Why this model, what it rests on, where it fails, and what more data would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report import effect_chart
from lingqu.report.markup import (
    LANGUAGES,
    Html,
    both,
    figure,
    interval,
    join,
    pair,
    say,
    seconds,
    tag,
)
from lingqu.report.sections.scores import is_error
from lingqu.report.svg import dot
from lingqu.report.tables import Head, chart, named, part, table

Finding = Mapping[str, Any]


def why(sentences: Sequence[Mapping[str, str]]) -> Html:
    """Return the paragraph that says why the winner won."""
    if not sentences:
        return join([])
    gaps = {"en": " ", "zh": ""}
    words = {to: gaps[to].join(str(one[to]) for one in sentences) for to in LANGUAGES}
    return part(say("explain.why"), tag("p", both(words), class_="account"))


def about(value: float | None, error: float | None) -> Html:
    """Return a number with its standard error, and no digit behind those of the error."""
    if value is None or not error:
        return join([figure(value)])
    _, _, decimals = few(error).partition(".")
    number = f"{value:,.{len(decimals)}f}".replace("-", "−")
    told = tag("span", f" ± {few(error)}", class_="quiet")
    return tag("span", number, told, class_="whole")


def against(c: Mapping[str, Any], metric: str) -> Html:
    """Return what a candidate is worth beside the released model: its share, and the gap."""
    weight, gap = float(c.get("weight") or 0.0), c.get("gap")
    parts: list[object] = []
    if weight:
        parts.append(tag("strong", say("explain.chosen", share=f"{weight:.0%}")))
    if gap is not None and weight < 1.0:
        value = -gap if is_error(metric) else gap
        sign = "+" if value > 0 else "−" if value < 0 else ""
        told = about(abs(value), c.get("gap_error"))
        parts += [*([tag("br")] if parts else []), sign, told]
    return join(parts or ["–"])


def cost(c: Mapping[str, Any]) -> Html:
    """Return what trying a candidate has cost."""
    if not c.get("seconds"):
        return join(["–"])
    small = [say("explain.cpu", time=seconds(float(c.get("cpu_seconds") or 0.0)))]
    if c.get("peak_mb"):
        small += [tag("br"), join([f"{c['peak_mb']:,.0f} MB"])]
    return join([seconds(float(c["seconds"])), tag("br"), tag("span", *small, class_="quiet")])


def model(c: Mapping[str, Any]) -> Html:
    """Return how large one fit of a candidate is, and how fast it answers a row."""
    if not c.get("size_mb"):
        return join(["–"])
    size = float(c["size_mb"])
    told = f"{size:.1f} MB" if size >= 0.1 else f"{1000 * size:.1f} kB"
    speed = f"{c['row_ms']:.2g} ms" if c.get("row_ms") else None
    return join([told, tag("br") if speed else None, tag("span", speed or "", class_="quiet")])


def few(value: float) -> str:
    """Return a standard error with the two digits that mean something."""
    return figure(float(f"{value:.2g}")) if value else "0"


def growth(told: Mapping[str, Any]) -> Html:
    """Return what more data would give: the sentence, and the curve where there is one."""
    if not told.get("words"):
        return join([])
    sentence = tag("p", both(told["words"]), class_="account")
    if not told.get("curve"):
        return part(say("explain.growth"), sentence)
    metric = str(told["metric"])
    word = named("measure", metric)
    points = list(zip(told["sizes"], told["scores"], told["errors"], strict=True))
    title = pair("explain.growth_title", metric=word, name=told["name"])
    drawn = effect_chart.growth(
        told["curve"], points, float(told["rows"]), title, pair("explain.x_rows")
    )
    note = say("explain.growth_note", rows=figure(told["rows"]), folds=told["folds"])
    heading = say(
        "explain.growth_chart_down" if is_error(metric) else "explain.growth_chart", metric=word
    )
    figured = chart(drawn, heading, tag("p", note))
    return part(say("explain.growth"), sentence, tag("div", figured, class_="charts"))


def effects(findings: Sequence[Finding]) -> Html:
    """Return how the answer changes with the most important columns."""
    shown = [
        (str(f["argument"]), f["evidence"]["effect"])
        for f in findings
        if f.get("evidence", {}).get("effect")
    ]
    if not shown:
        return join([])
    drawn = [_effect(column, found) for column, found in shown]
    return part(
        say("explain.effects"),
        tag("p", say("explain.effects_note"), class_="lead"),
        tag("div", *drawn, class_="charts top"),
    )


def _effect(column: str, found: Mapping[str, Any]) -> Html:
    of = str(found.get("of") or "")
    answer = pair("explain.chance_of", name=of) if of else pair("explain.answer")
    title = pair("explain.effect_title", column=column, answer=answer)
    heading = join([tag("code", column), " → ", both(answer)])
    notes = []
    if found.get("missing") is not None:
        notes.append(tag("p", say("explain.missing", value=figure(found["missing"]))))
    if found["kind"] == "number":
        below = {to: column for to in LANGUAGES}
        return chart(effect_chart.number_effect(found, title, below), heading, *notes)
    return chart(effect_chart.level_effect(found, title), heading, *notes)


def slices(findings: Sequence[Finding]) -> Html:
    """Return the slices that are answered worse than the rest, the worst first."""
    worst = next((f for f in findings if f["measure"] == "slices.worst"), None)
    if worst is None:
        return join([])
    facts = worst.get("evidence", {})
    told = [f for f in findings if f["measure"] == "slices.gap"]
    looked = figure(int(facts.get("looked", 0)))
    if not told:
        words = say("explain.no_slices", looked=looked, support=facts.get("support"))
        return part(say("explain.slices"), tag("p", words, class_="account"))
    unit = "share" if facts.get("unit") == "share" else "deviations"
    head: Head = [
        (pair("explain.slice"), ""),
        (pair("report.rows"), "number"),
        (pair(f"explain.loss_{unit}"), "number"),
        (pair("explain.rest"), "number"),
        (pair("explain.gap"), "number"),
        (pair("report.interval"), "number"),
        ("", ""),
    ]
    ends = [float(f[k]) for f in told for k in ("low", "high", "value") if f.get(k) is not None]
    scale = (min(0.0, *ends), max(ends))
    rows = []
    for f in told:
        seen = f["evidence"]
        title = dict.fromkeys(LANGUAGES, f"{f['argument']}: {_amount(f['value'], unit)}")
        rows.append(
            [
                join([tag("code", f["argument"])]),
                figure(f.get("n")),
                _amount(seen["loss"], unit),
                _amount(seen["rest"], unit),
                tag("strong", _amount(f["value"], unit)),
                interval(_near(f.get("low")), _near(f.get("high"))),
                dot(f["value"], f.get("low"), f.get("high"), scale, title),
            ]
        )
    caption = pair(f"explain.slices_{unit}", looked=looked, support=facts.get("support"))
    return part(say("explain.slices"), table(caption, head, rows))


def _amount(value: float, unit: str) -> str:
    return f"{value:.1%}" if unit == "share" else figure(_near(value))


def _near(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")
