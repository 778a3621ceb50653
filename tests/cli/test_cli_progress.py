"""Live progress: what a run tells, as lines of a log and as a moving picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from lingqu.cli.progress import ALL, Live
from lingqu.learn import candidate


def ended(name: str, fold: int, best: float, **more: Any) -> Mapping[str, Any]:
    row = {"candidate": name, "fold": fold, "state": "done", "best": best, "left_s": 12.4}
    return {**row, **more}


def stage(name: str, state: str) -> Mapping[str, Any]:
    return {"event": "stage", "name": name, "state": state, "seconds": 1.0}


ROWS = [
    stage("train", "running"),
    {"candidate": "mlp", "fold": 0, "epoch": 3.0},
    ended("mlp", 0, 0.9),
    ended("mlp", 1, 0.85),
    ended("svm", 1, 0.85, state="timeout"),
    ended("mlp", ALL, 0.85),
    stage("train", "done"),
]


def test_the_refit_has_the_fold_number_that_learn_gives_it() -> None:
    assert ALL == candidate.ALL


def test_a_log_has_one_line_for_the_first_fold_a_trouble_and_a_refit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with Live(metric="accuracy") as live:
        for row in ROWS:
            live.hear(row)
    lines = [" ".join(line.split()) for line in capsys.readouterr().err.splitlines()]
    assert lines == [
        "mlp done fold 1 budget left: 12 s",
        "svm timeout fold 2 budget left: 12 s",
        "mlp done refit on all rows budget left: 12 s",
        "algorithm: done 1.00 s",
        "validation score of the chosen: 0.85",
    ]


def test_the_picture_names_the_refit_and_no_score_that_could_fall(
    capsys: pytest.CaptureFixture[str],
) -> None:
    live = Live(budget_s=30.0)
    for row in ROWS[:-1]:
        live.hear(row)
        Console(width=80).print(live._picture())
    shown = capsys.readouterr().out
    assert "epoch 3" in shown and "refit on all rows" in shown and "fold 0" not in shown
    assert "budget left" in shown
    assert "0.9" not in shown and "0.85" not in shown


def test_nothing_is_said_where_json_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    with Live(quiet=True) as live:
        for row in ROWS:
            live.hear(row)
    said = capsys.readouterr()
    assert said.out == said.err == ""
