"""Tests that may be looked at after every row: evidence that stays honest under peeking.

Each test here returns the logarithm of an e-value: a number whose expectation, at any time that
anybody chooses to stop, is at most 1 where the null hypothesis holds. So it passes ``1 / alpha``
with a chance of at most `alpha`, however often it is looked at (Ville's inequality). An interval
that holds at all times together is the set of nulls that no such test refuses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_STAKES = tuple(0.01 * (0.9 / 0.01) ** (n / 13) for n in range(14))
"""Shares of the wealth that are bet; a mixture of them needs nobody to choose one."""
_USUAL = [math.exp(-((math.log(stake / 0.13) / 1.2) ** 2) / 2) for stake in _STAKES]
_TRUST = tuple(math.log(one / sum(_USUAL)) for one in _USUAL)
"""Logarithms of their weights: most on those that find differences of a few points."""
_HALVINGS = 40
SMOOTHED = 2.0
"""Rows that a share is thought to rest on beside those that were seen, half of them hits."""


@dataclass(frozen=True)
class Sample:
    """The scores of one arm.

    Args:
        rows: How many scores.
        mean: Their mean.
        variance: Variance of that mean.
        binary: Whether every score is 0 or 1.
    """

    rows: int
    mean: float
    variance: float
    binary: bool = True

    def variance_at(self, mean: float) -> float:
        """Return the variance of the mean if the true one were `mean`, never less than was seen.

        Where few rows are all right, what was seen would be no variance at all.
        """
        if not self.binary:
            return self.variance
        smooth = (min(max(mean, 0.0), 1.0) * self.rows + SMOOTHED / 2) / (self.rows + SMOOTHED)
        return max(self.variance, smooth * (1.0 - smooth) / self.rows)


def sample(scores: Sequence[float], callers: Sequence[int] = ()) -> Sample:
    """Return mean and variance of scores; those of one caller may resemble each other.

    Args:
        scores: At least one.
        callers: Who each is of, 0 where each stands alone; none when empty.

    Example:
        >>> sample([1.0, 0.0, 1.0, 1.0])
        Sample(rows=4, mean=0.75, variance=0.046875, binary=True)
        >>> sample([1.0, 0.0, 1.0, 1.0], [7, 8, 7, 7]).variance
        0.0703125

    Source: Liang & Zeger, "Longitudinal data analysis using generalized linear models",
    Biometrika 73 (1986), doi:10.1093/biomet/73.1.13: the variance of sums over clusters.
    """
    rows = len(scores)
    mean = sum(scores) / rows
    sums: dict[int, float] = {}
    alone = 0.0
    for place, score in enumerate(scores):
        caller = callers[place] if callers else 0
        if caller:
            sums[caller] = sums.get(caller, 0.0) + score - mean
        else:
            alone += (score - mean) ** 2
    spread = alone + sum(part * part for part in sums.values())
    return Sample(rows, mean, spread / rows**2, all(score in (0.0, 1.0) for score in scores))


def pooled(pairs: Sequence[tuple[Sample, Sample]], null: float = 0.0) -> tuple[float, float]:
    """Return the difference of two arms and its variance over several periods.

    Periods with other shares are compared within themselves, so that a change of the traffic
    from one to the next is not taken for a difference of the arms.

    Args:
        pairs: Of each period the first arm and the second.
        null: Difference under which the variance is to hold.

    Returns:
        Second less first, and the variance of that.

    Source: Mantel & Haenszel (1959), JNCI 22, weights n1·n2/(n1+n2); Farrington & Manning,
    Statistics in Medicine 9 (1990), doi:10.1002/sim.4780091208: the variance under the null.
    """
    weights = [a.rows * b.rows / (a.rows + b.rows) for a, b in pairs]
    total = sum(weights)
    value = variance = 0.0
    for (first, second), weight in zip(pairs, weights, strict=True):
        part = weight / total
        value += part * (second.mean - first.mean)
        least = min(second.mean, first.mean + null)
        spread = first.variance_at(first.mean) + second.variance_at(least)
        variance += part * part * spread
    return value, variance


def mixture(value: float, variance: float, effect: float, null: float = 0.0) -> float:
    """Return the log evidence that a difference is greater than `null`.

    The mixture sequential probability ratio test, one-sided: differences above the null are
    thought to lie about as far from it as `effect`.

    Args:
        value: The difference, estimated from all rows so far.
        variance: Variance of that estimate, > 0.
        effect: A difference that would matter, > 0. Any is valid; a good one is quicker.
        null: The difference that is to be refuted.

    Example:
        >>> round(mixture(0.02, 0.00004, 0.02), 2), round(mixture(0.0, 0.00004, 0.02), 2)
        (4.04, -1.2)

    Source: Robbins, Ann. Math. Statist. 41 (1970), doi:10.1214/aoms/1177696786; Johari, Pekelis,
    Koomen & Walsh, "Always valid inference", Operations Research 70 (2022), arXiv:1512.04922.
    """
    ratio = variance / (variance + effect * effect)
    x = (value - null) * effect / math.sqrt(variance * (variance + effect * effect))
    return math.log(2.0) + 0.5 * math.log(ratio) + 0.5 * x * x + _log_normal(x)


def bets(outcomes: Sequence[tuple[float, int]], mean: float) -> float:
    """Return the log evidence that an outcome's true mean is greater than `mean`.

    Exact for whatever lies between 0 and 1 and for any number of rows: the wealth of a gambler
    who bets against the null at fair odds.

    Args:
        outcomes: Values, none below 0, and how often each was seen.
        mean: What is to be refuted, > 0.

    Example:
        >>> round(bets([(1.0, 8), (0.0, 152)], 0.01), 2), round(bets([(0.0, 160)], 0.01), 2)
        (5.09, -4.99)

    Source: Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting",
    JRSS-B 86 (2024), arXiv:2010.09686, section 4; mixed over stakes.
    """
    logs = [
        trust + sum(n * math.log1p(stake * (value / mean - 1.0)) for value, n in outcomes if n)
        for stake, trust in zip(_STAKES, _TRUST, strict=True)
    ]
    top = max(logs)
    return top + math.log(sum(math.exp(one - top) for one in logs))


def paired(wins: int, ties: int, losses: int, null: float = 0.0) -> float:
    """Return the log evidence that the second of two models is right more often by `null`.

    Args:
        wins: Pairs that only the second has right.
        ties: Pairs that both or neither has right.
        losses: Pairs that only the first has right.
        null: Difference to be refuted, in (-1, 1).

    Example:
        >>> round(paired(18, 200, 2), 2), round(paired(0, 360, 0, -0.02), 2)
        (4.7, 3.5)

    Source: McNemar, Psychometrika 12 (1947), made a test by betting (see `bets`).
    """
    return bets([(1.0, wins), (0.5, ties), (0.0, losses)], (1.0 + null) / 2.0)


def lower_end(
    evidence: Callable[[float], float], alpha: float, low: float = -1.0, high: float = 1.0
) -> float:
    """Return the lower end of what `evidence` leaves possible, valid at all times together.

    Args:
        evidence: Null → log evidence against it; it falls as the null rises.
        alpha: Chance that the end is ever above the truth.
        low: Where to begin looking; returned where not even it is refuted.
        high: Where to stop looking.

    Example:
        >>> round(lower_end(lambda null: paired(0, 360, 0, null), 0.05), 4)
        -0.0182

    Source: Darling & Robbins, PNAS 58 (1967), doi:10.1073/pnas.58.1.66: confidence sequences.
    """
    enough = math.log(1.0 / alpha)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if evidence(middle) >= enough:
            low = middle
        else:
            high = middle
    return low


def mismatch(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Return the chance of counts at least as far from their shares, if these are true.

    Args:
        counts: Callers or requests of each arm.
        shares: The part that each arm should have; none is 0.

    Example:
        >>> round(mismatch([480, 520], [0.5, 0.5]), 3), mismatch([900, 1100], [0.5, 0.5]) < 0.001
        (0.206, True)

    Source: Pearson (1900), doi:10.1080/14786440009463897; as a check of experiments: Fabijan et
    al., "Diagnosing sample ratio mismatch", KDD 2019, doi:10.1145/3292500.3330722.
    """
    total, whole = sum(counts), sum(shares)
    if not total or len(counts) < 2:
        return 1.0
    wanted = [total * share / whole for share in shares]
    distance = sum((n - w) ** 2 / w for n, w in zip(counts, wanted, strict=True)) / 2.0
    freedom = len(counts) - 1
    # The upper tail of chi-square, from that of one or two degrees of freedom upwards.
    place = 0.5 if freedom % 2 else 1.0
    tail = math.erfc(math.sqrt(distance)) if freedom % 2 else math.exp(-distance)
    while place < freedom / 2 and distance > 0:
        tail += math.exp(place * math.log(distance) - distance - math.lgamma(place + 1.0))
        place += 1.0
    return min(1.0, tail)


def _log_normal(x: float) -> float:
    """Return the logarithm of the normal distribution function."""
    if x > -30.0:
        return math.log(0.5 * math.erfc(-x / math.sqrt(2.0)))
    return -0.5 * x * x - math.log(-x * math.sqrt(2.0 * math.pi))
