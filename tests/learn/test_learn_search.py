"""The second phase: what it proposes, when it ends, and that it is like everything else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.learn.inline_engine import InlineEngine, chosen
from tests.learn.learn_tables import classes, values

from lingqu.core import catalog
from lingqu.core.nouns import Member, Model
from lingqu.learn.candidate import Fit
from lingqu.learn.lane import Lane
from lingqu.learn.portfolio import FACTS, Entry, space_of
from lingqu.learn.search import GENERATION, Local, Sampler, Search, Tpe
from lingqu.learn.spaces import SPACES, OneOf, Span

BOWL = {"x": Span(0.001, 10.0, log=True), "k": Span(1, 9, whole=True), "kind": OneOf(("a", "b"))}


def bowl(point: Mapping[str, Any]) -> float:
    """Smallest at x = 0.1, k = 5, kind b."""
    away = abs(np.log10(point["x"]) + 1) + abs(point["k"] - 5) / 4
    return float(away + (point["kind"] != "b"))


@pytest.mark.parametrize("kind", [Local, Tpe])
def test_a_sampler_finds_the_low_ground_and_repeats_itself(kind: Any) -> None:
    def run() -> list[dict[str, Any]]:
        sampler: Sampler = kind(BOWL, 3)
        points: list[dict[str, Any]] = []
        for start in range(0, 40, GENERATION):
            points += [sampler.ask() for _ in range(GENERATION)]
            sampler.tell([(i, bowl(points[i])) for i in range(start, start + GENERATION)])
        return points

    points = run()
    losses = [bowl(point) for point in points]
    assert points == run()
    assert np.mean(losses[-12:]) < np.mean(losses[:12])
    assert all(0.001 <= p["x"] <= 10 and p["k"] in range(1, 10) for p in points)


@pytest.mark.parametrize("name", sorted(SPACES))
def test_spaces_name_options_that_their_class_takes(name: str) -> None:
    for share in (0.0, 0.5, 0.999):
        options = {option: span.at(share) for option, span in space_of(name).items()}
        assert catalog.build("algorithms", name, options)
    assert name in FACTS


def lanes() -> dict[str, Lane]:
    model = Model("classify", ("a", "b"), (Member("m", "m", 1.0, {}, b""),))
    entry = Entry("lightgbm", "lightgbm")
    return {"lightgbm": Lane(entry, {0: Fit(model, None, seconds=1.0)})}


def test_settings_wait_for_the_generation_before_and_end_without_gain() -> None:
    search = Search(space_of, lambda name: 0.5, seed=1, patience=GENERATION)
    known, weights = lanes(), {"lightgbm": 1.0}
    made = [search.propose(known, weights, 1.0, 100.0) for _ in range(GENERATION)]
    assert [entry.name for entry in made if entry] == [f"lightgbm~{i}" for i in range(1, 5)]
    assert all(entry.parent == "lightgbm" and entry.options for entry in made if entry)
    assert search.propose(known, weights, 1.0, 100.0) is None  # none of them is known yet
    before = search.rate(known, weights)
    for entry in made:
        assert entry is not None
        search.told(entry, 0.9)
    assert search.exhausted and search.rate(known, weights) == 0.0 < before
    assert search.propose(known, weights, 1.0, 100.0) is None and search.tried == GENERATION


def test_a_gain_keeps_the_search_going_and_lack_of_time_ends_it() -> None:
    search = Search(space_of, lambda name: 0.5, seed=1, patience=GENERATION)
    known, weights = lanes(), {"lightgbm": 1.0}
    for lost in (0.9, 0.9, 0.9, 0.4):
        entry = search.propose(known, weights, 1.0, 100.0)
        assert entry is not None
        search.told(entry, lost)
    assert not search.exhausted
    assert search.propose(known, weights, 1.0, 1.0) is None  # one fit takes a second
    assert search.propose(known, weights, 1.0, 2.0) is not None


def test_what_weighs_more_in_the_leader_is_searched_first() -> None:
    search = Search(space_of, lambda name: 0.5, seed=1)
    known = lanes()
    known["mlp"] = Lane(
        Entry("mlp", "mlp"), {0: Fit(known["lightgbm"].fits[0].model, None, seconds=0.5)}
    )
    found = search.propose(known, {"lightgbm": 0.8, "mlp": 0.2}, 1.0, 100.0)
    assert found is not None and found.parent == "lightgbm"
    # Settings count for the learner that they are settings of.
    known[found.name] = Lane(found, known["lightgbm"].fits)
    found = search.propose(known, {"mlp": 0.5, "lightgbm~1": 0.3, "lightgbm": 0.2}, 1.0, 100.0)
    assert found is not None and found.parent == "mlp"


@pytest.mark.parametrize(("step", "ended"), [(1e-5, True), (1e-2, False)])
def test_gains_next_to_nothing_do_not_keep_a_search_going(step: float, ended: bool) -> None:
    search = Search(space_of, lambda name: 0.5, seed=1, patience=GENERATION)
    known, weights = lanes(), {"lightgbm": 1.0}
    for turn in range(GENERATION):
        entry = search.propose(known, weights, 1.0, 100.0)
        assert entry is not None
        search.told(entry, 0.5 - step * (turn + 1))
    assert search.exhausted == ended


@pytest.mark.parametrize("table", [classes(n=90), values(n=90)], ids=["classes", "values"])
def test_settings_are_lines_and_are_recalled(table: Any, tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}
    wish: list[tuple[str, Mapping[str, Any]]] = [("lightgbm", {"rounds": 15})]
    seconds = {"lightgbm": 0.2}

    def run(name: str) -> tuple[InlineEngine, Any]:
        engine = InlineEngine(seconds=seconds)
        result = chosen(
            table, tmp_path / name, 1000.0, engine, algorithms=wish, folds=3, search=True,
            remember=kept.__setitem__, recall=kept.get,
        )  # fmt: skip
        return engine, result

    engine, one = run("a")
    tried = [line for line in one.candidates if "~" in line.name]
    assert len(tried) >= 8 and all(line.score is not None for line in tried)
    assert engine.clock.now < 500  # it ended by itself
    assert "settings of the leading learners" in one.notes[-2]["en"]
    assert "Ended after" in one.notes[-1]["en"] and "提前结束" in one.notes[-1]["zh"]
    again, two = run("b")
    assert not again.ran and two.model == one.model
    lines = {line.name: line for line in one.candidates}
    assert all(lines[n].score is not None for n in lines if lines[n].weight > 0)
    whole = [line for line in tried if line.weight > 0]
    assert all("3 of 3" in line.reason for line in whole)  # nothing wins on few rows


def test_named_algorithms_are_not_varied_unless_asked_for(tmp_path: Path) -> None:
    result = chosen(classes(), tmp_path, 1000.0)
    assert not any("~" in line.name for line in result.candidates)


def test_a_choice_that_is_stopped_gives_the_best_so_far(tmp_path: Path) -> None:
    seen: list[Mapping[str, Any]] = []
    result = chosen(classes(), tmp_path, 1000.0, progress=seen.append, stop=lambda: len(seen) >= 4)
    assert result.stopped and result.model.members and len(seen) <= 6
    assert "Stopped by hand" in result.notes[-1]["en"]


class Interrupted(InlineEngine):
    """An engine whose user presses Ctrl-C after some jobs."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def map(self, task: str, jobs: Any, progress: Any = None) -> Any:
        for outcome in super().map(task, jobs, progress):
            yield outcome
            self.after -= 1
            if self.after <= 0:
                raise KeyboardInterrupt


def test_ctrl_c_gives_the_best_so_far_once_there_is_one(tmp_path: Path) -> None:
    result = chosen(classes(), tmp_path / "a", 1000.0, Interrupted(3))
    assert result.stopped and result.model.members
    with pytest.raises(KeyboardInterrupt):
        nothing = Interrupted(1)
        nothing.fails = {"constant": "failed"}
        chosen(classes(), tmp_path / "b", 1000.0, nothing)
