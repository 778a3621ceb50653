"""Every learner of policies keeps the same promises, in a corridor that can be walked out of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from tests.learn.control_trials import Trials
from tests.learn.inline_engine import Clock, InlineEngine

from lingqu.core import catalog
from lingqu.core.errors import SpecError, TrainError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.environment.episodes import play
from lingqu.environment.job import policy_of
from lingqu.environment.place import Place
from lingqu.environment.several import Several
from lingqu.environment.watched import Watched
from lingqu.learn import ALGORITHMS
from lingqu.learn.control import LOGGED, TABLES, TRIED
from lingqu.learn.control.choose import choose_policy
from lingqu.learn.control.dqn import Dqn
from lingqu.learn.control.heads import drawn
from lingqu.learn.control.ppo import ActorCritic, Ppo, advantages
from lingqu.learn.portfolio import FACTS
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import Runner, predict_model

FOLDER = str(Path(__file__).parent.parent / "environment")
CORRIDOR = Place("worlds:Corridor", folder=FOLDER)
QUICK: dict[str, dict[str, Any]] = {
    "usual_action": {},
    "ppo": {"environments": 8, "steps": 32, "epochs": 12, "hidden": (16,), "passes": 4},
    "dqn": {"environments": 4, "steps": 16, "epochs": 20, "hidden": (32,), "draws": 16,
            "first": 200, "explored": 800, "memory": 2000, "learning_rate": 5e-3},
}  # fmt: skip
ACTING = ("ppo", "dqn")
TRIALS = Trials(CORRIDOR, QUICK)
fit, fitted = TRIALS.fit, TRIALS.fitted


def test_the_battery_leaves_nobody_out() -> None:
    able = {name for name in ALGORITHMS if "control" in FACTS[name].tasks}
    others = {*TABLES, "policy_iteration", *LOGGED, "linucb", "thompson", "stable_baselines3"}
    assert able - others == set(QUICK)
    assert set(TRIED) == set(QUICK)


@pytest.mark.parametrize("name", QUICK)
class TestEveryLearnerOfPolicies:
    def test_it_says_where_it_comes_from_and_what_its_options_mean(self, name: str) -> None:
        kind = catalog.load("algorithms", name)
        told = kind.__doc__ or ""
        assert re.search(r"^\s*Example:", told, re.M)
        assert re.search(r"^\s*Source:", told, re.M)
        for option in catalog.options_of(kind):
            assert re.search(rf"^\s+{option.name}: ", told, re.M), option.name
        assert kind.cost(100, 4, 2) > 0

    def test_the_same_seed_gives_the_same_model(self, name: str) -> None:
        assert to_bytes(fit(name)) == to_bytes(fitted(name))

    def test_it_survives_being_stored(self, name: str) -> None:
        model = fitted(name)
        again = from_bytes(to_bytes(model))
        frame = Watched(CORRIDOR).observed.frame(TRIALS.seen)
        one, two = predict_model(model, frame), predict_model(again, frame)
        assert one.classes == two.classes == ("left", "right")
        assert np.array_equal(one.probabilities, two.probabilities)  # type: ignore[arg-type]

    def test_a_closed_action_is_never_taken(self, name: str) -> None:
        observed = Watched(CORRIDOR).observed
        rows = TRIALS.seen
        frame = observed.frame(rows)
        said = predict_model(fitted(name), frame)
        chances = said.probabilities
        assert chances is not None
        assert chances.sum(axis=1) == pytest.approx(1.0)
        inside = ~np.asarray(said.fallback)
        assert chances[inside][~observed.allowed(rows)[inside]].max() < 1e-6
        told = play(CORRIDOR, policy_of(fitted(name), observed), range(10))
        assert told.closed.sum() == 0

    def test_outside_of_training_the_rule_answers(self, name: str) -> None:
        frame = pl.DataFrame(
            {"place": [2.0, 500.0, None, -90.0], "steps": [1.0, 1.0, 1.0, 1.0],
             "allowed.left": [True] * 4, "allowed.right": [True] * 4}
        )  # fmt: skip
        said = Runner.of(fitted(name)).predict(frame)
        assert np.asarray(said.fallback).tolist() == [False, True, True, True]
        # Of the fallback's rule: above place 3 to the left, else to the right.
        assert [said.classes[int(label)] for label in said.labels][1:] == ["left", "right", "right"]
        shut = frame.with_columns(pl.Series("allowed.left", [False] * 4))
        said = Runner.of(fitted(name)).predict(shut)
        assert np.asarray(said.fallback).tolist() == [False, False, True, True]
        assert {said.classes[int(label)] for label in said.labels} == {"right"}

    def test_without_an_environment_it_is_refused(self, name: str) -> None:
        rows = Dataset(pl.DataFrame(), Schema(()))
        with pytest.raises(TrainError, match="name no environment"):
            catalog.build("algorithms", name, {}).fit(rows, rows, Budget(1.0), lambda row: None)


@pytest.mark.parametrize("name", ACTING)
class TestLearnersByTrial:
    def test_it_finds_the_way_out(self, name: str) -> None:
        observed = Watched(CORRIDOR).observed
        told = play(CORRIDOR, policy_of(fitted(name), observed), range(40))
        best = play(CORRIDOR, lambda rows, all_seen: np.ones(len(rows), np.int64), range(40))
        assert told.returns.mean() == pytest.approx(best.returns.mean(), abs=1e-6)

    def test_it_goes_on_from_a_checkpoint_with_the_very_bits(
        self, name: str, tmp_path: Path
    ) -> None:
        file = str(tmp_path / "run.pt")
        half = QUICK[name]["epochs"] // 2
        plain = {"schedule": "constant", "every": 2}
        whole = fit(name, **plain)
        fit(name, **plain, epochs=half, checkpoint=file)
        again = fit(name, **plain, checkpoint=file)
        assert again.members[0].graph == whole.members[0].graph
        assert again.members[0].notes == whole.members[0].notes

    def test_it_stops_in_time(self, name: str) -> None:
        model = fit(name, seconds=2.0, epochs=10**6, every=50)
        assert model.members[0].notes["unfinished"]
        assert model.members[0].notes["rollouts"] < 10**5

    def test_the_graph_equals_the_net(self, name: str) -> None:
        kinds: dict[str, Any] = {"ppo": Ppo, "dqn": Dqn}
        wishes = kinds[name](**QUICK[name])
        from lingqu.learn.control import graph
        from lingqu.learn.control.dqn import Worth
        from lingqu.learn.control.net import operator_of, weights_of

        several = Several(CORRIDOR, 2, 0)
        rows = TRIALS.seen
        with torch.random.fork_rng():
            torch.manual_seed(1)
            task: Any = (ActorCritic if name == "ppo" else Worth)(wishes, several, rows)
        net = task.actor if name == "ppo" else task.slow
        size = task.features.size.numpy()
        body = graph.layers(weights_of(net), operator_of(wishes.activation), size)
        data = graph.write(task.observed, body, task.known)
        from lingqu.learn.deep.graph import answers

        with torch.inference_mode():
            x = torch.from_numpy(rows)
            eager = torch.softmax(task.closed(x, task.scores(x)), dim=1).numpy()
        assert np.abs(answers(data, {"x": rows}) - eager).max() < 1e-6


class TestPpo:
    def test_what_comes_after_a_cut_counts_and_after_an_end_does_not(self) -> None:
        draw = np.random.default_rng(0)
        rewards, value, later = draw.random((3, 4, 1)).astype(np.float32)
        ended, cut = np.array([[0], [1], [0], [1]], bool), np.array([[0], [1], [0], [0]], bool)
        found = advantages(rewards, value, later, ended, cut, 0.9, 0.8)[:, 0]
        r, v, after = rewards[:, 0], value[:, 0], later[:, 0]
        last = r[3] - v[3]
        third = r[2] + 0.9 * after[2] - v[2] + 0.72 * last
        second = r[1] + 0.9 * after[1] - v[1]
        first = r[0] + 0.9 * after[0] - v[0] + 0.72 * second
        assert found == pytest.approx([first, second, third, last], abs=1e-6)

    def test_actions_are_drawn_by_their_chances(self) -> None:
        logs = np.log(np.tile(np.array([[0.2, 0.0001, 0.7999]], np.float32), (20_000, 1)))
        actions = drawn(logs, np.random.default_rng(0).random(20_000).astype(np.float32))
        shares = np.bincount(actions, minlength=3) / 20_000
        assert shares == pytest.approx([0.2, 0.0001, 0.7999], abs=0.01)


class TestTheChoice:
    def walk(self) -> Dataset:
        schema = Schema((Column("place", "number"), Column("action", "category", "target",
                                                           levels=("left", "right"))))  # fmt: skip
        return Dataset(pl.DataFrame({"place": [1.0, 2.0], "action": ["left", "right"]}), schema)

    def test_the_best_of_those_named_is_released(self, tmp_path: Path) -> None:
        wishes = [("usual_action", {}), ("ppo", QUICK["ppo"])]
        choice = choose_policy(
            self.walk(), "control", place=CORRIDOR, table=False, budget_s=100.0, clock=Clock(),
            engine=InlineEngine(), scratch=tmp_path, algorithms=wishes,
        )  # fmt: skip
        assert {line.algorithm for line in choice.candidates} == {"usual_action", "ppo"}
        assert choice.metric == "return"
        best = max(line.score or 0.0 for line in choice.candidates)
        assert choice.score == best
        assert choice.model.members[0].weight == 1.0

    def test_without_time_there_is_the_best_single_action(self, tmp_path: Path) -> None:
        engine = InlineEngine(fails={"ppo": "timeout"}, seconds={"usual_action": 50.0})
        choice = choose_policy(
            self.walk(), "control", place=CORRIDOR, table=False, budget_s=1.0, clock=engine.clock,
            engine=engine, scratch=tmp_path,
        )  # fmt: skip
        assert choice.model.members[0].algorithm == "usual_action"

    def test_an_unknown_or_foreign_learner_is_refused(self, tmp_path: Path) -> None:
        for name in ("lightgbm", "pppo"):
            with pytest.raises(SpecError):
                choose_policy(
                    self.walk(), "control", place=CORRIDOR, table=False, budget_s=1.0,
                    engine=InlineEngine(), scratch=tmp_path, algorithms=[(name, {})],
                )  # fmt: skip

    def test_a_training_that_collapsed_is_begun_again_once(self, tmp_path: Path) -> None:
        """A learner that may do nothing is no better than chance: it is told, and tried again."""
        wishes = [
            ("usual_action", {}),
            ("ppo", {**QUICK["ppo"], "epochs": 1, "learning_rate": 0.0}),
        ]
        engine, blank = InlineEngine(), Place("worlds:Blank", folder=FOLDER, limit=10)
        choice = choose_policy(
            self.walk(), "control", place=blank, table=False, budget_s=100.0,
            clock=Clock(), engine=engine, scratch=tmp_path, algorithms=wishes,
        )  # fmt: skip
        assert [name for name, _ in engine.ran].count("ppo") == 2
        assert any("begun again once" in note["en"] for note in choice.notes)

    def test_entropy_zero_is_told_and_begun_again_once(self, tmp_path: Path) -> None:
        """Steps too long make a policy sure of one action: it may be a good one, and is told."""
        engine = InlineEngine()
        choice = choose_policy(
            self.walk(), "control", place=CORRIDOR, table=False, budget_s=100.0, clock=Clock(),
            engine=engine, scratch=tmp_path,
            algorithms=[("ppo", {**QUICK["ppo"], "learning_rate": 0.2, "schedule": "constant"})],
        )  # fmt: skip
        assert [name for name, _ in engine.ran] == ["ppo", "ppo"]
        (told,) = [note for note in choice.notes if "one single action" in note["en"]]
        assert "同一个动作" in told["zh"]
        notes = choice.model.members[0].notes
        assert notes["one_action"] and notes["undecided"] < 0.01

    def test_a_sound_training_is_not_begun_again(self, tmp_path: Path) -> None:
        engine = InlineEngine()
        choose_policy(
            self.walk(), "control", place=CORRIDOR, table=False, budget_s=100.0, clock=Clock(),
            engine=engine, scratch=tmp_path, algorithms=[("ppo", QUICK["ppo"])],
        )  # fmt: skip
        assert [name for name, _ in engine.ran] == ["ppo"]
