"""Associations: which columns say nearly the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.strength import Codes, Floats, correlations, cramer, ranks, ratio
from lingqu.check.truth import unknown, why
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.schema import Column, Schema, present

LEVELS = 64
"""Levels of a category that are told apart; the rarer ones are one."""
_KINDS = ("number", "category", "boolean", "datetime")
_LEAST = 20
_BLOCKS = 20
_STUDENT = 2.093
"""97.5 % quantile of Student's t with one degree of freedom less than there are blocks."""
_SHOWN = 30
"""Columns whose matrix the evidence carries."""


@dataclass(frozen=True)
class _Placed:
    """A column made ready: a number has values and ranks, a category has codes."""

    name: str
    values: Floats | None = None
    ranks: Floats | None = None
    codes: Codes | None = None

    @property
    def there(self) -> NDArray[np.bool_]:
        found: NDArray[np.bool_]
        found = np.isfinite(self.values) if self.codes is None else self.codes >= 0  # type: ignore[arg-type]
        return found


@dataclass
class Associations:
    """Find pairs of columns of which one nearly tells the other.

    Two numbers: the stronger of Pearson's and Spearman's correlation, without its sign. Two
    categories: Cramér's V. A category and a number: the correlation ratio; both are corrected for
    the association that chance alone gives. Each is from 0 to 1 and rests on the rows that have
    both values. ``associations.count`` is how many pairs are strong, and carries the whole matrix;
    ``associations.pair(a, b)`` is one strong pair with its interval.

    Why: columns that repeat each other make importance meaningless, and a column that stands for
    a protected one brings it back.

    Args:
        strong: Strength from which a pair is named.
        pairs: Most pairs that are named.
        rows: Rows that are looked at, drawn by the seed of the subject.
        columns: Columns that are looked at, the first of the schema.

    Example:
        >>> frame = pl.DataFrame({"a": range(40), "b": [2.0 * i for i in range(40)]})
        >>> schema = Schema((Column("a", "number"), Column("b", "number")))
        >>> data = Dataset(frame, schema)
        >>> found = Associations().look(Subject("data", "classify", schema, train=data))
        >>> found[1].subject, found[1].value
        ('associations.pair(a, b)', 1.0)

    Source: bias correction: Bergsma, Journal of the Korean Statistical Society 42, 2013,
    doi:10.1016/j.jkss.2012.10.002 (V); Kelley, PNAS 21, 1935, doi:10.1073/pnas.21.9.554 (ratio).
    Intervals: delete-a-group jackknife, Kott, Journal of Official Statistics 17, 2001.
    """

    name: ClassVar[str] = "associations"
    stages: ClassVar[frozenset[str]] = frozenset({"data"})

    strong: float = 0.5
    pairs: int = 20
    rows: int = 50_000
    columns: int = 60

    def look(self, subject: Subject) -> list[Finding]:
        data = subject.train if subject.train is not None else subject.test
        if data is None or data.frame.height == 0:
            return [unknown(self.name, "associations.count", why("check.no_rows"))]
        if data.frame.height < _LEAST:
            reason = why("check.too_few", rows=data.frame.height, least=_LEAST)
            return [unknown(self.name, "associations.count", reason)]
        random = np.random.default_rng(subject.seed)
        order = random.permutation(data.frame.height)[: self.rows]
        frame = data.frame[order] if len(order) < data.frame.height else data.frame
        blocks = random.permutation(frame.height) % _BLOCKS
        placed = placed_columns(frame, data.schema, self.columns)
        if len(placed) < 2:
            return [unknown(self.name, "associations.count", why("check.few_columns"))]
        matrix = strengths(placed)
        upper = np.triu(np.nan_to_num(matrix), k=1)
        found = np.argwhere(upper >= self.strong)
        found = found[np.argsort(-upper[tuple(found.T)], kind="stable")]
        named = [self._pair(placed[i], placed[j], blocks) for i, j in found[: self.pairs]]
        return [self._count(placed, matrix, len(found), frame.height, data), *named]

    def _count(
        self, placed: list[_Placed], matrix: Floats, strong: int, rows: int, data: Dataset
    ) -> Finding:
        names = [column.name for column in placed]
        shown = matrix[:_SHOWN, :_SHOWN]
        table = [[None if np.isnan(v) else round(float(v), 3) for v in row] for row in shown]
        compared = [c.name for c in data.schema if c.name in names]
        left = [c.name for c in data.schema if c.kind in _KINDS and c.name not in compared]
        return Finding(
            self.name,
            "associations.count",
            float(strong),
            n=rows,
            evidence={
                "strong": self.strong,
                "compared": int(np.isfinite(matrix[np.triu_indices(len(names), 1)]).sum()),
                "columns": names[:_SHOWN],
                "matrix": table,
                "left_out": left[:_SHOWN],
                "sampled": rows < data.frame.height,
            },
        )

    def _pair(self, first: _Placed, second: _Placed, blocks: NDArray[np.int64]) -> Finding:
        both = first.there & second.there
        parts, measure = _measure(first, second, both)
        value = measure(np.ones(int(both.sum()), dtype=np.bool_))
        low, high = _interval(measure, value, blocks[both])
        return Finding(
            self.name,
            "associations.pair",
            value,
            f"{first.name}, {second.name}",
            low,
            high,
            int(both.sum()),
            evidence={"columns": [first.name, second.name], **parts},
        )


def placed_columns(frame: pl.DataFrame, schema: Schema, most: int) -> list[_Placed]:
    """Return the columns that can be compared, at most so many."""
    placed: list[_Placed] = []
    for column in present(schema, frame):
        if len(placed) == most:
            break
        if column.kind in _KINDS and column.role not in ("id", "ignored", "weight"):
            found = _place(frame[column.name], column)
            placed += [found] if found is not None else []
    return placed


def _place(series: pl.Series, column: Column) -> _Placed | None:
    if column.kind in ("number", "datetime"):
        if series.dtype.is_temporal():
            series = series.cast(pl.Datetime("us")).to_physical()
        values = series.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
        values = np.where(np.isfinite(values), values, np.nan)
        seen = values[~np.isnan(values)]
        if len(seen) < _LEAST or seen.min() == seen.max():
            return None
        # Ranks and steps do not depend on the scale, but sums of squares overflow with it.
        scale = float(np.abs(seen).max())
        values = values / scale
        values = (values - np.nanmean(values)) / (np.nanstd(values) or 1.0)
        return _Placed(column.name, values, ranks(values))
    texts = series.cast(pl.String)
    counts = texts.drop_nulls().alias("text").value_counts(sort=True, name="n")
    known = counts.head(LEVELS - 1)
    rows = int(counts["n"].sum())
    # A column that is nearly all rare levels is a key: it has no level to speak of.
    if counts.height < 2 or counts.height * 2 > rows or known["n"].sum() * 2 < rows:
        return None
    levels = known[known.columns[0]].sort()
    places = texts.cast(pl.Enum(levels), strict=False).to_physical().cast(pl.Int64)
    codes = places.fill_null(len(levels)).to_numpy().copy()
    codes[texts.is_null().to_numpy()] = -1
    return _Placed(column.name, codes=codes)


def strengths(placed: list[_Placed]) -> Floats:
    """Return the strength of every pair, shape (columns, columns); NaN where it is not defined."""
    size = len(placed)
    matrix = np.full((size, size), np.nan)
    numbers = [i for i, column in enumerate(placed) if column.values is not None]
    if numbers:
        found = [
            np.abs(correlations(np.column_stack([getattr(placed[i], kind) for i in numbers])))
            for kind in ("values", "ranks")
        ]
        matrix[np.ix_(numbers, numbers)] = np.fmax(*found)
    for i, first in enumerate(placed):
        for j in range(i + 1, size):
            second = placed[j]
            if first.codes is None and second.codes is None:
                continue
            both = first.there & second.there
            _, measure = _measure(first, second, both)
            matrix[i, j] = matrix[j, i] = measure(np.ones(int(both.sum()), dtype=np.bool_))
    np.fill_diagonal(matrix, 1.0)
    return matrix


Measure = Callable[[NDArray[np.bool_]], float]


def _measure(
    first: _Placed, second: _Placed, both: NDArray[np.bool_]
) -> tuple[dict[str, Json], Measure]:
    """Return what is measured of a pair, and a function of the rows that measures it."""
    if first.codes is not None and second.codes is not None:
        a, b = first.codes[both], second.codes[both]
        return {"measure": "cramers_v"}, lambda rows: cramer(a[rows], b[rows])
    if first.codes is None and second.codes is None:
        return _correlated(first, second, both)
    codes, values = (
        (first.codes, second.values) if first.codes is not None else (second.codes, first.values)
    )
    c, v = codes[both], values[both]  # type: ignore[index]
    return {"measure": "correlation_ratio"}, lambda rows: ratio(c[rows], v[rows])


def _correlated(
    first: _Placed, second: _Placed, both: NDArray[np.bool_]
) -> tuple[dict[str, Json], Measure]:
    pairs = {
        "pearson": np.column_stack([first.values, second.values])[both],  # type: ignore[list-item]
        "spearman": np.column_stack([first.ranks, second.ranks])[both],  # type: ignore[list-item]
    }
    signed = {name: float(correlations(pair)[0, 1]) for name, pair in pairs.items()}
    best = max(signed, key=lambda name: abs(np.nan_to_num(signed[name])))
    told = {n: round(v, 4) if np.isfinite(v) else None for n, v in signed.items()}

    def measure(rows: NDArray[np.bool_]) -> float:
        return abs(float(correlations(pairs[best][rows])[0, 1]))

    return {"measure": best, **told}, measure


def _interval(
    measure: Measure, value: float, blocks: NDArray[np.int64]
) -> tuple[float | None, float | None]:
    """Return the 95 % interval: how much the strength moves when a twentieth of rows is left out.

    It is worked out on the scale of Fisher's z, so that it stays between 0 and 1.
    """
    left = np.array([measure(blocks != block) for block in range(_BLOCKS)])
    if not np.isfinite(left).all() or len(blocks) < _LEAST:
        return None, None
    most = 1 - 1e-12
    turned = np.arctanh(np.minimum(left, most))
    error = np.sqrt((_BLOCKS - 1) / _BLOCKS * ((turned - turned.mean()) ** 2).sum())
    half = _STUDENT * error
    centre = float(np.arctanh(min(value, most)))
    low, high = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    return min(max(0.0, low), value), max(min(1.0, high), value)
