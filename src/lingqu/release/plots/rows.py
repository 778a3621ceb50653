"""The map of test rows, and the matrix of what was said of what was true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lingqu.release.plots.paper import ACCENT, HUES, QUIET, WRONG, paper, say


def rows(told: Mapping[str, Any], classes: Sequence[str]) -> Figure | None:
    """Return the map: a dot for each row by what is true, a cross where the answer was wrong.

    Args:
        told: ``points`` (two coordinates, truth, answer), ``shares``, ``of`` and ``width``.
        classes: Names; empty for values.

    Example:
        >>> points = [[0.0, 0.0, "a", "a"], [1.0, 0.0, "b", "a"], [2.0, 1.0, "b", "b"]]
        >>> figure = rows({"points": points, "shares": [0.8, 0.2]}, ["a", "b"])
        >>> [len(dots.get_offsets()) for dots in figure.axes[0].collections]
        [2, 1, 1]
    """
    points = told.get("points", ())
    if not points:
        return None
    figure = paper(6.4, 5.6)
    axes = figure.subplots()
    axes.set_title(say("see.map"))
    axes.set_aspect("equal", adjustable="datalim")
    shares = [f"{share:.0%}" for share in told["shares"]]
    axes.set_xlabel(say("see.axis", number=1, share=shares[0]))
    axes.set_ylabel(say("see.axis", number=2, share=shares[1]))
    places = np.array([point[:2] for point in points], dtype=np.float64)
    if classes:
        _by_class(axes, places, points)
    else:
        values = [np.nan if point[2] is None else float(point[2]) for point in points]
        dots = axes.scatter(places[:, 0], places[:, 1], c=values, s=16, cmap="viridis")
        figure.colorbar(dots, ax=axes, label=say("see.truth"))
    return figure


def _by_class(axes: Axes, places: np.ndarray[Any, Any], points: Sequence[Sequence[Any]]) -> None:
    names = [str(point[2]) for point in points]
    counted = Counter(names)
    order = sorted(counted, key=lambda name: (-counted[name], name))
    own = order if len(order) <= len(HUES) else order[: len(HUES) - 1]
    for name, colour in zip(own, HUES, strict=False):
        picked = [at for at, other in enumerate(names) if other == name]
        axes.scatter(places[picked, 0], places[picked, 1], s=16, color=colour, label=name)
    rest = [at for at, name in enumerate(names) if name not in own]
    if rest:
        axes.scatter(
            places[rest, 0], places[rest, 1], s=16, color=QUIET, alpha=0.5, label=say("see.others")
        )
    wrong = [at for at, p in enumerate(points) if p[2] is not None and p[2] != p[3]]
    if wrong:
        axes.scatter(
            places[wrong, 0],
            places[wrong, 1],
            s=44,
            marker="x",
            color="black",
            label=say("see.wrong"),
        )
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))


def confusion(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> Figure | None:
    """Return the matrix of counts, each row shaded by its shares; wrong ones in another colour.

    Example:
        >>> figure = confusion([[9, 1], [0, 5]], ["no", "yes"])
        >>> [words.get_text() for words in figure.axes[0].texts]
        ['9', '1', '5']
    """
    if not matrix:
        return None
    side = max(3.2, 0.55 * len(classes) + 1.4)
    figure = paper(side, side)
    axes = figure.subplots()
    counts = np.array(matrix, dtype=np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.eye(len(counts), dtype=bool)
    axes.imshow(_tinted(share, right))
    for (true, said), count in np.ndenumerate(counts):
        if count:
            colour = "white" if share[true, said] > 0.5 else "black"
            axes.text(said, true, f"{int(count)}", ha="center", va="center", color=colour)
    axes.set_title(say("see.confusion"))
    axes.set_xlabel(say("see.said"))
    axes.set_ylabel(say("see.truth"))
    axes.set_xticks(range(len(classes)), classes, rotation=45 if len(classes) > 5 else 0)
    axes.set_yticks(range(len(classes)), classes)
    return figure


def _tinted(share: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return colours between white and that of right or wrong, (K, K, 3)."""
    full = np.where(right[..., None], _rgb(ACCENT), _rgb(WRONG))
    return np.asarray(1 - share[..., None] * (1 - full))


def _rgb(colour: str) -> np.ndarray[Any, Any]:
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
