"""Which columns a report must not show: those that hold personal data as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Schema, present
from lingqu.flow.data_rows import Rows
from lingqu.govern.privacy.scan import scan
from lingqu.release.prepare import PROTECTS

LOOKED = 4_000
"""Cells of a column in which personal data is looked for before rows are shown."""
SECONDS = 2.0
"""CPU seconds for all columns together."""
_WHOLE = 0.5
"""Part of the cells that are nothing but personal data from which a column is not shown."""
_MEDIA = ("image", "audio", "vector", "boxes")


def showable(
    dataset: Dataset, operators: Iterable[Mapping[str, Json]] = (), numbers: Iterable[int] = ()
) -> Rows:
    """Return rows that may be shown: what is personal is left out, or masked inside a text.

    Free text that holds some personal data is shown with it masked, as the operator `mask` would;
    a column that is personal data (a telephone number in every cell) is not shown at all.

    Args:
        dataset: Rows as they were read.
        operators: Saved or declared ones as ``{"name", "options", "state"}``: what they protect is
            personal, found or not.
        numbers: Number of each row where these are a sample of them.

    Example:
        >>> from lingqu.core.schema import Column
        >>> frame = pl.DataFrame({"tel": ["13912345678", "15812345678"], "age": [4.0, 5.0]})
        >>> data = Dataset(frame, Schema((Column("tel", "text"), Column("age", "number"))))
        >>> showable(data).record(1)
        {'tel': '***', 'age': 5.0}
    """
    named, whole = _protected(operators)
    types = dataset.frame.schema
    looked = [
        c
        for c in present(dataset.schema, dataset.frame)
        if c.kind not in _MEDIA
        and not types[c.name].is_nested()
        and types[c.name] != pl.Binary
        and c.role != "target"
    ]
    schema = Schema(tuple(looked))
    seen = scan(dataset.frame, schema, limit=LOOKED, seconds=SECONDS) if len(dataset) else []
    found = {finding.argument: finding for finding in seen}
    kinds = {c.name: c.kind for c in dataset.schema}
    hidden = set(whole)
    for name in {*found, *named}:
        finding = found.get(name)
        inside = finding is not None and kinds.get(name) == "text"
        if finding is None or not inside or _whole(finding.evidence, finding.n) >= _WHOLE:
            hidden.add(name)
    target = dataset.schema.target
    hidden -= {target.name} if target is not None else set()
    texts = {name for name, kind in kinds.items() if kind == "text"} - hidden
    return Rows(dataset, frozenset(hidden), frozenset(texts), tuple(numbers))


def _whole(evidence: Mapping[str, Any], cells: int) -> float:
    return float(evidence.get("whole_cells") or 0) / max(1, cells)


def _protected(operators: Iterable[Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    """Return the columns that operators protect, and those of them that are masked whole."""
    named: set[str] = set()
    whole: set[str] = set()
    for operator in operators:
        if operator.get("name") not in PROTECTS:
            continue
        state = (operator.get("state") or {}).get("columns") or {}
        options = operator.get("options") or {}
        asked = options.get("columns") if isinstance(options, Mapping) else options
        named |= set(asked) if isinstance(asked, list | tuple) else set()
        for name, how in state.items() if isinstance(state, Mapping) else ():
            by = how.get("by") if isinstance(how, Mapping) else ""
            (named if by == "span" else whole).add(name)
    return named, whole
