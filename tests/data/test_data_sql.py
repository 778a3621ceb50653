"""What the SQL source does beyond its contract: parameters and chunks."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from lingqu.core.errors import DataError
from lingqu.data.resolve import resolve
from lingqu.data.roles import ready
from lingqu.data.sql import Sql


@pytest.fixture
def url(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE t (id INTEGER, at TEXT, v)")
        rows = [(n, f"12:{n:02d}", None if n < 4 else n + 0.5 if n < 8 else "x") for n in range(10)]
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    connection.close()
    return f"sqlite:///{tmp_path}/a.db"


def test_parameters_are_bound_and_never_written_into_the_query(url: str) -> None:
    query = "SELECT id, at, '12:low' AS note FROM t WHERE id >= :low AND at < :at -- 1:2"
    source = resolve(url, {"query": query, "params": {"low": 3, "at": "12:06"}})
    frame = source.read().frame
    assert frame.height == 3
    assert frame["note"].unique().to_list() == ["12:low"]
    evil = Sql(url, query="SELECT id FROM t WHERE at = :at", params={"at": "'; DROP TABLE t; --"})
    with pytest.raises(DataError, match="no rows"):
        evil.read()
    assert len(Sql(url, table="t").read()) == 10
    other = resolve(url, {"query": query, "params": {"low": 4, "at": "12:06"}})
    assert other.fingerprint() != source.fingerprint()
    with pytest.raises(DataError, match="does not name the parameter 'hi'"):
        Sql(url, query=query, params={"low": 1, "at": "x", "hi": 2}).read()


def test_rows_come_in_chunks_and_join_to_one_type(url: str) -> None:
    source = Sql(url, table="t", chunk_rows=4)
    assert [len(part) for part in source.batches()] == [4, 4, 2]
    whole = Sql(url, table="t").read()
    assert source.read().frame["id"].equals(whole.frame["id"])
    assert source.read().frame["v"].null_count() == 4
    assert source.read().frame["v"].to_list()[4:] == ["4.5", "5.5", "6.5", "7.5", "x", "x"]
    few = Sql(url, query="SELECT v FROM t WHERE id < 8", chunk_rows=3)
    assert few.read().frame["v"].to_list()[4:] == [4.5, 5.5, 6.5, 7.5]
    none = Sql(url, query="SELECT NULL AS a, id FROM t", chunk_rows=3)
    assert none.read().schema["a"].role == "ignored"
    assert isinstance(next(source.batches()), pl.DataFrame)
    with pytest.raises(DataError, match="chunk_rows"):
        Sql(url, table="t", chunk_rows=0).read()


def test_bytes_that_are_no_media_leave_the_other_columns_usable(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("L", (4, 6)).save(file, "PNG")
    photo = file.getvalue()
    with sqlite3.connect(tmp_path / "b.db") as connection:
        connection.execute("CREATE TABLE t (age REAL, key BLOB, photo BLOB, y TEXT)")
        cells = [(n + 0.5, bytes([n, 255]), None if n == 1 else photo) for n in range(12)]
        rows = [(*row, "no" if n % 2 else "yes") for n, row in enumerate(cells)]
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
    connection.close()
    told = Sql(f"sqlite:///{tmp_path}/b.db", table="t")
    read = told.read()
    key = read.schema["key"]
    assert (key.kind, key.role) == ("text", "ignored")
    assert (
        "neither pictures nor recordings" in key.reason and "既不是图像也不是录音" in key.reason_zh
    )
    assert read.frame["key"][3] == "03ff"
    assert read.schema["photo"].kind == "image" and read.schema["photo"].shape == (6, 4)
    used = ready(read, target="y").schema
    assert [column.name for column in used.features] == ["age", "photo"]
    with pytest.raises(DataError, match="'key', row 1: the picture '2 bytes' cannot be decoded"):
        Sql(told.url, table="t", kinds={"key": "image"}).read()
