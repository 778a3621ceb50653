"""Recordings without the silence before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lingqu.govern.audio.recordings import AudioStep
from lingqu.govern.step import within
from lingqu.release.sound import Sound

_FRAME_S = 0.01


@dataclass
class AudioTrim(AudioStep):
    """Cut off the silence at both ends; at prediction in the same way.

    Args:
        below_db: What lies so far below the loudest 10 ms counts as silence, −100 to −1.
        margin_ms: What is kept on both sides, 0 to 1000.
        columns: Audio columns; all when empty.

    Example:
        >>> samples = np.zeros((8000, 1), np.float32)
        >>> samples[4000:4800] = 0.5
        >>> AudioTrim(margin_ms=0).change(Sound(samples, 8000)).samples.shape
        (800, 1)

    Source: Own: level per 10 ms against the loudest one.
    """

    name: ClassVar[str] = "audio_trim"
    main: ClassVar[str] = "below_db"

    below_db: float = -40.0
    margin_ms: float = 30.0

    def __post_init__(self) -> None:
        within(self, below_db=(-100, -1), margin_ms=(0, 1000))

    def change(self, sound: Sound) -> Sound:
        frame = max(1, int(_FRAME_S * sound.rate))
        power = np.square(sound.samples, dtype=np.float64).mean(axis=1)
        count = -(-len(power) // frame)
        levels = np.pad(power, (0, count * frame - len(power))).reshape(count, frame).mean(axis=1)
        if not levels.max() > 0:
            return sound
        loud = np.flatnonzero(levels > levels.max() * 10 ** (self.below_db / 10))
        margin = int(self.margin_ms / 1000 * sound.rate)
        start = max(0, int(loud[0]) * frame - margin)
        end = min(len(power), (int(loud[-1]) + 1) * frame + margin)
        return Sound(sound.samples[start:end], sound.rate)
