"""Recordings: paths, encoded bytes or base64 → samples, and samples → lossless bytes.

The same function serves training and every outlet, so a recording is decoded in one way only.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import soundfile
from numpy.typing import NDArray

from lingqu.core.errors import DataError

MOST_SAMPLES = 200_000_000
"""A recording of more samples is refused before it is decoded."""

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Sound:
    """A decoded recording.

    Args:
        samples: Float32, shape (T, C), full scale is ±1.
        rate: Samples per second.
    """

    samples: Samples
    rate: int

    @property
    def mono(self) -> Samples:
        """The mean of the channels, shape (T,)."""
        return np.asarray(self.samples.mean(axis=1), dtype=np.float32)

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / self.rate


def decode(cell: bytes | str, *, paths: bool = True) -> Sound:
    """Decode WAV, FLAC, OGG and whatever else libsndfile reads.

    Args:
        cell: A path, base64 or ``data:`` text, or the bytes of a file.
        paths: Whether text may name a file. Pass False for what a stranger sent.

    Raises:
        OSError: It is no recording, is empty, cut short, or too long.

    Example:
        >>> sound = decode(encode(Sound(np.zeros((8, 1), np.float32), 8000)))
        >>> sound.samples.shape, sound.rate
        ((8, 1), 8000)
    """
    try:
        with soundfile.SoundFile(_file(cell, paths)) as file:
            if file.frames * file.channels > MOST_SAMPLES:
                raise OSError(f"{file.frames} samples are more than {MOST_SAMPLES}")
            samples = file.read(dtype="float32", always_2d=True)
            rate = int(file.samplerate)
    except (soundfile.LibsndfileError, ValueError) as error:
        raise OSError(str(error)) from error
    if not len(samples):
        raise OSError("it holds no samples")
    return Sound(np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0), rate)


def _file(cell: bytes | str, paths: bool) -> BytesIO | str:
    if isinstance(cell, bytes):
        return BytesIO(cell)
    if cell.startswith("data:") or not paths:
        try:
            return BytesIO(base64.b64decode(cell.rpartition(",")[2], validate=True))
        except binascii.Error as error:
            raise ValueError(f"not base64: {error}") from error
    if not Path(cell).is_file():
        raise OSError("there is no such file")
    return cell


def encode(sound: Sound) -> bytes:
    """Return a recording as the bytes of a WAV file of 32-bit floats: nothing is lost.

    The header is written here because libsndfile puts the time of day into it (chunk PEAK), and
    the same samples must be the same bytes.

    Source: IBM and Microsoft, Multimedia Programming Interface 1.0, 1991, with the format tag 3
    (IEEE float) and its fact chunk.
    """
    samples = np.ascontiguousarray(sound.samples, dtype="<f4")
    frames, channels = samples.shape
    width = 4 * channels
    form = struct.pack("<HHIIHHH", 3, channels, sound.rate, sound.rate * width, width, 32, 0)
    chunks = [
        (b"fmt ", form),
        (b"fact", struct.pack("<I", frames)),
        (b"data", samples.tobytes()),
    ]
    body = b"".join(name + struct.pack("<I", len(data)) + data for name, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def each(series: pl.Series, change: Callable[[Sound], Sound]) -> pl.Series:
    """Return a column of recordings, each decoded, changed and encoded; a missing one stays so.

    Raises:
        DataError: A recording that cannot be read, with its row from 1.
    """
    cells = [
        None if cell is None else encode(change(read_cell(cell, series.name, row)))
        for row, cell in enumerate(series, start=1)
    ]
    return pl.Series(series.name, cells, dtype=pl.Binary)


def read_cell(cell: bytes | str, column: str, row: int) -> Sound:
    """Decode one cell of a column, or say which one cannot be read."""
    try:
        return decode(cell)
    except OSError as error:
        shown = cell if isinstance(cell, str) else f"{len(cell)} bytes"
        raise DataError(
            "audio.unreadable",
            column=column,
            row=row,
            received=shown[:120],
            problem=str(error)[:200] or type(error).__name__,
        ) from error
