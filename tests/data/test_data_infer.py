"""Kinds are told from values, in English and Chinese."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lingqu.core.errors import DataError
from lingqu.core.schema import Column
from lingqu.data.infer import infer, look, typed
from lingqu.release.conform import conform

N = 60
DRAW = np.random.default_rng(0)


def column(name: str, values: Any) -> Column:
    return infer(pl.DataFrame({name: values}))[name]


REVIEWS = [f"这家店的菜第{i}次来还是那么好吃，服务也很周到" for i in range(N)]
KINDS: list[tuple[str, Any, str, str]] = [
    ("customerId", list(range(N)), "text", "id"),
    ("编号", [str(i) for i in range(N)], "text", "id"),
    ("index", list(range(N)), "text", "id"),
    ("uid", [f"{i:08d}-1234-1234-1234-123456789abc" for i in range(N)], "text", "id"),
    ("ticket", [f"AB-{i:05d}" for i in range(N)], "text", "id"),
    ("order_id", [i // 3 for i in range(N)], "category", "feature"),
    ("phone", [13800000000 + i for i in range(N)], "text", "id"),
    ("card", ["6222020000000000123", "6222020000000000456"] * 30, "category", "feature"),
    ("long", [2**60, 2**60 + 1] * 30, "category", "feature"),
    ("huge", [1e300, 2.5] * 30, "number", "feature"),
    ("population", [i * 977 for i in range(N)], "number", "feature"),
    ("zip", ["01234", "94107", "10001"] * 20, "category", "feature"),
    ("zip_code", [94107, 10001, 60601] * 20, "category", "feature"),
    ("pclass", [1, 2, 3] * 20, "category", "feature"),
    ("n_children", [0, 1, 2] * 20, "number", "feature"),
    ("year", [1997, 1998, 1999] * 20, "number", "feature"),
    ("delta", [-1, 0, 1] * 20, "number", "feature"),
    ("income", DRAW.normal(size=N), "number", "feature"),
    ("price", ["1,234.50", "$12", "¥3,000"] * 20, "number", "feature"),
    ("share", ["12%", "1.5 %", "NA"] * 20, "number", "feature"),
    ("gap", ["1.5", "None", "-"] * 20, "number", "feature"),
    ("holes", [None, *(i * 7.0 for i in range(N - 1))], "number", "feature"),
    ("cost", [Decimal("1.5"), Decimal("2.5")] * 30, "number", "feature"),
    ("wait", [timedelta(seconds=i) for i in range(N)], "number", "feature"),
    ("paid", ["Yes", "no", "yes"] * 20, "boolean", "feature"),
    ("active", ["Yes", "No"] * 30, "boolean", "feature"),
    ("在职", ["是", "否", None] * 20, "boolean", "feature"),
    ("flag", [0, 1] * 30, "boolean", "feature"),
    ("bit", ["0", "1"] * 30, "boolean", "feature"),
    ("real", [0.0, 1.0, None] * 20, "boolean", "feature"),
    ("truth", [True, False] * 30, "boolean", "feature"),
    ("day", ["2024-01-05", "2024-1-15"] * 30, "datetime", "feature"),
    ("日期", ["2024年1月5日", "2024年12月31日"] * 30, "datetime", "feature"),
    ("us", ["1/5/2024", "12/31/2024"] * 30, "datetime", "feature"),
    ("uk", ["5/1/2024", "31/12/2024"] * 30, "datetime", "feature"),
    ("stamp", ["2024-01-05T03:04:05Z", "2024-01-05T03:04:06.5Z"] * 30, "datetime", "feature"),
    ("english", ["5 Jan 2024", "15 Feb 2024"] * 30, "datetime", "feature"),
    ("longhand", ["Jan 5, 2024", "Feb 15, 2024"] * 30, "datetime", "feature"),
    ("order_date", [20240105, 20241231] * 30, "datetime", "feature"),
    ("订单日期", ["20240105", "20241231"] * 30, "datetime", "feature"),
    ("born", [date(2024, 1, 5), date(2024, 1, 6)] * 30, "datetime", "feature"),
    ("at", [time(3, 4), time(5, 6)] * 30, "category", "feature"),
    ("city", ["北京", "上海", "Aix"] * 20, "category", "feature"),
    ("review", [f"good food number {i} and nice people" for i in range(N)], "text", "feature"),
    ("评论", REVIEWS, "text", "feature"),
    ("who", [f"Person {i}" for i in range(N)], "text", "feature"),
    ("tags", [["a", "b"], ["c"]] * 30, "text", "feature"),
    ("record", [{"a": 1}, {"a": 2}] * 30, "text", "ignored"),
    ("sound", [f"{i}.wav" for i in range(N)], "audio", "feature"),
    ("point", [[1.0, 2.0, 3.0]] * N, "vector", "feature"),
    ("grid", [[[1, 2], [3, 4]]] * N, "image", "feature"),
    ("same", ["x"] * N, "category", "ignored"),
    ("seven", [7] * N, "number", "ignored"),
    ("sure", [True] * N, "boolean", "ignored"),
    ("today", [date(2024, 1, 5)] * N, "datetime", "ignored"),
    ("nothing", [None] * N, "category", "ignored"),
    ("blank", ["", "NA", None] * 20, "category", "ignored"),
    ("nan", [float("nan")] * N, "category", "ignored"),
]


@pytest.mark.parametrize(("name", "values", "kind", "role"), KINDS, ids=[row[0] for row in KINDS])
def test_kinds_and_roles(name: str, values: Any, kind: str, role: str) -> None:
    seen = column(name, values)
    assert (seen.kind, seen.role) == (kind, role), seen.reason
    assert seen.reason


@pytest.mark.parametrize("row", KINDS, ids=[row[0] for row in KINDS])
def test_schema_and_frame_agree(row: tuple[str, Any, str, str]) -> None:
    raw = pl.DataFrame({row[0]: row[1]})
    dataset = typed(raw)
    assert conform(raw, dataset.schema).equals(dataset.frame)
    assert conform(dataset.frame, dataset.schema).equals(dataset.frame)
    assert dataset.schema[row[0]].nullable == bool(dataset.frame[row[0]].null_count())


def test_values_behind_the_kinds() -> None:
    frame = typed(
        pl.DataFrame(
            {
                "price": ["1,234.50", "-$12", "¥3,000"],
                "share": ["12%", "1.5 %", "NA"],
                "日期": ["2024年1月5日", "2024年12月31日", None],
            }
        )
    ).frame
    assert frame["price"].to_list() == [1234.5, -12.0, 3000.0]
    assert frame["share"].to_list() == [12.0, 1.5, None]
    assert frame["日期"][0] == datetime(2024, 1, 5)


def test_yes_and_no_keep_how_they_were_written() -> None:
    assert column("a", ["No", "Yes"] * 5).levels == ("No", "Yes")
    assert column("a", ["是", "否"] * 5).levels == ("否", "是")
    assert column("a", [1, 0] * 5).levels == ("0", "1")


def test_one_odd_cell_is_named_in_the_reason() -> None:
    seen = column("amount", ["1.5"] * 99 + ["about 2"])
    assert seen.kind == "category"
    assert "row 100 ('about 2') is no number" in seen.reason


def test_an_odd_cell_outside_the_sample_is_found() -> None:
    values = [str(i) for i in range(25_000)]
    values[12_345] = "12345x"
    seen = column("size", values)
    assert seen.kind != "number"
    assert "row 12346" in seen.reason
    days = ["2024-01-05"] * 24_999 + ["soon"]
    days[17] = "2024-01-06"
    assert column("day", days).kind == "category"


def test_large_data_are_sampled_and_say_so() -> None:
    words = [f"word{i % 30}" for i in range(20_000)]
    assert "10,000 of 20,000" in column("w", words).reason


def test_day_and_month_that_could_be_swapped_are_reported() -> None:
    seen = column("day", ["1/5/2024", "2/6/2024"] * 5)
    assert (seen.format, "%d/%m/%Y would fit too" in seen.reason) == ("%m/%d/%Y", True)


def test_pictures_bring_shape_and_range() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    seen = column("p", pl.Series(pixels, dtype=pl.Array(pl.UInt8, (3, 4))))
    assert (seen.shape, seen.low, seen.high) == ((3, 4), 0.0, 23.0)
    file = BytesIO()
    Image.new("RGB", (5, 7)).save(file, "png")
    encoded = column("p", [file.getvalue()] * 3)
    assert (encoded.kind, encoded.shape) == ("image", (7, 5, 3))
    with pytest.raises(DataError, match="row 2"):
        column("p", [file.getvalue(), b"no picture"])


@pytest.mark.parametrize("cells", [[[1, 2], [3]], [[[1], [2, 3]], [[4]]], [[{"a": 1}], []]])
def test_ragged_lists_are_set_aside_as_records_are(cells: list[Any]) -> None:
    data = typed(pl.DataFrame({"v": [*cells, None], "a": [1.5, 2.5, 3.5]}))
    assert (data.schema["v"].role, data.schema["v"].kind) == ("ignored", "text")
    assert "nested" in data.schema["v"].reason
    assert json.loads(data.frame["v"][0]) == cells[0] and data.frame["v"][2] is None


def test_objects_are_refused() -> None:
    with pytest.raises(DataError, match="'x' has the type Object"):
        infer(pl.DataFrame({"x": pl.Series([object()], dtype=pl.Object)}))


def test_hints_are_obeyed_and_checked() -> None:
    frame = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"], "d": ["5/1/2024"] * 3})
    schema = infer(frame, {"a": "category", "b": "text", "d": "datetime"})
    assert [c.kind for c in schema] == ["category", "text", "datetime"]
    with pytest.raises(DataError, match=r"'cathegory'.*category"):
        infer(frame, {"a": "cathegory"})  # type: ignore[dict-item]
    with pytest.raises(DataError, match="lacks"):
        infer(frame, {"c": "text"})
    with pytest.raises(DataError, match="column 'b', row 1: 'x' cannot be read as number"):
        infer(frame, {"b": "number"})


def test_hinted_yes_no_and_dates_keep_their_form() -> None:
    declared, values = look(pl.Series("a", ["是", "否"]), "boolean")
    assert (declared.levels, values.to_list()) == (("否", "是"), [True, False])
    day, _ = look(pl.Series("d", ["31/12/2024", "1/5/2024"]), "datetime")
    assert day.format == "%d/%m/%Y"


CELLS = st.one_of(
    st.none(), st.integers(-5, 99999).map(str), st.floats(allow_nan=True).map(str),
    st.sampled_from(["yes", "no", "是", "2024-01-05", "NA", "", "12%", "1,000", "x y z", "007"]),
    st.text(max_size=8),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=30))
def test_any_text_column_gets_a_schema_that_fits(cells: list[str | None]) -> None:
    raw = pl.DataFrame({"x": pl.Series(cells, dtype=pl.String)})
    dataset = typed(raw)
    assert len(dataset) == len(cells)
    assert conform(raw, dataset.schema).equals(dataset.frame)
    assert conform(dataset.frame, dataset.schema).equals(dataset.frame)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats()), min_size=1, max_size=20))
def test_any_number_column_gets_a_schema_that_fits(cells: list[float | None]) -> None:
    raw = pl.DataFrame({"x": pl.Series(cells, dtype=pl.Float64)})
    dataset = typed(raw)
    assert conform(raw, dataset.schema).equals(dataset.frame)
    if dataset.schema["x"].kind == "number":
        assert all(cell is None or np.isfinite(cell) for cell in dataset.frame["x"])


def test_a_column_of_nearly_all_numbers_says_which_cell_is_none() -> None:
    cells = [f"{n / 3:.2f}" for n in range(50)]
    column = infer(pl.DataFrame({"x": [*cells, "1.2万", "12abc"]})).columns[0]
    assert column.kind == "text" and "row 51 ('1.2万') is no number" in column.reason
    half = infer(pl.DataFrame({"x": [*cells[:8], *(f"word {n}" for n in range(8))]})).columns[0]
    assert "is no number" not in half.reason


@pytest.mark.parametrize(
    ("ones", "rows", "kind"),
    [(1, 20, "boolean"), (5, 1000, "boolean"), (4, 1000, "category"), (996, 1000, "category")],
)
def test_a_two_may_follow_where_one_is_hardly_ever_seen(ones: int, rows: int, kind: str) -> None:
    cells = [1] * ones + [0] * (rows - ones)
    for values in (cells, [float(cell) for cell in cells], [str(cell) for cell in cells]):
        assert infer(pl.DataFrame({"x": values}))["x"].kind == kind
