"""Which test rows are worth looking at: mistakes the model was sure of, and pairs it confuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.predictions import Predictions

WORST = 12
"""Rows in the grid of mistakes."""
PAIRS = 6
"""Pairs of classes that are shown, at most."""
OF_A_PAIR = 3
"""Rows of each."""


@dataclass(frozen=True)
class Judged:
    """Answers beside the truth.

    Args:
        said: The answers.
        truth: Index of the class, -1 where it is none of the model's; or values, NaN where unknown.
    """

    said: Predictions
    truth: NDArray[np.float64]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Which rows were answered with another class; of values none is said to be wrong."""
        if self.said.probabilities is None:
            return np.zeros(len(self.truth), dtype=bool)
        return np.asarray((self.truth != self.said.labels) & (self.truth >= 0))

    @property
    def worst(self) -> list[int]:
        """Rows from the worst on: the surest mistakes, then right answers that were least sure.

        Of values the largest errors first. Rows without a truth are none.

        Example:
            >>> chances = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
            >>> said = Predictions(np.array([0, 1, 1]), chances, ("a", "b"))
            >>> Judged(said, np.array([0.0, 0.0, 0.0])).worst
            [2, 1, 0]
        """
        said = self.said
        if said.probabilities is None:
            rank = -np.abs(np.asarray(said.labels, dtype=np.float64) - self.truth)
            known = np.isfinite(rank)
        else:
            sure = said.probabilities[np.arange(len(said.labels)), said.labels.astype(int)]
            rank, known = np.where(self.wrong, -1 - sure, sure), self.truth >= 0
        order = np.argsort(rank, kind="stable")
        return [int(row) for row in order[known[order]]]

    def told(self, row: int) -> list[Json]:
        """Return truth and answer of a row, by name where they are classes; None is unknown."""
        said, true = self.said, self.truth[row]
        if said.probabilities is None:
            known = round(float(true), 6) if np.isfinite(true) else None
            return [known, round(float(said.labels[row]), 6)]
        name = said.classes[int(true)] if true >= 0 else None
        return [name, said.classes[int(said.labels[row])]]

    def sure(self, row: int) -> float | None:
        """Return the chance that was given to the answer; None of values."""
        chances = self.said.probabilities
        return None if chances is None else float(chances[row, int(self.said.labels[row])])


def confused(judged: Judged, worst: Sequence[int]) -> list[dict[str, Json]]:
    """Return the pairs of classes taken for each other, the most frequent first.

    Args:
        judged: All answers.
        worst: Rows that may be shown, the surest mistakes first.

    Returns:
        ``truth``, ``said``, ``count`` and ``rows``, the surest mistakes of the pair.
    """
    wrong = np.flatnonzero(judged.wrong)
    pairs = np.stack([judged.truth[wrong].astype(int), judged.said.labels[wrong].astype(int)], 1)
    kinds, counts = np.unique(pairs, axis=0, return_counts=True)
    names, found = judged.said.classes, []
    for at in np.argsort(-counts, kind="stable")[:PAIRS]:
        true, said = kinds[at].tolist()
        alike = (judged.truth == true) & (judged.said.labels == said)
        rows = [row for row in worst if alike[row]][:OF_A_PAIR]
        told = {"truth": names[true], "said": names[said], "count": int(counts[at])}
        found.append({**told, "rows": rows})
    return found


def looked_at(judged: Judged, worst: Sequence[int], count: int) -> list[int]:
    """Return rows of which it is shown what their answers rest on, wrong ones first.

    Half are wrong, where there are such. The right ones are those that were least sure, since of
    them hiding something shows most, and as far as there are any of different classes; of values
    they are the smallest errors.
    """
    half = count // 2
    if judged.said.probabilities is None:
        return list(dict.fromkeys([*worst[:half], *worst[::-1][:half]]))
    bad = [row for row in worst if judged.wrong[row]][:half]
    first: dict[int, int] = {}
    rest = []
    for row in worst:
        if not judged.wrong[row] and first.setdefault(int(judged.said.labels[row]), row) != row:
            rest.append(row)
    return [*bad, *[*first.values(), *rest][: count - len(bad)]]
