"""Archives: what is read, and what is refused with archive, member and limit."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.source_contract import SourceContract

from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data.archives import Limits, members, names
from lingqu.data.delimited import Csv
from lingqu.data.folder import Folder
from lingqu.data.inflate import Gauge, compression, inflate
from lingqu.data.resolve import resolve
from lingqu.data.unpack import unpack

ROWS = b"age,city\n41,Aix\n29,Bern\n"
SMALL = Limits(mb=1)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def everything(data: bytes, limits: Limits = SMALL) -> dict[str, bytes]:
    return dict(members(io.BytesIO(data), "a.bin", limits, lambda name: True))


PACKINGS = {
    "a.csv.gz": gzip.compress(ROWS),
    "a.csv.bz2": bz2.compress(ROWS),
    "a.csv.xz": lzma.compress(ROWS),
    "a.csv.zst": pa.Codec("zstd").compress(ROWS, asbytes=True),
    "a.csv.zip": zipped({"a.csv": ROWS}),
    "a.zip": zipped({"folder/a.csv": ROWS, "__MACOSX/folder/._a.csv": b"x", "readme.txt": b"hi"}),
    "a.tar": tarred({"a.csv": ROWS}),
    "a.tgz": tarred({"a.csv": ROWS}, "w:gz"),
    "a.tar.bz2": tarred({"a.csv": ROWS}, "w:bz2"),
    "a.tar.xz": tarred({"a.csv": ROWS}, "w:xz"),
    "a.tar.zst": pa.Codec("zstd").compress(tarred({"a.csv": ROWS}), asbytes=True),
}


@pytest.mark.parametrize("name", PACKINGS)
def test_one_table_in_every_packing_is_the_same_data(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PACKINGS[name])
    (tmp_path / "plain.csv").write_bytes(ROWS)
    plain = Csv(str(tmp_path / "plain.csv")).read()
    for source in (resolve(name, base=tmp_path), Folder(str(tmp_path / name))):
        if isinstance(source, Folder) and name.startswith("a.csv"):
            continue
        assert source.read().digest == plain.digest


@pytest.mark.parametrize("name", [n for n in PACKINGS if not n.endswith(".tar")])
def test_a_packing_that_was_cut_is_refused(tmp_path: Path, name: str) -> None:
    data = PACKINGS[name]
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match=name.replace(".", r"\.")):
        resolve(name, base=tmp_path).read()


# Zstandard carries a checksum only where its writer asked for one.
@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.bz2", "a.csv.xz", "a.csv.zip"])
def test_a_packing_with_wrong_bytes_is_refused(tmp_path: Path, name: str) -> None:
    data = bytearray(PACKINGS[name])
    data[len(data) // 2] ^= 0xFF
    (tmp_path / name).write_bytes(bytes(data))
    with pytest.raises(DataError, match="archive"):
        resolve(name, base=tmp_path).read()


def test_xz_streams_may_follow_one_another() -> None:
    both = lzma.compress(b"one,") + bytes(8) + lzma.compress(b"two")
    assert inflate(both, "xz", Gauge("a.xz", 10, 100)) == b"one,two"
    assert inflate(lzma.compress(b"one") + bytes(4), "xz", Gauge("a.xz", 10, 100)) == b"one"
    with pytest.raises(DataError, match="ends early"):
        inflate(lzma.compress(b"x" * 500)[:-20], "xz", Gauge("a.xz", 10, 1000))


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd"])
def test_a_bomb_is_stopped_by_what_comes_out(kind: str) -> None:
    pack = {
        "gzip": gzip.compress,
        "bzip2": bz2.compress,
        "xz": lzma.compress,
        "zstd": lambda data: pa.Codec("zstd").compress(data, asbytes=True),
    }[kind]
    bomb = pack(bytes(3_000_000))
    assert compression(bomb) == kind
    with pytest.raises(DataError, match=r"a\.bin.*passes 1 MB.*max_mb"):
        inflate(bomb, kind, Gauge("a.bin", len(bomb), 2**20))
    with pytest.raises(DataError, match=r"a.bin.*grown .* times"):
        inflate(bomb, kind, Gauge("a.bin", len(bomb), 2**30, spare=2**20))


@pytest.mark.parametrize("pack", [zipped, lambda files: tarred(files, "w:gz")])
def test_a_bomb_in_an_archive_names_its_member(pack: object) -> None:
    bomb = pack({"good.csv": ROWS, "bad/zeros.csv": bytes(3_000_000)})  # type: ignore[operator]
    with pytest.raises(DataError, match=r"bad/zeros\.csv.*1 MB"):
        everything(bomb)
    assert everything(bomb, Limits(mb=8))["good.csv"] == ROWS


def test_a_zip_whose_headers_lie_is_broken_not_believed() -> None:
    data = bytearray(zipped({"a.csv": bytes(300_000)}))
    real = (300_000).to_bytes(4, "little")
    while (place := data.find(real)) >= 0:
        data[place : place + 4] = (100).to_bytes(4, "little")
    with pytest.raises(DataError, match=r"a\.csv"):
        everything(bytes(data))


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/passwd", "a/../../b.csv", "C:/x.csv",
                                  "..\\evil.csv", "\\\\host\\x.csv"])  # fmt: skip
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    for data in (zipped({"a.csv": ROWS, name: b"x"}), tarred({"a.csv": ROWS, name: b"x"})):
        with pytest.raises(DataError, match=r"refused.*points outside the archive"):
            everything(data)
    before = set(os.listdir(tmp_path))
    (tmp_path / "a.zip").write_bytes(zipped({"a.csv": ROWS, name: b"x"}))
    with pytest.raises(DataError, match="refused"):
        resolve("a.zip", base=tmp_path).read()
    assert set(os.listdir(tmp_path)) == before | {"a.zip"}


@pytest.mark.parametrize(
    ("kind", "message"),
    [(tarfile.SYMTYPE, "is a link"), (tarfile.LNKTYPE, "is a link"), (tarfile.CHRTYPE, "device"),
     (tarfile.FIFOTYPE, "device"), (tarfile.GNUTYPE_SPARSE, "")],
)  # fmt: skip
def test_links_and_devices_are_refused(kind: bytes, message: str) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("odd")
        info.type, info.linkname = kind, "a.csv"
        archive.addfile(info)
    with pytest.raises(DataError, match=f"'odd'.*{message}"):
        everything(file.getvalue())


def test_links_in_a_zip_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, mode, message in (("link", 0o120777, ""), ("pipe", 0o010666, "")):
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, "a.csv" + message)
    with pytest.raises(DataError, match="'link' is a link"):
        everything(file.getvalue())


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_one_name_twice_too_many_files_and_passwords_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", ROWS)
        archive.writestr("./a.csv", ROWS)
    with pytest.raises(DataError, match=r"'a\.csv' twice"):
        everything(file.getvalue())
    many = {f"{number}.csv": b"" for number in range(5)}
    for data in (zipped(many), tarred(many)):
        with pytest.raises(DataError, match=r"more than 3 files \(the next is '3\.csv'\)"):
            everything(data, Limits(files=3))
    locked = bytearray(zipped({"a.csv": ROWS}, zipfile.ZIP_STORED))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.find(mark) + place] |= 1
    with pytest.raises(DataError, match=r"a\.csv' is behind a password"):
        everything(bytes(locked))


def test_what_is_no_archive_is_refused() -> None:
    for data in (b"", b"no archive at all" * 50, b"PK\x03\x04 but nothing more"):
        with pytest.raises(DataError, match="cannot be unpacked"):
            everything(data)


def test_names_of_old_chinese_zips_are_read() -> None:
    plain = zipped({"xx/yy.txt": b"x"})
    old = plain.replace(b"xx/yy.txt", "猫/一.txt".encode("gb18030"))
    assert list(everything(old)) == ["猫/一.txt"]
    assert list(everything(zipped({"猫/二.txt": b"x"}))) == ["猫/二.txt"]
    for name in ("Käfer1.tx", "狗/a.t"):
        unmarked = plain.replace(b"xx/yy.txt", name.encode().ljust(9, b"x")[:9])
        assert next(iter(everything(unmarked))).startswith(name[:4])


def test_only_the_first_names_are_asked_for() -> None:
    data = tarred({f"{number}.csv": b"x" for number in range(9)})
    assert names(io.BytesIO(data), "a.tar", SMALL, 3) == ["0.csv", "1.csv", "2.csv"]
    assert len(names(io.BytesIO(data), "a.tar", SMALL)) == 9


def test_several_tables_need_a_name_or_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(tarred({"1.csv": ROWS, "2.csv": ROWS}, "w:gz"))
    with pytest.raises(DataError, match=r"2 files: 1\.csv, 2\.csv"):
        resolve("a.tar.gz", base=tmp_path).read()
    assert len(resolve("a.tar.gz", {"member": "*.csv"}, tmp_path).read()) == 4
    assert len(resolve("a.tar.gz", {"member": "2.csv"}, tmp_path).read()) == 2
    (tmp_path / "b.zip").write_bytes(zipped({"a.csv": ROWS, "b.jsonl": b'{"a": 1}'}))
    with pytest.raises(DataError, match="several kinds"):
        resolve("b.zip", base=tmp_path)
    assert resolve("b.zip", {"member": "b.jsonl"}, tmp_path).read().schema.names == ("a",)
    assert resolve("b.zip", {"format": "csv", "member": "a.csv"}, tmp_path).read().frame.width == 2
    (tmp_path / "c.zip").write_bytes(zipped({}))
    with pytest.raises(DataError, match="0 files"):
        resolve("c.zip", base=tmp_path).read()


class TestArchiveOfTable(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        (tmp_path / "a.zip").write_bytes(zipped({"a.csv": ROWS}))
        return Folder(str(tmp_path / "a.zip"))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        (tmp_path / "b.zip").write_bytes(zipped({"a.csv": ROWS + b"3,Cadiz\n"}))
        return Folder(str(tmp_path / "b.zip"))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return Folder(str(tmp_path / "none.zip"))


NAMES = st.lists(st.text(alphabet="ab中/.", min_size=1, max_size=6), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(NAMES, st.booleans())
def test_no_name_gets_out_of_its_archive(found: list[str], zip_it: bool) -> None:
    unique = {name.rstrip("/") or "a": b"x" for name in found}
    data = zipped(unique) if zip_it else tarred(unique)
    try:
        read = everything(data)
    except DataError as error:
        assert error.key in ("collect.archive_unsafe", "collect.archive_twice")
        return
    for name in read:
        assert not name.startswith("/")
        assert ".." not in name.split("/")


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_that_are_not_packed_pass(data: bytes) -> None:
    if compression(data) or data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return
    assert unpack(data, "a.csv") == [("a.csv", data)]
