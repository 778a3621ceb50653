"""JSON files: one array of objects, or one object of columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import polars as pl

from lingqu.core.errors import DataError
from lingqu.data.delimited import refuse_giants
from lingqu.data.encoding import to_utf8
from lingqu.data.tables import TableFile


@dataclass
class JsonArray(TableFile):
    """A JSON file: ``[{…}, {…}]``, or ``{"column": [values], …}``.

    Args:
        path: Local path, pattern or URL.
        at: Where the rows lie in a larger document, such as ``response.items``.
        member: Which file of an archive, or a pattern with ``*``.
        encoding: As that of CSV.
        max_characters: A longer cell is refused.
        max_mb: Megabytes that may come out of one archive.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    at: str = ""
    encoding: str = "auto"
    max_characters: int = 500_000

    def parse(self, data: bytes, path: str) -> pl.DataFrame:
        """Return the rows of one document.

        Raises:
            DataError: It is no JSON, or holds no rows where they are looked for.

        Example:
            >>> JsonArray("a.json").parse(b'[{"a": 1}, {"a": 2, "b": "x"}]', "a.json").rows()
            [(1, None), (2, 'x')]
        """
        words = to_utf8(data, path, self.encoding)[0]
        if not words.strip():
            raise DataError("data.empty_file", path=path)
        try:
            document = orjson.loads(words)
        except orjson.JSONDecodeError as error:
            lines = words.lstrip()[:1] == b"{" and error.msg.startswith("unexpected content")
            key = "collect.json_lines" if lines else "collect.bad_json"
            facts = {"path": path, "row": error.lineno, "column": error.colno}
            raise DataError(key, **facts, problem=error.msg) from error
        frame = _frame(self._found(document, path), path, self.at)
        refuse_giants(frame, path, self.max_characters)
        return frame

    def _found(self, document: Any, path: str) -> Any:
        for key in filter(None, self.at.split(".")):
            if not isinstance(document, Mapping) or key not in document:
                known = ", ".join(document) if isinstance(document, Mapping) else _shown(document)
                raise DataError(
                    "collect.json_place",
                    path=path,
                    place=self.at,
                    missing=key,
                    received=known[:200],
                )
            document = document[key]
        return document


def _frame(rows: Any, path: str, at: str) -> pl.DataFrame:
    if isinstance(rows, list):
        for place, row in enumerate(rows, start=1):
            if not isinstance(row, Mapping):
                raise DataError("collect.json_row", path=path, row=place, received=_shown(row))
        frame = pl.DataFrame(rows, infer_schema_length=None, strict=False)
        if frame.width == 0:
            raise DataError("data.no_rows", path=path, columns="—")
        return frame
    lengths = {len(values) if isinstance(values, list) else -1 for values in _values(rows)}
    if len(lengths) != 1 or -1 in lengths:
        inside = [f"{at}.{key}".strip(".") for key in _lists(rows)]
        hint = inside[0] if inside else "items"
        raise DataError("collect.json_shape", path=path, received=_shown(rows), place=hint)
    return pl.DataFrame(rows, strict=False)


def _values(rows: Any) -> list[Any]:
    return list(rows.values()) if isinstance(rows, Mapping) else []


def _lists(rows: Any) -> list[str]:
    return [k for k, v in rows.items() if isinstance(v, list)] if isinstance(rows, Mapping) else []


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f'"{key}": …' for key in list(value)[:8]) + "}"
    return f"{type(value).__name__} {str(value)[:40]!r}"
