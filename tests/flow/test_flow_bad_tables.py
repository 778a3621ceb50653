"""Odd tables, one test each: a clear refusal, or the fallback that is stated."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.learn.inline_engine import chosen

from lingqu.check.leakage import Leakage
from lingqu.core.errors import DataError, SpecError, TrainError
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.rules import parse
from lingqu.core.schema import Column, Schema
from lingqu.core.spec import Channel
from lingqu.data.frame import InMemory
from lingqu.flow.gate import judge
from lingqu.flow.plan import plan
from lingqu.flow.validate import validate
from lingqu.learn.forecast.reading import read
from lingqu.release.conform import conform
from lingqu.release.runner import predict_model
from lingqu.release.series.rows import grid_of

A, Y = Column("a", "number"), Column("y", "category", "target")
QUICK: list[tuple[str, dict[str, Any]]] = [("logistic", {}), ("lightgbm", {"rounds": 10})]
CHANNEL = "channel: odd\ndata: odd.csv\ntrain: {task: classify, target: y}\n"


def two(rows: int, seed: int = 0) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    yes = random.random(rows) < 0.5
    return {"a": 2.0 * yes + random.normal(size=rows), "y": np.where(yes, "yes", "no")}


def table(columns: dict[str, Any], *kinds: Column) -> Dataset:
    name = "values" if kinds[-1].kind == "number" else "odd"
    return Dataset(pl.DataFrame(columns), Schema(kinds), name)


class TestALeakingColumn:
    frame = pl.DataFrame({**two(400), "told": [float(y == "yes") for y in two(400)["y"]]})

    def test_the_plan_warns_and_says_what_to_do(self) -> None:
        planned = plan(Channel.parse(CHANNEL), InMemory(self.frame).read())
        [warned] = [s for s in planned.settings if s.name == "warning"]
        assert warned.value == "leakage.target(told)"
        assert "blocked" in warned.why["en"] and "drop: [told]" in warned.why["en"]
        assert "拦下" in warned.why["zh"]
        calm = plan(Channel.parse(CHANNEL), InMemory(self.frame.drop("told")).read())
        assert not [s for s in calm.settings if s.name == "warning"]

    def test_the_gate_blocks_it_unless_the_channel_decides(self) -> None:
        data = table(self.frame.to_dict(as_series=False), A, Column("told", "number"), Y)
        [leak] = Leakage().givers(Subject("data", "classify", data.schema, data))
        assert (leak.argument, leak.severity) == ("told", "block")
        assert judge([], [leak]).to_json()["blocking"] == ["leakage.target(told)"]
        assert judge([parse("leakage.target(told) <= 1")], [leak]).passed
        assert not judge([parse("leakage.target(a) <= 1")], [leak]).passed
        assert not judge([parse("leakage.target <= 0.99")], [leak]).passed

    def test_among_few_rows_it_only_warns(self) -> None:
        few = table(self.frame[:80].to_dict(as_series=False), A, Column("told", "number"), Y)
        [leak] = Leakage().givers(Subject("data", "classify", few.schema, few))
        assert leak.severity == "warn" and judge([], [leak]).passed

    def test_what_a_forecast_knows_in_advance_does_not_block(self) -> None:
        y = np.random.default_rng(0).normal(size=600)
        data = table({"b": y, "y": y}, Column("b", "number"), Column("y", "number", "target"))
        found = {
            task: Leakage(target=0.9).givers(Subject("data", task, data.schema, data))[0].severity
            for task in ("regress", "forecast")
        }
        assert found == {"regress": "block", "forecast": "warn"}


def test_a_class_of_two_rows_is_learned_and_answered(tmp_path: Path) -> None:
    found = chosen(
        table({"a": np.arange(122.0), "y": ["x"] * 60 + ["z"] * 60 + ["rare"] * 2}, A, Y),
        tmp_path, algorithms=QUICK,
    )  # fmt: skip
    assert found.model.classes == ("rare", "x", "z")
    said = predict_model(found.model, pl.DataFrame({"a": [5.0, 100.0]}))
    assert said.labels.tolist() == [1, 2]


@pytest.mark.parametrize("known", [0, 1])
def test_a_column_without_a_value_in_a_fold(known: int, tmp_path: Path) -> None:
    holes = pl.Series([None] * (120 - known) + [1.0] * known, dtype=pl.Float64)
    data = table({**two(120), "m": holes}, A, Column("m", "number"), Y)
    found = chosen(data, tmp_path, algorithms=QUICK, folds=2)
    assert all(line.state == "done" for line in found.candidates)
    assert found.score > 0.7
    said = predict_model(found.model, pl.DataFrame({"a": [3.0, 3.0], "m": [None, 7.0]}))
    assert np.isfinite(said.probabilities).all()  # type: ignore[arg-type]


def test_a_hundred_thousand_levels_of_one_category(tmp_path: Path) -> None:
    rows = 100_000
    data = table({**two(rows), "c": [f"id{i}" for i in range(rows)]}, A, Column("c", "category"), Y)
    found = chosen(data, tmp_path, algorithms=[("logistic", {"view": "plain"})], folds=1)
    assert found.score > 0.8
    size = sum(len(m.graph) + len(str(m.encoding)) for m in found.model.members)
    assert size < 200_000  # the levels that are kept are bounded
    said = predict_model(found.model, pl.DataFrame({"a": [3.0], "c": ["never seen"]}))
    assert said.labels.tolist() == [1]


def test_infinity_is_read_in_a_feature_and_refused_in_a_target(tmp_path: Path) -> None:
    odd = two(200)
    odd["a"][5:8] = np.inf, -np.inf, 1e300
    found = chosen(table(odd, A, Y), tmp_path / "a", algorithms=QUICK, folds=2)
    assert found.score > 0.7 and all(line.state == "done" for line in found.candidates)
    said = predict_model(found.model, pl.DataFrame({"a": [np.inf, -np.inf]}))
    assert np.isfinite(said.probabilities).all()  # type: ignore[arg-type]
    values = table(
        {"a": [1.0, 2.0, 3.0], "y": [1.0, np.inf, 2.0]}, A, Column("y", "number", "target")
    )
    with pytest.raises(DataError, match=r"[Rr]ow 2.*inf"):
        chosen(values, tmp_path / "b", algorithms=[("ridge", {})])


def test_an_index_with_repeats_is_no_part_of_the_data() -> None:
    frame = pd.DataFrame(two(60), index=[7] * 60)
    read_ = InMemory(frame).read()
    assert read_.frame.columns == ["a", "y"] and len(read_) == 60
    assert read_.frame["a"].to_list() == frame["a"].tolist()


def test_words_in_a_number_column_name_row_and_column() -> None:
    schema = Schema((A,))
    with pytest.raises(DataError) as refused:
        conform(pl.DataFrame({"a": ["1.5", "about 3"]}), schema)
    for fact in ("'a'", "row 2", "about 3", "number"):
        assert fact in str(refused.value).replace("Row", "row")
    assert conform(pl.DataFrame({"a": ["1.5", "2,000", ""]}), schema)["a"].to_list() == [
        1.5,
        2000.0,
        None,
    ]


def test_a_date_out_of_range_names_row_and_column() -> None:
    schema = Schema((Column("when", "datetime"),))
    for wrong in ("2024-02-30", "2024-13-01", "99999-01-01", "0000-00-00"):
        with pytest.raises(DataError) as refused:
            conform(pl.DataFrame({"when": ["2024-02-28", wrong]}), schema)
        for fact in ("when", "2", wrong):
            assert fact in str(refused.value)
    far = conform(pl.DataFrame({"when": [datetime(9999, 12, 31)]}), schema)
    assert far["when"][0].year == 9999


def test_a_series_with_two_rows_for_a_time_or_with_a_gap() -> None:
    days = pl.datetime_range(datetime(2024, 1, 1), datetime(2024, 2, 9), "1d", eager=True)
    schema = Schema((Column("t", "datetime", "time"), Column("y", "number", "target")))
    frame = pl.DataFrame({"t": days, "y": np.arange(40.0)})
    twice = Dataset(pl.concat([frame, frame[3:4]]), schema)
    with pytest.raises(DataError, match="2024-01-04"):
        read(twice, 3, 1, "fill", grid_of(twice).to_json())
    holes = Dataset(frame.filter(pl.col("y") != 20), schema)
    with pytest.raises(DataError, match="2024-01-21"):
        read(holes, 3, 1, "refuse", grid_of(holes).to_json())
    book = read(holes, 3, 1, "fill", grid_of(holes).to_json()).book
    assert [int((~one.given).sum()) for _, one in book] == [1]


@pytest.mark.parametrize(
    "metric", ["roc_auc", "mcc", "cohen_kappa", "specificity", "ece", "fbeta(2)"]
)
def test_an_exotic_metric_with_one_class_in_a_fold(metric: str, tmp_path: Path) -> None:
    group = np.repeat(np.arange(10), 12)  # each fold holds out two groups, of one class mostly
    y = np.where(group < 8, "no", "yes")
    a = 3.0 * (y == "yes") + np.random.default_rng(0).normal(size=120)
    data = table({"a": a, "g": group, "y": y}, A, Column("g", "category", "group"), Y)
    found = chosen(data, tmp_path, metric=metric, algorithms=QUICK[:1])
    assert np.isfinite(found.score) and found.metric == metric
    assert [member.algorithm for member in found.model.members][:1] == ["logistic"]


def test_rows_that_a_metric_cannot_judge_at_all_are_refused(tmp_path: Path) -> None:
    data = table({"a": np.arange(40.0), "y": -np.arange(40.0)}, A, Column("y", "number", "target"))
    with pytest.raises(TrainError, match="rmsle"):
        chosen(data, tmp_path, metric="rmsle", algorithms=[("ridge", {})])


@pytest.mark.parametrize(
    ("train", "require", "said"),
    [
        ("metric: pinball(0.9)", "accuracy >= 0.5", "pinball"),
        ("metric: top_k_accuracy(0)", "accuracy >= 0.5", "1, 2, 3"),
        ("metric: no_such:score", "accuracy >= 0.5", "no_such"),
        ("budget: 5 s", "rmse <= 3", "rmse"),
        ("budget: 5 s", "fbeta >= 0.5", "n > 0"),
        ("budget: 5 s", "custom(no_such:score) >= 0.5", "no_such"),
    ],
)
def test_a_metric_that_the_task_cannot_have_is_refused_before_anything_runs(
    train: str, require: str, said: str
) -> None:
    text = f"channel: odd\ndata: odd.csv\ntrain: {{task: classify, target: y, {train}}}\n"
    with pytest.raises(SpecError) as refused:
        validate(Channel.parse(text + f'release: {{require: ["{require}"]}}\n'))
    assert said in str(refused.value)


def test_a_finding_of_another_measure_still_blocks() -> None:
    worse = Finding("x", "x.y", 1.0, verdict="fail", severity="block")
    assert not judge([parse("leakage.target <= 1")], [worse]).passed


def test_weights_that_leave_one_class_are_refused(tmp_path: Path) -> None:
    rows = {**two(60), "w": [3.0] + [0.0] * 59}
    data = table(rows, A, Column("w", "number", "weight"), Y)
    with pytest.raises(TrainError, match=r"1 training row.*'w'.*at least two"):
        chosen(data, tmp_path, algorithms=QUICK)
