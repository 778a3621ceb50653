"""Tables as strangers bring them: read as they are meant, or refused by name, on one line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lingqu.core.errors import DataError
from lingqu.core.i18n import text
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Schema
from lingqu.data.delimited import Csv
from lingqu.data.frame import InMemory
from lingqu.data.roles import ready
from lingqu.release.conform import conform, to_polars


def _ready(frame: Any, **asked: Any) -> Dataset:
    return ready(InMemory(frame).read(), target="y", **asked)


CELLS: list[list[Any]] = [
    [3, "seven", None, True], [1, 10**40, None, 2], ["x", 2.5, float("nan"), False],
]  # fmt: skip


@pytest.mark.parametrize("cells", CELLS, ids=["words", "digits", "numbers"])
@pytest.mark.parametrize(
    "made",
    [
        lambda cells: pd.DataFrame({"odd": pd.Series(cells, dtype=object)}),
        lambda cells: {"odd": cells},
        lambda cells: [{"odd": cell} for cell in cells],
    ],
    ids=["pandas", "columns", "rows"],
)
def test_cells_of_several_types_are_text_and_none_is_lost(cells: list[Any], made: Any) -> None:
    read = to_polars(made(cells))["odd"]
    assert read.dtype == pl.String and read.to_list()[0] == str(cells[0])
    gone = [cell is None or cell != cell for cell in cells]
    assert [cell is None or cell == "NaN" for cell in read.to_list()] == gone


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"good": [1, 2, 3], "odd": [1, [2], {"a": b"x"}]}),
        {"good": [1, 2, 3], "odd": [1, [2], b"x"]},
        [{"good": 1, "odd": 1}, {"good": 2, "odd": [2]}],
    ],
    ids=["pandas", "columns", "rows"],
)
def test_what_no_column_can_hold_is_refused_by_the_name_of_the_column(frame: Any) -> None:
    with pytest.raises(DataError, match=r"'odd': .*int, list"):
        to_polars(frame)


def test_lone_surrogates_are_refused_by_the_name_of_the_column() -> None:
    with pytest.raises(DataError, match=r"'odd'.*surrogates"):
        to_polars(pd.DataFrame({"odd": pd.Series(["\ud800", 1], dtype=object)}))


def test_columns_of_different_lengths_are_refused_with_their_lengths() -> None:
    with pytest.raises(DataError, match="'a': 2, 'b': 1"):
        to_polars({"a": [1, 2], "b": [1]})


def test_a_column_without_a_name_is_called_as_that_of_a_file() -> None:
    data = InMemory({"a": [1.5, 2.5], "": [3.5, 4.5]}).read()
    assert data.schema.names == ("a", "column_2") and data.frame["column_2"][1] == 4.5
    with pytest.raises(DataError, match="column_1"):
        to_polars(pl.DataFrame({"": [1], "column_1": [2]}))


@pytest.mark.parametrize("name", ["*", "^a.*$"])
def test_a_name_that_would_stand_for_several_columns_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"{re.escape(repr(name))} would stand for several"):
        InMemory({"a": [1.5, 2.5], name: [3.5, 4.5]}).read()
    (tmp_path / "t.csv").write_text(f"a,{name}\n1.5,2\n2.5,3\n")
    with pytest.raises(DataError, match=r"t\.csv.*several columns"):
        Csv(str(tmp_path / "t.csv")).read()


def test_a_type_that_is_no_kind_is_named() -> None:
    periods = pd.DataFrame({"when": pd.period_range("2024-01", periods=3, freq="D")})
    with pytest.raises(DataError, match=r"'when' has the type .*period"):
        InMemory(periods).read()


def test_a_date_that_is_none_is_named_where_the_column_becomes_words() -> None:
    days = [f"2024-01-{1 + i % 28:02}" for i in range(60)]
    days[7] = "2024-02-31"
    column = InMemory({"day": days}).read().schema["day"]
    assert column.kind == "category" and "row 8 ('2024-02-31') is no datetime" in column.reason


NAME = "price (¥)\n'"


@pytest.mark.parametrize("cell", [[1, 2], "about\nseven", {"a": [1]}, "x" * 10_000, b"\n" * 999])
def test_a_refused_cell_is_quoted_on_one_line(cell: Any) -> None:
    schema = InMemory({NAME: [1.5, 2.5]}).read().schema
    with pytest.raises(DataError, match="row 1") as refused:
        conform(pl.DataFrame({NAME: [cell]}), schema)
    for language in ("en", "zh"):
        line = text(refused.value.key, language, **refused.value.facts)  # type: ignore[arg-type]
        assert "\n" not in line and len(line) < 500
        assert 'kinds: {"price (¥)\\n\'": text}' in line


def test_what_is_missing_and_what_came_are_listed_on_one_line() -> None:
    wide = pl.DataFrame({f"{'w' * 3000}\n{i}": [1] for i in range(30)})
    with pytest.raises(DataError, match="lacks 1 column") as refused:
        conform(wide, Schema(InMemory({"a": [1.5, 2.5]}).read().schema.columns))
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 1500


def test_all_empty_columns_are_named_at_once() -> None:
    empty = {"e": [None] * 20, "no value": [None] * 20}
    with pytest.raises(DataError, match=r"2 columns.*20 rows.*drop: \[e, \"no value\"\]"):
        _ready({"a": np.arange(20.0), "y": ["p", "q"] * 10, **empty})


class TestWeights:
    rows = {"a": np.arange(40.0) + 0.5, "y": ["p", "q"] * 20}  # noqa: RUF012

    @pytest.mark.parametrize("few", [[1, 5] * 20, [0, 1] * 20, ["1", "2.5"] * 20])
    def test_few_different_weights_are_numbers(self, few: list[Any]) -> None:
        data = _ready({**self.rows, "w": few}, weight="w")
        assert data.schema["w"].kind == "number"
        assert data.frame["w"][:2].to_list() == [float(cell) for cell in few[:2]]

    @pytest.mark.parametrize(
        ("odd", "row", "received"),
        [([0.0] * 40, 1, "0"), ([1.5, None] * 20, 2, "no value"), ([1.5, 1e300] * 20, 2, "1e"),
         ([1.5, 2.5, -1.0] + [1.0] * 37, 3, "-1"), ([2.5, 1e-300] * 20, 2, "1e-300")],
    )  # fmt: skip
    def test_what_cannot_weigh_is_refused(self, odd: list[Any], row: int, received: str) -> None:
        with pytest.raises(DataError, match=f"'w', row {row}: {received}"):
            _ready({**self.rows, "w": odd}, weight="w")


@pytest.mark.parametrize(
    "values",
    [1e300 * np.arange(40), 1e-300 * np.arange(40), 1e9 + np.arange(40) / 100],
    ids=["too large", "too small", "too alike"],
)
def test_a_target_that_answers_cannot_tell_apart_is_refused(values: Any) -> None:
    rows = {"a": np.arange(40.0) % 7 + 0.5, "y": values}
    with pytest.raises(DataError, match=r"32-bit.*subtract"):
        _ready(rows, task="regress")
    assert len(_ready({**rows, "y": 1e9 + 1e5 * np.arange(40)}, task="regress")) == 40
