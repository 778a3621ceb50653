"""Data files at the door of a call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lingqu.data.resolve import resolve
from lingqu.data.texts import AUDIO, IMAGES

if TYPE_CHECKING:
    import polars as pl


def read_frame(path: str) -> pl.DataFrame:
    """Read the rows of a data file as the source of a channel would.

    Raises:
        DataError: The file is missing, empty or broken.
    """
    return resolve(path, {}, base=Path()).read().frame


def is_media(path: str) -> bool:
    """Say whether a name is that of a picture or a recording.

    Example:
        >>> is_media("o.WAV"), is_media("rows.csv")
        (True, False)
    """
    return path.lower().endswith((*IMAGES, *AUDIO))
