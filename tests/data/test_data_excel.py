"""Spreadsheets written by openpyxl, and other formats written by hand."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.contracts.source_contract import SourceContract

from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data.excel import Excel
from lingqu.data.resolve import resolve

Sheet = Sequence[Sequence[Any]]
ROWS: Sheet = (("code", "age", "on"), ("007", 41, dt.date(2024, 1, 5)),
               ("010", 29.5, dt.date(2024, 1, 6)))  # fmt: skip


def book(path: Path, **sheets: Sheet) -> str:
    written = openpyxl.Workbook()
    written.remove(written.active)
    for name, rows in sheets.items():
        sheet = written.create_sheet(name)
        for row in rows:
            sheet.append(row)
    written.save(path)
    return str(path)


class TestExcel(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        return Excel(book(tmp_path / "a.xlsx", people=ROWS))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        return Excel(book(tmp_path / "b.xlsx", people=(*ROWS, ("011", 3, dt.date(2024, 1, 7)))))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return Excel(str(tmp_path / "none.xlsx"))


def test_cells_keep_what_they_mean(tmp_path: Path) -> None:
    dataset = resolve(book(tmp_path / "a.xlsx", people=ROWS)).read()
    assert dataset.frame["code"].to_list() == ["007", "010"]
    assert dataset.frame["age"].to_list() == [41.0, 29.5]
    assert dataset.frame["on"][0] == dt.datetime(2024, 1, 5)
    kinds = [column.kind for column in dataset.schema]
    assert kinds == ["category", "number", "datetime"]


def test_blank_rows_and_columns_are_no_data(tmp_path: Path) -> None:
    blank = (None, None, None)
    rows = (("a", None, "b"), (1.5, None, "x"), blank, (2.5, None, "y"), (" ", None, None))
    frame = Excel(book(tmp_path / "a.xlsx", s=rows)).read().frame
    assert frame.rows() == [(1.5, "x"), (2.5, "y")]
    bare = Excel(book(tmp_path / "b.xlsx", s=((1.5, "x"), (2.5, "y"))), header=0).read().frame
    assert (bare.columns, bare.height) == (["column_1", "column_2"], 2)


def test_sheets_are_chosen_by_name(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", one=ROWS, two=ROWS, empty=())
    with pytest.raises(DataError, match=r"2 sheets with rows: one, two.*sheet: one"):
        Excel(path).read()
    assert len(Excel(path, sheet="two").read()) == 2
    assert len(Excel(path, sheet="*").read()) == 4
    with pytest.raises(DataError, match=r"no sheet 'tow'. Near names: two"):
        Excel(path, sheet="tow").read()
    assert len(Excel(book(tmp_path / "b.xlsx", people=ROWS, notes=())).read()) == 2
    unlike = book(tmp_path / "c.xlsx", one=ROWS, two=(("code", "size"), ("1", 2)))
    with pytest.raises(DataError, match=r"c\.xlsx:two.*'age', 'on', 'size'"):
        Excel(unlike, sheet="*").read()
    with pytest.raises(DataError, match="is empty"):
        Excel(book(tmp_path / "d.xlsx", one=())).read()
    with pytest.raises(DataError, match="no rows"):
        Excel(book(tmp_path / "e.xlsx", one=(("a", "b"),))).read()
    with pytest.raises(DataError, match="the name 'a'"):
        Excel(book(tmp_path / "f.xlsx", one=(("a", "a"), (1, 2)))).read()


def test_merged_headers_are_refused_with_the_row_that_may_be_meant(tmp_path: Path) -> None:
    written = openpyxl.Workbook()
    sheet = written.active
    sheet.append(["Report 2024", None, None])
    sheet.merge_cells("A1:C1")
    for row in (("a", "b", "c"), (1.5, "x", 2.5), (3.5, "y", 4.5)):
        sheet.append(row)
    written.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match=r"place 2, 3.*Report 2024, —, —.*header: 2"):
        Excel(str(tmp_path / "a.xlsx")).read()
    assert Excel(str(tmp_path / "a.xlsx"), header=2).read().frame["a"].to_list() == [1.5, 3.5]


def test_broken_workbooks_are_refused(tmp_path: Path) -> None:
    path = Path(book(tmp_path / "a.xlsx", people=ROWS))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match="cannot be unpacked"):
        Excel(str(path)).read()
    (tmp_path / "b.xls").write_bytes(b"not a workbook")
    with pytest.raises(DataError, match=r"b\.xls' cannot be read as Excel"):
        Excel(str(tmp_path / "b.xls")).read()


def test_a_packed_workbook_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", people=ROWS)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", bytes(3_000_000))
    with pytest.raises(DataError, match=r"sheet9\.xml.*1 MB"):
        Excel(path, max_mb=1).read()
    assert len(Excel(path).read()) == 2


def test_workbooks_may_lie_in_archives(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", people=ROWS)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(path, "inner/a.xlsx")
    source = resolve(tmp_path / "b.zip")
    assert isinstance(source, Excel)
    assert source.read().digest == Excel(path).read().digest


CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="人员">
<table:table-row>
<table:table-cell office:value-type="string"><text:p>城市</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>age</text:p></table:table-cell>
</table:table-row>
<table:table-row>
<table:table-cell office:value-type="string"><text:p>北京</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="41.5">
<text:p>41.5</text:p></table:table-cell>
</table:table-row>
<table:table-row>
<table:table-cell office:value-type="string"><text:p>西安</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="29"><text:p>29</text:p></table:table-cell>
</table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def test_open_documents_are_read(tmp_path: Path) -> None:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", CONTENT.replace(">\n", ">"))
    frame = resolve(tmp_path / "a.ods").read().frame
    assert frame.rows() == [("北京", 41.5), ("西安", 29.0)]


def compound(streams: dict[str, bytes]) -> bytes:
    """Return a compound file ([MS-CFB]) of small streams in sectors of 512 bytes."""
    free, end, fat_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    fat, body = [fat_mark, end], b""
    entries = [("Root Entry", 5, 1 if streams else free, end, 0)]
    for place, (name, data) in enumerate(streams.items(), start=1):
        start, sectors = len(fat), -(-max(len(data), 4096) // 512)
        fat += [*range(start + 1, start + sectors), end]
        body += data.ljust(sectors * 512, b"\0")
        right = place + 1 if place < len(streams) else free
        entries.append((name, 2, right, start, max(len(data), 4096)))
    directory = b""
    for place, (name, kind, link, start, size) in enumerate(entries):
        raw = name.encode("utf-16-le") + b"\0\0"
        child, right = (link, free) if place == 0 else (free, link)
        directory += raw.ljust(64, b"\0") + struct.pack(
            "<HBBIII16sIQQIQ", len(raw), kind, 1, free, right, child, b"", 0, 0, 0, start, size
        )
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
        0, 1, 1, 0, 4096, end, 0, end, 0,
    )  # fmt: skip
    header += struct.pack("<109I", 0, *[free] * 108)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    return header + table + directory.ljust(512, b"\0") + body


def test_workbooks_behind_a_password_are_refused(tmp_path: Path) -> None:
    locked = compound({"EncryptionInfo": b"\x04\0\x04\0\x40\0\0\0", "EncryptedPackage": b"x" * 64})
    (tmp_path / "a.xlsx").write_bytes(locked)
    with pytest.raises(DataError, match=r"a\.xlsx' is behind a password"):
        Excel(str(tmp_path / "a.xlsx")).read()


def biff(*records: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in records)


def old_workbook(locked: bool) -> bytes:
    """Return a BIFF8 workbook ([MS-XLS]) of one sheet with a label over a number."""
    start = (0x0809, struct.pack("<HHHHII", 0x600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    lock = ((0x002F, struct.pack("<H", 1) + bytes(52)),) if locked else ()
    name = b"s"
    sheet = (0x0085, struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name)
    globals_ = biff(start, *lock, sheet, (0x000A, b""))
    offset = struct.pack("<I", len(globals_))
    place = globals_.index(struct.pack("<HH", 0x0085, len(sheet[1]))) + 4
    globals_ = globals_[:place] + offset + globals_[place + 4 :]
    label = struct.pack("<HHHHB", 0, 0, 0, 3, 0) + b"age"
    numbers = [(0x0203, struct.pack("<HHHd", row, 0, 0, 40.5 + row)) for row in (1, 2)]
    inner = (0x0809, struct.pack("<HHHHII", 0x600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    return globals_ + biff(inner, (0x0204, label), *numbers, (0x000A, b""))


def test_old_workbooks_are_read_and_their_passwords_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(compound({"Workbook": old_workbook(False)}))
    assert resolve(tmp_path / "a.xls").read().frame.rows() == [(41.5,), (42.5,)]
    (tmp_path / "b.xls").write_bytes(compound({"Workbook": old_workbook(True)}))
    with pytest.raises(DataError, match="behind a password"):
        Excel(str(tmp_path / "b.xls")).read()
