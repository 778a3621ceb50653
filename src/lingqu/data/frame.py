"""Frames that are already in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from lingqu.core import digest
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Kind, Schema
from lingqu.data.infer import typed
from lingqu.release.conform import to_polars


@dataclass
class InMemory:
    """A pandas, Polars or Arrow frame, a list of dicts or a dict of columns.

    Args:
        frame: The rows.
        name: What to call them.
        kinds: Kinds of columns that are known.
    """

    main: ClassVar[str] = "frame"
    frame: Any
    name: str = "data"
    kinds: dict[str, Kind] = field(default_factory=dict)

    def read(self) -> Dataset:
        """Bring the rows to Polars and infer the schema.

        Raises:
            DataError: Not a frame, no rows, or columns that cannot be one type.

        Example:
            >>> InMemory([{"age": 41, "city": "Xi'an"}]).read().schema.names
            ('age', 'city')
        """
        frame = to_polars(self.frame)
        if frame.height == 0:
            columns = ", ".join(frame.columns[:20]) or "—"
            raise DataError("data.no_rows", path=self.name, columns=columns)
        facts = {"source": f"frame:{self.name}", "files": 0}
        return typed(frame, hints=self.kinds, name=self.name, facts=facts)

    def fingerprint(self) -> str:
        """Return a digest of the rows: memory has nothing cheaper that is true."""
        rows = digest.of_frame(to_polars(self.frame), Schema(()))
        return digest.of_json({"rows": rows, "kinds": self.kinds})
