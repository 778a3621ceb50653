"""Numbers as normal scores: what counts is how many training values lie below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lingqu.release.blocks import Floats, numbers_of
from lingqu.release.few_rows import Rows

FAR = 1e150
"""Largest size of a value here: the difference of two of them is still a number."""


class Ranks:
    """Numbers between known quantiles, on the scale of a normal distribution; missing ones flagged.

    Beyond the quantiles a value has the score of the outermost, so no value is too wild.

    Example:
        >>> import polars as pl
        >>> block = {"columns": ["a"], "edges": [[0.0, 1.0, 100.0]], "scores": [[-2.0, 0.0, 2.0]]}
        >>> out = np.empty((3, 1), dtype=np.float32)
        >>> Ranks(block | {"median": [1.0], "missing": []}).write(
        ...     pl.DataFrame({"a": [0.5, 1e9, None]}), out)
        >>> out[:, 0].tolist()
        [-1.0, 2.0, 0.0]

    Source: van der Waerden, "Order tests for the two-sample problem", 1952 (normal scores); by
        interpolated quantiles as in scikit-learn's `QuantileTransformer`.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self._columns: list[str] = block["columns"]
        self._edges = [np.asarray(each, dtype=np.float64) for each in block["edges"]]
        self._scores = [np.asarray(each, dtype=np.float64) for each in block["scores"]]
        self._median: list[float] = block["median"]
        self._flags = [self._columns.index(name) for name in block["missing"]]
        self.width = len(self._columns) + len(self._flags)

    def write(self, rows: Rows, out: Floats) -> None:
        count = len(self._columns)
        for place, values in enumerate(numbers_of(rows, self._columns)):
            missing = np.isnan(values)
            known = np.where(missing, self._median[place], np.clip(values, -FAR, FAR))
            out[:, place] = np.interp(known, self._edges[place], self._scores[place])
            if place in self._flags:
                out[:, count + self._flags.index(place)] = missing
