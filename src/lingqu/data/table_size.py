"""How much memory the rows of a source would take, told before they are read."""

from __future__ import annotations

from pathlib import Path

from lingqu.core.ports import Source
from lingqu.data import files
from lingqu.data.endings import PACKED
from lingqu.data.glimpse import COLUMNAR
from lingqu.data.lazy import SAMPLE, STREAMING, LazyTable, scan
from lingqu.data.tables import TableFile

HELD = 500_000_000
"""Bytes of rows up to which a table is worked on in memory; the work takes several times that."""
MEDIA = ("image", "audio", "vector", "boxes")
_TEXT, _COMPRESSED = 1.5, 10.0
"""Most bytes that a byte on disk becomes: of plain text, of what is packed or columnar."""


def streamed(source: Source, held: int = HELD) -> LazyTable | None:
    """Return a source as a table to be worked on in streams, or None where memory holds it.

    A small file is not opened for this.

    Args:
        source: Not read yet.
        held: Bytes of rows that memory holds.
    """
    if not isinstance(source, STREAMING):
        return None
    most = _on_disk(source)
    if most is not None and most <= held:
        return None
    table = scan(source)
    return None if fits(table, held) else table


def fits(table: LazyTable, held: int = HELD) -> bool | None:
    """Say whether memory should hold a table: it is small, or there are media, which lie in packs.

    Returns:
        None where nobody can say without reading: a query or an address of more rows than the
        sample.

    Example:
        >>> import polars as pl
        >>> fits(scan(pl.DataFrame({"age": [41, 29]})))
        True
    """
    if not isinstance(table.source, STREAMING) or any(c.kind in MEDIA for c in table.schema):
        return True
    looked = table.sample.height
    rows = table.rows if table.rows is not None or looked >= SAMPLE else looked
    if rows is not None:
        return rows * table.sample.estimated_size() <= held * looked
    most = _on_disk(table.source)
    return None if most is None else most <= held


def _on_disk(source: Source) -> float | None:
    """Return the most bytes that local files become in memory, or None for other sources."""
    if not isinstance(source, TableFile) or files.is_url(source.path):
        return None
    return sum(_weight(source, Path(name)) for name in files.expand(source.path, source.storage))


def _weight(source: Source, path: Path) -> float:
    dense = isinstance(source, COLUMNAR) or path.suffix.lower() in PACKED
    return path.stat().st_size * (_COMPRESSED if dense else _TEXT)
