"""Mondrian: cut the rows at medians, again and again, into boxes that hold at least k of them.

Where a ladder makes a column coarse everywhere alike, a box is as coarse as the few rows in it ask:
less is lost, and two people of one age may be shown in ranges of different widths.

Source: LeFevre, DeWitt, Ramakrishnan, "Mondrian multidimensional k-anonymity", 2006,
doi:10.1109/ICDE.2006.101 (strict, top down, widest column first). l-diversity (distinct) and
t-closeness as `lingqu.core.sensitive` says. Own: a missing value is a box of its own where enough
rows lack it; rows are cut where the halves are most alike, so that ties stay together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.core.sensitive import Codes, distance
from lingqu.govern.privacy.hierarchy import OTHER

Floats = NDArray[np.float64]
_JOIN, _RANGE, _JOINED = " | ", "–", 4
_HEAD = re.compile(rf"{re.escape(_JOIN)}|{_RANGE}")


@dataclass(frozen=True)
class Demand:
    """What every box must fulfil.

    Args:
        k: Fewest rows.
        l: Fewest distinct sensitive values.
        t: Largest distance of its sensitive values from those of all rows.
        sensitive: Those values as numbers from 0, shape (N,); None where nothing is asked of them.
        ordered: Whether they have an order.
    """

    k: int
    l: int = 1  # noqa: E741 - the letter of the literature
    t: float = 1.0
    sensitive: Codes | None = None
    ordered: bool = False

    def met(self, rows: Codes) -> bool:
        """Say whether these rows may be a box."""
        if len(rows) < self.k:
            return False
        if self.sensitive is None:
            return True
        whole = np.bincount(self.sensitive)
        counts = np.bincount(self.sensitive[rows], minlength=len(whole))
        return bool(
            (counts > 0).sum() >= self.l and distance(counts, whole, self.ordered) <= self.t
        )


def grow(frame: pl.DataFrame, columns: Sequence[Column], demand: Demand) -> dict[str, Json]:
    """Return the boxes of some rows, as a tree in JSON.

    Returns:
        ``nodes``: each a cut (``column``, ``at``, ``low`` and ``high``: numbers of nodes; without
        ``at`` it parts missing values, which go low) or a box (``values`` per column);
        ``columns``: per column its mean ``loss`` and what the boxes are ``called``; ``loss``, the
        mean of these (normalised certainty penalty); ``boxes``.

    Example:
        >>> ages = pl.DataFrame({"age": [21.0, 24.0, 22.0, 61.0, 67.0, 64.0]})
        >>> tree = grow(ages, [Column("age", "number")], Demand(k=3))
        >>> place(ages, tree)[0].to_list()
        [22.5, 22.5, 22.5, 64.0, 64.0, 64.0]
    """
    axes = [_Axis(column, frame.get_column(column.name)) for column in columns]
    nodes: list[dict[str, Json]] = [{}]
    stack = [(0, np.arange(frame.height))]
    lost = np.zeros(len(axes))
    boxes = 0
    while stack:
        number, rows = stack.pop()
        cut = _cut(axes, rows, demand)
        if cut is None:
            nodes[number] = {"values": {axis.name: axis.value(rows) for axis in axes}}
            lost += [axis.width(rows) * len(rows) for axis in axes]
            boxes += 1
            continue
        axis, at, low, high = cut
        nodes[number] = {"column": axis.name, "low": len(nodes), "high": len(nodes) + 1}
        if at is not None:
            nodes[number]["at"] = axis.shown(at)
        stack += [(len(nodes), low), (len(nodes) + 1, high)]
        nodes += [{}, {}]
    loss = lost / max(1, frame.height)
    return {
        "nodes": nodes,
        "columns": {
            axis.name: {"loss": round(float(mean), 6), "called": _called(axis, nodes)}
            for axis, mean in zip(axes, loss, strict=True)
        },
        "loss": round(float(loss.mean()), 6),
        "boxes": boxes,
    }


def _called(axis: _Axis, nodes: Sequence[Mapping[str, Json]]) -> list[str]:
    """Return how the boxes are called in a column of words."""
    if axis.kind != "words":
        return []
    values = {node["values"][axis.name] for node in nodes if "values" in node}
    return sorted(value for value in values if value is not None)


def _cut(
    axes: Sequence[_Axis], rows: Codes, demand: Demand
) -> tuple[_Axis, float | None, Codes, Codes] | None:
    """Return the cut of the widest column that may be cut: the axis, where, and both halves."""
    if len(rows) < 2 * demand.k:
        return None
    for axis in sorted(axes, key=lambda axis: -axis.width(rows)):
        values = axis.values[rows]
        missing = np.isnan(values)
        if missing.any() and not missing.all() and axis.kind != "yes":
            low, high = rows[missing], rows[~missing]
            if demand.met(low) and demand.met(high):
                return axis, None, low, high
        at = _middle(values[~missing], len(rows))
        if at is None:
            continue
        below = values < at  # what is missing goes high
        low, high = rows[below], rows[~below]
        if demand.met(low) and demand.met(high):
            return axis, at, low, high
    return None


def _middle(values: Floats, rows: int) -> float | None:
    """Return where to cut so that halves are most alike; None where all values are equal."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) < 2:
        return None
    below = np.cumsum(counts)[:-1]
    place = int(np.argmin(np.abs(below - rows / 2)))
    first, after = float(distinct[place]), float(distinct[place + 1])
    middle = (first + after) / 2
    return middle if first < middle <= after else after


class _Axis:
    """One column as numbers that can be cut: words by their place in the alphabet."""

    def __init__(self, column: Column, series: pl.Series) -> None:
        self.name = column.name
        self.kind = _kind(series)
        self.words: list[str] = []
        if self.kind == "words":
            heads = _heads(series)
            self.words = sorted({head for head in heads if head is not None})
            places = {word: float(place) for place, word in enumerate(self.words)}
            self.values = np.array([places.get(head, np.nan) for head in heads])  # type: ignore[arg-type]
        else:
            self.values = _numbers(series, self.kind)
        held = self.values[~np.isnan(self.values)]
        self.spread = float(held.max() - held.min()) if len(held) else 0.0

    def width(self, rows: Codes) -> float:
        """Return the share of the whole width that these rows take, 0 to 1."""
        held = self.values[rows]
        held = held[~np.isnan(held)]
        return float((held.max() - held.min()) / self.spread) if len(held) and self.spread else 0.0

    def shown(self, at: float) -> Json:
        """Return a cut as it is kept: words from this one on go high."""
        return self.words[int(np.ceil(at))] if self.kind == "words" else at

    def value(self, rows: Codes) -> Json:
        """Return what all rows of a box become."""
        held = self.values[rows]
        known = held[~np.isnan(held)]
        if not len(known):
            return None
        low, high = float(known.min()), float(known.max())
        if self.kind == "yes":
            return bool(low) if low == high and len(known) == len(held) else None
        if self.kind == "time":
            return int((low + high) // 2)
        if self.kind == "words":
            return self._label(int(low), int(high))
        return (low + high) / 2

    def _label(self, low: int, high: int) -> str:
        if low == high:
            return self.words[low]
        if high - low + 1 == len(self.words):
            return OTHER
        if high - low < _JOINED:
            return _JOIN.join(self.words[low : high + 1])
        return f"{self.words[low]}{_RANGE}{self.words[high]}"


def _kind(series: pl.Series) -> str:
    if series.dtype == pl.Boolean:
        return "yes"
    if series.dtype.is_temporal():
        return "time"
    return "number" if series.dtype.is_numeric() else "words"


def _numbers(series: pl.Series, kind: str) -> Floats:
    if kind == "time":
        series = series.cast(pl.Datetime("us")).to_physical()
    values: Floats = series.cast(pl.Float64).to_numpy().astype(np.float64)
    return values


def _heads(series: pl.Series) -> list[str | None]:
    """Return the words that cells are ordered by: of the name of a box, its first."""
    texts: list[str | None] = series.cast(pl.String).to_list()
    return [None if text is None else _HEAD.split(text, maxsplit=1)[0] for text in texts]


def place(frame: pl.DataFrame, state: Mapping[str, Any]) -> list[pl.Series]:
    """Return the columns of a tree as its boxes make them; doing it twice changes nothing more.

    Args:
        frame: Rows with these columns, of the fit or not: each falls into a box that is there.
        state: What `grow` returned.
    """
    nodes: Sequence[Mapping[str, Any]] = state["nodes"]
    names = [name for name in state["columns"] if name in frame.columns]
    cells = {name: _Cells(frame.get_column(name)) for name in names}
    box = np.zeros(frame.height, dtype=np.int64)
    stack = [(0, np.arange(frame.height))]
    while stack:
        number, rows = stack.pop()
        node = nodes[number]
        if "values" in node:
            box[rows] = number
            continue
        held = cells.get(node["column"])
        low = np.zeros(len(rows), dtype=bool) if held is None else held.low(rows, node)
        for side, part in (("low", rows[low]), ("high", rows[~low])):
            if len(part):
                stack.append((node[side], part))
    used, where = np.unique(box, return_inverse=True)
    return [
        _written(frame.get_column(name), [nodes[n]["values"][name] for n in used], where)
        for name in names
    ]


class _Cells:
    """The cells of one column, asked on which side of a cut they are."""

    def __init__(self, series: pl.Series) -> None:
        kind = _kind(series)
        self._words = np.array(_heads(series), dtype=object) if kind == "words" else None
        self._missing = series.is_null().to_numpy()
        if self._words is None:
            self._values = _numbers(series, kind)
            self._missing = np.isnan(self._values)

    def low(self, rows: Codes, node: Mapping[str, Any]) -> NDArray[np.bool_]:
        missing = self._missing[rows]
        if "at" not in node:
            return missing
        at = node["at"]
        if self._words is None:
            below = self._values[rows] < at
        else:
            below = np.array([word is not None and word < at for word in self._words[rows]], bool)
        return np.asarray(below, dtype=np.bool_)


def _written(series: pl.Series, values: Sequence[Json], where: Codes) -> pl.Series:
    """Return a column in which each row has the value of its box."""
    kind = _kind(series)
    if kind == "time":
        made = pl.Series(series.name, values, dtype=pl.Int64).cast(pl.Datetime("us"))
        made = made.cast(series.dtype)
    else:
        kinds: dict[str, Any] = {"yes": pl.Boolean, "words": pl.String, "number": pl.Float64}
        made = pl.Series(series.name, values, dtype=kinds[kind])
    return made.gather(where)
