"""What held-out rows with labels say of learners: how much each counts, and from where on to flag.

Without labels nothing is held out, and the learners count the same, but for one that alone knows
the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lingqu.core.predictions import Predictions
from lingqu.learn.candidate import ALL
from lingqu.learn.contender import Contender
from lingqu.learn.flag import CLASSES, SHOWN
from lingqu.learn.flag.judge import best_f1, precision_of, weights_of
from lingqu.learn.flag.unite import sum_of
from lingqu.learn.folds import Folds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_DOUBT = 20
"""Known anomalies that outweigh what was known before any were seen."""
NOBODY = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Held:
    """Held-out rows whose label is known.

    Args:
        rows: Row numbers.
        odd: 1 for an anomaly.
        surprises: Of these rows by each learner, by name.
    """

    rows: Ints
    odd: Ints
    surprises: Mapping[str, Floats]

    def precision(self, name: str) -> float | None:
        """Return the average precision of a learner, or None where it was not judged."""
        return precision_of(self.surprises[name], self.odd) if name in self.surprises else None

    def weights(self, ready: Sequence[Contender], seed: int) -> list[float]:
        """Return how much each learner counts; nothing where it was not judged.

        A few anomalies say little of which learner is best, and the one that learned from them
        had fewer in each fold than it has in the end. So a part of the weight is its own, beside
        20 known anomalies a half.
        """
        found = weights_of(np.stack(list(self.surprises.values())), self.odd, seed)
        by_name = dict(zip(self.surprises, found, strict=True))
        shown = [o.name for o in ready if o.entry.algorithm == SHOWN and o.name in by_name]
        own = _DOUBT / (_DOUBT + int(self.odd.sum())) if shown else 0.0
        return [
            (1 - own) * by_name.get(one.name, 0.0) + (own / len(shown) if one.name in shown else 0)
            for one in ready
        ]

    def united(self, weights: Mapping[str, float]) -> Verdict:
        """Return what the weighted sum says of the rows."""
        total = np.sum([weights[name] * each for name, each in self.surprises.items()], axis=0)
        at, f1 = best_f1(total, self.odd)
        normal = np.exp(-total)
        said = Predictions(
            (total >= at).astype(np.int64), np.stack([normal, 1 - normal], axis=1), CLASSES
        )
        return Verdict(precision_of(total, self.odd), at, f1, said)


@dataclass(frozen=True)
class Verdict:
    """What a weighted sum of learners is worth on held-out rows.

    Args:
        precision: Its average precision.
        at: Sum of surprises from which flagging gives the best F1.
        f1: That F1.
        said: Its answers.
    """

    precision: float
    at: float
    f1: float
    said: Predictions


def held_of(ready: Sequence[Contender], parts: Folds | None, truth: Ints | None) -> Held | None:
    """Return the held-out answers of the folds that every comparable learner has done."""
    if parts is None or truth is None:
        return None
    first = [one for one in ready if 0 in one.fits]
    if not first:
        return None
    done = [fold for fold in range(len(parts.pairs)) if all(fold in one.fits for one in first)]
    rows = np.concatenate([parts.pairs[fold][1] for fold in done])
    known = truth[rows] >= 0
    surprises = {
        one.name: sum_of([np.concatenate([_usual(one, fold) for fold in done])], [1.0])[known]
        for one in first
    }
    return Held(rows[known], truth[rows][known], surprises)


def _usual(one: Contender, fold: int) -> Floats:
    """Return the chance of being normal of the held-out rows of a fold."""
    said = one.fits[fold].predictions
    assert said is not None and said.probabilities is not None  # every fold has held-out rows
    return said.probabilities[:, 0]


def seasonal(ready: Sequence[Contender]) -> Contender | None:
    """Return the learner that alone knows the time, where the rows have a season."""
    for one in ready:
        if one.fits[ALL].model.members[0].notes.get("season", "none") != "none":
            return one
    return None


def unjudged(ready: Sequence[Contender]) -> list[float]:
    """Return how much each learner counts where no labels say: who knows the time counts half."""
    timed = seasonal(ready)
    if timed is None or len(ready) == 1:
        return [1.0 / len(ready)] * len(ready)
    return [0.5 if one is timed else 0.5 / (len(ready) - 1) for one in ready]
