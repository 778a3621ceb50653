"""What a pupil learns from: a teacher's answers to training rows, and to rows made up from them.

An answer in shares is written as rows: a row for each class that is at all likely, weighted by its
share. So every learner that knows weights can learn from soft answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column
from lingqu.release.encode import encode, fit_encoding, weights

Rows = NDArray[np.int64]
Shares = NDArray[np.float64]
Answers = Callable[[pl.DataFrame], Shares]
"""Rows → the teacher's answers: probabilities (N, K), or values (N, 1)."""

LEAST, MOST = 2_000, 20_000
"""Training rows that a pupil sees, at most; as many are made up."""
TRUTH = 0.5
"""Share of the truth in what is said of a training row; the rest is the teacher's answer."""
WEIGHT = "lingqu.weight"
_UNLIKELY = 0.02
"""Share below which a class is left out."""
_POOL = 1_500
"""Rows among which neighbours are looked for."""
_NEAREST = 5
_SWAP = 0.5
_LOCAL = 5.0
"""How much closer than two neighbours are to each other a made-up number is to one of them."""
_WIDE = 128


@dataclass(frozen=True)
class Lesson:
    """Rows to learn from and rows to judge by, in one frame.

    Args:
        data: The first rows are learned from, the others are held out.
        taught: How many are learned from.
        real: Training rows among them; fresh: made-up ones, both before shares become rows.
    """

    data: Dataset
    taught: int
    real: int
    fresh: int


def lesson(
    train: Dataset,
    truth: NDArray[Any],
    classes: Sequence[str],
    rows: Rows,
    held: Rows,
    answers: Answers,
    seed: int,
    known: Shares | None = None,
    most: int = MOST,
) -> Lesson:
    """Return what a pupil learns on one fold, or on all rows.

    Args:
        train: All rows.
        truth: Class indices or values of all rows, (N,).
        classes: Class names; empty for values.
        rows: Which rows are learned from.
        held: Which rows judge; none in a fit on all rows.
        answers: The teacher: it must not have seen the held-out rows.
        seed: Seed of every draw.
        known: Held-out answers to all rows, NaN where there are none; used in place of the
            teacher's answers to rows that it has learned from.
        most: Training rows at most; as many are made up.
    """
    random = np.random.default_rng(seed)
    if len(rows) > most:
        rows = np.sort(random.choice(rows, most, replace=False))
    real = train.frame[rows]
    fresh, origin = fresh_rows(replace(train, frame=real), len(rows), random)
    told = answers(pl.concat([real, fresh]))
    own, other = told[: len(rows)], told[len(rows) :]
    if known is not None:
        own = np.where(np.isnan(known[rows]), own, known[rows])
    own = TRUTH * _exactly(truth[rows], len(classes)) + (1 - TRUTH) * own
    given = weights(train)
    weight = np.ones(len(train)) if given is None else given
    parts = [
        _taught(real, own, weight[rows], train, classes),
        _taught(fresh, other, weight[rows][origin], train, classes),
    ]
    taught = sum(part.height for part in parts)
    parts.append(_taught(train.frame[held], _exactly(truth[held], len(classes)), weight[held],
                         train, classes))  # fmt: skip
    data = Dataset(pl.concat(parts), _schema(train, classes), train.name)
    return Lesson(data, taught, len(rows), fresh.height)


def softened(train: Dataset, truth: NDArray[Any], classes: Sequence[str], said: Shares) -> Dataset:
    """Return rows with the truth and a teacher's answers as targets, and weights.

    Args:
        train: The rows.
        truth: Their class indices or values, (N,).
        classes: Class names; empty for values.
        said: What the teacher answers: probabilities (N, K), or values (N, 1).
    """
    own = TRUTH * _exactly(truth, len(classes)) + (1 - TRUTH) * said
    given = weights(train)
    weight = np.ones(len(train)) if given is None else given
    taught = _taught(train.frame, own, weight, train, classes)
    return Dataset(taught, _schema(train, classes), train.name)


def fresh_rows(
    train: Dataset, count: int, random: np.random.Generator
) -> tuple[pl.DataFrame, Rows]:
    """Return rows made up from training rows, and from which each was made.

    Each is a row in which about half of the features are taken from one of its nearest
    neighbours; numbers lie near the neighbour's.

    Example:
        >>> from lingqu.core.schema import Schema
        >>> schema = Schema((Column("a", "number"),))
        >>> data = Dataset(pl.DataFrame({"a": [1.0, 1.0, 1.0]}), schema)
        >>> fresh_rows(data, 2, np.random.default_rng(0))[0].rows()
        [(1.0,), (1.0,)]

    Source: Bucilă, Caruana and Niculescu-Mizil, "Model compression", KDD 2006 (MUNGE),
        doi:10.1145/1150402.1150464; here with one of five neighbours, and in the types of a frame.
    """
    pool = np.sort(random.choice(len(train), min(_POOL, len(train)), replace=False))
    near = _neighbours(train, pool, random)
    place = random.integers(len(pool), size=count)
    mine = pool[place]
    other = pool[near[place, random.integers(near.shape[1], size=count)]]
    frame = train.frame[mine]
    changed = []
    for column in train.schema.features:
        swap = random.random(count) < _SWAP
        noise = random.standard_normal(count)
        series = train.frame.get_column(column.name)
        if column.kind == "number":
            changed.append(_between(series, mine, other, swap, noise))
        else:
            changed.append(series[np.where(swap, other, mine)])
    return frame.with_columns(changed), mine


def _neighbours(train: Dataset, pool: Rows, random: np.random.Generator) -> Rows:
    """Return of each row of the pool its nearest other ones, as places in the pool."""
    part = replace(train, frame=train.frame[pool])
    x = encode(part.frame, fit_encoding(part, "linear"))["x"].astype(np.float64)
    if x.shape[1] > _WIDE:
        x = x @ (random.standard_normal((x.shape[1], _WIDE)) / np.sqrt(_WIDE))
    squares = np.square(x).sum(axis=1)
    apart = squares[:, None] + squares[None, :] - 2 * (x @ x.T)  # (P, P)
    np.fill_diagonal(apart, np.inf)
    count = max(1, min(_NEAREST, len(pool) - 1))
    found: Rows = np.argpartition(apart, count - 1, axis=1)[:, :count]
    return found


def _between(
    series: pl.Series, mine: Rows, other: Rows, swap: NDArray[np.bool_], noise: Shares
) -> pl.Series:
    values = series.cast(pl.Float64).to_numpy()
    one, two = values[mine], values[other]
    spread = np.nan_to_num(np.abs(one - two)) / _LOCAL
    drawn = two + noise * spread
    present = values[np.isfinite(values)]
    if (present == np.round(present)).all():
        drawn = np.round(drawn)
    if len(present):
        drawn = np.clip(drawn, present.min(), present.max())
    made = pl.Series(series.name, np.where(swap, drawn, one)).fill_nan(None)
    return made.cast(series.dtype)


def _exactly(truth: NDArray[Any], count: int) -> Shares:
    """Return the truth in the form of answers."""
    if not count:
        return np.asarray(truth, dtype=np.float64)[:, None]
    return np.eye(count)[truth.astype(np.int64)]


def _taught(
    frame: pl.DataFrame, said: Shares, weight: Shares, train: Dataset, classes: Sequence[str]
) -> pl.DataFrame:
    """Return rows with their answers as targets, and weights."""
    target, name = train.schema.target, _weight_name(train)
    assert target is not None  # who has answers has a target
    if not classes:
        value = pl.Series(target.name, said[:, 0], dtype=pl.Float64)
        return frame.with_columns(value, pl.Series(name, weight, dtype=pl.Float64))
    row, place = np.nonzero((said >= _UNLIKELY) | (said == said.max(axis=1, keepdims=True)))
    share = said[row, place]
    whole = np.bincount(row, weights=share, minlength=len(said))
    names = pl.Series(target.name, [classes[k] for k in place.tolist()], dtype=pl.String)
    share = share / whole[row] * weight[row]
    return frame[row].with_columns(names, pl.Series(name, share, dtype=pl.Float64))


def _weight_name(train: Dataset) -> str:
    given = next(iter(train.schema.having("weight")), None)
    return given.name if given is not None and given.name in train.frame.columns else WEIGHT


def _schema(train: Dataset, classes: Sequence[str]) -> Any:
    schema, target = train.schema, train.schema.target
    assert target is not None
    if classes:
        schema = schema.updated(target.name, kind="category", levels=tuple(classes))
    if _weight_name(train) == WEIGHT:
        schema = type(schema)((*schema, Column(WEIGHT, "number", "weight")))
    return schema
