"""A budget is a contract (DESIGN §5.4): exactly on a clock of our own, and with real processes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.learn.inline_engine import InlineEngine, chosen
from tests.learn.learn_tables import classes, halves, values

from lingqu.core import catalog
from lingqu.core.metrics import loss, score
from lingqu.core.nouns import Candidate, Dataset
from lingqu.core.ports import Engine, Job, Outcome, Resources
from lingqu.core.predictions import Predictions
from lingqu.engine.budget import FIRST, OVER
from lingqu.engine.local import LocalEngine
from lingqu.engine.ready import wait_until_ready
from lingqu.flow.workers import PRELOAD
from lingqu.learn.choose import Choice, choose
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

Wishes = Sequence[tuple[str, Mapping[str, Any]]]
CHEAP: Wishes = [("logistic", {}), ("k_neighbours", {}), ("rbf_svm", {})]
SLACK_S = 1.0
"""What a busy machine may add to the tests with real processes; not part of the contract."""

# --- exactly, on a clock that only fits move ---

took = st.floats(0.01, 30.0)
ends = st.sampled_from(["", "", "", "failed", "crash", "memory"])


@settings(max_examples=12, deadline=None)
@given(
    st.floats(0.5, 40.0),
    st.fixed_dictionaries({"logistic": took, "k_neighbours": took, "rbf_svm": took}),
    st.fixed_dictionaries({"logistic": ends, "k_neighbours": ends, "rbf_svm": ends}),
)
def test_whatever_fits_take_and_however_they_end(
    budget: float, seconds: dict[str, float], fails: dict[str, str]
) -> None:
    engine = InlineEngine(seconds={**seconds, "constant": FIRST * budget}, fails=fails)
    with TemporaryDirectory() as folder:
        result = chosen(classes(n=60), Path(folder), budget, engine, algorithms=CHEAP)
    assert engine.clock.now <= OVER * budget
    assert result.history[0]["seconds"] <= FIRST * budget + 1e-3
    assert len(result.candidates) == 4 and result.model.members
    for line in result.candidates:
        assert line.score is not None or line.reason
    for row in result.history:  # on the same rows no leader was worse than the one before
        if row["before"] is not None:
            assert row["score"] >= row["before"] - 1e-12


@settings(max_examples=10, deadline=None)
@given(st.floats(0.5, 8.0), st.floats(1.0, 10.0), st.integers(0, 3))
def test_on_the_same_rows_more_budget_never_gives_worse(
    budget: float, times: float, seed: int
) -> None:
    table = classes(n=80, seed=seed)
    seconds = {"logistic": 0.4, "k_neighbours": 0.9, "rbf_svm": 2.5}

    def reached(limit: float) -> float:
        with TemporaryDirectory() as folder:
            return chosen(
                table, Path(folder), limit, InlineEngine(seconds=seconds), algorithms=CHEAP, folds=1
            ).score

    assert reached(times * budget) >= reached(budget) - 1e-12


@pytest.mark.parametrize("budget", [0.35, 0.8, 1.5, 4.0, 20.0])
def test_more_budget_is_no_worse_on_the_rows_that_both_have_answered(
    budget: float, tmp_path: Path
) -> None:
    table = classes(n=160)
    seconds = {"logistic": 0.1, "k_neighbours": 0.15, "rbf_svm": 0.4, "lightgbm": 0.7}
    one, two = (
        chosen(table, tmp_path / name, limit, InlineEngine(seconds=seconds),
               algorithms=[(learner, {}) for learner in seconds])
        for name, limit in (("one", budget), ("two", 2 * budget))
    )  # fmt: skip
    shared = np.intersect1d(one.rows, two.rows)
    # The longer run was decided on more rows, so on these few it may differ by a little.
    assert lost(table, two, shared) <= lost(table, one, shared) + 0.02


def lost(table: Dataset, result: Choice, rows: Any) -> float:
    """Loss of a choice on some of the rows that it has answered."""
    where = [int(np.flatnonzero(result.rows == row)[0]) for row in rows]
    said, chances = result.predictions, result.predictions.probabilities
    assert chances is not None
    part = Predictions(said.labels[where], chances[where], said.classes)
    return loss(result.metric, targets(table, "classify")[0][rows], part)


def test_at_the_end_a_refit_of_the_leader_comes_before_a_late_beginner(tmp_path: Path) -> None:
    seconds = {"logistic": 1.0, "k_neighbours": 7.3, "lightgbm": 1.2}
    engine = InlineEngine(seconds=seconds, fails={"k_neighbours": "failed"})
    wish: Wishes = [(name, {}) for name in seconds]
    result = chosen(classes(), tmp_path, 10.0, engine, algorithms=wish)
    assert engine.ran[-1] == ("logistic", -1) and ("lightgbm", 0) not in engine.ran
    assert "before its turn" in line_of(result, "lightgbm").reason


class Waits(InlineEngine):
    """An engine whose first jobs wait for a worker until their limit."""

    def __init__(self, late: int, waited: float) -> None:
        super().__init__()
        self.late, self.waited = late, waited

    def map(self, task: str, jobs: Any, progress: Any = None) -> Iterator[Outcome]:
        drawn: Iterator[Job] = iter(jobs)
        skipped = 0
        while self.late > 0 and next(drawn, None) is not None:
            self.late -= 1
            self.clock.now += self.waited
            yield Outcome(skipped, "timeout", reason="no worker was free")
            skipped += 1
        for outcome in super().map(task, drawn, progress):
            yield Outcome(outcome.index + skipped, *_rest(outcome))


def _rest(outcome: Outcome) -> tuple[Any, ...]:
    return (
        outcome.state, outcome.value, outcome.reason,
        outcome.seconds, outcome.cpu_seconds, outcome.peak_mb,
    )  # fmt: skip


@pytest.mark.parametrize("late", [1, 2, 3])
def test_a_job_that_only_waited_is_tried_again_while_time_remains(
    late: int, tmp_path: Path
) -> None:
    result = chosen(classes(), tmp_path, 20.0, Waits(late, 4.0))
    assert {line.name for line in result.candidates if line.score is not None} == {
        "constant", "logistic", "k_neighbours",
    }  # fmt: skip


def test_a_job_that_waited_to_the_end_was_not_started(tmp_path: Path) -> None:
    result = chosen(classes(), tmp_path, 10.0, Waits(4, 4.0))
    assert [member.algorithm for member in result.model.members] == ["constant"]
    skipped = [line for line in result.candidates if line.state == "skipped"]
    assert len(skipped) == 2 and all("before its turn" in line.reason for line in skipped)


# --- with real processes ---

ROGUES = """
import os, time
from dataclasses import dataclass
from typing import ClassVar

@dataclass
class Rogue:
    name: ClassVar = "rogue"
    tasks: ClassVar = frozenset({"classify", "regress"})
    kinds: ClassVar = frozenset({"number"})
    engine: ClassVar = "numpy"
    mood: str = "raise"

    def fit(self, train, valid, budget, progress):
        if self.mood == "crash":
            os._exit(3)
        if self.mood == "hang":
            time.sleep(600)
        if self.mood == "hog":
            hoard = []
            while True:
                hoard.append(bytearray(b"x" * 2**26))
                time.sleep(0.01)
        if self.mood == "nonsense":
            return "a model, honestly"
        raise ValueError("I do not feel like it")

    @classmethod
    def cost(cls, rows, columns, classes):
        return 0.1
"""


@pytest.fixture
def rogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a third party's algorithm, as an entry point that the workers see too."""
    folder = tmp_path / "site"
    facts = folder / "rogue_learner-1.0.dist-info"
    facts.mkdir(parents=True)
    (folder / "rogue_learner.py").write_text(ROGUES)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: rogue-learner\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[lingqu.algorithms]\nrogue = rogue_learner:Rogue\n")
    monkeypatch.syspath_prepend(str(folder))
    catalog.names.cache_clear()
    yield
    catalog.names.cache_clear()


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Two real workers, as a run of a channel has them, without torch."""
    preload = {"sklearn": PRELOAD["sklearn"]}
    with LocalEngine(Resources(workers=2, preload=preload, threads=1)) as made:
        wait_until_ready(made, preload)
        yield made


def timed(table: Dataset, budget: float, engine: Engine, folder: Path, **more: Any) -> Choice:
    """Choose, and refuse a choice that takes longer than it may."""
    start = time.monotonic()
    task = "regress" if table.name == "values" else "classify"
    result = choose(table, task, budget_s=budget, engine=engine, scratch=folder, **more)
    assert time.monotonic() - start <= OVER * budget + SLACK_S
    assert result.history[0]["seconds"] <= FIRST * budget + SLACK_S
    return result


def line_of(result: Choice, name: str) -> Candidate:
    return next(line for line in result.candidates if line.name == name)


@pytest.mark.slow
@pytest.mark.parametrize("table", [classes(n=600, k=4), values(n=600)], ids=["classes", "values"])
def test_real_processes_keep_budget_and_score(
    table: Dataset, engine: Engine, tmp_path: Path
) -> None:
    train, test = halves(table)
    linear = "ridge" if table.name == "values" else "logistic"
    wish: Wishes = [(linear, {}), ("k_neighbours", {}), ("rbf_svm", {})]
    # `balanced` may give up a little of the score for speed, by itself in each of the two.
    given: dict[str, Any] = {"algorithms": wish, "folds": 1, "size": "accurate"}
    short, long = (
        timed(train, budget, engine, tmp_path / str(budget), **given) for budget in (2.0, 6.0)
    )
    assert long.score >= short.score - 1e-12  # both were decided on the same rows
    said = predict_model(long.model, test.frame)
    metric = "r2" if table.name == "values" else "accuracy"
    assert score(metric, targets(test, long.model.task)[0], said) > 0.6
    assert all(line.state == "done" and line.peak_mb > 0 for line in long.candidates)


@pytest.mark.slow
def test_learners_that_know_no_end_are_cut_short(engine: Engine, tmp_path: Path) -> None:
    endless = {"rounds": 10**6, "patience": 10**6, "learning_rate": 1e-4}
    wish: Wishes = [("logistic", {}), ("lightgbm", endless)]
    result = timed(halves(classes(n=800))[0], 3.0, engine, tmp_path, algorithms=wish)
    line = line_of(result, "lightgbm")
    assert line.state == "timeout" or "cut short" in line.reason
    assert line_of(result, "logistic").state == "done"


@pytest.mark.slow
@pytest.mark.usefixtures("rogue")
@pytest.mark.parametrize(
    ("mood", "budget", "state", "words"),
    [
        ("crash", 3.0, "failed", "exit code 3"),
        ("hang", 3.0, "timeout", "time was up"),
        # Its pages take their time on a busy machine: the limit that it meets must be that one.
        ("hog", 30.0, "memory", "MB of memory"),
        ("nonsense", 3.0, "failed", "Error"),
        ("raise", 3.0, "failed", "I do not feel like it"),
    ],
)
def test_a_learner_that_misbehaves_is_a_line_and_hurts_nobody_else(
    mood: str, budget: float, state: str, words: str, tmp_path: Path
) -> None:
    preload = {"sklearn": PRELOAD["sklearn"]}
    wish: Wishes = [("rogue", {"mood": mood}), ("logistic", {})]
    with LocalEngine(Resources(workers=2, preload=preload, threads=1)) as engine:
        wait_until_ready(engine, preload)
        result = timed(classes(), budget, engine, tmp_path, algorithms=wish, memory_mb=700.0)
    line = line_of(result, "rogue")
    assert (line.state, line.score, line.weight) == (state, None, 0.0)
    assert words in line.reason
    assert line_of(result, "logistic").state == "done" and result.score > 0.5
