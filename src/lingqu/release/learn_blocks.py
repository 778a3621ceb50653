"""What an encoding learns from training rows: medians, means, levels, rarity. Returns JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Column, Kind
from lingqu.release.blocks import instants, numbers, vectors
from lingqu.release.learn_scaled import likeness, ranks, robust, way
from lingqu.release.ngrams import is_dense, ngram_counts
from lingqu.release.pictures import pixel_array, reduce_pixels, reduced_size
from lingqu.release.reading import PLAIN, Reading, Scaling
from lingqu.release.tokens import tokens_block

HOT = 30
"""Levels of a category that get a column of their own."""
KNOWN = 1000
"""Levels that an encoding remembers; rarer ones count as unseen, so the JSON stays small."""
BUCKETS = 16
"""Hash buckets shared by the levels beyond `HOT`."""
TEXT_BUCKETS = 1024
TREE_TEXT_BUCKETS = 32
GRAMS = (2, 4)
DENSE_BUCKETS, DENSE_GRAMS = 2048, (1, 2)
"""The same for Chinese and Japanese, where runs of four characters rarely come twice."""
FLAT_SIDE = 16
"""Side above which a flattened image is averaged down, in grey."""
IMAGE_SIDE = 64
"""Side above which an image for a convolution is averaged down."""
ALIKE = 16
"""From so many numeric columns of one range on, they are scaled together."""
SAMPLE = 20_000
"""Rows from which the statistics of images, vectors and text are learnt."""

Blocks = list[dict[str, Json]]


def readable(style: str) -> frozenset[Kind]:
    """Return the kinds of columns that a style reads."""
    if style == "image":
        return frozenset({"image"})
    return frozenset({"number", "boolean", "category", "datetime", "text", "vector", "image"})


def linear_blocks(
    frame: pl.DataFrame, columns: Sequence[Column], reading: Reading = PLAIN
) -> Blocks:
    """Return the blocks of the ``linear`` style.

    Columns that share one range, such as pixels in 64 numeric columns, are scaled by one mean
    and one deviation: standardising them one by one would blow up the pixels at the border that
    are nearly always 0.

    Source: Own; measured on digits, where it lifts an RBF-SVM from 0.986 to 0.992.
    """
    plain = [c for c in columns if _is_plain(c)]
    shared = reading.scaling in ("auto", "standard")
    alike = _alike(frame, [c for c in plain if c.kind == "number"]) if shared else set()
    single = [c for c in plain if c.name not in alike]
    ranked = _by_rank(frame, single, reading.scaling)
    single = [c for c in single if c.name not in ranked]
    blocks: Blocks = []
    if single:
        blocks.append(_single_numbers(frame, single, reading))
    if ranked:
        blocks.append(ranks(frame, ranked))
    if alike:
        blocks.append(_shared_numbers(frame, [c.name for c in plain if c.name in alike]))
    rest = [c for c in columns if not _is_plain(c)]
    blocks += [_linear_block(frame.get_column(c.name), c, reading) for c in rest]
    return blocks + _likenesses(frame, columns, reading)


def tree_blocks(frame: pl.DataFrame, columns: Sequence[Column], reading: Reading = PLAIN) -> Blocks:
    """Return the blocks of the ``tree`` style: raw values, nothing scaled."""
    plain = [c.name for c in columns if _is_plain(c)]
    blocks: Blocks = [{"type": "numbers", "columns": plain}] if plain else []
    for column in columns:
        series, block = frame.get_column(column.name), {"column": column.name}
        if column.kind == "category":
            levels = [level for level, _ in _levels(series, column, reading.rare)]
            blocks.append({"type": "ordinal", **block, "levels": levels})
        elif column.kind == "datetime":
            blocks.append({"type": "moment_parts", **block})
        elif column.kind == "text":
            grams = DENSE_GRAMS if is_dense(series) else GRAMS
            text = {"buckets": TREE_TEXT_BUCKETS, "grams": list(grams)}
            blocks.append({"type": "text", **block, **text})
        elif column.kind == "vector":
            blocks.append({"type": "vector", **block, "length": vector_length(series, column)})
        elif column.kind == "image":
            blocks.append(_image(series, column, FLAT_SIDE, flat=True, scaled=False))
    return blocks + _likenesses(frame, columns, reading)


def net_blocks(frame: pl.DataFrame, columns: Sequence[Column], reading: Reading = PLAIN) -> Blocks:
    """Return the blocks of the ``net`` style: a table, then each picture, then all texts as one.

    The words come last, since only there may the tensor be as short as the rows at hand allow.
    """
    pictures = [c for c in columns if c.kind == "image"]
    texts = [c.name for c in columns if c.kind == "text"]
    table = [c for c in columns if c.kind not in ("image", "text")]
    blocks = linear_blocks(frame, table, reading)
    blocks += [_image(frame.get_column(c.name), c, IMAGE_SIDE, flat=False, scaled=True)
               for c in pictures]  # fmt: skip
    return [*blocks, tokens_block(frame, texts, reading.context)] if texts else blocks


def image_blocks(
    frame: pl.DataFrame, columns: Sequence[Column], reading: Reading = PLAIN
) -> Blocks:
    """Return the one block of the ``image`` style; there is nothing to wish for."""
    column = columns[0]
    series = frame.get_column(column.name)
    return [_image(series, column, IMAGE_SIDE, flat=False, scaled=True)]


def _is_plain(column: Column) -> bool:
    return column.kind in ("number", "boolean")


def _likenesses(frame: pl.DataFrame, columns: Sequence[Column], reading: Reading) -> Blocks:
    """Return a block for each category of many levels, where it is wished for."""
    if not reading.similar:
        return []
    named = [c for c in columns if c.kind == "category"]
    counted = {c.name: _levels(frame.get_column(c.name), c) for c in named}
    found = [likeness(name, [level for level, _ in levels], reading.similar)
             for name, levels in counted.items()]  # fmt: skip
    return [block for block in found if block is not None]


def _linear_block(series: pl.Series, column: Column, reading: Reading) -> dict[str, Json]:
    if column.kind == "category":
        return _hot(series, column, reading.rare)
    if column.kind == "datetime":
        return _moments(series)
    if column.kind == "text":
        return _text(series)
    if column.kind == "vector":
        return _vector(series, column)
    return _image(series, column, FLAT_SIDE, flat=True, scaled=True)


def moments(values: NDArray[np.floating[Any]]) -> tuple[float, float]:
    """Return mean and standard deviation without overflow; the deviation of constants is 1."""
    finite = values[np.isfinite(values)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    if largest == 0.0:
        return 0.0, 1.0
    scaled = finite / largest
    mean, deviation = float(scaled.mean(dtype=np.float64)), float(scaled.std(dtype=np.float64))
    # A deviation of rounding errors would turn a constant into noise.
    return mean * largest, deviation * largest if deviation > 1e-9 else max(largest, 1.0)


def _by_rank(frame: pl.DataFrame, columns: Sequence[Column], scaling: Scaling) -> list[str]:
    if scaling not in ("auto", "quantile"):
        return []
    names = [column.name for column in columns if column.kind == "number"]
    return [n for n in names if way(numbers(frame.get_column(n)), scaling) == "quantile"]


def _single_numbers(
    frame: pl.DataFrame, columns: Sequence[Column], reading: Reading
) -> dict[str, Json]:
    block: dict[str, Json] = {
        "type": "numbers", "columns": [], "median": [], "mean": [], "scale": [], "missing": []
    }  # fmt: skip
    for column in columns:
        values = numbers(frame.get_column(column.name))
        finite = values[np.isfinite(values)]
        mean, scale = moments(values)
        if column.kind == "number" and way(values, reading.scaling) == "robust":
            mean, scale = robust(values) or (mean, scale)
        block["columns"].append(column.name)
        block["median"].append(float(np.median(finite)) if finite.size else 0.0)
        block["mean"].append(mean)
        block["scale"].append(scale)
        if np.isnan(values).any():
            block["missing"].append(column.name)
    return block


def _shared_numbers(frame: pl.DataFrame, names: list[str]) -> dict[str, Json]:
    columns = [numbers(frame.get_column(name)) for name in names]
    finite = [values[np.isfinite(values)] for values in columns]
    mean, scale = moments(np.concatenate(finite))
    missing = [n for n, values in zip(names, columns, strict=True) if np.isnan(values).any()]
    median = [float(np.median(values)) if values.size else mean for values in finite]
    return {
        "type": "numbers", "columns": names, "median": median, "mean": mean, "scale": scale,
        "missing": missing,
    }  # fmt: skip


def _alike(frame: pl.DataFrame, columns: Sequence[Column]) -> set[str]:
    """Return the numeric columns that share one range, when there are at least `ALIKE`.

    They start at the same lowest value and most of them reach at least half of the highest, as
    pixels, counts of words in one text or answers on one scale do.
    """
    if len(columns) < ALIKE:
        return set()
    names = [column.name for column in columns]
    low = np.array([frame.get_column(name).min() for name in names], dtype=np.float64)
    high = np.array([frame.get_column(name).max() for name in names], dtype=np.float64)
    known = np.isfinite(low) & np.isfinite(high)
    if not known.any():
        return set()
    values, counts = np.unique(low[known], return_counts=True)
    base = values[counts.argmax()]
    together = known & (low == base)
    moving = together & (high > base)
    if moving.sum() < ALIKE:
        return set()
    reach = high - base
    top = float(np.median(reach[moving]))
    # A pixel that is rarely dark may never have shown the lowest value itself.
    together = known & (low >= base) & (low <= base + top / 10) & (reach <= 2 * top)
    wide = float((reach[together & (reach > 0)] >= top / 2).mean())
    alike = {name for name, is_alike in zip(names, together, strict=True) if is_alike}
    # Columns of two values are flags, not one picture: each keeps a scale of its own.
    flags = all(frame.get_column(name).drop_nulls().n_unique() <= 2 for name in alike)
    return set() if len(alike) < ALIKE or wide < 0.6 or flags else alike


def _levels(series: pl.Series, column: Column, rare: int = 0) -> list[tuple[str, int]]:
    """Return the `KNOWN` most frequent levels with their counts, the most frequent first.

    Levels of fewer rows than `rare` are left out, if it is above 1.
    """
    counted = series.cast(pl.String).drop_nulls().value_counts().rows()
    found: dict[str, int] = {level: count for level, count in counted}
    for level in column.levels:
        found.setdefault(level, 0)
    if rare > 1:
        found = {level: count for level, count in found.items() if count >= rare}
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:KNOWN]


def _hot(series: pl.Series, column: Column, least: int) -> dict[str, Json]:
    levels = _levels(series, column, least)
    known = sum(count for _, count in levels)
    # Rare levels share a column with those never seen, of which training rows then hold some.
    rest = least > 1 and known < len(series) - series.null_count()
    most = np.log1p(max((count for _, count in levels), default=0)) or 1.0
    rare = len(levels) > HOT
    shares = [round(float(np.log1p(count) / most), 4) for _, count in levels] if rare else []
    block: dict[str, Json] = {
        "type": "category", "column": column.name, "levels": [level for level, _ in levels],
        "hot": HOT, "shares": shares, "buckets": BUCKETS, "missing": series.null_count() > 0,
    }  # fmt: skip
    return block | {"rest": True} if rest else block


def _moments(series: pl.Series) -> dict[str, Json]:
    stamps = instants(series)
    known = stamps[~np.isnat(stamps)]
    mean, scale = moments(known.astype("datetime64[Y]").astype(np.float64) + 1970)
    # Years of one or two calendar years are kept apart without being blown up.
    scale = max(scale, 1.0) if scale < 1000 else 1.0
    missing = len(known) < len(stamps)
    return {
        "type": "moments", "column": series.name, "mean": mean, "scale": scale, "missing": missing
    }  # fmt: skip


def _text(series: pl.Series) -> dict[str, Json]:
    sample = series.head(SAMPLE)
    buckets, grams = (DENSE_BUCKETS, DENSE_GRAMS) if is_dense(series) else (TEXT_BUCKETS, GRAMS)
    found = np.zeros(buckets, dtype=np.int64)
    for start in range(0, len(sample), 2048):
        part = ngram_counts(sample[start : start + 2048], buckets, *grams)
        found += (part > 0).sum(axis=0)
    rarity = np.log((1 + len(sample)) / (1 + found)) + 1
    return {
        "type": "text", "column": series.name, "buckets": buckets, "grams": list(grams),
        "idf": [round(float(value), 4) for value in rarity],
    }  # fmt: skip


def vector_length(series: pl.Series, column: Column) -> int:
    """Return how many numbers the vectors of a column hold."""
    if column.shape:
        return int(column.shape[0])
    present: list[Any] = series.drop_nulls().head(1).to_list()
    return len(present[0]) if present else 1


def _vector(series: pl.Series, column: Column) -> dict[str, Json]:
    length = vector_length(series, column)
    mean, scale = moments(vectors(series.head(SAMPLE), length))
    return {
        "type": "vector", "column": column.name, "length": length, "mean": mean, "scale": scale
    }  # fmt: skip


def _image(
    series: pl.Series, column: Column, side: int, *, flat: bool, scaled: bool
) -> dict[str, Json]:
    """Describe an image column: larger than `side` is averaged down (flattened: in grey)."""
    shape = column.shape
    size = reduced_size(shape, side)
    smaller = size != tuple(shape[:2])
    grey = flat and smaller
    block: dict[str, Json] = {
        "type": "pixels", "column": column.name, "shape": list(shape),
        "size": list(size) if smaller else None, "grey": grey, "channels_first": not flat,
    }  # fmt: skip
    if scaled:
        sample = series.drop_nulls().head(SAMPLE if len(shape) < 3 and side < 64 else 2000)
        images = pixel_array(sample, tuple(shape))
        if smaller:
            images = reduce_pixels(images, size, grey)
        block["mean"], block["scale"] = moments(images.astype(np.float32))
    return block
