from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from polars.testing import assert_frame_equal
from tests.outlets.asking import opened

from lingqu.core.errors import DataError
from lingqu.core.schema import Column, Schema
from lingqu.outlets.problems import problem
from lingqu.outlets.reading.columns import Reader
from lingqu.release.conform import conform, to_polars

SCHEMA = Schema(
    (
        Column("age", "number", nullable=True),
        Column("member", "boolean"),
        Column("town", "category", levels=("Lyon", "桂林")),
        Column("note", "text"),
        Column("joined", "datetime"),
        Column("point", "vector", shape=(2,)),
        Column("image", "image", shape=(2, 2)),
        Column("left", "category", "target"),
    )
)
ROW: dict[str, Any] = {
    "age": 41,
    "member": True,
    "town": "Lyon",
    "note": "很好",
    "joined": "2024-01-05",
    "point": [0.5, 1],
    "image": [[0, 16], [8, 4]],
}
CELLS = {
    "age": st.none() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, width=32),
    "member": st.none() | st.booleans(),
    "town": st.sampled_from(["Lyon", "桂林", "Oslo", "NA", "", None]),
    "note": st.none() | st.text(st.characters(codec="utf-8"), max_size=5),
    "joined": st.sampled_from(["2024-01-05", "2025-11-30", None]),
    "point": st.lists(st.floats(-9, 9, width=32), min_size=2, max_size=2),
    "image": st.lists(
        st.lists(st.integers(0, 255), min_size=2, max_size=2), min_size=2, max_size=2
    ),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=4), st.integers(0, 3))
def test_rows_become_what_conform_makes_of_them(rows: list[dict[str, Any]], cut: int):
    reader = Reader(SCHEMA)
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    read = conform(reader.frame([reader.rows(part) for part in parts]), reader.schema)
    wanted = conform(to_polars(rows), reader.schema)
    whole = pl.Array(pl.Float32, (2, 2))
    assert_frame_equal(
        read.with_columns(pl.col("image").cast(whole)),
        wanted.with_columns(pl.col("image").cast(whole)),
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"age": "1,234.5"}, 1234.5),
        ({"age": " 7 "}, 7.0),
        ({"age": "NA"}, None),
        ({"age": True}, 1.0),
    ],
)
def test_numbers_in_other_clothes_are_read_as_from_a_file(change: dict[str, Any], expected: Any):
    reader = Reader(SCHEMA)
    frame = reader.frame([reader.rows([{**ROW, **change}]), reader.rows([ROW])])
    assert frame["age"].to_list() == [expected, 41.0]


def test_categories_may_come_as_numbers():
    reader = Reader(SCHEMA)
    rows = reader.rows([{**ROW, "town": value} for value in (3, 2.5, True, "x", 4.0, None)])
    assert rows.cells["town"] == ["3", "2.5", "true", "x", "4", None]
    assert reader.rows([{**ROW, "member": "是"}]).cells["member"] == [True]


@pytest.mark.parametrize(
    "change",
    [
        {"age": "old"},
        {"age": [1]},
        {"age": {"a": 1}},
        {"age": 10**400},
        {"member": "perhaps"},
        {"member": [True]},
        {"town": ["Lyon"]},
        {"note": {"a": 1}},
        {"joined": "yesterday"},
        {"joined": 5},
        {"point": [1]},
        {"point": "1,2"},
        {"point": [1, "2"]},
        {"point": []},
        {"image": [[1, 2]]},
        {"image": [[1, 2], [3]]},
        {"image": [["1", "2"], ["3", "4"]]},
        {"image": 5},
        {"image": "bm90IGEgcGljdHVyZQ=="},
        {"image": "/etc/hostname"},
        {"image": "data:image/png;base64,AAAA"},
    ],
)
def test_cells_that_cannot_be_read_are_refused_with_their_row(change: dict[str, Any]):
    with pytest.raises(DataError) as caught:
        Reader(SCHEMA).rows([ROW, {**ROW, **change}])
    assert caught.value.facts["column"] == next(iter(change))
    assert caught.value.facts["row"] == 2


def test_booleans_are_no_pixels():
    with pytest.raises(DataError):
        Reader(SCHEMA).rows([{**ROW, "image": [[True, False], [True, True]]}])


def test_rows_that_are_no_rows_are_refused():
    reader = Reader(SCHEMA)
    for rows, key in (
        ([], "outlets.no_rows"),
        ([ROW, 5], "outlets.bad_form"),
        ([ROW, None], "outlets.bad_form"),
        ([ROW, {k: v for k, v in ROW.items() if k != "note"}], "outlets.missing_column"),
    ):
        with pytest.raises(DataError) as caught:
            reader.rows(rows)
        assert caught.value.key == key
    assert caught.value.facts["row"] == 2
    assert caught.value.facts["column"] == "note"


def test_tables_of_columns():
    reader = Reader(SCHEMA)
    table = {name: [value] for name, value in ROW.items()}
    assert_frame_equal(reader.frame([reader.table(table)]), reader.frame([reader.rows([ROW])]))
    for change, key in (
        ({"age": 5}, "outlets.bad_form"),
        ({"age": [1, 2]}, "outlets.uneven"),
        ({name: [] for name in ROW}, "outlets.no_rows"),
    ):
        with pytest.raises(DataError) as caught:
            reader.table({**table, **change})
        assert caught.value.key == key
    with pytest.raises(DataError, match="lacks column"):
        reader.table({"age": [1]})


def test_unseen_categories_are_noted_and_bounded():
    reader = Reader(SCHEMA)
    rows = reader.rows([{**ROW, "town": "Oslo"}, ROW, {**ROW, "town": None}])
    assert rows.unseen == (("town", "Oslo", 1),)
    assert "'Oslo' (1 row" in rows.warnings("en")[0]
    many = [{**ROW, "town": f"T{number % 9}"} for number in range(100)]
    assert reader.rows([{**ROW, "town": "Oslo"}] * 100).unseen == (("town", "Oslo", 100),)
    unseen = reader.rows(many).unseen
    assert len(unseen) == 5 and unseen[0] == ("town", "T0", 12)


def picture() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.array([[0, 16], [8, 4]], np.uint8)).save(file, "png")
    return file.getvalue()


def test_pictures_as_text_and_from_the_allowed_folder_only(tmp_path: Path):
    encoded = base64.b64encode(picture()).decode()
    allowed, outside = tmp_path / "in", tmp_path / "out.png"
    allowed.mkdir()
    (allowed / "a.png").write_bytes(picture())
    outside.write_bytes(picture())
    for folder, cells in (
        ("", [encoded, f"data:image/png;base64,{encoded}"]),
        (str(allowed), ["a.png", str(allowed / "a.png"), encoded]),
    ):
        read = Reader(SCHEMA, folder).rows([{**ROW, "image": cell} for cell in cells])
        assert read.cells["image"].tolist() == [[[0, 16], [8, 4]]] * len(cells)
    for cell in ("../out.png", str(outside), "none.png"):
        with pytest.raises(DataError):
            Reader(SCHEMA, str(allowed)).rows([{**ROW, "image": cell}])
    with pytest.raises(DataError):
        Reader(SCHEMA).rows([{**ROW, "image": str(allowed / "a.png")}])
    mixed = Reader(SCHEMA)
    frame = mixed.frame([mixed.rows([{**ROW, "image": encoded}]), mixed.rows([ROW])])
    assert frame["image"].to_list() == [[[0, 16], [8, 4]]] * 2


def test_missing_pictures_and_texts_join_others():
    reader = Reader(Schema((Column("image", "image", shape=(2, 2)), Column("age", "number"))))
    rows = [{"image": [[1, 2], [3, 4]], "age": 1}, {"image": None, "age": "2"}]
    parts = [reader.rows([rows[0]]), reader.rows(rows)]
    frame = reader.frame(parts)
    assert frame["age"].to_list() == [1.0, 1.0, 2.0]
    assert frame["image"].null_count() == 1


@pytest.mark.parametrize("name", ["digits", "people", "prices"])
def test_golden_answers_come_out_however_rows_are_batched(releases: dict[str, Path], name: str):
    served = opened(releases[name])
    rows = [json.loads(json.dumps(row["input"])) for row in served.release.golden["rows"]]
    alone = [served.run([served.reader.rows([row])])[0] for row in rows]
    together = served.run([served.reader.rows([row]) for row in rows])
    expected = [row["output"] for row in served.release.golden["rows"]]
    for one, many, wanted in zip(alone, together, expected, strict=True):
        for answer in (one, many):
            if isinstance(wanted["prediction"], str):
                assert answer.predictions == [wanted["prediction"]]
                assert answer.confidence == pytest.approx([wanted["confidence"]], abs=1e-6)
            else:
                assert answer.predictions == pytest.approx([wanted["prediction"]], abs=1e-6)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (Column("a", "audio"), 5),
        (Column("a", "audio"), "bm90IGEgcmVjb3JkaW5n"),
        (Column("a", "audio"), base64.b64encode(b"").decode()),
        (Column("a", "image", shape=(2, 2)), 5),
        (Column("a", "image", shape=(2, 2)), [[1], "x"]),
        (Column("a", "vector", shape=(2,)), "1,2"),
        (Column("a", "vector", shape=(2,)), [1, "2"]),
        (Column("a", "number"), [1]),
        (Column("a", "number"), 10**400),
    ],
)
def test_what_was_expected_is_said_in_the_language_of_the_caller(column: Column, cell: Any):
    with pytest.raises(DataError) as caught:
        Reader(Schema((column,))).rows([{"a": cell}])
    said = json.loads(problem(caught.value, "zh")[2])["detail"]
    # Names of kinds and of columns, and what a library or the caller wrote, stay as they are.
    for word in ("expected", "base64 text", "lists", "huge", "recording", "picture", "samples"):
        assert word not in said
    assert "应为" in said


def test_a_row_that_is_no_object_is_named_in_the_language_of_the_caller():
    with pytest.raises(DataError) as caught:
        Reader(SCHEMA).rows([ROW, 5])
    assert "第 2 行是 5" in json.loads(problem(caught.value, "zh")[2])["detail"]
