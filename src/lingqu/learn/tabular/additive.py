"""What several fits of an additive model on the same bins say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Term:
    """What one column, or a pair of them, adds.

    Args:
        features: Tensor positions.
        cuts: Rising borders of the bins of each.
        scores: One axis per column, first bin for missing, last for none of the known; one more
            axis where there are several sums.
        rows: Weight of the training rows in each bin.
    """

    features: tuple[int, ...]
    cuts: tuple[Floats, ...]
    scores: Floats
    rows: Floats


@dataclass(frozen=True)
class Additive:
    """A sum of terms.

    Args:
        terms: In the order in which they were first met.
        start: What is added to each sum, (1,) or (classes seen,).
        several: Whether there is a sum for each class seen.
    """

    terms: tuple[Term, ...]
    start: Floats
    several: bool


def mean_of(learners: Sequence[Any]) -> Additive:
    """Return the mean of fitted explainable boosting machines that share their bins."""
    found: dict[tuple[int, ...], Term] = {}
    for learner in learners:
        for features, scores, rows in zip(
            learner.term_features_, learner.term_scores_, learner.bin_weights_, strict=True
        ):
            key = tuple(int(feature) for feature in features)
            share = np.asarray(scores, dtype=np.float64) / len(learners)
            before = found.get(key)
            if before is not None:
                share = before.scores + share
            known = [learner.bins_[feature] for feature in key]
            cuts = tuple(
                np.asarray(each[min(len(each), len(key)) - 1], dtype=np.float64) for each in known
            )
            found[key] = Term(key, cuts, share, np.asarray(rows, dtype=np.float64))
    starts = [np.atleast_1d(np.asarray(learner.intercept_, np.float64)) for learner in learners]
    start = np.mean(starts, axis=0)
    return Additive(tuple(found.values()), start, len(start) > 1)
