"""Ways in which inputs go wrong: noise, missing values, typos, moved or darkened pictures, hiss.

Each takes a column and returns it changed; all randomness comes from the generator passed in.

Source: Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions",
ICLR 2019, arXiv:1903.12261 (noise, brightness, shift); typos: Belinkov and Bisk, "Synthetic and
Natural Noise Both Break Neural Machine Translation", ICLR 2018, arXiv:1711.02173.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.schema import Column
from lingqu.release.media import pixels

if TYPE_CHECKING:
    from lingqu.release.sound import Sound

Generator = np.random.Generator


def noise(series: pl.Series, column: Column, level: float, random: Generator) -> pl.Series:
    """Add Gaussian noise of `level` standard deviations; missing values stay missing.

    Example:
        >>> values = pl.Series("a", [1.0, None, 3.0])
        >>> noise(values, Column("a", "number"), 0.0, np.random.default_rng(0)).to_list()
        [1.0, None, 3.0]
    """
    values = series.cast(pl.Float64, strict=False)
    deviation = values.fill_nan(None).std()
    size = level * float(deviation) if isinstance(deviation, int | float) else 0.0
    return values + pl.Series(random.normal(0.0, 1.0, len(values)) * size)


def missing(series: pl.Series, column: Column, level: float, random: Generator) -> pl.Series:
    """Take away a share `level` of the values."""
    gone = pl.Series(random.random(len(series)) < level)
    return series.set(gone, None)


def typos(series: pl.Series, column: Column, level: float, random: Generator) -> pl.Series:
    """Swap neighbours at a share `level` of the positions of each text.

    Example:
        >>> typos(pl.Series("t", ["ab"]), Column("t", "text"), 1.0, np.random.default_rng(0))[0]
        'ba'
    """
    return pl.Series(
        series.name,
        [None if cell is None else _mistyped(str(cell), level, random) for cell in series],
        dtype=pl.String,
    )


def _mistyped(text: str, level: float, random: Generator) -> str:
    letters = list(text)
    at = 0
    for slip in random.random(max(len(letters) - 1, 0)) < level:
        if slip and at + 1 < len(letters):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
            at += 1  # a letter moves once, else it would travel to the end
        at += 1
        if at + 1 >= len(letters):
            break
    return "".join(letters)


def pixel_noise(series: pl.Series, column: Column, level: float, random: Generator) -> pl.Series:
    """Add Gaussian noise of `level` of the range of brightness."""
    images, low, high = _pixels(series, column)
    changed = images + random.normal(0.0, level * (high - low), images.shape)
    return _column(series, np.clip(changed, low, high))


def shifted(series: pl.Series, column: Column, level: float, random: Generator) -> pl.Series:
    """Move each picture by `level` pixels up, down, left or right; the edge is repeated."""
    images, _, _ = _pixels(series, column)
    step = int(level)
    height, width = images.shape[1:3]
    ways = random.integers(0, 4, len(images))
    moved = images.copy()
    for way, (down, across) in enumerate(((step, 0), (-step, 0), (0, step), (0, -step))):
        rows = np.clip(np.arange(height) - down, 0, height - 1)
        columns = np.clip(np.arange(width) - across, 0, width - 1)
        chosen = ways == way
        moved[chosen] = images[chosen][:, rows][:, :, columns]
    return _column(series, moved)


def brightness(series: pl.Series, column: Column, level: float, random: Generator) -> pl.Series:
    """Darken or brighten each picture by `level` of the range."""
    images, low, high = _pixels(series, column)
    sign = random.choice([-1.0, 1.0], len(images)).reshape(-1, *[1] * (images.ndim - 1))
    return _column(series, np.clip(images + sign * level * (high - low), low, high))


def hiss(series: pl.Series, column: Column, level: float, random: Generator) -> pl.Series:
    """Add white noise, `level` dB below the power of each recording."""

    def change(sound: Sound) -> Sound:
        power = float(np.mean(np.square(sound.samples, dtype=np.float64)))
        size = np.sqrt(power * 10 ** (-level / 10))
        noisy = sound.samples + random.normal(0.0, 1.0, sound.samples.shape) * size
        return type(sound)(np.clip(noisy, -1, 1).astype(np.float32), sound.rate)

    return _recordings(series, change)


def delayed(series: pl.Series, column: Column, level: float, random: Generator) -> pl.Series:
    """Let each recording begin `level` ms earlier or later, silence where nothing is left."""

    def change(sound: Sound) -> Sound:
        step = min(round(level / 1000 * sound.rate), len(sound.samples) - 1)
        silence = np.zeros_like(sound.samples[:step])
        kept = sound.samples[: len(sound.samples) - step], sound.samples[step:]
        later = random.random() < 0.5
        parts = [silence, kept[0]] if later else [kept[1], silence]
        return type(sound)(np.concatenate(parts), sound.rate)

    return _recordings(series, change)


def _recordings(series: pl.Series, change: Callable[[Sound], Sound]) -> pl.Series:
    # Decoding needs soundfile, which a channel without recordings should not pay for.
    from lingqu.release.sound import each

    return each(series, change)


def _pixels(series: pl.Series, column: Column) -> tuple[NDArray[np.float32], float, float]:
    images = pixels(series, column.shape)
    low = float(images.min()) if column.low is None else column.low
    high = float(images.max()) if column.high is None else column.high
    return images, low, high


def _column(series: pl.Series, images: NDArray[Any]) -> pl.Series:
    return pl.Series(series.name, images.astype(np.float32))
