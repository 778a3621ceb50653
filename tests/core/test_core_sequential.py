from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lingqu.core.sequential import (
    Sample,
    bets,
    lower_end,
    mismatch,
    mixture,
    paired,
    pooled,
    sample,
)


def test_the_mixture_is_the_integral_that_it_stands_for():
    value, variance, effect = 0.013, 0.0001, 0.02
    deviations = np.linspace(0, 0.2, 200_001)
    prior = 2 * stats.norm.pdf(deviations, scale=effect)
    ratio = np.exp((value * deviations - deviations**2 / 2) / variance)
    wanted = np.log(np.trapezoid(prior * ratio, deviations))
    assert mixture(value, variance, effect) == pytest.approx(wanted, abs=1e-6)
    assert mixture(value - 0.01, variance, effect, -0.01) == pytest.approx(wanted, abs=1e-6)


def test_evidence_far_below_the_null_is_small_and_finite():
    assert -1000 < mixture(-5.0, 0.0001, 0.02) < -5


def test_bets_have_an_expectation_of_one_under_the_null_at_every_number_of_rows():
    for rows, mean in ((1, 0.01), (7, 0.3), (40, 0.05)):
        chances = stats.binom.pmf(np.arange(rows + 1), rows, mean)
        wealth = [math.exp(bets([(1.0, k), (0.0, rows - k)], mean)) for k in range(rows + 1)]
        assert float(chances @ wealth) == pytest.approx(1.0, rel=1e-9)


def test_peeking_after_every_row_passes_the_bound_as_seldom_as_promised():
    random = np.random.default_rng(5)
    hits = (random.random((400, 600)) < 0.02).cumsum(axis=1)
    ever = [
        any(
            bets([(1.0, int(row[n])), (0.0, n + 1 - int(row[n]))], 0.02) >= math.log(20)
            for n in range(4, 600, 12)
        )
        for row in hits
    ]
    assert sum(ever) / len(ever) <= 0.05


def test_pairs_count_only_where_the_models_differ_and_by_the_margin():
    assert paired(30, 0, 5) == pytest.approx(paired(30, 1000, 5))
    assert paired(30, 0, 5) > math.log(20)
    assert paired(5, 300, 30) < 0
    assert paired(4, 900, 4, -0.02) > math.log(20) > paired(4, 900, 4)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 400), st.integers(0, 60))
def test_the_lower_end_of_pairs_lies_below_the_estimate(wins: int, ties: int, losses: int):
    rows = wins + ties + losses
    if rows:
        end = lower_end(lambda null: paired(wins, ties, losses, null), 0.05)
        assert -1 <= end <= (wins - losses) / rows + 1e-9


def test_few_rows_without_a_fault_are_no_proof():
    good = Sample(20, 1.0, 0.0)
    champion = sample([1.0] * 990 + [0.0] * 10)

    def evidence(null: float) -> float:
        return mixture(*pooled([(champion, good)], null), effect=0.02, null=null)

    assert evidence(-0.01) < math.log(20)
    assert lower_end(evidence, 0.05) < -0.05


def test_rows_of_one_caller_count_as_what_they_are():
    scores = [1.0] * 50 + [0.0] * 50
    alone = sample(scores)
    together = sample(scores, [1 + place // 10 for place in range(100)])
    assert together.variance == pytest.approx(10 * alone.variance)
    assert sample(scores, [0] * 100) == alone


def test_periods_with_other_shares_are_compared_within_themselves():
    """Simpson: the canary is no worse in either period, but got the harder one mostly."""
    easy = (sample([1.0] * 900 + [0.0] * 100), sample([1.0] * 9 + [0.0]))
    hard = (sample([1.0] * 100 + [0.0] * 100), sample([1.0] * 100 + [0.0] * 100))
    value, variance = pooled([easy, hard])
    assert value == pytest.approx(0.0)
    assert 0 < variance < 0.01


@pytest.mark.parametrize("counts", [(480, 520), (30, 50, 41), (9, 11, 8, 20), (3, 4, 9, 1, 12)])
def test_mismatch_is_the_chi_square_of_scipy(counts: tuple[int, ...]):
    shares = [1.0 / len(counts)] * len(counts)
    assert mismatch(counts, shares) == pytest.approx(stats.chisquare(counts).pvalue)


def test_nothing_seen_is_no_mismatch():
    assert mismatch([0, 0], [0.5, 0.5]) == 1.0
    assert mismatch([7], [1.0]) == 1.0
    assert mismatch([50, 50], [0.5, 0.5]) == 1.0
