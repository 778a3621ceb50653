"""Axes of a chart: where a pair of numbers lies on the paper, and the frame around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10

from lingqu.core.i18n import Language
from lingqu.report.markup import LANGUAGES, TAGS, Html, figure, join, tag

WIDTH, HEIGHT = 360, 220
"""Units of a chart; one unit is one pixel on a phone."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 34

Point = tuple[float, float]


class Axes:
    """The frame of a chart: where a pair of numbers lies on the paper."""

    def __init__(self, left: float, right: float, bottom: float, top: float) -> None:
        self.left, self.right = left, right if right > left else left + 1.0
        self.bottom, self.top = bottom, top if top > bottom else bottom + 1.0

    @classmethod
    def around(cls, points: Sequence[Point]) -> Axes:
        """Return axes that hold all points, with a little room above and below.

        There is no room below 0 or above 1 for numbers that cannot go there.
        """
        xs, ys = [x for x, _ in points], [y for _, y in points]
        room = (max(ys) - min(ys)) * 0.06
        bottom, top = min(ys) - room, max(ys) + room
        bottom = max(0.0, bottom) if min(ys) >= 0 else bottom
        top = min(1.0, top) if max(ys) <= 1 else top
        return cls(min(xs), max(xs), bottom, top)

    def at(self, point: Point) -> Point:
        x = (point[0] - self.left) / (self.right - self.left)
        y = (point[1] - self.bottom) / (self.top - self.bottom)
        across, up = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
        return rounded(_LEFT + across * x), rounded(HEIGHT - _BOTTOM - up * y)

    def path(self, points: Sequence[Point]) -> str:
        return "M" + "L".join(f"{x} {y}" for x, y in map(self.at, points))

    def frame(self, below: Mapping[Language, str], numbered: bool = True) -> Html:
        """Return the two axes with round numbers, and the name of the lower one.

        Args:
            below: Name of the lower axis.
            numbered: Whether it has numbers.
        """
        base, edge = HEIGHT - _BOTTOM, WIDTH - _RIGHT
        parts = [
            tag("path", d=f"M{_LEFT} {_TOP}V{base}H{edge}", class_="axis"),
        ]
        for y in ticks(self.bottom, self.top):
            height = self.at((self.left, y))[1]
            parts.append(tag("path", d=f"M{_LEFT} {height}H{edge}", class_="rule"))
            parts.append(tag("text", figure(y), x=_LEFT - 6, y=height + 4, text_anchor="end"))
        for x in ticks(self.left, self.right) if numbered else ():
            across = self.at((x, self.bottom))[0]
            parts.append(tag("text", figure(x), x=across, y=base + 15, text_anchor="middle"))
        middle = (_LEFT + edge) / 2
        parts.append(tag("text", words(below), x=middle, y=base + 30, text_anchor="middle"))
        return join(parts)


def ticks(low: float, high: float) -> list[float]:
    """Return three to six round numbers between two ends.

    Example:
        >>> ticks(0.9, 1.0), ticks(1, 10)
        ([0.9, 0.92, 0.94, 0.96, 0.98, 1.0], [2.0, 4.0, 6.0, 8.0, 10.0])
    """
    rough = (high - low) / 4
    power = 10.0 ** floor(log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.8)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(step * index, 12) for index in range(first, last + 1)]


def words(said: Mapping[Language, str]) -> Html:
    """Return a text in both languages inside a drawing, of which the page shows one."""
    if said["en"] == said["zh"]:
        return join([said["en"]])
    return join(tag("tspan", said[to], lang=TAGS[to]) for to in LANGUAGES)


def rounded(value: float) -> float:
    """Return a coordinate with no more digits than can be seen."""
    return round(value, 1) if abs(value) >= 1 else round(value, 3)
