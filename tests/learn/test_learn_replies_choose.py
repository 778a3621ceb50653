"""From rows and a budget to one learner of replies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.inline_engine import InlineEngine
from tests.learn.reply_tables import phrases

from lingqu.core.errors import SpecError, TrainError
from lingqu.core.nouns import Dataset
from lingqu.learn.assemble import Choice
from lingqu.learn.replies.choose import choose_reply, held_out
from lingqu.release.runner import Runner

ROWS = phrases(80)


def choice(folder: Path, train: Dataset = ROWS, **given: Any) -> Choice:
    engine = given.pop("engine", None) or InlineEngine()
    wanted: dict[str, Any] = {"budget_s": 100.0, "algorithms": (("memory", {"width": 16}),)}
    return choose_reply(
        train, "translate", **{**wanted, **given}, engine=engine, scratch=folder, clock=engine.clock
    )


def test_the_best_on_held_out_rows_is_fitted_again_on_all(tmp_path: Path) -> None:
    two = (("memory", {"buckets": 16, "width": 2, "high": 1}), ("memory", {"width": 16}))
    found = choice(tmp_path, algorithms=two)
    assert [one.name for one in found.candidates] == ["memory#2", "memory"]
    assert [one.weight for one in found.candidates] == [1.0, 0.0]
    assert found.metric == "chrf" and found.score == found.candidates[0].score
    known = found.model.members[0].notes["known"]
    assert known == ROWS.frame["text"].n_unique()
    said = Runner.of(found.model).predict(ROWS.frame.drop("y")).replies
    assert said is not None and list(said.said) == ROWS.frame["y"].to_list()


def test_copies_are_held_out_together() -> None:
    families = np.arange(80) // 4 * 4
    (learnt, held), = held_out(ROWS, "translate", 0, families).pairs  # fmt: skip
    assert not set(families[learnt]) & set(families[held]) and len(learnt) + len(held) == 80
    assert 8 <= len(held) <= 16
    with pytest.raises(TrainError, match="80"):
        held_out(ROWS, "translate", 0, np.zeros(80, dtype=np.int64))


def test_without_time_the_cheapest_is_fitted_and_said_to_be_unjudged(tmp_path: Path) -> None:
    engine = InlineEngine(fails={"memory": "timeout", "decoder": "timeout"})
    found = choice(tmp_path, engine=engine, algorithms=None)
    assert found.model.members[0].algorithm == "memory" and np.isnan(found.score)
    assert "unjudged" in found.notes[0]["en"]


def test_what_cannot_decide_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="accuracy"):
        choice(tmp_path, metric="accuracy")
    with pytest.raises(SpecError, match="lightgbm"):
        choice(tmp_path, algorithms=(("lightgbm", {}),))
    one = Dataset(pl.DataFrame({"text": ["a"], "y": ["b"]}), ROWS.schema)
    with pytest.raises(TrainError):
        choice(tmp_path, train=one)
