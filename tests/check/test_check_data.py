"""The check on data in use: the same scores as of training rows, and what was lost since."""

from __future__ import annotations

import polars as pl
import pytest

from lingqu.check.data import SERVED, Data
from lingqu.check.measures import ARGUMENTS
from lingqu.check.quality import Quality
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.schema import Column, Schema

PEOPLE = Schema((Column("age", "number"), Column("city", "category", levels=("Lyon", "桂林"))))
WINDOW = pl.DataFrame({"age": [41.0, None, 30.0, 41.0], "city": ["Lyon", "桂林", "Oslo", "Lyon"]})


def seen(
    frame: pl.DataFrame = WINDOW,
    schema: Schema = PEOPLE,
    asked: Schema | None = None,
    **facts: Json,
) -> dict[str, Finding]:
    rows = Dataset(frame, schema)
    found = Data().look(Subject("live", "classify", asked or schema, test=rows, facts=facts))
    return {finding.subject: finding for finding in found}


def test_the_scores_are_those_of_the_training_rows() -> None:
    found = seen()
    scored = Quality().look(Subject("data", "classify", PEOPLE, train=Dataset(WINDOW, PEOPLE)))
    quality = {f.measure.partition(".")[2]: f for f in scored if not f.argument}
    for score, value in zip(SERVED, (7 / 8, 3 / 4, 3 / 4), strict=True):
        mine, theirs = found[f"data.{score}"], quality[score]
        assert mine.value == theirs.value == pytest.approx(value)
        assert (mine.low, mine.high, mine.n) == (theirs.low, theirs.high, theirs.n)
    assert found["data.validity"].evidence["columns"] == {"city": 1}


def test_what_was_lost_is_told_with_its_interval() -> None:
    trained = {"validity": {"value": 1.0, "low": 0.9, "high": 1.0, "n": 40}}
    drop = seen(trained=trained)["data.drop(validity)"]
    assert drop.value == pytest.approx(0.25)
    assert drop.low is not None and drop.high is not None and drop.low < 0.25 < drop.high
    assert drop.evidence == {"trained": 1.0, "trained_rows": 40}
    assert "data.drop(completeness)" not in seen(trained=trained)


def test_without_a_document_the_drop_is_unknown_and_says_so() -> None:
    drop = seen()["data.drop"]
    assert (drop.value, drop.verdict) == (None, "unknown")
    assert "document" in drop.evidence["why"] and "数据文档" in drop.evidence["why_zh"]


@pytest.mark.parametrize(
    "asked",
    [
        Schema((*PEOPLE, Column("note", "text"))),
        Schema((*PEOPLE, Column("phone", "category"))),
    ],
)
def test_copies_cannot_be_told_where_the_log_does_not_keep_all_cells(asked: Schema) -> None:
    found = seen(asked=asked)
    assert found["data.uniqueness"].value is None
    assert asked.names[-1] in found["data.uniqueness"].evidence["why"]
    assert found["data.validity"].value == 0.75


def test_of_texts_alone_only_gaps_are_known() -> None:
    frame = pl.DataFrame({"note": [True, None]})
    found = seen(frame, Schema((Column("note", "text"),)))
    assert found["data.completeness"].value == 0.5
    assert found["data.validity"].verdict == found["data.uniqueness"].verdict == "unknown"


def test_broken_rules_are_counted_and_named() -> None:
    rule = {"rule": "range(age)", "verdict": "fail", "failures": 2, "n": 3, "samples": []}
    kept = {**rule, "rule": "levels(city)", "verdict": "pass"}
    broken = seen(rules={"results": [rule, kept]})["data.broken_rules"]
    assert (broken.value, broken.n) == (1.0, 4)
    assert broken.evidence["broken"] == [{"rule": "range(age)", "failures": 2, "n": 3}]
    assert "data.broken_rules" not in seen(rules={})


def test_rules_that_cannot_be_judged_are_unknown_with_the_reason() -> None:
    none = seen(rules={"results": []})["data.broken_rules"]
    assert none.verdict == "unknown" and "single rows" in none.evidence["why"]
    gone = seen(rules={"why": "no file", "why_zh": "没有文件"})["data.broken_rules"]
    assert gone.verdict == "unknown" and gone.evidence["why"] == "no file"


def test_rules_can_name_every_drop() -> None:
    assert ARGUMENTS["data.drop"] == SERVED
