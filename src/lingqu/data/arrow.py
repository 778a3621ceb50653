"""Arrow IPC: the file format (Feather 2) and the stream format."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import polars as pl

from lingqu.core.errors import DataError
from lingqu.data.files import broken
from lingqu.data.tables import TableFile

FILE = b"ARROW1"
FEATHER_1 = b"FEA1"


@dataclass
class ArrowFile(TableFile):
    """An Arrow IPC file or stream (``.arrow``, ``.arrows``, ``.ipc``, ``.feather``), or several.

    Args:
        path: Local path, pattern or URL.
        member: Which file of an archive, or a pattern with ``*``.
        max_mb: Megabytes that may come out of one archive.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    def parse(self, data: bytes, path: str) -> pl.DataFrame:
        """Return the rows of one file; its first bytes tell a file from a stream.

        Raises:
            DataError: It is cut short, broken, or in the retired first version of Feather.

        Example:
            >>> file = BytesIO()
            >>> _ = pl.DataFrame({"a": [1]}).write_ipc_stream(file)
            >>> ArrowFile("a.arrows").parse(file.getvalue(), "a.arrows").rows()
            [(1,)]
        """
        if data.startswith(FEATHER_1):
            raise DataError("collect.old_feather", path=path)
        reader = pl.read_ipc if data.startswith(FILE) else pl.read_ipc_stream
        try:
            return reader(BytesIO(data))
        # A stream that is cut inside a message makes the reader's own checks panic.
        except (pl.exceptions.PolarsError, OSError, ValueError) as error:
            raise broken(path, "Arrow", error) from error
