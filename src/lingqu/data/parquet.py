"""Parquet files, one or many, local or behind a URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Kind
from lingqu.data import files
from lingqu.data.infer import typed


@dataclass
class Parquet:
    """A Parquet file, or several of the same columns behind a pattern.

    Args:
        path: Local path, pattern or URL.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    main: ClassVar[str] = "path"
    path: str
    storage: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def read(self) -> Dataset:
        """Read every file and infer the schema."""
        paths = files.expand(self.path, self.storage)
        frame = files.stack(paths, self._frame)
        if frame.height == 0:
            columns = ", ".join(frame.columns[:20])
            raise DataError("data.no_rows", path=self.path, columns=columns)
        return typed(
            frame,
            hints=self.kinds,
            name=files.stem(self.path),
            facts={"source": self.path, "files": len(paths)},
            base=None if files.is_url(self.path) else Path(paths[0]).parent,
            where=self.path,
        )

    def fingerprint(self) -> str:
        """Return a digest of the files' content and of the options."""
        return files.fingerprint(self.path, self.storage, kinds=self.kinds)

    def _frame(self, path: str) -> pl.DataFrame:
        data = files.load(path, self.storage)
        try:
            return pl.read_parquet(BytesIO(data))
        except (pl.exceptions.PolarsError, OSError) as error:
            problem = str(error).splitlines()[0][:200]
            raise DataError(
                "data.broken_file", path=path, kind="Parquet", problem=problem
            ) from error
