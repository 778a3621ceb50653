"""Pictures in a folder or an archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.schema import Column, because
from lingqu.data.entries import Entry
from lingqu.data.media import MediaFolder, cells
from lingqu.data.pictures import compromise
from lingqu.data.texts import IMAGES
from lingqu.release.media import measure


@dataclass
class ImageFolder(MediaFolder):
    """Pictures as ``<folder>/<class>/<picture>`` or with a table: columns ``image`` and ``label``.

    A local picture is kept as its path; one from an archive or a URL as its bytes.

    Args:
        path: A folder or an archive, local or behind a URL.
        label: Name of the label column.
        labels: ``auto``, ``folder``, ``none`` or the path of a table; see `MediaFolder`.
        file: Column of that table that names the files.
        names: Whether to keep the names of the files.
        skip_unreadable: Leave out pictures that cannot be decoded, and list them in the facts,
            instead of refusing the folder.
        skip_unlabelled: Leave out pictures that the table does not name.
        max_mb: Megabytes that may come out of an archive or a URL.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
        size: Height and width to bring pictures to; the size they share, else a compromise of
            at most 64 × 64, when omitted.
    """

    column: ClassVar[str] = "image"
    suffixes: ClassVar[tuple[str, ...]] = IMAGES
    size: tuple[int, int] | None = None

    def look(self, entry: Entry) -> tuple[int, int, int]:
        """Return the measures of one picture, decoded whole."""
        return measure(entry.file)

    def cells(self, kept: Sequence[Entry], seen: Sequence[Any]) -> tuple[Column, pl.Series]:
        """Return the column ``image``."""
        shape = compromise(seen)
        if self.size is not None:
            shape = (*self.size, *shape[2:])
        why = because("data.reason_picture_files")
        column = Column("image", "image", shape=shape, low=0.0, high=255.0, **why)
        return column, cells("image", kept)

    def refused(self, count: int, names: str, problem: str) -> DataError:
        """Word that pictures cannot be decoded."""
        return DataError("data.pictures_unreadable", count=count, path=self.path, files=names)

    def _nothing(self) -> DataError:
        return DataError("data.no_pictures", path=self.path, expected=", ".join(IMAGES))
