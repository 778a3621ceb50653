"""What a model of curves says, as a few numbers that a report can draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.learn.tabular.additive import Additive, Term
from lingqu.release.blocks import BLOCKS

Floats = NDArray[np.float64]
MOST = 20
"""Curves and tables that are kept, the weightiest first."""
POINTS = 256
"""Steps of a curve that are kept, usually all; of more, neighbours are told together."""
_SHARED, _FEWEST = 1024, 32
"""Steps that the curves of all classes share, and those that each keeps."""
CELLS = 16
"""Steps of each side of a table that are kept: a map of more is not read."""


def shapes(
    model: Additive, encoding: Mapping[str, Json], spread: float, classes: Sequence[str] = ()
) -> list[dict[str, Json]]:
    """Return the weightiest curves of an additive model.

    Args:
        model: The model.
        encoding: What its tensor is made of.
        spread: Unit of its scores: that of the values, or 1 for log-odds.
        classes: Those that were seen, where there are more than two: each has its own curves.

    Returns:
        Per term ``columns``, ``weight`` (mean size of what it adds), and ``sides``, one per
        column: ``from`` (where each step begins; the first has no beginning) or, for a category,
        ``levels``. ``adds`` and ``spread`` (between single fits) have an entry per step, for a
        pair a row of entries; a curve also says what a ``missing`` value adds. Of more than two
        classes, each column has a curve ``of`` each: what is added to its log chance beside the
        mean of all classes, without which a curve would be one of many that say the same.
    """
    names, levels = _places(encoding)
    found = []
    for term in model.terms:
        columns = [names[feature] for feature in term.features]
        known = [levels[feature] for feature in term.features]
        each = [("", term)] if not classes else _per_class(term, model.several, classes)
        most = min(POINTS, max(_FEWEST, _SHARED // len(each)))
        found.append([_shape(one, columns, known, spread, most, of) for of, one in each])
    found.sort(key=lambda those: -max(told["weight"] for told in those))
    return [told for those in found[:MOST] for told in those]


def _per_class(term: Term, several: bool, classes: Sequence[str]) -> list[tuple[str, Term]]:
    """Return what a term adds to each class, beside the mean of all."""
    scores, spread = term.scores, term.spread
    if not several:  # of two classes seen, these are the log-odds of the second
        scores, spread = (np.stack([np.zeros_like(s), s], axis=-1) for s in (scores, spread))
    scores = scores - scores.mean(-1, keepdims=True)
    return [
        (name, replace(term, scores=scores[..., place], spread=spread[..., place]))
        for place, name in enumerate(classes)
    ]


def _shape(
    term: Term, columns: list[str], levels: list[list[str]], unit: float, most: int, of: str
) -> dict[str, Json]:
    counted = term.rows.sum() > 0
    weight = float(np.average(np.abs(term.scores), weights=term.rows)) if counted else 0.0
    told: dict[str, Json] = {
        "columns": columns,
        "weight": short(weight * unit),
        **_steps(term, levels, unit, most),
        **({"of": of} if of else {}),
    }
    if len(term.features) == 1:
        told["missing"] = short(float(term.scores[0]) * unit)
    return told


def _steps(term: Term, levels: list[list[str]], unit: float, most: int) -> dict[str, Json]:
    """Return the steps of each column, and what is added in each."""
    inside = (slice(1, -1),) * len(term.features)  # without what is missing or unknown
    adds, spread, rows = (part[inside] for part in (term.scores, term.spread, term.rows))
    rows = np.maximum(rows, 1e-9)
    # The spread is pooled as a variance: fits that differ here and there do not cancel out.
    adds, spread = rows * adds, rows * spread**2
    sides: list[dict[str, Json]] = []
    for axis, (cuts, names) in enumerate(zip(term.cuts, levels, strict=True)):
        if names:
            names = names[:POINTS]
            at = np.searchsorted(cuts, np.arange(len(names)), side="right")
            adds, spread, rows = (np.take(part, at, axis) for part in (adds, spread, rows))
            sides.append({"levels": names})
            continue
        starts = _starts(adds / rows, spread / rows, rows, axis, most)
        adds, spread, rows = (np.add.reduceat(p, starts, axis) for p in (adds, spread, rows))
        sides.append({"from": [None, *(_border(cuts[start - 1]) for start in starts[1:])]})
    return {
        "sides": sides,
        "adds": _shorts(adds / rows * unit),
        "spread": _shorts(np.sqrt(spread / rows) * unit),
    }


def _starts(adds: Floats, spread: Floats, rows: Floats, axis: int, most: int) -> NDArray[np.int64]:
    """Return where steps begin: where something changes, and not too often."""
    both = np.stack([np.moveaxis(part, axis, 0) for part in (adds, spread)], axis=1)
    flat = both.reshape(len(both), -1)
    changes = np.append(0, 1 + np.flatnonzero((np.abs(np.diff(flat, axis=0)) > 1e-9).any(1)))
    most = most if adds.ndim == 1 else CELLS
    if len(changes) <= most:
        return changes
    each = np.moveaxis(rows, axis, 0).reshape(len(flat), -1).sum(1)
    before = np.concatenate([[0.0], np.cumsum(each)[:-1]]) / each.sum()
    part = np.minimum((before[changes] * most).astype(np.int64), most - 1)
    return changes[np.flatnonzero(np.diff(part, prepend=-1))]


def _shorts(values: Floats) -> list[Json]:
    """Return numbers with the digits that can be seen, in lists as they lie in the array."""
    if values.ndim > 1:
        return [_shorts(row) for row in values]
    return [short(value) for value in values]


def _border(value: float) -> float:
    """Return where a step begins, so finely that no row changes sides."""
    return float(f"{float(value):.8g}")


def short(value: float) -> float:
    """Return a number with the digits that can be seen."""
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
