"""A map of rows in two dimensions, by class or by value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from lingqu.core.i18n import Language
from lingqu.report.axes import rounded, words
from lingqu.report.markup import Html, pair, tag
from lingqu.report.svg import Words, canvas

HUES = 10
"""Classes that have a colour of their own; where there are more, the rarer ones are grey."""
SIDE, _EDGE = 420, 10
_LETTERS, _LETTER, _LINE = 18, 9, 16
"""Letters of a name, and the width and height of one."""


def coloured(points: Sequence[Sequence[Any]]) -> list[str]:
    """Return the classes that have a colour of their own, the most frequent first.

    Example:
        >>> coloured([[0, 0, "b", "b"], [0, 0, "a", "b"], [0, 0, "b", "b"]])
        ['b', 'a']
    """
    counted = Counter(str(point[2]) for point in points if point[2] is not None)
    names = sorted(counted, key=lambda name: (-counted[name], name))
    return names if len(names) <= HUES else names[: HUES - 1]


def scatter(told: Mapping[str, Any], classes: Sequence[str], title: Words) -> Html:
    """Return the map: a dot for each row, a cross where it was answered wrongly.

    Args:
        told: ``points`` and ``shares`` of an embedding.
        classes: Names of the classes; empty for values, of which the larger are darker.
        title: What is shown.
    """
    points = told["points"]
    axes = _Square([(float(p[0]), float(p[1])) for p in points])
    names = coloured(points) if classes else []
    dots = [_dot(*one, axes) for one in zip(points, _looks(points, names), strict=True)]
    signs = _signs(names, points, axes)
    below = [pair("see.axis", number=i + 1, share=f"{s:.0%}") for i, s in enumerate(told["shares"])]
    return canvas(SIDE, SIDE + 18, title, *_frame(below), *dots, *signs, kind="rows")


class _Square:
    """Where a point lies on the paper; both axes have one scale, so that distances are true."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        self._middle = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
        self._span = max(max(xs) - min(xs), max(ys) - min(ys)) or 1.0

    def at(self, x: float, y: float) -> tuple[float, float]:
        scale = (SIDE - 4 * _EDGE) / self._span
        across = SIDE / 2 + (x - self._middle[0]) * scale
        return rounded(across), rounded(SIDE / 2 - (y - self._middle[1]) * scale)


def _looks(points: Sequence[Sequence[Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return how each dot looks: the colour of its class, or a shade for its value."""
    if names:
        places = {name: f"hue{at}" for at, name in enumerate(names)}
        return [{"class_": places.get(str(point[2]), "rest")} for point in points]
    values = [float(p[2]) for p in points if p[2] is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    shares = [0.0 if p[2] is None else (p[2] - low) / ((high - low) or 1.0) for p in points]
    return [{"class_": "ink", "opacity": rounded(0.15 + 0.85 * share)} for share in shares]


def _dot(point: Sequence[Any], look: Mapping[str, Any], axes: _Square) -> Html:
    x, y = axes.at(float(point[0]), float(point[1]))
    dot = tag("circle", tag("title", f"{point[2]} → {point[3]}"), cx=x, cy=y, r=3.4, **look)
    if isinstance(point[3], str) and point[2] is not None and point[2] != point[3]:
        path = f"M{x - 4.5:.1f} {y - 4.5:.1f}l9 9m0 -9l-9 9"
        return tag("g", dot, tag("path", d=path, class_="cross"))
    return dot


def _signs(names: Sequence[str], points: Sequence[Sequence[Any]], axes: _Square) -> list[Html]:
    """Return the name of each class where the middle one of its rows lies, none on another."""
    middles = []
    for name in names:
        own = [p for p in points if str(p[2]) == name]
        x, y = axes.at(median(float(p[0]) for p in own), median(float(p[1]) for p in own))
        middles.append((y, x, name[:_LETTERS]))
    placed: list[tuple[float, float, str]] = []
    for y, x, name in sorted(middles):
        for above, across, other in placed:
            wide = _LETTER * (len(name) + len(other)) / 2
            if abs(x - across) < wide and y - above < _LINE:
                y = above + _LINE
        placed.append((y, x, name))
    return [
        tag("text", name, x=x, y=rounded(y + 4), text_anchor="middle", class_="sign")
        for y, x, name in placed
    ]


def _frame(below: Sequence[Mapping[Language, str]]) -> list[Html]:
    edge = tag("rect", x=1, y=1, width=SIDE - 2, height=SIDE - 2, class_="edge")
    across = tag("text", words(below[0]), x=SIDE / 2, y=SIDE + 14, text_anchor="middle")
    up = tag("text", words(below[1]), x=-SIDE / 2, y=14, transform="rotate(-90)",
             text_anchor="middle")  # fmt: skip
    return [edge, across, up]
