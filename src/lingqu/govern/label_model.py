"""A logistic model out of fold, as a judge of labels; it needs no fitting library."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lingqu.govern.label_judges import softmax

FOLDS = 5
PENALTY = 1.0
MOST_WORK = 2e8
"""Rows × width × classes above which the logistic model of plain columns is left out."""
_STEPS = 100
_TOLERANCE = 1e-3
"""Mean gradient at which a fit ends."""

Matrix = NDArray[np.float64]
Codes = NDArray[np.intp]


def folds(given: Codes, seed: int) -> Codes:
    """Return the fold of each row; every fold holds its share of every class, to within a row.

    Example:
        >>> np.bincount(folds(np.array([0] * 10 + [1] * 5), 0)[10:])
        array([1, 1, 1, 1, 1])
    """
    order = np.random.default_rng(seed).permutation(len(given))
    order = order[np.argsort(given[order], kind="stable")]
    fold = np.empty(len(given), dtype=np.intp)
    fold[order] = np.arange(len(given)) % FOLDS
    return fold


def linear_votes(features: Matrix, given: Codes, seed: int) -> Matrix:
    """Return class probabilities of a logistic model, for each row by a fit without its fold.

    Args:
        features: Shape (N, D).
        given: Index of the given class, shape (N,).
        seed: Seed of the folds.

    Returns:
        Shape (N, K), rows sum to 1.
    """
    fold = folds(given, seed)
    seen = np.concatenate([features, np.ones((len(given), 1))], axis=1)
    votes = np.zeros((len(given), int(given.max()) + 1))
    for held in range(FOLDS):
        test = np.flatnonzero(fold == held)
        known, codes = np.unique(given[fold != held], return_inverse=True)
        weights = _logistic(seen[fold != held], np.eye(len(known))[codes])
        votes[np.ix_(test, known)] = softmax(seen[test] @ weights)
    return votes


def _logistic(seen: Matrix, wanted: Matrix) -> Matrix:
    """Return weights, shape (D + 1, K), of the least logistic loss with a quadratic penalty.

    Steps are those of Newton's method with a bound in place of the curvature, so that one inverse
    serves all classes and steps, and no step overshoots; momentum makes up for the bound. Two
    classes have two opposite sets of weights here, hence twice the penalty for the same model.

    Source: The bound: Böhning, Ann. Inst. Stat. Math. 44 (1992), doi:10.1007/BF00048682;
        momentum: Nesterov (1983), begun again as in O'Donoghue & Candès, Found. Comput. Math. 15
        (2015), arXiv:1204.3982.
    """
    penalty = np.full(seen.shape[1], PENALTY * (2.0 if wanted.shape[1] == 2 else 1.0))
    penalty[-1] = 1e-6  # of the constant
    bound = seen.T @ seen / 2
    bound[np.diag_indices_from(bound)] += penalty
    inverse = np.linalg.inv(bound)
    weights = ahead = np.zeros((seen.shape[1], wanted.shape[1]))
    pace = 1.0
    for _ in range(_STEPS):
        slope = seen.T @ (softmax(seen @ ahead) - wanted) + penalty[:, None] * ahead
        moved = ahead - inverse @ slope
        if float((slope * (moved - weights)).sum()) > 0:  # the momentum leads uphill
            pace, ahead = 1.0, moved
        else:
            faster = (1 + np.sqrt(1 + 4 * pace**2)) / 2
            ahead = moved + (pace - 1) / faster * (moved - weights)
            pace = faster
        weights = moved
        if float(np.abs(slope).max()) < _TOLERANCE * len(seen):
            break
    return weights
