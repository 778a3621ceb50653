"""What answers rest on: shaded words, and blocks of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure

from lingqu.release.plots.paper import ACCENT, WRONG, bare, paper, pixels, said, say

Rows = Mapping[str, Mapping[str, Any]]
_WIDE, _LINE, _SIZE = 9.0, 0.26, 10
"""Inches of a text's paper and of a line; points of a letter."""
_LETTERS = 90
FULL = 0.02
"""The least chance that must be lost for the full shade, as in the report."""


def words(told: Sequence[Mapping[str, Any]], rows: Rows) -> Figure | None:
    """Return texts whose words are shaded by what is lost without them, underlined where gained.

    Example:
        >>> rows = {"0": {"truth": "good", "said": "good", "sure": 0.9, "right": True}}
        >>> parts = [["a ", 0.0], ["good ", 0.5], ["canal", -0.1]]
        >>> figure = words([{"row": 0, "column": "note", "parts": parts}], rows)
        >>> [piece.get_text() for piece in figure.axes[0].texts]
        ['a', 'good', 'canal']
    """
    if not told:
        return None
    heights = [1 + sum(_width(p) for p, _ in one["parts"]) // _LETTERS for one in told]
    figure = paper(_WIDE, sum(_LINE * tall + 0.6 for tall in heights))
    grid = figure.subplots(len(told), squeeze=False, height_ratios=[h + 1.0 for h in heights])
    for one, axes in zip(told, grid[:, 0], strict=True):
        row = rows[str(one["row"])]
        axes.set_title(f"{say('see.row', row=one['row'] + 1)}   {said(row)}", loc="left")
        axes.set_xlim(0, _WIDE)
    figure.draw_without_rendering()  # places the axes, so that letters can be measured
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    for one, axes, tall in zip(told, grid[:, 0], heights, strict=True):
        axes.set_ylim(-tall, 0.3)
        _written(bare(axes), one["parts"], rows[str(one["row"])], renderer)
    return figure


def _width(piece: str) -> int:
    """Return letters of a piece; Chinese ones are twice as wide."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in piece)


def _written(
    axes: Axes, parts: Sequence[Sequence[Any]], row: Mapping[str, Any], renderer: RendererBase
) -> None:
    """Write a text word by word, each behind the one before, in as many lines as it takes."""
    full = max(abs(lost) for _, lost in parts) or 1.0
    full = max(full, FULL) if row.get("sure") is not None else full
    scale = axes.transData.inverted()
    x, y = 0.0, 0.0
    for piece, lost in parts:
        shown = str(piece).rstrip()
        share = min(1.0, abs(lost) / full)
        colour = ACCENT if lost > 0 else WRONG
        box = {"facecolor": colour, "alpha": 0.55 * share, "edgecolor": "none", "pad": 1.0}
        text = axes.text(x, y, shown, va="top", fontsize=_SIZE, bbox=box if share > 0.1 else None)
        ends = scale.transform(text.get_window_extent(renderer))[:, 0]
        if ends[1] > _WIDE and x > 0:
            ends, x, y = ends - x, 0.0, y - 1.0
            text.set_position((x, y))
        x = float(ends[1]) + (0.07 if len(shown) < len(str(piece)) else 0.02)


def patches(told: Sequence[Mapping[str, Any]], rows: Rows) -> Figure | None:
    """Return pictures as they are, and beneath what hiding each block costs.

    Example:
        >>> patches([], {}) is None
        True
    """
    if not told:
        return None
    figure = paper(2.3 * len(told), 5.2)
    grid = figure.subplots(2, len(told), squeeze=False)
    for column, one in enumerate(told):
        row = rows[str(one["row"])]
        picture, lost = pixels(row["picture"]), np.array(one["grid"], dtype=np.float64)
        tall, wide = picture.shape[:2]
        full = max(float(np.abs(lost).max()), FULL if row.get("sure") is not None else 1e-12)
        for axes in grid[:, column]:
            bare(axes).imshow(picture, cmap="gray", vmin=0, vmax=255)
        grid[0][column].set_title(f"{say('see.row', row=one['row'] + 1)}\n{said(row)}", fontsize=9)
        shade = grid[1][column].imshow(
            lost, cmap="BrBG", vmin=-full, vmax=full, alpha=np.minimum(0.8, np.abs(lost) / full),
            extent=(-0.5, wide - 0.5, tall - 0.5, -0.5), interpolation="nearest",
        )  # fmt: skip
        figure.colorbar(shade, ax=grid[1][column], location="bottom", label=say("see.lost"))
    return figure
