"""Rows as the data report shows them: plain cells, small pictures and sounds, nothing personal."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image, ImageOps

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column
from lingqu.flow.shown import plain
from lingqu.govern.privacy.recognise import concealed
from lingqu.release.column_profile.sounds import opened
from lingqu.release.media import MAX_PIXELS, image_in, pixels
from lingqu.report.picture import data_uri

COLUMNS = 8
"""Columns of a record, at most."""
LETTERS = 240
"""Characters of a text."""
SIDE = 40
"""Pixels of the longer side of a picture."""
HIDDEN, OTHER = "***", "***≠"
"""Personal data, and personal data that differs from that of the row beside it."""
_WAVE = 64
_BANDS = 24
_PROBLEMS = (OSError, ValueError, RuntimeError, SyntaxError, Image.DecompressionBombError)


@dataclass(frozen=True)
class Rows:
    """Rows that may be shown.

    Args:
        dataset: As they were read.
        hidden: Columns that hold personal data as a whole: no value of them is shown.
        texts: Columns of text: personal data in them is masked where they are shown.
        numbers: Number of each row where these are a sample; ``()`` for all rows.

    Example:
        >>> from lingqu.core.schema import Schema
        >>> data = Dataset(pl.DataFrame({"age": [41.0]}), Schema((Column("age", "number"),)))
        >>> Rows(data).record(0)
        {'age': 41.0}
    """

    dataset: Dataset
    hidden: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    numbers: tuple[int, ...] = ()

    @cached_property
    def _places(self) -> Mapping[int, int]:
        return {number: place for place, number in enumerate(self.numbers)}

    def place(self, row: int) -> int:
        """Return where a row stands here, or -1."""
        if self.numbers:
            return self._places.get(row, -1)
        return row if 0 <= row < self.dataset.frame.height else -1

    def number(self, place: int) -> int:
        """Return the number of the row at a place."""
        return self.numbers[place] if self.numbers else place

    def record(self, row: int, first: Iterable[str] = ()) -> dict[str, Json]:
        """Return a row: column → cell, the columns named in `first` before the others.

        A row that is not here gives an empty record: a report may be older than the rows.
        """
        place = self.place(row)
        if place < 0:
            return {}
        columns = self._columns(first)
        values = self.dataset.frame.select(c.name for c in columns).row(place, named=True)
        return {c.name: self.cell(c, values[c.name]) for c in columns}

    def pair(self, one: int, two: int) -> list[dict[str, Json]]:
        """Return two rows over the same columns, those that differ first."""
        places = self.place(one), self.place(two)
        if min(places) < 0:
            return []
        names = [c.name for c in self._known() if c.kind not in ("image", "audio", "vector")]
        a, b = (self.dataset.frame.select(names).row(place) for place in places)
        differ = [name for name, x, y in zip(names, a, b, strict=True) if x != y]
        return told_apart([self.record(row, differ) for row in (one, two)], differ)

    def clash(self, group: Sequence[int]) -> tuple[int, int]:
        """Return the first row of a group, and the first that has another label than it."""
        target = self.dataset.schema.target
        if target is not None and target.name in self.dataset.frame.columns:
            labels = self.dataset.frame[target.name]
            here = [(row, labels[self.place(row)]) for row in group if self.place(row) >= 0]
            for row, label in here[1:]:
                if label != here[0][1]:
                    return here[0][0], row
        return group[0], group[1]

    def cell(self, column: Column, value: Any) -> Json:
        """Return one cell as JSON: a plain value, ``{"picture": …}`` or ``{"sound": …}``."""
        if value is None:
            return None
        if column.name in self.hidden:
            return HIDDEN
        if column.kind == "image":
            return thumbnail(value, column)
        if column.kind == "audio":
            return sketch(value)
        return self.plain(column.name, value)

    def plain(self, name: str, value: Any) -> Json:
        """Return a value of a column without media."""
        if value is None or isinstance(value, bool | int):
            return HIDDEN if value is not None and name in self.hidden else value
        if name in self.hidden:
            return HIDDEN
        if isinstance(value, float):
            return value if isfinite(value) else str(value)
        if isinstance(value, bytes):
            return f"{len(value)} bytes"
        if isinstance(value, list | np.ndarray | pl.Series):
            return [self.plain(name, part) for part in list(value)[:6]]
        said = str(plain(value))
        return self.said(name, said[: 4 * LETTERS])[:LETTERS]

    def said(self, name: str, said: str) -> str:
        """Return a text of a column with its personal data masked."""
        return concealed(said) if name in self.texts else said

    def _known(self) -> list[Column]:
        held = self.dataset.frame.columns
        return [c for c in self.dataset.schema if c.name in held and c.role != "ignored"]

    def _columns(self, first: Iterable[str]) -> list[Column]:
        """Return the columns of a record: wanted ones, the target, media, then the others."""
        wanted = {name: place for place, name in enumerate(first)}
        media = ("image", "audio", "text")

        def rank(column: Column) -> int:
            if column.name in wanted:
                return wanted[column.name]
            return len(wanted) + (
                0 if column.role == "target" else 1 if column.kind in media else 2
            )

        return sorted(self._known(), key=rank)[:COLUMNS]


def told_apart(records: list[dict[str, Json]], differ: Collection[str]) -> list[dict[str, Json]]:
    """Return two rows; hidden values that differ do so to the eye as well, and are still hidden."""
    one, two = records
    for name in differ:
        if one.get(name) == HIDDEN == two.get(name):
            two[name] = OTHER
    return records


def thumbnail(value: Any, column: Column) -> Json:
    """Return a small picture as ``{"picture": "data:…"}``, or ``{"broken": why}``."""
    try:
        if isinstance(value, bytes | str):
            return {"picture": _encoded(value)}
        shape = column.shape or np.asarray(value).shape
        scale = min(1.0, SIDE / max(shape[:2], default=1))
        size = tuple(max(1, round(side * scale)) for side in shape[:2])
        found = pixels(pl.Series(column.name, [value]), (*size, *shape[2:]))[0]
        low, high = column.low or 0.0, column.high or 255.0
        scaled = np.clip((found - low) / max(high - low, 1e-9) * 255, 0, 255)
        return {"picture": data_uri(scaled.astype(int).tolist())}
    except (DataError, *_PROBLEMS) as error:
        return {"broken": str(error)[:120]}


def _encoded(value: bytes | str) -> str:
    """Return a picture file, made small, as an address that needs no network."""
    if isinstance(value, bytes) and value.startswith(b"\x93NUMPY"):
        raw = np.load(BytesIO(value), allow_pickle=False)
        return data_uri(np.clip(raw, 0, 255).astype(int).tolist())
    with image_in(BytesIO(value) if isinstance(value, bytes) else Path(value)) as image:
        if image.width * image.height > MAX_PIXELS:
            raise OSError(f"{image.width} × {image.height} pixels")
        image.load()
        small = ImageOps.exif_transpose(image)
        small = small.convert("L" if small.mode in ("1", "L", "LA") else "RGB")
        small.thumbnail((int(1.6 * SIDE), int(1.6 * SIDE)))
        file = BytesIO()
        small.save(file, "JPEG", quality=62)
    return "data:image/jpeg;base64," + b64encode(file.getvalue()).decode()


def sketch(value: Any) -> Json:
    """Return a recording as ``{"sound": {"seconds", "rate", "wave", "bands"}}``.

    ``wave`` are the lowest and highest samples of equal pieces, from -100 to 100; ``bands`` is a
    small picture of loudness over time and pitch.
    """
    if find_spec("soundfile") is None:
        return {"broken": 'pip install "lingqu[audio]"'}
    try:
        seconds, rate, sound = opened(value)
    except _PROBLEMS as error:
        return {"broken": str(error)[:120]}
    mono = sound.mean(axis=1)
    if not len(mono):
        return {"sound": {"seconds": seconds, "rate": rate, "wave": []}}
    top = float(np.abs(mono).max()) or 1.0
    pieces = np.array_split(mono / top * 100, min(_WAVE, len(mono)))
    wave = [[round(float(p.min())), round(float(p.max()))] for p in pieces]
    told: Mapping[str, Json] = {"seconds": round(seconds, 3), "rate": rate, "wave": wave}
    return {"sound": {**told, "bands": _bands(mono, rate)}}


def _bands(mono: Any, rate: int) -> str:
    """Return a spectrogram on a scale of pitch that is even to the ear, low tones below.

    Source: mel scale as in O'Shaughnessy, Speech Communication, 1987 (2595 log10(1 + f / 700)).
    """
    size = 512
    if len(mono) < size:
        mono = np.pad(mono, (0, size - len(mono)))
    starts = np.linspace(0, len(mono) - size, _WAVE).astype(int)
    frames = np.stack([mono[start : start + size] for start in starts]) * np.hanning(size)
    power = np.abs(np.fft.rfft(frames)) ** 2  # (_WAVE, 257)
    mel = 2595 * np.log10(1 + np.fft.rfftfreq(size, 1 / rate) / 700)
    place = np.minimum((mel / mel[-1] * _BANDS).astype(int), _BANDS - 1)
    sums = np.stack([power[:, place == band].sum(axis=1) for band in range(_BANDS)])
    level = 10 * np.log10(sums + 1e-9)
    level = np.clip((level - level.max() + 60) / 60, 0, 1) * 255
    return data_uri(level[::-1].astype(int).tolist())
