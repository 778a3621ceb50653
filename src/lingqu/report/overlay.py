"""Drawings on top of a picture: what an answer looks at, as shades on its blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.i18n import Language
from lingqu.report.axes import rounded
from lingqu.report.markup import Html, spoken, tag

Picture = Mapping[str, Any]
"""``uri``, a ``data:`` address, with ``width`` and ``height`` in pixels."""
Words = Mapping[Language, str]
LEAST = 0.15
"""Part of the greatest shade from which a block is shaded at all."""


def framed(picture: Picture, title: Words, *parts: object) -> Html:
    """Return a picture with drawings on it, in the picture's own pixels."""
    width, height = int(picture["width"]), int(picture["height"])
    below = tag("image", href=picture["uri"], width=width, height=height)
    return tag(
        "svg",
        below,
        *parts,
        viewBox=f"0 0 {width} {height}",
        class_="overlay",
        role="img",
        **spoken("aria-label", title),
    )


def patches(
    picture: Picture, grid: Sequence[Sequence[float]], title: Words, full: float = 0.0
) -> Html:
    """Return a picture whose blocks are shaded by what hiding them costs.

    A block that costs nothing, next to the one that costs most, is left clear; one without which
    the answer was surer is outlined.

    Args:
        picture: What is drawn on.
        grid: What hiding each block costs.
        title: What is shown.
        full: The least cost that gets the full shade: nothing is made to look like much.

    Example:
        >>> shown = {"uri": "data:,", "width": 8, "height": 4}
        >>> patches(shown, [[0.0, 0.5], [-0.5, 0.01]], {"en": "two", "zh": "二"}).count("<rect")
        2
    """
    most = max(full, *(abs(value) for line in grid for value in line)) or 1.0
    wide, tall = picture["width"] / len(grid[0]), picture["height"] / len(grid)
    drawn = [
        tag(
            "rect", x=rounded(wide * across), y=rounded(tall * down), width=rounded(wide),
            height=rounded(tall), class_="for" if value > 0 else "against",
            opacity=rounded(abs(value) / most),
        )
        for down, line in enumerate(grid)
        for across, value in enumerate(line)
        if abs(value) >= LEAST * most
    ]  # fmt: skip
    return framed(picture, title, *drawn)
