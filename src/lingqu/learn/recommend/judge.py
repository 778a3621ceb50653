"""What held-out items say of recommenders, and of averages of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lingqu.core.list_metrics import gains, places

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUNDS = 8
SURE = 0.5
"""Standard errors by which an average must beat the best alone."""
MOST_ROWS = 20_000
"""Held-out rows on which averages are compared, at most."""


@dataclass(frozen=True)
class Said:
    """What a candidate listed: items (N, L), -1 where there is none, and their chances."""

    items: Ints
    scores: Floats

    def table(self, width: int) -> sparse.csr_matrix:
        """Return the chances as a table of all items; what was not listed is 0."""
        there = self.items >= 0
        row = np.repeat(np.arange(len(self.items)), there.sum(1))
        shape = (len(self.items), width)
        return sparse.csr_matrix((self.scores[there], (row, self.items[there])), shape=shape)


def worth(said: Said, wanted: Ints, kind: str, k: int) -> Floats:
    """Return the score of each held-out row."""
    return gains(kind, places(said.items[:, :k], wanted), k)


def blended(
    said: Sequence[Said], wanted: Ints, kind: str, k: int, width: int
) -> tuple[list[float], Floats]:
    """Return the weights of the best average that can be shown to help, and its score by row.

    Starting from the best alone, the candidate is added, again and again, with which the average
    of the chances scores best. Where that is not better than the best alone by `SURE` standard
    errors of the difference, the best answers alone.

    Source: Caruana et al., "Ensemble selection from libraries of models", ICML 2004,
        doi:10.1145/1015330.1015432.
    """
    alone = [worth(one, wanted, kind, k) for one in said]
    best = int(np.argmax([one.mean() for one in alone]))
    weights = np.zeros(len(said))
    weights[best] = 1.0
    few = slice(0, MOST_ROWS)
    tables = [Said(one.items[few], one.scores[few]).table(width) for one in said]
    sum_, top = tables[best].copy(), float(alone[best][few].mean())
    counts = weights.copy()
    for _ in range(ROUNDS if len(said) > 1 else 0):
        tried = [gains(kind, _place(sum_ + table, wanted[few]), k).mean() for table in tables]
        at = int(np.argmax(tried))
        if tried[at] <= top + 1e-12:
            break
        top, sum_ = float(tried[at]), sum_ + tables[at]
        counts[at] += 1
    found = gains(kind, _place(sum_, wanted[few]), k)
    gain = found - alone[best][few]
    error = float(gain.std()) / max(1.0, np.sqrt(len(gain)))
    if counts.sum() > 1 and gain.mean() > SURE * error:
        return (counts / counts.sum()).tolist(), found
    return weights.tolist(), alone[best]


def _place(table: sparse.csr_matrix, wanted: Ints) -> Ints:
    """Return the place of each wanted item by the chances of a table; -1 where it has none."""
    rows = np.arange(len(wanted))
    own = np.asarray(table[rows, np.maximum(wanted, 0)]).ravel()
    owner = np.repeat(rows, np.diff(table.indptr))
    better = table.data > own[owner] * (1 + 1e-9)
    ahead = np.bincount(owner[better], minlength=len(wanted))
    return np.where((own > 0) & (wanted >= 0), ahead, -1)
