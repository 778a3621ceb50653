"""Recordings: paths, encoded bytes or base64 → samples, and samples → lossless bytes.

The same function serves training and every outlet, so a recording is decoded in one way only.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl
import soundfile
from numpy.typing import NDArray

from lingqu.core.errors import DataError, gist, problem_of
from lingqu.core.i18n import Phrase

MOST_SAMPLES = 200_000_000
"""A recording of more samples is refused before it is decoded."""
UNKNOWN = 0xFFFFFFFF
"""Size that programs write into a WAV file where they cannot know it yet."""

_LONGEST_PAGE = 27 + 255 + 255 * 255
"""Bytes of an Ogg page, at most."""

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
    place = _file(cell, paths)
    refuse_cut(place)
    try:
        with soundfile.SoundFile(place) as file:
            if file.frames * file.channels > MOST_SAMPLES:
                facts = {"samples": file.frames * file.channels, "most": MOST_SAMPLES}
                raise OSError(Phrase("audio.too_long", facts))
            samples = file.read(dtype="float32", always_2d=True)
            rate, told = int(file.samplerate), file.frames
    except (soundfile.LibsndfileError, ValueError) as error:
        raise OSError(gist(error).rpartition(">: ")[2]) from error
    refuse_lacking(len(samples), told)
    return Sound(np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0), rate)


def refuse_cut(place: Path | str | BytesIO) -> None:
    """Refuse a file that lacks its end: libsndfile would take what there is for the whole.

    Raises:
        OSError: It is empty, a WAV or AIFF file says that it is longer, or the last page of an
            Ogg file does not say that it is the last.

    Source: Multimedia Programming Interface and Data Specifications 1.0, 1991, RIFF chunks;
        Apple, Audio Interchange File Format 1.3, 1989, of the same form with the large end first;
        RFC 3533, section 6 (end of stream).
    """
    with nullcontext(place) if isinstance(place, BytesIO) else Path(place).open("rb") as file:
        size = file.seek(0, 2)
        told = _told_size(file)
        ends = _ends(file, size)
        file.seek(0)
    if not size:
        raise OSError(Phrase("audio.empty"))
    if size + 1 < told:  # an odd chunk may lack the byte that fills it up
        raise OSError(Phrase("audio.cut", {"there": size, "told": told}))
    if not ends:
        raise OSError(Phrase("audio.no_end"))


def _ends(file: IO[bytes], size: int) -> bool:
    """Say whether the last page of an Ogg file is marked as the last; True of other files."""
    file.seek(0)
    if file.read(4) != b"OggS":
        return True
    file.seek(max(0, size - _LONGEST_PAGE))
    tail = file.read()
    last = tail[tail.rfind(b"OggS") :]
    return len(last) > 5 and bool(last[5] & 4)


def _told_size(file: IO[bytes]) -> int:
    """Return up to where a WAV or AIFF file says that it goes; 0 where it does not say."""
    file.seek(0)
    head = file.read(12)
    order = {b"RIFF": "<I", b"FORM": ">I"}.get(head[:4])
    if order is None or head[8:] not in (b"WAVE", b"AIFF", b"AIFC"):
        return 0
    (size,) = struct.unpack(order, head[4:8])
    told = 0 if size in (0, UNKNOWN) else size + 8
    # A file that was cut and then given a new head is still shorter than its samples should be.
    while len(chunk := file.read(8)) == 8:
        (size,) = struct.unpack(order, chunk[4:])
        if chunk[:4] in (b"data", b"SSND"):
            return told if size in (0, UNKNOWN) else max(told, file.tell() + size)
        file.seek(size + size % 2, 1)
    return told


def refuse_lacking(read: int, told: int) -> None:
    """Refuse a recording of which nothing, or less than it says, can be read.

    Raises:
        OSError: So it is.
    """
    if not read:
        raise OSError(Phrase("audio.no_samples"))
    if read < told:
        raise OSError(Phrase("audio.cut_samples", {"there": read, "told": told}))


def _file(cell: bytes | str, paths: bool) -> BytesIO | str:
    if isinstance(cell, bytes):
        return BytesIO(cell)
    if cell.startswith("data:") or not paths:
        try:
            return BytesIO(base64.b64decode(cell.rpartition(",")[2], validate=True))
        except binascii.Error as error:
            raise OSError(Phrase("data.not_base64", {"problem": str(error)})) from error
    if not Path(cell).is_file():
        raise OSError(Phrase("audio.no_file"))
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
            problem=problem_of(error),
        ) from error
