"""Recordings as pictures: pitch over time, as the ear hears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.signal import get_window

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.govern.step import Step, arrange, chosen, swap, within
from lingqu.release.sound import Sound, read_cell
from lingqu.release.waves import resampled

_LEARNT = 500
"""Recordings from which the usual length and range are learnt."""
_FLOOR = 1e-10
HIGHEST = 16_000
"""Samples per second that are looked at unless more are asked for: speech has little above."""


@dataclass
class LogMel(Step):
    """Make of each recording a picture that every learner of pictures can read.

    Why: a recording is a long row of numbers of any length; its log-mel picture is small, of one
    size, and near to what is heard. Recordings are cut or filled with silence at the end to one
    length. At prediction the same picture is made of what the caller sends.

    Args:
        mels: Bands, 8 to 256.
        rate: Samples per second that recordings are brought to first; 0 takes the lowest of the
            training recordings, at most 16,000: more would add nothing that was recorded.
        window_ms: Length of a window.
        hop_ms: Distance of two windows.
        seconds: Length of the part that is looked at; 0 takes the 90th percentile of the training
            recordings, at most 10 s.
        frames: Steps in time that are averaged to; 0 keeps every window.
        columns: Audio columns; all when empty.

    Example:
        >>> from lingqu.release.sound import encode
        >>> wave = encode(Sound(np.sin(np.arange(8000))[:, None].astype(np.float32), 8000))
        >>> data = Dataset(pl.DataFrame({"a": [wave]}), Schema((Column("a", "audio"),)))
        >>> step = LogMel(mels=16)
        >>> step.fit(data)
        >>> step.apply(data).schema["a mel"].shape
        (16, 98)

    Source: Davis & Mermelstein, IEEE TASSP 28 (1980), doi:10.1109/TASSP.1980.1163420; mel scale of
        O'Shaughnessy, 1987, m = 2595 log10(1 + f / 700).
    """

    name: ClassVar[str] = "log_mel"
    main: ClassVar[str] = "mels"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"audio"})

    mels: int = 40
    rate: int = 0
    window_ms: float = 25.0
    hop_ms: float = 10.0
    seconds: float = 0.0
    frames: int = 0
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        within(self, mels=(8, 256), window_ms=(2, 200))
        if self.rate:
            within(self, rate=(1000, 192_000))
        within(self, hop_ms=(1, 200), seconds=(0, 600), frames=(0, 4096))

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        found = chosen(self.name, dataset.schema, self.columns, self.kinds)
        state = {c.name: self._learnt(dataset.frame.get_column(c.name)) for c in found}
        # Named as sources, so that callers are still asked for them.
        return {"columns": state, "sources": [column.name for column in found]}

    def _learnt(self, series: pl.Series) -> dict[str, Json]:
        some = series.drop_nulls().head(_LEARNT)
        sounds = [read_cell(cell, series.name, row) for row, cell in enumerate(some, start=1)]
        seconds = self.seconds
        if not seconds:
            lengths = [sound.seconds for sound in sounds] or [1.0]
            seconds = max(self.window_ms / 1000, min(10.0, float(np.quantile(lengths, 0.9))))
        seconds = round(seconds, 3)
        rate = self.rate or min([HIGHEST, *(sound.rate for sound in sounds)])
        pictures = [self._picture(sound, seconds, rate) for sound in sounds]
        low = min((float(p.min()) for p in pictures), default=-10.0)
        high = max((float(p.max()) for p in pictures), default=0.0)
        shape = [self.mels, self._steps(seconds, rate)]
        bounds = {"low": round(low, 4), "high": round(high, 4)}
        return {"seconds": seconds, "rate": rate, "shape": shape, **bounds}

    def _sizes(self, rate: int) -> tuple[int, int]:
        """Return the samples of a window, and from one to the next."""
        return int(self.window_ms / 1000 * rate), max(1, int(self.hop_ms / 1000 * rate))

    def _steps(self, seconds: float, rate: int) -> int:
        window, hop = self._sizes(rate)
        windows = 1 + (int(seconds * rate) - window) // hop
        return min(self.frames, windows) if self.frames else max(1, windows)

    def _picture(self, sound: Sound, seconds: float, rate: int) -> NDArray[np.float32]:
        """Return the log-mel picture of one recording, shape (mels, steps)."""
        window, hop = self._sizes(rate)
        samples = resampled(sound.mono, sound.rate, rate)
        length = max(window, int(seconds * rate))
        samples = np.pad(samples[:length], (0, max(0, length - len(samples))))
        windows = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]
        size = 1 << (window - 1).bit_length()
        power = np.square(np.abs(np.fft.rfft(windows * _hann(window), size)))  # (T, F)
        heard = power @ _filters(self.mels, size, rate).T  # (T, M)
        picture = np.log10(np.maximum(heard, _FLOOR)).T
        steps = self._steps(seconds, rate)
        if picture.shape[1] > steps:
            parts = np.array_split(picture, steps, axis=1)
            picture = np.stack([part.mean(axis=1) for part in parts], axis=1)
        return np.asarray(picture, dtype=np.float32)

    def prepare(self, schema: Schema) -> Schema:
        known: Mapping[str, Any] = self.state.get("columns", {})
        made = []
        for name, facts in known.items():
            mels, steps = facts["shape"]
            why = because("audio.reason_mel", column=name, mels=mels, frames=steps, hop=self.hop_ms)
            made.append(
                Column(
                    f"{name} mel",
                    "image",
                    nullable=schema[name].nullable if name in schema else True,
                    shape=(mels, steps),
                    low=facts["low"],
                    high=facts["high"],
                    **why,
                )
            )
        heard = because
        kept = [
            replace(c, role="ignored", **heard("audio.reason_heard", made=f"{c.name} mel"))
            if c.name in known
            else c
            for c in schema
            if c.name not in {column.name for column in made}
        ]
        return Schema((*kept, *made))

    def transform(self, dataset: Dataset) -> Dataset:
        known: Mapping[str, Any] = self.state.get("columns", {})
        names = [name for name in known if name in dataset.schema]
        if not names:
            return dataset
        series = [self._column(dataset.frame.get_column(name), known[name]) for name in names]
        schema = self.plan(dataset.schema)
        frame = arrange(swap(dataset.frame, series), schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def _column(self, series: pl.Series, facts: Mapping[str, Json]) -> pl.Series:
        shape = tuple(facts["shape"])
        block = np.full((len(series), *shape), facts["low"], dtype=np.float32)
        for row, cell in enumerate(series):
            if cell is not None:
                sound = read_cell(cell, series.name, row + 1)
                block[row] = self._picture(sound, facts["seconds"], facts.get("rate", self.rate))
        np.clip(block, facts["low"], facts["high"], out=block)
        made = pl.Series(f"{series.name} mel", block, dtype=pl.Array(pl.Float32, shape))
        if not series.null_count():
            return made
        there = pl.when(series.is_not_null()).then(made).otherwise(None)
        return pl.select(there.alias(made.name)).to_series()

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        return {"columns": dict(self.state.get("columns", {})), "changed": before.frame.height}


def _hann(size: int) -> NDArray[np.float64]:
    return np.asarray(get_window("hann", size), dtype=np.float64)


@lru_cache(maxsize=8)
def _filters(mels: int, size: int, rate: int) -> NDArray[np.float64]:
    """Return triangular filters, evenly spaced in mel, shape (mels, size // 2 + 1)."""
    top = 2595 * np.log10(1 + rate / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, mels + 2) / 2595) - 1)
    hertz = np.fft.rfftfreq(size, 1 / rate)
    rise = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.maximum(0, np.minimum(rise, fall)), dtype=np.float64)
