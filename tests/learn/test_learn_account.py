"""Why the winner won: the figures are those of the held-out answers, the words those of figures."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.learn.inline_engine import chosen
from tests.learn.learn_tables import classes, values

from lingqu.core import metrics
from lingqu.learn.account import in_words


def test_scores_come_with_errors_and_with_the_gap_to_the_chosen_model(tmp_path: Path) -> None:
    three = [("logistic", {}), ("k_neighbours", {}), ("constant", {})]
    choice = chosen(classes(300), tmp_path / "s", algorithms=three, metric="accuracy", folds=5)
    lines = {c.name: c for c in choice.candidates}
    for line in lines.values():
        assert line.rows == 300 and line.folds == 5
        assert line.score is not None and line.error is not None and line.gap is not None
        # Of a share the standard error is known: √(p(1 - p) / n).
        assert line.error == pytest.approx((line.score * (1 - line.score) / 300) ** 0.5, rel=0.3)
        assert line.gap <= 1e-9 or line.weight == 0
    told = choice.account
    best = max(line.score for line in lines.values() if line.score is not None)
    assert told["score"] >= best - 1e-9
    assert lines["constant"].gap == pytest.approx(lines["constant"].score - told["score"])
    assert told["baseline"]["score"] == pytest.approx(lines["constant"].score)
    # What both miss in common is not in the error of the gap.
    rest = [c for c in lines.values() if c.weight < 1 and c.name != "constant"]
    assert all((c.gap_error or 0) < 1.5 * (c.error or 0) for c in rest)
    assert choice.why and all(note["en"] != note["zh"] for note in choice.why)


def test_errors_of_values_are_told_in_the_same_sense(tmp_path: Path) -> None:
    choice = chosen(values(300), tmp_path / "s", folds=3)
    lines = {c.name: c for c in choice.candidates}
    assert choice.account["score"] < 0 and choice.account["metric"] == "rmse"
    losers = [c for c in lines.values() if not c.weight]
    assert all(c.gap is not None and c.gap < 0 for c in losers)
    shown = f"{-choice.account['score']:.4g}"
    assert shown in choice.why[0]["en"] and shown in choice.why[0]["zh"]


def test_the_runner_up_is_beaten_in_the_folds_that_are_told(tmp_path: Path) -> None:
    table = classes(300)
    choice = chosen(table, tmp_path / "s", folds=5, metric="log_loss")
    rival, lines = choice.account["runner_up"], {c.name: c for c in choice.candidates}
    assert rival["name"] == "k_neighbours"
    assert rival["of"] == rival["won"] == lines["k_neighbours"].folds  # it is far behind
    assert rival["rows"] == lines["k_neighbours"].rows and rival["lost"] == 0
    assert rival["gap"] == lines["k_neighbours"].gap < 0


FACTS: dict[str, Any] = {
    "metric": "accuracy", "score": 0.9, "error": 0.01, "rows": 300, "folds": 5,
    "members": {"a": 1.0}, "best_member": None, "baseline": {"name": "constant", "score": 0.5},
    "barred": [], "tried": 2, "failed": 0, "untried": 0,
}  # fmt: skip
RIVAL = {"name": "b", "gap": -0.05, "gap_error": 0.01, "rows": 300, "won": 5, "lost": 0, "of": 5}


@pytest.mark.parametrize(
    ("rival", "said"),
    [
        ({}, "more than chance. Of 5 folds, 5 were won and 0 lost."),
        ({"gap": -0.01}, "within chance"),
        ({"gap": 0.0}, "is as good"),
        ({"gap": 0.02}, "b is better by 0.02 ± 0.01"),
        ({"gap_error": None}, "within chance"),
    ],
)
def test_a_difference_is_sure_or_within_chance(rival: dict[str, Any], said: str) -> None:
    words = in_words({**FACTS, "runner_up": {**RIVAL, **rival}})
    assert said in words[1]["en"] and "b" in words[1]["zh"]


def test_limits_and_what_was_never_tried_are_told() -> None:
    barred = [{"name": "slow", "why": "breaks the limit latency <= 1 ms: 3"}]
    more = {"runner_up": None, "barred": barred, "untried": 2, "tried": 9}
    words = [note["en"] for note in in_words({**FACTS, **more})]
    assert any("slow (breaks the limit latency <= 1 ms: 3)" in one for one in words)
    assert any(one.startswith("2 candidate(s)") for one in words)
    assert any("The best of 9" in one for one in words)


def test_a_perfect_score_is_not_certain(tmp_path: Path) -> None:
    table = classes(120, k=2, missing=False)
    y = table.frame["y"].to_numpy()
    assert len(np.unique(y)) == 2 and metrics.greater_is_better("accuracy")
    choice = chosen(table, tmp_path / "s", metric="accuracy", folds=3)
    for line in choice.candidates:
        assert line.error is not None and line.error > 0
