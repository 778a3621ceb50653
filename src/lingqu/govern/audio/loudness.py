"""Recordings that sound equally loud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from lingqu.govern.audio.recordings import AudioStep, level_db
from lingqu.govern.step import within
from lingqu.release.sound import Samples, Sound

_BLOCK_S, _STEP_S = 0.4, 0.1
_GATE = -70.0


@dataclass
class AudioLoudness(AudioStep):
    """Amplify every recording to one loudness, at training and at prediction; peaks stay below ±1.

    Args:
        lufs: Integrated loudness to reach, −70 to 0; broadcasts use −23.
        columns: Audio columns; all when empty.

    Example:
        >>> time = np.arange(16000) / 16000
        >>> quiet = Sound((0.01 * np.sin(6283.2 * time))[:, None].astype(np.float32), 16000)
        >>> round(loudness(AudioLoudness(-23).change(quiet)), 1)
        -23.0

    Source: ITU-R BS.1770-5 (2023): K-weighting, blocks of 400 ms, gates at −70 LUFS and 10 LU
        below; the filters for any rate by the bilinear transform of their analogue forms.
    """

    name: ClassVar[str] = "audio_loudness"
    main: ClassVar[str] = "lufs"

    lufs: float = -23.0

    def __post_init__(self) -> None:
        within(self, lufs=(-70, 0))

    def change(self, sound: Sound) -> Sound:
        heard = loudness(sound)
        if heard <= _GATE:  # silence amplified is only noise
            return sound
        gain = 10 ** ((self.lufs - heard) / 20)
        peak = float(np.abs(sound.samples).max())
        return Sound((sound.samples * min(gain, 1.0 / peak)).astype(np.float32), sound.rate)


def loudness(sound: Sound) -> float:
    """Return the integrated loudness in LUFS; −70 or less means silence."""
    weighted = _weighted(sound.samples, sound.rate)
    size, step = int(_BLOCK_S * sound.rate), max(1, int(_STEP_S * sound.rate))
    power = np.square(weighted, dtype=np.float64)
    if len(power) <= size:  # shorter than a block: the whole of it is one
        return _lufs(power.mean(axis=0).sum())
    total = np.concatenate([np.zeros((1, power.shape[1])), np.cumsum(power, axis=0)])
    starts = np.arange(0, len(power) - size + 1, step)
    blocks = (total[starts + size] - total[starts]).sum(axis=1) / size
    loud = blocks[_lufs_of(blocks) > _GATE]
    if not len(loud):
        return -120.0
    return _lufs(float(loud[_lufs_of(loud) > _lufs(float(loud.mean())) - 10].mean()))


def _lufs(power: float) -> float:
    return -0.691 + 10 * float(np.log10(max(power, 1e-12)))


def _lufs_of(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(powers, 1e-12))


def _weighted(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Apply the two filters of the standard: a shelf for the head, then a high pass."""
    shelf = _shelf(rate, 1681.974450955533, 3.999843853973347, 0.7071752369554196)
    high = _high_pass(rate, 38.13547087602444, 0.5003270373238773)
    out: Any = samples.astype(np.float64)
    for numerator, denominator in (shelf, high):
        out = lfilter(numerator, denominator, out, axis=0)
    return np.asarray(out, dtype=np.float64)


def _shelf(rate: int, hertz: float, gain_db: float, q: float) -> tuple[list[float], list[float]]:
    k = np.tan(np.pi * min(hertz, 0.49 * rate) / rate)
    full = 10 ** (gain_db / 20)
    edge = full**0.4996667741545416
    bottom = 1 + k / q + k * k
    top = [full + edge * k / q + k * k, 2 * (k * k - full), full - edge * k / q + k * k]
    return [t / bottom for t in top], [1.0, 2 * (k * k - 1) / bottom, (1 - k / q + k * k) / bottom]


def _high_pass(rate: int, hertz: float, q: float) -> tuple[list[float], list[float]]:
    k = np.tan(np.pi * hertz / rate)
    bottom = 1 + k / q + k * k
    return [1.0, -2.0, 1.0], [1.0, 2 * (k * k - 1) / bottom, (1 - k / q + k * k) / bottom]


__all__ = ["AudioLoudness", "level_db", "loudness"]
