"""DICOM files as rows: tags, pictures, files as they are, and what cannot be read."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

import polars as pl
import pydicom.data
import pytest
from tests.contracts.source_contract import SourceContract

from lingqu.core import catalog
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Source
from lingqu.data.dicom import DicomFolder
from lingqu.govern.privacy.mask import Mask
from lingqu.govern.privacy.strip_metadata import StripMetadata
from lingqu.release.media import measure, pixels

FILES = Path(pydicom.data.__file__).parent / "test_files"
NAMES = ("CT_small", "MR_small", "SC_rgb_jpeg_dcmtk", "examples_overlay", "rtplan")


def folder(path: Path, names: tuple[str, ...] = NAMES) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(FILES / f"{name}.dcm", path)
    return path


class TestDicomFolder(SourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        return DicomFolder(str(folder(tmp_path / "a")))

    @pytest.fixture
    def changed(self, tmp_path: Path) -> Source:
        return DicomFolder(str(folder(tmp_path / "b", NAMES[:3])))

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Source:
        return DicomFolder(str(tmp_path / "none"))


def test_tags_become_columns_and_pixels_a_grey_picture(tmp_path: Path) -> None:
    source: DicomFolder = catalog.build("sources", "dicom", str(folder(tmp_path)))
    data = source.read()
    assert data.frame["Modality"].to_list() == ["CT", "MR", "OT", "MR", "RTPLAN"]
    assert data.schema["image"].shape == (64, 64)
    assert data.frame["image"].is_null().to_list() == [False, False, False, False, True]
    assert data.schema["image"].nullable
    first = data.frame["image"][0].to_numpy()
    assert (first.min(), first.max()) >= (0, 200)
    assert "DICOM element Modality" in data.schema["Modality"].reason
    small = DicomFolder(str(tmp_path), tags=["Modality"], size=(8, 9)).read()
    assert small.frame.columns == ["image", "Modality"]
    assert small.frame["image"].dtype == pl.Array(pl.UInt8, (8, 9))


def test_patients_are_masked_like_any_other_column(tmp_path: Path) -> None:
    data = DicomFolder(str(folder(tmp_path, NAMES[:2]))).read()
    step = Mask()
    step.fit(data)
    assert "PatientName" in step.state["columns"]
    assert "CompressedSamples" not in str(step.apply(data).frame["PatientName"].to_list())


def test_files_can_stay_files_to_be_stripped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINGQU_MASK_KEY", "a secret of enough length")
    data = DicomFolder(str(folder(tmp_path, NAMES[:2])), tags=[], pixels=False).read()
    assert data.frame["image"].to_list()[0] == (tmp_path / "CT_small.dcm").read_bytes()
    step = StripMetadata()
    step.fit(data)
    assert all(b"CompressedSamples" not in cell for cell in step.apply(data).frame["image"])


def test_a_broken_file_is_refused_or_listed(tmp_path: Path) -> None:
    folder(tmp_path, NAMES[:2])
    (tmp_path / "zz.dcm").write_bytes(b"nothing")
    with pytest.raises(DataError) as caught:
        DicomFolder(str(tmp_path)).read()
    assert caught.value.key == "dicom.unreadable" and caught.value.facts["files"] == "zz.dcm"
    data: Dataset = DicomFolder(str(tmp_path), skip_unreadable=True).read()
    assert len(data) == 2 and data.facts["unreadable"] == ["zz.dcm"]
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "zz.dcm").write_bytes(b"nothing")
    with pytest.raises(DataError):
        DicomFolder(str(tmp_path / "only"), skip_unreadable=True).read()


def test_a_tag_that_does_not_exist_is_refused_with_near_names(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="PatientName"):
        DicomFolder(str(folder(tmp_path)), tags=["PatientNam"]).read()


def test_a_folder_without_dicom_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(DataError) as caught:
        DicomFolder(str(tmp_path)).read()
    assert caught.value.key == "dicom.none"


def test_a_file_that_is_sent_becomes_the_picture_that_was_learnt(tmp_path: Path) -> None:
    place = folder(tmp_path, ("CT_small", "MR_small", "SC_rgb_jpeg_dcmtk"))
    learnt = DicomFolder(str(place), size=(32, 48)).read().frame["image"]
    files = [file.read_bytes() for file in sorted(place.iterdir())]
    for sent in (pl.Series(files), pl.Series([str(file) for file in sorted(place.iterdir())])):
        assert (pixels(sent, (32, 48)) == learnt.to_numpy()).all()
    assert measure(BytesIO(files[0])) == (128, 128, 1)


@pytest.mark.parametrize("name", ["rtplan", "MR_truncated"])
def test_a_file_without_a_picture_is_refused_as_one(name: str) -> None:
    with pytest.raises(DataError) as caught:
        pixels(pl.Series("scan", [(FILES / f"{name}.dcm").read_bytes()]), (8, 8))
    assert caught.value.key == "data.picture_unreadable" and "scan" in str(caught.value)
