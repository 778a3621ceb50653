"""Learning single decisions by acting: explored, learned, and answered by the graph alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.decision_tables import worth

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Schema
from lingqu.environment.job import policy_of
from lingqu.environment.place import Place
from lingqu.environment.watched import Watched
from lingqu.learn.control.linear_bandit import Lines, usual_sizes, wide
from lingqu.learn.control.linucb import LinUcb
from lingqu.release.model import to_bytes

NAMES = ("linucb", "thompson")
PLACE = Place("tests.learn.banner_environment:Banners")
VISITORS = np.random.default_rng(0).normal(size=(2000, 3)).astype(np.float32)


def fit(name: str, seconds: float = 60.0, place: Place = PLACE, **options: Any) -> Model:
    rows = Dataset(pl.DataFrame(), Schema(()), facts={"environment": place.to_json()})
    learner = catalog.build("algorithms", name, options)
    model: Model = learner.fit(rows, rows, Budget(seconds, seed=3), lambda row: None)
    return model


def earned(model: Model) -> float:
    said = policy_of(model, Watched(PLACE).observed)(VISITORS, ())
    return float(worth(VISITORS.astype(np.float64))[np.arange(2000), said].mean())


@pytest.mark.parametrize("name", NAMES)
def test_what_suits_whom_is_found_by_trying(name: str) -> None:
    best = float(worth(VISITORS.astype(np.float64)).max(axis=1).mean())
    model = fit(name, steps=3000)
    assert best > 0.5 and earned(model) > best - 0.04
    notes = model.members[0].notes
    assert notes["decisions"] == 3000 and notes["mean_reward"] > 0.4


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_learns_the_same(name: str) -> None:
    assert to_bytes(fit(name, steps=300)) == to_bytes(fit(name, steps=300))


def test_who_never_explores_learns_no_more_than_who_does() -> None:
    timid = fit("linucb", steps=600, width=0.0)
    assert earned(fit("linucb", steps=600)) > earned(timid) - 0.02


def test_what_is_closed_is_neither_taken_nor_answered() -> None:
    place = Place(PLACE.name, {"masked": True})
    observed = Watched(place).observed
    model = fit("linucb", place=place, steps=800)
    opened = np.repeat(VISITORS[:, :1] > 0, 2, axis=1)
    rows = np.hstack([VISITORS, opened, np.ones((2000, 2))]).astype(np.float32)
    said = policy_of(model, observed)(rows, ())
    assert (said[~opened[:, 0]] >= 2).all() and (said[opened[:, 0]] < 2).any()


def test_lines_learn_what_a_ridge_finds() -> None:
    x, reward = VISITORS[:50].astype(np.float64), np.arange(50.0)
    lines = Lines(3, 2, 2.0)
    before = lines.doubt(x[0])
    for row, gain in zip(x, reward, strict=True):
        lines.learn(row, 1, float(gain))
    ridge = np.linalg.solve(x.T @ x + 2.0 * np.eye(3), x.T @ reward)
    assert np.abs(lines.weight[1] - ridge).max() < 1e-9 and not lines.weight[0].any()
    after = lines.doubt(x[0])
    assert after[1] < before[1] and after[0] == before[0]


def test_features_are_those_of_the_graph() -> None:
    cart = Watched(Place("gym:CartPole-v1")).observed
    rows = VISITORS[:2, [0, 1, 2, 0]]
    assert np.allclose(wide(cart, rows, np.full(4, 2.0)), np.hstack([rows / 2, np.ones((2, 1))]))
    lake = Watched(Place("gym:FrozenLake-v1")).observed
    assert wide(lake, np.array([[3.0]], np.float32), np.ones(16)).argmax() == 3
    assert usual_sizes(lake, np.array([[3.0]], np.float32)).tolist() == [1.0] * 16


@pytest.mark.parametrize("name", NAMES)
def test_time_ends_it_in_a_usable_state(name: str) -> None:
    model = fit(name, seconds=0.05, steps=10**9)
    assert model.members[0].notes["unfinished"]
    assert 0.0 <= earned(model) <= 1.0


def test_options_out_of_range_are_refused() -> None:
    for name, options in (("linucb", {"width": -1.0}), ("thompson", {"noise": 0.0}),
                          ("thompson", {"steps": 0}), ("linucb", {"penalty": 0.0})):  # fmt: skip
        with pytest.raises(SpecError, match=name):
            catalog.build("algorithms", name, options)
    assert LinUcb.cost(100, 4, 2) > 0
