"""How far a forecast may be off, step by step, from what backtesting has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from lingqu.release.series.history import Floats, Ints

FEW = 40
"""Errors below which both sides share one width: too few to tell above from below."""


@dataclass(frozen=True)
class Widths:
    """The ends of an interval around a forecast, in units of its series.

    Args:
        below: How far below the value it starts, for each step ahead.
        above: How far above it ends.
        errors: Errors that it rests on.
        quantiles: How far above the value each asked quantile lies at each step (below it where
            negative), shape (Q, horizon).
    """

    below: Floats
    above: Floats
    errors: int
    quantiles: Floats


def widths(
    errors: Floats, steps: Ints, horizon: int, coverage: float, levels: Sequence[float] = ()
) -> Widths:
    """Return conformal widths of an interval per step, and quantiles where such are asked for.

    Errors of all steps are pooled after each is divided by what is usual at its step, so a few
    origins suffice; what is usual never shrinks with the distance.

    Args:
        errors: Truth minus forecast of backtested rows, in units of their series, (N,).
        steps: How many steps ahead each was, from 1, (N,).
        horizon: Steps for which widths are wanted.
        coverage: Share of values that should lie inside.
        levels: Quantiles that are told beside, between 0 and 1, rising.

    Example:
        >>> found = widths(np.array([1.0, -1.0, 2.0, -2.0]), np.array([1, 1, 2, 2]), 2, 0.5)
        >>> found.above.tolist()
        [1.0, 2.0]

    Source: Vovk, Gammerman and Shafer, "Algorithmic learning in a random world", 2005 (split
        conformal); errors scaled by step as in Lei et al., 2018,
        doi:10.1080/01621459.2017.1307116, section 5.2.
    """
    usual = _usual(np.abs(errors), steps, horizon)
    told = errors / usual[steps - 1]
    count = len(told)
    quantiles = np.array([_level(told, level) for level in levels])[:, None] * usual
    if count < FEW:
        side = _quantile(np.abs(told), coverage)
        return Widths(side * usual, side * usual, count, quantiles)
    tail = (1 - coverage) / 2
    above = max(0.0, _quantile(told, 1 - tail))
    below = max(0.0, _quantile(-told, 1 - tail))
    return Widths(below * usual, above * usual, count, quantiles)


def _level(told: Floats, level: float) -> float:
    """Return one quantile of the errors; of few errors one that is as far above as below."""
    if len(told) < FEW:
        side = _quantile(np.abs(told), abs(2 * level - 1)) if level != 0.5 else 0.0
        return side if level > 0.5 else -side
    return _quantile(told, level) if level >= 0.5 else -_quantile(-told, 1 - level)


def _quantile(values: Floats, share: float) -> float:
    """Return the conformal quantile: of n values the ⌈(n + 1) share⌉-th smallest."""
    place = min(len(values), ceil((len(values) + 1) * share))
    return float(np.sort(values)[place - 1])


def _usual(size: Floats, steps: Ints, horizon: int) -> Floats:
    """Return the mean size of errors per step, rising; steps that were not seen grow as √step."""
    seen = int(steps.max())
    total = np.bincount(steps - 1, weights=size, minlength=seen)
    number = np.bincount(steps - 1, minlength=seen)
    blocks: list[list[float]] = []  # mean, weight, steps: pooled where they would fall
    for one, many in zip(total, number, strict=True):
        blocks.append([one, max(float(many), 1e-9), 1.0])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    means = np.concatenate([np.full(int(b[2]), b[0] / b[1]) for b in blocks])
    means = np.maximum(means, max(1e-9, 1e-3 * float(means.max())))
    if seen < horizon:
        further = means[-1] * np.sqrt(np.arange(seen + 1, horizon + 1) / seen)
        means = np.concatenate([means, further])
    return means[:horizon]
