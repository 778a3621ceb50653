"""Recordings with less steady noise: a spectral gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import istft, stft

from lingqu.govern.audio.recordings import AudioStep
from lingqu.govern.step import within
from lingqu.release.sound import Sound

_WINDOW_S = 0.032
_QUIET = 0.1
"""Share of the frames, the quietest ones, that are taken for noise alone."""


@dataclass
class AudioDenoise(AudioStep):
    """Lower what is not louder than the noise, band by band; at prediction in the same way.

    Why: hiss and hum differ from microphone to microphone, and a learner takes them for a sign.
    What noise is, each recording says itself: its quietest tenth.

    Args:
        strength: How many times the power of the noise is taken off each band, 0 to 10.
        reduce_db: How far the rest is lowered, 0 to 60.
        columns: Audio columns; all when empty.

    Example:
        >>> random, time = np.random.default_rng(0), np.arange(16000) / 16000
        >>> tone = np.where(time > 0.5, 0.5 * np.sin(6283.2 * time), 0)
        >>> noisy = (tone + 0.02 * random.standard_normal(16000)).astype(np.float32)
        >>> clean = AudioDenoise().change(Sound(noisy[:, None], 16000)).samples[:, 0]
        >>> bool(np.abs(clean - tone).mean() < 0.5 * np.abs(noisy - tone).mean())
        True

    Source: Boll, Suppression of acoustic noise in speech using spectral subtraction, IEEE TASSP
        27 (1979), doi:10.1109/TASSP.1979.1163209; here as a gain per band from power that is
        smoothed over time.
    """

    name: ClassVar[str] = "audio_denoise"
    main: ClassVar[str] = "strength"

    strength: float = 3.0
    reduce_db: float = 18.0

    def __post_init__(self) -> None:
        within(self, strength=(0, 10), reduce_db=(0, 60))

    def change(self, sound: Sound) -> Sound:
        size = max(16, int(_WINDOW_S * sound.rate))
        if len(sound.samples) < 4 * size:
            return sound
        channels = [self._gated(channel, size) for channel in sound.samples.T]
        return Sound(np.stack(channels, axis=1), sound.rate)

    def _gated(self, samples: NDArray[np.float32], size: int) -> NDArray[np.float32]:
        overlap = size * 3 // 4
        _, _, bands = stft(samples, nperseg=size, noverlap=overlap)
        power = np.square(np.abs(bands))
        order = np.argsort(power.sum(axis=0))
        noise = power[:, order[: max(2, int(_QUIET * power.shape[1]))]].mean(axis=1, keepdims=True)
        # Smoothed over time: single windows in which noise is loud by chance sound like water.
        steady = uniform_filter1d(power, 5, axis=1, mode="nearest")
        gain = 1 - self.strength * noise / np.maximum(steady, 1e-20)
        gain = np.clip(gain, 10 ** (-self.reduce_db / 20), 1)
        _, out = istft(bands * gain, nperseg=size, noverlap=overlap)
        return np.asarray(out[: len(samples)], dtype=np.float32)
