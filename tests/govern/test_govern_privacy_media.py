"""Metadata is taken out of pictures and DICOM files; the pixels stay as they were encoded."""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pydicom.data
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo
from pydicom import dcmread

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.core.surroundings import Surroundings
from lingqu.govern.privacy import dicom_files, picture_files, tiff_files
from lingqu.govern.privacy.picture_files import BadPicture, cleaned, kind_of
from lingqu.govern.privacy.strip_metadata import StripMetadata
from lingqu.release.prepare import restore_operators, save_operators
from lingqu.store import vault
from lingqu.store.vault import MaskKey

KEY = MaskKey(b"a secret of enough length")
DICOM = Path(pydicom.data.__file__).parent / "test_files"
ARTIST, TURN, GPS = 0x013B, 0x0112, 0x8825
PRIVATE = b"Ann Example"


def picture(kind: str, turn: int = 6, **extra: Any) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 255, (12, 18, 3)).astype(np.uint8)
    exif = Image.Exif()
    exif[ARTIST] = PRIVATE.decode()
    exif[TURN] = turn
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 51.0, 29.0), 29: "2024:05:03"})
    out = BytesIO()
    if kind == "png":
        text = PngInfo()
        text.add_text("Author", PRIVATE.decode())
        text.add_itxt("XML:com.adobe.xmp", "<x>Ann Example</x>")
        extra["pnginfo"] = text
    if kind in ("jpeg", "webp"):
        extra["xmp"] = b"<x>Ann Example</x>"
    if kind == "jpeg":
        extra["comment"] = PRIVATE
    Image.fromarray(pixels).save(out, kind, exif=exif, **extra)
    return out.getvalue()


def seen(data: bytes) -> np.ndarray[Any, Any]:
    with Image.open(BytesIO(data)) as image:
        image.load()
        return np.asarray(ImageOps.exif_transpose(image))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
@pytest.mark.parametrize("turn", [1, 6])
def test_nobody_is_left_and_the_picture_is_the_same(kind: str, turn: int) -> None:
    data = picture(kind, turn)
    assert kind_of(data) == kind and PRIVATE in data
    made, gone = cleaned(data)
    assert gone and PRIVATE not in made and b"2024:05:03" not in made
    assert np.array_equal(seen(made), seen(data))
    with Image.open(BytesIO(made)) as image:
        exif = image.getexif()
        assert ARTIST not in exif and not exif.get_ifd(GPS)
        assert exif.get(TURN, 1) == turn
    assert cleaned(made) == (made, [])


def test_a_progressive_picture_and_what_hangs_behind_it() -> None:
    data = picture("jpeg", 1, progressive=True, icc_profile=b"p" * 300)
    made, gone = cleaned(data + b"PK\x03\x04 Ann Example")
    assert "data behind the picture" in gone and PRIVATE not in made
    assert b"ICC_PROFILE" in made and np.array_equal(seen(made), seen(data))
    png, gone = cleaned(picture("png") + PRIVATE)
    assert "data behind the picture" in gone and PRIVATE not in png
    webp, gone = cleaned(picture("webp") + PRIVATE)
    assert "data behind the picture" in gone and PRIVATE not in webp


def test_a_picture_without_metadata_is_not_touched() -> None:
    for kind in ("jpeg", "png", "webp", "tiff"):
        out = BytesIO()
        Image.new("L", (5, 4)).save(out, kind)
        assert cleaned(out.getvalue())[0] == out.getvalue()
    assert cleaned(b"BM an old bitmap") == (b"BM an old bitmap", [])


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
def test_a_broken_picture_is_refused(kind: str) -> None:
    data = picture(kind)
    for size in (12,) if kind == "tiff" else (12, 40, len(data) // 3):
        with pytest.raises(BadPicture):
            cleaned(data[:size])


@given(st.sampled_from(["jpeg", "png", "webp", "tiff"]), st.integers(0, 2000), st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_any_damage_is_refused_or_survived(kind: str, place: int, byte: int) -> None:
    data = bytearray(picture(kind))
    data[place % len(data)] = byte
    try:
        made, _ = cleaned(bytes(data))
    except BadPicture:
        return
    assert isinstance(made, bytes)


def test_directories_that_point_at_themselves_end() -> None:
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    loop = b"II*\x00" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 8)
    made, gone = tiff_files.cleaned(loop)
    assert gone == ["exif"] and len(made) == len(loop)
    assert tiff_files.orientation(loop) == 0


@pytest.mark.parametrize("order", ["<", ">"])
def test_directories_below_are_overwritten_with_all_they_hold(order: str) -> None:
    def entry(tag: int, kind: int, count: int, value: int) -> bytes:
        return struct.pack(order + "HHII", tag, kind, count, value)

    head = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(order + "I", 8)
    width = entry(0x0100, 4, 1, 7)
    first = struct.pack(order + "H", 3) + width + entry(ARTIST, 2, 11, 80) + entry(GPS, 4, 1, 50)
    below = struct.pack(order + "H", 1) + entry(29, 2, 11, 100) + bytes(4)
    data = (head + first + bytes(4)).ljust(50, b"\x00") + below
    data = data.ljust(80, b"\x00") + PRIVATE + bytes(9) + b"2024:05:03\x00" + b"pixels"
    made, gone = tiff_files.cleaned(data)
    assert sorted(gone) == ["artist", "gps"] and len(made) == len(data)
    assert PRIVATE not in made and b"2024" not in made and made.endswith(b"pixels")
    assert made[50:68] == bytes(18)
    assert width in made and struct.unpack_from(order + "H", made, 8)[0] == 1
    assert tiff_files.orientation(head + struct.pack(order + "H", 0) + bytes(4)) == 0


def test_a_png_chunk_of_ones_own_is_taken_out() -> None:
    data = picture("png", 1)
    body = b"prIvAnn Example"
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    made, gone = cleaned(data[:33] + chunk + data[33:])
    assert "prIv" in gone and PRIVATE not in made


def dataset(cells: list[Any], dtype: Any = pl.Binary) -> Dataset:
    frame = pl.DataFrame({"photo": pl.Series(cells, dtype=dtype)})
    return Dataset(frame, Schema((Column("photo", "image", shape=(12, 18, 3)),)))


def test_the_operator_strips_bytes_and_files_and_tells_what_it_took(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(picture("jpeg"))
    step = StripMetadata()
    for data in (dataset([picture("png"), None, picture("webp")]), dataset([str(path)], pl.String)):
        step.fit(data)
        after = step.apply(data)
        held = after.frame["photo"].to_list()
        assert after.frame["photo"].dtype == pl.Binary
        assert all(cell is None or PRIVATE not in cell for cell in held)
    report = step.report()
    assert (report["files"], report["changed"], report["formats"]) == (1, 1, {"jpeg": 1})
    assert report["removed"] == {"comment": 1, "exif": 1, "xmp": 1}
    assert path.read_bytes() == picture("jpeg")
    assert "metadata stripped" in after.schema["photo"].reason
    (again,) = restore_operators(save_operators([step]))
    assert again.apply(data).frame.equals(after.frame)


def test_pixels_have_no_metadata_and_are_left_alone() -> None:
    frame = pl.DataFrame({"photo": pl.Series([[[1, 2]]], dtype=pl.Array(pl.UInt8, (1, 2)))})
    data = Dataset(frame, Schema((Column("photo", "image", shape=(1, 2)),)))
    step = StripMetadata()
    step.fit(data)
    assert step.apply(data).frame.equals(frame)
    assert step.report()["files"] == 0


def test_what_cannot_be_read_is_refused_with_its_row(tmp_path: Path) -> None:
    step = StripMetadata()
    broken = dataset([picture("png"), picture("png")[:50]])
    step.fit(broken)
    with pytest.raises(DataError) as caught:
        step.apply(broken)
    assert caught.value.facts["row"] == 2 and caught.value.facts["column"] == "photo"
    absent = dataset([str(tmp_path / "none.jpg")], pl.String)
    step.fit(absent)
    with pytest.raises(DataError) as caught:
        step.apply(absent)
    assert caught.value.key == "govern.unread_media" and caught.value.facts["row"] == 1


FILES = sorted(
    path
    for path in DICOM.glob("*.dcm")
    if path.stat().st_size < 50_000
    and path.stem
    not in ("ExplVR_BigEndNoMeta", "ExplVR_LitEndNoMeta", "no_meta", "rtstruct")  # no header
)


def read(data: bytes) -> pydicom.Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dcmread(BytesIO(data))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_no_patient_is_left_in_the_test_files_of_pydicom(path: Path) -> None:
    data = path.read_bytes()
    done = dicom_files.cleaned(data, KEY)
    assert list(dicom_files.named(done.data)) == []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of old files, when their elements are looked at
        compare(data, done.data)


def compare(data: bytes, made: bytes) -> None:
    before, after = read(data), read(made)
    assert after.PatientIdentityRemoved == "YES"
    assert not any(element.tag.is_private for element in after.iterall())
    if "PixelData" in before:
        assert after.PixelData == before.PixelData
        assert after.get("Rows") == before.get("Rows")
    name = str(before.get("PatientName", ""))
    if len(name) > 4:
        assert name.encode() not in made


def test_identifiers_are_replaced_alike_in_all_files_of_one_key() -> None:
    one = (DICOM / "rtdose.dcm").read_bytes()
    first, again, other = (
        read(dicom_files.cleaned(one, key).data)
        for key in (KEY, KEY, MaskKey(b"another key, also long"))
    )
    before = read(one)
    assert first.StudyInstanceUID.startswith("2.25.") and len(first.StudyInstanceUID) <= 64
    assert first.StudyInstanceUID == again.StudyInstanceUID != other.StudyInstanceUID
    assert first.PatientID == again.PatientID != other.PatientID
    assert first.SOPClassUID == before.SOPClassUID
    assert first.file_meta.MediaStorageSOPInstanceUID == first.SOPInstanceUID
    nested = read(dicom_files.cleaned((DICOM / "rtplan.dcm").read_bytes(), KEY).data)
    referenced = nested.ReferencedStructureSetSequence[0].ReferencedSOPInstanceUID
    assert referenced.startswith("2.25.")


def test_what_a_model_needs_can_stay_and_burned_in_text_is_told() -> None:
    data = (DICOM / "MR_small.dcm").read_bytes()
    kept = read(dicom_files.cleaned(data, KEY, frozenset({"PatientSex", "PatientWeight"})).data)
    assert (kept.PatientSex, float(kept.PatientWeight)) == ("F", 80.0)
    bare = read(dicom_files.cleaned(data, KEY).data)
    assert not bare.PatientSex and "PatientWeight" not in bare
    dicom = read(data)
    for said, modality, expected in (("YES", "MR", "yes"), ("", "US", "unknown"), ("", "MR", "no")):
        dicom.BurnedInAnnotation, dicom.Modality = said, modality
        assert dicom_files.burned_in(dicom) == expected


def test_dicom_files_in_a_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = dataset([(DICOM / "CT_small.dcm").read_bytes(), (DICOM / "MR_small.dcm").read_bytes()])
    monkeypatch.delenv("LINGQU_MASK_KEY", raising=False)
    with pytest.raises(DataError) as caught:
        StripMetadata(key="nobody-made-this").fit(data)
    assert caught.value.key == "privacy.no_key"
    vault.remember(tmp_path)
    step = StripMetadata(key="scans")
    step.settle(Surroundings(keys=tmp_path))
    step.fit(data)
    assert vault.names(tmp_path) == ["scans"]
    after = step.apply(data).frame["photo"].to_list()
    assert b"CompressedSamples" not in after[0]
    report = step.report()
    assert report["formats"] == {"dicom": 2} and report["burned_in"] == {"no": 2}
    assert report["removed"]["PatientName"] == 2 and report["removed"]["identifiers"] == 2
    path = tmp_path / "x.dcm"
    path.write_bytes((DICOM / "CT_small.dcm").read_bytes())
    named = dataset([str(path)], pl.String)
    step.fit(named)
    assert step.apply(named).frame["photo"].to_list() == after[:1]


def test_a_file_that_is_no_dicom_is_refused() -> None:
    for data in (b"", b"x" * 200, (DICOM / "CT_small.dcm").read_bytes()[:140]):
        with pytest.raises(BadPicture):
            dicom_files.cleaned(data + b"\x01", KEY)
    assert picture_files.kind_of(b"\0" * 128 + b"DICM") == "dicom"
