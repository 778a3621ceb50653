"""Learning from logged decisions: what earns more in truth, and how one of them is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.decision_tables import contexts, decisions, worth
from tests.learn.inline_engine import InlineEngine

from lingqu.core import catalog
from lingqu.core.errors import DataError, SpecError, TrainError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.learn.control import LOGGED
from lingqu.learn.control.choose_logged import choose_logged
from lingqu.learn.control.doubly_robust import corrected
from lingqu.learn.control.logs import read_log
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import predict_model

LOG, ASKED = decisions(4000), decisions(4000, seed=1)


def fit(name: str, log: Dataset = LOG, **options: Any) -> Model:
    learner = catalog.build("algorithms", name, options)
    model: Model = learner.fit(log, log, Budget(20.0, seed=3), lambda row: None)
    return model


def policy(model: Model) -> np.ndarray[Any, Any]:
    said = predict_model(from_bytes(to_bytes(model)), ASKED.frame)
    assert said.probabilities is not None
    return said.probabilities


def earned(model: Model) -> float:
    return float((policy(model) * worth(contexts(ASKED))).sum(axis=1).mean())


def test_who_reads_the_context_earns_more_than_who_does_not() -> None:
    best = float(worth(contexts(ASKED)).max(axis=1).mean())
    found = {name: earned(fit(name)) for name in LOGGED}
    assert found["best_action"] < 0.34
    assert found["reward_regression"] > best - 0.02 and found["doubly_robust"] > best - 0.02


@pytest.mark.parametrize("name", LOGGED)
def test_the_same_log_gives_the_same_policy(name: str) -> None:
    assert to_bytes(fit(name)) == to_bytes(fit(name))
    assert policy(fit(name)).sum(axis=1).round(6).tolist() == [1.0] * len(ASKED)


@pytest.mark.parametrize("name", ["reward_regression", "doubly_robust"])
def test_a_temperature_spreads_what_is_taken(name: str) -> None:
    greedy, warm = policy(fit(name)), policy(fit(name, temperature=0.1))
    assert set(np.unique(greedy)) == {0.0, 1.0}
    assert 0.0 < warm.min() < warm.max() < 1.0
    assert (greedy.argmax(axis=1) == warm.argmax(axis=1)).mean() > 0.999


def test_corrected_rewards_are_right_on_average_for_every_action() -> None:
    log = decisions(20_000, seed=4)
    read = read_log(log)
    assert np.abs(corrected(read, 1e9).mean(0) - worth(contexts(log)).mean(0)).max() < 0.03


def choose(log: Dataset, folder: Path, **more: Any) -> Any:
    engine = InlineEngine()
    return choose_logged(log, "control", budget_s=100.0, engine=engine, scratch=folder,
                         clock=engine.clock, **more)  # fmt: skip


def test_the_policy_that_earns_more_is_chosen(tmp_path: Path) -> None:
    choice = choose(LOG, tmp_path)
    assert choice.model.members[0].name in ("reward_regression", "doubly_robust")
    assert earned(choice.model) > 0.48
    assert [line.name for line in choice.candidates][-1] == "best_action"
    assert choice.metric == "dr" and choice.score > max(c.score for c in choice.candidates) - 0.02
    assert "4000" in choice.notes[0]["en"]


def test_the_simplest_stays_where_nothing_is_to_be_had_of_the_context(tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    blind = LOG.frame.with_columns(click=pl.Series((draw.random(4000) < 0.3).astype(float)))
    choice = choose(Dataset(blind, LOG.schema), tmp_path)
    assert choice.model.members[0].name == "best_action"
    assert any("best_action stays" in note["en"] for note in choice.notes)


@pytest.mark.parametrize("metric", ["ips", "snips", "dm"])
def test_another_estimate_may_decide(metric: str, tmp_path: Path) -> None:
    assert choose(LOG, tmp_path, metric=metric).metric == metric


def test_no_time_gives_the_baseline(tmp_path: Path) -> None:
    engine = InlineEngine(seconds=dict.fromkeys(LOGGED, 1e6))
    choice = choose_logged(LOG, "control", budget_s=1.0, engine=engine, scratch=tmp_path,
                           clock=engine.clock)  # fmt: skip
    assert choice.model.members[0].algorithm == "best_action"
    assert np.isnan(choice.score)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [("click", None, "reward in column 'click'"), ("propensity", 0.0, "propensity in column"),
     ("propensity", 1.5, "propensity in column"), ("propensity", None, "propensity in column")],
)  # fmt: skip
def test_a_wrong_cell_is_refused_with_its_row(column: str, value: Any, said: str) -> None:
    cells = LOG.frame[column].to_list()
    cells[6] = value
    wrong = Dataset(LOG.frame.with_columns(pl.Series(column, cells)), LOG.schema)
    with pytest.raises(DataError, match=f"Row 7 has no {said}"):
        fit("best_action", wrong)


def test_what_is_no_log_or_no_estimate_is_refused(tmp_path: Path) -> None:
    plain = Dataset(LOG.frame, LOG.schema.updated("click", role="feature"), "plain")
    with pytest.raises(TrainError, match="plain"):
        fit("doubly_robust", plain)
    with pytest.raises(SpecError, match="ips, snips, dm, dr"):
        choose(LOG, tmp_path, metric="accuracy")
