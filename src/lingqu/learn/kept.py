"""Finished fits of earlier runs: which of them may stand for one that is due now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import lingqu
from lingqu.core import digest
from lingqu.core.nouns import Dataset, Json
from lingqu.learn.candidate import Fit, from_store, to_store
from lingqu.learn.folds import Folds
from lingqu.learn.portfolio import Entry
from lingqu.learn.sources import code_of_fits

Recall = Callable[[str], bytes | None]
Remember = Callable[[str, bytes], None]


class Kept:
    """Fits under the digest of everything that they depend on, but for their time.

    What ended by itself would end so again. What time cut short stands only for a fit that has
    no more time, or for the same one of the same run, begun again after it was killed: else a
    first try with a small budget would spoil every later one.

    Args:
        facts: Rows, folds, seed and code of the fits.
        run: What shares out the time: budget, workers, candidates.
        recall: Returns what was kept under a key, or None.
        remember: Keeps bytes under a key.
    """

    def __init__(
        self,
        facts: Mapping[str, Json],
        run: Mapping[str, Json],
        recall: Recall | None,
        remember: Remember | None,
    ) -> None:
        self._facts, self._run = dict(facts), digest.of_json(run)
        self._recall, self._remember = recall, remember

    def find(
        self, entry: Entry, options: Mapping[str, Json], fold: int, seconds: float
    ) -> Fit | None:
        """Return the kept fit, if it may stand for one that would have `seconds` now."""
        data = self._recall(self._key(entry, options, fold)) if self._recall else None
        fit = from_store(data) if data else None
        if fit is None or (fit.unfinished and fit.run != self._run and seconds > fit.given_s):
            return None
        return fit

    def keep(self, entry: Entry, options: Mapping[str, Json], fold: int, fit: Fit) -> None:
        """Keep a fit for later runs."""
        if self._remember:
            data = to_store(replace(fit, run=self._run))
            self._remember(self._key(entry, options, fold), data)

    def _key(self, entry: Entry, options: Mapping[str, Json], fold: int) -> str:
        # The options used, not those wished for: later folds take over what the first settled.
        own: dict[str, Json] = {
            "algorithm": entry.algorithm,
            "options": dict(options),
            "fold": fold,
        }
        if entry.augment:
            own["augment"] = [list(piece) for piece in entry.augment]
        return digest.of_json({**self._facts, **own})


def facts_of(scratch: Path, train: Dataset, folds: Folds, seed: int) -> dict[str, Json]:
    """Return what all fits of a choice depend on: rows, folds, seed and code.

    Args:
        scratch: Where `lingqu.learn.candidate.write_scratch` has put the rows.
        train: The rows.
        folds: Of the choice.
        seed: Of every draw.
    """
    return {
        "data": train.digest or digest.of_file(scratch / "train.arrow"),
        "schema": train.schema.to_json(),
        "folds": digest.of_bytes(b"".join(a.tobytes() + b.tobytes() for a, b in folds.pairs)),
        "seed": seed,
        "code": [lingqu.__version__, code_of_fits()],
    }
