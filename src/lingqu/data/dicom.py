"""DICOM files in a folder or an archive: a row for each, with its tags and its picture."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from io import BytesIO
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset as Dicom
from pydicom import dcmread
from pydicom.datadict import DicomDictionary
from pydicom.errors import InvalidDicomError

from lingqu.core import digest
from lingqu.core.catalog import near
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.data import entries, files
from lingqu.data.archives import Limits
from lingqu.data.entries import Entry
from lingqu.data.infer import typed
from lingqu.release.dicom import picture as release_picture

TAGS = (
    "PatientID", "PatientName", "PatientSex", "PatientAge", "PatientBirthDate", "StudyDate",
    "Modality", "BodyPartExamined", "Manufacturer", "StudyDescription", "BurnedInAnnotation",
)  # fmt: skip
_KEYWORDS = frozenset(row[4] for row in DicomDictionary.values())


@dataclass
class DicomFolder:
    """DICOM files as rows: the columns `tags`, and `image`.

    What a file says of the patient becomes columns like any other, so `mask` and the residual scan
    see it. The pixels are decoded, windowed as the file asks, and brought to 0–255, one grey
    picture each; a file without pixels, or whose codec is not installed, has none.

    Args:
        path: A folder or an archive, local or behind a URL.
        tags: Keywords of the elements that become columns.
        pixels: Whether to decode the pictures; else `image` holds the files, for
            `strip_metadata`.
        size: Height and width to bring pictures to.
        suffixes: Endings of the files.
        skip_unreadable: Leave out files that cannot be read, and list them in the facts.
        max_mb: Megabytes that may come out of an archive or a URL.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.

    Source: DICOM PS3.3 C.11 (modality and value-of-interest tables), PS3.10 (files).
    """

    main: ClassVar[str] = "path"

    path: str
    tags: list[str] = field(default_factory=lambda: list(TAGS))
    pixels: bool = True
    size: tuple[int, int] = (64, 64)
    suffixes: list[str] = field(default_factory=lambda: [".dcm", ".dicom"])
    skip_unreadable: bool = False
    max_mb: float = 4096
    storage: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def read(self) -> Dataset:
        """Read every file once.

        Raises:
            SpecError: A tag is no DICOM keyword.
            DataError: There are no files, or some cannot be read.
        """
        for tag in self.tags:
            if tag not in _KEYWORDS:
                raise SpecError("dicom.bad_tag", tag=tag, near=near(tag, _KEYWORDS))
        found = entries.find(self.path, self.storage, self._wanted, Limits(self.max_mb))
        if not found:
            raise DataError("dicom.none", path=self.path, expected=", ".join(self.suffixes))
        kept, opened, broken = self._opened(found)
        frame = pl.DataFrame(
            {tag: [_text(dicom, tag) for dicom in opened] for tag in self.tags},
            schema=dict.fromkeys(self.tags, pl.String),
        )
        held = [tag for tag in self.tags if frame[tag].null_count() < frame.height]
        rest = typed(frame.select(held), hints=self.kinds, where=self.path) if held else None
        image, cells = self._images(kept, opened)
        series, columns = [cells], [image]
        if rest is not None:
            series += rest.frame.get_columns()
            columns += [c.noted("dicom.reason_tag", tag=c.name) for c in rest.schema]
        facts = {"source": self.path, "files": len(kept), "unreadable": broken}
        name = files.stem(self.path)
        return Dataset(
            pl.DataFrame(series), Schema(tuple(columns)), name, self._digest(kept), facts
        )

    def fingerprint(self) -> str:
        """Return a digest of names and contents."""
        parts = entries.fingerprint(self.path, self.storage, self._wanted)
        if not parts:
            raise DataError("dicom.none", path=self.path, expected=", ".join(self.suffixes))
        return digest.of_json({"files": parts, "options": self._options()})

    def _options(self) -> dict[str, Any]:
        skipped = ("path", "storage")
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in skipped}

    def _digest(self, kept: Sequence[Entry]) -> str:
        shown = [[entry.name, entry.digest()] for entry in kept]
        return digest.of_json({"files": shown, "options": self._options()})

    def _wanted(self, name: str) -> bool:
        return name.lower().endswith(tuple(ending.lower() for ending in self.suffixes))

    def _opened(self, found: Sequence[Entry]) -> tuple[list[Entry], list[Dicom], list[str]]:
        kept: list[Entry] = []
        opened: list[Dicom] = []
        broken: dict[str, str] = {}
        for entry in found:
            try:
                opened.append(_read(entry.content()))
                kept.append(entry)
            except (OSError, InvalidDicomError, ValueError, TypeError, AttributeError) as error:
                broken[entry.name] = str(error) or type(error).__name__
        if broken and (not self.skip_unreadable or not kept):
            raise DataError(
                "dicom.unreadable",
                count=len(broken),
                path=self.path,
                files=", ".join(list(broken)[:8]),
                problem=next(iter(broken.values()))[:200],
            )
        return kept, opened, sorted(broken)

    def _images(self, kept: Sequence[Entry], opened: Sequence[Dicom]) -> tuple[Column, pl.Series]:
        if not self.pixels:
            data = pl.Series("image", [entry.content() for entry in kept], dtype=pl.Binary)
            why = because("dicom.reason_files")
            return Column("image", "image", shape=self.size, low=0.0, high=255.0, **why), data
        pictures = [picture(dicom, self.size) for dicom in opened]
        cells = [None if found is None else found.tolist() for found in pictures]
        series = pl.Series("image", cells, dtype=pl.Array(pl.UInt8, self.size))
        why = because("dicom.reason_pixels")
        empty = bool(series.null_count())
        image = Column("image", "image", "feature", empty, (), self.size, 0.0, 255.0, **why)
        return image, series


def _read(data: bytes) -> Dicom:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
        dicom = dcmread(BytesIO(data))
        dicom.decode()
        list(dicom.iterall())
        return dicom


def _text(dicom: Dicom, tag: str) -> str | None:
    value = dicom.get(tag)
    text = "" if value is None else str(value).strip()
    return text or None


def picture(dicom: Dicom, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """Return the first frame of a file as grey values, windowed, in the wanted size.

    Args:
        dicom: The file.
        size: Height and width.

    Returns:
        uint8 of shape (H, W), None where there are no pixels or no codec for them.
    """
    grey = release_picture(dicom)
    if grey is None:
        return None
    return np.asarray(grey.resize((size[1], size[0]), Image.Resampling.BILINEAR), dtype=np.uint8)
