"""Columns of recordings: rate, channels, length, loudness, clipping, silence, broken files."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from io import BytesIO
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.release.column_profile.column import ColumnProfile
from lingqu.release.column_profile.quantiles import EXACT
from lingqu.release.column_profile.sample import RowSample, problem
from lingqu.release.column_profile.summary import Summary

SAMPLE = 200
"""Recordings that are decoded."""
LONGEST_S = 60.0
"""Seconds of each that are decoded; the length is that of the whole."""
FRAME_S = 0.02
QUIET_DB = -60.0
"""Level, against full scale, below which a frame counts as silence."""
FULL = 0.999
"""Part of full scale from which two samples in a row count as clipped."""
_PARTS = ("seconds", "loudness_db", "peak", "clipped", "silent")

Sound = NDArray[np.float32]


class SoundProfile(ColumnProfile):
    """Recordings: of a sample, decoded late, how they sound and which cannot be read.

    Without the package that decodes recordings only rows and missing values are counted, and
    ``needs`` names the extra.

    Source: Own; levels in dB against full scale as in AES17-2015 without its weighting.
    """

    def __init__(self, column: Column, exact: int = EXACT) -> None:
        super().__init__(column, exact)
        self.sample = RowSample(SAMPLE)

    def look(self, values: pl.Series) -> None:
        if values.dtype in (pl.String, pl.Binary):
            self.sample.add(values.alias("sound").to_frame())

    def join(self, other: Self) -> None:
        self.sample.merge(other.sample)

    def shown(self) -> dict[str, Json]:
        if not self.sample.seen:
            return {}
        if find_spec("soundfile") is None:
            return {"needs": 'pip install "lingqu[audio]"'}
        return _read(self.sample.rows["sound"])


def _read(cells: pl.Series) -> dict[str, Json]:
    rates: Counter[int] = Counter()
    channels: Counter[int] = Counter()
    rows, broken = [], []
    for cell in cells:
        try:
            seconds, rate, sound = opened(cell)
        except (OSError, RuntimeError, ValueError) as error:
            name = cell[-120:] if isinstance(cell, str) else f"{len(cell)} bytes"
            broken.append({"recording": name, "problem": problem(error)})
            continue
        rates[rate] += 1
        channels[sound.shape[1]] += 1
        rows.append((seconds, *measures(sound, rate)))
    parts = {}
    for name, values in zip(_PARTS, np.array(rows).reshape(len(rows), len(_PARTS)).T, strict=True):
        numbers = Summary()
        numbers.add(values)
        parts[name] = numbers.to_json()
    return {
        "sampled": len(cells),
        "rates": {str(rate): n for rate, n in rates.most_common(8)},
        "channels": {str(count): n for count, n in channels.most_common(8)},
        "corrupt": len(broken),
        "corrupt_samples": broken[:20],
        "parts": parts,
    }


def opened(cell: Any) -> tuple[float, int, Sound]:
    """Return length in seconds, rate in Hz and samples (n, channels) of a file or its bytes.

    Raises:
        OSError: There is no such file, or it lacks its end.
        RuntimeError: It is not a recording that can be decoded.
    """
    import soundfile

    from lingqu.release.sound import refuse_cut

    place = cell if isinstance(cell, str) else BytesIO(cell)
    refuse_cut(place)
    with soundfile.SoundFile(place) as file:
        most = int(LONGEST_S * file.samplerate)
        sound: Sound = file.read(most, dtype="float32", always_2d=True)
        return file.frames / file.samplerate, int(file.samplerate), sound


def measures(sound: Sound, rate: int) -> tuple[float, float, float, float]:
    """Return loudness (dB against full scale), peak, share clipped and share silent.

    Example:
        >>> loud, peak, clipped, silent = measures(np.zeros((800, 1), np.float32), 8000)
        >>> loud, peak, clipped, silent
        (-120.0, 0.0, 0.0, 1.0)
    """
    if not len(sound):
        return -120.0, 0.0, 0.0, 1.0
    level = np.abs(sound).max(axis=1)
    full = level >= FULL
    clipped = float((full[1:] & full[:-1]).mean()) if len(level) > 1 else 0.0
    power = (sound.astype(np.float64) ** 2).mean(axis=1)
    size = max(1, int(FRAME_S * rate))
    frames = np.add.reduceat(power, np.arange(0, len(power), size)) / size
    silent = float((_decibels(frames) < QUIET_DB).mean())
    return float(_decibels(power.mean())), float(level.max()), clipped, silent


def _decibels(power: Any) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 1e-12))
    return found
