"""Every metric by its name: as scikit-learn has it, with weights, and where it is not defined."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from imblearn.metrics import geometric_mean_score
from scipy.stats import spearmanr
from sklearn import metrics as sk

from lingqu.core import metrics
from lingqu.core.errors import SpecError
from lingqu.core.metric_table import NAMES, PARAMETERS, is_known, metric_of
from lingqu.core.predictions import Lists, Predictions


def averaged(function: Any, average: str) -> Callable[..., float]:
    return lambda y, p, w: function(y, p, average=average, zero_division=0, sample_weight=w)


def usual(k: int) -> str:
    return "binary" if k == 2 else "macro"


LABELS: dict[str, Callable[[int], Callable[..., float]]] = {
    "accuracy": lambda k: lambda y, p, w: sk.accuracy_score(y, p, sample_weight=w),
    "balanced_accuracy": lambda k: (
        lambda y, p, w: sk.balanced_accuracy_score(y, p, sample_weight=w)
    ),
    "precision": lambda k: averaged(sk.precision_score, usual(k)),
    "recall": lambda k: averaged(sk.recall_score, usual(k)),
    "f1": lambda k: averaged(sk.f1_score, usual(k)),
    "jaccard": lambda k: averaged(sk.jaccard_score, usual(k)),
    **{
        f"{part}_{average}": partial(lambda k, f, a: averaged(f, a), f=function, a=average)
        for part, function in (
            ("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)
        )
        for average in ("macro", "micro", "weighted")
        if (part, average) not in (("precision", "micro"), ("recall", "micro"))
    },
    "fbeta(2)": lambda k: (
        lambda y, p, w: sk.fbeta_score(
            y, p, beta=2, average=usual(k), zero_division=0, sample_weight=w
        )
    ),
    "mcc": lambda k: lambda y, p, w: sk.matthews_corrcoef(y, p, sample_weight=w),
    "cohen_kappa": lambda k: lambda y, p, w: sk.cohen_kappa_score(y, p, sample_weight=w),
    "quadratic_kappa": lambda k: (
        lambda y, p, w: sk.cohen_kappa_score(
            y, p, labels=range(k), weights="quadratic", sample_weight=w
        )
    ),
    "g_mean": lambda k: (
        lambda y, p, w: geometric_mean_score(y, p, average="multiclass", sample_weight=w)
    ),
    "specificity": lambda k: lambda y, p, w: specificity(y, p, w, k),
}  # fmt: skip
CHANCES: dict[str, Callable[..., float]] = {
    "roc_auc_ovo": lambda y, p, w: sk.roc_auc_score(y, p, multi_class="ovo", average="macro"),
    "top_k_accuracy(2)": lambda y, p, w: sk.top_k_accuracy_score(y, p, k=2, sample_weight=w),
    "top_k_accuracy(3)": lambda y, p, w: sk.top_k_accuracy_score(y, p, k=3, sample_weight=w),
}
VALUES: dict[str, Callable[..., float]] = {
    "rmse": sk.root_mean_squared_error,
    "mse": sk.mean_squared_error,
    "mae": sk.mean_absolute_error,
    "mape": sk.mean_absolute_percentage_error,
    "r2": sk.r2_score,
    "explained_variance": sk.explained_variance_score,
    "rmsle": sk.root_mean_squared_log_error,
    "poisson_deviance": sk.mean_poisson_deviance,
    "gamma_deviance": sk.mean_gamma_deviance,
    "pinball(0.9)": lambda y, p, **w: sk.mean_pinball_loss(y, p, alpha=0.9, **w),
    "pinball": lambda y, p, **w: sk.mean_pinball_loss(y, p, alpha=0.5, **w),
}


def specificity(y: Any, p: Any, w: Any, k: int) -> float:
    tables = sk.multilabel_confusion_matrix(y, p, labels=range(k), sample_weight=w)
    shares = tables[:, 0, 0] / (tables[:, 0, 0] + tables[:, 0, 1])
    return float(shares[1] if k == 2 else shares.mean())


def classified(seed: int, n: int, k: int) -> tuple[np.ndarray, Predictions, np.ndarray]:
    random = np.random.default_rng(seed)
    y = np.r_[np.arange(k), random.integers(0, k, n - k)]
    raw = np.round(6 * (random.random((n, k)) + np.eye(k)[y] * random.random((n, 1)))) + 1
    chances = raw / raw.sum(1, keepdims=True)
    said = Predictions(chances.argmax(1), chances, tuple(f"c{i}" for i in range(k)))
    return y, said, random.integers(1, 4, n).astype(float)


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("name", LABELS)
def test_scores_of_labels_are_those_of_scikit_learn(name: str, k: int) -> None:
    for seed in range(4):
        y, said, weights = classified(seed, 60, k)
        expected = LABELS[name](k)
        for w in (None, weights):
            found = metrics.score(name, y, said, weights=w)
            assert found == pytest.approx(expected(y, said.labels, w), abs=1e-9)


@pytest.mark.parametrize("k", [3, 5])
@pytest.mark.parametrize("name", CHANCES)
def test_scores_of_chances_are_those_of_scikit_learn(name: str, k: int) -> None:
    if name == "top_k_accuracy(3)" and k == 3:
        y, said, _ = classified(0, 50, k)
        assert metrics.score(name, y, said) == 1.0
        return
    for seed in range(4):
        y, said, weights = classified(seed, 60, k)
        for w in (None, weights) if "top_k" in name else (None,):
            expected = CHANCES[name](y, said.probabilities, w)
            assert metrics.score(name, y, said, weights=w) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", VALUES)
def test_scores_of_values_are_those_of_scikit_learn(name: str) -> None:
    for seed in range(4):
        random = np.random.default_rng(seed)
        y = random.gamma(2.0, 3.0, 70) + 0.1
        said = Predictions(np.maximum(0.05, y + random.normal(0, 1, 70)))
        for w in (None, random.integers(1, 4, 70).astype(float)):
            expected = VALUES[name](y, said.labels, sample_weight=w)
            assert metrics.score(name, y, said, weights=w) == pytest.approx(expected, rel=1e-9)


def test_scores_that_are_no_mean_of_rows() -> None:
    random = np.random.default_rng(0)
    y = np.round(random.normal(0, 2, 81), 1)
    said = Predictions(np.round(y + random.normal(0, 2, 81), 1))
    for n in (80, 81):
        part, cut = Predictions(said.labels[:n]), y[:n]
        assert metrics.score("median_ae", cut, part) == pytest.approx(
            sk.median_absolute_error(cut, part.labels)
        )
        assert metrics.score("max_error", cut, part) == sk.max_error(cut, part.labels)
        assert metrics.score("spearman", cut, part) == pytest.approx(
            float(spearmanr(cut, part.labels).statistic)
        )
        assert metrics.score("wape", cut, part) == pytest.approx(
            np.abs(cut - part.labels).sum() / np.abs(cut).sum()
        )


def test_rankings_are_judged_list_by_list() -> None:
    random = np.random.default_rng(1)
    groups = random.permutation(np.repeat(np.arange(12), 10))
    y = random.integers(0, 4, 120).astype(float)
    y[groups == 3] = 0.0  # nothing in it is relevant
    scores = np.round(random.normal(size=120) + 0.5 * y, 1)  # with ties
    said = Predictions(scores, groups=groups)
    kept = [g for g in range(12) if g != 3]
    for k in (None, 3, 5):
        name = "ndcg" if k is None else f"ndcg@{k}"
        rows = [(y[groups == g][None], scores[groups == g][None]) for g in kept]
        expected = np.mean([sk.ndcg_score(truth, one, k=k) for truth, one in rows])
        assert metrics.score(name, y, said) == pytest.approx(expected, abs=1e-12)
    distinct = Predictions(random.permutation(120).astype(float), groups=groups)
    expected = np.mean([
        sk.average_precision_score(y[groups == g] > 0, distinct.labels[groups == g]) for g in kept
    ])  # fmt: skip
    assert metrics.score("map", y, distinct) == pytest.approx(expected, abs=1e-12)
    constant = Predictions(np.zeros(120), groups=groups)
    assert metrics.score("map@3", y, constant) < metrics.score("map@3", y, distinct)
    assert np.isnan(metrics.score("ndcg", y, Predictions(scores)))  # no lists
    assert np.isnan(metrics.score("ndcg", y - 2, said))  # relevance below 0
    low, high = metrics.intervals(["ndcg@5"], y, said)["ndcg@5"]
    assert low < metrics.score("ndcg@5", y, said) < high
    rows = metrics.intervals(["mae"], y, Predictions(scores))["mae"]
    lists = metrics.intervals(["mae"], y, said)["mae"]
    assert rows != lists  # lists are drawn whole


def test_recommended_lists_are_judged_by_the_place_of_what_was_taken() -> None:
    items = np.array([[3, 1, 2], [0, 2, 1], [1, 0, -1], [2, 0, 1]])
    lists = Lists(items, np.zeros((4, 3)), np.ones(4, bool), ((),) * 4)
    said = Predictions(items[:, 0], classes=("a", "b", "c", "d"), lists=lists)
    y = np.array([3, 1, 3, 0])
    assert metrics.score("hit_rate@3", y, said) == 0.75
    assert metrics.score("recall@2", y, said) == 0.5
    assert metrics.score("mrr@3", y, said) == pytest.approx((1 + 1 / 3 + 0 + 1 / 2) / 4)
    worth = (1 + 1 / np.log2(4) + 0 + 1 / np.log2(3)) / 4
    assert metrics.score("ndcg@3", y, said) == pytest.approx(worth)


@pytest.mark.parametrize("name", [name for name in metrics.able("classify") if name != "fbeta"])
def test_every_score_of_classes_has_weights_an_interval_and_one_class(name: str) -> None:
    for k in (2, 3):
        y, said, weights = classified(2, 50, k)
        again = np.repeat(np.arange(50), weights.astype(int))
        assert said.probabilities is not None
        copies = Predictions(said.labels[again], said.probabilities[again], said.classes)
        found = metrics.score(name, y, said, weights=weights)
        assert found == pytest.approx(metrics.score(name, y[again], copies), abs=1e-9) or (
            name == "ece"  # its bins are cut from the rows that are there
        )
        low, high = metrics.intervals([name], y, said, n=50)[name]
        assert low <= high
        one = metrics.score(name, np.zeros(50, int), said)  # one class: a number, or NaN
        assert np.isnan(one) or metric_of(name).low <= one <= metric_of(name).high
    ends = metric_of(name)
    best = metrics.score(name, y, Predictions(y, np.eye(3)[y], said.classes))
    assert best == pytest.approx(ends.low if ends.smaller else ends.high, abs=1e-9)


@pytest.mark.parametrize("name", [n for n in metrics.able("regress") if n not in ("ndcg", "map")])
def test_every_score_of_values_has_weights_an_interval_and_constants(name: str) -> None:
    random = np.random.default_rng(5)
    y = random.gamma(2.0, 3.0, 60) + 0.1
    said = Predictions(np.maximum(0.05, y + random.normal(0, 1, 60)))
    weights = random.integers(0, 4, 60).astype(float)
    again = np.repeat(np.arange(60), weights.astype(int))
    found = metrics.score(name, y, said, weights=weights)
    assert found == pytest.approx(metrics.score(name, y[again], Predictions(said.labels[again])))
    low, high = metrics.intervals([name], y, said, n=50)[name]
    assert low < high
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        constant = metrics.score(name, np.ones(60), said)
        undefined = name in ("r2", "explained_variance", "spearman")
        assert np.isnan(constant) == undefined
        least = metrics.score(name, y, Predictions(np.full(60, -3.0)))
        assert np.isfinite(least) or name == "spearman"  # answers below 0 have a stated score
    ends = metric_of(name)
    best = metrics.score(name, y, Predictions(y))
    assert best == pytest.approx(ends.low if ends.smaller else ends.high, abs=1e-9)
    below = metrics.score(name, y - 100, said)
    assert np.isnan(below) == (name in ("rmsle", "poisson_deviance", "gamma_deviance"))


def test_there_are_more_than_twenty_of_each_kind_together() -> None:
    assert len(metrics.able("classify")) >= 24 and len(metrics.able("regress")) >= 16
    assert {metric_of(n).form for n in NAMES if n != "fbeta"} >= {"labels", "chances", "values"}
    assert not set(metrics.names("classify")) - set(metrics.able("classify"))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("pinball(0.90)", "pinball(0.9)"), (" pinball( .9 ) ", "pinball(0.9)"),
        ("pinball", "pinball(0.5)"), ("top_k_accuracy", "top_k_accuracy(2)"),
        ("fbeta(0.5)", "fbeta(0.5)"), ("ndcg(10)", "ndcg@10"), ("ndcg @ 10", "ndcg@10"),
        ("map", "map"), ("f1", "f1"), ("hit_rate@5", "hit_rate@5"),
    ],
)  # fmt: skip
def test_a_number_may_be_written_in_a_few_ways(written: str, name: str) -> None:
    assert metric_of(written).name == name and is_known(written)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("pinball(1.5)", "0 < n < 1"), ("fbeta", "fbeta(n)"), ("top_k_accuracy(2.5)", "1, 2, 3"),
        ("f1(2)", "takes no number"), ("ndcg@0", "1, 2, 3"), ("pinbal(0.5)", "Near names: pinball"),
        ("fbeta(-1)", "n > 0"), ("top_k_accuracy(a)", "1, 2, 3"), ("", "not a metric"),
    ],
)  # fmt: skip
def test_what_is_no_metric_is_refused_in_words(written: str, said: str) -> None:
    with pytest.raises(SpecError) as refused:
        metric_of(written)
    assert said in str(refused.value) and not is_known(written)
    assert set(PARAMETERS) <= set(NAMES)


class TestTheEqualErrorRate:
    @staticmethod
    def of(y: list[int], chance: list[float]) -> float:
        proba = np.column_stack([1 - np.array(chance), np.array(chance)])
        return metrics.score("eer", np.array(y), Predictions(np.array(y), proba, ("no", "yes")))

    @pytest.mark.parametrize(
        ("chance", "expected"),
        [
            ([0.1, 0.2, 0.8, 0.9], 0.0),
            ([0.8, 0.9, 0.1, 0.2], 1.0),
            ([0.1, 0.6, 0.4, 0.9], 0.5),
            ([0.5, 0.5, 0.5, 0.5], 0.5),
            ([0.1, 0.5, 0.5, 0.9], 0.25),  # halfway along the step in which one of each changes
        ],
    )
    def test_by_hand(self, chance: list[float], expected: float) -> None:
        assert self.of([0, 0, 1, 1], chance) == pytest.approx(expected, abs=1e-12)

    def test_one_class_has_none(self) -> None:
        assert np.isnan(self.of([1, 1], [0.2, 0.4]))

    @pytest.mark.parametrize("seed", range(12))
    def test_it_is_where_the_curve_of_scikit_learn_crosses(self, seed: int) -> None:
        draw = np.random.default_rng(seed)
        y = np.r_[0, 1, draw.integers(0, 2, 60)]
        chance = np.round(1 / (1 + np.exp(-draw.normal(y, 1.0))), 1 + seed % 3)
        accepted, found, _ = sk.roc_curve(y, chance, drop_intermediate=False)
        # Of two neighbours on the curve, one on either side of the line of equal errors.
        gaps = accepted + found - 1
        after = int(np.argmax(gaps >= 0))
        way = -gaps[after - 1] / (gaps[after] - gaps[after - 1])
        expected = accepted[after - 1] + way * (accepted[after] - accepted[after - 1])
        assert self.of(y.tolist(), chance.tolist()) == pytest.approx(expected, abs=1e-12)
