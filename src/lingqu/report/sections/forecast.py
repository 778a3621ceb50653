"""Forecast: the last values of some series, what was forecast of the test steps, and the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report.axes import HEIGHT, WIDTH, Axes, Point
from lingqu.report.markup import Html, figure, join, pair, say, tag
from lingqu.report.svg import canvas
from lingqu.report.tables import Head, chart, part, table

Document = Mapping[str, Any]
Series = Mapping[str, Any]


def draw(document: Document) -> Html:
    """Return the section."""
    shown = document.get("forecast") or []
    told = [
        tag("span", say("report.forecast_truth"), class_="key dashed"),
        tag("span", say("report.forecast_value"), class_="key solid"),
    ]
    drawn = [_series(one) for one in shown]
    findings = document.get("metrics", ())
    return join(
        [
            part(say("report.forecasts"), tag("p", *told), tag("div", *drawn, class_="charts")),
            _by_level(findings),
            _by_step(findings),
            _quantiles(findings),
        ]
    )


def _series(one: Series) -> Html:
    """Return the chart of one series; steps are counted from the origin."""
    history = [(float(step), float(value)) for step, value in one["history"]]
    ahead = one["ahead"]
    truth = [(float(p["step"]), float(p["truth"])) for p in ahead if p["truth"] is not None]
    value = [(float(p["step"]), float(p["value"])) for p in ahead]
    band = [p for p in ahead if p.get("low") is not None]
    low = [(float(p["step"]), float(p["low"])) for p in band]
    high = [(float(p["step"]), float(p["high"])) for p in band]
    axes = Axes.around([*history, *truth, *value, *low, *high])
    joined = [*history[-1:], *truth]
    level = one.get("level") or ""
    name = one["series"] or one["target"]
    words = pair("report.forecast_title", series=name)
    parts = [
        axes.frame(pair("report.x_steps", origin=one["origin"])),
        _band(axes, low, high),
        _line(axes, history, "dashed"),
        _line(axes, joined, "dashed"),
        _line(axes, [*history[-1:], *value], "solid"),
        _origin(axes),
    ]
    error = one.get("mase")
    note = (
        tag("p", say("report.forecast_error", error=figure(error))) if error is not None else None
    )
    label = tag("code", f"{level}: {name}" if level else name)
    return chart(canvas(WIDTH, HEIGHT, words, *parts), label, note)


def _line(axes: Axes, points: Sequence[Point], style: str) -> Html | None:
    if len(points) < 2:
        return None
    return tag("path", d=axes.path(points), class_=f"curve {style}")


def _band(axes: Axes, low: Sequence[Point], high: Sequence[Point]) -> Html | None:
    if len(low) < 2:
        return None
    edge = axes.path([*high, *reversed(low)]) + "Z"
    return tag("path", d=edge, class_="ink", opacity=0.15)


def _origin(axes: Axes) -> Html:
    return tag("path", d=axes.path([(0.0, axes.bottom), (0.0, axes.top)]), class_="curve ideal")


def _by_level(findings: Sequence[Mapping[str, Any]]) -> Html | None:
    """Return the table of the levels of a hierarchy: sums, and the series themselves."""
    told = {(f["measure"], f.get("argument", "")): f for f in findings}
    levels = [argument for measure, argument in told if measure == "sums.mase"]
    if not levels:
        return None
    head: Head = [
        (pair("report.forecast_level"), ""),
        (pair("report.rows"), "number"),
        (pair("report.measure_mase"), "number"),
        (pair("report.measure_coverage"), "number"),
        (pair("report.measure_wql"), "number"),
    ]
    lines = []
    for level in [*levels, ""]:
        names = [f"sums.{name}" if level else name for name in ("mase", "coverage", "wql")]
        found = [told.get((name, level)) or {} for name in names]
        error, inside, loss = (one.get("value") for one in found)
        share = "–" if inside is None else f"{inside:.0%}"
        lines.append([level or "series", found[0].get("n", 0), figure(error), share, figure(loss)])
    return part(say("report.by_level"), table(pair("report.by_level_caption"), head, lines))


def _quantiles(findings: Sequence[Mapping[str, Any]]) -> Html | None:
    """Return the table of quantiles: what their level is, and what share of values lay below."""
    rows: Sequence[Mapping[str, Any]] = next(
        (f["evidence"]["quantiles"] for f in findings if "quantiles" in f["evidence"]), ()
    )
    if not rows:
        return None
    head: Head = [
        (pair("report.quantile"), "number"),
        (pair("report.share_below"), "number"),
    ]
    lines = [[figure(r["level"]), figure(r["below"])] for r in rows]
    return part(say("report.quantiles"), table(pair("report.quantiles_caption"), head, lines))


def _by_step(findings: Sequence[Mapping[str, Any]]) -> Html | None:
    """Return the table of error and coverage by steps ahead."""
    rows: Sequence[Mapping[str, Any]] = next(
        (f["evidence"]["by_step"] for f in findings if "by_step" in f["evidence"]), ()
    )
    if not rows:
        return None
    head: Head = [
        (pair("report.step"), "number"),
        (pair("report.rows"), "number"),
        (pair("report.measure_mae"), "number"),
        (pair("report.measure_mase"), "number"),
        (pair("report.measure_coverage"), "number"),
    ]
    lines = [
        [r["step"], r["n"], figure(r["mae"]), figure(r["mase"]), f"{r['coverage']:.0%}"]
        for r in rows
    ]
    return part(say("report.by_step"), table(pair("report.by_step_caption"), head, lines))
