"""Effects: how the answer changes with one column when the others stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column

Floats = NDArray[np.float64]
KINDS = frozenset({"number", "category", "boolean"})
POINTS = 12
"""Values of a number that are tried: its quantiles, so that they are where rows are."""
LEVELS = 10
"""Levels of a category that are tried, the most frequent ones."""
ROWS = 150
"""Rows that are answered anew for each value."""
LINES = 20
"""Rows that are shown one by one."""
_BINS = 24
_ENDS = (0.002, 0.998)


def effect(
    frame: pl.DataFrame,
    column: Column,
    predict: Callable[[pl.DataFrame], Predictions],
    seed: int = 0,
) -> dict[str, Json]:
    """Return the partial dependence of the answers on a column, and how single rows go.

    Each of some rows is answered with each value of the column in turn. The mean over the rows is
    the partial dependence; a row's own line says whether the mean hides opposite effects. Where
    two columns go together, values are combined that no row has: the counts say where rows are.
    This is told and not accumulated local effects, since it holds for categories in no order as
    well, and shows single rows.

    Args:
        frame: Rows as the model reads them.
        column: A number, category or boolean among its columns.
        predict: The model.
        seed: Seed of the draw of rows.

    Returns:
        ``kind``, ``grid`` (values or levels), ``mean``, ``lines`` (rows × values), ``edges`` and
        ``counts`` of the data, ``of`` (the class whose chance it is, ``""`` for a value),
        ``missing`` (mean answer where it is missing; None if no row lacks it) and ``rows``;
        nothing where there are not two values.

    Example:
        >>> rows = pl.DataFrame({"x": [0.0, 1.0, 2.0]})
        >>> double = lambda rows: Predictions(2 * rows["x"].to_numpy())
        >>> found = effect(rows, Column("x", "number"), double)
        >>> found["grid"], found["mean"]
        ([0.0, 1.0, 2.0], [0.0, 2.0, 4.0])

    Source: Friedman 2001, doi:10.1214/aos/1013203451 (partial dependence); Goldstein et al.,
    "Peeking inside the black box", 2015, arXiv:1309.6392 (single rows).
    """
    series = frame[column.name]
    number = column.kind == "number"
    grid, counted = _numbers(series) if number else _levels(series)
    if len(grid) < 2:
        return {}
    rows = frame
    if frame.height > ROWS:
        picked = np.random.default_rng(seed).choice(frame.height, ROWS, replace=False)
        rows = frame[np.sort(picked)]
    nothing = grid.clear(1 if series.null_count() else 0)
    values = pl.concat([grid, nothing])
    answers, classes = _answers(rows, values, predict)
    at = _moved(answers) if classes else 0
    lines = answers[:, :, at]  # (rows, values)
    mean = lines.mean(0)
    lacking = mean[len(grid) :]
    shown = lines[:, : len(grid)][_spread(lines.mean(1))]
    return {
        "kind": "number" if number else "level",
        "grid": [float(v) for v in grid] if number else [str(v) for v in grid.cast(pl.String)],
        "mean": _rounded(mean[: len(grid)]),
        "lines": [_rounded(line) for line in shown],
        "missing": float(lacking[0]) if len(lacking) else None,
        "of": classes[at] if classes else "",
        "rows": rows.height,
        **counted,
    }


def _numbers(series: pl.Series) -> tuple[pl.Series, dict[str, Json]]:
    """Return quantiles of a number, all values where they are few, and its histogram."""
    values = series.cast(pl.Float64, strict=False).to_numpy()
    known = values[np.isfinite(values)]
    different = np.unique(known)
    if len(different) > POINTS:
        shares = np.linspace(0.01, 0.99, POINTS)
        different = np.unique(np.quantile(known, shares, method="inverted_cdf"))
    if not len(known):
        return series.clear(), {}
    grid = pl.Series(series.name, different).cast(series.dtype, strict=False)
    return grid, histogram(series)


def histogram(series: pl.Series) -> dict[str, Json]:
    """Return where the rows of a number are: ``edges`` and ``counts``, both empty without rows.

    The few rows beyond `_ENDS` are left out: one far value would squeeze all others.
    """
    values = series.cast(pl.Float64, strict=False).to_numpy()
    known = values[np.isfinite(values)]
    if not len(known):
        return {"edges": [], "counts": []}
    low, high = np.quantile(known, _ENDS, method="inverted_cdf")
    near = known[(known >= low) & (known <= high)]
    counts, edges = np.histogram(near, bins=min(_BINS, max(2, len(np.unique(near)))))
    return {"edges": [float(e) for e in edges], "counts": counts.tolist()}


def _levels(series: pl.Series) -> tuple[pl.Series, dict[str, Json]]:
    top = counts_of(series).head(LEVELS)
    return top[series.name], {"edges": [], "counts": top["lingqu.n"].to_list()}


def counts_of(series: pl.Series) -> pl.DataFrame:
    """Return the levels of a column with ``lingqu.n``, how many rows have each, most first."""
    counts = series.drop_nulls().value_counts(sort=False, name="lingqu.n")
    by = [pl.col("lingqu.n"), pl.col(series.name).cast(pl.String)]
    return counts.sort(by, descending=[True, False])


def _answers(
    rows: pl.DataFrame, values: pl.Series, predict: Callable[[pl.DataFrame], Predictions]
) -> tuple[Floats, tuple[str, ...]]:
    """Return the answers of every row with every value, (rows, values, classes or 1)."""
    n, k = rows.height, len(values)
    many = rows[np.repeat(np.arange(n), k)]
    tried = values.gather(np.tile(np.arange(k), n)).cast(rows[values.name].dtype)
    said = predict(many.with_columns(tried.alias(values.name)))
    if said.probabilities is not None:
        return said.probabilities.reshape(n, k, -1), said.classes
    told: NDArray[Any] = said.labels.astype(np.float64)
    if said.classes:  # answers without chances: whether each class is told
        told = np.eye(len(said.classes))[said.labels.astype(np.int64)]
    return told.reshape(n, k, -1), said.classes


def _moved(answers: Floats) -> int:
    """Return the class to tell of: the second of two, else the one that changes most."""
    if answers.shape[2] == 2:
        return 1
    return int(np.ptp(answers.mean(0), axis=0).argmax())


def _spread(levels: Floats) -> NDArray[np.int64]:
    """Return rows from the lowest to the highest mean answer, evenly."""
    order = np.argsort(levels, kind="stable")
    at = np.unique(np.linspace(0, len(order) - 1, min(LINES, len(order))).round().astype(np.int64))
    return order[at]


def _rounded(values: Floats) -> list[float]:
    return [float(f"{value:.4g}") for value in values]
