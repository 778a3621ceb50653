"""A moving picture of an episode: as the environment draws itself, or as curves of what it said.

Source: CompuServe, Graphics Interchange Format, version 89a, 1990; written with Pillow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lingqu.environment.episodes import Policy
from lingqu.environment.grid import Grid, grid_of, picture
from lingqu.environment.observed import Floats
from lingqu.environment.place import Place
from lingqu.environment.watched import Watched

FRAMES = 60
"""Pictures of a film, at most: evenly over the episode."""
SIDE = (300, 200)
"""Width and height of what we draw ourselves."""
PAUSE_MS = 80
INK, PALE, STRONG = (40, 44, 52), (200, 204, 210), (32, 110, 180)
WARM, PAPER = (214, 118, 44), (255, 255, 255)
_RECENT = 80
"""Steps of a curve that are seen at a time."""
Pixels = NDArray[np.uint8]


def film_of(place: Place, policy: Policy, seed: int) -> bytes:
    """Play an episode and return it as a GIF.

    An environment that can draw itself without a window does (``rgb_array``); of Gymnasium's
    CartPole, whose drawing needs a library that is no part of this, we draw cart and pole; of all
    others, curves of the observation and marks of the actions.
    """
    drawn: Sequence[Pixels | Image.Image] = _itself(place, policy, seed)
    if not drawn:
        opened = Watched(place)
        rows, actions = _walk(opened, policy, seed)
        name = place.name.removeprefix("gym:")
        if name.startswith("CartPole"):
            drawn = [cart(row, action) for row, action in _some(rows, actions)]
        elif (grid := grid_of(opened.inner, opened.observed.levels[0])) is not None:
            drawn = on_grid(grid, rows, policy)
        else:
            said = opened.observed.said(np.array(actions)).to_list()
            told = [one if isinstance(one, str) else f"{one:.4g}" for one in said]
            drawn = curves(rows, told, [p.column.name for p in opened.observed.parts])
    return gif(drawn)


def gif(pictures: Sequence[Pixels | Image.Image]) -> bytes:
    """Return pictures as one GIF that goes on for ever.

    Example:
        >>> gif([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)])[:6]
        b'GIF89a'
    """
    images = [one if isinstance(one, Image.Image) else Image.fromarray(one) for one in pictures]
    images = [_small(one).quantize(32) for one in images]
    out = BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=PAUSE_MS, loop=0,
                   optimize=True)  # fmt: skip
    return out.getvalue()


def _small(image: Image.Image) -> Image.Image:
    scale = max(1.0, image.width / SIDE[0], image.height / (1.5 * SIDE[1]))
    size = round(image.width / scale), round(image.height / scale)
    return image.convert("RGB").resize(size)


def _itself(place: Place, policy: Policy, seed: int) -> list[Pixels]:
    """Return pictures that the environment draws; none where it draws none here."""
    try:
        opened = Watched(place, render_mode="rgb_array")
        pictures: list[Pixels] = []
        row, over = opened.reset(seed), False
        while not over:
            pictures.append(np.asarray(opened.environment.render(), dtype=np.uint8))
            action = policy(row[None], [opened.observation])[0].item()
            row, _, ended, cut = opened.step(action)
            over = ended or cut or len(pictures) >= opened.limit
        opened.close()
    except Exception:  # whatever a library of windows raises, there is another way to draw
        return []
    usable = pictures and all(one.ndim == 3 and one.shape[2] == 3 for one in pictures)
    return [pictures[i] for i in _chosen(len(pictures))] if usable else []


def _walk(opened: Watched, policy: Policy, seed: int) -> tuple[Floats, list[Any]]:
    row, rows, actions, over = opened.reset(seed), [], [], False
    while not over:
        rows.append(row)
        actions.append(policy(row[None], [opened.observation])[0].item())
        row, _, ended, cut = opened.step(actions[-1])
        over = ended or cut
    opened.close()
    return np.stack(rows), actions


def _chosen(count: int) -> list[int]:
    even = np.linspace(0, count - 1, min(FRAMES, count)).astype(int)
    places: list[int] = np.unique(even).tolist()
    return places


def _some(rows: Floats, actions: Sequence[int]) -> list[tuple[Floats, int]]:
    return [(rows[i], actions[i]) for i in _chosen(len(rows))]


def cart(row: Floats, action: int) -> Image.Image:
    """Draw a cart on its track, the pole on it, and the push as an arrow.

    Args:
        row: Position (m, ±2.4), speed, angle (rad), and its speed.
        action: 0 pushes to the left, 1 to the right.
    """
    width, height = SIDE
    image = Image.new("RGB", SIDE, PAPER)
    draw = ImageDraw.Draw(image)
    ground, x = height - 50, width / 2 + float(row[0]) / 2.4 * (width / 2 - 20)
    draw.line((10, ground + 12, width - 10, ground + 12), fill=PALE, width=2)
    draw.rectangle((x - 25, ground - 10, x + 25, ground + 10), fill=INK)
    angle = float(row[2])
    top = x + 100 * np.sin(angle), ground - 10 - 100 * np.cos(angle)
    draw.line((x, ground - 10, *top), fill=WARM, width=7)
    draw.ellipse((x - 4, ground - 14, x + 4, ground - 6), fill=STRONG)
    way = 1 if action == 1 else -1
    tip = x + way * 48
    draw.line((x + way * 28, ground, tip, ground), fill=STRONG, width=3)
    draw.polygon([(tip, ground - 6), (tip, ground + 6), (tip + way * 8, ground)], fill=STRONG)
    return image


def on_grid(grid: Grid, rows: Floats, policy: Policy) -> list[Image.Image]:
    """Draw where one stood on a grid step by step, and an arrow of the policy on each square."""
    states = math.prod(grid.shape)
    every = np.repeat(rows[:1], states, axis=0)
    every[:, 0] = np.arange(states)
    actions = policy(every, list(range(states))).tolist()
    return [picture(grid, actions, int(row[0])) for row in rows[_chosen(len(rows))]]


def curves(rows: Floats, said: Sequence[str], names: Sequence[str]) -> list[Image.Image]:
    """Draw the observation as curves that grow step by step, and what was done at each."""
    shown = min(4, rows.shape[1], len(names))
    low, high = rows[:, :shown].min(axis=0), rows[:, :shown].max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    pictures = []
    for end in _chosen(len(rows)):
        image = Image.new("RGB", SIDE, PAPER)
        draw = ImageDraw.Draw(image)
        start = max(0, end + 1 - _RECENT)
        for line in range(shown):
            _curve(draw, (rows[start : end + 1, line] - low[line]) / span[line], line, shown)
            top = 4 + line * (SIDE[1] - 24) // shown
            draw.text((6, top), f"{_plain(names[line])} {rows[end, line]:.4g}", fill=INK)
        draw.text((6, SIDE[1] - 16), f"{end + 1}: {_plain(said[end])}", fill=WARM)
        pictures.append(image)
    return pictures


def _curve(draw: Any, heights: Floats, line: int, lines: int) -> None:
    width, tall = SIDE[0] - 20, (SIDE[1] - 24) // lines - 18
    bottom = (line + 1) * (SIDE[1] - 24) // lines - 2
    points = [
        (10 + width * place / max(1, _RECENT - 1), bottom - float(height) * tall)
        for place, height in enumerate(heights)
    ]
    if len(points) > 1:
        draw.line(points, fill=STRONG, width=2)


def _plain(word: str) -> str:
    """Return what the small font of Pillow can draw: other letters as question marks."""
    return word.encode("latin-1", "replace").decode("latin-1")
