"""How often intervals and sets hold the truth is judged against what was stated, and in parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from lingqu.check.metrics import Metrics
from lingqu.check.performance import Performance
from lingqu.check.regions import inside_of
from lingqu.core.metrics import wilson
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.predictions import Predictions
from lingqu.core.rules import parse
from lingqu.core.schema import Column, Schema

ROWS = 200
CLASSES = ("a", "b", "c")


def valued(share: float, wanted: float | None = 0.9, **more: Any) -> Subject:
    """Intervals of width 4 that hold a share of the truth; women are never held."""
    inside = np.arange(ROWS) < round(share * ROWS)
    sex = ["m" if held else "f" for held in inside]
    frame = pl.DataFrame({"sex": sex, "y": np.where(inside, 0.5, 9.0)})
    schema = Schema((Column("sex", "category", "protected"), Column("y", "number", "target")))
    zero = np.zeros(ROWS)
    said = Predictions(zero, low=zero - 1, high=zero + 3)
    return Subject(
        "gate", "regress", schema, test=Dataset(frame, schema), predictions=said,
        facts={"coverage": wanted, **more},
    )  # fmt: skip


def classed(wanted: float = 0.9, **more: Any) -> Subject:
    """Sets that always hold the first two classes, and the third one only where it is said."""
    y = np.repeat([0, 1, 2], [100, 70, 30])
    said = np.where(np.arange(ROWS) < 180, 0, 2)
    sets = np.zeros((ROWS, 3), dtype=bool)
    sets[:, :2] = True
    sets[np.arange(ROWS), said] = True
    chances = np.full((ROWS, 3), 0.2)
    chances[np.arange(ROWS), said] = 0.6
    frame = pl.DataFrame({"x": np.arange(ROWS), "y": [CLASSES[k] for k in y]})
    schema = Schema((Column("x", "number"), Column("y", "category", "target", levels=CLASSES)))
    predictions = Predictions(said, chances, CLASSES, sets=sets)
    return Subject(
        "gate", "classify", schema, test=Dataset(frame, schema), predictions=predictions,
        facts={"coverage": wanted, **more},
    )  # fmt: skip


def seen(subject: Subject) -> dict[str, Finding]:
    return {f.subject: f for f in Metrics(resamples=50).look(subject)}


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.95, "pass"), (0.9, "pass"), (0.87, "pass"), (0.8, "fail")]
)
def test_coverage_fails_only_where_it_is_less_than_stated_beyond_chance(
    share: float, verdict: str
) -> None:
    found = seen(valued(share))
    coverage = found["coverage"]
    assert coverage.value == pytest.approx(share) and coverage.n == ROWS
    assert (coverage.low, coverage.high) == wilson(share * ROWS, ROWS)
    assert (coverage.verdict, coverage.severity) == (
        verdict, "warn" if verdict == "fail" else "info",
    )  # fmt: skip
    assert bool(coverage.advice) == (verdict == "fail")
    assert coverage.evidence["wanted"] == 0.9
    assert found["interval_width"].value == 4.0


def test_the_worst_group_of_a_protected_column_is_a_finding_of_its_own() -> None:
    found = seen(valued(0.8))
    worst = found["coverage.group(sex)"]
    assert (worst.value, worst.n, worst.evidence["group"]) == (0.0, 40, "f")
    table = found["coverage"].evidence["by_group"]["sex"]
    assert [(line["group"], line["n"], line["coverage"]) for line in table] == [
        ("f", 40, 0.0), ("m", 160, 1.0),
    ]  # fmt: skip
    drawn = found["coverage"].evidence["intervals"]
    assert 2 <= len(drawn) <= 60 and all(len(line) == 4 for line in drawn)


def test_sets_are_judged_as_a_whole_and_class_by_class() -> None:
    found = seen(classed())
    assert found["coverage"].value == pytest.approx(190 / 200)
    assert found["set_size"].value == pytest.approx(2 + 20 / 200)
    assert found["coverage.class(a)"].value == 1.0
    rare = found["coverage.class(c)"]
    assert rare.value == pytest.approx(2 / 3) and rare.verdict == "note"
    assert found["coverage"].evidence["sizes"] == [[2, 180], [3, 20]]
    promised = seen(classed(coverage_by="class"))
    assert promised["coverage.class(c)"].verdict == "fail"
    assert promised["coverage.class(a)"].verdict == "pass"


def test_a_rule_on_coverage_means_all_rows_and_one_with_an_argument_the_part() -> None:
    found = list(seen(classed()).values())
    assert parse("coverage >= 0.88").judge(found).verdict == "pass"
    assert parse("coverage.class(c) >= 0.88").judge(found).verdict == "fail"
    assert parse("coverage.class >= 0.5").judge(found).verdict == "pass"
    assert parse("set_size <= 2.05").judge(found).verdict == "fail"


def test_without_intervals_nothing_is_said_and_without_a_promise_nothing_is_judged() -> None:
    bare = replace(valued(0.9), predictions=Predictions(np.zeros(ROWS)))
    assert not any("coverage" in name or "width" in name for name in seen(bare))
    assert inside_of(np.zeros(2), Predictions(np.zeros(2))) is None
    assert seen(valued(0.5, None))["coverage"].verdict == "note"


def test_truth_that_comes_back_in_use_is_held_against_the_promise() -> None:
    for subject, verdict in ((valued(0.8), "fail"), (valued(0.92), "pass"), (classed(), "pass")):
        found = {f.measure: f for f in Performance().look(replace(subject, stage="live"))}
        coverage = found["performance.coverage"]
        assert (coverage.check, coverage.verdict, coverage.n) == ("performance", verdict, ROWS)
    bare = replace(valued(0.9), stage="live", predictions=Predictions(np.zeros(ROWS)))
    assert "performance.coverage" not in {f.measure for f in Performance().look(bare)}
