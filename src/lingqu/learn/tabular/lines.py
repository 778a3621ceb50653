"""What a weighted sum of columns says of each, where every column is read by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.learn.tabular.rows import Rows
from lingqu.learn.tabular.shapes import MOST, POINTS, short
from lingqu.release.blocks import BLOCKS, CLIP

Floats = NDArray[np.float64]
_LOOKED = 3
"""Times as many columns as are told whose part in the answers is measured."""


@dataclass(frozen=True)
class _Read:
    """How one column is read.

    Args:
        column: Its name.
        places: Tensor positions that it alone fills, (d,).
        side: Values that are told: ``{"at": …}`` of a number, ``{"levels": …}`` of a category.
        tensor: What stands at these positions there, and, last, where nothing is known, (v, d).
    """

    column: str
    places: list[int]
    side: dict[str, Json]
    tensor: Floats


def lines(weights: Floats, fold: Rows, unit: float = 1.0) -> list[dict[str, Json]]:
    """Return the lines of the weightiest columns of a linear model.

    Args:
        weights: Of each tensor position for each sum, (D, 1) for values, (D, classes).
        fold: The rows that were learned from.
        unit: Unit of the sums: that of the values, or 1 for log-odds.

    Returns:
        As `lingqu.learn.tabular.shapes.shapes`; a number has ``at`` in the place of ``from``:
        what is added there, straight lines between, and beyond the last no more. Nothing where a
        column is not read by itself, as in a rich view, or not as it is, as a text.

    Source: Own arithmetic: terms of a sum, each less its mean over the training rows.
    """
    known = list(_columns(fold.encoding["blocks"]))
    reads = [read for read in known if read is not None]
    if len(reads) < len(known):
        return []
    each = _sums(weights, fold)
    # What stands in the tensor is of one size: the weights say which columns may be told.
    reads.sort(key=lambda read: -max(float(np.abs(s[read.places]).max()) for _, s in each))
    found = []
    for read in reads[: _LOOKED * MOST]:
        x = fold.inputs.columns(read.places).astype(np.float64)
        found.append([_told(read, x, sums[read.places] * unit, of) for of, sums in each])
    found.sort(key=lambda those: -max(told["weight"] for told in those))
    return [told for those in found[:MOST] for told in those]


def _sums(weights: Floats, fold: Rows) -> list[tuple[str, Floats]]:
    """Return the weights of each sum that is told, with the class that it is of."""
    if len(fold.classes) < 2:
        return [("", weights[:, 0])]
    if len(fold.classes) == 2:
        return [("", weights[:, 1] - weights[:, 0])]
    seen = fold.present
    beside = weights[:, seen] - weights[:, seen].mean(1, keepdims=True)
    return [(fold.classes[place], beside[:, at]) for at, place in enumerate(seen)]


def _told(read: _Read, x: Floats, weights: Floats, of: str) -> dict[str, Json]:
    usual = float((x @ weights).mean())
    adds = read.tensor @ weights - usual
    return {
        "columns": [read.column],
        "weight": short(float(np.abs(x @ weights - usual).mean())),
        "sides": [read.side],
        "adds": [short(value) for value in adds[:-1]],
        "spread": [0.0] * (len(adds) - 1),
        "missing": short(float(adds[-1])),
        **({"of": of} if of else {}),
    }


def _columns(blocks: Sequence[Mapping[str, Any]]) -> Iterator[_Read | None]:
    """Yield how each column is read, or None for a block that is no plain reading of columns."""
    first = 0
    for block in blocks:
        if block["type"] == "numbers" and "mean" in block:
            yield from _numbers(block, first)
        elif block["type"] == "category":
            yield _category(block, first)
        else:
            yield None
        first += BLOCKS[block["type"]](block).width if block["type"] in BLOCKS else 0


def _numbers(block: Mapping[str, Any], first: int) -> Iterator[_Read]:
    names = block["columns"]
    # Numbers of one range share one mean and one deviation.
    means, scales = (np.broadcast_to(block[fact], len(names)) for fact in ("mean", "scale"))
    for at, name in enumerate(names):
        mean, scale = float(means[at]), float(scales[at])
        filled = float(np.clip((block["median"][at] - mean) / scale, -CLIP, CLIP))
        places, tensor = [first + at], [[-CLIP], [CLIP], [filled]]
        if name in block["missing"]:
            places.append(first + len(names) + block["missing"].index(name))
            tensor = [[-CLIP, 0.0], [CLIP, 0.0], [filled, 1.0]]
        ends = [mean - CLIP * scale, mean + CLIP * scale]
        yield _Read(name, places, {"at": ends}, np.array(tensor))


def _category(block: Mapping[str, Any], first: int) -> _Read:
    compiled = BLOCKS["category"](block)
    levels = list(block["levels"])[:POINTS]
    tensor = np.zeros((len(levels) + 1, compiled.width), dtype=np.float32)
    values = pl.Series(block["column"], [*levels, None], dtype=pl.String)
    compiled.write(values.to_frame(), tensor)
    places = list(range(first, first + compiled.width))
    return _Read(block["column"], places, {"levels": levels}, tensor.astype(np.float64))
