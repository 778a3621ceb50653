"""Take who, where and when out of pictures and DICOM files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Kind, Schema
from lingqu.govern.privacy import picture_files
from lingqu.govern.step import Step, chosen, swap
from lingqu.store import vault


@dataclass
class StripMetadata(Step):
    """Strip metadata from image columns of paths or bytes; travels, so outlets strip alike.

    Why: a picture tells where it was taken and by whom, and a DICOM file who lies on the table.
    Exif, GPS, XMP, IPTC, comments and whatever hangs behind a picture go; the encoded pixels, the
    colour profile and the tag that turns a picture stay. Of DICOM files the basic confidentiality
    profile is kept: identifiers become keyed hashes, alike in all files, private elements go, and
    pictures in which names may be burned in are reported, because only an eye can clean them.

    Args:
        columns: Image columns; all of them when empty.
        keep: Keywords of DICOM elements that stay, such as ``PatientSex``.
        key: Name of the key of DICOM identifiers in the workspace; see `mask`.
        key_variable: Environment variable that goes before it.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> data = Dataset(pl.DataFrame({"x": [b"BM"]}), Schema((Column("x", "image"),)))
        >>> step = StripMetadata()
        >>> step.fit(data)
        >>> step.apply(data).frame["x"].to_list()
        [b'BM']

    Source: Exif 2.32 (CIPA DC-008), ISO 16684 (XMP), ISO/IEC 15948 (PNG), RFC 9649 (WebP), TIFF
        6.0; DICOM PS3.15, annex E.
    """

    name: ClassVar[str] = "strip_metadata"
    main: ClassVar[str] = "columns"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"image"})

    columns: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    key: str = "mask"
    key_variable: str = "LINGQU_MASK_KEY"
    _seen: Any = field(default=None, init=False, repr=False, compare=False)
    _mask_key: Any = field(default=None, init=False, repr=False, compare=False)

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        names = [c.name for c in chosen(self.name, dataset.schema, self.columns, self.kinds)]
        state: dict[str, Json] = {"columns": names}
        if any(_holds_dicom(dataset.frame.get_column(name)) for name in names):
            if self.around.keys is not None and not vault.is_told(self.key_variable):
                key = vault.make(self.around.keys, self.key)
            else:
                key = vault.find(self.key, self.key_variable)
            state["key"] = key.fingerprint
        return state

    def prepare(self, schema: Schema) -> Schema:
        held = set(self.state.get("columns", ()))
        return Schema(
            tuple(c.noted("privacy.reason_stripped") if c.name in held else c for c in schema)
        )

    def transform(self, dataset: Dataset) -> Dataset:
        self._seen = Counter()
        changed = []
        for name in self.state.get("columns", ()):
            series = dataset.frame.get_column(name)
            if series.dtype in (pl.Binary, pl.String):
                changed.append(self._stripped(series))
        frame = swap(dataset.frame, changed)
        schema = self.plan(dataset.schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def _stripped(self, series: pl.Series) -> pl.Series:
        """Return the files of a column without metadata; what was base64 text stays as it is."""
        cells = [
            self._cell(cell, row, series.name) for row, cell in enumerate(series.to_list(), start=1)
        ]
        if series.dtype == pl.String and all(c is None or isinstance(c, str) for c in cells):
            return series
        return pl.Series(series.name, cells, dtype=pl.Binary)

    def _cell(self, cell: Any, row: int, name: str) -> bytes | str | None:
        if cell is None:
            return None
        data = _content(cell, row, name) if isinstance(cell, str) else cell
        kind = picture_files.kind_of(data)
        try:
            if kind == "dicom":
                made, gone = self._dicom(data)
            else:
                made, gone = picture_files.cleaned(data)
        except picture_files.BadPicture as error:
            raise DataError(
                "privacy.unreadable_media",
                column=name,
                row=row,
                why=f"{error}.",
                received=f"{len(data)} bytes of {kind or 'an unknown format'}",
            ) from error
        self._seen.update(["files", *(["changed"] if gone else []), f"format {kind or 'other'}"])
        self._seen.update(f"gone {what}" for what in set(gone))
        return made

    def _dicom(self, data: bytes) -> tuple[bytes, list[str]]:
        # pydicom is an extra: it is loaded where there is such a file.
        from lingqu.govern.privacy import dicom_files

        if self._mask_key is None:
            fingerprint = str(self.state.get("key", ""))
            self._mask_key = vault.find(self.key, self.key_variable, fingerprint)
        done = dicom_files.cleaned(data, self._mask_key, frozenset(self.keep))
        self._seen.update([f"burned {done.burned_in}"])
        return done.data, [*done.removed, *(["identifiers"] if done.replaced else [])]

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        seen: Counter[str] = self._seen or Counter()

        def of(prefix: str) -> dict[str, Json]:
            return {
                key.removeprefix(prefix): count
                for key, count in sorted(seen.items())
                if key.startswith(prefix)
            }

        return {
            "columns": list(self.state.get("columns", ())),
            "files": seen["files"],
            "changed": seen["changed"],
            "formats": of("format "),
            "removed": of("gone "),
            "burned_in": of("burned "),
        }


def _holds_dicom(series: pl.Series) -> bool:
    if series.dtype == pl.Binary:
        return any(cell is not None and picture_files.kind_of(cell) == "dicom" for cell in series)
    if series.dtype != pl.String:
        return False
    return any(_peek(cell) == "dicom" for cell in series.drop_nulls().to_list())


def _peek(cell: str) -> str:
    try:
        with Path(cell).open("rb") as file:
            return picture_files.kind_of(file.read(256))
    except (OSError, ValueError):
        return ""


def _content(cell: str, row: int, name: str) -> bytes:
    try:
        return Path(cell).read_bytes()
    except (OSError, ValueError) as error:
        raise DataError(
            "govern.unread_media", column=name, row=row, path=cell[:200], why=str(error)[:200]
        ) from error
