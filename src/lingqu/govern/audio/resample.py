"""Recordings of one rate and one channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lingqu.govern.audio.recordings import AudioStep
from lingqu.govern.step import within
from lingqu.release.sound import Sound
from lingqu.release.waves import resampled


@dataclass
class AudioResample(AudioStep):
    """Bring recordings to one rate, and to one channel; at prediction in the same way.

    Args:
        rate: Samples per second, 1000 to 192000.
        mono: Average the channels.
        columns: Audio columns; all when empty.

    Example:
        >>> import numpy as np
        >>> step = AudioResample(8000)
        >>> sound = step.change(Sound(np.zeros((16000, 2), np.float32), 16000))
        >>> sound.samples.shape, sound.rate
        ((8000, 1), 8000)

    Source: Crochiere & Rabiner, Multirate Digital Signal Processing, 1983 (polyphase filters, by
        SciPy with a Kaiser window).
    """

    name: ClassVar[str] = "audio_resample"
    main: ClassVar[str] = "rate"

    rate: int = 16_000
    mono: bool = True

    def __post_init__(self) -> None:
        within(self, rate=(1000, 192_000))

    def change(self, sound: Sound) -> Sound:
        samples = sound.mono[:, None] if self.mono else sound.samples
        return Sound(resampled(samples, sound.rate, self.rate), self.rate)
