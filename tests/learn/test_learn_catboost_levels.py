"""CatBoost's own statistics of categories, told by the graph without its hashes."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.tabular.catboost import CatBoost
from lingqu.release.runner import predict_model

TOWNS = ("成都", "桂林", "西安", "杭州", "苏州", "南宁", "长沙", "武汉")


def trips(target: str, count: int = 240, seed: int = 0) -> Dataset:
    """Return rows whose target goes by the town, with gaps, and a number beside."""
    random = np.random.default_rng(seed)
    town = random.integers(0, len(TOWNS), count)
    days = random.normal(size=count)
    drawn = 2.0 * (town % 3) + days + 0.3 * random.normal(size=count)
    truth: list[object] = drawn.tolist()
    if target != "value":
        edges = np.quantile(drawn, [0.5] if target == "two" else [0.3, 0.7])
        truth = [f"class {place}" for place in np.searchsorted(edges, drawn)]
    named = [None if random.random() < 0.05 else TOWNS[place] for place in town]
    frame = pl.DataFrame(
        {"town": named, "wet": random.choice(["yes", "no"], count), "days": days, "y": truth}
    )
    kind = Column("y", "number", "target")
    if target != "value":
        kind = Column("y", "category", "target", levels=tuple(sorted(set(map(str, truth)))))
    columns = (
        Column("town", "category"),
        Column("wet", "category"),
        Column("days", "number"),
        kind,
    )
    return Dataset(frame, Schema(columns))


def fitted(target: str, **options: Any) -> Model:
    learner = CatBoost(rounds=60, **options)
    return learner.fit(trips(target), trips(target, 80, seed=1), Budget(30.0), lambda row: None)


@pytest.mark.parametrize("target", ["two", "three", "value"])
def test_levels_are_counted_by_catboost_and_looked_up_by_the_graph(target: str) -> None:
    """`fit` itself compares graph and library on real rows, and refuses a difference."""
    assert b"chain_ranks" in fitted(target).members[0].graph
    assert b"chain_ranks" not in fitted(target, levels="codes").members[0].graph


def test_an_unseen_level_is_answered_as_a_missing_one() -> None:
    rows = pl.DataFrame({"town": [None, "拉萨", "桂林"], "wet": ["no"] * 3, "days": [0.1] * 3})
    said = predict_model(fitted("two"), rows).probabilities
    assert said is not None
    assert np.array_equal(said[0], said[1])
    assert not np.array_equal(said[0], said[2])


def test_its_own_statistics_tell_more_of_towns_than_codes_do() -> None:
    """Towns go up and down along their codes, in threes: counts need one question, codes many."""
    other = trips("value", 2000, seed=2)
    truth = other.frame["y"].to_numpy()
    errors = {}
    for levels in ("own", "codes"):
        train, valid = trips("value", 60), trips("value", 60, seed=1)
        learner = CatBoost(rounds=200, levels=levels)
        model = learner.fit(train, valid, Budget(30.0), lambda row: None)
        errors[levels] = float(np.mean((predict_model(model, other.frame).labels - truth) ** 2))
    assert errors["own"] < errors["codes"]


def test_a_promised_direction_is_kept_with_codes() -> None:
    model = fitted("two", levels="own", monotone={"days": "increasing"})
    assert b"chain_ranks" not in model.members[0].graph
