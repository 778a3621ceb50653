"""Confusion matrices by their sums: the same scores, without K × K cells of each resample."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as sk

from lingqu.core.confusion import Confusion
from lingqu.core.metrics import metric
from lingqu.core.predictions import Predictions


def test_sums_are_those_of_the_whole_matrix() -> None:
    random = np.random.default_rng(0)
    y, said = random.integers(0, 5, (2, 200))
    weights = random.uniform(0, 2, (3, 200))
    seen = Confusion.of(y, said, weights, 6)
    for row, weight in enumerate(weights):
        whole = sk.confusion_matrix(y, said, labels=range(6), sample_weight=weight)
        np.testing.assert_allclose(seen.hits[row], whole.diagonal())
        np.testing.assert_allclose(seen.true[row], whole.sum(1))
        np.testing.assert_allclose(seen.said[row], whole.sum(0))
        assert seen.total[row] == pytest.approx(whole.sum())


@pytest.mark.parametrize("name", ["accuracy", "balanced_accuracy", "f1", "mcc", "g_mean"])
def test_resamples_of_a_hundred_thousand_classes_fit_into_memory(name: str) -> None:
    classes = tuple(map(str, range(100_000)))  # whole matrices of two resamples are 160 GB
    y = np.arange(0, 100_000, 50)
    said = Predictions(np.where(y % 100 == 0, y, 0), None, classes)
    scores = metric(name).formula(y, said, 1, np.ones((2, len(y))))
    assert scores.shape == (2,) and np.isfinite(scores).all()
    if name == "accuracy":
        assert scores.tolist() == [0.5, 0.5]
