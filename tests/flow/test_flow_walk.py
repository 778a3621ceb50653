"""Stages: what is reused, what is made again, and what a key depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.walked import channel

from lingqu.core.errors import DataError
from lingqu.core.nouns import Run
from lingqu.flow.code_version import ROOMS, SOURCE, code_version
from lingqu.flow.train_stage import tried
from lingqu.flow.walk import Walk, hear_nothing
from lingqu.store.home import Home

AT = "2026-11-21T08:00:00.000000+00:00"


class Walker:
    """Walks one stage and counts how often real work was done."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.made = 0
        self.told: list[Mapping[str, Any]] = []

    def walk(self, name: str = "data", inputs: Any = 1, **result: Any) -> tuple[str, Any]:
        run = self.home.new_id()
        self.home.ledger.runs.start(Run(run, "churn", "v", "running", AT))

        def make() -> Mapping[str, Any]:
            self.made += 1
            return {"value": self.made, **result}

        walk = Walk(self.home, channel(), run, self.told.append)
        found = walk.stage(name, inputs, make)
        return walk.stages[0].state, found


@pytest.fixture
def walker(home: Home) -> Walker:
    return Walker(home)


def test_a_finished_stage_is_reused(walker: Walker) -> None:
    assert walker.walk() == ("done", {"value": 1})
    assert walker.walk() == ("reused", {"value": 1})
    assert walker.made == 1
    assert [(row["name"], row["state"]) for row in walker.told] == [
        ("data", "running"),
        ("data", "done"),
        ("data", "reused"),
    ]


def test_other_inputs_or_another_stage_are_another_key(walker: Walker) -> None:
    walker.walk()
    assert walker.walk(inputs=2)[0] == "done"
    assert walker.walk(name="govern")[0] == "done"
    assert walker.walk(inputs={"a": 1, "b": [2]})[0] == "done"
    assert walker.walk(inputs={"b": [2], "a": 1})[0] == "reused"


def test_a_stage_that_failed_is_done_again(home: Home) -> None:
    home.ledger.runs.start(Run("r", "churn", "v", "running", AT))
    walk = Walk(home, channel(), "r", hear_nothing)

    def fail() -> Mapping[str, Any]:
        raise DataError("data.no_rows", path="x.csv", columns="-")

    with pytest.raises(DataError):
        walk.stage("data", 1, fail)
    assert home.ledger.runs.get("r").stages[0].state == "failed"
    assert walk.stage("data", 1, lambda: {"value": 1}) == {"value": 1}
    assert home.ledger.runs.get("r").stages[0].state == "done"


@pytest.mark.parametrize("name", ["blobs", "needs"])
def test_a_stage_whose_bytes_are_gone_is_made_again(walker: Walker, home: Home, name: str) -> None:
    home.blobs.write("datasets/x.parquet", b"rows")
    walker.walk(**{name: ["datasets/x.parquet"]})
    assert walker.walk()[0] == "reused"
    home.blobs.remove("datasets/x.parquet")
    assert walker.walk()[0] == "done"
    assert walker.made == 2


def test_work_is_announced_only_when_there_is_some(home: Home) -> None:
    missed = []
    for run in ("r1", "r2"):
        home.ledger.runs.start(Run(run, "churn", "v", "running", AT))
        walk = Walk(home, channel(), run, on_miss=lambda name=run: missed.append(name))
        walk.stage("data", 1, lambda: {})
    assert missed == ["r1"]


def test_a_second_attempt_has_stages_of_its_own(home: Home) -> None:
    home.ledger.runs.start(Run("r", "churn", "v", "running", AT))
    walk = Walk(home, channel(), "r")
    walk.stage("govern", 1, lambda: {})
    walk.attempt = 2
    walk.stage("govern", 2, lambda: {})
    assert [s.name for s in home.ledger.runs.get("r").stages] == ["govern", "govern #2"]


def test_json_comes_back(home: Home) -> None:
    walk = Walk(home, channel(), "r")
    path = walk.write_json("profiles/p.json", {"城": [1, None, 0.1]})
    assert walk.read_json(path) == {"城": [1, None, 0.1]}


class TestCodeVersion:
    def test_every_stage_has_its_own(self) -> None:
        versions = {code_version(stage) for stage in ROOMS}
        assert len(versions) == len(ROOMS)
        assert all(len(version) == 64 for version in versions)

    def test_every_source_that_is_named_exists(self) -> None:
        for stage, rooms in ROOMS.items():
            for room in (*rooms, f"flow/{stage}_stage.py"):
                assert (SOURCE / room).exists(), (stage, room)


def test_a_result_that_is_not_worth_keeping_is_made_again(home: Home) -> None:
    for number in (1, 2):
        home.ledger.runs.start(Run(f"r{number}", "churn", "v", "running", AT))
        walk = Walk(home, channel(), f"r{number}")
        walk.stage("data", 1, lambda: {"starved": True}, lambda result: not result["starved"])
        assert walk.stages[0].state == "done"


@pytest.mark.parametrize(
    ("states", "kept"),
    [
        ({"constant": "done", "logistic": "timeout"}, False),
        ({"constant": "done", "logistic": "done"}, True),
        ({"constant": "done"}, True),
    ],
)
def test_a_choice_for_which_no_time_was_left_is_not_kept(
    states: dict[str, str], kept: bool
) -> None:
    lines = [{"algorithm": name, "state": state} for name, state in states.items()]
    assert tried({"candidates": lines}) is kept
