"""What the blocks of the rich views learn from training rows, and what those rows see of it.

Facts about levels contain the mean of the target. A training row must not see its own target in
them, or a learner would trust them more than it can: `training_columns` gives each training row
means that were made without its fifth of the rows. Rows to be answered get the means of all.

Source: Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes",
2001, doi:10.1145/507533.507538 (smoothed means); Prokhorenkova et al., "CatBoost", 2018,
arXiv:1706.09516, section 3 (why a row's own target must not enter).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import VALUES, Dataset, Json, Task
from lingqu.core.schema import Column
from lingqu.release.blocks import CLIP, instants, numbers
from lingqu.release.blocks_rich import Facts, joined
from lingqu.release.learn_blocks import KNOWN, Blocks, moments
from lingqu.release.targets import targets, weights

MANY = 10
"""A category with more levels than this gets facts about its levels."""
CATEGORIES = 8
"""Most categories that get facts, those with the most levels first."""
CLASSES = 5
"""Most classes whose share is told for each level, the most frequent first."""
NUMBERS = 3
"""Numbers whose means are told for each level: those that say most about the target."""
SMOOTHING = 10.0
"""Rows that count as much as a level's own: a level of few rows is told by the whole."""
FOLDS = 5
PAIRS, BEST = 4, 5
"""Most joined pairs of numbers; among how many numbers they are looked for."""
GAIN = 0.02
"""Share of the target's variance that a pair must explain beyond the better of the two."""
BINS, SEEN = 20, 4000
"""Bins in which numbers are judged; rows on which."""
RAMPS, BENT = 6, 60
"""Ramps of a number; most numbers that are bent."""

Floats = NDArray[np.float64]


def many_levels(dataset: Dataset) -> list[str]:
    """Return the categories with more than `MANY` levels, those with the most first.

    Names that hardly ever come twice say nothing about a level, and are left out.
    """
    found = []
    for column in dataset.schema.features:
        if column.kind == "category" and column.name in dataset.frame.columns:
            levels = dataset.frame.get_column(column.name).n_unique()
            if MANY < levels <= max(MANY, len(dataset) // 2):
                found.append((-levels, column.name))
    return [name for _, name in sorted(found)][:CATEGORIES]


def rich_blocks(dataset: Dataset, columns: Sequence[Column], scaled: bool) -> Blocks:
    """Return the blocks that a rich view adds to those of its style.

    Args:
        dataset: Training rows with their target.
        columns: The features that are read.
        scaled: Whether a linear method reads them: then all is standardised, and numbers are
            also bent at their quantiles.
    """
    frame, truth = dataset.frame, _truth(dataset)
    plain = [column.name for column in columns if column.kind == "number"]
    ranked = _ranked(frame, plain, truth)
    blocks: Blocks = [_facts(frame, name, ranked[:NUMBERS], truth, scaled)
                      for name in many_levels(dataset)]  # fmt: skip
    pairs = _pairs(frame, ranked[:BEST], truth)
    if pairs:
        names = list(dict.fromkeys(name for one, _, two in pairs for name in (one, two)))
        block: dict[str, Json] = {"type": "pairs", "columns": names, "pairs": pairs}
        made = [joined(numbers(frame[one]), sign, numbers(frame[two])) for one, sign, two in pairs]
        blocks.append(block | (_scales(made) if scaled else {}))
    gaps = [column.name for column in columns if frame.get_column(column.name).null_count()]
    if len(gaps) > 1:
        blocks.append({"type": "gaps", "columns": gaps})
    if scaled:
        blocks += _ramps(frame, plain) if len(plain) <= BENT else []
        blocks += [_elapsed(frame[c.name]) for c in columns if c.kind == "datetime"]
    return blocks


@dataclass(frozen=True)
class _Truth:
    """What is to be predicted, as columns (N, T) of shares or values, with the rows' weights."""

    columns: Floats
    weight: Floats


def _truth(dataset: Dataset) -> _Truth:
    task: Task = "classify"
    target = dataset.schema.target
    if target is not None and target.kind == "number":
        task = "regress"
    y, classes = targets(dataset, task)
    weight = weights(dataset)
    weight = np.ones(len(y)) if weight is None else weight
    if task in VALUES:
        return _Truth(np.asarray(y, dtype=np.float64)[:, None], weight)
    counts = np.bincount(y.astype(np.int64), minlength=len(classes))
    often = np.argsort(-counts, kind="stable")
    told = [1] if len(classes) == 2 else sorted(often[:CLASSES].tolist())
    return _Truth((y[:, None] == np.array(told)).astype(np.float64), weight)


def _ranked(frame: pl.DataFrame, names: Sequence[str], truth: _Truth) -> list[str]:
    """Return numbers by what they say about the target alone, the most first."""
    rows = _seen(len(frame))
    said = {name: explained(numbers(frame[name])[rows], truth.columns[rows]) for name in names}
    return sorted(names, key=lambda name: -said[name])


def _seen(count: int) -> NDArray[np.int64]:
    """Return the rows on which columns are judged: all, or some drawn with a fixed seed."""
    if count <= SEEN:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, SEEN, replace=False))


def explained(values: Floats, truth: Floats) -> float:
    """Return the share of the target's variance between bins of a number, adjusted for chance.

    Example:
        >>> x = np.linspace(-1, 1, 200)
        >>> explained(x, x[:, None] ** 2) > 0.9
        True
    """
    known = np.isfinite(values)
    edges = quantiles(values[known], np.linspace(0, 1, BINS + 1)[1:-1])
    bins = np.where(known, np.searchsorted(edges, values, side="right"), len(edges) + 1)
    count = np.bincount(bins, minlength=len(edges) + 2)
    used = int((count > 0).sum())
    if used < 2 or len(values) <= used:
        return 0.0
    sums = np.stack([np.bincount(bins, column, len(count)) for column in truth.T])
    means = sums / np.maximum(count, 1)
    between = (count * (means - truth.mean(0)[:, None]) ** 2).sum()
    total = ((truth - truth.mean(0)) ** 2).sum()
    share = float(between / total) if total > 0 else 0.0
    return 1 - (1 - share) * (len(values) - 1) / (len(values) - used)


def quantiles(values: Floats, shares: Floats) -> Floats:
    """Return quantiles that are values themselves, each once: no sum of two can overflow."""
    if not len(values):
        return np.zeros(0)
    return np.unique(np.quantile(values, shares, method="nearest"))


def _pairs(frame: pl.DataFrame, names: Sequence[str], truth: _Truth) -> list[list[str]]:
    """Return the joined pairs that say more than either number does, the best first."""
    rows = _seen(len(frame))
    values = {name: numbers(frame[name])[rows] for name in names}
    alone = {name: explained(values[name], truth.columns[rows]) for name in names}
    found = []
    for one, two in combinations(names, 2):
        ways = [(one, "*", two), (one, "/", two), (two, "/", one), (one, "-", two)]
        said = [explained(joined(values[a], sign, values[b]), truth.columns[rows])
                for a, sign, b in ways]  # fmt: skip
        best = int(np.argmax(said))
        gain = said[best] - max(alone[one], alone[two])
        if gain > GAIN:
            found.append((-gain, list(ways[best])))
    return [way for _, way in sorted(found)[:PAIRS]]


def _facts(
    frame: pl.DataFrame, name: str, told: Sequence[str], truth: _Truth, scaled: bool
) -> dict[str, Json]:
    series = frame.get_column(name).cast(pl.String)
    counted: list[tuple[str, int]] = series.drop_nulls().value_counts().rows()
    levels = [level for level, _ in sorted(counted, key=lambda item: (-item[1], item[0]))][:KNOWN]
    block: dict[str, Json] = {
        "type": "facts",
        "columns": [name, *told],
        "levels": levels,
        "table": [[]],
    }
    codes = Facts(block).levels.codes(series)
    values = [numbers(frame[other]) for other in told]
    table = _table(codes, len(levels) + 2, truth, values)
    block["table"] = [[_short(value) for value in row] for row in table.tolist()]
    if scaled:
        made = Facts(block)
        raw = made.raw(frame, np.asarray(block["table"]))
        block |= _scales(list(raw.T))
    return block


def _table(codes: NDArray[np.int64], size: int, truth: _Truth, values: Sequence[Floats]) -> Floats:
    """Return one row of facts per level, (levels + 2, 1 + T + numbers)."""
    count = np.bincount(codes, truth.weight, size)
    columns = [np.log1p(count), *_means(codes, size, truth).T]
    for each in values:
        known = np.isfinite(each)
        columns.append(
            _means(codes[known], size, _Truth(each[known, None], truth.weight[known]))[:, 0]
        )
    return np.column_stack(columns)


def _means(codes: NDArray[np.int64], size: int, truth: _Truth) -> Floats:
    """Return the smoothed mean of each level, (size, T)."""
    count, sums = _sums(codes, size, truth)
    return _smooth(count, sums)


def _sums(codes: NDArray[np.int64], size: int, truth: _Truth) -> tuple[Floats, Floats]:
    weighted = truth.columns * truth.weight[:, None]
    sums = np.column_stack([np.bincount(codes, column, size) for column in weighted.T])
    return np.asarray(np.bincount(codes, truth.weight, size), dtype=np.float64), np.asarray(
        sums, dtype=np.float64
    )


def _smooth(count: Floats, sums: Floats) -> Floats:
    prior = sums.sum(0) / max(float(count.sum()), 1e-300)
    found: Floats = (sums + SMOOTHING * prior) / (count + SMOOTHING)[:, None]
    return found


def training_columns(dataset: Dataset, block: Mapping[str, Json]) -> NDArray[np.float32]:
    """Return what training rows see of a block of facts, (N, width).

    The target's means are made, for each fifth of the rows, from the other four.

    Args:
        dataset: The rows from which the block was learned.
        block: A block of type ``facts``.
    """
    made, truth = Facts(block), _truth(dataset)
    codes = made.levels.codes(dataset.frame.get_column(block["columns"][0]))
    size = len(block["levels"]) + 2
    values = made.raw(dataset.frame, np.asarray(block["table"], dtype=np.float64))
    fold = np.random.default_rng(0).permutation(len(codes)) % FOLDS
    count, sums = _sums(codes, size, truth)
    for part in range(FOLDS):
        held = fold == part
        mine = _Truth(truth.columns[held], truth.weight[held])
        their_count, their_sums = _sums(codes[held], size, mine)
        means = _smooth(count - their_count, sums - their_sums)
        values[held, 1 : made.own] = means[codes[held]]
    out = np.empty(values.shape, dtype=np.float32)
    made.finish(values, out)
    return out


def _ramps(frame: pl.DataFrame, names: Sequence[str]) -> Blocks:
    columns, edges, median = [], [], []
    for name in names:
        values = numbers(frame[name])
        known = values[np.isfinite(values)]
        if len(known) < 50 or len(np.unique(known[:SEEN])) <= 2 * RAMPS:
            continue
        found = quantiles(known, np.linspace(0, 1, RAMPS + 1))
        with np.errstate(over="ignore"):
            wide = np.isfinite(np.diff(found)).all()
        if len(found) > 2 and wide:
            columns.append(name)
            edges.append(found.tolist())
            median.append(float(np.median(known)))
    return (
        [{"type": "ramps", "columns": columns, "edges": edges, "median": median}] if columns else []
    )


def _elapsed(series: pl.Series) -> dict[str, Json]:
    stamps = instants(series)
    days = stamps[~np.isnat(stamps)].astype(np.int64) / 86_400_000_000
    mean, scale = moments(days)
    return {"type": "elapsed", "column": series.name, "mean": mean, "scale": scale}


def _scales(columns: Sequence[Floats]) -> dict[str, Json]:
    """Return by what columns are shifted and divided; a long tail does not rule the scale."""
    mean, scale = [], []
    for values in columns:
        middle, spread = moments(values)
        known = values[np.isfinite(values)]
        with np.errstate(over="ignore"):
            far = known.size and float(np.abs(known - middle).max()) > CLIP * spread
        if far:
            low, half, high = np.quantile(known, [0.25, 0.5, 0.75], method="nearest")
            if np.isfinite(high - low) and high > low:
                middle, spread = float(half), float(high - low) / 1.349
        mean.append(_short(middle))
        scale.append(_short(spread))
    return {"mean": mean, "scale": scale}


def _short(value: Any) -> float:
    """Round to seven digits: float32 has no more, and the encoding stays small."""
    return float(f"{value:.7g}")
