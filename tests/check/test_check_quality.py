"""Quality: eight scores with known answers, and column profiles a report can draw."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from lingqu.check.associations import Associations
from lingqu.check.quality import SCORES, Quality
from lingqu.core.nouns import Dataset, Finding, Subject
from lingqu.core.schema import Column, Schema


def look(
    frame: pl.DataFrame, *columns: Column, test: pl.DataFrame | None = None, **facts: Any
) -> dict[str, Finding]:
    schema = Schema(columns)
    train = Dataset(frame, schema)
    other = None if test is None else Dataset(test, schema)
    subject = Subject("data", "classify", schema, train, other, facts=facts)
    return {f.subject.removeprefix("quality."): f for f in Quality().look(subject)}


A, B = Column("a", "number"), Column("b", "category", levels=("x", "y"))
Y = Column("y", "category", "target")


def test_completeness_counts_cells_and_nan_is_missing() -> None:
    frame = pl.DataFrame({"a": [1.0, None, float("nan"), 4.0], "b": ["x", "y", "x", "y"]})
    found = look(frame, A, B)["completeness"]
    assert found.value == 6 / 8
    assert found.low is not None and found.low < 0.75 < (found.high or 0)
    assert found.n == 4 and "cells" in found.evidence["formula"]


def test_words_for_missing_count_as_missing_but_in_the_target() -> None:
    frame = pl.DataFrame({"b": [" ?", "x", "N/A", "y"], "y": ["unknown", "p", "p", "unknown"]})
    found = look(frame, Column("b", "category"), Y)
    assert found["completeness"].value == 6 / 8
    assert found["completeness"].evidence["columns"] == {"b": 2}


def test_declared_groups_are_found_under_stray_blanks() -> None:
    frame = pl.DataFrame({"b": [" f"] * 50 + ["m "] * 50})
    column = Column("b", "category")
    found = look(frame, column, represent={"b": {"f": 0.5, "m": 0.5}})["representativeness"]
    assert found.value == pytest.approx(1.0)
    assert found.evidence["groups"]["b"]["f"]["rows"] == 50


def test_validity_names_columns_and_rows() -> None:
    frame = pl.DataFrame({"a": ["1", "two", None, "4"], "b": ["x", "y", "z", "x"]})
    found = look(frame, A, B)["validity"]
    assert found.value == 0.5
    assert found.evidence["columns"] == {"a": 1, "b": 1} and found.evidence["rows"] == [1, 2]
    endless = pl.DataFrame({"a": [np.inf, 1.0], "t": ["  ", "text"], "d": ["2020-01-01", "soon"]})
    columns = (A, Column("t", "text"), Column("d", "datetime"))
    assert look(endless, *columns)["validity"].evidence["columns"] == {"a": 1, "t": 1, "d": 1}


def test_uniqueness_and_consistency() -> None:
    frame = pl.DataFrame({"a": [1, 1, 1, 2], "b": ["x", "x", "x", "y"], "y": ["p", "p", "q", "q"]})
    found = look(frame, A, B, Y)
    assert found["uniqueness"].value == 0.5
    assert found["consistency"].value == 0.25
    assert found["consistency"].evidence["contradicting_labels"] == 3
    spelt = pl.DataFrame({"b": ["x", "x", " X", "y", None], "a": [1, 2, 3, 4, 5]})
    found = look(spelt, A, B)
    assert found["consistency"].evidence["spellings"] == {"b": 1}
    assert found["consistency"].value == 0.8


def test_what_callers_name_a_row_by_tells_rows_apart() -> None:
    frame = pl.DataFrame({"shop": ["a", "a", "b", "b"], "day": [1, 2, 1, 1]})
    schema = Schema((Column("shop", "category", "group", seen=True), Column("day", "number")))
    found = Quality().look(Subject("data", "forecast", schema, train=Dataset(frame, schema)))
    assert next(f.value for f in found if f.measure == "quality.uniqueness") == 0.75


def test_pictures_repeat_by_their_pixels() -> None:
    images = np.zeros((3, 2, 2), dtype=np.uint8)
    images[2, 0, 0] = 1
    found = look(pl.DataFrame({"p": images}), Column("p", "image", shape=(2, 2)))
    assert found["uniqueness"].value == pytest.approx(2 / 3)


def test_timeliness_needs_dates_and_takes_the_clock_from_outside() -> None:
    when = Column("t", "datetime", "time")
    frame = pl.DataFrame({"t": [date(2020, 1, 1), date(2022, 6, 1), date(2022, 12, 31)]})
    assert look(frame, when)["timeliness"].value == pytest.approx(2 / 3)
    later = look(frame, when, now="2023-12-30T00:00:00Z")["timeliness"]
    assert later.value == pytest.approx(1 / 3) and later.evidence["against"].startswith("2023")
    words = pl.DataFrame({"t": ["2022-06-01T10:00:00", "2022-12-31T10:00:00"]})
    assert look(words, when)["timeliness"].value == 1.0
    zoned = pl.DataFrame(
        {"t": pl.Series([datetime(2022, 1, 1)]).dt.replace_time_zone("Asia/Tokyo")}
    )
    assert look(zoned, when)["timeliness"].value == 1.0
    assert look(frame, Column("t", "datetime"))["timeliness"].verdict == "unknown"
    assert look(pl.DataFrame({"t": [1, 2]}), when)["timeliness"].verdict == "unknown"


def test_diversity_is_entropy() -> None:
    even = pl.DataFrame({"b": ["x", "y"] * 50})
    skewed = pl.DataFrame({"b": ["x"] * 99 + ["y"]})
    assert look(even, B)["diversity"].value == pytest.approx(1.0)
    assert look(skewed, B)["diversity"].value == pytest.approx(0.0808, abs=1e-3)
    assert look(pl.DataFrame({"b": ["x"] * 9}), B)["diversity"].value == 0.0
    uniform = look(pl.DataFrame({"a": np.linspace(0, 1, 1000)}), A)["diversity"]
    assert uniform.value == pytest.approx(1.0, abs=0.01)


def test_representativeness_falls_when_the_test_rows_differ() -> None:
    rng = np.random.default_rng(0)
    train = pl.DataFrame({"a": rng.normal(size=2000)})
    same = look(train, A, test=pl.DataFrame({"a": rng.normal(size=400)}))["representativeness"]
    moved = look(train, A, test=pl.DataFrame({"a": rng.normal(size=400) + 2}))["representativeness"]
    assert same.value is not None and moved.value is not None
    assert same.value > 0.98 and moved.value < 0.7
    assert look(train, A)["representativeness"].verdict == "unknown"


def test_authenticity_is_what_was_declared() -> None:
    found = look(pl.DataFrame({"a": [1]}), A, source="s3://x", license="CC0", consent="")
    assert found["authenticity"].value == pytest.approx(2 / 6)
    assert "consent" in found["authenticity"].evidence["missing"]


def test_column_profiles_describe_every_kind() -> None:
    frame = pl.DataFrame(
        {
            "a": [1.0, 2.0, None, 4.0],
            "b": ["x", "x", "y", None],
            "t": ["one", "three", None, "four"],
            "d": [date(2020, 1, 1)] * 4,
            "p": np.full((4, 2, 2), 7, dtype=np.uint8),
            "e": pl.Series([None] * 4, dtype=pl.Float64),
            "s": [b"1", b"2", b"3", b"4"],
        }
    )
    found = look(
        frame,
        A,
        B,
        Column("t", "text"),
        Column("d", "datetime"),
        Column("p", "image", shape=(2, 2)),
        Column("e", "number"),
        Column("s", "audio"),
    )
    number = found["column(a)"].evidence
    assert number["missing"] == 1 and number["distinct"] == 3 and number["max"] == 4.0
    assert sum(number["histogram"]["counts"]) == 3 and number["quantiles"]["50"] == 2.0
    assert found["column(b)"].evidence["top"] == {"x": 2, "y": 1}
    assert found["column(t)"].evidence["parts"]["length"]["max"] == 5.0
    assert found["column(d)"].evidence["min"] == "2020-01-01"
    assert found["column(p)"].evidence["parts"]["mean"]["mean"] == 7.0
    assert "histogram" not in found["column(e)"].evidence and found["column(e)"].value == 0.0
    assert found["column(s)"].evidence["missing"] == 0


def test_every_score_is_between_0_and_1_with_its_formula() -> None:
    found = look(pl.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"], "y": ["p", "q"]}), A, B, Y)
    assert list(found)[: len(SCORES)] == list(SCORES)
    for score in SCORES:
        if found[score].value is not None:
            assert 0 <= found[score].value <= 1
            assert found[score].evidence["formula_zh"]


def test_representativeness_is_measured_against_what_was_declared() -> None:
    column = Column("sex", "category", levels=("f", "m"))
    shares = {"represent": {"sex": {"f": 0.5, "m": 0.5}}}
    for women, least in ((50, 0.99), (25, 0.6), (1, 0.2)):
        frame = pl.DataFrame({"sex": ["f"] * women + ["m"] * (100 - women)})
        data = Dataset(frame, Schema((column,)), facts=shares)
        found = {
            f.measure: f for f in Quality().look(Subject("data", "classify", data.schema, data))
        }
        score = found["quality.representativeness"]
        assert score.value is not None and least <= score.value <= least + 0.1
        assert score.low is not None and score.high is not None and score.low <= score.value
        assert next(iter(score.evidence["groups"]["sex"])) == "f"
        assert "declared" in score.evidence["formula"] and "声明" in score.evidence["formula_zh"]


def test_a_declared_column_that_is_missing_is_unknown() -> None:
    schema = Schema((Column("a", "number"),))
    facts = {"represent": {"age": {"1": 1.0}}}
    data = Dataset(pl.DataFrame({"a": [1.0, 2.0]}), schema, facts=facts)
    found = {f.measure: f for f in Quality().look(Subject("data", "classify", schema, data))}
    assert found["quality.representativeness"].verdict == "unknown"


def test_copies_make_texts_and_pictures_less_varied() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice([f"w{i}" for i in range(500)], 20)) for _ in range(60)]
    block = rng.integers(0, 255, (60, 6, 6), dtype=np.uint8)
    schema = Schema((Column("t", "text"), Column("p", "image", shape=(6, 6), low=0, high=255)))
    seen = []
    for keep in (60, 3):
        rows = np.arange(60) % keep
        pictures = pl.Series("p", block[rows], dtype=pl.Array(pl.UInt8, (6, 6)))
        frame = pl.DataFrame({"t": [texts[row] for row in rows]}).with_columns(pictures)
        data = Dataset(frame, schema)
        found = {f.measure: f for f in Quality().look(Subject("data", "classify", schema, data))}
        seen.append(found["quality.diversity"].evidence["columns"])
    assert min(seen[0]["t"], seen[0]["p"]) > 0.75 and max(seen[1]["t"], seen[1]["p"]) < 0.4, seen


def test_the_rows_with_most_gaps_come_first() -> None:
    frame = pl.DataFrame({"a": [1.0, None, None], "b": [1.0, 2.0, None]})
    schema = Schema((Column("a", "number", nullable=True), Column("b", "number", nullable=True)))
    data = Dataset(frame, schema)
    found = {f.measure: f for f in Quality().look(Subject("data", "classify", schema, data))}
    evidence = found["quality.completeness"].evidence
    assert evidence["rows"] == [2, 1] and evidence["columns"] == {"a": 2, "b": 1}


def test_marks_of_machines_are_estimates_beside_the_declared_facts() -> None:
    frame = pl.DataFrame({"t": ["作为一个人工智能，我不能回答。", "今天的水位是三米二。"]})
    data = Dataset(frame, Schema((Column("t", "text"),)))
    found = {f.measure: f for f in Quality().look(Subject("data", "classify", data.schema, data))}
    assert found["quality.authenticity"].evidence["estimates"]["t"]["share"] == 0.5


def test_columns_of_any_name_and_yes_or_no_cells_are_judged() -> None:
    frame = pl.DataFrame({"n": ["a", "b"] * 20, "paid": [True, False] * 20})
    schema = Schema((Column("n", "category", levels=("a", "b")),
                     Column("paid", "boolean", levels=("no", "yes"))))  # fmt: skip
    data = Dataset(frame, schema, facts={"represent": {"n": {"a": 0.5, "b": 0.5}}})
    subject = Subject("data", "classify", schema, data)
    found = {f.measure: f for f in [*Quality().look(subject), *Associations().look(subject)]}
    assert found["quality.validity"].value == 1 and found["quality.diversity"].value == 1
    assert found["quality.representativeness"].value == 1
