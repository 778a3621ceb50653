"""Charts of what explains a choice: effects of columns over their data, and growth with rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any
from unicodedata import east_asian_width

from lingqu.report.axes import HEIGHT, WIDTH, Axes, Point, rounded
from lingqu.report.markup import Html, figure, join, tag
from lingqu.report.svg import Words, canvas

_LEFT, _RIGHT, _BASE = 46, 12, HEIGHT - 34
_TALL = 34
"""Height of the histogram at the foot of an effect."""
_LETTERS = 19


def number_effect(shown: Mapping[str, Any], title: Words, below: Words) -> Html:
    """Return how the answer changes with a number: the mean, single rows, and where rows are.

    Args:
        shown: What `lingqu.check.effects.effect` returns.
        title: What is shown.
        below: Name of the x axis.
    """
    grid = [float(value) for value in shown["grid"]]
    lines = [list(map(float, line)) for line in shown["lines"]]
    edges = [float(edge) for edge in shown["edges"]]
    values = [value for line in [*lines, shown["mean"]] for value in line]
    axes = Axes.around([(grid[0], min(values)), (grid[-1], max(values))])
    axes.left, axes.right = min(edges[0], grid[0]), max(edges[-1], grid[-1])
    faint = "".join(axes.path(_points(grid, line)) for line in lines)
    return canvas(
        WIDTH, HEIGHT, title,
        tag("path", d=foot(axes, edges, shown["counts"]), class_="foot"),
        axes.frame(below),
        tag("path", d=faint, class_="curve faint"),
        tag("path", d=axes.path(_points(grid, shown["mean"])), class_="curve solid"),
    )  # fmt: skip


def _points(xs: Sequence[float], ys: Sequence[float]) -> list[Point]:
    return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]


def foot(axes: Axes, edges: Sequence[float], counts: Sequence[int]) -> str:
    """Return bars at the foot of a chart that say where the rows are."""
    most, bars = max(counts, default=1) or 1, []
    for start, end, count in zip(edges[:-1], edges[1:], counts, strict=True):
        if count:
            left, right = axes.at((start, axes.bottom))[0], axes.at((end, axes.bottom))[0]
            height = max(1.0, _TALL * count / most)
            bars.append(
                f"M{left} {_BASE}v{rounded(-height)}H{max(left + 0.8, right - 0.6)}V{_BASE}z"
            )
    return "".join(bars)


def level_effect(shown: Mapping[str, Any], title: Words) -> Html:
    """Return the mean answer for each level, with the spread of single rows and their counts."""
    levels, means = [str(level) for level in shown["grid"]], list(map(float, shown["mean"]))
    lines = [list(map(float, line)) for line in shown["lines"]]
    low, high = min(map(min, lines)), max(map(max, lines))
    start, end, step = 130, WIDTH - 48, 22
    width = (high - low) or 1.0

    def place(value: float) -> float:
        return rounded(start + (end - start) * (value - low) / width)

    drawn = []
    for index, (level, mean, count) in enumerate(zip(levels, means, shown["counts"], strict=True)):
        y = 12 + index * step
        single = "".join(f"M{place(line[index])} {y}h0" for line in lines)
        drawn += [
            tag("text", short(level), x=start - 10, y=y + 4, text_anchor="end"),
            tag("line", x1=start, x2=end, y1=y, y2=y, class_="rule"),
            tag("path", d=single, class_="dots faint"),
            tag("circle", cx=place(mean), cy=y, r=4, class_="ink"),
            tag("text", f"{count:,}", x=WIDTH - 2, y=y + 4, text_anchor="end"),
        ]
    foot = 12 + len(levels) * step
    ends = [
        tag("text", figure(near(value)), x=place(value), y=foot + 6, text_anchor="middle")
        for value in (low, high)
    ]
    return canvas(WIDTH, foot + 14, title, *drawn, *ends)


def near(value: float) -> float:
    """Return a number with the three digits that a mark has room for."""
    return float(f"{value:.3g}")


def short(level: str, room: int = _LETTERS) -> str:
    """Return a level as far as there is room for it; a Chinese character is two letters wide."""
    if _wide(level) <= room:
        return level
    while _wide(level) >= room:
        level = level[:-1]
    return level + "…"


def _wide(level: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in level)


def growth(
    curve: Sequence[Mapping[str, float]],
    points: Sequence[tuple[float, float, float]],
    present: float,
    title: Words,
    below: Words,
) -> Html:
    """Return the score by rows: what was seen, the law through it, and where it leads.

    Args:
        curve: Rows ``size``, ``score``, ``low``, ``high``.
        points: Size, score and standard error of what was seen.
        present: The rows there are; beyond them is a forecast.
        title: What is shown.
        below: Name of the x axis.
    """
    sizes = [float(row["size"]) for row in curve]
    ends = [row[name] for row in curve for name in ("low", "high")]
    ends += [score + sign * error for _, score, error in points for sign in (-1.0, 1.0)]
    axes = Axes.around([(log10(sizes[0]), min(ends)), (log10(sizes[-1]), max(ends))])
    upper = [(log10(row["size"]), row["high"]) for row in curve]
    lower = [(log10(row["size"]), row["low"]) for row in reversed(curve)]
    middle = [(log10(row["size"]), row["score"]) for row in curve]
    now = axes.at((log10(present), axes.bottom))[0]
    drawn: list[Html] = [
        tag("path", d=axes.path([*upper, *lower]) + "z", class_="band"),
        _frame(axes, [*(size for size, _, _ in points), 2 * present, 4 * present], below),
        tag("path", d=f"M{now} 12V{_BASE}", class_="curve ideal"),
        tag("path", d=axes.path(middle), class_="curve dashed"),
    ]
    for size, score, error in points:
        x, y = axes.at((log10(size), score))
        top, bottom = (axes.at((0.0, score + sign * error))[1] for sign in (1.0, -1.0))
        drawn.append(tag("path", d=f"M{x} {top}V{bottom}", class_="whisker"))
        drawn.append(tag("circle", cx=x, cy=y, r=3.5, class_="ink"))
    return canvas(WIDTH, HEIGHT, title, *drawn)


def _frame(axes: Axes, sizes: Sequence[float], below: Words) -> Html:
    """Return axes of which the lower one is told in rows, each step as many times as many."""
    plain = Axes(axes.left, axes.right, axes.bottom, axes.top)
    upright = plain.frame(below, numbered=False)
    marks, last = [], -100.0
    for size in sizes:
        x = axes.at((log10(size), axes.bottom))[0]
        if x - last >= 34:
            words = tag("text", _rows(size), x=x, y=_BASE + 15, text_anchor="middle")
            marks.append(words)
            last = x
    return join([upright, *marks])


def _rows(size: float) -> str:
    if size >= 10_000:
        return f"{size / 1000:.0f}k"
    return f"{size:,.0f}"
