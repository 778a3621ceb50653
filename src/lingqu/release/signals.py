"""Signals: the numbers and categories that are watched instead of raw inputs and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.predictions import OUT_OF_RANGE, Predictions
from lingqu.core.schema import Column, Schema

Floats = NDArray[np.float64]
PARTS: dict[str, tuple[str, ...]] = {
    "text": ("length",),
    "image": ("mean", "std", "sharpness"),
    "vector": ("norm",),
    "audio": ("seconds", "level"),
}
"""Kind → the parts that are watched in place of its values."""
MADE = "made."
"""What the names of the columns begin with that hold cells of made rows."""


def signals(frame: pl.DataFrame, schema: Schema, *, paths: bool = True) -> pl.DataFrame:
    """Return the numbers and categories that are watched instead of raw inputs.

    Numbers and categories stay, booleans become categories, a text becomes its length, an image
    its mean, standard deviation and sharpness, a vector its length (norm), a recording its
    seconds and its level in dB. Dates and boxes are left out. A feature that the frame lacks
    becomes a column of missing values.

    Args:
        frame: Rows in the form that the schema describes.
        schema: Its typed columns; only features are watched.
        paths: Whether text in an image column may name a file; False for a stranger's rows.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> schema = Schema((Column("age", "number"), Column("note", "text")))
        >>> signals(pl.DataFrame({"age": [3], "note": ["four"]}), schema).rows()
        [(3.0, 4.0)]
    """
    made: list[pl.Series] = []
    known = frozenset(frame.columns)
    for column in schema.features:
        if column.name in known:
            made += _signals_of(frame[column.name], column, paths)
        else:
            empty = pl.Series(column.name, [None] * frame.height, dtype=pl.Null)
            made += _signals_of(empty, column, paths)
    return pl.DataFrame(made)


def _signals_of(series: pl.Series, column: Column, paths: bool) -> list[pl.Series]:
    if column.kind == "number":
        return [series.cast(pl.Float64, strict=False)]
    if column.kind in ("category", "boolean"):
        return [series.cast(pl.String)]
    if column.kind == "text":
        text = series.cast(pl.String)
        return [text.str.len_chars().cast(pl.Float64).alias(signal_of(column))]
    if column.kind == "image":
        statistics = partial(_image_statistics, shape=column.shape, paths=paths)
        return _spread(column, series, statistics)
    if column.kind == "vector":
        return _spread(column, series, _norms)
    if column.kind == "audio":
        return _spread(column, series, partial(_sound, paths=paths))
    return []


def signal_of(column: Column) -> str:
    """Return the first signal of a column, missing where its cell is; ``""`` if none is watched.

    Example:
        >>> signal_of(Column("age", "number")), signal_of(Column("note", "text"))
        ('age', 'note.length')
    """
    if column.kind in ("number", "category", "boolean"):
        return column.name
    return f"{column.name}.{PARTS[column.kind][0]}" if column.kind in PARTS else ""


def _spread(
    column: Column, series: pl.Series, measure: Callable[[pl.Series], Floats]
) -> list[pl.Series]:
    """Measure the rows that are there; the others stay missing."""
    parts = PARTS[column.kind]
    present = series.is_not_null().to_numpy()
    values = np.full((len(series), len(parts)), np.nan)
    if present.any():
        values[present] = measure(series.drop_nulls())
    return [
        pl.Series(f"{column.name}.{part}", values[:, i], nan_to_null=True)
        for i, part in enumerate(parts)
    ]


def _image_statistics(series: pl.Series, shape: tuple[int, ...], paths: bool) -> Floats:
    # Decoding needs Pillow, which a channel without images should not pay for.
    from lingqu.release.media import pixels

    images = pixels(series, shape, paths=paths)
    if images.ndim == 4:
        images = images.mean(axis=3)  # (N, H, W)
    flat = images.reshape(len(images), -1)
    sharp = np.zeros(len(images))
    for axis in (1, 2):
        if images.shape[axis] > 1:
            sharp += np.abs(np.diff(images, axis=axis)).mean(axis=(1, 2))
    return np.stack([flat.mean(1), flat.std(1), sharp], axis=1)


def _sound(series: pl.Series, paths: bool) -> Floats:
    # Decoding needs soundfile, which a channel without recordings should not pay for.
    from lingqu.release.sound import decode

    sounds = [decode(cell, paths=paths) for cell in series]
    levels = [max(float(np.mean(np.square(s.samples, dtype=np.float64))), 1e-12) for s in sounds]
    return np.array([[s.seconds for s in sounds], 10 * np.log10(levels)], dtype=np.float64).T


def _norms(series: pl.Series) -> Floats:
    values = np.asarray(series.to_list(), dtype=np.float64)
    norms: Floats = np.linalg.norm(values, axis=1)[:, None]
    return norms


def answers(predictions: Predictions) -> pl.DataFrame:
    """Return answers as the columns that are watched: ``prediction`` and ``confidence``.

    Of an answer of many parts it is how many there are, of a made row its cells as well, of a
    policy whether a row is unlike those of training.

    Example:
        >>> said = Predictions(np.array([1]), np.array([[0.25, 0.75]]), ("no", "yes"))
        >>> answers(said).rows()
        [('yes', 0.75)]
    """
    if predictions.out_of_range is not None:
        plain = answers(replace(predictions, out_of_range=None))
        return plain.hstack([pl.Series(OUT_OF_RANGE, predictions.out_of_range)])
    if not predictions.classes:
        values = pl.DataFrame({"prediction": predictions.labels.astype(np.float64)})
        told = predictions.replies
        if told is None or told.sure is None:
            return values.hstack([] if told is None else made_cells(told.said))
        return values.with_columns(confidence=pl.Series(told.sure))
    labels = predictions.labels.astype(np.int64)
    names = pl.Series("prediction", list(predictions.classes)).gather(labels)
    if predictions.probabilities is None:
        return pl.DataFrame({"prediction": names})
    sure = predictions.probabilities[np.arange(len(labels)), labels]
    return pl.DataFrame({"prediction": names, "confidence": sure.astype(np.float64)})


def made_cells(said: Sequence[Json]) -> list[pl.Series]:
    """Return the cells of made rows as the columns that are watched; nothing of other answers.

    Example:
        >>> [cells.name for cells in made_cells([{"age": 31.0, "sex": "m"}])]
        ['made.age', 'made.sex']
        >>> made_cells(["a text"])
        []
    """
    rows = [row for row in said if isinstance(row, Mapping)]
    if not rows or len(rows) < len(said):
        return []
    found = []
    for name in rows[0]:
        cells = [row[name] for row in rows]
        numbers = all(type(cell) in (int, float) for cell in cells if cell is not None)
        words = [None if cell is None else str(cell) for cell in cells]
        values = pl.Series(cells, dtype=pl.Float64) if numbers else pl.Series(words)
        found.append(values.alias(MADE + name))
    return found
