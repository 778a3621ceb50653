"""What a choice compares and on which rows, where a task brings its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.learn.folds import Folds
from lingqu.learn.portfolio import Entry
from lingqu.learn.standings import CLOSE, Settle


@dataclass(frozen=True)
class Contest:
    """Candidates and held-out rows that a task has made itself.

    Args:
        entries: The candidates in the order in which they are tried.
        folds: The held-out rows.
        baseline: Name of the candidate that costs nothing, and how it is fitted here and now
            where there was no time for any other.
        close: As `lingqu.learn.standings.CLOSE`: the share of the gap to the best beyond which a
            candidate is not judged any further.
        units: Of each row what an error of 1 is there; errors are compared in these. None for
            the units of the target.
        settle: Moves the weights of the best ensemble, see `lingqu.learn.standings.Settle`; None
            where it is released as it is.
    """

    entries: tuple[Entry, ...]
    folds: Folds
    baseline: tuple[str, Callable[[Dataset, Dataset], Model]]
    close: float = CLOSE
    units: NDArray[Any] | None = None
    settle: Settle | None = None
