"""A ranking through the whole path: lists are declared, kept together, gated and served."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import lingqu
from lingqu.core.errors import SpecError
from lingqu.core.spec import Channel

CHANNEL = """\
channel: search
data: {{source: answers.csv{group}}}
train: {{task: regress, target: grade, metric: ndcg@5, workers: 1,
  budget: 30 s, folds: 2, algorithm: [ridge, lightgbm: {{objective: rank}}]}}
release: {{require: ["ndcg@5 >= 0.7", "map >= 0.3", "spearman >= -1", "pinball(0.9) <= 9"]}}
"""


def answers() -> pl.DataFrame:
    random = np.random.default_rng(0)
    match = random.normal(size=1500)
    grade = np.clip(np.round(1 + match + 0.3 * random.normal(size=1500)), 0, 4)
    query = [f"q{number // 15:03}" for number in range(1500)]
    columns = {"query": query, "match": match, "length": random.normal(size=1500), "grade": grade}
    return pl.DataFrame(columns)


@pytest.mark.slow
def test_a_ranking_is_gated_by_lists(tmp_path: Path) -> None:
    answers().write_csv(tmp_path / "answers.csv")
    path = tmp_path / "channel.yaml"
    path.write_text(CHANNEL.format(group=", group: query"), encoding="utf-8")
    with lingqu.open(tmp_path / "ws") as workspace:
        done = workspace.run(path)
        gate = done.summary["gate"]
        assert [line["verdict"] for line in gate["requirements"]] == ["pass"] * 4
        assert gate["requirements"][0]["seen"][0].startswith("ndcg@5 = 0.")
        assert "[" in gate["requirements"][0]["seen"][0]
        assert gate["requirements"][3]["seen"][0].startswith("pinball(0.9) = ")
        assert done.state == "done" and done.summary["metric"] == "ndcg@5"
        assert 0.7 < done.summary["validation_score"] <= 1.0


def test_a_ranking_without_lists_is_refused_at_plan(tmp_path: Path) -> None:
    channel = Channel.parse(CHANNEL.format(group=""))
    with lingqu.open(tmp_path / "ws") as workspace, pytest.raises(SpecError, match="one list"):
        workspace.plan(channel, answers())
