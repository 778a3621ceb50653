"""Arrow, JSON, encodings and pages: table files beside CSV and Parquet."""

from __future__ import annotations

import io
from pathlib import Path

import orjson
import polars as pl
import pyarrow.feather
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.contracts.source_contract import SourceContract

from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data.arrow import ArrowFile
from lingqu.data.delimited import Csv
from lingqu.data.encoding import to_utf8
from lingqu.data.jsonarray import JsonArray
from lingqu.data.resolve import resolve
from lingqu.data.tables import TableFile, parse_as


class TestArrow(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        pl.DataFrame({"age": [41, 29]}).write_ipc(tmp_path / "a.arrow")
        return ArrowFile(str(tmp_path / "a.arrow"))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        pl.DataFrame({"age": [41, 30]}).write_ipc_stream(tmp_path / "b.arrows")
        return ArrowFile(str(tmp_path / "b.arrows"))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return ArrowFile(str(tmp_path / "none.arrow"))


class TestJsonArray(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        (tmp_path / "a.json").write_bytes(b'[{"a": 1, "b": "x"}, {"a": 2.5}]')
        return JsonArray(str(tmp_path / "a.json"))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        (tmp_path / "b.json").write_bytes(b'[{"a": 1, "b": "x"}, {"a": 3.5}]')
        return JsonArray(str(tmp_path / "b.json"))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return JsonArray(str(tmp_path / "none.json"))


def test_arrow_is_read_however_it_was_written(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1.5, 2.5], "名": ["x", "y"]})
    frame.write_ipc(tmp_path / "a.arrow")
    frame.write_ipc(tmp_path / "b.feather", compression="zstd")
    frame.write_ipc(tmp_path / "c.ipc", compression="lz4")
    frame.write_ipc_stream(tmp_path / "d.arrows")
    pyarrow.feather.write_feather(frame.to_arrow(), tmp_path / "e.feather")
    paths = sorted(tmp_path.iterdir())
    assert len({resolve(path).read().digest for path in paths}) == 1
    for path in paths:
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(DataError, match="cannot be read as Arrow"):
            resolve(path).read()
    (tmp_path / "f.feather").write_bytes(b"FEA1 and the rest")
    with pytest.raises(DataError, match="version 1"):
        resolve(tmp_path / "f.feather").read()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b" \n", "is empty"),
        (b'[{"a": 1},\n {"a": }]', "line 2, character 8"),
        (b'{"a": 1}\n{"a": 2}\n', "format: jsonl"),
        (b'[{"a": 1}, 7]', "element 2 is no object .int '7'"),
        (b"[]", "no rows"),
        (b"[{}]", "no rows"),
        (b'{"meta": 1, "items": [{"a": 1}]}', r'"meta": …, "items": ….*at: items'),
        (b'{"a": [1, 2], "b": [1]}', "equal length"),
        (b"3", "int '3'"),
        (b'[{"a": "' + b"x" * 600_000 + b'"}]', "the cell has 600000"),
    ],
)
def test_bad_json_says_where_it_is_wrong(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(DataError, match=message):
        JsonArray(str(tmp_path / "a.json")).read()


def test_json_rows_may_lie_deeper_or_in_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(orjson.dumps({"response": {"items": [{"a": 1.5}, {"a": 2.5}]}}))
    assert len(resolve(path, {"at": "response.items"}).read()) == 2
    with pytest.raises(DataError, match=r"no 'rows'. Expected one of: items"):
        resolve(path, {"at": "response.rows"}).read()
    with pytest.raises(DataError, match=r"no 'x'. Expected one of: list"):
        resolve(path, {"at": "response.items.x"}).read()
    path.write_bytes(b'{"a": [1.5, 2.5], "b": ["x", "y"]}')
    assert resolve(path).read().frame.rows() == [(1.5, "x"), (2.5, "y")]


ROWS = "姓名,城市\n张三,北京\n李四,上海\n王五,广州\n"


def mixed(*lines: tuple[str, str]) -> bytes:
    return b"\n".join(text.encode(encoding) for text, encoding in lines) + b"\n"


def test_mixed_encodings_are_told_with_line_bytes_and_the_option(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [("姓名,城市", "utf-8"), ("张三,北京", "utf-8"), ("李四,上海", "gb18030"),
             ("王五,广州", "utf-8")]  # fmt: skip
    path.write_bytes(mixed(*lines))
    wrong = "李四,上海".encode("gb18030")[:4].hex(" ")
    with pytest.raises(DataError, match=f"3 line.*1 are not.*line 3.*{wrong}.*utf-8, gb18030"):
        Csv(str(path)).read()
    frame = Csv(str(path), encoding="utf-8, gb18030").read().frame
    assert frame["城市"].to_list() == ["北京", "上海", "广州"]
    path.write_bytes(mixed(("姓名,城市", "gb18030"), ("张三,北京", "gb18030"),
                           ("李四,上海", "gb18030"), ("王五,广州市", "utf-8")))  # fmt: skip
    with pytest.raises(DataError, match=r"1 line.*3 are not.*line 4"):
        Csv(str(path)).read()
    path.write_bytes(mixed(("a,b", "utf-8"), ("1,café", "utf-8"), ("2,café", "cp1252")))
    with pytest.raises(DataError, match=r"line 3.*e9.*utf-8, cp1252"):
        Csv(str(path)).read()
    assert Csv(str(path), encoding="utf-8, cp1252").read().frame["b"].unique().to_list() == ["café"]
    with pytest.raises(DataError, match="line 3: byte e9 is not utf-8 / ascii"):
        Csv(str(path), encoding="utf-8, ascii").read()
    with pytest.raises(DataError, match="'utf-88' is not an encoding"):
        Csv(str(path), encoding="utf-88, ascii").read()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"])
def test_one_encoding_is_recognised(encoding: str) -> None:
    assert to_utf8(ROWS.encode(encoding), "a.csv")[0].decode() == ROWS


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised(encoding: str) -> None:
    plain = "name,city\nAnna,Bern\nBob,Aix\n"
    assert to_utf8(plain.encode(encoding), "a.csv") == (plain.encode(), encoding)


def passes_as_utf8(text: str) -> bool:
    """Tell whether GB18030 bytes happen to be UTF-8 too, as those of 一 are."""
    try:
        text.encode("gb18030").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


HAN = st.text(st.sampled_from("的一是不了人我在有他这中大来上国和说们为子你时道出而要于就下得可"),
              min_size=3, max_size=12)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(HAN, min_size=1, max_size=6))
def test_chinese_in_one_encoding_is_never_called_mixed(lines: list[str]) -> None:
    whole = "\n".join(lines)
    assume(not passes_as_utf8(whole))
    for encoding in ("utf-8", "gb18030"):
        read, _ = to_utf8(whole.encode(encoding), "a.txt")
        assert read.decode() == whole


@settings(max_examples=40, deadline=None)
@given(st.lists(HAN, min_size=1, max_size=4), st.lists(HAN, min_size=1, max_size=4))
def test_lines_of_both_are_always_called_mixed(ours: list[str], theirs: list[str]) -> None:
    assume(not any(passes_as_utf8(line) for line in theirs))
    data = "\n".join(ours).encode() + b"\n" + "\n".join(theirs).encode("gb18030")
    with pytest.raises(DataError, match="mixes encodings"):
        to_utf8(data, "a.txt")
    whole = "\n".join([*ours, *theirs])
    assert to_utf8(data, "a.txt", "utf-8, gb18030")[0].decode() == whole


def test_tables_are_parsed_by_their_names() -> None:
    file = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_parquet(file)
    assert parse_as("x/y.parquet", file.getvalue()).rows() == [(1,)]
    assert parse_as("y.tsv", b"a\tb\n1\t2\n").columns == ["a", "b"]
    with pytest.raises(DataError, match=r"y\.docx"):
        parse_as("y.docx", b"x")
    with pytest.raises(NotImplementedError):
        TableFile("a").parse(b"x", "a")


def test_more_names_of_tables_are_known(tmp_path: Path) -> None:
    for name, text in (("a.tab", "a\tb\n1,5\t2\n"), ("a.psv", "a|b\n1,5|2\n")):
        (tmp_path / name).write_text(text)
        assert resolve(name, base=tmp_path).read().schema.names == ("a", "b")
