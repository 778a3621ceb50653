"""Digests: equal content is equal, any difference that matters is a difference."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.digest import of_bytes, of_file, of_frame, of_json, short
from lingqu.core.errors import DataError
from lingqu.core.schema import Column, Schema

NONE = Schema(())


def digest(**columns: object) -> str:
    return of_frame(pl.DataFrame(columns), NONE)  # type: ignore[arg-type]


def everything() -> pl.DataFrame:
    """Three rows with a column of every type that can be stored."""
    day = dt.datetime(2024, 2, 29, 12, 30)
    return pl.DataFrame(
        {
            "int": [1, None, 3],
            "float": [0.5, float("nan"), None],
            "bool": [True, None, False],
            "string": ["a", None, "灵渠"],
            "binary": [b"\x00", b"", None],
            "date": [day.date(), None, day.date()],
            "time": [day.time(), None, day.time()],
            "datetime": [day, None, day],
            "duration": [dt.timedelta(days=1), None, dt.timedelta(0)],
            "decimal": [Decimal("1.10"), None, Decimal("2.20")],
            "list": [[1, None], [], None],
            "strings": [["a", "b"], None, [""]],
            "struct": [{"x": 1, "y": "a"}, None, {"x": None, "y": "b"}],
            "null": [None, None, None],
        }
    ).with_columns(
        category=pl.Series(["x", None, "y"], dtype=pl.Categorical),
        enum=pl.Series(["x", None, "y"], dtype=pl.Enum(["y", "x"])),
        zoned=pl.Series([day, None, day]).dt.replace_time_zone("Asia/Shanghai"),
        array=pl.Series([[1, 2], None, [3, None]], dtype=pl.Array(pl.Int16, 2)),
        image=pl.Series(np.arange(12, dtype=np.uint8).reshape(3, 2, 2)),
        big=pl.Series([2**100, None, 1], dtype=pl.Int128),
    )


def test_json_digest_ignores_the_order_of_keys_only() -> None:
    assert of_json({"a": 1, "b": {"c": 2, "d": 3}}) == of_json({"b": {"d": 3, "c": 2}, "a": 1})
    assert of_json([1, 2]) != of_json([2, 1])
    assert of_json({"a": 1}) != of_json({"a": "1"})
    assert of_json({}) == of_bytes(b"{}")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1, {"a": float("-inf")}]])
def test_json_digest_refuses_what_is_not_a_number(value: object) -> None:
    with pytest.raises(ValueError, match="JSON"):
        of_json(value)


def test_file_digest_is_that_of_its_bytes(tmp_path: Path) -> None:
    data = os.urandom(300_000)
    (tmp_path / "file").write_bytes(data)
    assert of_file(tmp_path / "file") == of_bytes(data) == of_bytes(memoryview(data))
    assert len(short(of_bytes(data))) == 12


def test_chunks_do_not_matter() -> None:
    frame = everything()
    chunked = pl.concat([frame[:1], frame[1:2], frame[2:]], rechunk=False)
    assert chunked.n_chunks() == 3
    assert of_frame(chunked, NONE) == of_frame(frame, NONE)


def test_slices_do_not_matter() -> None:
    twice = pl.concat([everything(), everything()])
    assert of_frame(twice[3:], NONE) == of_frame(everything(), NONE)
    assert of_frame(twice[2:5], NONE) != of_frame(everything(), NONE)


def test_another_process_finds_the_same_digest() -> None:
    code = (
        "from tests.core.test_core_digest import everything, NONE;"
        "from lingqu.core.digest import of_frame; print(of_frame(everything(), NONE))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "77"},
        cwd=Path(__file__).parents[2],
    )
    assert other.stdout.strip() == of_frame(everything(), NONE)


@pytest.mark.parametrize("column", everything().columns)
def test_one_missing_value_more_is_another_digest(column: str) -> None:
    frame = everything()
    if column == "null":
        changed = frame.drop(column)
    else:
        rows = pl.int_range(pl.len())
        kept = frame[column].is_not_null().arg_true()[0]
        changed = frame.with_columns(pl.when(rows != kept).then(pl.col(column)).alias(column))
    assert of_frame(changed, NONE) != of_frame(frame, NONE)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([1, 2, 3], [1, 3, 2]),
        ([1, 2], [1.0, 2.0]),
        ([0, None], [0, 0]),
        ([None, 0], [0, None]),
        (["ab", "c"], ["a", "bc"]),
        (["", None], [None, ""]),
        (["a"], [b"a"]),
        ([[1, 2], [3]], [[1], [2, 3]]),
        ([[], None], [None, []]),
        ([[None]], [[]]),
        ([[[1], []]], [[[], [1]]]),
        ([True, False], [False, True]),
        ([dt.date(2024, 1, 1)], [dt.datetime(2024, 1, 1)]),
        ([0.0], [-0.0]),
        ([float("nan"), 1.0], [None, 1.0]),
    ],
)
def test_different_values_are_different(one: list[object], two: list[object]) -> None:
    left, right = pl.Series("a", one), pl.Series("a", two)
    assert of_frame(left.to_frame(), NONE) != of_frame(right.to_frame(), NONE)


def test_names_types_units_and_zones_matter() -> None:
    stamps = pl.Series("a", [dt.datetime(2024, 1, 1)])
    kinds = [
        stamps,
        stamps.dt.cast_time_unit("ms"),
        stamps.dt.replace_time_zone("UTC"),
        stamps.rename("b"),
        pl.Series("a", [1], dtype=pl.Int32),
        pl.Series("a", [1], dtype=pl.Int64),
        pl.Series("a", [[1, 2, 3, 4]], dtype=pl.Array(pl.Int64, 4)),
        pl.Series("a", [[1, 2, 3, 4]], dtype=pl.List(pl.Int64)),
        pl.Series("a", [[[1, 2], [3, 4]]], dtype=pl.Array(pl.Array(pl.Int64, 2), 2)),
        pl.Series("a", [dt.timedelta(1)], dtype=pl.Duration("us")),
        pl.Series("a", [dt.timedelta(1)], dtype=pl.Duration("ms")),
        pl.Series("a", [Decimal("1.1")], dtype=pl.Decimal(10, 1)),
        pl.Series("a", [Decimal("1.1")], dtype=pl.Decimal(10, 2)),
        pl.Series("a", ["x"]),
        pl.Series("a", ["x"], dtype=pl.Categorical),
    ]
    assert len({of_frame(series.to_frame(), NONE) for series in kinds}) == len(kinds)


def test_codes_of_categories_do_not_matter() -> None:
    values = ["x", "y", None, "x"]
    one = pl.Series("a", values, dtype=pl.Enum(["x", "y"]))
    two = pl.Series("a", values, dtype=pl.Enum(["y", "z", "x"]))
    assert digest(a=one) == digest(a=two)


def test_every_not_a_number_is_the_same() -> None:
    odd = np.array([0x7FF8000000000001, 0xFFF8000000000000], dtype=np.uint64).view(np.float64)
    assert digest(a=odd) == digest(a=np.array([np.nan, np.nan]))


def test_columns_in_another_order_are_another_dataset() -> None:
    frame = pl.DataFrame({"a": [1], "b": [2]})
    assert of_frame(frame, NONE) != of_frame(frame.select("b", "a"), NONE)


def test_empty_frames_have_digests() -> None:
    assert of_frame(pl.DataFrame(), NONE) != of_frame(everything().clear(), NONE)
    hollow = pl.DataFrame({"a": pl.Series([[], []], dtype=pl.Array(pl.Int8, 0))})
    assert of_frame(hollow, NONE) != of_frame(hollow[:1], NONE)


def test_the_schema_counts_but_not_its_explanations() -> None:
    frame = pl.DataFrame({"a": [1.0]})
    column = Column("a", "number", low=float("-inf"), high=1.0)

    def of(**changes: object) -> str:
        return of_frame(frame, Schema((column,)).updated("a", **changes))

    assert of(reason="looks like a number") == of()
    assert of(reason_zh="看上去是数字") == of()
    assert of(role="target") != of()
    assert of(kind="category") != of()


def test_python_objects_are_refused() -> None:
    frame = pl.DataFrame({"thing": pl.Series([object()], dtype=pl.Object)})
    with pytest.raises(DataError, match="thing"):
        of_frame(frame, NONE)


def test_long_text_is_hashed_whole() -> None:
    """More rows than are hashed at a time, with the difference in the last one."""
    texts = [str(number) for number in range(70_000)]
    assert digest(a=texts) != digest(a=[*texts[:-1], "other"])
    assert digest(a=texts) == of_frame(
        pl.concat([pl.DataFrame({"a": texts[:66_000]}), pl.DataFrame({"a": texts[66_000:]})]), NONE
    )


CELLS: list[tuple[pl.DataType, st.SearchStrategy[object]]] = [
    (pl.Int64(), st.none() | st.integers(-3, 3)),
    (pl.String(), st.none() | st.text(max_size=2)),
    (pl.List(pl.String()), st.none() | st.lists(st.none() | st.text(max_size=1), max_size=2)),
]


@pytest.mark.parametrize(("dtype", "cells"), CELLS)
def test_digests_are_equal_exactly_when_frames_are(
    dtype: pl.DataType, cells: st.SearchStrategy[object]
) -> None:
    @settings(max_examples=100, deadline=None)
    @given(st.lists(cells, max_size=3), st.lists(cells, max_size=3))
    def holds(one: list[object], two: list[object]) -> None:
        left = pl.DataFrame({"a": pl.Series(one, dtype=dtype)})
        right = pl.DataFrame({"a": pl.Series(two, dtype=dtype)})
        assert (of_frame(left, NONE) == of_frame(right, NONE)) == (one == two)

    run: Callable[[], None] = holds
    run()
