"""Policies and generators as whole channels: walked, released, asked as a server is, watched."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.learn.made_tables import people

from lingqu.core.errors import SpecError
from lingqu.flow.watch import Window
from lingqu.outlets.reading.forms import rows_out, tensors_out
from lingqu.outlets.served import Served
from lingqu.outlets.sight.frames import frames
from lingqu.outlets.sight.log import Entry
from lingqu.outlets.sight.segments import Segments
from lingqu.store.folders import release_folder
from lingqu.workspace import Workspace

pytestmark = pytest.mark.slow
WORLDS = Path(__file__).parent.parent / "environment" / "worlds.py"
WINDOW = 200
AIM = """\
channel: aim
data: {environment: "aim_world:Aim"}
train:
  task: control
  budget: 30 s
  episodes: 20
  workers: 1
  algorithm:
    - usual_action
    - {ppo: {environments: 16, steps: 32, epochs: 30, hidden: [16], passes: 6, discount: 0.5}}
release: {require: ["return > -1", "return.gain(random) > 5"]}
outlets: [server]
monitor: {window: 200}
respond: [{when: "drift.alarm > 0", do: retrain}]
"""
PEER = """\
channel: cart
data: {environment: "gym:CartPole-v1"}
train:
  task: control
  budget: 60 s
  workers: 1
  algorithm: [usual_action, {stable_baselines3: {method: ppo, steps: 4096, every: 4096}}]
release: {require: ["return.gain(random) > 5"]}
"""
PEOPLE = """\
channel: people
data: {source: people.csv}
govern: [{mask: {columns: [city]}}]
train: {task: generate, target: ill, algorithm: sequential_trees, budget: 30 s, workers: 1}
outlets: [server]
monitor: {window: 200}
respond: [{when: "drift.alarm > 0", do: retrain}]
"""


def asked(space: Workspace, channel: str, release: str, rows: list[dict[str, Any]]) -> list[Any]:
    """Answer rows as the server of a channel does, log them as it does; return the answers."""
    with ThreadPoolExecutor(1) as threads:
        served = Served.open(release_folder(space.home, release), threads)
        columns = served.reader.rows(rows)
        (answer,) = served.run([columns])
    ids = [f"p{number}" for number in range(len(rows))]
    entry = Entry(served, "champion", "app", time.time(), 1.0, 200, ids, 100, columns, answer)
    segments = Segments(space.home.logs / channel)
    for frame in frames([entry]):
        segments.append(frame)
    segments.close()
    return list(answer.predictions)


def alarms(window: Window) -> set[str]:
    return {f.subject for f in window.findings if f.verdict == "fail"}


def acted(window: Window) -> list[tuple[str, str]]:
    return [(action.name, action.state) for action in window.actions]


def test_a_policy_of_amounts_is_released_asked_and_watched(tmp_path: Path) -> None:
    shutil.copy(WORLDS, tmp_path / "aim_world.py")
    (tmp_path / "channel.yaml").write_text(AIM, encoding="utf-8")
    draw = np.random.default_rng(0)

    def seen(low: float, high: float) -> list[dict[str, Any]]:
        pairs = draw.uniform(low, high, (WINDOW, 2)).tolist()
        return [{"shown": shown, "noise": noise} for shown, noise in pairs]

    with Workspace(tmp_path / ".lingqu") as space:
        run = space.run(tmp_path / "channel.yaml")
        assert run.state == "done", run.summary
        page = space.report(run.id).read_text(encoding="utf-8")
        assert "Mean return while ppo learned" in page
        assert 'src="data:image/gif;base64,' in page

        said = space.call("aim", [{"shown": 0.5, "noise": 0.5}, {"shown": -7.0, "noise": 0.0}])
        assert said[0]["prediction"] == pytest.approx(1.0, abs=0.4)
        assert not said[0]["out_of_range"] and not said[0]["fallback"]
        assert said[1] == {"prediction": -0.5, "fallback": True, "out_of_range": True}

        with ThreadPoolExecutor(1) as threads:
            served = Served.open(release_folder(space.home, run.release), threads)
            columns = served.reader.rows([{"shown": -7.0, "noise": 0.0}])
            (answer,) = served.run([columns])
            told = rows_out(served, columns, answer, ["p1"], True)
            parts = tensors_out(served, {}, columns, answer)["outputs"]
        assert told["predictions"] == [-0.5] and told["out_of_range"] == [True]
        assert {part["name"]: part["datatype"] for part in parts} == {
            "prediction": "FP64", "fallback": "BOOL", "out_of_range": "BOOL"
        }  # fmt: skip

        rows = seen(-0.5, 1.5)
        answers = asked(space, "aim", run.release, rows)
        assert np.corrcoef([row["shown"] for row in rows], answers)[0, 1] > 0.95
        (usual,) = space.watch(tmp_path / "channel.yaml")
        assert alarms(usual) == set() and usual.actions == ()

        asked(space, "aim", run.release, seen(2.0, 4.0))
        (odd,) = space.watch(tmp_path / "channel.yaml")
        assert {"drift.alarm", "drift.shift(shown)", "drift.category(out_of_range)"} <= alarms(odd)
        assert acted(odd) == [("retrain", "requested")]


def test_what_only_chooses_is_refused_before_anything_runs(tmp_path: Path) -> None:
    shutil.copy(WORLDS, tmp_path / "aim_world.py")
    text = AIM.replace("    - usual_action\n", "    - dqn\n")
    (tmp_path / "channel.yaml").write_text(text, encoding="utf-8")
    with Workspace(tmp_path / ".lingqu") as space:
        with pytest.raises(SpecError, match="What fits: usual_action, ppo"):
            space.plan(tmp_path / "channel.yaml")
        with pytest.raises(SpecError, match="an amount from -1 to 3"):
            space.run(tmp_path / "channel.yaml")


def test_a_generator_is_watched_for_what_is_asked_and_what_it_made(tmp_path: Path) -> None:
    people(500).frame.write_csv(tmp_path / "people.csv")
    (tmp_path / "channel.yaml").write_text(PEOPLE, encoding="utf-8")
    with Workspace(tmp_path / ".lingqu") as space:
        run = space.run(tmp_path / "channel.yaml")
        share = people(500).frame["ill"].value_counts(normalize=True)
        chances = dict(share.iter_rows())
        wished = np.random.default_rng(1).choice(list(chances), WINDOW, p=list(chances.values()))
        rows = [{"seed": n, "ill": wish} for n, wish in enumerate(wished.tolist())]
        made = asked(space, "people", run.release, rows)
        assert [row["ill"] for row in made] == wished.tolist()
        (usual,) = space.watch(tmp_path / "channel.yaml")
        watched = {f.subject for f in usual.findings}
        assert not any("city" in subject for subject in watched)  # what was masked is not kept
        assert {"drift.psi(ill)", "drift.ks(made.age)", "drift.category(made.ill)"} <= watched
        assert alarms(usual) == set() and usual.actions == ()

        # One seed again and again makes one row again and again: nothing asked tells it.
        asked(space, "people", run.release, [{"seed": 7, "ill": wish} for wish in wished.tolist()])
        (odd,) = space.watch(tmp_path / "channel.yaml")
        found = alarms(odd)
        assert "drift.ks(made.age)" in found
        assert not any(subject.endswith("(ill)") for subject in found)
        assert acted(odd) == [("retrain", "requested")]


def test_a_policy_of_stable_baselines3_is_a_release_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "channel.yaml").write_text(PEER, encoding="utf-8")
    with Workspace(tmp_path / ".lingqu") as space:
        run = space.run(tmp_path / "channel.yaml")
        assert run.state == "done", run.summary
        told = {finding.subject: finding.value for finding in space.findings(run.id)}
        assert (told["return.gain(random)"] or 0) > 5
        page = space.report(run.id).read_text(encoding="utf-8")
        assert "Mean return while stable_baselines3 learned" in page
        upright = {f"observation.{place}": 0.0 for place in range(4)}
        said = space.call("cart", [upright, {**upright, "observation.2": 3.0}])
        assert [one["out_of_range"] for one in said] == [False, True]
        assert {one["prediction"] for one in said} <= {"0", "1"}
        assert "fallback" not in said[0]  # none was declared: the flag stands alone
