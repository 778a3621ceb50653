"""The search for slices: parts of the rows, of one or two columns, that are answered worse.

All slices of two columns at once are products of matrices: row i of the membership matrix says
which rows are in part i, so M·Mᵀ counts the rows of each pair and M·diag(loss)·Mᵀ their losses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

from lingqu.core.schema import Column

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
BINS = 4
"""Bins of a number, with equally many rows each."""
LEVELS = 8
"""Levels of a category that are looked at, the most frequent ones."""
WIDEST = 500
"""Columns that are looked at alone; of the first `PAIRED` every two are looked at together."""
PAIRED = 40

_STILL = 3.0
"""Standard errors by which a slice is above the rest without the rows of slices before it."""


@dataclass(frozen=True)
class Part:
    """Rows with certain values of one column.

    Args:
        column: Its number among those that are looked at.
        words: What sets the rows apart: ``age > 40``, ``plan = a``, ``age is missing``.
        mask: Which rows they are.
    """

    column: int
    words: str
    mask: Mask


@dataclass(frozen=True)
class Slice:
    """A slice that was found.

    Args:
        parts: One or two parts; the slice is the rows in both.
        mask: Its rows.
        p: Chance to see such losses where the slice is like the rest.
    """

    parts: tuple[Part, ...]
    mask: Mask
    p: float

    @property
    def words(self) -> str:
        """What sets its rows apart."""
        return " & ".join(part.words for part in self.parts)


def parts_of(frame: pl.DataFrame, columns: Sequence[Column], support: int) -> list[Part]:
    """Return the parts of each column that have enough rows, and leave enough out.

    Example:
        >>> rows = pl.DataFrame({"age": [1.0, 2.0, 3.0, 4.0]})
        >>> [part.words for part in parts_of(rows, [Column("age", "number")], 2)]
        ['age <= 2', 'age > 2']
    """
    found: list[Part] = []
    for index, column in enumerate(columns):
        for words, mask in _parted(frame[column.name], column):
            held = int(mask.sum())
            if support <= held <= len(mask) - support:
                found.append(Part(index, words, mask))
    return found


def _parted(series: pl.Series, column: Column) -> Iterator[tuple[str, Mask]]:
    name, missing = column.name, series.is_null().to_numpy()
    yield f"{name} is missing", missing
    if column.kind == "number":
        yield from _bins(name, series.cast(pl.Float64, strict=False).to_numpy())
        return
    words = series.cast(pl.String)
    counts = words.drop_nulls().value_counts(sort=False).sort(["count", name], descending=True)
    for level in counts.get_column(name).head(LEVELS):
        yield f"{name} = {level}", (words == level).fill_null(False).to_numpy()


def _bins(name: str, values: Floats) -> Iterator[tuple[str, Mask]]:
    """Yield quarters, and the halves: a fault often has one side only."""
    known = values[np.isfinite(values)]
    if not len(known):
        return
    # Cuts are values that rows have, so that equal values are never parted.
    ends = np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    ends = ends[ends < known.max()]
    if len(ends) == 0:
        return
    low, high = np.r_[-np.inf, ends], np.r_[ends, np.inf]
    for a, b in zip(low, high, strict=True):
        inside = (values > a) & (values <= b)
        yield _between(name, a, b), inside
    if len(ends) == BINS - 1:
        middle = ends[BINS // 2 - 1]
        yield _between(name, -np.inf, middle), values <= middle
        yield _between(name, middle, np.inf), values > middle


def _between(name: str, low: float, high: float) -> str:
    if low == -np.inf:
        return f"{name} <= {high:.4g}"
    return f"{name} > {low:.4g}" if high == np.inf else f"{low:.4g} < {name} <= {high:.4g}"


def search(
    parts: Sequence[Part], losses: Floats, support: int, effect: float, alpha: float
) -> tuple[list[Slice], int]:
    """Return the slices that are surely answered worse than the rest, and how many were looked at.

    Half of `alpha` is spent on slices of one column, half on those of two, each kept by the
    procedure of Benjamini and Hochberg. Of slices that overlap, the surest is kept; another one
    only if it is still worse without the rows of those before it.

    Args:
        parts: From `parts_of`.
        losses: Loss of each row: 0 and 1 where answers are classes, else any numbers.
        support: Fewest rows of a slice.
        effect: Fewest standard deviations by which its mean loss must be above the rest.
        alpha: Share of false slices among those that are found.

    Source: Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x; Chung et al.,
    "Slice Finder", ICDE 2019, doi:10.1109/ICDE.2019.00139 (effect size, slices of few columns).
    """
    if not parts or losses.max() <= losses.min():
        return [], 0
    shares = np.isin(losses, (0.0, 1.0)).all()
    ranks = losses if shares else _ranks(losses)
    single = _Group([(i,) for i in range(len(parts))], *_alone(parts, losses, ranks))
    paired = _together(parts, losses, ranks, support)
    found: list[Slice] = []
    for group in (single, paired):
        found += _sure(parts, group, losses, ranks, effect, alpha / 2)
    found.sort(key=lambda one: (one.p, len(one.parts), one.words))
    return _apart(found, losses, support, effect), len(single.which) + len(paired.which)


@dataclass(frozen=True)
class _Group:
    """Slices of as many columns: their parts, rows, losses and ranks of losses, all summed."""

    which: Sequence[tuple[int, ...]]
    n: Floats
    total: Floats
    ranked: Floats


def _alone(parts: Sequence[Part], losses: Floats, ranks: Floats) -> tuple[Floats, Floats, Floats]:
    sums = [(part.mask.sum(), losses[part.mask].sum(), ranks[part.mask].sum()) for part in parts]
    n, total, ranked = np.array(sums, dtype=np.float64).T
    return n, total, ranked


def _together(parts: Sequence[Part], losses: Floats, ranks: Floats, support: int) -> _Group:
    able = [i for i, part in enumerate(parts) if part.column < PAIRED]
    member = np.array([parts[i].mask for i in able], dtype=np.float64).reshape(-1, len(losses))
    columns, places = np.array([parts[i].column for i in able]), np.array(able, dtype=np.int64)
    counts = member @ member.T
    first, second = np.nonzero(np.triu(counts >= support, 1))
    # A pair that is (nearly) all of one of its parts is that part.
    smaller = np.minimum(counts[first, first], counts[second, second])
    kept = (columns[first] != columns[second]) & (counts[first, second] <= 0.9 * smaller)
    first, second = first[kept], second[kept]
    total, ranked = (((member * values) @ member.T)[first, second] for values in (losses, ranks))
    which = list(zip(places[first].tolist(), places[second].tolist(), strict=True))
    return _Group(which, counts[first, second], total, ranked)


def _sure(
    parts: Sequence[Part],
    group: _Group,
    losses: Floats,
    ranks: Floats,
    effect: float,
    alpha: float,
) -> list[Slice]:
    """Return the slices of a group that pass the procedure of Benjamini and Hochberg."""
    if not group.which:
        return []
    rest = (losses.sum() - group.total) / (len(losses) - group.n)
    large = group.total / group.n - rest >= effect * losses.std()
    # What is too small to be told needs no chance of its own, but counts among the looked at.
    p = np.ones(len(large))
    p[large] = _chances(group, large, losses, ranks)
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= alpha * np.arange(1, len(p) + 1) / len(p))
    kept = order[: passed[-1] + 1] if len(passed) else order[:0]
    return [_slice(parts, group.which[i], float(p[i])) for i in kept if large[i]]


def _slice(parts: Sequence[Part], which: tuple[int, ...], p: float) -> Slice:
    used = tuple(parts[i] for i in which)
    return Slice(used, np.logical_and.reduce([part.mask for part in used]), p)


def _chances(group: _Group, some: Mask, losses: Floats, ranks: Floats) -> Floats:
    """Return how likely losses at least as high would be in as many rows drawn at random.

    Of some of the group.

    Of 0 and 1 this is exact (hypergeometric); of other losses ranks are compared, so that a
    single huge one makes no slice.
    """
    rows, n = len(losses), group.n[some]
    if ranks is losses:
        pairs = zip(group.total[some], n, strict=True)
        return np.array([_tail(int(hits), rows, int(losses.sum()), int(of)) for hits, of in pairs])
    spread = np.sqrt(n * (rows - n) / (rows - 1) * ranks.var())
    z = (group.ranked[some] - n * ranks.mean()) / np.maximum(spread, 1e-12)
    normal: Floats = special.ndtr(-z)
    return normal


def _ranks(values: Floats) -> Floats:
    """Return ranks from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks


def _tail(hits: int, rows: int, marked: int, drawn: int) -> float:
    """Return the chance of at least so many marked rows among those drawn without replacement.

    Written out, because scipy.stats takes a third of a second to import.

    Example:
        >>> round(_tail(2, 10, 3, 4), 6)  # (C(3,2) C(7,2) + C(3,3) C(7,1)) / C(10,4)
        0.333333
    """
    k = np.arange(max(hits, drawn - (rows - marked)), min(drawn, marked) + 1)
    ways = _choices(marked, k) + _choices(rows - marked, drawn - k) - _choices(rows, drawn)
    return float(min(1.0, np.exp(ways).sum()))


def _choices(of: int, some: Any) -> Any:
    """Return the logarithm of the number of ways to choose some of so many."""
    return special.gammaln(of + 1) - special.gammaln(some + 1) - special.gammaln(of - some + 1)


def _apart(found: Sequence[Slice], losses: Floats, support: int, effect: float) -> list[Slice]:
    """Leave out what only repeats slices before it: without their rows it is like the rest."""
    kept: list[Slice] = []
    left = np.ones(len(losses), dtype=bool)
    for one in found:
        inside, outside = losses[one.mask & left], losses[~one.mask & left]
        if len(inside) < support or len(outside) < support:
            continue
        gap = inside.mean() - outside.mean()
        doubt = np.sqrt(inside.var() / len(inside) + outside.var() / len(outside))
        if gap >= effect * losses.std() and gap > _STILL * doubt:
            kept.append(one)
            left &= ~one.mask
    return kept
