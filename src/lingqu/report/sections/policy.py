"""A policy: what it brings beside its baselines, how it learned, and one of its episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from lingqu.report import svg
from lingqu.report.axes import Point
from lingqu.report.markup import Html, both, figure, join, pair, say, spoken, tag
from lingqu.report.sections import grid
from lingqu.report.tables import Head, chart, part, table

Document = Mapping[str, Any]


def draw(document: Document) -> Html:
    """Return the section."""
    told = document.get("policy") or {}
    said = told["policy"]
    count = len(said["returns"])
    lead = say("report.policy_played", count=count, mean=figure(fmean(said["returns"])))
    parts = [tag("p", lead), _table(told)]
    if told.get("enough") is not None:
        parts.append(tag("p", say("report.policy_enough", enough=figure(told["enough"]))))
    charts = [_returns(told), *(_learned(one, told.get("enough")) for one in told["learned"])]
    parts.append(tag("div", *charts, class_="charts"))
    parts.append(grid.draw(told.get("notes") or {}))
    if told.get("film"):
        parts.append(_film(told["film"]))
    return join(parts)


def _table(told: Document) -> Html:
    """Return what policy and baselines brought over the same episodes."""
    head: Head = [
        (pair("report.policy"), ""),
        (pair("report.policy_mean"), "number"),
        (pair("report.policy_worst"), "number"),
        (pair("report.policy_best"), "number"),
        (pair("report.policy_length"), "number"),
        (pair("report.policy_unsafe"), "number"),
    ]
    named = [(both(pair("report.policy_released")), told["policy"])]
    named += [(tag("code", name), other) for name, other in told["baselines"].items()]
    rows = [
        [
            name,
            figure(fmean(one["returns"])),
            figure(min(one["returns"])),
            figure(max(one["returns"])),
            figure(fmean(one["lengths"])),
            f"{100 * one['unsafe_rate']:.3g} %",
        ]
        for name, one in named
    ]
    return table(pair("report.policy_caption"), head, rows)


def _returns(told: Document) -> Html:
    """Return the returns of the episodes, of the policy and of each baseline."""
    series: list[tuple[str, Sequence[Point]]] = [("solid", _points(told["policy"]["returns"]))]
    series += [("dashed", _points(one["returns"])) for one in told["baselines"].values()]
    drawn = svg.lines(series, pair("report.policy_returns"), pair("report.x_episode"))
    keys = [tag("span", say("report.policy_released"), class_="key solid")]
    keys += [tag("span", tag("code", name), class_="key dashed") for name in told["baselines"]]
    return chart(drawn, say("report.policy_returns"), *keys)


def _points(values: Sequence[float]) -> list[Point]:
    return [(float(place + 1), float(value)) for place, value in enumerate(values)]


def _learned(one: Mapping[str, Any], enough: float | None) -> Html:
    """Return the mean return over the steps that were taken while learning."""
    rows = [row for row in one["curve"] if "valid_score" in row and "steps" in row]
    points = [(float(row["steps"]), float(row["valid_score"])) for row in rows]
    if len(points) < 2:
        return join([])
    series: list[tuple[str, Sequence[Point]]] = [("solid", points)]
    if enough is not None:
        series.append(("dashed", [(points[0][0], enough), (points[-1][0], enough)]))
    words = pair("report.policy_curve", name=one["name"])
    return chart(
        svg.lines(series, words, pair("report.x_taken")),
        say("report.policy_curve", name=one["name"]),
    )


def _film(address: str) -> Html:
    words = pair("report.policy_film")
    image = tag("img", src=address, **spoken("alt", words))
    return part(say("report.policy_film"), tag("figure", image))
