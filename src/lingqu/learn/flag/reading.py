"""Rows of a table as what all learners of the unusual read, and what they return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.schema import Column, Kind
from lingqu.learn.flag import CLASSES
from lingqu.learn.flag.front import Front, fit_front, levels_of
from lingqu.learn.flag.tail import fit_tail, to_answers
from lingqu.learn.tabular.graph import Large, Step, graph, verify
from lingqu.release.encode import Encoder, fit_encoding, weights
from lingqu.release.learn_blocks import tree_blocks

MOST_ROWS = 200_000
"""Rows that are learned from: what is usual is known well enough from so many."""
SAMPLE = 512
"""Rows on which a graph is compared with its learner."""
READ: frozenset[Kind] = frozenset(
    {"number", "category", "boolean", "text", "datetime", "image", "vector"}
)
"""Kinds of columns that are read."""
ROW_AXIS = {"row_axis": np.array([1])}
Scorer = Callable[[NDArray[np.float32]], NDArray[np.float64]]


@dataclass(frozen=True)
class Reading:
    """Training rows, encoded.

    Args:
        encoding: How columns become the tensor; the same for every learner of the same rows.
        x: The rows that may be normal, (N, width).
        front: What is usual of each number.
        moments: Place of the calendar parts of the time in the tensor, or -1.
        group: Place of the codes of series, or -1; `series` says how many there are.
        series: How many series there are.
        odd: Rows that somebody called an anomaly, encoded, (M, width).
        sure: Which rows of `x` somebody called normal, (N,).
    """

    encoding: dict[str, Json]
    x: NDArray[np.float32]
    front: Front
    moments: int = -1
    group: int = -1
    series: int = 0
    odd: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    sure: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))


def labels(dataset: Dataset) -> NDArray[np.int64] | None:
    """Return 1 for an anomaly, 0 for normal, -1 where nobody said; None without a target.

    Raises:
        DataError: A label is none of the two classes.

    Example:
        >>> from lingqu.core.schema import Schema
        >>> schema = Schema((Column("y", "category", "target", levels=CLASSES),))
        >>> labels(Dataset(pl.DataFrame({"y": ["anomaly", None]}), schema)).tolist()
        [1, -1]
    """
    target = dataset.schema.target
    if target is None or target.name not in dataset.frame.columns:
        return None
    words = dataset.frame.get_column(target.name).cast(pl.String)
    codes = words.cast(pl.Enum(CLASSES), strict=False).to_physical().cast(pl.Int64)
    strange = (codes.is_null() & words.is_not_null()).arg_true()
    if len(strange):
        row = int(strange[0])
        raise DataError(
            "release.unknown_label", row=row + 1, column=target.name, received=words[row],
            expected=", ".join(CLASSES),
        )  # fmt: skip
    return codes.fill_null(-1).to_numpy()


def sampled(dataset: Dataset, seed: int, most: int = MOST_ROWS) -> Dataset:
    """Return at most so many rows, drawn by the seed, in order."""
    if len(dataset) <= most:
        return dataset
    rows = np.sort(np.random.default_rng(seed).choice(len(dataset), most, replace=False))
    return replace(dataset, frame=dataset.frame[rows], digest="")


def read(train: Dataset, seed: int = 0) -> Reading:
    """Encode training rows, without those that somebody called an anomaly.

    Rows of weight 0 are left out; where weights differ, rows are drawn by them.

    Raises:
        DataError: There are no rows, no column that can be read, or no row that may be normal.
    """
    train = sampled(_weighted(train, seed), seed)
    known = labels(train)
    if known is not None and (known == 1).all() and len(train):
        raise DataError("flag.all_odd", rows=len(train))
    encoding = _encoding(train)
    encoder = Encoder(encoding)
    x = encoder.encode(train.frame)["x"]
    widths = encoding["widths"]
    front = fit_front(
        x, levels_of(encoding["blocks"], widths), sum(widths[: len(widths) - encoding["beside"]])
    )
    if known is None:
        known = np.full(len(x), -1)
    x, odd, sure = x[known != 1], x[known == 1], known[known != 1] == 0
    places = np.cumsum([0, *widths])
    beside = encoding["beside"]
    moments = int(places[len(widths) - beside]) if beside else -1
    group = int(places[-2]) if beside == 2 else -1
    series = len(encoding["blocks"][-1]["levels"]) if beside == 2 else 0
    return Reading(encoding, x, front, moments, group, series, odd, sure)


def _weighted(train: Dataset, seed: int) -> Dataset:
    weight = weights(train)
    if weight is None or not len(train) or weight.min() == weight.max():
        return train
    rows = np.flatnonzero(weight > 0)
    if np.ptp(weight[rows]) > 0:
        chances = weight[rows] / weight[rows].sum()
        rows = np.sort(np.random.default_rng(seed).choice(rows, len(rows), p=chances))
    return replace(train, frame=train.frame[rows], digest="")


def _encoding(train: Dataset) -> dict[str, Json]:
    """Return the encoding: the features, then calendar and series where the channel names them."""
    encoding = fit_encoding(train, "tree")
    when = [c for c in train.schema.having("time") if c.kind == "datetime" and c.seen]
    whose = [replace(c, kind="category") for c in train.schema.having("group") if c.seen]
    beside: list[Column] = [*when[:1], *whose[:1]] if when else []
    frame = train.frame.with_columns(pl.col(c.name).cast(pl.String) for c in whose[:1])
    for column in beside:
        encoding["blocks"] += tree_blocks(frame, [column])
    encoding["left_out"] = [n for n in encoding["left_out"] if n not in {c.name for c in beside}]
    widths = [
        Encoder({**encoding, "blocks": [block], "shape": []}).encode(frame[:1])["x"].shape[1]
        for block in encoding["blocks"]
    ]
    encoding["shape"] = [sum(widths)]
    encoding["widths"], encoding["beside"] = widths, len(beside)
    encoding["usual"] = _usual(Encoder(encoding).encode(train.frame)["x"])
    return encoding


def _usual(x: NDArray[np.float32]) -> list[float | None]:
    """Return a value of each number that is as usual as can be; None where it mostly lacks."""
    usual: list[float | None] = []
    for column in x.T:
        known = column[~np.isnan(column)]
        if 2 * len(known) < len(column) or not len(known):
            usual.append(None)
            continue
        usual.append(float(np.quantile(known, 0.5, method="lower")))
    return usual


def member(
    name: str,
    reading: Reading,
    scores: NDArray[np.float64],
    steps: Sequence[Step | Large],
    constants: Mapping[str, Any],
    native: Scorer,
    notes: Mapping[str, Json],
    double: bool = False,
) -> Model:
    """Return the model of one learner: raw scores, and how rare they are.

    Args:
        name: The algorithm.
        reading: What it learned from.
        scores: Raw scores of rows of `reading.x` that it did not learn by heart, (M,).
        steps: Nodes from ``x`` to ``score`` (N, 1).
        constants: Tensors that they name.
        native: The scores of the rows of a tensor as the learner computes them; NaN where
            rounding decides between equal ways.
        notes: For the report.
        double: Whether the graph computes in float64.

    Raises:
        TrainError: The graph does not score like the learner.
    """
    width = reading.front.width
    first = graph([*steps, ("Identity", ["score"], ["values"], {})], constants, width, "values",
                  double)  # fmt: skip
    rows = reading.x[np.linspace(0, len(reading.x) - 1, min(SAMPLE, len(reading.x))).astype(int)]
    expected = native(rows)
    clear = np.isfinite(expected)
    rows, expected = rows[clear], expected[clear]
    if len(rows):
        scale = max(1.0, float(np.abs(expected).max()))
        verify(name, first, rows, expected[:, None], scale)
    tail = fit_tail(scores)
    ends, more = to_answers("surprise")
    whole = [*steps, *tail.steps("score", "surprise"), *ends]
    data = graph(whole, {**constants, **tail.constants(), **more}, width, "probabilities", double)
    told = {**notes, "rows": len(reading.x), "refit": {}}
    one = Member(name, name, 1.0, reading.encoding, data, told)
    return Model("flag", CLASSES, (one,))
