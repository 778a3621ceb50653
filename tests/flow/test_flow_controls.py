"""A channel whose data is an environment: refused at the door, planned, walked, served."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from lingqu.core.errors import LingquError, SpecError, TrainError
from lingqu.core.metrics import greater_is_better, names
from lingqu.core.spec import Channel
from lingqu.data.environment import EnvironmentWalk
from lingqu.flow.control_rows import place_of, walk_of
from lingqu.flow.plan import plan
from lingqu.flow.validate import validate
from lingqu.outlets.served import Served
from lingqu.store.folders import release_folder
from lingqu.workspace import Workspace

WORLDS = Path(__file__).parent.parent / "environment" / "worlds.py"
WALKED = """\
channel: corridor
data: {environment: "corridor_world:Corridor", options: {length: 6}}
train:
  task: control
  budget: 30 s
  episodes: 12
  workers: 1
  algorithm: [usual_action, {ppo: {environments: 8, steps: 32, epochs: 10, hidden: [16]}}]
release: {require: ["return > 0.8", "return.gain(random) > 0", "unsafe_rate <= 0"]}
"""


def channel(data: str = '{environment: "gym:CartPole-v1"}', train: str = "", more: str = "") -> str:
    return f"channel: cart\ndata: {data}\ntrain: {{task: control{train}}}\n{more}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (channel("{}"), "exactly one of `source`"),
        (channel('{environment: "gym:CartPole-v1", source: a.csv}'), "exactly one of `source`"),
        (channel().replace("control", "classify, target: y"), "is for `task: control`"),
        (channel("{source: a.csv}", ", episodes: 8").replace("control", "flag"), "train.episodes"),
        (channel(train=", metric: accuracy"), "policies are compared by their returns"),
        (channel(train=", optimise: [calibrate]"), "policies are compared by their returns"),
        (channel(train=", episodes: 2"), "at least 4"),
        (channel(more="govern: [dedupe]"), "comes from the environment as it is"),
        (channel('{environment: "gym:CartPole-v1", time: t}'), "data.time"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_file(text: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        Channel.parse(text)
    assert says in str(caught.value)


def test_a_learner_of_another_task_or_a_measure_of_one_is_refused() -> None:
    for text in (
        channel(train=", algorithm: lightgbm"),
        channel(more='release: {require: ["roc_auc >= 0.9"]}'),
    ):
        with pytest.raises(SpecError):
            validate(Channel.parse(text))
    validate(Channel.parse(channel(more='release: {require: ["return.worst >= 100"]}')))


def test_the_plan_says_what_is_walked_beaten_and_judged() -> None:
    declared = Channel.parse(channel(train=", steps_limit: 50, episodes: 6"))
    rows = walk_of(declared).read()
    told = {(one.section, one.name): one for one in plan(declared, rows).settings}
    assert told["data", "environment"].value == "gym:CartPole-v1"
    assert told["train", "baseline"].value == "random"
    assert told["train", "algorithm"].value == ["usual_action", "ppo", "dqn"]
    assert told["train", "steps_limit"].value == 50
    assert told["train", "solved"].value == 475.0
    assert "leakage" not in told["train", "judge"].value
    assert "policy" in told["train", "judge"].value
    assert rows.frame["step"].max() <= 50  # type: ignore[operator]
    assert rows.frame["episode"].n_unique() == 6


def test_a_return_is_better_the_greater_it_is() -> None:
    assert greater_is_better("return")
    assert names("control") == ("return",)


def test_an_environment_that_raises_is_told_in_the_words_of_its_worker() -> None:
    walk = EnvironmentWalk("worlds:Raising", folder=str(WORLDS.parent))
    with pytest.raises(TrainError, match=r"the belt is torn in episode \d+, step 3"):
        walk.read()


def test_the_fingerprint_follows_the_environment_and_the_baseline(tmp_path: Path) -> None:
    shutil.copy(WORLDS, tmp_path / "other_worlds.py")
    folder = str(tmp_path)
    walks = [
        EnvironmentWalk("other_worlds:Corridor", folder=folder),
        EnvironmentWalk("other_worlds:Corridor", {"length": 5}, folder=folder),
        EnvironmentWalk("other_worlds:Corridor", baseline="random", folder=folder),
        EnvironmentWalk("other_worlds:Corridor", seed=3, folder=folder),
    ]
    assert len({walk.fingerprint() for walk in walks}) == len(walks)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.copy(WORLDS, moved / "other_worlds.py")
    there = EnvironmentWalk("other_worlds:Corridor", folder=str(moved))
    assert there.fingerprint() == walks[0].fingerprint()


def walked(folder: Path, text: str = WALKED) -> tuple[Workspace, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(WORLDS, folder / "corridor_world.py")
    (folder / "channel.yaml").write_text(text, encoding="utf-8")
    return Workspace(folder / ".lingqu"), folder / "channel.yaml"


@pytest.mark.slow
def test_a_corridor_is_walked_to_a_release_that_answers(tmp_path: Path) -> None:
    space, file = walked(tmp_path / "a")
    run = space.run(file)
    assert run.state == "done"
    findings = {finding.subject: finding for finding in space.findings(run.id)}
    assert findings["return"].n == 12
    assert findings["return.gain(random)"].value > 0  # type: ignore[operator]
    # The environment's own rule always goes right, which is the best that can be done.
    assert findings["return.gain(rule)"].value == pytest.approx(0.0)
    assert findings["masked_rate"].value > 0  # type: ignore[operator]
    assert not any(finding.check == "leakage" for finding in space.findings(run.id))
    page = space.report(run.id).read_text(encoding="utf-8")
    assert 'src="data:image/gif;base64,' in page
    assert "Mean return while ppo learned" in page

    row = {"place": 2.0, "steps": 1.0, "allowed.left": True, "allowed.right": True}
    far = {**row, "place": 300.0}
    said = space.call("corridor", [row, far])
    assert [(one["prediction"], one["fallback"]) for one in said] == [
        ("right", False), ("left", True)
    ]  # fmt: skip
    with ThreadPoolExecutor(1) as threads:
        served = Served.open(release_folder(space.home, run.release), threads)
        (answer,) = served.run([served.reader.rows([row, far])])
        assert answer.fallback == [False, True]

    again = space.run(file)
    assert {stage.state for stage in again.stages} == {"reused"}
    other, copy = walked(tmp_path / "b")
    assert other.run(copy).release == run.release


@pytest.mark.slow
def test_a_gate_that_asks_too_much_refuses(tmp_path: Path) -> None:
    text = WALKED.replace("return > 0.8", "return > 3").replace("epochs: 10", "epochs: 1")
    space, file = walked(tmp_path, text.replace("corridor_world", "corridor_world"))
    run = space.run(file)
    assert run.state == "refused"


def test_what_nobody_took_is_an_action_all_the_same() -> None:
    """A rule that always goes right leaves the left out of its rows, not out of the actions."""
    walk = EnvironmentWalk("worlds:Corridor", episodes=4, folder=str(WORLDS.parent)).read()
    assert walk.frame["action"].unique().to_list() == ["right"]
    assert walk.schema["action"].levels == ("left", "right")
    assert walk.facts["baseline"]["name"] == "rule"
    assert walk.frame.schema["allowed.left"] == pl.Boolean


def test_the_place_knows_the_folder_and_the_facts_do_not(tmp_path: Path) -> None:
    _, file = walked(tmp_path)
    declared = Channel.load(file)
    assert place_of(declared).folder == str(tmp_path)
    assert str(tmp_path) not in str(dict(walk_of(declared).read().facts))


def test_a_missing_module_names_the_folder(tmp_path: Path) -> None:
    declared = Channel.parse(channel('{environment: "no_such_module:World"}'))
    with pytest.raises(LingquError, match="No module named 'no_such_module'"):
        walk_of(declared).read()
