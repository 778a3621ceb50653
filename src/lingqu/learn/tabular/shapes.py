"""What a model of curves says, as a few numbers that a report can draw."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.learn.tabular.additive import Additive
from lingqu.release.blocks import BLOCKS

MOST = 20
"""Curves that are kept, the weightiest first."""
POINTS = 32
"""Steps of a curve that are kept."""


def shapes(model: Additive, encoding: Mapping[str, Json], spread: float) -> list[dict[str, Json]]:
    """Return the weightiest curves of an additive model of one sum.

    Args:
        model: The model.
        encoding: What its tensor is made of.
        spread: Unit of its scores: that of the values, or 1 for log-odds.

    Returns:
        Per term ``columns``, ``weight`` (mean size of what it adds), and for one column
        ``from`` (where each step begins; the first has no beginning), ``adds`` (what each step
        adds), ``missing`` (what a missing value adds) and, for a category, ``levels``. Nothing
        for more than two classes, where a curve alone says little.
    """
    if model.several:
        return []
    names, levels = _places(encoding)
    found = []
    for term in model.terms:
        counted = term.rows.sum() > 0
        weight = float(np.average(np.abs(term.scores), weights=term.rows)) if counted else 0.0
        told: dict[str, Json] = {
            "columns": [names[feature] for feature in term.features],
            "weight": _short(weight * spread),
        }
        if len(term.features) == 1:
            curve = term.scores * spread
            told |= _curve(term.cuts[0], curve, term.rows, levels[term.features[0]])
        found.append(told)
    return sorted(found, key=lambda told: -told["weight"])[:MOST]


def _curve(
    cuts: NDArray[np.float64],
    scores: NDArray[np.float64],
    rows: NDArray[np.float64],
    levels: list[str],
) -> dict[str, Json]:
    """Return a curve in at most `POINTS` steps of about the same number of rows."""
    inside, weight = scores[1:-1], np.maximum(rows[1:-1], 1e-9)
    if levels:
        step = np.searchsorted(cuts, np.arange(min(len(levels), POINTS)), side="right")
        return {
            "levels": levels[:POINTS], "adds": [_short(inside[i]) for i in step],
            "missing": _short(scores[0]),
        }  # fmt: skip
    before = np.concatenate([[0.0], np.cumsum(weight)[:-1]]) / weight.sum()
    part = np.minimum((before * POINTS).astype(np.int64), POINTS - 1)
    if len(inside) <= POINTS:
        part = np.arange(len(inside))
    starts = np.flatnonzero(np.diff(part, prepend=-1))
    sums = np.add.reduceat(inside * weight, starts) / np.add.reduceat(weight, starts)
    return {
        "from": [None, *(_short(cuts[start - 1]) for start in starts[1:])],
        "adds": [_short(value) for value in sums], "missing": _short(scores[0]),
    }  # fmt: skip


def _short(value: float) -> float:
    return float(f"{float(value):.4g}")


def _places(encoding: Mapping[str, Json]) -> tuple[list[str], list[list[str]]]:
    """Return for each tensor position what it is made of, and the levels whose code it holds."""
    names: list[str] = []
    levels: list[list[str]] = []
    for block in encoding["blocks"]:
        width = BLOCKS[block["type"]](block).width
        if block["type"] == "numbers":
            names += block["columns"]
        elif width == 1:
            names.append(str(block.get("column", block["type"])))
        else:
            own = block.get("column", block["type"])
            names += [f"{own}[{place}]" for place in range(width)]
        known = list(block["levels"]) if block["type"] == "ordinal" else []
        levels += [known] * width if width == 1 else [[]] * width
    return names, levels
