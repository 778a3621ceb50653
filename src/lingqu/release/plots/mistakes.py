"""The surest mistakes, and what was taken for what: pictures, or the beginnings of texts."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lingqu.release.plots.paper import WRONG, bare, paper, pixels, said, say

Rows = Mapping[str, Mapping[str, Any]]
_ACROSS = 4
_LETTERS, _LINES = 30, 6


def worst(told: Sequence[int], rows: Rows) -> Figure | None:
    """Return the rows that were answered worst, the surest mistake first.

    Example:
        >>> rows = {"4": {"truth": "b", "said": "a", "sure": 0.9, "right": False, "text": "canal"}}
        >>> worst([4], rows).axes[0].texts[0].get_text()
        'canal'
    """
    if not told:
        return None
    down = -(-len(told) // _ACROSS)
    figure = paper(2.3 * _ACROSS, 2.5 * down)
    places = figure.subplots(down, _ACROSS, squeeze=False).ravel()
    for axes in places[len(told) :]:
        axes.remove()
    for row, axes in zip(told, places, strict=False):
        _shown(axes, row, rows[str(row)])
    return figure


def confused(told: Sequence[Mapping[str, Any]], rows: Rows) -> Figure | None:
    """Return examples of each pair of classes that were taken for each other, a pair a line.

    Example:
        >>> rows = {"4": {"truth": "b", "said": "a", "sure": 0.9, "right": False, "text": "canal"}}
        >>> pair = {"truth": "b", "said": "a", "count": 7, "rows": [4]}
        >>> confused([pair], rows).axes[0].get_ylabel()
        'b taken for a\\n7 times'
    """
    if not told:
        return None
    across = max(len(pair["rows"]) for pair in told)
    figure = paper(2.4 * across + 0.6, 2.5 * len(told))
    grid = figure.subplots(len(told), across, squeeze=False)
    for pair, line in zip(told, grid, strict=True):
        for axes in line[len(pair["rows"]) :]:
            axes.remove()
        for row, axes in zip(pair["rows"], line, strict=False):
            _shown(axes, row, rows[str(row)])
        times = say("see.once") if pair["count"] == 1 else say("see.times", count=pair["count"])
        words = say("see.pair", truth=pair["truth"], said=pair["said"])
        line[0].set_ylabel(f"{words}\n{times}")
    return figure


def _shown(axes: Axes, number: int, row: Mapping[str, Any]) -> None:
    bare(axes)
    colour = WRONG if row.get("right") is False else "black"
    title = f"{say('see.row', row=number + 1)}\n{said(row)}"
    axes.set_title(title, fontsize=9, color=colour)
    if row.get("picture"):
        axes.imshow(pixels(row["picture"]), cmap="gray", vmin=0, vmax=255)
        return
    lines = textwrap.wrap(str(row.get("text") or ""), _LETTERS)
    if any(ord(letter) > 0x2E7F for line in lines for letter in line):  # twice as wide
        lines = textwrap.wrap(str(row["text"]), _LETTERS // 2)
    more = [*lines[: _LINES - 1], "…"] if len(lines) > _LINES else lines
    axes.text(0.0, 1.0, "\n".join(more), va="top", fontsize=9)
