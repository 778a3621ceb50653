"""Scores of vectors, and of models that tell how likely the truth is."""

from __future__ import annotations

import numpy as np
import pytest

from lingqu.core.metrics import greater_is_better, intervals, score
from lingqu.core.predictions import Predictions, Replies
from lingqu.core.reply_metrics import truths
from lingqu.core.vector_metrics import ranks


def answers(said: list[list[float]], **beside: list[object]) -> Predictions:
    sizes = np.array([len(one) for one in said], float)
    return Predictions(sizes, replies=Replies(tuple(said), None, beside))


def test_ranks_are_those_of_a_walk_through_all_candidates() -> None:
    draw = np.random.default_rng(0)
    points, partners = draw.normal(size=(2, 40, 6))
    whose = [str(n) for n in draw.integers(0, 30, 40)]
    found = ranks(points.tolist(), partners.tolist(), whose)
    units = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (points, partners)]
    for row in range(40):
        order = np.argsort(-(units[1] @ units[0][row]))
        walk = next(n for n, other in enumerate(order, 1) if whose[other] == whose[row])
        assert found[row] == walk


def test_a_model_that_says_the_same_of_all_finds_nothing() -> None:
    same = [[1.0, 0.0]] * 6
    y = truths(["a", "b", "c", "d", "e", "f"], "embed")
    assert score("recall_at_1", y, answers(same, partner=list(same))) == 0.0
    assert score("recall_at_1", truths(["a", "a", "b", "b"], "embed"), answers(same[:4])) == 0.0


def test_rows_of_a_class_of_their_own_are_not_counted() -> None:
    said = answers([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]])
    y = truths(["a", "a", "b"], "embed")
    assert score("recall_at_1", y, said) == score("mrr", y, said) == 1.0
    assert np.isnan(score("mrr", truths(["a", "b", "c"], "embed"), said))


def test_perplexity_weighs_tokens_and_smaller_is_better() -> None:
    said = answers([[1.0], [1.0]], nats=[2 * np.log(4), 0.0], tokens=[2.0, 2.0])
    y = truths(["xy", "z"], "chat")
    # Inside, a greater score is always the better one.
    assert abs(score("perplexity", y, said)) == pytest.approx(2.0)
    assert not greater_is_better("perplexity")
    low, high = intervals(("perplexity",), y, said, 200, 0, 1)["perplexity"]
    assert sorted(map(abs, (low, high))) == pytest.approx([1.0, 4.0])
    assert np.isnan(score("perplexity", y, answers([[1.0], [1.0]])))
