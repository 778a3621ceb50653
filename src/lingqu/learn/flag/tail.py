"""From a raw score to the share of training rows that look at least as odd, inside the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from lingqu.learn.tabular.graph import Step

Floats = NDArray[np.float64]
MOST = 60.0
"""Largest surprise that is told: nothing is less likely than one in 10²⁶."""
_COARSE = np.linspace(1.0, 0.1, 19)
_PER_TEN = 8
"""Knots for each tenfold rarer share: the tail is told finely."""
_EXCESS = 0.1
"""Share of the rows from which the tail beyond the last one is drawn."""
_APART = 1e-5
"""Nearest knots, in ranges of the scores: nearer ones would only tell rounding."""


@dataclass(frozen=True)
class Tail:
    """Surprise, −ln of the share of rows at least as odd, as a rising line of pieces.

    Args:
        knots: Scores at which a piece begins, rising, (K,).
        base: Surprise there, (K,).
        slope: Rise per score behind it, (K,); the last piece goes on for ever, as an exponential
            tail does.
    """

    knots: Floats
    base: Floats
    slope: Floats

    def surprise(self, scores: Floats) -> Floats:
        """Return −ln of the share, between 0 and `MOST`."""
        at = np.maximum(np.searchsorted(self.knots, scores, side="right") - 1, 0)
        risen = self.base[at] + self.slope[at] * (scores - self.knots[at])
        found: Floats = np.clip(risen, 0.0, MOST)
        return found

    def steps(self, scores: str, surprise: str) -> list[Step]:
        """Return the nodes from scores (N, 1) to surprises (N, 1)."""
        # (N, K) comparisons → number of the piece, (N,)
        return [
            ("GreaterOrEqual", [scores, "tail_knots"], ["tail_passed"], {}),
            ("Cast", ["tail_passed"], ["tail_ones"], {"to": TensorProto.INT64}),
            ("ReduceSum", ["tail_ones", "tail_axis"], ["tail_count"], {"keepdims": 1}),
            ("Sub", ["tail_count", "tail_one"], ["tail_before"], {}),
            ("Max", ["tail_before", "tail_zero"], ["tail_piece"], {}),
            ("Gather", ["tail_knots", "tail_piece"], ["tail_from"], {"axis": 0}),
            ("Gather", ["tail_base", "tail_piece"], ["tail_start"], {"axis": 0}),
            ("Gather", ["tail_slope", "tail_piece"], ["tail_rate"], {"axis": 0}),
            ("Sub", [scores, "tail_from"], ["tail_way"], {}),
            ("Mul", ["tail_way", "tail_rate"], ["tail_rise"], {}),
            ("Add", ["tail_start", "tail_rise"], ["tail_free"], {}),
            ("Max", ["tail_free", "tail_least"], ["tail_floored"], {}),
            ("Min", ["tail_floored", "tail_most"], [surprise], {}),
        ]

    def constants(self) -> dict[str, Any]:
        """Return the tensors that the nodes name."""
        return {
            "tail_knots": self.knots, "tail_base": self.base, "tail_slope": self.slope,
            "tail_axis": np.array([1]), "tail_one": np.array(1), "tail_zero": np.array(0),
            "tail_least": np.array(0.0), "tail_most": np.array(MOST),
        }  # fmt: skip


def fit_tail(scores: Floats) -> Tail:
    """Learn how scores are spread.

    Args:
        scores: Of the training rows, greater is odder, (N,).

    Example:
        >>> tail = fit_tail(np.arange(1000.0))
        >>> [round(float(np.exp(-t)), 3) for t in tail.surprise(np.array([0.0, 500.0, 990.0]))]
        [1.0, 0.5, 0.01]

    Source: The exponential tail beyond what was seen: Pickands, "Statistical inference using
        extreme order statistics", 1975, doi:10.1214/aos/1176343003 (shape 0).
    """
    ordered = np.sort(np.asarray(scores, dtype=np.float64))
    count = len(ordered)
    # Also of few rows a tail is wanted, so that the oddest is not as odd as half of them.
    fine = 10.0 ** -np.arange(1.0, max(np.log10(count), 1.0) + 1e-9, 1.0 / _PER_TEN)
    shares = np.concatenate([_COARSE, fine[1:], [1.0 / count]])
    values = np.unique(ordered[count - np.maximum(1, np.ceil(shares * count)).astype(int)])
    reach = float(values[-1] - values[0])
    kept = [values[0]]
    kept += [value for value in values[1:] if value - kept[-1] > _APART * reach]
    knots = np.array(kept).astype(np.float32).astype(np.float64)
    at_least = count - np.searchsorted(ordered, np.array(kept), side="left")
    base = -np.log(at_least / count)
    steps = np.diff(knots)
    slope = np.append(np.divide(np.diff(base), steps, out=np.zeros_like(steps), where=steps > 0),
                      _beyond(ordered, reach))  # fmt: skip
    return Tail(knots, base, slope)


def _beyond(ordered: Floats, reach: float) -> float:
    """Return the rate of an exponential tail: one over the mean excess of the oddest rows."""
    start = ordered[int((1 - _EXCESS) * (len(ordered) - 1))]
    above = ordered[ordered > start]
    excess = float((above - start).mean()) if len(above) else 0.0
    least = max(1e-3 * reach, 1e-6 * abs(float(ordered[-1])), 1e-6)
    return 1.0 / max(excess, least)


def to_answers(surprise: str) -> tuple[list[Step], dict[str, Any]]:
    """Return the nodes from surprises (N, 1) to probabilities of normal and anomaly, (N, 2)."""
    steps: list[Step] = [
        ("Neg", [surprise], ["less"], {}),
        ("Exp", ["less"], ["normal"], {}),
        ("Sub", ["certain", "normal"], ["anomaly"], {}),
        ("Concat", ["normal", "anomaly"], ["probabilities"], {"axis": 1}),
    ]
    return steps, {"certain": np.array(1.0)}
