"""The judges of labels that need no fitting library: a kernel ridge fit and the nearest rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST_CENTRES = 600
"""Centres of the kernel features."""
NEIGHBOURS = 10
WIDTHS = (0.5, 1.0, 2.0)
"""Narrowness of the kernel, in units of one over the features' total variance."""
PENALTIES = (0.01, 0.1, 1.0)
"""Penalty per row and centre."""
_TRIED_ROWS, _TRIED_CENTRES = 1500, 300
"""What the kernel is chosen on."""
_BLOCK = 1024
"""Rows whose distances are held at once: 160 MB at 20,000 rows."""
FLOOR = 1e-3
"""Least chance that a judge may give: one sure judge must not silence the others."""
_ROUNDS = 50

Matrix = NDArray[np.float64]
Codes = NDArray[np.intp]
Kernel = tuple[float, float]
"""Narrowness and penalty."""


def kernel_votes(encoded: Matrix, given: Codes, seed: int) -> Matrix:
    """Return class probabilities from a Gaussian-kernel ridge fit, each row left out exactly.

    Args:
        encoded: Features, shape (N, D).
        given: Index of the given class, shape (N,).
        seed: Chooses the kernel centres.

    Returns:
        Shape (N, K), rows sum to 1.
    """
    wanted = np.eye(int(given.max()) + 1)[given]
    return calibrated(left_out(encoded, wanted, seed, best_kernel(encoded, wanted, seed)), given)


def best_kernel(encoded: Matrix, wanted: Matrix, seed: int) -> Kernel:
    """Return the kernel with the least squared error on rows left out, judged on a sample.

    Source: PRESS: Allen, Technometrics 16 (1974), doi:10.1080/00401706.1974.10489157.
    """
    random = np.random.default_rng(seed)
    rows = np.sort(random.choice(len(wanted), min(len(wanted), _TRIED_ROWS), replace=False))
    tried = encoded[rows]
    picked = random.choice(len(tried), min(len(tried), _TRIED_CENTRES), replace=False)
    apart = distances(tried, tried[np.sort(picked)]) / _scatter(encoded)
    found = [
        (*ridge_left_out(_seen(width * apart), wanted[rows], _per(rows, picked))[1:], width)
        for width in WIDTHS
    ]
    _, place, width = min(found)
    return width, PENALTIES[place]


def left_out(encoded: Matrix, wanted: Matrix, seed: int, kernel: Kernel) -> Matrix:
    """Return what a Gaussian-kernel ridge fit says of each row when that row is left out.

    Args:
        encoded: Features, shape (N, D).
        wanted: What is to be predicted, shape (N, K).
        seed: Chooses the kernel centres.
        kernel: Its narrowness and its penalty.
    """
    rows, (width, penalty) = len(wanted), kernel
    random = np.random.default_rng(seed)
    picked = random.choice(rows, min(rows, MOST_CENTRES), replace=False)
    apart = distances(encoded, encoded[np.sort(picked)]) / _scatter(encoded)
    return ridge_left_out(_seen(width * apart), wanted, [penalty * rows / len(picked)])[0]


def _scatter(encoded: Matrix) -> float:
    return float(max(1e-9, encoded.shape[1] * encoded.var()))


def _seen(apart: Matrix) -> Matrix:
    return np.concatenate([np.exp(-apart), np.ones((len(apart), 1))], axis=1)


def _per(rows: Codes, centres: Codes) -> list[float]:
    return [penalty * len(rows) / len(centres) for penalty in PENALTIES]


def ridge_left_out(
    seen: Matrix, wanted: Matrix, penalties: Sequence[float]
) -> tuple[Matrix, float, int]:
    """Return what ridge regression says of each row when that row is left out.

    Leaving a row out needs no second fit: its prediction is (ŷ − h·y) / (1 − h) with the
    leverage h of the row; nor do other penalties, once the axes of the features are known.

    Args:
        seen: Features, shape (N, M).
        wanted: What is to be predicted, shape (N, K).
        penalties: Which to try.

    Returns:
        Shape (N, K), by the best penalty; its mean squared error; its place.
    """
    spread, axes = np.linalg.eigh(seen.T @ seen)
    turned = seen @ axes
    told, squares = turned.T @ wanted, turned**2
    found: list[tuple[float, int, Matrix]] = []
    for place, penalty in enumerate(penalties):
        kept = 1.0 / (np.maximum(spread, 0.0) + penalty)
        leverage = np.minimum(squares @ kept, 1.0 - 1e-6)[:, None]
        said = (turned @ (kept[:, None] * told) - leverage * wanted) / (1.0 - leverage)
        found.append((float(((said - wanted) ** 2).mean()), place, said))
    error, place, said = min(found, key=lambda one: one[0])
    return said, error, place


def calibrated(scores: Matrix, given: Codes) -> Matrix:
    """Return scores as class probabilities: as sharp, and as ready to name each class, as fits.

    One sharpness for all and one lift for each class make the given labels likeliest. Judges
    that are sure without reason, or that name a common class too often, are so made comparable.

    Args:
        scores: Foretold of rows that were left out, shape (N, K): the greater, the likelier.
        given: Index of the given class, shape (N,).

    Returns:
        Shape (N, K), rows sum to 1.

    Source: Vector scaling with one temperature: Guo et al., ICML 2017, arXiv:1706.04599; the lift
        by proportional fitting: Deming & Stephan, Ann. Math. Stat. 11 (1940).
    """
    scores = scores - scores.mean(axis=0)  # what the lift gives back; the two fit sooner apart
    own, sizes = scores[np.arange(len(given)), given], np.bincount(given, minlength=scores.shape[1])
    sharpness, lift = 1.0, np.zeros(scores.shape[1])
    for _ in range(_ROUNDS):
        votes = softmax(sharpness * scores + lift)
        mean = (votes * scores).sum(axis=1)
        bend = ((votes * scores**2).sum(axis=1) - mean**2).sum()
        step = float(np.clip((own - mean).sum() / max(bend, 1e-9), -5.0, 5.0))
        sharpness = float(np.clip(sharpness + step, 0.1, 100.0))
        # One row more on both sides, so that a class of few rows is not lifted without end.
        risen = np.log((sizes + 1.0) / (votes.sum(axis=0) + 1.0))
        lift += risen
        if abs(step) < 1e-3 and float(np.abs(risen).max()) < 1e-3:
            break
    return softmax(sharpness * scores + lift)


def softmax(scores: Matrix) -> Matrix:
    """Return scores as probabilities, row by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def distances(left: Matrix, right: Matrix) -> Matrix:
    """Return squared Euclidean distances, shape (rows of left, rows of right)."""
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1) - 2.0 * left @ right.T
    return np.asarray(np.maximum(squares, 0.0))


def nearest(encoded: Matrix) -> Codes:
    """Return the row numbers of the nearest other rows, shape (N, at most 10)."""
    count = min(NEIGHBOURS, len(encoded) - 1)
    near = np.empty((len(encoded), count), dtype=np.intp)
    for start in range(0, len(encoded), _BLOCK):
        apart = distances(encoded[start : start + _BLOCK], encoded)  # (B, N)
        itself = np.arange(len(apart))
        apart[itself, itself + start] = np.inf
        near[start : start + _BLOCK] = np.argpartition(apart, count - 1, axis=1)[:, :count]
    return near


def votes_of(near: Codes, given: Codes, heard: NDArray[np.bool_] | None = None) -> Matrix:
    """Return the shares of the classes among near rows, shape (N, K), rows sum to 1.

    A class with fewer other rows than there are neighbours could never win a vote, so its votes
    count as many times more as it lacks rows: when every classmate is near, that is full marks.

    Args:
        near: Row numbers, shape (N, count).
        given: Index of the given class, shape (N,).
        heard: Which rows have a vote, shape (N,); all where nobody says. A row none of whose near
            rows is heard leaves all classes equally likely.
    """
    count = near.shape[1]
    sizes = np.bincount(given)
    votes = np.zeros((len(given), len(sizes)))
    weights = np.ones(len(given)) if heard is None else heard.astype(np.float64)
    np.add.at(votes, (np.arange(len(given))[:, None], given[near]), weights[near] / count)
    votes *= count / np.clip(sizes - 1, 1, count)
    votes[~votes.any(axis=1)] = 1.0
    return np.asarray(votes / votes.sum(axis=1, keepdims=True))


def weighed(judges: list[Matrix], given: Codes) -> list[float]:
    """Return how much each judge counts, summing to 1: half evenly, half by what it foretold.

    The second half is the mixture of the judges that makes the given labels likeliest, found by
    expectation maximisation. No label is known to be wrong here: a judge who foretells labels of
    rows that it has not seen better than the others is heard more.

    Source: Own; mixture weights by EM: Dempster et al., J. R. Stat. Soc. B 39 (1977), section 4.3.
    """
    rows = np.arange(len(given))
    foretold = np.stack([np.maximum(judge[rows, given], FLOOR) for judge in judges], axis=1)
    shares = np.full(len(judges), 1.0 / len(judges))
    for _ in range(_ROUNDS):
        parts = foretold * shares
        shares = (parts / parts.sum(axis=1, keepdims=True)).mean(axis=0)
    return [float(share) for share in (shares + 1.0 / len(judges)) / 2]
