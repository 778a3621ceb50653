"""Axes of a chart: where a pair of numbers lies on the paper, and the frame around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
        """Return axes that hold all points, with a little room above and below."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        room = (max(ys) - min(ys)) * 0.06
        return cls(min(xs), max(xs), min(ys) - room, max(ys) + room)

    def at(self, point: Point) -> Point:
        x = (point[0] - self.left) / (self.right - self.left)
        y = (point[1] - self.bottom) / (self.top - self.bottom)
        across, up = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
        return rounded(_LEFT + across * x), rounded(HEIGHT - _BOTTOM - up * y)

    def path(self, points: Sequence[Point]) -> str:
        return "M" + "L".join(f"{x} {y}" for x, y in map(self.at, points))

    def frame(self, below: Mapping[Language, str]) -> Html:
        """Return the two axes with three numbers each, and the name of the lower one."""
        floor, edge = HEIGHT - _BOTTOM, WIDTH - _RIGHT
        parts = [
            tag("path", d=f"M{_LEFT} {_TOP}V{floor}H{edge}", class_="axis"),
        ]
        for share in (0.0, 0.5, 1.0):
            x = self.left + share * (self.right - self.left)
            y = self.bottom + share * (self.top - self.bottom)
            at_x, at_y = self.at((x, y))
            anchor = {0.0: "start", 0.5: "middle", 1.0: "end"}[share]
            if share:
                parts.append(tag("path", d=f"M{_LEFT} {at_y}H{edge}", class_="rule"))
            parts.append(tag("text", _tick(y), x=_LEFT - 6, y=at_y + 4, text_anchor="end"))
            if share != 0.5:
                parts.append(tag("text", _tick(x), x=at_x, y=floor + 15, text_anchor=anchor))
        middle = (_LEFT + edge) / 2
        parts.append(tag("text", words(below), x=middle, y=floor + 28, text_anchor="middle"))
        return join(parts)


def _tick(value: float) -> str:
    return figure(float(f"{value:.3g}")).rstrip("0").rstrip(".") if value % 1 else figure(value)


def words(said: Mapping[Language, str]) -> Html:
    """Return a text in both languages inside a drawing, of which the page shows one."""
    if said["en"] == said["zh"]:
        return join([said["en"]])
    return join(tag("tspan", said[to], lang=TAGS[to]) for to in LANGUAGES)


def rounded(value: float) -> float:
    """Return a coordinate with no more digits than can be seen."""
    return round(value, 1) if abs(value) >= 1 else round(value, 3)
