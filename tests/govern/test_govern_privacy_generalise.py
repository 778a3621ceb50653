"""Generalisation to a target k: k is really reached, little is lost, the same rungs travel."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.check.anonymity import groups
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import EVIDENCE, KEEP, REASON
from lingqu.core.schema import Column, Schema
from lingqu.govern.pipeline import govern
from lingqu.govern.privacy.generalise import Generalise
from lingqu.govern.privacy.hierarchy import climbed, ladder
from lingqu.release.prepare import (
    apply_all,
    bare_columns,
    hidden_columns,
    restore_operators,
    save_operators,
)


def people(rows: int = 400, seed: int = 0) -> Dataset:
    random = np.random.default_rng(seed)
    frame = pl.DataFrame(
        {
            "age": random.integers(18, 90, rows).astype(float),
            "sex": random.choice(["f", "m"], rows),
            "postcode": [f"{n:05d}" for n in random.integers(10_000, 10_400, rows)],
            "job": random.choice(["nurse", "judge", "poet"], rows, p=[0.6, 0.39, 0.01]),
            "smokes": random.random(rows) < 0.3,
            "joined": [
                datetime(2020, 1, 1) + timedelta(days=int(n))
                for n in random.integers(0, 900, rows)
            ],
            "ill": random.choice(["no", "yes"], rows),
        }
    )  # fmt: skip
    kinds: list[Any] = ["number", "category", "category", "category", "boolean", "datetime"]
    columns = [Column(n, k) for n, k in zip(frame.columns[:-1], kinds, strict=True)]
    return Dataset(frame, Schema((*columns, Column("ill", "category", "target"))))


QUASI = ("age", "sex", "postcode", "job", "smokes", "joined")


def smallest(frame: pl.DataFrame, names: tuple[str, ...]) -> int:
    return int(groups(frame.select(names))[1].min())


@given(
    st.integers(20, 300), st.integers(0, 10**6), st.integers(2, 12), st.sampled_from([0.0, 0.05]),
    st.lists(st.sampled_from(QUASI), min_size=1, max_size=4, unique=True),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_k_is_really_reached(
    rows: int, seed: int, k: int, suppress: float, columns: list[str]
) -> None:
    data = people(rows, seed)
    step = Generalise(tuple(columns), k=min(k, rows), suppress=suppress)
    step.fit(data)
    after = step.apply(data)
    stays = after.frame.filter(pl.col(KEEP)) if KEEP in after.frame.columns else after.frame
    assert after.frame.height == rows
    assert rows - stays.height <= suppress * rows
    assert smallest(stays, tuple(columns)) >= step.k
    report = step.report()
    assert report["reached"] >= step.k and 0 <= report["loss"] <= 1
    assert report["suppressed"] == rows - stays.height
    assert (report["changed"] > 0) == any(step.state["rungs"][name][0] for name in columns)


def test_nothing_is_lost_where_k_holds_already() -> None:
    frame = pl.DataFrame({"sex": ["f", "m"] * 50, "age": [30.0, 60.0] * 50})
    data = Dataset(frame, Schema((Column("sex", "category"), Column("age", "number"))))
    step = Generalise(k=50)
    step.fit(data)
    after = step.apply(data)
    assert after.frame.equals(frame) and after.schema == data.schema
    assert step.report()["loss"] == 0 and step.report()["changed"] == 0


def test_a_greater_k_loses_more_and_a_share_left_out_loses_less() -> None:
    losses = []
    for k, suppress in ((2, 0.0), (10, 0.0), (10, 0.2)):
        step = Generalise(("age", "postcode", "job"), k=k, suppress=suppress)
        step.fit(people())
        losses.append(step.state["loss"])
    assert losses[0] < losses[1] > losses[2]


def test_rows_that_are_left_out_are_marked_with_a_reason_and_not_at_prediction() -> None:
    data = people()
    step = Generalise(("age", "job"), k=8, suppress=0.1)
    done = govern(data, data, [step])
    assert 0 < len(done.removed) <= 40
    assert {row["reason"] for row in done.removed} == {"generalise: too few rows like this one"}
    assert "相同的行太少" in done.removed[0]["reason_zh"]
    assert done.test is not None and done.test.frame.height == data.frame.height
    assert smallest(done.train.frame, ("age", "job")) >= 8
    asked = Dataset(data.frame.drop("ill"), data.schema.without(["ill"]))
    answered = step.apply(asked).frame
    assert not {KEEP, REASON, EVIDENCE} & set(answered.columns)


def test_the_same_rungs_travel_and_taking_them_twice_changes_nothing() -> None:
    data = people()
    step = Generalise(QUASI, k=5, suppress=0.02)
    step.fit(data)
    rows = save_operators([step])
    again = restore_operators(rows)
    once = apply_all(data, [step])
    assert apply_all(data, again).frame.equals(once.frame)
    assert apply_all(Dataset(once.frame, data.schema), again).frame.equals(once.frame)
    one = apply_all(Dataset(data.frame.head(1), data.schema), again)
    assert one.frame.equals(once.frame.head(1))
    assert hidden_columns(rows) == set() and bare_columns(rows) == set(QUASI)


def test_protected_columns_and_those_named_so_are_taken_by_default() -> None:
    schema = Schema(
        (
            Column("pages", "number"),
            Column("gender", "category"),
            Column("tribe", "category", "protected"),
            Column("ill", "category", "target"),
        )
    )
    frame = pl.DataFrame({"pages": [1.0, 2.0], "gender": ["f", "m"], "tribe": ["a", "b"],
                          "ill": ["y", "n"]})  # fmt: skip
    step = Generalise(k=2)
    step.fit(Dataset(frame, schema))
    assert set(step.state["columns"]) == {"gender", "tribe"}
    assert step.apply(Dataset(frame, schema)).frame["gender"].to_list() == ["*", "*"]


@pytest.mark.parametrize(("step", "key"), [
    (Generalise(("age",), k=1), "govern.bad_limit"),
    (Generalise(("age",), suppress=1.0), "govern.bad_limit"),
    (Generalise(("ill",)), "govern.mask_target"),
    (Generalise(("agee",)), "govern.unknown_column"),
])  # fmt: skip
def test_options_that_cannot_be_meant_are_refused(step: Generalise, key: str) -> None:
    with pytest.raises(SpecError) as caught:
        step.fit(people())
    assert caught.value.key == key


def test_what_cannot_be_reached_is_told_with_the_numbers() -> None:
    with pytest.raises(DataError) as caught:
        Generalise(("sex",), k=50, suppress=0.0).fit(people(20))
    assert caught.value.key == "privacy.not_reached"
    assert caught.value.facts["count"] == 20
    bare = Dataset(pl.DataFrame({"pages": [1.0]}), Schema((Column("pages", "number"),)))
    with pytest.raises(SpecError) as refused:
        Generalise().fit(bare)
    assert refused.value.key == "privacy.no_quasi"


LADDERS = [
    (Column("age", "number"), pl.Series([1.0, 50.0, None])),
    (Column("flat", "number"), pl.Series([3.0, 3.0, 3.0])),
    (Column("gone", "number"), pl.Series([None, None, None], dtype=pl.Float64)),
    (Column("born", "datetime"), pl.Series([datetime(1990, 5, 3), None, datetime(2001, 1, 1)])),
    (Column("code", "category"), pl.Series(["12345", "12399", None])),
    (Column("zip", "text"), pl.Series(["AB1 2CD", "X9", None])),
    (Column("job", "category"), pl.Series(["a", "b", "c"])),
    (Column("yes", "boolean"), pl.Series([True, False, None])),
]  # fmt: skip


@pytest.mark.parametrize(("column", "series"), LADDERS, ids=[c.name for c, _ in LADDERS])
def test_each_rung_is_coarser_and_keeps_what_is_missing(column: Column, series: pl.Series) -> None:
    rungs = ladder(column, series)
    distinct = []
    for rung in rungs:
        once = climbed(series, rung)
        assert climbed(once, rung).equals(once)
        distinct.append(once.drop_nulls().n_unique())
        if "all" not in rung:
            assert once.is_null().to_list() == series.is_null().to_list()
    assert distinct == sorted(distinct, reverse=True)
    assert distinct[-1] <= 1
    losses = [rung["loss"] for rung in rungs]
    assert losses[0] == 0 and losses[-1] == 1 and losses == sorted(losses)


def test_dates_without_a_time_climb_too() -> None:
    series = pl.Series("day", [date(2024, 5, 3), date(2024, 6, 9)])
    assert climbed(series, {"every": "1y"}).to_list() == [date(2024, 1, 1)] * 2


def test_rows_of_data_without_a_target_are_left_out_too() -> None:
    data = people()
    bare = Dataset(data.frame.drop("ill"), data.schema.without(["ill"]))
    step = Generalise(("age", "job"), k=8, suppress=0.1)
    step.fit(bare)
    after = step.apply(bare).frame
    assert step.state["target"] == "" and not after[KEEP].all()
    assert step.report()["reached"] >= 8
