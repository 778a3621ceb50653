"""Learners that take much memory do not run beside each other while there is anything else."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from lingqu.core.nouns import Member, Model
from lingqu.core.ports import Job
from lingqu.core.predictions import Predictions
from lingqu.engine.budget import Deadline
from lingqu.learn.candidate import Fit
from lingqu.learn.folds import Folds
from lingqu.learn.portfolio import Entry
from lingqu.learn.race import Race
from lingqu.learn.search import Search
from lingqu.learn.spaces import SPACES


def entry(name: str, tag: str, gain: float) -> Entry:
    return Entry(name, name, tag=tag, cost=1.0, gain=gain)


@pytest.mark.parametrize("lean", [False, True])
@pytest.mark.parametrize(("first", "second"), [("extra_trees", "mlp"), ("mlp", "random_forest")])
def test_a_net_and_a_forest_take_turns(first: str, second: str, lean: bool) -> None:
    rows, classes = np.arange(10), ("no", "yes")
    tags = {"mlp": "torch"}
    entries = (
        entry("logistic", "", 0.5),
        entry(first, tags.get(first, ""), 0.4),
        entry(second, tags.get(second, ""), 0.3),
        entry("k_neighbours", "", 0.1),
    )
    race = Race(
        entries, Folds("random", ((rows, rows),), 1), rows % 2, "accuracy",
        Deadline(100.0, lambda: 0.0), 2,
        lambda wish, options, fold, limit, left: Job({"name": wish.name}, timeout_s=limit),
        lambda *_: None, lambda *_: None,
    )  # fmt: skip
    said = Predictions(np.full(10, "no"), np.tile([0.6, 0.4], (10, 1)), classes)
    member = Member("logistic", "logistic", 1.0, {}, b"")
    race.accept(race.lanes["logistic"], 0, Fit(Model("classify", classes, (member,)), said))
    race.lean = lean
    drawn = [job.payload["name"] for job in islice(race.jobs(), 3)]
    # What is worth less goes first; when nothing else is left, they run beside each other, or wait.
    assert drawn == [first, "k_neighbours", *([] if lean else [second])]
    race.lanes[first].running.clear()
    race.lanes[first].broken = True
    if lean:  # whose turn has come
        assert [job.payload["name"] for job in islice(race.jobs(), 1)] == [second]


def test_a_search_leaves_a_net_to_wait_for_a_net() -> None:
    rows, truth, classes = np.arange(10), np.arange(10) % 2, ("no", "yes")
    space = SPACES["logistic"]
    race = Race(
        (entry("logistic", "", 0.5), entry("mlp", "torch", 0.4)),
        Folds("random", ((rows, rows),), 1), truth, "log_loss", Deadline(100.0, lambda: 0.0), 2,
        lambda wish, options, fold, limit, left: Job({"name": wish.name}, timeout_s=limit),
        lambda *_: None, lambda *_: None,
    )  # fmt: skip
    race.search = Search(lambda name: space, lambda name: race.standings.own_loss(name, 1))
    for name, weak in (("mlp", 0), ("logistic", 9)):  # each errs on another row
        chance = np.where(rows == weak, 0.2, 0.9 if name == "mlp" else 0.85)
        chances = np.where(truth == 1, chance, 1 - chance)
        said = Predictions(
            np.array(classes)[truth], np.column_stack([1 - chances, chances]), classes
        )
        member = Member(name, name, 1.0, {}, b"")
        race.accept(race.lanes[name], 0, Fit(Model("classify", classes, (member,)), said))
    weights = race.standings.weights
    assert weights["mlp"] > weights["logistic"]
    [usual] = islice(race.jobs(), 1)
    assert usual.payload["name"] == "mlp~1"  # of which there is now one at work
    [beside] = islice(race.jobs(), 1)
    assert beside.payload["name"] == "logistic~1"


def test_comparing_candidates_takes_a_tenth_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison takes a second here and a fit none: most of them wait, the last does not."""
    rows, classes, clock = np.arange(10), ("no", "yes"), [0.0]
    race = Race(
        (entry("logistic", "", 0.5), entry("ridge", "", 0.4)),
        Folds("random", ((rows, rows),), 1), rows % 2, "accuracy",
        Deadline(100.0, lambda: clock[0]), 2,
        lambda wish, options, fold, limit, left: Job({"name": wish.name}, timeout_s=limit),
        lambda *_: None, lambda *_: None,
    )  # fmt: skip
    asked: list[float] = []
    update = race.standings.update

    def slow(seconds: float) -> None:
        asked.append(seconds)
        clock[0] += 1.0
        update(seconds)

    monkeypatch.setattr(race.standings, "update", slow)

    def accept(name: str, right: float) -> None:
        chances = np.where(rows % 2 == 1, right, 1 - right)
        said = Predictions(rows % 2, np.column_stack([1 - chances, chances]), classes)
        member = Member(name, name, 1.0, {}, b"")
        race.accept(race.lanes[name], 0, Fit(Model("classify", classes, (member,)), said))

    accept("logistic", 0.4)
    for _ in range(8):
        clock[0] += 1.0
        accept("ridge", 0.4)
    accept("ridge", 0.9)
    assert asked == [0.0]
    race.end()
    assert len(asked) == 2 and race.standings.weights == {"ridge": 1.0}
