"""A few rows must come through the door as many rows do: the same types, the same values."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from polars.testing import assert_frame_equal

from lingqu.core.errors import DataError
from lingqu.core.schema import Column, Schema
from lingqu.release import few
from lingqu.release.conform import conform
from lingqu.release.frames import like, to_polars

WIDE = [
    {"text": ["a", None], "x": [1.5, np.nan], "n": [1, 2], "yes": [True, False]},
    {"n": [1, 2**60], "m": [3, 4]},
    {"n": [1, 2**53 + 1], "x": [0.5, 0.25]},
    {"n": [1, 2], "x": [0.5, np.inf]},
    {"yes": [True, False]},
    {"yes": [True, False], "x": [1.0, 2.0]},
    {"mixed": ["a", 1]},
    {"nothing": [None, None]},
    {7: ["a", "b"]},
]


@pytest.mark.parametrize("data", WIDE)
@pytest.mark.parametrize("rows", [1, 2])
def test_pandas_comes_in_as_its_own_conversion_has_it(data: dict[Any, Any], rows: int) -> None:
    frame = pd.DataFrame(data).iloc[:rows]
    named = frame.rename(columns=str)
    try:
        expected = pl.from_pandas(named)
    except Exception:  # whatever Arrow says of mixed cells: they are text, as through other doors
        expected = to_polars(frame.to_dict("list"))
        assert set(expected.dtypes) == {pl.String}
    assert_frame_equal(to_polars(frame), expected)


def test_categories_of_pandas_come_in_as_text_or_not_at_all() -> None:
    frame = pd.DataFrame({"town": pd.Categorical(["b", "a"]), "size": pd.Categorical([3, 1])})
    assert_frame_equal(to_polars(frame), pl.from_pandas(frame), check_dtypes=True)
    one = frame[["town"]].iloc[:1]
    assert few.from_pandas(one) is not None
    assert_frame_equal(to_polars(one), pl.from_pandas(one), check_dtypes=True)


@pytest.mark.parametrize("rows", [1, 3, 9])
def test_answers_go_out_to_pandas_alike_however_many(rows: int) -> None:
    answers = pl.DataFrame(
        {"prediction": ["no"] * rows, "confidence": [0.5] * rows, "n": [3] * rows}
    )
    asked = pd.DataFrame({"a": range(rows)}, index=[f"r{i}" for i in range(rows)])
    given_back = like(asked, answers)
    expected = answers.to_pandas().set_index(asked.index)
    pd.testing.assert_frame_equal(given_back, expected)


@pytest.mark.parametrize(
    "columns",
    [
        {"a": 1, "b": "x", "c": None, "d": True, "e": 0.5},
        {"a": [1], "b": ["x"]},
        {"a": [1, 2], "b": ["x", "y"]},
        {"a": np.array([1.5])},
        {"a": [[1.0, 2.0]]},
    ],
)
def test_columns_come_in_as_polars_has_them(columns: dict[str, Any]) -> None:
    assert_frame_equal(to_polars(columns), pl.DataFrame(columns, strict=False))


CELLS = st.one_of(
    st.sampled_from(["", "NA", " yes ", "No", "TRUE", "12", " 7.5", "1,200", "12%", "n/a", "是"]),
    st.none(),
)


@given(st.lists(CELLS, min_size=1, max_size=3), st.sampled_from(["number", "boolean", "category"]))
@settings(max_examples=80, deadline=None)
def test_one_row_is_read_as_many_are(cells: list[str | None], kind: Any) -> None:
    schema = Schema((Column("x", kind),))
    few_rows = pl.DataFrame({"x": pl.Series(cells, dtype=pl.String)})
    many = pl.concat([few_rows] * 20)
    try:
        expected = conform(many, schema)
    except DataError as error:
        with pytest.raises(DataError) as caught:
            conform(few_rows, schema)
        assert str(caught.value) == str(error)
        return
    assert_frame_equal(conform(few_rows, schema), expected.head(len(cells)))


@given(
    st.lists(st.one_of(st.none(), st.floats(), st.just(float("nan"))), min_size=1, max_size=3),
    st.sampled_from([pl.Float64, pl.Float32]),
)
@settings(max_examples=60, deadline=None)
def test_numbers_that_are_none_become_null_alike(cells: list[Any], dtype: Any) -> None:
    schema = Schema((Column("x", "number"),))
    few_rows = pl.DataFrame({"x": pl.Series(cells, dtype=pl.Float64).cast(dtype)})
    expected = conform(pl.concat([few_rows] * 20), schema)
    assert_frame_equal(conform(few_rows, schema), expected.head(len(cells)))
