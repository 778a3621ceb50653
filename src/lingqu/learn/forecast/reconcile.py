"""How forecasts of series and of their sums are made to fit together: what backtesting says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingqu.core.nouns import Json
from lingqu.learn.forecast.intervals import Widths, widths
from lingqu.release.series.coherent import BOTTOM_UP, added_up, projection
from lingqu.release.series.history import Floats, Ints
from lingqu.release.series.sums import Sums

MOST = 2_000
"""Series above which only bottom-up is tried: least squares over all would be slow to answer."""
_FEWEST = 3
"""Origins below which no gain can be told from chance."""
METHODS = (BOTTOM_UP, "structure", "variance")


@dataclass(frozen=True)
class Held:
    """Backtested values of all sums and series, each forecast by itself.

    Args:
        said: (M, nodes): a moment is one step behind one origin; NaN where there is none.
        truth: The same of the truth.
        steps: How many steps ahead each lay, (M, nodes).
        origin: Origin of each moment, (M,).
        units: Of each node, (nodes,).
    """

    said: Floats
    truth: Floats
    steps: Ints
    origin: Ints
    units: Floats


@dataclass(frozen=True)
class Coherence:
    """What was found.

    Args:
        method: ``bottom_up``, ``structure`` or ``variance``.
        weights: Variances of `projection`; empty for bottom-up.
        ends: Widths of each level, from the sum of all to the series.
        scores: Of each method its mean scaled error over the levels, where it was tried.
        levels: Name and mean scaled error of each level.
        gain: By how much the best least squares beat bottom-up per origin, and its standard
            error; NaN where it was not tried.
    """

    method: str
    weights: Floats
    ends: tuple[Widths, ...]
    scores: Mapping[str, float]
    levels: tuple[tuple[str, float], ...]
    gain: tuple[float, float]

    def to_json(self, sums: Sums, floor: float | None) -> dict[str, Json]:
        """Return what travels in the series block."""
        return {
            **sums.to_json(),
            "method": self.method,
            "weights": [float(f"{w:.7g}") for w in self.weights],
            "floor": floor,
            "widths": [
                {"below": one.below.tolist(), "above": one.above.tolist(),
                 "quantiles": one.quantiles.tolist()}
                for one in self.ends
            ],
        }  # fmt: skip


def cohere(
    sums: Sums, held: Held, horizon: int, coverage: float, levels: Sequence[float],
    floor: float | None,
) -> Coherence:  # fmt: skip
    """Choose how sums and series are made to fit, and how far they may be off.

    Bottom-up unless weighted least squares gains more than one standard error over the origins.
    Variances are never taken from the origin that they are judged on.

    Args:
        sums: The hierarchy.
        held: What backtesting said.
        horizon: Steps ahead.
        coverage: Share of values that an interval should hold.
        levels: Quantiles that are told beside.
        floor: No value of a series is below it.
    """
    usual = added_up(sums, held.said, None, floor)  # NaN where a part is missing
    found = {BOTTOM_UP: usual}
    whole = np.isfinite(held.said).all(1) & np.isfinite(held.truth).all(1)
    origins = np.unique(held.origin[whole])
    if len(origins) >= _FEWEST and len(sums.leaves) <= MOST:
        for method in METHODS[1:]:
            found[method] = _tried(sums, held, whole, method, floor)
    losses = {name: _by_origin(sums, held, table, whole) for name, table in found.items()}
    best, gain = BOTTOM_UP, (float("nan"), float("nan"))
    if len(found) > 1:
        best = min(METHODS[1:], key=lambda name: float(losses[name].mean()))
        ahead = losses[BOTTOM_UP] - losses[best]
        gain = float(ahead.mean()), float(ahead.std(ddof=1) / np.sqrt(len(ahead)))
        best = best if gain[0] > gain[1] else BOTTOM_UP
    weights = np.zeros(0) if best == BOTTOM_UP else _weights(sums, held, whole, best)
    ends, told = _ends(sums, held, found[best], horizon, coverage, levels)
    scores = {name: float(loss.mean()) for name, loss in losses.items() if len(loss)}
    return Coherence(best, weights, ends, scores, told, gain)


def _tried(sums: Sums, held: Held, whole: Any, method: str, floor: float | None) -> Floats:
    """Return the values of a method at every whole moment, weights taken from other origins."""
    table = np.full(held.said.shape, np.nan)
    for origin in np.unique(held.origin[whole]):
        here = whole & (held.origin == origin)
        weights = _weights(sums, held, whole & (held.origin != origin), method)
        table[here] = added_up(sums, held.said[here], projection(sums, weights), floor)
    return table


def _weights(sums: Sums, held: Held, rows: Any, method: str) -> Floats:
    if method == "structure":
        return np.asarray(sums.matrix.sum(1))
    square: Floats = np.square(held.said[rows] - held.truth[rows]).mean(0)
    # Nothing is known so well that it may not give way at all.
    least: Floats = 1e-3 * np.square(held.units)
    return np.asarray(np.maximum(square, least))


def _by_origin(sums: Sums, held: Held, table: Floats, whole: Any) -> Floats:
    """Return of each origin the mean over the levels of the scaled errors."""
    level = sums.nodes[1]
    found = []
    for origin in np.unique(held.origin[whole]):
        here = whole & (held.origin == origin)
        error = np.abs(table[here] - held.truth[here]) / held.units
        found.append(np.mean([error[:, level == k].mean() for k in range(len(sums.levels))]))
    return np.array(found)


def _ends(
    sums: Sums, held: Held, table: Floats, horizon: int, coverage: float, levels: Sequence[float]
) -> tuple[tuple[Widths, ...], tuple[tuple[str, float], ...]]:
    """Return the widths of each level and its mean scaled error."""
    ends, told = [], []
    scaled = (held.truth - table) / held.units
    for number, (name, _) in enumerate(sums.levels):
        here = sums.nodes[1] == number
        errors, steps = scaled[:, here], held.steps[:, here]
        seen = np.isfinite(errors) & (steps > 0)
        if not seen.any():  # no origin had all parts: as wide as what could be seen
            errors, steps = scaled, held.steps
            seen = np.isfinite(errors) & (steps > 0)
        ends.append(widths(errors[seen], steps[seen], horizon, coverage, levels))
        told.append((name, float(np.abs(errors[seen]).mean())))
    return tuple(ends), tuple(told)
