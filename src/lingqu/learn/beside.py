"""Scores with their standard errors, and candidates beside the model that won, row by row.

Two candidates that answer the same rows err on much the same ones, so the difference of their
scores is known far better than either score. Resampling the rows of both at once says how well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lingqu.core import metrics
from lingqu.core.nouns import Candidate
from lingqu.core.predictions import Predictions
from lingqu.learn.standings import Standings

Weights = Mapping[str, float]
Floats = NDArray[np.float64]
RESAMPLES = 100
_ROWS = 2000
"""Rows that are resampled: of more, as many are drawn, and the error is scaled down."""


@dataclass(frozen=True)
class Beside:
    """A candidate beside the winner; greater scores are better.

    Args:
        error: Standard error of its score, or None where there is none.
        gap: Its score less the winner's on the same rows; gap_error: standard error of this.
        rows: The rows.
    """

    error: float | None
    gap: float | None
    gap_error: float | None
    rows: int


class Judge:
    """Compares ensembles on the held-out rows of a finished race.

    Args:
        standings: Of the race.
        winner: Weights of the released model.
        level: Folds that all of them have answered.
    """

    def __init__(self, standings: Standings, winner: Weights, level: int) -> None:
        self.standings, self.winner, self.level = standings, winner, level
        self._draws: dict[int, tuple[NDArray[np.int64], Floats]] = {}
        self._known: dict[tuple[frozenset[tuple[str, float]], int], tuple[float, Floats]] = {}

    def beside(self, weights: Weights, depth: int) -> Beside:
        """Compare an ensemble with the winner on the rows that both have answered.

        Args:
            weights: Of the ensemble.
            depth: Folds that it was judged on; the error of its score is told on all of them.
        """
        level = min(depth, self.level)
        error = self.error(weights, depth)
        score, drawn = self._scores(weights, level)
        best, lead = self._scores(self.winner, level)
        gap = score - best
        rows = len(self.standings.rows(level))
        if not np.isfinite(gap):
            return Beside(error, None, None, rows)
        same = dict(weights) == dict(self.winner)
        return Beside(error, gap, 0.0 if same else self._spread(drawn - lead, level), rows)

    def error(self, weights: Weights, level: int) -> float | None:
        """Return the standard error of a score on the rows of a level; that of a perfect one, too.

        Resamples of answers that are all right say nothing of doubt: the next row may be wrong.
        """
        score, drawn = self._scores(weights, level)
        error = self._spread(drawn, level)
        if error == 0.0 and score == 1.0:
            return 1.0 / len(self.standings.rows(level))
        return error

    def _spread(self, drawn: Floats, level: int) -> float | None:
        seen = drawn[np.isfinite(drawn)]
        if len(seen) < RESAMPLES // 2 or ":" in self.standings.metric:
            return None  # a score of one's own knows no weights of rows
        rows = len(self.standings.rows(level))
        return float(seen.std() * np.sqrt(min(1.0, _ROWS / rows)))

    def _scores(self, weights: Weights, level: int) -> tuple[float, Floats]:
        """Return the score of an ensemble on a level, and of resamples, (B,); greater is better."""
        key = frozenset(weights.items()), level
        if key not in self._known:
            metric = self.standings.metric
            said = self.standings.served(self.standings.blend(weights, level), level)
            rows, counts = self._drawn(level)
            truth, some = self.standings.truth(level), _taken(said, rows)
            drawn = metrics.metric(metric).formula(truth[rows], some, 1, counts)
            sign = 1.0 if metrics.greater_is_better(metric) else -1.0
            self._known[key] = -metrics.loss(metric, truth, said), sign * drawn
        return self._known[key]

    def _drawn(self, level: int) -> tuple[NDArray[np.int64], Floats]:
        """Return rows of a level and how often each is in every resample."""
        if level not in self._draws:
            count = len(self.standings.rows(level))
            random = np.random.default_rng(count)
            rows: NDArray[np.int64] = np.arange(count, dtype=np.int64)
            if count > _ROWS:
                rows = np.sort(random.choice(rows, _ROWS, replace=False))
            n = len(rows)
            counts: Floats = random.multinomial(n, np.full(n, 1 / n), RESAMPLES).astype(np.float64)
            self._draws[level] = rows, counts
        return self._draws[level]


def best_first(lines: Iterable[Candidate]) -> list[Candidate]:
    """Return the lines of a leaderboard in order.

    Scores of different rows say nothing of each other: one origin is easier than five. So lines
    are placed by their gap to the chosen model on the rows that both have answered, and whoever
    was judged on fewer folds than others has to be better by a standard error.

    Example:
        >>> one = Candidate("one", "ets", "done", -0.5, folds=1, gap=-0.1, gap_error=0.1)
        >>> all_five = Candidate("five", "theta", "done", -0.9, folds=5, gap=-0.15)
        >>> [line.name for line in best_first([one, all_five])]
        ['five', 'one']
    """
    lines = list(lines)
    deepest = max((line.folds for line in lines), default=0)

    def place(line: Candidate) -> tuple[bool, bool, float, str]:
        if line.score is None or line.gap is None:
            return line.score is None, True, -(line.score or 0.0), line.name
        doubt = (line.gap_error or 0.0) if line.folds < deepest else 0.0
        return False, False, doubt - line.gap, line.name

    return sorted(lines, key=place)


def _taken(said: Predictions, rows: NDArray[np.int64]) -> Predictions:
    chances = None if said.probabilities is None else said.probabilities[rows]
    return Predictions(said.labels[rows], chances, said.classes)
