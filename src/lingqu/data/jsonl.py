"""JSON lines: one object per line."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import orjson
import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Kind
from lingqu.data import files
from lingqu.data.delimited import refuse_giants
from lingqu.data.encoding import to_utf8
from lingqu.data.infer import typed


@dataclass
class JsonLines:
    """A file of one JSON object per line, plain or gzipped, or several behind a pattern.

    Args:
        path: Local path, pattern or URL.
        encoding: ``auto`` tells UTF-8, UTF-16 and GB18030 apart.
        max_characters: A longer cell is refused.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    main: ClassVar[str] = "path"
    path: str
    encoding: str = "auto"
    max_characters: int = 500_000
    storage: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def read(self) -> Dataset:
        """Read every file and infer the schema."""
        paths = files.expand(self.path, self.storage)
        return typed(
            files.stack(paths, self._frame),
            hints=self.kinds,
            name=files.stem(self.path),
            facts={"source": self.path, "files": len(paths)},
            base=None if files.is_url(self.path) else Path(paths[0]).parent,
            where=self.path,
        )

    def fingerprint(self) -> str:
        """Return a digest of the files' content and of the options."""
        return files.fingerprint(self.path, self.storage, encoding=self.encoding, kinds=self.kinds)

    def _frame(self, path: str) -> pl.DataFrame:
        data = files.unpack(files.load(path, self.storage), path)
        frame = parse(to_utf8(data, path, self.encoding)[0], path)
        texts = frame.select(name for name, kind in frame.schema.items() if kind == pl.String)
        refuse_giants(texts, path, self.max_characters)
        return frame


def parse(data: bytes, path: str) -> pl.DataFrame:
    """Parse JSON lines; keys that a line lacks are missing values.

    Raises:
        DataError: Empty, or a line that is not a JSON object, with its number.

    Example:
        >>> parse(b'{"a": 1}\\n{"a": 2, "b": "x"}\\n', "a.jsonl").rows()
        [(1, None), (2, 'x')]
    """
    if not data.strip():
        raise DataError("data.empty_file", path=path)
    try:
        frame = pl.read_ndjson(BytesIO(data), infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError):
        # Slower, but it names the line, and lets a column of mixed types become text.
        frame = pl.DataFrame(_rows(data, path), infer_schema_length=None, strict=False)
    if frame.width == 0:
        raise DataError("data.no_rows", path=path, columns="—")
    return frame


def _rows(data: bytes, path: str) -> list[dict[str, Any]]:
    rows = []
    for line, words in enumerate(data.split(b"\n"), start=1):
        if not words.strip():
            continue
        try:
            row = orjson.loads(words)
        except orjson.JSONDecodeError as error:
            raise DataError("data.bad_json", path=path, row=line, problem=str(error)) from error
        if not isinstance(row, dict):
            problem = f"{type(row).__name__} {str(row)[:40]!r}"
            raise DataError("data.bad_json", path=path, row=line, problem=problem)
        rows.append(row)
    return rows
