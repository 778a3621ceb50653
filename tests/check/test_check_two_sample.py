"""The tests from counts agree with SciPy's from rows, and keep their level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lingqu.check import two_sample


def test_kolmogorov_smirnov_agrees_with_rows() -> None:
    rng = np.random.default_rng(0)
    reference, window = rng.normal(size=4000), rng.normal(size=900) + 0.1
    edges = np.sort(np.concatenate([reference, window]))
    cells = [
        np.bincount(np.searchsorted(edges, v), minlength=len(edges)) for v in (reference, window)
    ]
    effect, p = two_sample.kolmogorov_smirnov(*cells)
    exact = stats.ks_2samp(reference, window, method="asymp")
    assert effect == pytest.approx(exact.statistic)
    assert p == pytest.approx(exact.pvalue, rel=0.15)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 30), st.integers(1, 60), st.integers(0, 30), st.integers(1, 60))
def test_rates_are_fishers(before: int, more: int, hits: int, rest: int) -> None:
    n, m = before + more, hits + rest
    table = [[hits, rest], [before, more]]
    effect, p = two_sample.rates(before, n, hits, m, greater=True)
    assert effect == pytest.approx(hits / m - before / n)
    assert p == pytest.approx(stats.fisher_exact(table, "greater").pvalue, abs=1e-9)
    both = two_sample.rates(before, n, hits, m)[1]
    less = stats.fisher_exact(table, "less").pvalue
    assert both == pytest.approx(min(1.0, 2 * min(p, less)), abs=1e-9)


def test_categories_are_pearsons_where_no_level_is_rare() -> None:
    reference, window = np.array([500, 300, 200, 0]), np.array([230, 160, 110, 0])
    effect, p = two_sample.categories(reference, window)
    expected = stats.chi2_contingency(np.stack([reference, window])[:, :3], correction=False)
    assert p == pytest.approx(expected.pvalue)
    assert effect == pytest.approx(0.04)


def test_categories_of_one_level_or_no_rows_say_nothing() -> None:
    assert two_sample.categories(np.array([9, 0]), np.array([5, 0])) == (0.0, 1.0)
    assert two_sample.categories(np.array([0, 0]), np.array([5, 0])) == (0.0, 1.0)


@pytest.mark.parametrize("kind", ["shift", "scale", "categories", "ks"])
def test_the_level_is_kept(kind: str) -> None:
    rng = np.random.default_rng(1)
    scores = np.round(stats.norm.ppf((np.arange(40) + 0.5) / 40) * 256)
    small = 0
    for _ in range(2000):
        reference, window = (rng.multinomial(n, np.full(40, 1 / 40)) for n in (2000, 200))
        results = {
            "shift": lambda r=reference, w=window: two_sample.shift(r, w, scores),
            "scale": lambda r=reference, w=window: two_sample.scale(r, w, scores),
            "categories": lambda r=reference, w=window: two_sample.categories(r, w),
            "ks": lambda r=reference, w=window: two_sample.kolmogorov_smirnov(r, w),
        }
        small += results[kind]()[1] < 0.01
    assert small / 2000 <= 0.017  # 1 % and three standard errors


def test_constant_columns_say_nothing() -> None:
    counts, scores = np.array([0, 9, 0]), np.array([-1.0, 0.0, 1.0])
    assert two_sample.shift(counts, counts, scores) == (0.0, 1.0)
    assert two_sample.scale(counts, counts, scores) == (0.0, 1.0)
    empty = np.zeros(3, int)
    assert two_sample.kolmogorov_smirnov(counts, empty) == (0.0, 1.0)
    assert two_sample.shift(counts, empty, scores) == (0.0, 1.0)
    assert two_sample.population_stability(counts, empty) == 0.0
    assert two_sample.rates(0, 0, 0, 5) == (0.0, 1.0)
    assert two_sample.rates(0, 5, 0, 5) == (0.0, 1.0)


def test_spread_of_a_collapsed_window_is_seen() -> None:
    scores = np.array([-256.0, 0.0, 256.0])
    effect, p = two_sample.scale(np.array([300, 400, 300]), np.array([0, 200, 0]), scores)
    assert effect == pytest.approx(1.0) and p < 1e-6


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.001, 0.2))
def test_holm_is_between_bonferroni_and_no_correction(p_values: list[float], alpha: float) -> None:
    rejected = two_sample.holm(p_values, alpha)
    for p, hit in zip(p_values, rejected, strict=True):
        assert hit or p > alpha / len(p_values)
        assert not hit or p <= alpha
    if any(rejected):
        assert max(p for p, hit in zip(p_values, rejected, strict=True) if hit) <= min(
            (p for p, hit in zip(p_values, rejected, strict=True) if not hit), default=1.0
        )


def test_stability_index_grows_with_the_difference() -> None:
    even = np.full(10, 100)
    values = [
        two_sample.population_stability(even, even + np.linspace(-slope, slope, 10).astype(int))
        for slope in (0, 20, 60)
    ]
    assert values[0] == 0 and values[0] < values[1] < values[2]
    before, now = two_sample.coarser(np.full(64, 10), np.arange(64), 8)
    assert before.tolist() == [80] * 8 and now.sum() == np.arange(64).sum()
