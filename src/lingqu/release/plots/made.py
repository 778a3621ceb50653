"""Grids of pictures: real ones, made ones, and what lies between made ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lingqu.release.plots.paper import bare, paper, say

_ACROSS, _SIDE = 10, 0.75
"""Pictures of a line, and the inches of one."""


def grids(told: Sequence[Mapping[str, Any]]) -> Figure | None:
    """Return each grid as lines of pictures beneath its name; None without any.

    Args:
        told: Of each grid its ``name`` and ``tiles``: ``image``, pixels 0–255, and ``label``.

    Example:
        >>> tiles = [{"image": [[0, 255]], "label": "1"}]
        >>> figure = grids([{"name": "made", "tiles": tiles}])
        >>> figure.axes[0].get_title(), figure.axes[0].images[0].get_array().tolist()
        ('1', [[0, 255]])
    """
    shown = [one for one in told if one["tiles"]]
    if not shown:
        return None
    downs = [-(-len(one["tiles"]) // _ACROSS) for one in shown]
    figure = paper(_ACROSS * _SIDE, sum(downs) * _SIDE * 1.3 + 0.4 * len(shown))
    parts = figure.subfigures(len(shown), squeeze=False, height_ratios=[d + 0.4 for d in downs])
    for one, part, down in zip(shown, parts[:, 0], downs, strict=True):
        part.suptitle(say(f"generate.grid_{one['name']}"), fontsize=10)
        places = part.subplots(down, _ACROSS, squeeze=False).ravel()
        for axes, tile in zip(places, one["tiles"], strict=False):
            bare(axes).imshow(np.asarray(tile["image"], np.uint8), cmap="gray", vmin=0, vmax=255)
            axes.set_title(tile["label"] or "", fontsize=7, pad=1)
        for axes in places[len(one["tiles"]) :]:
            axes.remove()
    return figure
