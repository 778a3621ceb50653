"""Recordings → samples of one rate, as an encoder that hears them reads them.

A row of the tensor holds the samples of one recording, its channels averaged; 0 is a place behind
its end (decision 0012). A sample of perfect silence is therefore written as a number that is too
small to be heard, and the graph knows how long each recording is without being told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from math import gcd
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.signal import resample_poly

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json
from lingqu.release.sound import Samples, Sound, read_cell

_log = logging.getLogger(__name__)
SILENCE = 1e-20
"""What stands for a sample of 0."""
LEAST_S = 0.1
"""Shorter recordings are filled up with silence: an encoder finds nothing in less."""


class Waves:
    """The samples of one column of recordings, at one rate.

    A recording that is longer than the model hears is cut where `cut` says so, and counted;
    otherwise it is refused. A missing one is heard as silence.
    """

    ragged: ClassVar[bool] = True

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._column: str = block["column"]
        self._rate, self._cut = int(block["rate"]), bool(block["cut"])
        self.width = int(block["length"])

    def write(self, frame: pl.DataFrame, out: NDArray[np.float32]) -> None:
        out[:] = 0
        least = min(self.width, int(LEAST_S * self._rate))
        cut, longest = 0, 0.0
        for row, cell in enumerate(frame.get_column(self._column)):
            out[row, :least] = SILENCE
            if cell is None:
                continue
            sound = read_cell(cell, self._column, row + 1)
            samples = heard(sound, self._rate)
            if len(samples) > self.width:
                cut, longest = cut + 1, max(longest, sound.seconds)
            out[row, : len(samples)] = samples[: self.width]
        if cut and not self._cut:
            raise DataError("release.too_long_sound", column=self._column, rows=cut,
                            received=longest, expected=self.width / self._rate)  # fmt: skip
        if cut:
            _log.info("%d of %d recordings were cut to %g s", cut, len(out),
                      self.width / self._rate)  # fmt: skip


def heard(sound: Sound, rate: int) -> Samples:
    """Return a recording in one channel and at one rate, with no sample of exactly 0, (T,).

    Example:
        >>> sound = Sound(np.array([[0.5, 0.1], [0.0, 0.0]], np.float32), 8000)
        >>> [round(float(sample), 6) for sample in heard(sound, 8000)], 0.0 in heard(sound, 8000)
        ([0.3, 0.0], False)
    """
    samples = resampled(sound.mono, sound.rate, rate)
    return np.where(samples == 0, np.float32(SILENCE), samples)


def resampled(samples: Samples, rate: int, to: int) -> Samples:
    """Return samples (T, …) at another rate.

    Source: Crochiere & Rabiner, Multirate Digital Signal Processing, 1983 (polyphase filters, by
        SciPy with a Kaiser window).
    """
    if rate == to:
        return samples
    common = gcd(rate, to)
    return np.asarray(resample_poly(samples, to // common, rate // common, axis=0), np.float32)


def waves_block(name: str, rate: int, length: int, cut: bool) -> dict[str, Json]:
    """Return the block that reads a column of recordings.

    Args:
        name: Column of recordings.
        rate: Samples per second that the model hears.
        length: Most samples of a row.
        cut: Whether longer recordings are cut, rather than refused.
    """
    return {"type": "waves", "column": name, "rate": rate, "length": length, "cut": cut}
