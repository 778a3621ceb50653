"""Weights where held-out values are few: most of them to an average of methods that seldom fail.

A handful of origins of one series tells good methods from bad ones, and hardly a good one from a
better one: what leads there leads by luck as much as by merit. So the best ensemble shares the
forecast with an average that was known beforehand, until it is better by more than chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from lingqu.core.i18n import both
from lingqu.core.nouns import Candidate
from lingqu.core.schema import because
from lingqu.learn.assemble import Choice
from lingqu.learn.beside import Judge, best_first
from lingqu.learn.ensemble import row_losses
from lingqu.learn.forecast.backtest import COUNT
from lingqu.learn.standings import Leader, Standings
from lingqu.release.series.history import Floats, Ints

METHODS = ("theta", "ets", "arima")
"""What is averaged: different in kind, and each good by itself on most series."""
NAME = "average"
LEAST = 0.4
"""Least share of the best ensemble beside as many stretches as one series has origins; of fewer a
part as large: what was held out is evidence, as far as it goes."""
_FEWEST = 10
"""Stretches below which their spread says nothing of chance."""
_DOUBT = 3.0
"""Standard errors by which it must be better than the average to get more."""
_POWER = 2
"""Weights in the average fall with this power of the error."""


@dataclass(frozen=True)
class Seen:
    """What was seen when weights were last moved.

    Args:
        average: Weights of the average.
        share: Of the best ensemble in the weights of the model.
        gain: Loss of the average less that of the best ensemble; error: standard error of this.
        stretches: Held-out stretches that both rest on.
        level: Folds that it was judged on.
        judge: Compares with what leads with the weights of both.
    """

    average: Mapping[str, float]
    share: float
    gain: float
    error: float
    stretches: int
    level: int
    judge: Judge

    @property
    def how(self) -> str:
        """Name what became of the weights."""
        if self.stretches < _FEWEST:
            return "few"
        return "least" if self.share == LEAST else "moved"


class Steady:
    """Moves weights towards the average of steady methods, see `Contest.settle`.

    The average weighs each method by the inverse square of its error. The best ensemble on the
    held-out values gets two fifths of the whole; more only where it is better by more than three
    standard errors, over stretches of values that one series and one origin hold: errors within
    one go together. Of fewer than five stretches it gets a fifth of that for each: what wins at
    one or two origins wins by luck. Which methods, the share and the square were chosen on 273
    series that no benchmark judges, see `docs/decisions/0010`.

    Args:
        series: Of each training row a number of its series.

    Source: Bates and Granger, "The combination of forecasts", 1969, doi:10.1057/jors.1969.103
        (weights by error); Stock and Watson, "Combination forecasts of output growth", 2004,
        doi:10.1002/for.928 (shrinking towards an average); the share is our own.
    """

    def __init__(self, series: Ints) -> None:
        self.series = series
        self.seen: Seen | None = None

    def __call__(self, standings: Standings, leader: Leader) -> Mapping[str, float]:
        """Return the weights of the best ensemble as they are to be released."""
        level, lanes = leader.level, standings.lanes
        names = [
            name
            for name, lane in lanes.items()
            if lane.entry.algorithm in METHODS and lane.depth >= level and not lane.barred
        ]
        if len(names) < 2:
            self.seen = None
            return leader.weights
        average = _average(standings, names, level)
        gains = self._gains(standings, average, leader)
        gain, error = _chance(gains)
        share = _share(gain, error, LEAST * min(1.0, len(gains) / COUNT))
        weights = _mixed(leader.weights, average, share)
        judge = Judge(standings, weights, level)
        self.seen = Seen(average, share, gain, error, len(gains), level, judge)
        return weights

    def _gains(self, standings: Standings, average: Mapping[str, float], leader: Leader) -> Floats:
        """Return by what the best ensemble errs less, stretch by stretch."""
        level, truth = leader.level, standings.truth(leader.level)
        lost = row_losses(truth, standings.blend(average, level), standings.metric)
        kept = row_losses(truth, standings.blend(leader.weights, level), standings.metric)
        origin = np.repeat(
            np.arange(level), [len(held) for _, held in standings.folds.pairs[:level]]
        )
        own = self.series[standings.rows(level)] * level + origin
        place, sizes = np.unique(own, return_inverse=True, return_counts=True)[1:]
        gains: Floats = np.bincount(place, weights=lost - kept) / sizes
        return gains

    def told(self, choice: Choice) -> Choice:
        """Return the choice with the average among its candidates, and why weights were moved."""
        if self.seen is None:
            return choice
        seen, names = self.seen, _in_words(self.seen.average)
        standings, beside = seen.judge.standings, seen.judge.beside(seen.average, seen.level)
        score = -standings.loss(standings.blend(seen.average, seen.level), seen.level)
        line = Candidate(
            NAME, NAME, "done", score, choice.metric, error=beside.error, folds=seen.level,
            rows=beside.rows, gap=beside.gap, gap_error=beside.gap_error,
            **because("forecast.average", names=names, share=1 - seen.share),
        )  # fmt: skip
        lines = best_first([*choice.candidates, line])
        note = both(f"forecast.note_{seen.how}", names=names, share=seen.share, gain=seen.gain,
                    error=seen.error, count=seen.stretches)  # fmt: skip
        return replace(choice, candidates=tuple(lines), notes=(*choice.notes, note))


def _average(standings: Standings, names: Iterable[str], level: int) -> dict[str, float]:
    """Return weights by the inverse square of the mean absolute error."""
    truth = standings.truth(level).astype(np.float64)
    said = {name: standings.answers(name, level).labels.astype(np.float64) for name in names}
    missed = {name: float(np.abs(values - truth).mean()) for name, values in said.items()}
    least = max(1e-12, 1e-6 * float(np.abs(truth).mean()))
    worth = {name: max(error, least) ** -_POWER for name, error in missed.items()}
    total = sum(worth.values())
    return {name: value / total for name, value in worth.items()}


def _chance(gains: Floats) -> tuple[float, float]:
    """Return the mean and its standard error; an infinite one of few."""
    count = len(gains)
    error = float(gains.std(ddof=1) / np.sqrt(count)) if count >= _FEWEST else float("inf")
    return float(gains.mean()), error


def _share(gain: float, error: float, least: float) -> float:
    """Return the share of the best ensemble: the least, and more from three standard errors on.

    Example:
        >>> _share(0.1, 0.1, 0.4), round(_share(0.6, 0.1, 0.4), 2), _share(0.1, float("inf"), 0.08)
        (0.4, 0.85, 0.08)
    """
    doubt = _DOUBT * error
    return least if gain <= doubt else 1 - (1 - least) * (doubt / gain) ** 2


def _mixed(
    best: Mapping[str, float], average: Mapping[str, float], share: float
) -> dict[str, float]:
    names = sorted({*best, *average})
    return {n: share * best.get(n, 0.0) + (1 - share) * average.get(n, 0.0) for n in names}


def _in_words(weights: Mapping[str, float]) -> str:
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {weight:.0%}" for name, weight in ranked)
