"""Few rows are divided into folds several times: one division alone is luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lingqu.learn.folds import Folds

FEW = 2000
"""Rows below which folds are repeated."""
TIMES = 3


def repeated(folds: Folds, rows: int, again: Callable[[int], Folds]) -> Folds:
    """Return the folds with further divisions of the same rows behind them.

    Args:
        folds: The first division.
        rows: How many rows there are.
        again: Divides them once more, by the number of the repeat.

    Source: Kohavi, "A study of cross-validation and bootstrap", IJCAI 1995.
    """
    if rows >= FEW or folds.limit < 3 or folds.scheme not in ("stratified", "random"):
        return folds
    pairs = list(folds.pairs)
    for turn in range(1, TIMES):
        pairs += again(turn).pairs
    return replace(folds, pairs=tuple(pairs), limit=len(pairs), base=folds.limit)
