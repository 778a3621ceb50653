"""The average, its weights, its calibration and its threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.metrics import loss, score
from lingqu.core.predictions import Predictions
from lingqu.learn.calibrate import temper, temperature
from lingqu.learn.ensemble import (
    answer,
    average,
    greedy,
    judged_together,
    objective,
    rating,
    row_losses,
)
from lingqu.learn.threshold import threshold


def guess(y: np.ndarray, skill: float, seed: int, k: int = 3) -> Predictions:
    """Probabilities that lean to the truth by `skill`."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1, (len(y), k)) + skill * np.eye(k)[y]
    powers = np.exp(logits)
    return answer(powers / powers.sum(1, keepdims=True), tuple("abcd"[:k]))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["accuracy", "log_loss", "roc_auc"]))
def test_the_ensemble_is_no_worse_than_its_best_member(seed: int, metric: str) -> None:
    y = np.random.default_rng(seed).integers(0, 3, 60)
    members = {name: guess(y, skill, seed + i) for i, (name, skill) in enumerate(
        [("weak", 0.3), ("fair", 1.0), ("good", 1.5)])}  # fmt: skip
    weights = greedy(members, y, metric)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert all(weight >= 0.05 - 1e-9 for weight in weights.values())
    said = average([members[name] for name in weights], list(weights.values()))
    best = min(objective(y, member, metric) for member in members.values())
    assert objective(y, said, metric) <= best + 0.02


def test_two_that_err_elsewhere_are_better_together() -> None:
    y = np.linspace(0, 1, 50)
    above, below = Predictions(y + 0.2), Predictions(y - 0.2)
    assert greedy({"above": above, "below": below}, y, "rmse") == {"above": 0.5, "below": 0.5}


def test_one_member_stays_alone_when_the_others_only_harm() -> None:
    y = np.linspace(0, 1, 50)
    assert greedy({"exact": Predictions(y), "off": Predictions(y + 5)}, y, "mae") == {"exact": 1.0}


def test_the_average_of_two_classes_chooses_the_second_from_one_half() -> None:
    said = answer(np.array([[0.5, 0.5], [0.6, 0.4]]), ("no", "yes"))
    assert said.labels.tolist() == [1, 0]


def test_row_losses_average_to_what_they_stand_for() -> None:
    y = np.array([0, 1, 2, 0])
    said = guess(y, 1.0, 1)
    expected = loss("accuracy", y, said) + 1.0 + 0.2 * loss("log_loss", y, said)
    assert row_losses(y, said).mean() == pytest.approx(expected)
    value = Predictions(np.array([1.0, 2.0]))
    assert row_losses(np.array([0.0, 0.0]), value).tolist() == [1.0, 4.0]


def test_temperature_repairs_certainty_and_leaves_the_labels() -> None:
    random = np.random.default_rng(0)
    y = random.integers(0, 3, 600)
    honest = guess(y, 1.0, 7).probabilities
    assert honest is not None
    sure = temper(honest, 0.4)
    found = temperature(y, sure)
    said = answer(temper(sure, found), ("a", "b", "c"))
    before = answer(sure, ("a", "b", "c"))
    assert score("log_loss", y, said) < score("log_loss", y, before)
    assert np.array_equal(said.labels, before.labels)
    assert found > 1.3


def test_temperature_is_one_where_nothing_is_gained() -> None:
    flat = np.full((40, 2), 0.5)
    assert temperature(np.arange(40) % 2, flat) == 1.0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["accuracy", "f1", "balanced_accuracy"]))
def test_the_threshold_never_harms_the_rows_it_was_set_on(seed: int, metric: str) -> None:
    random = np.random.default_rng(seed)
    y = (random.random(80) < 0.2).astype(np.int64)
    chance = np.clip(0.15 * y + random.random(80) * 0.4, 0, 1)
    both = np.column_stack([1 - chance, chance])
    at = threshold(y, both, metric)

    def lost(limit: float) -> float:
        return loss(metric, y, Predictions((chance >= limit).astype(np.int64), both, ("n", "y")))

    assert 0 < at < 1 and lost(at) <= lost(0.5)


def test_the_threshold_serves_what_the_metric_stands_for() -> None:
    chance = np.array([0.05, 0.1, 0.2, 0.25, 0.3, 0.9])
    both = np.column_stack([1 - chance, chance])
    y = np.array([0, 0, 0, 1, 1, 1])
    for metric in ("recall", "precision", "roc_auc", "accuracy"):
        assert 0.2 < threshold(y, both, metric) < 0.25
    assert threshold(np.array([0, 0, 0, 0, 0, 1]), both, "accuracy") == 0.5


@pytest.mark.parametrize("seed", [2, 7, 9, 13])
def test_one_who_is_left_out_takes_no_weight_from_the_others(seed: int) -> None:
    random = np.random.default_rng(seed)
    y = random.normal(0, 2, 90)
    noise = {"good": 0.27, "fair": 0.7, "weak": 0.75, "poor": 0.8}
    members = {name: Predictions(y + random.normal(0, size, 90)) for name, size in noise.items()}
    found = greedy(members, y, "rmse")
    assert found == greedy({name: members[name] for name in found}, y, "rmse")


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "roc_auc"])
@pytest.mark.parametrize("k", [2, 4])
def test_many_averages_are_judged_at_once_as_one_by_one(metric: str, k: int) -> None:
    y = np.random.default_rng(5).integers(0, k, 80)
    said = [guess(y, 0.7, seed, k) for seed in range(6)]
    judge = judged_together(metric, y, said[0].classes)
    if metric == "roc_auc" and k > 2:
        assert judge is None
        return
    assert judge is not None
    values = np.stack([np.asarray(one.probabilities) for one in said])
    np.testing.assert_allclose(judge(values), [loss(metric, y, one) for one in said], atol=1e-12)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "roc_auc", "log_loss", "f1"])
@pytest.mark.parametrize("digits", [1, 12], ids=["with ties", "without"])
def test_a_rating_is_the_objective_of_each(metric: str, digits: int) -> None:
    random = np.random.default_rng(3)
    y = random.integers(0, 2, 90)
    chances = np.clip(np.round(0.3 * y + random.random((5, 90)) * 0.7, digits), 0.01, 0.99)
    values = np.stack([1 - chances, chances], axis=2)
    said = [answer(one, ("a", "b")) for one in values]
    rated = rating(metric, y, ("a", "b"))(values)
    np.testing.assert_allclose(rated, [objective(y, one, metric) for one in said], atol=1e-12)
