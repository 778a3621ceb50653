"""Late decoding of media columns: paths, bytes or pixel arrays → one float32 tensor.

The same function serves training and every outlet, so a picture is decoded, turned, converted
and resized in one way only. Values keep the scale of the source (0–255 for pictures); the model's
encoding scales them by the `low` and `high` of the schema.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from lingqu.core.catalog import EXTRAS
from lingqu.core.errors import DataError, problem_of
from lingqu.core.i18n import Phrase

MAX_PIXELS = 50_000_000
"""A single picture above this is refused before it is decoded (decompression bombs)."""

_DICOM, _DICOM_AT = b"DICM", 128

Pixels = NDArray[np.float32]


def pixels(series: pl.Series, shape: Sequence[int], *, paths: bool = True) -> Pixels:
    """Decode an image column.

    Args:
        series: Paths or base64 text (String), encoded pictures (Binary), or pixel arrays.
        shape: ``(height, width)`` for grey or ``(height, width, channels)`` with 1, 3 or 4
            channels; pictures of another size are resized (bilinear).
        paths: Whether text may name a file. Pass False for rows that a stranger sent: then
            text must be base64 or a ``data:`` URI, and no file is opened.

    Returns:
        float32 of shape (N, H, W) or (N, H, W, C), in the scale of the source.

    Raises:
        DataError: A missing, unreadable or wrongly shaped picture, with its row from 1.

    Example:
        >>> column = pl.Series("image", [[[0, 16], [8, 4]]], dtype=pl.Array(pl.UInt8, (2, 2)))
        >>> pixels(column, (2, 2)).shape
        (1, 2, 2)
    """
    size = tuple(int(part) for part in shape)
    if len(series) == 0:
        return np.zeros((0, *size), dtype=np.float32)
    if series.null_count():
        row = int(series.is_null().arg_true()[0]) + 1
        raise DataError("data.picture_missing", column=series.name, row=row)
    dtype = series.dtype
    if isinstance(dtype, pl.Array | pl.List):
        return _from_arrays(series, size)
    if dtype == pl.Binary:
        return _decoded(series, size, lambda cell: _bytes(cell, size))
    if dtype == pl.String:
        return _decoded(series, size, lambda cell: _open(named(cell, paths), size))
    raise DataError(
        "data.wrong_kind",
        where="",
        column=series.name,
        kind="image",
        row=1,
        received=repr(series[0])[:60],
        expected=Phrase("data.expects_picture"),
    )


NUMPY = b"\x93NUMPY"
"""How the bytes of pixels that were sent as numbers begin (`as_bytes`)."""


def as_bytes(picture: Pixels, shape: Sequence[int]) -> bytes:
    """Return pixels in NumPy's own format, to stand in a column of files.

    Raises:
        ValueError: They have as many or fewer sides than a picture of this shape.
    """
    if picture.ndim != len(shape) or picture.shape[2:] != tuple(shape[2:]) or not picture.size:
        raise ValueError(f"shape {picture.shape}")
    file = BytesIO()
    np.save(file, picture, allow_pickle=False)
    return file.getvalue()


def encoded(series: pl.Series) -> pl.Series:
    """Return files that came as base64 or ``data:`` text as bytes; no file is opened.

    Raises:
        DataError: A cell is not base64, with its row from 1.
    """
    cells = []
    for row, cell in enumerate(series, start=1):
        try:
            cells.append(None if cell is None else _base64(cell.rpartition(",")[2]))
        except ValueError as error:
            raise DataError(
                "data.picture_unreadable",
                column=series.name,
                row=row,
                received=str(cell)[:120],
                problem=problem_of(error),
            ) from error
    return pl.Series(series.name, cells, dtype=pl.Binary)


def measure(file: Path | str | BytesIO) -> tuple[int, int, int]:
    """Return ``(height, width, channels)`` of a picture file, after decoding it whole.

    Raises:
        OSError: The file is empty, cut short or not a picture.
    """
    try:
        with image_in(file) as image:
            _check_size(image)
            image.load()
            turned = ImageOps.exif_transpose(image)
            grey = turned.mode in ("1", "L", "I", "F", "I;16", "LA")
            return turned.height, turned.width, 1 if grey else 3
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, SyntaxError) as error:
        raise OSError(str(error)) from error


def _from_arrays(series: pl.Series, size: tuple[int, ...]) -> Pixels:
    try:
        raw = series.to_numpy() if isinstance(series.dtype, pl.Array) else None
        block = np.asarray(series.to_list() if raw is None else raw, dtype=np.float32)
    except (ValueError, TypeError) as error:
        raise _odd_shape(series, size) from error
    if block.shape[1:] == size:
        return np.ascontiguousarray(block)
    if block.ndim == 2 and block.shape[1] == int(np.prod(size)):
        return block.reshape(-1, *size)
    if block.ndim != len(size) + 1 or (len(size) == 3 and block.shape[3] != size[2]):
        raise _odd_shape(series, size)
    return np.stack([_resized(picture, size) for picture in block])


def _odd_shape(series: pl.Series, size: tuple[int, ...]) -> DataError:
    cells = series.to_list()
    row = next((row for row, cell in enumerate(cells) if _shape(cell) != size), 0)
    return DataError(
        "data.picture_shape",
        column=series.name,
        row=row + 1,
        expected=size,
        received=_shape(cells[row]) or "ragged",
    )


def _shape(cell: Any) -> tuple[int, ...]:
    try:
        return np.asarray(cell, dtype=np.float32).shape
    except (ValueError, TypeError):
        return ()


def _resized(picture: Pixels, size: tuple[int, ...]) -> Pixels:
    if picture.ndim == 3:
        layers = [_resized(picture[..., c], size[:2]) for c in range(picture.shape[2])]
        return np.stack(layers, axis=-1)
    image = Image.fromarray(picture)
    return np.asarray(image.resize((size[1], size[0]), Image.Resampling.BILINEAR), np.float32)


def _decoded(series: pl.Series, size: tuple[int, ...], read: Any) -> Pixels:
    block = np.empty((len(series), *size), dtype=np.float32)
    for index, cell in enumerate(series):
        try:
            block[index] = read(cell)
        except (
            OSError,
            ValueError,
            SyntaxError,  # Pillow raises it for a broken PNG header
            UnidentifiedImageError,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ) as error:
            shown = cell if isinstance(cell, str) else f"{len(cell)} bytes"
            raise DataError(
                "data.picture_unreadable",
                column=series.name,
                row=index + 1,
                received=shown[:120],
                problem=problem_of(error),
            ) from error
    return block


def named(cell: str, paths: bool = True) -> Path | BytesIO:
    """Read text as a data URI, as base64 where files are forbidden, else as a path.

    Raises:
        ValueError: It is not base64.
    """
    if cell.startswith("data:"):
        return BytesIO(_base64(cell.partition(",")[2]))
    return Path(cell) if paths else BytesIO(_base64(cell))


def _bytes(cell: bytes, size: tuple[int, ...]) -> Pixels:
    if not cell.startswith(NUMPY):
        return _open(BytesIO(cell), size)
    picture = np.load(BytesIO(cell), allow_pickle=False).astype(np.float32)
    return picture if picture.shape == size else _resized(picture, size)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(Phrase("data.not_base64", {"problem": str(error)})) from error


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise OSError(f"{image.width} × {image.height} pixels are more than {MAX_PIXELS}")


def _open(file: Path | BytesIO, size: tuple[int, ...]) -> Pixels:
    channels = size[2] if len(size) == 3 else 0
    turned = opened(file, channels)
    if turned.size != (size[1], size[0]):
        turned = turned.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    values = np.asarray(turned, dtype=np.float32)
    return values[..., None] if channels == 1 else values


def opened(file: Path | BytesIO, channels: int) -> Image.Image:
    """Return a picture file decoded whole, upright, with 8 bits a channel.

    Args:
        file: A path or encoded bytes.
        channels: 0 or 1 for grey, 3 for colour, 4 with transparency.

    Raises:
        OSError: It is not a picture, is cut short, or has more than `MAX_PIXELS`.
    """
    mode = {0: "L", 1: "L", 3: "RGB", 4: "RGBA"}[channels]
    with image_in(file) as image:
        _check_size(image)
        return _eight_bits(ImageOps.exif_transpose(image)).convert(mode)


def image_in(file: Path | str | BytesIO) -> Image.Image:
    """Open a picture file; of a DICOM file the first frame.

    Raises:
        OSError: It is neither, or pydicom is not installed.
    """
    with Path(file).open("rb") if isinstance(file, Path | str) else nullcontext(file) as stream:
        begin = stream.read(_DICOM_AT + len(_DICOM))
        if is_dicom(begin):
            if find_spec("pydicom") is None:
                raise OSError(f'a DICOM file needs `pip install "lingqu[{EXTRAS["pydicom"]}]"`')
            # pydicom is an extra: it is loaded where there is such a file.
            from lingqu.release import dicom

            return dicom.opened(begin + stream.read())
        stream.seek(0)
    return Image.open(file)


def is_dicom(data: bytes) -> bool:
    """Say whether bytes begin as a DICOM file does.

    Example:
        >>> is_dicom(bytes(128) + b"DICM"), is_dicom(b"DICM")
        (True, False)
    """
    return data[_DICOM_AT : _DICOM_AT + len(_DICOM)] == _DICOM


def _eight_bits(image: Image.Image) -> Image.Image:
    """Bring 16-bit grey to 8 bits; Pillow's own conversion would clip it to white."""
    if not image.mode.startswith("I;16"):
        return image
    return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
