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
        spread: Standard deviation of the scores between fits; 0 where there is one.
    """

    features: tuple[int, ...]
    cuts: tuple[Floats, ...]
    scores: Floats
    rows: Floats
    spread: Floats


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
    said: dict[tuple[int, ...], list[Floats]] = {}
    bins: dict[tuple[int, ...], tuple[tuple[Floats, ...], Floats]] = {}
    for learner in learners:
        for features, scores, rows in zip(
            learner.term_features_, learner.term_scores_, learner.bin_weights_, strict=True
        ):
            key = tuple(int(feature) for feature in features)
            said.setdefault(key, []).append(np.asarray(scores, dtype=np.float64))
            known = [learner.bins_[feature] for feature in key]
            cuts = tuple(
                np.asarray(each[min(len(each), len(key)) - 1], dtype=np.float64) for each in known
            )
            bins[key] = cuts, np.asarray(rows, dtype=np.float64)
    terms = tuple(_term(key, *bins[key], each, len(learners)) for key, each in said.items())
    starts = [np.atleast_1d(np.asarray(learner.intercept_, np.float64)) for learner in learners]
    start = np.mean(starts, axis=0)
    return Additive(terms, start, len(start) > 1)


def _term(
    features: tuple[int, ...], cuts: tuple[Floats, ...], rows: Floats, said: list[Floats], fits: int
) -> Term:
    """Return the mean of what each fit says; a pair that a fit has not found adds nothing there."""
    each = np.stack([*said, *[np.zeros_like(said[0])] * (fits - len(said))])
    return Term(features, cuts, each.mean(0), rows, each.std(0))
