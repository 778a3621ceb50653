"""Canonical types: what is accepted, what is refused and where."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import DataError
from lingqu.core.schema import Column, Kind, Schema
from lingqu.release.conform import FEW, conform

FLAG = Column("x", "boolean", levels=("No", "Yes"))
GRID = Column("x", "image", shape=(2, 2))
DAY = Column("x", "datetime", format="%d/%m/%Y")


def one(column: Column, values: Any, dtype: Any = None) -> pl.Series:
    return conform(pl.DataFrame({"x": pl.Series(values, dtype=dtype)}), Schema((column,)))["x"]


ACCEPTED: list[tuple[Column, Any, Any, list[Any]]] = [
    (Column("x", "number"), [1, None], None, [1.0, None]),
    (Column("x", "number"), [True, False], None, [1.0, 0.0]),
    (Column("x", "number"), [float("nan"), float("-inf"), 2.0], None, [None, None, 2.0]),
    (Column("x", "number"), [1.5, 2.5], pl.Float32, [1.5, 2.5]),
    (Column("x", "number"), ["1,234", " 7 ", "NA", "-", "1e3", "-$2"], None,
     [1234.0, 7.0, None, None, 1000.0, -2.0]),
    (Column("x", "number"), [timedelta(minutes=1)], None, [60.0]),
    (Column("x", "number"), [None], None, [None]),
    (Column("x", "category"), [1, 2], None, ["1", "2"]),
    (Column("x", "category"), [1.0, None], None, ["1", None]),
    (Column("x", "category"), [1.5, 2.0], None, ["1.5", "2.0"]),
    (Column("x", "category"), [True, None, False], None, ["true", None, "false"]),
    (Column("x", "category", levels=("no", "yes")), [True, False], None, ["yes", "no"]),
    (Column("x", "category"), ["a", "", "NA"], None, ["a", None, None]),
    (Column("x", "category"), ["a", "b"], pl.Categorical, ["a", "b"]),
    (Column("x", "category", levels=("a",)), ["unseen"], None, ["unseen"]),
    (Column("x", "text"), ["NA", ""], None, ["NA", ""]),
    (Column("x", "text"), [["a", "b"]], None, ["a b"]),
    (Column("x", "text"), [{"a": 1}], None, ['{"a":1}']),
    (FLAG, ["yes", "NO", None, "1", "false", ""], None, [True, False, None, True, False, None]),
    (FLAG, [1, 0], None, [True, False]),
    (FLAG, [1.0, None], None, [True, None]),
    (Column("x", "boolean"), ["是", "否"], None, [True, False]),
    (Column("x", "boolean", levels=("on", "off")), ["on", "off"], None, [False, True]),
    (DAY, ["5/1/2024", None, "NA"], None, [datetime(2024, 1, 5), None, None]),
    (DAY, ["2024-01-05"], None, [datetime(2024, 1, 5)]),
    (Column("x", "datetime"), [date(2024, 1, 5)], None, [datetime(2024, 1, 5)]),
    (Column("x", "datetime"), [datetime(2024, 1, 5, 8, tzinfo=UTC)], None,
     [datetime(2024, 1, 5, 8)]),
    (Column("x", "datetime"), ["2024-01-05T08:00:00+08:00"], None, [datetime(2024, 1, 5)]),
    (Column("x", "datetime", format="%Y%m%d"), [20240105], None, [datetime(2024, 1, 5)]),
    (GRID, ["a.png"], None, ["a.png"]),
    (GRID, [b"bytes"], None, [b"bytes"]),
    (Column("x", "audio"), ["a.wav"], None, ["a.wav"]),
]  # fmt: skip


@pytest.mark.parametrize(("column", "values", "dtype", "wanted"), ACCEPTED)
def test_accepted(column: Column, values: Any, dtype: Any, wanted: list[Any]) -> None:
    series = one(column, values, dtype)
    assert series.to_list() == wanted
    assert one(column, series).equals(series)


TYPES = {"number": pl.Float64, "category": pl.String, "text": pl.String, "boolean": pl.Boolean}


@pytest.mark.parametrize("row", ACCEPTED)
def test_canonical_types(row: Any) -> None:
    column, values, dtype, _ = row
    wanted = TYPES.get(column.kind)
    if wanted is not None:
        assert one(column, values, dtype).dtype == wanted
    if column.kind == "datetime":
        assert one(column, values, dtype).dtype == pl.Datetime("us")


@pytest.mark.parametrize(
    ("column", "values", "row"),
    [
        (Column("x", "number"), ["1", "two"], 2),
        (Column("x", "number"), ["1", None, "1,5"], 3),
        (Column("x", "number"), [date(2024, 1, 5)], 1),
        (Column("x", "number"), [None, b"x"], 2),
        (Column("x", "category"), [b"x"], 1),
        (Column("x", "text"), [[1, 2]], 1),
        (FLAG, ["yes", "perhaps"], 2),
        (FLAG, [0, 2], 2),
        (FLAG, [date(2024, 1, 5)], 1),
        (DAY, ["1/1/2024", "yesterday"], 2),
        (DAY, [1.5], 1),
        (Column("x", "datetime"), [5], 1),
        (GRID, [1.5], 1),
        (GRID, [[1, 2, 3, 4], [1, 2]], 2),
        (GRID, [[["a", "b"], ["c", "d"]]], 1),
        (Column("x", "vector", shape=(2,)), [1.5], 1),
        (Column("x", "vector", shape=(2,)), [None, [1.0, 2.0], [1.0]], 3),
    ],
)
def test_refused_with_the_row(column: Column, values: Any, row: int) -> None:
    with pytest.raises(DataError, match=rf"column 'x', row {row}:") as caught:
        one(column, values)
    assert caught.value.facts["kind"] == column.kind


def test_missing_columns_are_named_and_extra_ones_dropped() -> None:
    schema = Schema((Column("age", "number"), Column("city", "category")))
    with pytest.raises(DataError, match=r"sheet lacks 1 column.*'age'.*Near names: agee"):
        conform(pl.DataFrame({"agee": [1], "city": ["x"]}), schema, where="sheet")
    with pytest.raises(DataError, match="lacks 2 column"):
        conform(pl.DataFrame(), schema)
    with pytest.raises(DataError) as caught:
        conform(pl.DataFrame({"price (¥) \n": [1]}), schema)
    assert "price (¥)" in str(caught.value) and "\n" not in str(caught.value)
    frame = conform(pl.DataFrame({"more": [1], "city": ["x"], "age": [1]}), schema)
    assert frame.columns == ["age", "city"]
    assert conform(frame.clear(), schema).height == 0


def test_python_objects_are_refused() -> None:
    with pytest.raises(DataError, match="row 1"):
        one(Column("x", "number"), [object()], pl.Object)


def test_pixels_and_vectors_take_their_shape() -> None:
    nested = one(GRID, [[[1, 2], [3, 255]], None])
    assert nested.dtype == pl.Array(pl.UInt8, (2, 2))
    assert nested.to_list()[1] is None
    assert one(GRID, [[1, 2, 3, 4]]).to_list() == one(GRID, [[[1, 2], [3, 4]]]).to_list()
    assert one(GRID, [[[0.5, 2], [3, 4]]]).dtype == pl.Array(pl.Float32, (2, 2))
    assert one(GRID, [[[-1, 2], [3, 4]]]).dtype == pl.Array(pl.Float32, (2, 2))
    wide = pl.Series("x", np.ones((3, 2, 2)), dtype=pl.Array(pl.Float64, (2, 2)))
    assert one(GRID, wide).dtype == pl.Array(pl.Float32, (2, 2))
    ready = pl.Series("x", np.ones((3, 2, 2), np.uint8), dtype=pl.Array(pl.UInt8, (2, 2)))
    assert one(GRID, ready).equals(ready)
    vector = Column("x", "vector", shape=(2,))
    assert one(vector, [[1, 2], None]).dtype == pl.Array(pl.Float32, 2)
    assert one(vector, [None, None], pl.List(pl.Float64)).to_list() == [None, None]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))))
def test_numbers_written_as_text_are_the_same_numbers(values: list[float | None]) -> None:
    text = pl.Series([None if value is None else repr(value) for value in values], dtype=pl.String)
    series = one(Column("x", "number"), text)
    assert series.to_list() == values


@settings(max_examples=80, deadline=None)
@given(st.integers(-(10**12), 10**12))
def test_thousand_separators_change_nothing(value: int) -> None:
    assert one(Column("x", "number"), [f"{value:,}"]).to_list() == [float(value)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_message_can_be_worded(language: Any) -> None:
    from string import Formatter

    from lingqu.core.messages.data import MESSAGES

    for key, pair in MESSAGES.items():
        fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in pair]
        assert fields[0] == fields[1], key
    text = str(DataError("data.wrong_kind", where="", column="x", kind="number", row=1,
                         received="'a'", expected="a number"))  # fmt: skip
    assert "{kinds: {x: text}}" in text


CELLS = st.one_of(
    st.none(),
    st.sampled_from([0.0, -0.0, 1.0, -3.0, 1.5, 2.0**53, 1e20, float("nan"), float("inf")]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=4))
def test_a_few_floats_are_read_as_text_as_many_are(cells: list[float | None]) -> None:
    column = Column("x", "category")
    few, many = (one(column, cells * times, pl.Float64) for times in (1, FEW + 1))
    assert few.to_list() == many.to_list()[: len(cells)]


@pytest.mark.parametrize("cells", [[1.0], [0.0, None], [1.0, 0.0]])
def test_a_few_floats_are_read_as_yes_and_no_as_many_are(cells: list[float | None]) -> None:
    few, many = (one(FLAG, cells * times, pl.Float64) for times in (1, FEW + 1))
    assert few.to_list() == many.to_list()[: len(cells)] and few.null_count() == cells.count(None)


@pytest.mark.parametrize("kind", ["vector", "image"])
@pytest.mark.parametrize("rows", [2, 20])
def test_a_column_of_arrays_without_any_is_refused(kind: Kind, rows: int) -> None:
    frame = pl.DataFrame({"v": pl.Series([None] * rows, dtype=pl.List(pl.Float64))})
    with pytest.raises(DataError, match="at least one array") as caught:
        conform(frame, Schema((Column("v", kind),)), where="v.parquet")
    assert caught.value.facts["row"] == 1
