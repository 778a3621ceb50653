"""Intervals and prediction sets: what they were stated to hold, what they hold, and where less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report import svg
from lingqu.report.axes import HEIGHT, WIDTH, Axes
from lingqu.report.markup import Html, figure, interval, join, pair, say, tag
from lingqu.report.tables import Head, chart, part, table

Finding = Mapping[str, Any]


def draw(findings: Sequence[Finding]) -> Html | None:
    """Return the part of the judgement about intervals or sets; None where there are none.

    Args:
        findings: Of the metrics on test rows.
    """
    seen = next((f for f in findings if f["measure"] == "coverage" and not f.get("argument")), None)
    evidence = seen.get("evidence", {}) if seen else {}
    if seen is None or "by_class" not in evidence:
        return None
    wanted, value = evidence.get("wanted"), float(seen["value"])
    spread = interval(seen.get("low"), seen.get("high"))
    told = None
    if wanted is not None:
        facts = {"wanted": f"{wanted:.0%}", "seen": f"{value:.1%}", "rows": seen.get("n")}
        key = "report.region_less" if seen.get("verdict") == "fail" else "report.region_told"
        told = tag("p", say(key, **facts, spread=spread))
    tables = [_sizes(evidence.get("sizes", ())), _table(evidence["by_class"], "class")]
    tables += [_table(rows, "group", name) for name, rows in evidence["by_group"].items()]
    picture = _intervals(evidence.get("intervals", ()))
    charts = tag("div", picture, class_="charts") if picture is not None else None
    return part(say("report.regions"), join([told, charts, *tables]))


def _table(rows: Sequence[Mapping[str, Any]], kind: str, column: str = "") -> Html | None:
    """Return the coverage of each class, or of each group of a column."""
    if not rows:
        return None
    head: Head = [
        (pair("report.class_") if kind == "class" else column, ""),
        (pair("report.rows"), "number"),
        (pair("report.measure_coverage"), "number"),
        ("", ""),
        (pair("report.interval"), "number"),
    ]
    lines = []
    for entry in rows:
        ends = (entry["low"], entry["high"])
        words = {to: f"{entry[kind]}: {entry['coverage']:.1%}" for to in ("en", "zh")}
        mark = svg.dot(entry["coverage"], *ends, (0.0, 1.0), words)  # type: ignore[arg-type]
        share = f"{entry['coverage']:.1%}"
        lines.append([entry[kind], figure(entry["n"]), share, mark, interval(*ends)])
    key = "report.region_by_class" if kind == "class" else "report.region_by_group"
    return table(pair(key, column=column), head, lines)


def _sizes(sizes: Sequence[Sequence[int]]) -> Html | None:
    """Return how many rows have a set of one class, of two, and so on."""
    if not sizes:
        return None
    total = sum(count for _, count in sizes)
    title = pair("report.set_sizes")
    head: Head = [
        (pair("report.set_size"), "number"),
        (pair("report.rows"), "number"),
        ("", ""),
    ]
    lines = [
        [size, figure(count), svg.bar(count / total, None, None, title)] for size, count in sizes
    ]
    return table(title, head, lines)


def _intervals(rows: Sequence[Sequence[float]]) -> Html | None:
    """Return intervals side by side, by rising answer, each with its truth."""
    if len(rows) < 2:
        return None
    points = [(float(i), end) for i, row in enumerate(rows) for end in row]
    axes = Axes.around(points)
    parts: list[Html] = [axes.frame(pair("report.x_rows"))]
    for index, (truth, answer, low, high) in enumerate(rows):
        across, top = axes.at((float(index), high))
        bottom = axes.at((float(index), low))[1]
        inside = low <= truth <= high
        parts.append(tag("path", d=f"M{across} {top}V{bottom}", class_="whisker"))
        middle, height = axes.at((float(index), answer))[1], axes.at((float(index), truth))[1]
        parts.append(tag("path", d=f"M{across - 2} {middle}H{across + 2}", class_="whisker"))
        kind = "ink" if inside else "missed"
        parts.append(tag("circle", cx=across, cy=height, r=2 if inside else 3, class_=kind))
    title = pair("report.intervals_title", count=len(rows))
    note = tag("p", say("report.intervals_note"))
    return chart(svg.canvas(WIDTH, HEIGHT, title, *parts), say("report.intervals"), note)
