"""Equal rows: which of them are copies, and which are people who happen to agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.data.lazy import held
from lingqu.flow.copies_large import find_copies
from lingqu.govern.chance import CHANCE, by_neighbours, explained, independently
from lingqu.govern.dedupe import Dedupe


def people(rows: int, seed: int = 0) -> pl.DataFrame:
    """Return people of eight kinds: who is of a kind is nearly always like the others of it."""
    draw = np.random.default_rng(seed)
    kind = draw.integers(0, 8, rows)
    columns = {}
    for place in range(12):
        usual = (kind * (place + 3)) % 7
        columns[f"c{place}"] = np.where(draw.random(rows) < 0.93, usual, draw.integers(0, 7, rows))
    return pl.DataFrame(columns)


def fine(rows: int, seed: int = 0) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    return people(rows, seed).with_columns(x=pl.Series(draw.normal(size=rows)))


def data(frame: pl.DataFrame) -> Dataset:
    return Dataset(frame, Schema(tuple(Column(name, "number") for name in frame.columns)))


def test_columns_that_depend_on_each_other_make_equal_rows_common() -> None:
    frame = people(3000)
    distinct = frame.unique()
    # As if no column knew of another, two equal rows could not be.
    assert distinct.height < 2000
    assert independently(distinct) * 3000**2 / 2 < 1
    assert explained(frame) > 0.5
    step = Dedupe()
    step.fit(data(frame))
    assert "lingqu.keep" not in step.apply(data(frame)).frame.columns
    assert step.report()["only_reported"]


@pytest.mark.parametrize("edited", [False, True])
def test_copied_records_stand_alone(edited: bool) -> None:
    frame = fine(2000)
    grown = pl.concat([frame, frame[:100]])
    if edited:  # beside the copies some records with one cell changed
        grown = pl.concat([grown, frame[:150].with_columns(c0=(pl.col("c0") + 1) % 7)])
    assert explained(grown) < CHANCE
    step = Dedupe()
    step.fit(data(grown))
    assert (~step.apply(data(grown)).frame["lingqu.keep"]).arg_true().to_list() == (
        list(range(2000, 2100))
    )


def test_a_name_beside_its_code_changes_nothing() -> None:
    draw = np.random.default_rng(2)
    code = draw.integers(0, 30, 3000)
    frame = pl.DataFrame({"code": code, "size": draw.integers(0, 5, 3000)})
    named = frame.with_columns(name=pl.Series([f"item {number}" for number in code.tolist()]))
    assert explained(named) == pytest.approx(explained(frame), rel=0.2)
    assert explained(named) > 0.5


@given(st.permutations(range(12)), st.integers(0, 5))
@settings(max_examples=15, deadline=None)
def test_the_order_of_columns_changes_nothing(order: list[int], seed: int) -> None:
    frame = people(400, seed)
    mixed = frame.select(frame.columns[place] for place in order)
    assert explained(mixed) == pytest.approx(explained(frame), rel=1e-9)
    assert explained(frame) == explained(frame)


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from([None, 1.5, float("nan")])),
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_table_has_a_share(rows: list[tuple[object, ...]]) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.Float64}, orient="row")
    found = explained(frame)
    assert 0 <= found < float("inf")
    if frame.unique().height == frame.height:
        assert found == 0


def test_nothing_drawn_explains_nothing() -> None:
    frame = people(10)
    assert by_neighbours(frame, 10, frame[:0], np.zeros(0)) == 0


def test_a_large_table_is_judged_like_a_small_one(tmp_path: Path) -> None:
    for frame, reported in ((people(3000), True), (pl.concat([fine(2000), fine(2000)]), False)):
        found = find_copies(held(data(frame)))
        assert found.report["only_reported"] is reported
        share = min(explained(frame), 1.0)
        assert found.report["by_chance"] == pytest.approx(share, abs=0.1)
