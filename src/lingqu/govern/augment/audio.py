"""Changed recordings: with noise, moved in time, slower or faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from lingqu.core.schema import Column, Kind, Role
from lingqu.govern.augment.copies import Copies
from lingqu.govern.augment.rows import Rows
from lingqu.govern.step import within
from lingqu.release.sound import Samples, Sound, encode, read_cell
from lingqu.release.waves import resampled


@dataclass
class AugmentAudio(Copies):
    """Add changed copies of training recordings.

    Why: the same word sounds otherwise in another room, a little later or faster. Declare it
    before `log_mel`: new recordings then pass what was declared behind it.

    Args:
        share: Changed recordings per training recording, > 0.
        snr_db: White noise this far below the recording: drawn evenly between the two, in dB.
        shift_ms: Largest move in time, to either side; what falls off is lost, silence comes in.
        stretch: Largest change of speed: 0.1 is 90 % to 110 %; the pitch changes along.
        columns: Audio columns; all when empty.
        seed: Seed of the draws; that of the fit when omitted.

    Example:
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Column, Schema
        >>> wave = encode(Sound(np.sin(np.arange(800))[:, None].astype(np.float32), 8000))
        >>> data = Dataset(pl.DataFrame({"a": [wave]}), Schema((Column("a", "audio"),)))
        >>> step = AugmentAudio(share=2)
        >>> step.fit(data)
        >>> len(step.apply(data))
        3

    Source: Ko et al., Audio augmentation for speech recognition, Interspeech 2015 (speed); Salamon
        & Bello, IEEE SPL 24 (2017), doi:10.1109/LSP.2017.2657381 (noise, shift).
    """

    name: ClassVar[str] = "augment_audio"
    main: ClassVar[str] = "share"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"audio"})
    # Also those that `log_mel` set aside: they are what it will hear again.
    roles: ClassVar[tuple[Role, ...]] = ("feature", "ignored")

    share: float = 1.0
    snr_db: tuple[float, float] = (10.0, 30.0)
    shift_ms: float = 100.0
    stretch: float = 0.1
    columns: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        within(self, share=(1e-6, 100), shift_ms=(0, 10_000), stretch=(0, 0.5))

    def copies(
        self, series: pl.Series, column: Column, rows: Rows, random: np.random.Generator
    ) -> pl.Series:
        cells = [
            None
            if series[int(row)] is None
            else encode(
                self._changed(read_cell(series[int(row)], series.name, int(row) + 1), random)
            )
            for row in rows
        ]
        return pl.Series(series.name, cells, dtype=pl.Binary)

    def _changed(self, sound: Sound, random: np.random.Generator) -> Sound:
        speed = 1 + self.stretch * random.uniform(-1, 1)
        samples = resampled(sound.samples, round(1000 * speed), 1000)
        most = int(self.shift_ms / 1000 * sound.rate)
        samples = _moved(samples, int(random.integers(-most, most + 1)))
        power = float(np.mean(np.square(samples, dtype=np.float64)))
        below = random.uniform(min(self.snr_db), max(self.snr_db))
        noise = random.standard_normal(samples.shape) * np.sqrt(power * 10 ** (-below / 10))
        return Sound(np.clip(samples + noise, -1, 1).astype(np.float32), sound.rate)


def _moved(samples: Samples, by: int) -> Samples:
    """Return samples moved by so many steps, silence where nothing is left."""
    out = np.zeros_like(samples)
    by = max(-len(samples), min(len(samples), by))
    if by >= 0:
        out[by:] = samples[: len(samples) - by]
    else:
        out[:by] = samples[-by:]
    return out
