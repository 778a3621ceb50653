"""Frames that are already in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from lingqu.core import digest
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Kind, Schema
from lingqu.data.hub import is_hub, rows
from lingqu.data.infer import typed
from lingqu.release.frames import door, to_polars


@dataclass
class InMemory:
    """A pandas, Polars or Arrow frame, a Hugging Face data set, a list of dicts, a dict of columns.

    Args:
        frame: The rows. Whatever offers an Arrow stream will do.
        name: What to call them.
        split: Which part of a Hugging Face `DatasetDict`; all of them when omitted.
        kinds: Kinds of columns that are known.
    """

    main: ClassVar[str] = "frame"
    frame: Any
    name: str = "data"
    split: str = ""
    kinds: dict[str, Kind] = field(default_factory=dict)

    def read(self) -> Dataset:
        """Bring the rows to Polars and infer the schema.

        Raises:
            DataError: Not a frame, no rows, or columns that cannot be one type.

        Example:
            >>> InMemory([{"age": 41, "city": "Xi'an"}]).read().schema.names
            ('age', 'city')
        """
        frame, kinds = self._rows()
        if frame.height == 0:
            columns = listed(frame.columns, 20)
            raise DataError("data.no_rows", path=self.name, columns=columns)
        facts = {"source": f"frame:{self.name}", "files": 0}
        return typed(frame, hints={**kinds, **self.kinds}, name=self.name, facts=facts)

    def fingerprint(self) -> str:
        """Return a digest of the rows: memory has nothing cheaper that is true."""
        frame, kinds = self._rows()
        rows = digest.of_frame(frame, Schema(()))
        return digest.of_json({"rows": rows, "kinds": {**kinds, **self.kinds}})

    def _rows(self) -> tuple[pl.DataFrame, dict[str, Kind]]:
        if is_hub(self.frame):
            return rows(self.frame, self.split)
        if self.split:
            raise DataError("collect.no_split", split=self.split, near="—", received="—")
        if not door(self.frame) and hasattr(self.frame, "__arrow_c_stream__"):
            return pl.DataFrame(self.frame), {}
        return to_polars(self.frame), {}
