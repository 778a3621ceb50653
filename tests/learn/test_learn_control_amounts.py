"""Actions that are amounts: drawn about a mean, held by bounds, served as numbers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from tests.learn.control_trials import Trials
from tests.learn.inline_engine import Clock, InlineEngine

from lingqu.core.errors import SpecError, TrainError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.environment.episodes import play
from lingqu.environment.job import policy_of
from lingqu.environment.place import Place
from lingqu.environment.rules import rule_of
from lingqu.environment.several import Several
from lingqu.environment.watched import Watched
from lingqu.learn.control import OF_AMOUNTS, OF_TABLES, TRIED, graph
from lingqu.learn.control.choose import choose_policy
from lingqu.learn.control.heads import Amount, Choice
from lingqu.learn.control.net import operator_of, weights_of
from lingqu.learn.control.ppo import ActorCritic, Ppo
from lingqu.learn.deep.graph import answers
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import Runner, predict_model

FOLDER = str(Path(__file__).parent.parent / "environment")
AIM = Place("worlds:Aim", folder=FOLDER)
QUICK: dict[str, dict[str, Any]] = {
    "usual_action": {},
    "ppo": {"environments": 16, "steps": 32, "epochs": 30, "hidden": (16,), "passes": 6,
            "discount": 0.5, "every": 10},
}  # fmt: skip
TRIALS = Trials(AIM, QUICK)
fit, fitted = TRIALS.fit, TRIALS.fitted


def test_the_battery_leaves_nobody_out() -> None:
    assert set(OF_AMOUNTS) == set(QUICK)


@pytest.mark.parametrize("name", QUICK)
class TestEveryLearnerOfAmounts:
    def test_the_same_seed_gives_the_same_model(self, name: str) -> None:
        assert to_bytes(fit(name)) == to_bytes(fitted(name))

    def test_it_answers_with_numbers_between_the_bounds(self, name: str) -> None:
        model = from_bytes(to_bytes(fitted(name)))
        said = predict_model(model, Watched(AIM).observed.frame(TRIALS.seen))
        assert model.classes == () and said.probabilities is None
        assert said.labels.dtype == np.float64
        assert said.labels.min() >= -1.0 and said.labels.max() <= 3.0

    def test_outside_of_training_the_rule_answers_an_amount(self, name: str) -> None:
        frame = pl.DataFrame({"shown": [0.5, 400.0, -400.0], "noise": [0.5, 0.0, 0.0]})
        said = Runner.of(fitted(name)).predict(frame)
        assert np.asarray(said.fallback).tolist() == [False, True, True]
        assert np.asarray(said.out_of_range).tolist() == [False, True, True]
        assert said.labels[1:].tolist() == [2.0, -0.5]


def test_ppo_learns_the_amount() -> None:
    told = play(AIM, policy_of(fitted("ppo"), Watched(AIM).observed), range(20))
    constant = play(AIM, policy_of(fitted("usual_action"), Watched(AIM).observed), range(20))
    assert told.returns.mean() > -1.0 > constant.returns.mean()


def test_it_goes_on_from_a_checkpoint_with_the_very_bits(tmp_path: Path) -> None:
    plain = {"schedule": "constant", "every": 2, "epochs": 8}
    whole = fit("ppo", **plain)
    fit("ppo", **{**plain, "epochs": 4}, checkpoint=str(tmp_path / "run.pt"))
    again = fit("ppo", **plain, checkpoint=str(tmp_path / "run.pt"))
    assert again.members[0].graph == whole.members[0].graph
    assert again.members[0].notes == whole.members[0].notes


def test_the_graph_equals_the_net() -> None:
    wishes, rows = Ppo(hidden=(16,)), TRIALS.seen
    with torch.random.fork_rng():
        torch.manual_seed(1)
        task = ActorCritic(wishes, Several(AIM, 2, 0), rows)
        last: Any = task.actor[-1]
        last.weight.data.mul_(3000.0)  # so that some amounts reach their bounds
    body = graph.layers(weights_of(task.actor), operator_of("tanh"), task.features.size.numpy())
    data = graph.write(task.observed, body, task.known)
    with torch.inference_mode():
        eager = task.best(torch.from_numpy(rows)).numpy()
    assert {-1.0, 3.0} <= set(eager.tolist())
    assert np.abs(answers(data, {"x": rows})[:, 0] - eager).max() < 1e-5


class TestHeads:
    def test_an_amount_has_the_chance_of_a_normal_draw(self) -> None:
        head, mean = Amount((-2.0, 6.0)), torch.tensor([[0.3]])
        taken = torch.tensor([0.9])
        known: Any = torch.distributions.Normal(torch.tensor([0.3]), torch.tensor([0.6]))
        assert head.logs(mean, taken).item() == pytest.approx(known.log_prob(taken).item())
        assert head.entropy(mean).item() == pytest.approx(known.entropy().item())
        assert head.undecided(float(head.entropy(mean).item())) == pytest.approx(1.0)
        assert head.sent(np.array([0.25, 9.0])).tolist() == [3.0, 6.0]

    def test_draws_have_the_mean_and_the_deviation(self) -> None:
        head = Amount((0.0, 2.0))
        noise = head.noise(np.random.default_rng(0), (20_000,))
        taken, logs = head.drawn(torch.full((20_000, 1), 0.5), noise)
        assert (taken.mean(), taken.std()) == pytest.approx((0.5, 0.6), abs=0.01)
        assert logs.mean() == pytest.approx(-head.entropy(torch.zeros(1, 1)).item(), abs=0.02)

    def test_at_random_a_choice_is_wholly_undecided(self) -> None:
        assert Choice(4).undecided(math.log(4)) == 1.0


class TestWhatDoesNotFit:
    def test_learners_of_a_few_actions_are_refused(self) -> None:
        for name in sorted({"dqn", "linucb", *TRIED} - set(OF_AMOUNTS)):
            with pytest.raises(SpecError, match="What fits: usual_action, ppo"):
                fit(name)
        for name in sorted(OF_TABLES):
            with pytest.raises(SpecError):
                fit(name)

    def test_several_numbers_or_none_without_bounds_are_refused(self) -> None:
        for options in ({"parts": 2}, {"low": -np.inf}):
            with pytest.raises(SpecError, match="one amount between finite bounds"):
                Watched(Place("worlds:Aim", options, FOLDER))

    def test_a_rule_beyond_the_bounds_is_told(self) -> None:
        with pytest.raises(TrainError, match=r"answered 100\.0"):
            play(AIM, rule_of("worlds:too_much", AIM, 0), [1])


def test_the_bounds_hold_what_is_sent() -> None:
    watched = Watched(AIM)
    watched.reset(0)
    watched.step(99.0)
    watched.step(-99.0)
    assert watched.inner.taken == [3.0, -1.0]


def test_unasked_only_those_of_amounts_are_tried(tmp_path: Path) -> None:
    schema = Schema((Column("shown", "number"), Column("action", "number", "target")))
    walk = Dataset(pl.DataFrame({"shown": [1.0, 2.0], "action": [0.5, 1.0]}), schema)
    engine = InlineEngine(fails={"ppo": "timeout"})
    choice = choose_policy(
        walk, "control", place=AIM, table=False, budget_s=100.0, clock=Clock(), engine=engine,
        scratch=tmp_path,
    )  # fmt: skip
    assert {line.algorithm for line in choice.candidates} == {"usual_action", "ppo"}
    assert choice.model.classes == ()
