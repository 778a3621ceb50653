"""How like real rows made rows are: can they be told apart, and can one learn from them instead.

Learners compare candidates by this on held-out rows, the check ``generated`` on test rows.

Source: Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", 2017, arXiv:1610.06545;
Esteban et al., "Real-valued (medical) time series generation", 2017, arXiv:1706.02633 (train on
synthetic, test on real); DeLong, DeLong and Clarke-Pearson, 1988, doi:10.2307/2531595 (interval).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from lingqu.core.metrics import bootstrap, wilson
from lingqu.core.schema import Column
from lingqu.release.made.columns import Made

Floats = NDArray[np.float64]
FOLDS = 3
_Z95 = 1.959963984540054
_MOST_WORDS = 250
"""Levels of a category that a judge tells apart; rarer ones are one."""


@dataclass(frozen=True)
class Score:
    """A score with its 95 % interval, and the rows that it rests on."""

    value: float
    low: float
    high: float
    n: int


def matrix(frames: Sequence[pl.DataFrame], columns: Sequence[Column]) -> list[Floats]:
    """Return frames as numbers that a judge reads: the same code is the same word in all.

    Example:
        >>> frames = pl.DataFrame({"a": ["x", None]}), pl.DataFrame({"a": ["y", "x"]})
        >>> [m.tolist() for m in matrix(frames, [Column("a", "category")])]
        [[[0.0], [nan]], [[1.0], [0.0]]]
    """
    wide = []
    for column in columns:
        parts = [frame.get_column(column.name) for frame in frames]
        if column.kind in ("number", "datetime"):
            made = Made(column.name, column.kind)
        else:
            parts = [part.cast(pl.String) for part in parts]
            made = _words(column.name, parts)
        wide.append([made.numbers(part) for part in parts])
    return [np.column_stack([each[place] for each in wide]) for place in range(len(frames))]


def _words(name: str, parts: Sequence[pl.Series]) -> Made:
    """Return the words of a column, the frequent ones first in number and then in order."""
    counts = pl.concat(parts).drop_nulls().value_counts(sort=True)
    kept = sorted(counts[name].head(_MOST_WORDS).to_list()) if len(counts) else []
    return Made(name, "category", levels=tuple(kept))


def two_sample(real: Floats, made: Floats, seed: int = 0) -> Score:
    """Return how well a judge tells made rows from real ones: its AUC, 0.5 where it cannot.

    Gradient-boosted trees judge rows that they were not fitted on. The interval is that of the
    answers of these judges; other rows to fit them on would move it a little more.

    Args:
        real: Rows that nobody learned from, (N, D).
        made: Made rows, (M, D).
        seed: Seed of the folds.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(400, 2))
        >>> two_sample(rows[:200], rows[200:] + 3).value > 0.9
        True
    """
    both = np.vstack([real, made])
    labels = np.r_[np.ones(len(real)), np.zeros(len(made))]
    if len(real) < 2 * FOLDS or len(made) < 2 * FOLDS:
        return Score(nan, nan, nan, len(both))
    fold = np.random.default_rng(seed).permutation(len(both)) % FOLDS
    said = np.empty(len(both))
    for one in range(FOLDS):
        judge = HistGradientBoostingClassifier(random_state=0, early_stopping=False)
        judge.fit(both[fold != one], labels[fold != one])
        said[fold == one] = judge.predict_proba(both[fold == one])[:, 1]
    return area(labels > 0, said)


def area(truth: NDArray[np.bool_], said: Floats) -> Score:
    """Return the area under the ROC curve with DeLong's interval.

    Example:
        >>> area(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.35, 0.8])).value
        0.75
    """
    yes, no = said[truth], said[~truth]
    if not len(yes) or not len(no):
        return Score(nan, nan, nan, len(said))
    together = rankdata(np.r_[yes, no])
    over = (together[: len(yes)] - rankdata(yes)) / len(no)
    under = 1 - (together[len(yes) :] - rankdata(no)) / len(yes)
    value = float(over.mean())
    parts = [float(p.var(ddof=1)) / len(p) for p in (over, under) if len(p) > 1]
    half = _Z95 * sqrt(sum(parts))
    return Score(value, max(0.0, value - half), min(1.0, value + half), len(said))


Form = Literal["roc_auc", "accuracy", "r2"]


@dataclass(frozen=True)
class Lesson:
    """What a judge learns from one side: the target from the other columns.

    Args:
        form: The score: ``roc_auc`` of two classes, ``accuracy`` of more, ``r2`` of a number.
        x: The other columns, (N, D).
        y: Codes of classes, or numbers; NaN where it is missing.
    """

    form: Form
    x: Floats
    y: Floats


def lessons(
    frames: Sequence[pl.DataFrame], columns: Sequence[Column], target: Column
) -> list[Lesson]:
    """Return frames as lessons that can be set beside each other."""
    others = [column for column in columns if column.name != target.name]
    parts = [frame.get_column(target.name) for frame in frames]
    if target.kind in ("number", "datetime"):
        made, form = Made.of(target, pl.concat(parts)), "r2"
    else:
        parts = [part.cast(pl.String) for part in parts]
        made = Made.of(Column(target.name, "category"), pl.concat(parts))
        form = "roc_auc" if len(made.levels) == 2 else "accuracy"
    pairs = zip(matrix(frames, others), parts, strict=True)
    return [Lesson(form, x, made.numbers(part)) for x, part in pairs]  # type: ignore[arg-type]


def taught(learned: Lesson, asked: Lesson, seed: int = 0) -> Score:
    """Return how well a judge that learned from some rows answers others.

    Args:
        learned: Rows that it learns from.
        asked: Rows that it is asked of, real ones.
        seed: Seed of the resamples.

    Returns:
        The score; of a lesson with one class only, that of who always says it: 0.5 of an area.
    """
    x, y = (part[np.isfinite(learned.y)] for part in (learned.x, learned.y))
    known = np.isfinite(asked.y)
    if not len(y) or not known.any():
        return Score(nan, nan, nan, int(known.sum()))
    said = answered(x, y, asked.x[known], asked.form)
    return _scored(asked.form, asked.y[known], said, seed)


def answered(x: Floats, y: Floats, asked: Floats, form: Form) -> Floats:
    """Return what gradient-boosted trees say: the chance of the second class, codes, or numbers."""
    if len(np.unique(y)) == 1:
        return np.full(len(asked), y[0])
    if form == "r2":
        judge: Any = HistGradientBoostingRegressor(random_state=0, early_stopping=False)
        found: Floats = judge.fit(x, y).predict(asked)
        return found
    judge = HistGradientBoostingClassifier(random_state=0, early_stopping=False).fit(x, y)
    told: Any = judge.predict_proba(asked)[:, 1] if form == "roc_auc" else judge.predict(asked)
    return np.asarray(told, np.float64)


def _scored(form: Form, y: Floats, said: Floats, seed: int) -> Score:
    if form == "roc_auc":
        return area(y == y.max(), said) if len(np.unique(y)) > 1 else Score(nan, nan, nan, len(y))
    if form == "accuracy":
        right = float((y == said).sum())
        return Score(right / len(y), *wilson(right, len(y)), len(y))
    errors, spread = (y - said) ** 2, y**2

    def explained(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        around = weights @ spread / total - (weights @ y / total) ** 2
        share: Floats = (weights @ errors / total) / np.where(around > 0, around, np.nan)
        return 1 - share

    value = float(explained(np.ones((1, len(y))))[0])
    return Score(value, *bootstrap(explained, len(y), seed=seed), len(y))
