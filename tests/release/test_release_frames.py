"""Frames of any kind in, the same kind out."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from lingqu.core.errors import DataError
from lingqu.release.conform import like, to_polars

ROWS = [{"age": 41, "城市": "Aix"}, {"age": 29, "城市": "北京"}]
FRAMES: list[Any] = [
    ROWS,
    {"age": [41, 29], "城市": ["Aix", "北京"]},
    pl.DataFrame(ROWS),
    pl.LazyFrame(ROWS),
    pd.DataFrame(ROWS),
    pa.Table.from_pylist(ROWS),
    pa.RecordBatch.from_pylist(ROWS),
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: type(frame).__name__)
def test_every_kind_goes_in_and_comes_out(frame: Any) -> None:
    inside = to_polars(frame)
    assert inside.to_dicts() == ROWS
    outside = like(frame, inside)
    assert type(outside) is type(frame)
    assert to_polars(outside).to_dicts() == ROWS


def test_a_pandas_index_is_kept() -> None:
    original = pd.DataFrame({"a": [1, 2]}, index=["p", "q"])
    answer = like(original, pl.DataFrame({"y": ["no", "yes"]}))
    assert answer.index.tolist() == ["p", "q"]
    assert like(original, pl.DataFrame({"y": ["no"]})).index.tolist() == [0]
    assert original.columns.tolist() == ["a"]


def indexed(index: pd.Index) -> list[str]:
    frame = pd.DataFrame({"a": [1.5, 2.5]}).set_axis(index)
    inside = to_polars(frame)
    assert inside["a"].to_list() == [1.5, 2.5] and frame.columns.tolist() == ["a"]
    return inside.columns


def test_a_pandas_index_that_says_something_is_a_column() -> None:
    assert indexed(pd.RangeIndex(2)) == ["a"]
    assert indexed(pd.Index([7, 3])) == ["a"]  # what a filter leaves of a count
    assert indexed(pd.RangeIndex(2, name="customer_id")) == ["customer_id", "a"]
    assert indexed(pd.Index(["p", "q"])) == ["index", "a"]
    assert indexed(pd.MultiIndex.from_tuples([("p", 1), ("q", 2)], names=["k", None])) == ["k", "a"]
    days = pd.date_range("2024-01-31", periods=2)
    for moments in (days, days.rename("day"), days.to_period("D")):
        named = to_polars(pd.DataFrame({"a": [1, 2]}, index=moments))
        assert named.columns == [moments.name or "index", "a"]
        assert named.to_series(0).dt.day().to_list() == [31, 1]


def test_a_pandas_index_beside_a_column_of_its_name() -> None:
    frame = pd.DataFrame({"key": ["p", "q"], "a": [1, 2]})
    assert to_polars(frame.set_index("key", drop=False)).columns == ["key", "a"]
    with pytest.raises(DataError, match="several columns have the name 'key'"):
        to_polars(frame.set_index(pd.Index(["q", "p"], name="key")))
    assert to_polars(frame.rename(columns={"key": "index"}).set_axis(["x", "y"])).columns == [
        "level_0", "index", "a",
    ]  # fmt: skip


def test_pandas_missing_values_and_number_names() -> None:
    frame = to_polars(pd.DataFrame({0: [1.5, None], "when": pd.to_datetime(["2024-01-05", None])}))
    assert frame.columns == ["0", "when"]
    assert frame.null_count().row(0) == (1, 1)


def test_rows_may_lack_keys() -> None:
    assert to_polars([{"a": 1}, {"b": "x"}]).rows() == [(1, None), (None, "x")]
    assert like([], pl.DataFrame({"a": [1]})) == [{"a": 1}]


@pytest.mark.parametrize("wrong", [3, "text", None, [1, 2], object()])
def test_what_is_no_table_is_refused(wrong: Any) -> None:
    with pytest.raises(DataError, match="not a table"):
        to_polars(wrong)
    assert like(wrong, pl.DataFrame({"a": [1]})).equals(pl.DataFrame({"a": [1]}))


def test_tables_with_mixed_or_double_columns_are_refused() -> None:
    with pytest.raises(DataError, match=r"'a' \(columns 1, 2\)"):
        to_polars(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(DataError, match="columns 1, 3"):
        to_polars(pa.table([[1], [2], [3]], names=["a", "b", "a"]))
    with pytest.raises(DataError, match="mixes values"):
        to_polars(pd.DataFrame({"a": [1, "x", object()]}))
    with pytest.raises(DataError, match="cannot be read"):
        to_polars({"a": [1, 2], "b": [1]})
