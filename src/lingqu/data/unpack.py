"""The tables inside a compressed file or an archive."""

from __future__ import annotations

from io import BytesIO

from lingqu.data.archives import (
    EMPTY_ZIP,
    TAR,
    TAR_PLACE,
    ZIP,
    Limits,
    Member,
    members,
    names,
    pick,
)
from lingqu.data.inflate import compression, inflate


def unpack(data: bytes, path: str, member: str = "", limits: Limits | None = None) -> list[Member]:
    """Return the table, or the tables, that a compressed file or an archive holds.

    Args:
        data: The bytes of the file; what is not packed passes through.
        path: Its name, for errors.
        member: Which file of an archive, or a pattern with ``*``; needed where it holds several
            that could be meant.
        limits: What may come out.

    Returns:
        ``(name, content)`` of each.

    Raises:
        DataError: It is broken or unsafe, or holds several files and none was named.

    Example:
        >>> import gzip
        >>> unpack(gzip.compress(b"a,b"), "a.csv.gz")
        [('a.csv.gz', b'a,b')]
    """
    limits = limits or Limits()
    kind = compression(data[:8])
    if kind:
        data = inflate(data, kind, limits.gauge(path, len(data)))
    if data[:4] not in (ZIP, EMPTY_ZIP) and data[TAR_PLACE : TAR_PLACE + 5] != TAR:
        return [(path, data)]
    chosen = pick(names(BytesIO(data), path, limits), path, member)
    found = dict(members(BytesIO(data), path, limits, chosen.__contains__))
    return [(name, found[name]) for name in chosen]
