"""Parquet files, one or many, local or behind a URL."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import polars as pl

from lingqu.data.files import broken
from lingqu.data.tables import TableFile


@dataclass
class Parquet(TableFile):
    """A Parquet file, or several of the same columns behind a pattern.

    Args:
        path: Local path, pattern or URL.
        member: Which file of an archive, or a pattern with ``*``.
        max_mb: Megabytes that may come out of one archive.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    def parse(self, data: bytes, path: str) -> pl.DataFrame:
        """Return the rows of one file.

        Raises:
            DataError: It is not a whole Parquet file.
        """
        try:
            return pl.read_parquet(BytesIO(data))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise broken(path, "Parquet", error) from error
