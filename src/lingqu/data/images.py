"""A folder of pictures with one folder per class."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import polars as pl

from lingqu.core import digest
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema, because
from lingqu.data import files
from lingqu.data.pictures import compromise
from lingqu.data.roles import order_levels
from lingqu.data.texts import IMAGES
from lingqu.release.media import measure


@dataclass
class ImageFolder:
    """Pictures as ``<folder>/<class>/<picture>``: columns ``image`` (path) and ``label``.

    Args:
        path: The folder.
        size: Height and width to bring pictures to; the size they share, else a compromise of
            at most 64 × 64, when omitted.
        label: Name of the label column.
        skip_unreadable: Leave out pictures that cannot be decoded, and list them in the facts,
            instead of refusing the folder.
    """

    main: ClassVar[str] = "path"
    path: str
    size: tuple[int, int] | None = None
    label: str = "label"
    skip_unreadable: bool = False

    def read(self) -> Dataset:
        """Find and open every picture once, so that a broken one is known before training.

        Raises:
            DataError: No pictures, or some that are empty or broken, with their names.
        """
        folder = Path(self.path).resolve()
        found = self._pictures()
        sizes, whole, broken = [], [], []
        for picture in found:
            try:
                sizes.append(measure(picture))
                whole.append(picture)
            except OSError:
                broken.append(picture.relative_to(folder).as_posix())
        if not whole or (broken and not self.skip_unreadable):
            names = ", ".join(broken[:10]) + (" …" if len(broken) > 10 else "")
            raise DataError(
                "data.pictures_unreadable", count=len(broken), path=self.path, files=names
            )
        shape = compromise(sizes)
        if self.size is not None:
            shape = (*self.size, *shape[2:])
        labels = [picture.parent.name for picture in whole]
        frame = pl.DataFrame({"image": [str(picture) for picture in whole], self.label: labels})
        schema = _schema(self.label, shape, labels)
        facts = {"source": self.path, "files": len(whole), "unreadable": broken}
        # The digest stands for what the pictures show, not for where they lie.
        shown = [
            [picture.relative_to(folder).as_posix(), files.content(picture)] for picture in whole
        ]
        frozen = digest.of_json({"pictures": shown, "shape": shape, "label": self.label})
        return Dataset(frame, schema, folder.name, frozen, facts)

    def fingerprint(self) -> str:
        """Return a digest of names and contents; unchanged files are not read again."""
        folder = Path(self.path).resolve()
        parts = [
            [picture.relative_to(folder).as_posix(), files.content(picture)]
            for picture in self._pictures()
        ]
        return digest.of_json({"pictures": parts, "size": self.size, "label": self.label})

    def _pictures(self) -> list[Path]:
        folder = Path(self.path).resolve()
        if not folder.is_dir():
            raise files.missing(self.path)
        found = sorted(
            file
            for kind in folder.iterdir()
            if kind.is_dir() and not kind.name.startswith(".")
            for file in kind.iterdir()
            if file.suffix.lower() in IMAGES and not file.name.startswith(".")
        )
        if not found:
            raise DataError("data.no_pictures", path=self.path, expected=", ".join(IMAGES))
        return found


def _schema(label: str, shape: tuple[int, ...], labels: list[str]) -> Schema:
    levels = order_levels(labels)
    why = because("data.reason_picture_files")
    image = Column("image", "image", shape=shape, low=0.0, high=255.0, **why)
    return Schema(
        (image, Column(label, "category", levels=levels, **because("data.reason_folders")))
    )
