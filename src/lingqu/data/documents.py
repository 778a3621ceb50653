"""Text files in a folder or an archive: one row for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.schema import Column, because
from lingqu.data.encoding import to_utf8
from lingqu.data.endings import TEXTS
from lingqu.data.entries import Entry
from lingqu.data.media import MediaFolder


@dataclass
class TextFolder(MediaFolder):
    """Texts as ``<folder>/<class>/<text>.txt`` or with a table: columns ``text`` and ``label``.

    The encoding of each file is told by itself, and the facts say how many were in which.

    Args:
        path: A folder or an archive, local or behind a URL.
        label: Name of the label column.
        labels: ``auto``, ``folder``, ``none`` or the path of a table; see `MediaFolder`.
        file: Column of that table that names the files.
        names: Whether to keep the names of the files.
        skip_unreadable: Leave out files that are empty, no text or in no known encoding, and
            list them in the facts, instead of refusing the folder.
        skip_unlabelled: Leave out files that the table does not name.
        max_mb: Megabytes that may come out of an archive or a URL.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
        encoding: As that of CSV.
    """

    column: ClassVar[str] = "text"
    suffixes: ClassVar[tuple[str, ...]] = TEXTS
    encoding: str = "auto"

    def look(self, entry: Entry) -> tuple[str, str]:
        """Return text and encoding of one file."""
        data = entry.content()
        if not data.strip():
            raise OSError(f"{entry.name}: 0 B")
        text, encoding = to_utf8(data, entry.name, self.encoding)
        return text.decode(), encoding

    def cells(self, kept: Sequence[Entry], seen: Sequence[Any]) -> tuple[Column, pl.Series]:
        """Return the column ``text``."""
        column = Column("text", "text", **because("collect.reason_texts"))
        return column, pl.Series("text", [text for text, _ in seen], dtype=pl.String)

    def facts(self, seen: Sequence[Any]) -> dict[str, Any]:
        """Return how many files were in which encoding."""
        return {"encodings": dict(sorted(Counter(name for _, name in seen).items()))}

    def refused(self, count: int, names: str, problem: str) -> DataError:
        """Word that texts cannot be read."""
        return DataError(
            "collect.texts_unreadable", count=count, path=self.path, files=names, problem=problem
        )
