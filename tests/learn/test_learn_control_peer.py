"""A policy of Stable-Baselines3 is a model of ours: same judge, same graph, same answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lingqu.core import catalog
from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Schema
from lingqu.environment.episodes import play
from lingqu.environment.job import policy_of
from lingqu.environment.place import Place
from lingqu.environment.watched import Watched
from lingqu.learn.control.net import Features, sizes
from lingqu.learn.control.stable_baselines3 import acting, net_of
from lingqu.learn.control.subject import Arena
from lingqu.release.model import to_bytes

CART = Place("gym:CartPole-v1")
FOLDER = str(Path(__file__).parent.parent / "environment")


def fit(place: Place, **options: object) -> Model:
    rows = Dataset(pl.DataFrame(), Schema(()), facts={"environment": place.to_json()})
    learner = catalog.build("algorithms", "stable_baselines3", options)
    model: Model = learner.fit(rows, rows, Budget(60.0), lambda row: None)
    return model


@pytest.mark.parametrize("method", ["ppo", "a2c", "dqn"])
def test_it_learns_and_answers_the_same_again(method: str) -> None:
    wishes = {"method": method, "steps": 600, "every": 300}
    if method == "ppo":
        wishes["options"] = {"n_steps": 128, "batch_size": 64, "n_epochs": 2}
    model = fit(CART, **wishes)
    assert to_bytes(fit(CART, **wishes)) == to_bytes(model)
    assert model.members[0].notes["steps"] >= 600
    told = play(CART, policy_of(model, Watched(CART).observed), range(4))
    assert told.returns.min() >= 8


def test_the_layers_answer_as_its_own_policy_does() -> None:
    from stable_baselines3 import PPO

    arena = Arena(CART, 0)
    rows = arena.walked.rows
    agent = PPO("MlpPolicy", "CartPole-v1", seed=0, device="cpu")
    size = np.ones_like(sizes(arena.observed, rows))
    own = acting(*net_of(agent), Features(arena.observed, size))(rows, ())
    theirs = agent.predict(rows, deterministic=True)[0]
    assert np.array_equal(own, theirs)


def test_what_it_cannot_do_is_refused() -> None:
    with pytest.raises(TrainError, match="closes some"):
        fit(Place("worlds:Corridor", folder=FOLDER))
    with pytest.raises(TrainError, match="unexpected keyword"):
        fit(CART, options={"speed": 3})
