"""Tests of whether a window comes from the same rows as a reference, from counts alone.

Each returns how large the difference is (the effect, in the units of its floor) and how likely
one so large is by chance. They need only integers, so they read merged windows as they are.

Source: Smirnov 1948 with Stephens' correction for finite samples (1970); Pearson 1900; Fisher 1935;
van der Waerden 1952;
Fisher's z with the influence-function variance of a correlation (Huber, "Robust Statistics", 1981);
Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6, 1979.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy  # it loads its parts when they are called: a channel that names drift needs none
from numpy.typing import NDArray

Array = NDArray[Any]
Result = tuple[float, float]
"""Effect and p-value."""


def kolmogorov_smirnov(reference: Array, window: Array) -> Result:
    """Compare two histograms of the same bins by the largest gap of their running shares.

    Example:
        >>> effect, p = kolmogorov_smirnov(np.array([50, 50]), np.array([90, 10]))
        >>> effect, p < 1e-6
        (0.4, True)
    """
    n, m = reference.sum(), window.sum()
    if n == 0 or m == 0:
        return 0.0, 1.0
    gap = float(np.abs(np.cumsum(reference) / n - np.cumsum(window) / m).max())
    root = np.sqrt(n * m / (n + m))
    return gap, float(scipy.special.kolmogorov((root + 0.12 + 0.11 / root) * gap))


def shift(reference: Array, window: Array, scores: Array) -> Result:
    """Compare the centres of two histograms whose bins carry normal scores (van der Waerden).

    It sees a small shift of everything well before the largest gap of the running shares does.

    Returns:
        Shift in standard deviations of the reference, and its p-value.

    Example:
        >>> effect, p = shift(np.array([50, 50]), np.array([90, 10]), np.array([-1, 1]))
        >>> round(effect, 2), p < 1e-6
        (0.8, True)
    """
    n, m = reference.sum(), window.sum()
    variance, _ = _variance(reference, scores)
    if n == 0 or m == 0 or variance <= 0:
        return 0.0, 1.0
    distance = float(window @ scores / m - reference @ scores / n) / np.sqrt(variance)
    return abs(float(distance)), _two_sided(float(distance / np.sqrt(1 / n + 1 / m)))


def scale(reference: Array, window: Array, scores: Array) -> Result:
    """Compare the spread of two histograms whose bins carry normal scores.

    Returns:
        Relative change of the standard deviation, and its p-value (cube-root approximation of
        Wilson and Hilferty, 1931, with the kurtosis of the reference).

    Example:
        >>> narrow, wide = np.array([5, 90, 5]), np.array([40, 20, 40])
        >>> effect, p = scale(narrow, wide, np.array([-1, 0, 1]))
        >>> effect > 1, p < 1e-6
        (True, True)
    """
    n, m = reference.sum(), window.sum()
    first, kurtosis = _variance(reference, scores)
    second, _ = _variance(window, scores)
    if first <= 0 or n < 2 or m < 2:
        return 0.0, 1.0
    error = max(kurtosis - 1, 0.1) * (1 / n + 1 / m) / 9
    ratio = second / first
    z = (ratio ** (1 / 3) - (1 - error)) / np.sqrt(error)
    return abs(float(np.sqrt(ratio)) - 1), _two_sided(float(z))


def _variance(counts: Array, scores: Array) -> tuple[float, float]:
    n = counts.sum()
    if n == 0:
        return 0.0, 3.0
    centred = scores - counts @ scores / n
    variance = float(counts @ centred**2 / n)
    return variance, float(counts @ centred**4 / n / variance**2) if variance > 0 else 3.0


def categories(reference: Array, window: Array, least: int = 0) -> Result:
    """Compare two tables of counts.

    Levels of which fewer than 5 rows are expected are pooled, as Pearson's test demands. So are
    those that the reference may list or leave out by chance: it lists the levels that it happened
    to show most, and any other sample has fewer of those. Rarity is judged on both samples
    together, which favours neither.

    Args:
        reference: Counts per level, the rows of unlisted levels last.
        window: Likewise.
        least: Reference rows of the rarest level that is listed.

    Returns:
        Total variation distance (the share of rows that changed level), and the p-value of
        Pearson's test of homogeneity.

    Example:
        >>> effect, p = categories(np.array([600, 400]), np.array([500, 500]))
        >>> round(effect, 2), p < 1e-4
        (0.1, True)
    """
    n, m = reference.sum(), window.sum()
    if n == 0 or m == 0:
        return 0.0, 1.0
    both = reference + window
    bound = max(5 / min(n, m), (least + 4 * least**0.5 + 4) / n) * (n + m)
    rare = both < bound
    rare[-1] |= least > 0
    before, now = (np.append(a[~rare], a[rare].sum()) for a in (reference, window))
    used = before + now > 0
    before, now = before[used], now[used]
    if len(now) < 2:
        return 0.0, 1.0
    table = np.stack([before, now])
    expected = np.outer([n, m], before + now) / (n + m)
    statistic = float(((table - expected) ** 2 / expected).sum())
    effect = float(np.abs(before / n - now / m).sum() / 2)
    return effect, float(scipy.special.chdtrc(len(now) - 1, statistic))


def rates(hits_before: int, n: int, hits: int, m: int, greater: bool = False) -> Result:
    """Compare two shares by Fisher's exact test.

    Args:
        hits_before: Rows that have the property, of `n` reference rows.
        n: Reference rows.
        hits: Rows that have it, of `m` window rows.
        m: Window rows.
        greater: Ask only whether the share grew.

    Returns:
        Window share minus reference share, and the p-value.

    Example:
        >>> effect, p = rates(0, 1000, 5, 100)
        >>> effect, p < 1e-4
        (0.05, True)
    """
    if n == 0 or m == 0:
        return 0.0, 1.0
    effect = hits / m - hits_before / n
    total = hits + hits_before
    if total == 0 or total == n + m:
        return effect, 1.0
    support = np.arange(max(0, total - n), min(m, total) + 1)
    logs = _choose(m, support) + _choose(n, total - support) - _choose(n + m, np.array(total))
    chances = np.exp(logs)
    upper = min(1.0, float(chances[support >= hits].sum()))
    if greater:
        return effect, upper
    lower = min(1.0, float(chances[support <= hits].sum()))
    return effect, min(1.0, 2 * min(upper, lower))


def _choose(n: int, k: Array) -> Array:
    chosen: Array = (
        scipy.special.gammaln(n + 1)
        - scipy.special.gammaln(k + 1)
        - scipy.special.gammaln(n - k + 1)
    )
    return chosen


def correlations(before: Array, now: Array, spread: Array, n: int, m: int) -> tuple[Result, int]:
    """Compare correlations pair by pair and report the pair that changed most surely.

    Args:
        before: Correlations of the reference, one per pair.
        now: Those of the window.
        spread: Standard deviation of one row's influence on each.
        n: Reference rows.
        m: Window rows.

    Returns:
        Change of that pair and its p-value, corrected for the number of pairs; its index.

    Example:
        >>> (effect, p), pair = correlations(
        ...     np.array([0.6, 0.0]), np.array([0.1, 0.02]), np.array([0.7, 1.0]), 5000, 500)
        >>> effect, p < 1e-9, pair
        (0.5, True, 0)
    """
    first, second = np.clip(before, -0.999, 0.999), np.clip(now, -0.999, 0.999)
    slope = np.maximum(spread, 1e-3) / (1 - first**2)
    z = (np.arctanh(second) - np.arctanh(first)) / (slope * np.sqrt(1 / n + 1 / max(m - 3, 1)))
    pair = int(np.abs(z).argmax())
    p = min(1.0, _two_sided(float(z[pair])) * len(z))
    return (abs(float(now[pair] - before[pair])), p), pair


def population_stability(reference: Array, window: Array) -> float:
    """Return the population stability index, half a row added to each bin.

    Source: Yurdakul and Naranjo, "Statistical properties of the population stability index",
    J. Risk Model Validation 14(4), 2020.

    Example:
        >>> population_stability(np.array([500, 500]), np.array([50, 50]))
        0.0
    """
    if reference.sum() == 0 or window.sum() == 0:
        return 0.0
    p = (reference + 0.5) / (reference.sum() + 0.5 * len(reference))
    q = (window + 0.5) / (window.sum() + 0.5 * len(window))
    return float(((q - p) * np.log(q / p)).sum())


def coarser(reference: Array, window: Array, bins: int) -> tuple[Array, Array]:
    """Pool neighbouring bins into at most `bins` of about equal reference share.

    Fewer bins keep the index from being all noise: by chance it is about bins / rows.

    Example:
        >>> coarser(np.array([1, 1, 1, 1]), np.array([4, 3, 2, 1]), 2)[1].tolist()
        [7.0, 3.0]
    """
    before = np.cumsum(reference) - reference / 2
    group = np.minimum((before * bins / max(reference.sum(), 1)).astype(np.int64), bins - 1)
    return (
        np.bincount(group, weights=reference, minlength=bins),
        np.bincount(group, weights=window, minlength=bins),
    )


def holm(p_values: list[float], alpha: float) -> list[bool]:
    """Return which of many tests are significant with at most `alpha` chance of any false one.

    Example:
        >>> holm([0.001, 0.04, 0.02], 0.05)
        [True, True, True]
        >>> holm([0.001, 0.04, 0.03], 0.05)
        [True, False, False]
    """
    rejected = [False] * len(p_values)
    for rank, index in enumerate(np.argsort(p_values, kind="stable")):
        if p_values[index] > alpha / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected


def _two_sided(z: float) -> float:
    return float(2 * scipy.special.ndtr(-abs(z)))
