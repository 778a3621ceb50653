"""Scores of boxes around objects: how well they lie, and how many are found.

A box is a mapping of ``label``, ``x`` and ``y`` (its left upper corner), ``width`` and ``height``
in pixels, and ``sure`` where somebody says it.

Source: Everingham et al., "The PASCAL visual object classes challenge: a retrospective", 2015,
doi:10.1007/s11263-014-0733-5 (area under the whole curve, one box found once); Lin et al.,
"Microsoft COCO", 2014, arXiv:1405.0312 (the mean over overlaps from 0.5 to 0.95).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Box = Mapping[str, Any]
OVERLAPS: tuple[float, ...] = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""How much of a box and a true one must be common, for the mean over all of them."""
_SIDES = ("x", "y", "width", "height")


@dataclass(frozen=True)
class Matched:
    """What was found of one label at one overlap.

    Args:
        row: Picture of each box that was said, the surest first, (D,).
        hit: Whether it is the surest on a true box that no surer one has, (D,).
        true: True boxes of the label in each picture, (N,).
    """

    row: NDArray[np.int64]
    hit: NDArray[np.bool_]
    true: Floats


def corners(boxes: Sequence[Box]) -> Floats:
    """Return left, top, right and bottom of boxes, (M, 4)."""
    sides = np.array([[box[side] for side in _SIDES] for box in boxes], dtype=np.float64)
    sides = sides.reshape(-1, 4)
    return np.hstack([sides[:, :2], sides[:, :2] + sides[:, 2:]])


def overlaps(one: Floats, other: Floats) -> Floats:
    """Return intersection over union of every pair of boxes, (A, 4), (B, 4) → (A, B).

    Example:
        >>> overlaps(np.array([[0, 0, 2, 2.0]]), np.array([[1, 0, 3, 2.0]])).round(3).tolist()
        [[0.333]]
    """
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    sizes = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (one, other)]
    whole = sizes[0][:, None] + sizes[1][None, :] - common
    found: Floats = np.divide(common, whole, out=np.zeros_like(common), where=whole > 0)
    return found


def matched(
    wanted: Sequence[Sequence[Box]], said: Sequence[Sequence[Box]], levels: Sequence[float]
) -> list[list[Matched]]:
    """Match boxes that were said with true ones, label by label and overlap by overlap.

    Args:
        wanted: True boxes of each picture.
        said: Boxes that were said of each.
        levels: Overlaps from which a box counts as found.

    Returns:
        For each label that is true somewhere, in order, one result for each overlap.
    """
    true, told = [list(map(_by_label, side)) for side in (wanted, said)]
    labels = sorted({label for row in true for label in row})
    return [
        _of_label(
            [row.get(label, []) for row in true], [row.get(label, []) for row in told], levels
        )
        for label in labels
    ]


def _by_label(boxes: Sequence[Box]) -> dict[str, list[Box]]:
    found: dict[str, list[Box]] = {}
    for box in boxes:
        found.setdefault(str(box["label"]), []).append(box)
    return found


def _of_label(
    wanted: Sequence[list[Box]], said: Sequence[list[Box]], levels: Sequence[float]
) -> list[Matched]:
    rows: list[int] = []
    sures: list[float] = []
    hits: list[list[bool]] = []
    true = np.array([len(boxes) for boxes in wanted], dtype=np.float64)
    for row, (want, have) in enumerate(zip(wanted, said, strict=True)):
        if not have:
            continue
        order = sorted(range(len(have)), key=lambda place: -sure_of(have[place]))
        have = [have[place] for place in order]
        rows += [row] * len(have)
        sures += [sure_of(box) for box in have]
        common = overlaps(corners(have), corners(want))
        hits += np.stack([_taken(common, level) for level in levels], axis=1).tolist()
    ranked = np.argsort(-np.array(sures), kind="stable")
    row_of, hit = np.array(rows, dtype=np.int64)[ranked], np.array(hits, dtype=bool)
    hit = hit.reshape(len(rows), len(levels))[ranked]
    return [Matched(row_of, hit[:, place], true) for place in range(len(levels))]


def _taken(common: Floats, level: float) -> NDArray[np.bool_]:
    """Return which boxes find a true one: in order, each takes the best that is left, (D,)."""
    free = np.ones(common.shape[1], dtype=bool)
    found = np.zeros(len(common), dtype=bool)
    for place, row in enumerate(common):
        left = np.where(free, row, -1.0)
        best = int(left.argmax()) if len(left) else -1
        if best >= 0 and left[best] >= level:
            free[best], found[place] = False, True
    return found


def sure_of(box: Box) -> float:
    """Return how sure a box is; 1 where nobody says."""
    sure = box.get("sure")
    return 1.0 if sure is None else float(sure)


def mean_precision(found: Sequence[Sequence[Matched]], weights: Floats) -> Floats:
    """Return the mean, over labels and overlaps, of the area under precision over recall.

    Args:
        found: Of `matched`.
        weights: How often each picture counts, (B, N).

    Returns:
        (B,); NaN where no box is true. Labels without a true box among the counted pictures are
        left out.
    """
    parts = [[_area(one, weights) for one in label] for label in found]
    if not parts:
        return np.full(len(weights), np.nan)
    each = np.array([np.mean(label, axis=0) for label in parts])  # (labels, B)
    there = np.array([(weights @ label[0].true) > 0 for label in found])
    count = there.sum(axis=0)
    total = np.where(there, each, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _area(found: Matched, weights: Floats) -> Floats:
    """Return the area under the precision, made to fall, over the recall, (B,)."""
    drawn = weights[:, found.row]  # (B, D)
    hits = np.cumsum(drawn * found.hit, axis=1)
    all_said = np.cumsum(drawn, axis=1)
    precision = np.divide(hits, all_said, out=np.zeros_like(hits), where=all_said > 0)
    falling = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    gained = (drawn * found.hit * falling).sum(axis=1)
    true = weights @ found.true
    return np.asarray(gained / np.where(true > 0, true, 1.0), dtype=np.float64)


def counts(wanted: Sequence[Sequence[Box]], said: Sequence[Sequence[Box]]) -> Floats:
    """Return of each picture how many boxes were found (at 0.5), said and true, (N, 3).

    Example:
        >>> one = {"label": "7", "x": 0, "y": 0, "width": 9, "height": 9}
        >>> counts([[one]], [[one, {**one, "x": 30}]]).tolist()
        [[1.0, 2.0, 1.0]]
    """
    rows = np.zeros((len(wanted), 3))
    for row, (want, have) in enumerate(zip(wanted, said, strict=True)):
        rows[row, 1:] = len(have), len(want)
        for label in {str(box["label"]) for box in want}:
            mine = [box for box in have if str(box["label"]) == label]
            true = [box for box in want if str(box["label"]) == label]
            mine.sort(key=lambda box: -sure_of(box))
            if mine:
                rows[row, 0] += _taken(overlaps(corners(mine), corners(true)), OVERLAPS[0]).sum()
    return rows


def precision(sums: Floats) -> Floats:
    """Return the share of boxes that were said that are true, (B, 3) → (B,)."""
    return _share(sums[:, 0], sums[:, 1])


def recall(sums: Floats) -> Floats:
    """Return the share of true boxes that were found, (B, 3) → (B,)."""
    return _share(sums[:, 0], sums[:, 2])


def _share(part: Floats, whole: Floats) -> Floats:
    found: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return found
