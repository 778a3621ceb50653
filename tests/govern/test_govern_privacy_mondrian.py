"""Boxes of at least k rows: k, l and t as the check measures them, less lost, the same boxes."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.govern.test_govern_privacy_generalise import QUASI, people, smallest

from lingqu.check.anonymity import Anonymity
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset, Subject
from lingqu.core.ports import KEEP
from lingqu.core.schema import Column, Schema
from lingqu.govern.pipeline import govern
from lingqu.govern.privacy.generalise import Generalise
from lingqu.govern.privacy.mondrian import Demand, grow, place
from lingqu.release.prepare import apply_all, bare_columns, restore_operators, save_operators


def boxes(data: Dataset, **options: Any) -> tuple[Generalise, Dataset]:
    step = Generalise(method="mondrian", **options)
    step.fit(data)
    return step, step.apply(data)


def holey(data: Dataset, seed: int) -> Dataset:
    """Return the rows with every tenth cell missing."""
    random = np.random.default_rng(seed)
    gaps = [
        pl.when(pl.Series(random.random(len(data)) < 0.9)).then(pl.col(name)).alias(name)
        for name in QUASI
    ]
    return Dataset(data.frame.with_columns(gaps), data.schema)


@given(
    st.integers(4, 200), st.integers(0, 10**6), st.integers(2, 12), st.booleans(),
    st.lists(st.sampled_from(QUASI), min_size=1, max_size=5, unique=True),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_k_is_reached_nobody_left_out_and_twice_is_once(
    rows: int, seed: int, k: int, gaps: bool, columns: list[str]
) -> None:
    data = holey(people(rows, seed), seed) if gaps else people(rows, seed)
    step, after = boxes(data, columns=tuple(columns), k=min(k, rows))
    assert after.frame.height == rows and KEEP not in after.frame.columns
    assert smallest(after.frame, tuple(columns)) >= step.k
    report = step.report()
    assert report["reached"] >= step.k and 0 <= report["loss"] <= 1
    assert report["suppressed"] == 0
    assert step.apply(after).frame.equals(after.frame)
    for name in columns:
        assert after.frame[name].dtype == data.frame[name].dtype


@pytest.mark.parametrize("limits", [{"l": 2}, {"t": 0.2}, {"l": 2, "t": 0.3}])
@pytest.mark.parametrize("target", ["ill", "age"])
def test_boxes_are_as_diverse_and_as_close_as_was_asked(
    limits: dict[str, Any], target: str
) -> None:
    data = people(300)
    roles = [
        Column(c.name, c.kind, "target" if c.name == target else "feature") for c in data.schema
    ]
    data = Dataset(data.frame, Schema(tuple(roles)))
    columns = ("postcode", "sex", "joined")
    step, after = boxes(data, columns=columns, k=3, **limits)
    check = Anonymity(columns=list(columns), sensitive=[target])
    found = check.look(Subject("data", "classify", after.schema, train=after))
    measured = {finding.measure: finding.value for finding in found}
    assert measured["anonymity.k"] >= 3
    assert measured["anonymity.l"] >= limits.get("l", 1)
    assert measured["anonymity.t"] <= limits.get("t", 1.0)
    free = boxes(data, columns=columns, k=3)[0].state["boxes"]
    assert 1 < step.state["boxes"] < free or (target == "age" and step.state["boxes"] == free)


def test_less_is_lost_than_on_ladders_and_the_report_tells_what_changed() -> None:
    columns = ("age", "postcode", "joined")
    step, after = boxes(people(), columns=columns, k=5)
    ladder = Generalise(columns, k=5)
    ladder.fit(people())
    assert step.state["loss"] < 0.6 * ladder.state["loss"]
    changed = sum(int(people().frame[n].ne_missing(after.frame[n]).sum()) for n in columns)
    assert step.report()["changed"] == changed > 0


def test_the_boxes_travel_and_a_stranger_falls_into_one() -> None:
    data = people()
    step = Generalise(QUASI, k=5, method="mondrian")
    done = govern(data, data, [step])
    rows = save_operators([step])
    again = restore_operators(rows)
    assert done.test is not None and done.test.frame.equals(done.train.frame)
    one = apply_all(Dataset(data.frame.head(1), data.schema), again)
    assert one.frame.equals(done.train.frame.head(1))
    assert bare_columns(rows) == set(QUASI)
    odd = data.frame.head(2).with_columns(
        age=pl.Series([-5.0, None]), job=pl.Series(["zoologist", None]), sex=pl.Series(["x", "f"])
    )
    told = apply_all(Dataset(odd, data.schema), again).frame
    known = done.train.frame
    assert told.select(QUASI).join(known, on=QUASI, how="semi", nulls_equal=True).height == 2
    assert told["age"].null_count() == 0


def test_words_are_named_by_what_a_box_holds() -> None:
    towns = ["Ahlen", "Bonn", "Celle", "Dachau", "Emden", "Fulda", "Gera", "Hagen"]
    frame = pl.DataFrame({"town": [t for t in towns for _ in range(2)]})
    tree = grow(frame, [Column("town", "category")], Demand(k=4))
    assert place(frame, tree)[0].unique().sort().to_list() == [
        "Ahlen | Bonn", "Celle | Dachau", "Emden | Fulda", "Gera | Hagen"
    ]  # fmt: skip
    assert tree["columns"]["town"]["called"][0] == "Ahlen | Bonn"
    wide = grow(frame, [Column("town", "category")], Demand(k=16))
    assert place(frame, wide)[0].unique().to_list() == ["*"]
    codes = pl.DataFrame({"code": [f"{n:05d}" for n in range(12)]})
    made = place(codes, grow(codes, [Column("code", "text")], Demand(k=6)))[0]
    assert made.unique().sort().to_list() == ["00000–00005", "00006–00011"]


def test_what_is_missing_stays_missing_where_enough_rows_lack_it() -> None:
    frame = pl.DataFrame({"age": [None] * 4 + [20.0, 22.0, 60.0, 62.0]})
    column = [Column("age", "number")]
    assert place(frame, grow(frame, column, Demand(k=2)))[0].to_list() == [
        None, None, None, None, 21.0, 21.0, 61.0, 61.0
    ]  # fmt: skip
    few = frame.tail(5)
    # One row alone would stand out by what it lacks: it is given the range of its box.
    assert place(few, grow(few, column, Demand(k=2)))[0].to_list() == [61.0, 21.0, 21.0, 61.0, 61.0]
    days = pl.DataFrame({"day": [date(2024, 1, 1), date(2024, 1, 3)] * 2})
    made = place(days, grow(days, [Column("day", "datetime")], Demand(k=4)))[0]
    assert made.to_list() == [date(2024, 1, 2)] * 4


@pytest.mark.parametrize(("options", "error", "key"), [
    ({"l": 2}, SpecError, "govern.bad_limit"),
    ({"t": 0.5}, SpecError, "govern.bad_limit"),
    ({"method": "mondrian", "t": 1.5}, SpecError, "govern.bad_limit"),
    ({"method": "median"}, SpecError, "govern.bad_limit"),
    ({"method": "mondrian", "l": 3}, DataError, "privacy.not_reached"),
    ({"method": "mondrian", "k": 500}, DataError, "privacy.not_reached"),
])  # fmt: skip
def test_what_cannot_be_meant_or_reached_is_refused(
    options: dict[str, Any], error: type[Exception], key: str
) -> None:
    with pytest.raises(error) as caught:
        Generalise(("age", "job"), **options).fit(people())
    assert getattr(caught.value, "key", "") == key


def test_diversity_needs_a_target() -> None:
    data = people()
    bare = Dataset(data.frame.drop("ill"), data.schema.without(["ill"]))
    with pytest.raises(SpecError) as caught:
        boxes(bare, columns=("age",), l=2)
    assert caught.value.key == "govern.bad_limit"
