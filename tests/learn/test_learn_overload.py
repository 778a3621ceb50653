"""A machine that is slower than the budget assumes still ends with more than the constant."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.learn.inline_engine import InlineEngine, chosen
from tests.learn.learn_tables import classes

from lingqu.core.ports import Job
from lingqu.engine.budget import Deadline
from lingqu.flow.train_stage import waiting_note
from lingqu.learn.folds import Folds
from lingqu.learn.orders import Orders
from lingqu.learn.portfolio import Entry
from lingqu.learn.race import Race

FOUR: list[tuple[str, Mapping[str, Any]]] = [
    (name, {}) for name in ("lightgbm", "rbf_svm", "logistic", "k_neighbours")
]


def test_after_a_fit_that_was_stopped_the_cheapest_gets_all_the_time(tmp_path: Path) -> None:
    slow = dict.fromkeys(("lightgbm", "rbf_svm", "logistic"), 99.0)
    engine = InlineEngine(seconds={**slow, "k_neighbours": 16.0})
    found = chosen(classes(), tmp_path, 40.0, engine, algorithms=FOUR, workers=1)
    assert [name for name, _ in engine.ran[:3]] == ["constant", "lightgbm", "k_neighbours"]
    assert max(found.candidates, key=lambda line: line.weight).name == "k_neighbours"


def test_who_cannot_end_in_time_gives_way_to_the_cheapest() -> None:
    def first(seconds: float, **costs: float) -> list[str]:
        rows = np.arange(10)
        race = Race(
            tuple(Entry(name, name, cost=cost) for name, cost in costs.items()),
            Folds("random", ((rows, rows),), 1), rows % 2, "accuracy",
            Deadline(seconds, lambda: 0.0), 2,
            lambda entry, options, fold, limit, left: Job({"name": entry.name}, timeout_s=limit),
            lambda *_: None, lambda *_: None,
        )  # fmt: skip
        return [job.payload["name"] for job in islice(race.jobs(), 2)]

    assert first(10.0, constant=0.1, best=5.0, slow=20.0) == ["constant", "best"]
    assert first(4.0, constant=0.1, best=5.0, slow=20.0, near=4.5) == ["constant", "near"]


@pytest.mark.parametrize(("seconds", "kept"), [(0.8, 0.1), (2.0, 0.15), (60.0, 1.8)])
def test_time_is_kept_for_putting_the_model_together(seconds: float, kept: float) -> None:
    rows = np.arange(10)
    race = Race(
        (Entry("constant", "constant"),), Folds("random", ((rows, rows),), 1), rows % 2, "accuracy",
        Deadline(seconds, lambda: 0.0), 2, Orders(Path(), 0), lambda *_: None, lambda *_: None,
    )  # fmt: skip
    assert race.rest() == pytest.approx(seconds - kept)


def test_time_that_went_by_before_anything_could_run_is_told() -> None:
    assert waiting_note(0.9, 3.0) == []
    [note] = waiting_note(1.5, 3.0)
    assert "1.5 s of the budget of 3 s" in note["en"] and "1.5 秒" in note["zh"]
