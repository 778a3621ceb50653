"""Intervals around values: several forms, and the one that is narrowest at equal coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Region
from lingqu.learn.regions.quantile import place_of, quantile
from lingqu.learn.regions.sizes import Floats, Ints, Sizes

SIDES = 100
"""Errors beyond each end of an interval for two ends of their own; fewer say too little."""
_SIDE_TAIL = 3
"""Errors that must lie beyond each end for that."""


class Reach(NamedTuple):
    """How far an interval goes below and above an answer, in sizes of an error."""

    below: float
    above: float


@dataclass(frozen=True)
class Found:
    """What came of a comparison.

    Args:
        region: The interval that is kept.
        form: ``even``, ``value`` or ``learned``, with ``, two sides`` where ends differ.
        scores: Mean interval score of each form on held-out rows, smaller is better.
        width: Mean width on held-out rows.
    """

    region: Region
    form: str
    scores: dict[str, float]
    width: float


def interval_region(
    errors: Floats,
    sizes: Sequence[Sizes],
    coverage: float,
    parts: Ints,
    units: NDArray[np.int64] | None = None,
) -> Found:
    """Return the interval with the best score on rows that it does not rest on.

    Every form keeps the coverage; what differs is how wide it is where. The first form stays
    unless another one is better by more than a standard error of the difference, so the simplest
    wins where nothing is gained.

    Args:
        errors: Truth minus answer of held-out rows, (N,).
        sizes: Forms, the simplest first.
        coverage: Share of the truth that the intervals shall hold.
        parts: Part of each row, 0 to `PARTS` - 1; rows of one group are in one.
        units: Group of each row, where rows of one group resemble each other.

    Example:
        >>> from lingqu.learn.regions.sizes import PARTS, even
        >>> errors = np.array([1.0, -2.0, 3.0, -4.0, 5.0, -6.0, 7.0, -8.0, 9.0])
        >>> found = interval_region(errors, [even(errors)], 0.9, np.arange(9) % PARTS)
        >>> found.region.below, found.region.above, found.form
        (9.0, 9.0, 'even')

    Source: cross-conformal prediction: Vovk, 2015, doi:10.1007/s10472-013-9368-4, and its kin
        CV+ of Barber et al., 2021, doi:10.1214/20-AOS1965; conformalised quantile regression:
        Romano, Patterson and Candès, NeurIPS 2019, arXiv:1905.03222; interval score: Gneiting
        and Raftery, 2007, doi:10.1198/016214506000001437, section 6.2.
    """
    best, scores, rows = ("", sizes[0], False), dict[str, float](), np.empty(0)
    for form in sizes:
        for sided in (False, True):
            if sided and not _can_side(len(errors), coverage, units):
                continue
            lost = _score(errors, form, coverage, parts, units, sided)
            name = f"{form.name}, two sides" if sided else form.name
            scores[name] = float(lost.mean())
            gain = rows - lost if best[0] else np.ones(1)
            doubt = float(gain.std()) / np.sqrt(len(gain)) if best[0] else 0.0
            if float(gain.mean()) > doubt:
                best, rows = (name, form, sided), lost
    name, form, sided = best
    reach = _reach(errors / form.held, coverage, _count(units), sided)
    region = Region(
        coverage, len(errors), below=reach.below, above=reach.above, knots=form.knots,
        scale=form.scale, floor=form.floor,
    )  # fmt: skip
    return Found(region, name, scores, float((sum(reach) * form.held).mean()))


def _count(units: NDArray[np.int64] | None) -> int | None:
    return None if units is None else len(np.unique(units))


def _can_side(rows: int, coverage: float, units: NDArray[np.int64] | None) -> bool:
    """Tell whether each tail holds enough rows to have a quantile of its own."""
    place = place_of(rows, 1 - (1 - coverage) / 2, _count(units))
    return rows >= SIDES and rows - place >= _SIDE_TAIL


def _reach(told: Floats, coverage: float, units: int | None, sided: bool) -> Reach:
    if not sided:
        far = quantile(np.abs(told), coverage, units)
        return Reach(far, far)
    share = 1 - (1 - coverage) / 2
    return Reach(*(max(0.0, quantile(side * told, share, units)) for side in (-1.0, 1.0)))


def _score(
    errors: Floats,
    form: Sizes,
    coverage: float,
    parts: Ints,
    units: NDArray[np.int64] | None,
    sided: bool,
) -> Floats:
    """Return the interval score of each row, with ends from the other parts."""
    told, lost = errors / form.held, np.zeros(len(errors))
    for part in np.unique(parts):
        here = parts == part
        rest = told[~here] if (~here).any() else told
        count = None if units is None else len(np.unique(units[~here] if (~here).any() else units))
        below, above = _reach(rest, coverage, count, sided)
        size, error = form.held[here], errors[here]
        missed = np.maximum(0.0, -error - below * size) + np.maximum(0.0, error - above * size)
        lost[here] = (below + above) * size + 2 / (1 - coverage) * missed
    return lost
