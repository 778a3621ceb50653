"""JSON lines: one object per line."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import orjson
import polars as pl

from lingqu.core.errors import DataError
from lingqu.data.delimited import refuse_giants
from lingqu.data.encoding import to_utf8
from lingqu.data.tables import TableFile


@dataclass
class JsonLines(TableFile):
    """A file of one JSON object per line, plain or compressed, or several behind a pattern.

    Args:
        path: Local path, pattern or URL.
        member: Which file of an archive, or a pattern with ``*``.
        encoding: As that of CSV.
        max_characters: A longer cell is refused.
        max_mb: Megabytes that may come out of one archive.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    encoding: str = "auto"
    max_characters: int = 500_000

    def parse(self, data: bytes, path: str) -> pl.DataFrame:
        """Return the rows of one file; see the function `parse`."""
        frame = parse(to_utf8(data, path, self.encoding)[0], path)
        refuse_giants(frame, path, self.max_characters)
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
