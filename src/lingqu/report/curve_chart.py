"""Charts of a model that is a sum: what a column adds, and what two add together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf
from typing import Any

from lingqu.report.axes import HEIGHT, WIDTH, Axes, Point, rounded
from lingqu.report.effect_chart import foot, near, short
from lingqu.report.markup import Html, figure, tag
from lingqu.report.svg import Words, canvas

Place = tuple[float, float, float]
"""Where, what is added there, and how far single fits lie from it."""
_START, _END, _STEP = 130, WIDTH - 48, 22
_SIDE, _CELL, _MARGIN = 252, 22, 84
"""Largest width of a table, largest side of a cell, room for the names on the left."""


def steps(shown: Mapping[str, Any], title: Words, below: Words) -> Html:
    """Return what a number adds, by steps or lines, with how far single fits lie from it.

    Args:
        shown: A curve of `lingqu.check.curves.curves`.
        title: What is shown.
        below: Name of the x axis.
    """
    edges = [float(edge) for edge in shown["edges"]]
    known = shown["side"].get("at") or shown["side"]["from"][1:]
    left, right = (edges[0], edges[-1]) if len(edges) > 1 else _room(list(map(float, known)))
    seen = (_bends if "at" in shown["side"] else _stairs)(shown, left, right)
    ends = [value + sign * apart for _, value, apart in seen for sign in (-1, 1)]
    axes = Axes.around([(left, min(0.0, *ends)), (right, max(0.0, *ends))])
    upper = [(x, value + apart) for x, value, apart in seen]
    lower = [(x, value - apart) for x, value, apart in seen]
    middle = [(x, value) for x, value, _ in seen]
    return canvas(
        WIDTH, HEIGHT, title,
        tag("path", d=foot(axes, edges, shown["counts"]), class_="foot"),
        axes.frame(below),
        tag("path", d=axes.path([(left, 0.0), (right, 0.0)]), class_="curve ideal"),
        tag("path", d=axes.path([*upper, *reversed(lower)]) + "z", class_="band"),
        tag("path", d=axes.path(middle), class_="curve solid"),
    )  # fmt: skip


def _stairs(shown: Mapping[str, Any], left: float, right: float) -> list[Place]:
    """Return both ends of each step between two ends: what is added there, and its spread."""
    starts = [-inf, *map(float, shown["side"]["from"][1:])]
    spread = shown["spread"] or [0.0] * len(starts)
    return [
        (x, float(value), float(apart))
        for (start, end), value, apart in zip(
            pairwise([*starts, inf]), shown["adds"], spread, strict=True
        )
        if start < right and end > left
        for x in (max(start, left), min(end, right))
    ]


def _bends(shown: Mapping[str, Any], left: float, right: float) -> list[Place]:
    """Return where lines between two ends bend, and these ends; beyond the last they are level."""
    at = list(map(float, shown["side"]["at"]))
    adds, spread = shown["adds"], shown["spread"] or [0.0] * len(at)
    inside = [x for x in at if left < x < right]
    return [(x, _between(x, at, adds), _between(x, at, spread)) for x in (left, *inside, right)]


def _between(x: float, at: Sequence[float], values: Sequence[float]) -> float:
    """Return a value on the straight lines through some points, whose outermost go on."""
    for (start, end), (low, high) in zip(pairwise(at), pairwise(values), strict=True):
        if start <= x <= end:
            return low + (high - low) * (x - start) / ((end - start) or 1.0)
    return values[0] if x < at[0] else values[-1]


def _room(known: Sequence[float]) -> Point:
    """Return ends that hold all steps, where nothing says where the rows are."""
    known = list(known) or [0.0]
    gap = 0.1 * (known[-1] - known[0]) or 1.0
    return known[0] - gap, known[-1] + gap


def levels(shown: Mapping[str, Any], title: Words) -> Html:
    """Return what each level adds, with how far single fits lie from it, and its rows."""
    names, adds = [str(name) for name in shown["side"]["levels"]], list(map(float, shown["adds"]))
    spread = shown["spread"] or [0.0] * len(adds)
    counts = shown["counts"] or [None] * len(adds)
    ends = [0.0, *(a + sign * s for a, s in zip(adds, spread, strict=True) for sign in (-1, 1))]
    low, high = min(ends), max(ends)

    def place(value: float) -> float:
        return rounded(_START + (_END - _START) * (value - low) / ((high - low) or 1.0))

    base = 12 + len(names) * _STEP
    drawn = [tag("path", d=f"M{place(0.0)} 2V{base - 8}", class_="curve ideal")]
    for at, (name, value, apart, count) in enumerate(zip(names, adds, spread, counts, strict=True)):
        y = 12 + at * _STEP
        whisker = f"M{place(value - apart)} {y}H{place(value + apart)}"
        drawn += [
            tag("text", short(name), x=_START - 10, y=y + 4, text_anchor="end"),
            tag("line", x1=_START, x2=_END, y1=y, y2=y, class_="rule"),
            tag("path", d=whisker, class_="whisker"),
            tag("circle", cx=place(value), cy=y, r=4, class_="ink"),
        ]
        if count is not None:
            drawn.append(tag("text", f"{count:,}", x=WIDTH - 2, y=y + 4, text_anchor="end"))
    marks = [
        tag("text", figure(near(value)), x=place(value), y=base + 6, text_anchor="middle")
        for value in dict.fromkeys((low, high))
    ]
    return canvas(WIDTH, base + 14, title, *drawn, *marks)


def table(shown: Mapping[str, Any], title: Words) -> Html:
    """Return what two columns add together, beyond what each adds: a map of blocks.

    The first column goes to the right, the second one upwards; what has levels is read downwards.
    """
    across, up = shown["sides"]
    adds = [list(map(float, row)) for row in shown["adds"]]  # (across, up)
    most = max((abs(value) for row in adds for value in row), default=0.0) or 1.0
    size = rounded(min(_CELL, _SIDE / len(adds), 200 / len(adds[0])))
    wide, tall = size * len(adds), size * len(adds[0])
    blocks = [
        _block(x, y if "levels" in up else len(row) - 1 - y, size, value / most)
        for x, row in enumerate(adds)
        for y, value in enumerate(row)
        if abs(value) > most / 50
    ]
    edge = tag("rect", x=_MARGIN, y=6, width=wide, height=tall, class_="edge")
    names = [*_beside(up, size, tall), *_beneath(across, size, wide, tall)]
    end = tall + (34 if "levels" not in across else 24)
    return canvas(max(WIDTH, _MARGIN + wide + 10), end, title, edge, *blocks, *names, kind="pair")


def _block(x: int, y: int, size: float, part: float) -> Html:
    """Return one block of a map; its colour is the sign, its strength the part of the most."""
    place = {"x": rounded(_MARGIN + x * size), "y": rounded(6 + y * size)}
    kind, strength = "ink" if part > 0 else "missed", rounded(0.1 + 0.9 * abs(part))
    return tag("rect", **place, width=size, height=size, class_=kind, opacity=strength)


def _beside(side: Mapping[str, Any], size: float, tall: float) -> list[Html]:
    """Return the names at the left of a map: of levels, else of the first and last step."""
    if "levels" in side:
        marks = [(short(str(v), 11), (at + 0.5) * size) for at, v in enumerate(side["levels"])]
    else:
        marks = [(f"≥ {_told(side['from'][-1])}", 8.0), (f"< {_told(side['from'][1])}", tall - 4)]
    return [
        tag("text", said, x=_MARGIN - 6, y=rounded(6 + y + 4), text_anchor="end")
        for said, y in marks
    ]


def _beneath(side: Mapping[str, Any], size: float, wide: float, tall: float) -> list[Html]:
    """Return the names below a map: of levels, as far as there is room, else of both ends."""
    y = tall + 22
    if "levels" not in side:
        ends = ((f"< {_told(side['from'][1])}", 0.0, "start"),
                (f"≥ {_told(side['from'][-1])}", wide, "end"))  # fmt: skip
        return [tag("text", t, x=_MARGIN + x, y=y, text_anchor=anchor) for t, x, anchor in ends]
    room = max(2, int(size // 6))
    return [
        tag("text", short(str(v), room), x=rounded(_MARGIN + (at + 0.5) * size), y=y,
            text_anchor="middle")
        for at, v in enumerate(side["levels"])
    ]  # fmt: skip


def _told(value: object) -> str:
    return figure(near(float(str(value))))
