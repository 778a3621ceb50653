"""What a walk must look at as it was read: the order of rows, groups before they were coarser."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.walked import people, write_channel

from lingqu.core.nouns import Json
from lingqu.core.spec import Channel
from lingqu.data import versions
from lingqu.flow.last_run import newest_run, stage_results
from lingqu.flow.row_numbers import families_of
from lingqu.flow.walk import Walk, hear_nothing
from lingqu.workspace import Workspace

TRAIN = "train: {task: classify, target: churned, algorithm: logistic, budget: 40 s, workers: 1}\n"
SERIES = """\
channel: churn
data: people.csv
govern:
  - contract:
      rules: [{increasing: day}, {no_gaps: {column: day, every: 1 d}},
              {max_step: {column: level, max: 1}}, {monotone_within: {column: level, group: city}}]
      on_fail: ON_FAIL
"""
AGES = """\
channel: churn
data: {source: people.csv, protected: [age]}
govern: [{generalise: {columns: [age], k: 20}}]
"""


def series(broken: bool = False) -> pl.DataFrame:
    """Return rows day by day, each a level higher than the one before; or one of them lower."""
    rows = people(160)
    day = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 6, 8), "1d", eager=True)
    level = [20 if broken and row == 90 else row for row in range(160)]
    return rows.with_columns(day=day, level=pl.Series(level))


def walked(folder: Path, text: str, frame: pl.DataFrame) -> Mapping[str, Mapping[str, Json]]:
    path = write_channel(folder, text + TRAIN, frame)
    with Workspace(folder / ".lingqu") as workspace:
        workspace.data_clean(path)
        run = newest_run(workspace.home, "churn")
        return dict(stage_results(workspace.home, run))


def rules(results: Mapping[str, Mapping[str, Json]]) -> dict[str, Any]:
    report = next(r for r in results["govern"]["reports"] if r["operator"] == "contract")
    return {row["kind"]: row for row in report["report"]["rules"]}


def test_rules_about_order_are_judged_on_the_rows_as_they_were_read(tmp_path: Path) -> None:
    judged = rules(walked(tmp_path, SERIES.replace("ON_FAIL", "report"), series()))
    assert {kind: row["verdict"] for kind, row in judged.items()} == {
        "increasing": "pass", "no_gaps": "pass", "max_step": "pass", "monotone_within": "pass"
    }  # fmt: skip
    assert judged["increasing"]["n"] == 160  # test rows are part of the sequence


def test_a_break_in_the_order_is_named_by_the_row_as_it_was_read(tmp_path: Path) -> None:
    judged = rules(walked(tmp_path, SERIES.replace("ON_FAIL", "report"), series(broken=True)))
    assert judged["increasing"]["verdict"] == "pass"
    assert [sample["row"] for sample in judged["max_step"]["samples"]] == [90, 91]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_only_the_training_rows_that_break_the_order_are_marked(tmp_path: Path, seed: int) -> None:
    text = SERIES.replace("ON_FAIL", "mark")
    text = text.replace("data: people.csv", f"data: {{source: people.csv, seed: {seed}}}")
    results = walked(
        tmp_path,
        text.replace(", {monotone_within: {column: level, group: city}}", ""),
        series(broken=True),
    )
    with Workspace(tmp_path / ".lingqu") as workspace:
        read = versions.load(results["data"]["train"]["blob"], workspace.home.blobs).frame
    breaking = read.filter(pl.col("day").is_in([datetime(2024, 3, 31), datetime(2024, 4, 1)]))
    assert [row["row"] for row in results["govern"]["removed"]] == sorted(
        read["day"].index_of(day) for day in breaking["day"]
    )


@pytest.mark.slow
def test_fairness_is_judged_on_ages_and_not_on_bands_of_ages(tmp_path: Path) -> None:
    path = write_channel(tmp_path, AGES + TRAIN, people(800))
    with Workspace(tmp_path / ".lingqu") as workspace:
        run = workspace.run(path)
        found = [f for f in workspace.findings(run.id) if f.subject == "fairness.gap(age)"]
        results = stage_results(workspace.home, newest_run(workspace.home, "churn"))
        blob = results["govern"]["test"]["blob"]
        bands = set(versions.load(blob, workspace.home.blobs).frame["age"].cast(pl.String))
    groups = found[0].evidence["groups"]
    assert len(groups) == 4  # quarters of the ages themselves
    assert {group["group"].split(" (")[0] for group in groups} <= bands


COPIES = """\
channel: churn
data: {source: people.csv, split: distinct, drop: [person]}
govern: [drop_constant]
"""


def test_families_of_the_split_are_those_of_the_folds(tmp_path: Path) -> None:
    rows = people(100)
    path = write_channel(tmp_path, COPIES + TRAIN, pl.concat([rows, rows, rows.head(20)]))
    with Workspace(tmp_path / ".lingqu") as workspace:
        workspace.data_clean(path)
        results = stage_results(workspace.home, newest_run(workspace.home, "churn"))
        walk = Walk(workspace.home, Channel.load(path), "r", hear_nothing)
        found = families_of(walk, results["data"], results["govern"])
        governed = versions.load(results["govern"]["train"]["blob"], workspace.home.blobs)
    assert found is not None and len(found) == len(governed)
    features = governed.frame.select(governed.schema.features[0].name, "paid", "city", "sex")
    copies = features.with_columns(family=found).group_by(features.columns).n_unique()
    assert copies["family"].max() == 1 and len(np.unique(found)) < len(found)


def test_a_split_that_does_not_look_for_copies_has_no_families(tmp_path: Path) -> None:
    results = walked(tmp_path, COPIES.replace("distinct", "random"), people(60))
    assert results["data"]["families"] == ""
