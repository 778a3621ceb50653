"""From the text after `data:` to a source."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from lingqu.core.errors import DataError, SpecError
from lingqu.data.delimited import Csv
from lingqu.data.frame import InMemory
from lingqu.data.images import ImageFolder
from lingqu.data.jsonl import JsonLines
from lingqu.data.package import PackageFile
from lingqu.data.parquet import Parquet
from lingqu.data.resolve import resolve
from lingqu.data.sklearn import SklearnBundled
from lingqu.data.sql import Sql


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", Csv), ("a.CSV", Csv), ("a.tsv", Csv), ("a.csv.gz", Csv), ("a.zip", Csv),
        ("a.parquet", Parquet), ("a.jsonl", JsonLines), ("a.ndjson", JsonLines),
        ("a.jsonl.gz", JsonLines),
    ],
)  # fmt: skip
def test_the_extension_chooses(tmp_path: Path, name: str, kind: type) -> None:
    (tmp_path / name).write_bytes(b"x")
    source = resolve(name, base=tmp_path)
    assert type(source) is kind
    assert source.path == str(tmp_path / name)
    assert type(resolve(tmp_path / name)) is kind


def test_tabs_are_known_from_the_extension(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("a,b\n1,2\n")
    assert resolve("a.tsv", base=tmp_path).read().schema.names == ("a,b",)


def test_every_other_form_chooses_too(tmp_path: Path) -> None:
    assert resolve("sklearn:digits") == SklearnBundled("digits")
    assert resolve("package:sklego/data/arrests.zip") == PackageFile("sklego/data/arrests.zip")
    assert isinstance(resolve(".", base=tmp_path), ImageFolder)
    assert resolve("s3://bank/loans.parquet") == Parquet("s3://bank/loans.parquet")
    assert resolve("https://host/a.csv?x=1") == Csv("https://host/a.csv?x=1")
    assert resolve("memory://a", {"format": "jsonl"}) == JsonLines("memory://a")
    assert isinstance(resolve("postgresql+psycopg://h/db?table=t"), Sql)
    (tmp_path / "odd.dat").write_text("a,b\n1,2\n")
    assert isinstance(resolve("csv:odd.dat", base=tmp_path), Csv)
    assert isinstance(resolve("odd.dat", {"format": "csv"}, tmp_path), Csv)
    for frame in (pl.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}), pa.table({"a": [1]})):
        source = resolve(frame)
        assert isinstance(source, InMemory)
        assert source.read().frame["a"].to_list() == [1.0]


def test_databases_start_from_the_folder_of_the_channel(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE t (a REAL)")
        connection.execute("INSERT INTO t VALUES (1.5), (2.5)")
    connection.close()
    source = resolve("sqlite:///x.db?table=t", base=tmp_path)
    assert source.read().frame["a"].to_list() == [1.5, 2.5]


def test_options_reach_the_source(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    assert resolve("a.csv", {"delimiter": ";"}, tmp_path) == Csv(
        str(tmp_path / "a.csv"), delimiter=";"
    )
    with pytest.raises(SpecError, match=r"`data` \(channel.yaml line 2\).*'delimeter'"):
        resolve("a.csv", {"delimeter": ";"}, tmp_path, "`data` (channel.yaml line 2)")
    with pytest.raises(SpecError, match="header"):
        resolve("a.csv", {"header": "perhaps"}, tmp_path)
    inside = resolve("package:sklego/data/arrests.zip", {"delimiter": ","})
    assert inside.read().frame.height == 5226


def test_what_nothing_reads_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"x")
    (tmp_path / "b.csv").write_bytes(b"x")
    with pytest.raises(DataError, match="not a source"):
        resolve("a.docx", base=tmp_path)
    with pytest.raises(DataError, match=r"c\.csv.*Near names: b\.csv"):
        resolve("c.csv", base=tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        resolve("nothing", base=tmp_path)
    with pytest.raises(DataError, match="not a source"):
        resolve("ftp://host/file")
