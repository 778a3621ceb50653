"""Worlds that are grids: which square is which state, and pictures of a policy on it.

Source: Own; drawn with Pillow, since what draws Gymnasium's grids needs a library of windows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

WAYS = {
    "FrozenLakeEnv": ("left", "down", "right", "up"),
    "CliffWalkingEnv": ("up", "right", "down", "left"),
}
"""Where the actions of known grids lead."""
STEP = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
SQUARE = 48
MOST = 400
"""Squares of a grid that is drawn, at most."""
INK, PALE, WATER, GOAL, STRONG = (
    (40, 44, 52), (226, 230, 236), (92, 128, 166), (120, 176, 96), (214, 118, 44)
)  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """A world of squares.

    Args:
        letters: What stands on each square, row by row; ``""`` for nothing.
        ways: Where each action leads, of ``left``, ``right``, ``up``, ``down``; empty if unknown.
    """

    letters: tuple[tuple[str, ...], ...]
    ways: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.letters), len(self.letters[0])


def grid_of(inner: Any, states: int) -> Grid | None:
    """Return the grid that an environment is, or None where it is none.

    Args:
        inner: The environment itself: what has a map ``desc`` or a ``shape`` of its squares.
        states: Its states; a grid has one for each square.

    Example:
        >>> import gymnasium
        >>> lake = grid_of(gymnasium.make("FrozenLake-v1").unwrapped, 16)
        >>> lake.letters[3], lake.ways[1]
        (('H', 'F', 'F', 'G'), 'down')
    """
    drawn, shape = getattr(inner, "desc", None), getattr(inner, "shape", None)
    if drawn is not None and np.ndim(drawn) == 2:
        letters = tuple(
            tuple(cell.decode() if isinstance(cell, bytes) else str(cell) for cell in row)
            for row in np.asarray(drawn).tolist()
        )
    elif isinstance(shape, tuple) and len(shape) == 2:
        letters = (("",) * int(shape[1]),) * int(shape[0])
    else:
        return None
    fits = len(letters) * len(letters[0]) == states <= MOST
    return Grid(letters, WAYS.get(type(inner).__name__, ())) if fits else None


def picture(grid: Grid, actions: Sequence[int], at: int | None = None) -> Image.Image:
    """Draw a policy on a grid: an arrow on each square, and where one stands.

    Args:
        grid: The squares.
        actions: What the policy does on each, row by row.
        at: Where one stands, or None.

    Example:
        >>> picture(Grid((("S", "G"),), ("left", "right")), [1, 1], at=0).size
        (96, 48)
    """
    rows, columns = grid.shape
    image = Image.new("RGB", (columns * SQUARE, rows * SQUARE), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    colours = {"H": WATER, "G": GOAL, "S": PALE}
    for state, action in enumerate(actions):
        y, x = divmod(state, columns)
        letter = grid.letters[y][x]
        left, top = x * SQUARE, y * SQUARE
        box = left + 1, top + 1, left + SQUARE - 2, top + SQUARE - 2
        draw.rectangle(box, fill=colours.get(letter, (246, 248, 250)), outline=PALE)
        if letter in ("H", "G"):
            continue
        if grid.ways:
            _arrow(draw, left + SQUARE / 2, top + SQUARE / 2, grid.ways[action])
        else:
            draw.text((left + 6, top + 6), str(action), fill=INK)
    if at is not None:
        y, x = divmod(at, columns)
        middle = x * SQUARE + SQUARE / 2, y * SQUARE + SQUARE / 2
        size = SQUARE / 5
        draw.ellipse((middle[0] - size, middle[1] - size, middle[0] + size, middle[1] + size),
                     fill=STRONG, outline=INK)  # fmt: skip
    return image


def _arrow(draw: Any, x: float, y: float, way: str) -> None:
    """Draw an arrow about a point."""
    dx, dy = STEP[way]
    long, wide = SQUARE * 0.3, SQUARE * 0.13
    tip = x + dx * long, y + dy * long
    draw.line((x - dx * long, y - dy * long, *tip), fill=INK, width=3)
    angle = math.atan2(dy, dx)
    ends = [
        (tip[0] - 1.6 * wide * math.cos(angle + turn), tip[1] - 1.6 * wide * math.sin(angle + turn))
        for turn in (0.5, -0.5)
    ]
    draw.polygon([tip, *ends], fill=INK)
