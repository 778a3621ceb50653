"""How large an error usually is near an answer: what an interval is measured in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Member

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PARTS = 5
"""Parts of the held-out rows: sizes and widths are judged on rows that they do not rest on."""
_BIN = 60
"""Rows of a bin of answers, at least."""
_MOST_BINS = 8
_PRIOR = 20
"""Rows for which the mean over all answers counts within a bin."""
FLOOR = 0.05
"""Smallest size of an error, as a share of the usual one: no interval shrinks to a point."""

Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Sizes:
    """A way to tell how large an error is.

    Args:
        name: ``even``, ``value`` (by the answer) or ``learned`` (by the row).
        held: Of each held-out row its size, told without that row, (N,).
        knots: Answers with sizes, for ``value``.
        scale: The learner, for ``learned``.
        floor: Smallest size that its answer counts as.
    """

    name: str
    held: Floats
    knots: Knots = ()
    scale: Member | None = None
    floor: float = 0.0


def even(errors: Floats) -> Sizes:
    """Return the size 1 for every row."""
    return Sizes("even", np.ones(len(errors)))


def by_value(answers: Floats, errors: Floats, parts: Ints) -> Sizes | None:
    """Return sizes that depend on the answer; None where the answers are too few or too alike.

    Large amounts are missed by larger amounts, above all where the model learned a logarithm.

    Args:
        answers: What was said of held-out rows, (N,).
        errors: Truth minus answer, (N,).
        parts: Part of each row, 0 to `PARTS` - 1.

    Source: errors normalised by their local size: Lei et al., "Distribution-free predictive
        inference for regression", 2018, doi:10.1080/01621459.2017.1307116, section 5.2.
    """
    size = np.abs(errors)
    knots = _knots(answers, size)
    if len(knots) < 2:
        return None
    held = np.ones(len(answers))
    for part in range(PARTS):
        here = parts == part
        others = _knots(answers[~here], size[~here])
        if len(others) < 2:
            return None
        held[here] = np.interp(answers[here], *np.array(others).T)
    return Sizes("value", held, knots)


def _knots(answers: Floats, size: Floats) -> Knots:
    """Return the mean size of errors in bins of equally many answers, drawn to that of all."""
    count = min(_MOST_BINS, len(answers) // _BIN)
    usual = float(size.mean()) if len(size) else 0.0
    if count < 2 or usual <= 0:
        return ()
    knots: list[tuple[float, float]] = []
    for rows in np.array_split(np.argsort(answers, kind="stable"), count):
        mean = (float(size[rows].sum()) + _PRIOR * usual) / (len(rows) + _PRIOR)
        at = float(np.float32(answers[rows].mean()))
        if knots and at <= knots[-1][0]:
            continue  # answers that are all the same make one knot
        knots.append((at, max(mean, FLOOR * usual)))
    return tuple(knots)
