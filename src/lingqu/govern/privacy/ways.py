"""How one column is treated: cell by cell, or span by span, and what it is afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column, because
from lingqu.govern.privacy.recognise import Span, find, rewritten
from lingqu.govern.privacy.scan import as_text
from lingqu.govern.privacy.treat import KEYED, Write

WHOLE = 0.8
"""From this share of cells that are nothing but one value, a column is treated cell by cell."""
PASSES = 3
"""Most times a text is treated and read again."""


@dataclass(frozen=True)
class Way:
    """How one column is treated.

    Args:
        name: The column.
        whole: Cell by cell, not span by span.
        kind: What its cells are, for a column that is treated whole.
        drop: Whether it leaves.
        write: Kind and value → what stands there instead.
        by_kind: The same for kinds with a strategy of their own.
    """

    name: str
    whole: bool
    kind: str
    drop: bool
    write: Write
    by_kind: Mapping[str, Write]

    def cells(self, series: pl.Series) -> pl.Series:
        """Treat whole cells."""
        direct: Callable[[pl.Series], pl.Series] | None = getattr(self.write, "series", None)
        if direct is not None:
            return direct(series)
        values = as_text(series).to_list()
        known: dict[str, str] = {}
        for value in values:
            if value is not None and value not in known:
                known[value] = self.write(self._kind_of(value), value)
        treated = [None if value is None else known[value] for value in values]
        return pl.Series(series.name, treated, dtype=pl.String)

    def _kind_of(self, value: str) -> str:
        """Return the kind of one cell: what is recognised in it, else that of the column."""
        spans = find(value)
        if len(spans) == 1 and len(spans[0].value) >= WHOLE * len(value.strip()):
            return spans[0].kind
        return self.kind

    def rewrite(self, text: str, spans: list[Span], wanted: frozenset[str] | None) -> str:
        """Rewrite the spans, then read again: a mask may lay bare a neighbour it overlapped."""
        for _ in range(PASSES):
            text = rewritten(text, ((s.start, s.end, self._written(s)) for s in spans))
            spans = find(text, wanted)
            if not spans:
                break
        return text

    def _written(self, span: Span) -> str:
        return self.by_kind.get(span.kind, self.write)(span.kind, span.value)


def treated(column: Column, row: Mapping[str, Json]) -> Column:
    """Return what a column is after its treatment."""
    strategy = row["strategy"]
    if strategy == "generalise" and "step" in row:
        return replace(column, low=None, high=None, **because("privacy.reason_coarse"))
    column = replace(column, levels=(), low=None, high=None)
    if column.kind in ("number", "datetime"):
        column = replace(column, kind="text", format="")
    if row["by"] == "span":
        return column
    if strategy in KEYED:
        return replace(column, **because("privacy.reason_token"))
    if strategy == "generalise":
        return replace(column, kind="category", **because("privacy.reason_coarse"))
    # A hidden value has nothing left to learn from, except by accident.
    role = "ignored" if column.role == "feature" else column.role
    return replace(column, role=role, **because("govern.reason_mask"))
