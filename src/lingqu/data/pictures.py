"""What picture files tell about their column: a common shape, and where they lie."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from statistics import median

import polars as pl
from PIL import Image

from lingqu.core.errors import DataError, problem_of
from lingqu.release.media import is_dicom, measure

LOOK = 50
"""Pictures opened to find a common shape."""
LARGEST = 64
"""Side in pixels to which pictures of different sizes are brought, unless they are smaller."""


def common_shape(values: pl.Series) -> tuple[int, ...]:
    """Return one shape for a column of paths or encoded pictures.

    The shape of all if they share it; else a square-free compromise: the median height and width,
    at most `LARGEST`.

    Raises:
        DataError: One of the pictures looked at cannot be decoded.
    """
    present = values.drop_nulls()
    some = present.gather_every(max(1, len(present) // LOOK)).head(LOOK)
    sizes = []
    for row, cell in enumerate(some):
        try:
            file = BytesIO(cell) if isinstance(cell, bytes) else cell
            sizes.append(measure(file))
        except OSError as error:
            raise DataError(
                "data.picture_unreadable",
                column=values.name,
                row=values.to_list().index(some[row]) + 1,
                received=cell[:120] if isinstance(cell, str) else f"{len(cell)} bytes",
                problem=problem_of(error),
            ) from error
    return compromise(sizes)


def begins_as_picture(cell: bytes) -> bool:
    """Say whether bytes begin as a picture file does; the picture itself may still be broken.

    Example:
        >>> begins_as_picture(b"P5 1 1 255 ."), begins_as_picture(b"no picture")
        (True, False)
    """
    if is_dicom(cell):
        return True
    try:
        with Image.open(BytesIO(cell)):
            return True
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return True
    except (OSError, SyntaxError):
        return False


def compromise(sizes: Iterable[tuple[int, int, int]]) -> tuple[int, ...]:
    """Return one shape for pictures of these ``(height, width, channels)``.

    Example:
        >>> compromise([(8, 8, 1), (8, 8, 1)]), compromise([(80, 40, 3), (100, 60, 1)])
        ((8, 8), (64, 50, 3))
    """
    known = list(sizes)
    if len({size[:2] for size in known}) == 1:
        height, width = known[0][:2]
    else:
        height = min(LARGEST, int(median(size[0] for size in known)))
        width = min(LARGEST, int(median(size[1] for size in known)))
    channels = max(size[2] for size in known)
    return (height, width) if channels == 1 else (height, width, channels)


def rooted(values: pl.Series, base: Path) -> pl.Series:
    """Return paths that no longer depend on the current folder."""
    free = values.str.contains(r"^(/|data:|[a-zA-Z]:\\|[a-z0-9]+://)")
    whole = pl.concat_str(pl.lit(f"{base.resolve()}/"), values)
    return pl.select(pl.when(free).then(values).otherwise(whole)).to_series().alias(values.name)
