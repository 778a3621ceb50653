"""Delimited text: what is read, and what is refused with row and column."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import DataError
from lingqu.data.delimited import Csv, parse, regular, sniff
from lingqu.data.encoding import to_utf8

BAD: list[tuple[bytes, str]] = [
    (b"", "is empty"),
    (b"\n\n  \n", "is empty"),
    (b"a,b\n", "columns a, b but no rows"),
    (b"a,b,a\n1,2,3\n", r"the name 'a' \(columns 1, 3\)"),
    (b"a,b\n1,2\n3\n", r"row 2 \(line 3\): found 1 cells; column 'b' is missing"),
    (b"a,b\n1,2\n3,4,5\n", r"row 2 \(line 3\): found 3 cells; '5' is too much"),
    (b'a,b\n1,"x\ny"\n\n2\n', r"row 2 \(line 5\): found 1 cells"),
    (b'a,b\n1,2\n3,"4\n5,6\n', r"row 2 \(line 3\): a quoted cell is not closed"),
    (b"a,b\n1," + b"x" * 1_000_000 + b"\n", "column 'b', row 1: the cell has 1000000"),
    (b"a,b\n1,\x00\n", "byte 6 is 0x00"),
    (b"\x89PNG\r\n\x1a\n", r"\(PNG\)"),
    (b"%PDF-1.7\n", r"\(PDF\)"),
    (bytes(range(1, 256)) * 40, "not UTF-8 / GB18030"),
    ("a,b\n1,café\n".encode("latin-1"), "line 2: byte 0xe9"),
    ("名,值\né,ÿü\nèl,öl\n".encode("cp1252", "replace"), "line 2"),
]


@pytest.mark.parametrize(("data", "message"), BAD, ids=range(len(BAD)))
def test_bad_files_are_refused_with_their_place(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "bad.csv").write_bytes(data)
    with pytest.raises(DataError, match=message) as caught:
        Csv(str(tmp_path / "bad.csv")).read()
    assert "bad.csv" in str(caught.value)


def test_a_declared_encoding_is_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a,b\n1,café\n2,thé\n".encode("latin-1"))
    assert Csv(str(path), encoding="latin-1").read().frame["b"].to_list() == ["café", "thé"]
    with pytest.raises(DataError, match="line 2: byte 0xe9 is not utf-8"):
        Csv(str(path), encoding="utf-8").read()
    with pytest.raises(DataError, match="'utf-88' is not an encoding"):
        Csv(str(path), encoding="utf-88").read()


def test_short_chinese_is_told_from_western_text() -> None:
    assert to_utf8("姓名,年龄\n张三,41\n".encode("gbk"), "a.csv")[1] == "gb18030"
    with pytest.raises(DataError):
        to_utf8("naïve,élève,garçon\nçà,où,été\n".encode("latin-1"), "a.csv")


def test_unusual_but_right_files_are_read() -> None:
    assert parse(b'a,b\n5" pipe,2\n6,7" rod\n', "a").rows() == [('5" pipe', "2"), ("6", '7" rod')]
    assert parse(b'a,b\n\n1,"x\n\ny"\n\n2,3\n\n', "a").rows() == [("1", "x\n\ny"), ("2", "3")]
    assert parse(b"a,b\n1,2\n\n\n3,4", "a").rows() == [("1", "2"), ("3", "4")]
    assert parse(b"a\n1\n\n2\n", "a").rows() == [("1",), ("2",)]
    assert parse(b",b\n1,2\n", "a").columns == ["column_1", "b"]
    assert parse(b'"a\nb",c\n1,2\n', "a").columns == ["a\nb", "c"]
    assert parse(b"1,2\n3,4\n", "a", header=False).rows() == [("1", "2"), ("3", "4")]


def test_missing_cells_are_null() -> None:
    assert parse(b'a,b\n,2\n"",4\n', "a")["a"].to_list()[0] is None


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [("a,b\n1,2\n", ","), ("a\tb\n1\t2\n", "\t"), ("a|b|c\n1|2|3\n", "|"), ("a\n1\n", ","),
     ("name;note\nx;one, two\ny;three, four\n", ";")],
)  # fmt: skip
def test_the_delimiter_is_found(head: str, delimiter: str) -> None:
    assert sniff(head) == delimiter


CELL = st.text(alphabet='ab,;"\n 中0', max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=1, max_size=6)
    )
)
def test_what_was_written_is_read_back(rows: list[list[str]]) -> None:
    names = [f"c{place}" for place in range(len(rows[0]))]
    sheet = StringIO(newline="")
    writer = csv.writer(sheet, quoting=csv.QUOTE_ALL)
    writer.writerows([names, *rows])
    frame = parse(sheet.getvalue().encode(), "a.csv", delimiter=",")
    assert [[cell or "" for cell in row] for row in frame.rows()] == rows


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text(alphabet='x"\n', max_size=4), min_size=1, max_size=4),
                min_size=1, max_size=5))  # fmt: skip
def test_the_byte_check_agrees_with_the_standard_parser(rows: list[list[str]]) -> None:
    sheet = StringIO(newline="")
    csv.writer(sheet, quoting=csv.QUOTE_ALL).writerows(rows)
    width = len(rows[0])
    same = all(len(row) == width for row in rows)
    assert regular(sheet.getvalue().encode(), ord(","), width) == same


def test_the_byte_check_spans_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lingqu.data.delimited.CHUNK", 7)
    good = b'a,b\n1,"x,\ny"\n33333333333,4444444444\n5,6'
    assert regular(good, ord(","), 2)
    assert not regular(good + b",7\n", ord(","), 2)
    assert not regular(good + b",7", ord(","), 2)


def test_leading_zeros_survive(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("zip,n\n" + "".join(f"{i:05d},{i}\n" for i in range(50)))
    dataset = Csv(str(tmp_path / "a.csv")).read()
    assert dataset.frame["zip"][7] == "00007"
    assert dataset.frame["n"].to_list() == np.arange(50.0).tolist()


def test_picture_paths_start_from_the_folder_of_the_sheet(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("L", (4, 6)).save(tmp_path / "one.png")
    Image.new("L", (4, 6)).save(tmp_path / "two.png")
    (tmp_path / "a.csv").write_text("photo,kind\none.png,x\ntwo.png,y\n")
    dataset = Csv(str(tmp_path / "a.csv")).read()
    assert dataset.schema["photo"].shape == (6, 4)
    assert dataset.frame["photo"][0] == str(tmp_path.resolve() / "one.png")
    (tmp_path / "two.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="olumn 'photo', row 2"):
        Csv(str(tmp_path / "a.csv")).read()
