"""A channel that flags: from a file to answers with their reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.learn.flag_tables import machines, meters

from lingqu.core.errors import DataError, SpecError
from lingqu.core.spec import Channel
from lingqu.data.infer import typed
from lingqu.flow.data_stage import typed as with_roles
from lingqu.flow.flag_rows import anomaly_of, with_labels
from lingqu.flow.plan import plan
from lingqu.workspace import Workspace

PLAIN = "channel: machines\ndata: machines.csv\ntrain: {task: flag}\n"


def channel(train: str = "task: flag", data: str = "machines.csv") -> Channel:
    return Channel.parse(f"channel: machines\ndata: {data}\ntrain: {{{train}}}\n")


def table(labels: list[Any], name: str = "y") -> Any:
    frame = pl.DataFrame({"a": [float(i) for i in range(len(labels))], name: labels})
    return typed(frame, name="table")


class TestTheSection:
    def test_three_lines_are_enough(self) -> None:
        assert Channel.parse(PLAIN).train.target == ""

    @pytest.mark.parametrize(
        ("train", "word"),
        [
            ("task: classify", "target"),
            ("task: regress, target: a, rate: 0.1", "rate"),
            ("task: flag, rate: 0.7", "rate"),
            ("task: flag, optimise: [threshold]", "optimise"),
            ("task: flag, metric: accuracy", "metric"),
            ("task: flag, horizon: 3", "horizon"),
        ],
    )
    def test_what_has_no_meaning_is_refused(self, train: str, word: str) -> None:
        with pytest.raises(SpecError, match=word):
            channel(train)


class TestLabels:
    @pytest.mark.parametrize(
        ("counts", "odd"),
        [
            ({"0": 9, "1": 1}, ("1", "named")),
            ({"0": 1, "1": 9}, ("1", "named")),
            ({"1": 9, "-1": 1}, ("-1", "rarer")),
            ({"normal": 1, "leak": 9}, ("leak", "named")),
            ({"a": 9, "b": 1}, ("b", "rarer")),
            ({"否": 2, "是": 5}, ("是", "named")),
        ],
    )
    def test_which_value_is_the_anomaly(self, counts: dict[str, int], odd: tuple[str, str]) -> None:
        assert anomaly_of(counts) == odd

    def test_they_become_the_two_classes_and_a_gap_stays(self) -> None:
        rows = with_labels(table(["ok", "broken", None, "ok"] * 5), "y")
        assert rows.frame["y"].to_list()[:4] == ["normal", "anomaly", None, "normal"]
        assert "broken" in rows.schema["y"].reason and "broken" in rows.schema["y"].reason_zh
        truth = with_labels(table([True, False, False] * 5), "y").frame["y"]
        assert (truth == "anomaly").sum() == 5

    def test_three_values_and_an_absent_column_are_refused(self) -> None:
        with pytest.raises(DataError, match="3 different values"):
            with_labels(table(["a", "b", "c"] * 4), "y")
        with pytest.raises(DataError, match="label"):
            with_labels(table(["a", "b"] * 4), "label")

    def test_rows_that_nobody_judged_are_kept(self) -> None:
        rows = with_roles(channel("task: flag, target: y"), table([None, "x", "z", "x"] * 10))
        assert len(rows) == 40 and rows.frame["y"].null_count() == 10
        assert rows.schema["y"].levels == ("normal", "anomaly")


class TestThePlan:
    def test_it_tells_the_share_and_who_learns(self) -> None:
        settings = {s.name: s for s in plan(channel(), table([1.5, 2.5] * 200, "b")).settings}
        assert settings["rate"].value == 0.01 and not settings["rate"].declared
        assert settings["target"].value is None
        assert settings["algorithm"].value[0] == "mahalanobis"
        assert not any(s.value == "dedupe" for s in settings.values())

    def test_declared_labels_set_the_threshold(self) -> None:
        rows = table(["x", "z", "x", "x"] * 50)
        settings = {s.name: s for s in plan(channel("task: flag, target: y"), rows).settings}
        assert settings["rate"].value is None and "F1" in settings["rate"].why["en"]

    def test_a_time_and_a_series_are_asked_for(self) -> None:
        data = meters(3)
        asked = "{source: meters.csv, time: at, group: meter}"
        rows = with_roles(channel(data=asked), typed(data.frame, name="meters"))
        assert {c.name for c in rows.schema.inputs} == {"at", "meter", "use"}


@pytest.mark.slow
def test_from_a_file_to_answers_with_reasons(tmp_path: Path) -> None:
    rows = machines(rows=800, odd=40)
    rows.frame.drop("y").write_csv(tmp_path / "machines.csv")
    rows.frame.write_csv(tmp_path / "judged.csv")
    fast = "algorithm: [mahalanobis, lof], budget: 8 s, rate: 0.05"
    (tmp_path / "plain.yaml").write_text(
        f"channel: machines\ndata: machines.csv\ntrain: {{task: flag, {fast}}}\n"
    )
    (tmp_path / "judged.yaml").write_text(
        f"channel: judged\ndata: judged.csv\ntrain: {{task: flag, target: y, {fast}}}\n"
    )
    with Workspace(tmp_path / ".lingqu") as opened:
        done = opened.run(tmp_path / "plain.yaml")
        assert done.state == "done" and done.summary["validation_score"] is None
        seen = {f.measure: f for f in opened.findings(done.id) if f.check == "metrics"}
        assert seen["roc_auc"].verdict == "unknown" and seen["roc_auc"].evidence["why_zh"]
        page = Path(opened.report(done.id)).read_text(encoding="utf-8")
        assert 'id="flagged"' in page and "usually" in page and "通常为" in page
        judged = opened.run(tmp_path / "judged.yaml")
        assert judged.summary["test"]["roc_auc"] > 0.9
        assert set(judged.summary["test"]) >= {"average_precision", "precision", "recall", "f1"}
        hot = {"heat": 95.0, "load": 50.0, "mode": "never", "open": True}
        opened.deploy("machines")
        try:
            odd, usual = opened.call("machines", [hot, {**hot, "heat": 45.0, "mode": "run"}])
        finally:
            opened.undeploy("machines")
        assert (odd["prediction"], usual["prediction"]) == ("anomaly", "normal")
        # Numbers and words stand side by side in the reasons of one row.
        assert {"heat", "mode"} >= {reason["column"] for reason in odd["reasons"]} != set()
        assert usual["reasons"] == []
