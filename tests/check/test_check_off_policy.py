"""The check off_policy: what a policy would have earned, on rows with and without what it needs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from tests.learn.decision_tables import ACTIONS, contexts, decisions, worth

from lingqu.check.off_policy import OffPolicy
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.predictions import Predictions


def subject(test: Dataset, best: bool = True, actions: tuple[str, ...] = ACTIONS) -> Subject:
    train = decisions(3000, seed=5)
    value = worth(contexts(test))
    labels = value.argmax(axis=1) if best else value.argmin(axis=1)
    said = Predictions(labels, np.eye(len(actions))[labels], actions)
    return Subject("gate", "control", train.schema, train, test, said, seed=1)


def found(of: Subject) -> dict[str, Finding]:
    return {one.measure.removeprefix("off_policy."): one for one in OffPolicy().look(of)}


def test_the_best_policy_gains_and_the_worst_loses() -> None:
    test = decisions(3000, seed=6)
    best, worst = found(subject(test)), found(subject(test, best=False))
    assert best["gain"].low is not None and best["gain"].low > 0.1
    assert worst["gain"].high is not None and worst["gain"].high < -0.05
    true = worth(contexts(test)).max(axis=1).mean()
    robust = best["dr"]
    assert robust.value is not None and robust.low is not None and robust.high is not None
    # One in twenty intervals of 95 % misses: twice as wide they hold.
    assert abs(robust.value - true) < robust.high - robust.low
    assert best["logged"].value == test.frame["click"].mean()
    assert best["unsupported"].value == 0.0


def test_too_few_rows_that_say_anything_are_warned_of() -> None:
    few = found(subject(decisions(60, seed=7)))["effective"]
    many = found(subject(decisions(3000, seed=7)))["effective"]
    assert (few.severity, many.severity) == ("warn", "info")
    assert few.advice == "tables.advice_few" and many.value is not None and many.value < 1


def test_actions_that_no_log_ever_took_are_told() -> None:
    train = decisions(500)
    said = Predictions(np.full(500, 4), np.eye(5)[np.full(500, 4)], (*ACTIONS, "gold"))
    of = Subject("gate", "control", train.schema, train, train, said)
    assert found(of)["unsupported"].value == 1.0
    assert found(of)["unsupported"].evidence["never"] == ["gold"]
    assert found(of)["ips"].value == 0.0


def test_what_is_no_log_is_unknown() -> None:
    test = decisions(100)
    whole = subject(test)
    plain = test.schema.updated("click", role="feature")
    for of in (
        replace(whole, predictions=None),
        replace(whole, test=None),
        replace(whole, train=None),
        replace(whole, schema=plain),
        replace(whole, test=replace(test, frame=test.frame.with_columns(click=pl.lit(None)))),
    ):
        assert {one.verdict for one in OffPolicy().look(of)} == {"unknown"}
        assert all(one.value is None and one.evidence["why"] for one in OffPolicy().look(of))
