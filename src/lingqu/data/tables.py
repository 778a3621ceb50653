"""What the sources of table files share: where the bytes come from and how frames are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, cast

import polars as pl

from lingqu.core import catalog
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Kind
from lingqu.data import endings, files
from lingqu.data.archives import Limits, pick
from lingqu.data.entries import Entry
from lingqu.data.infer import typed
from lingqu.data.unpack import unpack


@dataclass
class TableFile:
    """A table file, several behind a pattern, or some inside an archive.

    Args:
        path: Local path, pattern or URL; compressed files and archives are unpacked.
        member: Which file of an archive, or a pattern with ``*``.
        max_mb: Megabytes that may come out of one archive.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    main: ClassVar[str] = "path"
    packs: ClassVar[bool] = True
    """Whether the files may lie compressed, or in an archive, whatever they are called."""
    path: str
    member: str = ""
    max_mb: float = 4096
    storage: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def parse(self, data: bytes, path: str) -> pl.DataFrame:
        """Return the rows of one file.

        Raises:
            DataError: What is wrong with it, and where.
        """
        raise NotImplementedError

    def read(self) -> Dataset:
        """Read every file and infer the schema.

        Raises:
            DataError: Missing, empty, broken … with file, row and column.
        """
        paths = files.expand(self.path, self.storage)
        base = None if files.is_url(self.path) else Path(paths[0]).parent
        return self._typed(files.stack(paths, self._frame), len(paths), base)

    def assemble(self, found: Sequence[Entry]) -> Dataset:
        """Return the dataset of files that were found in an archive or a remote folder."""
        by_name = {entry.name: entry for entry in found}
        if endings.archive(self.path):
            chosen = pick(list(by_name), self.path, self.member)
        else:
            chosen = [name for name in by_name if endings.table(name)]
        frame = files.stack(chosen, lambda name: self.rows(by_name[name].content(), name))
        return self._typed(frame, len(chosen), None)

    def fingerprint(self) -> str:
        """Return a digest of the files and of the options."""
        skipped = ("path", "storage")
        options = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in skipped}
        return files.fingerprint(self.path, self.storage, **options)

    def _frame(self, path: str) -> pl.DataFrame:
        return self.rows(files.load(path, self.storage), path)

    def rows(self, data: bytes, path: str) -> pl.DataFrame:
        """Return the rows of one file, unpacked first where it is compressed or an archive."""
        if not self.packs and not path.lower().endswith((*endings.PACKED, *endings.ARCHIVES)):
            return self.parse(data, path)
        parts = unpack(data, path, self.member, Limits(self.max_mb))
        shown = {name if name == path else f"{path}:{name}": part for name, part in parts}
        return files.stack(list(shown), lambda name: self.parse(shown[name], name))

    def _typed(self, frame: pl.DataFrame, count: int, base: Path | None) -> Dataset:
        if frame.height == 0:
            columns = listed(frame.columns, 20)
            raise DataError("data.no_rows", path=self.path, columns=columns)
        return typed(
            frame,
            hints=self.kinds,
            name=files.stem(self.path),
            facts={"source": self.path, "files": count},
            base=base,
            where=self.path,
        )


def parse_as(name: str, data: bytes, options: Mapping[str, Any] | None = None) -> pl.DataFrame:
    """Return the rows of a table file by what its name says it is.

    Raises:
        DataError: No source reads such a file, or its content is wrong.

    Example:
        >>> parse_as("labels.csv", b"file,label\\na.png,cat\\n").rows()
        [('a.png', 'cat')]
    """
    kind = endings.table(name)
    if not kind:
        known = ", ".join(endings.TABLES)
        raise DataError("data.unknown_source", where="labels", source=name, expected=known)
    source = catalog.build("sources", kind, {"path": name, **(options or {})})
    return cast(TableFile, source).rows(data, name)
