"""The profile of a release: fixed-bin histograms that live windows are compared with.

Bins are cut at the quantiles of the reference rows and frozen in the release, so a window is
counted without a row of the reference at hand, and windows merge by adding integers: exactly, in
any order, in any process. Layout (JSON), here called a profile::

    {"rows": N, "columns": {name: histogram}, "outputs": {"prediction": …, "confidence": …},
     "cross": {"names": […], "products": […], "spread": […]}}

A histogram of numbers has ``edges`` (bin i holds edges[i-1] ≤ x < edges[i], the ends are open),
``counts``, ``scores`` (normal score of each bin), sums of standardised values in fixed point,
``min``, ``max``; one of categories has ``levels``, ``counts``, ``other`` and ``unseen``.

Source: Own; fixed quantile bins were measured to alarm as the exact Kolmogorov-Smirnov test does,
where quantile sketches (KLL) either raised false alarms or missed shifts.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json
from lingqu.core.predictions import OUT_OF_RANGE, Predictions
from lingqu.release.signals import answers, signals

__all__ = ["answers", "count", "fit_profile", "merge", "signals"]

LEVELS = 64
"""Most levels of a category that are counted one by one; the rest is ``other``."""
CROSSED = 64
"""Most numbers whose pairwise products are kept."""
UNIT = 65_536
"""Fixed point of sums of standardised values: integers add exactly, floats do not."""
SCORE_UNIT = 256
_CLIP = 64.0
_SPREAD_ROWS = 20_000

Floats = NDArray[np.float64]


def fit_profile(
    frame: pl.DataFrame,
    predictions: Predictions | None = None,
    bins: int = 64,
    y: NDArray[Any] | None = None,
) -> dict[str, Json]:
    """Freeze the profile of reference rows.

    Args:
        frame: What `signals` returned; without columns where all of them hold personal data.
        predictions: The model's answers on rows it was not fitted on; on its own training rows
            it would be more confident than in use.
        bins: Bins of a number, at most.
        y: Class indices of the rows of `predictions`: they let a live window estimate its
            accuracy (`check/performance.py`).

    Raises:
        DataError: There are no rows.

    Example:
        >>> profile = fit_profile(pl.DataFrame({"age": [20.0, 30.0, 40.0]}))
        >>> profile["columns"]["age"]["counts"]
        [0, 1, 1, 1, 0]
    """
    rows = _rows(frame, None if predictions is None else len(predictions.labels))
    if rows == 0:
        raise DataError("check.no_reference")
    columns = {name: _fit(frame[name], bins) for name in frame.columns}
    outputs = {} if predictions is None else _fit_outputs(predictions, bins, y)
    numbers = [name for name, part in columns.items() if part["kind"] == "number"][:CROSSED]
    profile: dict[str, Json] = {
        "rows": rows,
        "columns": columns,
        "outputs": outputs,
        "cross": {"names": numbers, "products": [], "spread": []},
    }
    table = _score_table(profile, frame)
    profile["cross"].update(products=_products(table), spread=_spreads(table))
    return profile


def count(
    profile: Mapping[str, Json],
    frame: pl.DataFrame,
    predictions: Predictions | pl.DataFrame | None = None,
) -> dict[str, Json]:
    """Count a window into the bins of a profile.

    Args:
        profile: What `fit_profile` returned, or a stored copy.
        frame: What `signals` returned of the window; an absent column counts as missing.
        predictions: Answers on the window: predictions, or a frame with the column
            ``prediction`` (class name or value) and, for classes, ``confidence``.

    Returns:
        A profile of the same layout and bins.

    Example:
        >>> profile = fit_profile(pl.DataFrame({"age": [20.0, 30.0, 40.0]}))
        >>> count(profile, pl.DataFrame({"age": [25.0, 99.0, None]}))["columns"]["age"]["counts"]
        [0, 1, 0, 0, 1]
    """
    said = answers(predictions) if isinstance(predictions, Predictions) else predictions
    outputs: dict[str, Json] = {}
    for name, part in profile["outputs"].items():
        known = said is not None and name in said.columns
        outputs[name] = _count(part, said[name] if known and said is not None else pl.Series([]))
        outputs[name].pop("hits", None)
    absent = pl.Series([None] * frame.height, dtype=pl.Null)
    known_names = frozenset(frame.columns)
    return {
        "rows": _rows(frame, None if said is None else said.height),
        "columns": {
            name: _count(part, frame[name] if name in known_names else absent)
            for name, part in profile["columns"].items()
        },
        "outputs": outputs,
        "cross": {
            "names": list(profile["cross"]["names"]),
            "products": _products(_score_table(profile, frame)),
            "spread": list(profile["cross"]["spread"]),
        },
    }


def _rows(frame: pl.DataFrame, answered: int | None) -> int:
    """Return how many rows there are; without a column that may be seen, how many answers."""
    return frame.height if frame.width else answered or 0


_ADDED = frozenset({"rows", "nulls", "other", "unseen", "sum", "squares"})
_ADDED_LISTS = frozenset({"counts", "hits", "products"})


def merge(first: Mapping[str, Json], second: Mapping[str, Json]) -> dict[str, Json]:
    """Add two windows counted into the same bins: exact, associative, in any order.

    Raises:
        DataError: They were counted into different bins, so belong to different releases.

    Example:
        >>> half = count(fit_profile(pl.DataFrame({"a": [1.0, 2.0]})), pl.DataFrame({"a": [1.0]}))
        >>> merge(half, half)["rows"]
        2
    """
    if first.keys() != second.keys():
        raise DataError("check.different_profiles", where=sorted(first.keys() ^ second.keys())[0])
    return {key: _merged(key, first[key], second[key]) for key in first}


def _merged(key: str, a: Json, b: Json) -> Json:
    if key in _ADDED:
        return a + b
    if key in _ADDED_LISTS and len(a) == len(b):
        return [x + y for x, y in zip(a, b, strict=True)]
    if key in ("min", "max"):
        seen = [value for value in (a, b) if value is not None]
        return (min if key == "min" else max)(seen) if seen else None
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return merge(a, b)
    if a != b:
        raise DataError("check.different_profiles", where=key)
    return a


def _numbers(series: pl.Series) -> Floats:
    values: Floats = series.cast(pl.Float64, strict=False).to_numpy()
    return values


def _fit(series: pl.Series, bins: int) -> dict[str, Json]:
    if not series.dtype.is_numeric():
        return _fit_category(series.cast(pl.String))
    values = _numbers(series)
    present = np.sort(values[~np.isnan(values)])
    part = _shape_number(present, _edges(present, bins))
    return _count(part, series)


def _edges(ordered: Floats, bins: int) -> Floats:
    """Return cuts at the quantiles; a value that is a quantile twice gets a bin of its own."""
    if len(ordered) == 0:
        return np.zeros(1)
    distinct = ordered[np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])]
    above = np.nextafter(ordered[-1], np.inf)
    if len(distinct) <= bins:
        return np.append(distinct, above)
    cuts = ordered[(np.arange(1, bins) * len(ordered)) // bins]
    cuts, times = np.unique(cuts, return_counts=True)
    heavy = np.nextafter(cuts[times > 1], np.inf)
    return np.unique(np.r_[ordered[0], cuts, heavy, above])


def _shape_number(present: Floats, edges: Floats) -> dict[str, Json]:
    finite = present[np.isfinite(present)]
    centre = float(finite.mean()) if len(finite) else 0.0
    scale = float(finite.std()) if len(finite) else 1.0
    if not np.isfinite(centre) or not np.isfinite(scale) or scale <= 0:
        centre, scale = (centre if np.isfinite(centre) else 0.0), 1.0
    counts = np.diff(np.r_[0, np.searchsorted(present, edges), len(present)])
    return {
        "kind": "number",
        "edges": edges.tolist(),
        "scores": _normal_scores(counts),
        "centre": centre,
        "scale": scale,
    }


def _normal_scores(counts: NDArray[np.int64]) -> list[int]:
    """Return the normal quantile of the middle of each bin, in units of 1/SCORE_UNIT."""
    rows = int(counts.sum())
    middle = (np.cumsum(counts) - counts / 2 + 0.5) / (rows + 1)
    normal = NormalDist()
    return [round(normal.inv_cdf(min(max(m, 1e-6), 1 - 1e-6)) * SCORE_UNIT) for m in middle]


def _fit_category(series: pl.Series, levels: list[str] | None = None) -> dict[str, Json]:
    seen = series.drop_nulls().value_counts(name="n")
    ordered = seen.sort(["n", seen.columns[0]], descending=[True, False])
    known = levels or ordered[ordered.columns[0]].head(LEVELS).to_list()
    part = {"kind": "category", "levels": known, "pooled": len(ordered) > LEVELS and not levels}
    return _count(part, series)


def _fit_outputs(
    predictions: Predictions, bins: int, y: NDArray[Any] | None
) -> dict[str, dict[str, Json]]:
    said = answers(predictions)
    if not predictions.classes:
        return {
            name: _fit_flags(said[name]) if name == OUT_OF_RANGE else _fit(said[name], bins)
            for name in said.columns
        }
    # Of lists the first items are watched; a catalogue is too long to count every item.
    known = list(predictions.classes) if predictions.lists is None else None
    fitted = {"prediction": _fit_category(said["prediction"], known)}
    if "confidence" in said.columns:
        values = _numbers(said["confidence"])
        ordered = np.sort(values)
        # Even steps too: a live window may be far less sure than the reference ever was.
        edges = np.union1d(_edges(ordered, bins), np.linspace(0.05, 0.95, 19))
        part = _count(_shape_number(ordered, edges), said["confidence"])
        if y is not None:
            right = values[np.asarray(y) == predictions.labels]
            part["hits"] = _binned(edges, right)
        fitted["confidence"] = part
    if OUT_OF_RANGE in said.columns:
        fitted[OUT_OF_RANGE] = _fit_flags(said[OUT_OF_RANGE])
    return fitted


def _fit_flags(series: pl.Series) -> dict[str, Json]:
    return _fit_category(series.cast(pl.String), ["false", "true"])


def _binned(edges: Floats, values: Floats) -> list[int]:
    cells = np.searchsorted(edges, values, side="right")
    binned: list[int] = np.bincount(cells, minlength=len(edges) + 1).tolist()
    return binned


def _count(part: Mapping[str, Json], series: pl.Series) -> dict[str, Json]:
    if part["kind"] == "category":
        return _count_category(part, series.cast(pl.String))
    shape = {key: part[key] for key in ("kind", "edges", "scores", "centre", "scale")}
    values = _numbers(series)
    present = values[~np.isnan(values)]
    standard = np.clip((present - part["centre"]) / part["scale"], -_CLIP, _CLIP)
    fixed = np.rint(standard * UNIT).astype(np.int64)
    squares = np.rint(standard**2 * UNIT).astype(np.int64)
    finite = present[np.isfinite(present)]
    return {
        **shape,
        "counts": _binned(np.asarray(part["edges"]), present),
        "nulls": len(values) - len(present),
        "sum": int(fixed.sum()),
        "squares": int(squares.sum()),
        "min": float(finite.min()) if len(finite) else None,
        "max": float(finite.max()) if len(finite) else None,
    }


def _count_category(part: Mapping[str, Json], series: pl.Series) -> dict[str, Json]:
    present = series.drop_nulls()
    seen = present.value_counts(name="n")
    found = dict(zip(seen[seen.columns[0]].to_list(), seen["n"].to_list(), strict=True))
    counts = [int(found.get(level, 0)) for level in part["levels"]]
    rest = len(present) - sum(counts)
    return {
        "kind": "category",
        "levels": list(part["levels"]),
        "pooled": part["pooled"],
        "counts": counts,
        # Once rare levels were pooled, a new level cannot be told from a rare one.
        "other": rest if part["pooled"] else 0,
        "unseen": 0 if part["pooled"] else rest,
        "nulls": len(series) - len(present),
    }


def _score_table(profile: Mapping[str, Json], frame: pl.DataFrame) -> Floats:
    """Return the normal scores of all numbers, shape (rows, numbers); missing scores 0.

    Scores of bins are bounded, so one wild value cannot move a correlation.
    """
    names = profile["cross"]["names"]
    table = np.zeros((frame.height, len(names)))
    known = frozenset(frame.columns)
    for i, name in enumerate(names):
        if name in known and len(names) > 1:
            part, values = profile["columns"][name], _numbers(frame[name])
            cells = np.searchsorted(np.asarray(part["edges"]), values, side="right")
            table[:, i] = np.where(np.isnan(values), 0, np.asarray(part["scores"])[cells])
    return table


def _products(table: Floats) -> list[int]:
    """Return sums of products of columns: upper triangle without diagonal, row by row."""
    # Whole numbers below 2**53 stay exact in float64, whose product is far faster.
    products = table.T @ table
    listed: list[int] = products[np.triu_indices(len(products), k=1)].astype(np.int64).tolist()
    return listed


def _spreads(table: Floats) -> list[float]:
    """Return the standard deviation of one row's influence on each correlation.

    Columns may depend on each other in ways a correlation does not show; then its sampling error
    is not the textbook's, and a fixed formula would cry too often.
    """
    if table.shape[1] < 2:
        return []
    table = table[:_SPREAD_ROWS]
    deviation = table.std(0)
    standard = (table - table.mean(0)) / np.where(deviation > 0, deviation, 1.0)
    squares = standard**2
    spreads = []
    for i, j in zip(*np.triu_indices(table.shape[1], k=1), strict=True):
        product = standard[:, i] * standard[:, j]
        influence = product - product.mean() / 2 * (squares[:, i] + squares[:, j])
        spreads.append(round(float(influence.std()), 6))
    return spreads
