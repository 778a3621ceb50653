"""From the votes of judges to suspects, without sweeping a rare class away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

DOUBT = 0.2
"""A label is suspect when its chance is below this part of what labels of its class get on
average, and another label's is greatest; chosen on flips of fifteen tables, pictures and texts of
which none is in the benchmark."""
FEWEST = 5
"""Classes with fewer rows cannot be judged: nothing else shows what they look like."""
MOST_OF_A_CLASS = 1 / 3
"""Largest share of a class that may be suspect; beyond it the judges do not know the class."""

Matrix = NDArray[np.float64]
Codes = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """What the judges say of N rows.

    Args:
        score: By which to rank, shape (N,): minus the chance that the given label is wrong, -1 for
            the most doubtful. Taking off what a class usually gets, the greatest other chance, or
            choosing among these by flips planted into the data, ranks worse wherever classes are
            hard to tell apart.
        other: Index of the likeliest other label, shape (N,).
        suspect: Whether the label is doubted, shape (N,).
        few: Indices of classes with too few rows to judge.
        unknown: Indices of classes of which only the worst third was taken.
        low: Lower end of the estimated share of wrong labels.
        share: The estimated share of wrong labels.
        high: Upper end.
    """

    score: Matrix
    other: Codes
    suspect: Flags
    few: tuple[int, ...]
    unknown: tuple[int, ...]
    low: float
    share: float
    high: float


def margins(votes: Matrix, given: Codes) -> tuple[Matrix, Codes]:
    """Return the chance of the given label less the greatest other, and which that is."""
    rows = np.arange(len(given))
    own = votes[rows, given]
    rest = votes.copy()
    rest[rows, given] = -1.0
    return own - rest.max(axis=1), rest.argmax(axis=1)


def judge(judges: Sequence[Matrix], shares: Sequence[float], given: Codes) -> Judged:
    """Return suspects from the weighted mean of the judges.

    How many labels are wrong lies between the suspects (strongly doubted) and all labels that
    every judge would exchange for the same other one; the estimate is the middle, the interval
    goes from the lower end of the one count to the upper end of the other. Where classes are
    hard to tell apart, the second count holds honest labels too, and the interval is wide.

    Args:
        judges: Votes, each of shape (N, K).
        shares: Weight of each judge.
        given: Index of the given class, shape (N,).
    """
    votes = np.asarray(sum(s * v for s, v in zip(shares, judges, strict=True)))
    margin, other = margins(votes, given)
    rows = np.arange(len(given))
    own = votes[rows, given]
    sizes = np.bincount(given, minlength=votes.shape[1])
    usual = np.bincount(given, weights=own, minlength=votes.shape[1]) / np.maximum(sizes, 1)
    judged = sizes[given] >= FEWEST
    agreed = np.all([v[rows, other] > v[rows, given] for v in judges], axis=0)
    lenient = (margin < 0) & agreed & judged
    strict = (margin < 0) & (own < DOUBT * usual[given]) & judged
    suspect, unknown = _bounded(strict, own, given, sizes)
    least, most = sorted((int(suspect.sum()), int(lenient.sum())))
    count = len(given)
    return Judged(
        own - 1.0,
        other,
        suspect,
        tuple(np.flatnonzero((sizes > 0) & (sizes < FEWEST)).tolist()),
        unknown,
        wilson(least, count)[0],
        (least + most) / 2 / count,
        wilson(most, count)[1],
    )


def _bounded(
    suspect: Flags, score: Matrix, given: Codes, sizes: Codes
) -> tuple[Flags, tuple[int, ...]]:
    """Return suspects with no more than a third of any class, and the classes that had more."""
    held, unknown = suspect.copy(), []
    for code in range(len(sizes)):
        rows = np.flatnonzero(suspect & (given == code))
        most = int(sizes[code] * MOST_OF_A_CLASS)
        if rows.size > most:
            unknown.append(code)
            held[rows[np.argsort(score[rows], kind="stable")[most:]]] = False
    return held, tuple(unknown)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share.

    Example:
        >>> [round(end, 3) for end in wilson(5, 100)]
        [0.022, 0.112]

    Source: Wilson, JASA 22 (1927), doi:10.1080/01621459.1927.10502953.
    """
    z, share = 1.96, hits / count
    middle = share + z * z / (2 * count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    whole = 1 + z * z / count
    low, high = (middle - half) / whole, (middle + half) / whole
    return max(0.0, min(low, share)), min(1.0, max(high, share))
