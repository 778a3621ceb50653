"""A policy on a grid: what each square is worth, and where one goes from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.report.axes import rounded
from lingqu.report.markup import Html, figure, join, pair, say, tag
from lingqu.report.svg import canvas
from lingqu.report.tables import part

Document = Mapping[str, Any]
SQUARE = 44
TURN = {"right": 0, "down": 90, "left": 180, "up": 270}
_ENDS = frozenset({"H", "G"})
"""Letters of squares on which nothing is done any more."""


def draw(notes: Document) -> Html:
    """Return the grid of a policy, or nothing where it has none."""
    grid = notes.get("grid")
    if not grid:
        return join([])
    letters, ways = grid["letters"], grid["ways"]
    values, actions = grid["values"], grid["actions"]
    top = max((abs(value) for row in values for value in row), default=0.0) or 1.0
    cells = [
        _cell(x, y, letters[y][x], values[y][x] / top, values[y][x], _way(ways, actions[y][x]))
        for y in range(len(letters))
        for x in range(len(letters[y]))
    ]
    width, height = SQUARE * len(letters[0]), SQUARE * len(letters)
    key = "grid_exact" if notes.get("exact") else "grid_early"
    told = say(f"tables.{key}", rounds=notes.get("rounds", 0), start=figure(values[0][0]))
    drawing = canvas(width, height, pair("tables.grid"), *cells, kind="map")
    return part(say("tables.grid"), tag("p", told), tag("figure", drawing))


def _way(ways: Sequence[str], action: int) -> str:
    return ways[action] if ways else str(action)


def _cell(x: int, y: int, letter: str, share: float, value: float, way: str) -> Html:
    """Return a square: the darker, the more it is worth; its letter, value and arrow."""
    left, top = x * SQUARE, y * SQUARE
    parts = [
        tag("rect", x=left, y=top, width=SQUARE, height=SQUARE, class_="ink",
            opacity=rounded(0.06 + 0.34 * max(0.0, share))),
        tag("rect", x=left, y=top, width=SQUARE, height=SQUARE, class_="edge"),
        tag("text", letter, x=left + 4, y=top + 13) if letter else None,
    ]  # fmt: skip
    if letter not in _ENDS:
        middle = f"{left + SQUARE / 2:g} {top + SQUARE / 2 - 2:g}"
        if way in TURN:
            path = "M-9 0H8M3 -4L9 0L3 4"
            turned = f"translate({middle}) rotate({TURN[way]})"
            parts.append(tag("path", d=path, transform=turned, class_="curve solid"))
        else:
            parts.append(tag("text", way, x=left + SQUARE / 2, y=top + SQUARE / 2))
        number = f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
        parts.append(tag("text", number, x=left + SQUARE - 3, y=top + SQUARE - 4,
                         text_anchor="end"))  # fmt: skip
    return tag("g", *parts)
