"""Fits worded as jobs: what `lingqu.learn.candidate.fit_one` reads."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lingqu.core.nouns import Json
from lingqu.core.ports import Job
from lingqu.learn.portfolio import LARGE, Entry

START_S = 3.0
"""Seconds by which a fit may be later than its patience: its worker may have to start first."""


@dataclass(frozen=True)
class Orders:
    """Words the fits of one choice.

    Args:
        scratch: Where `lingqu.learn.candidate.write_scratch` has put rows and folds.
        seed: Of every draw.
        memory_mb: Limit of each fit.
        patience: Multiple of its seconds after which a fit is stopped: one that hangs must not
            keep a worker. None if it may go on until nobody wants it.
    """

    scratch: Path
    seed: int
    memory_mb: float | None = None
    patience: float | None = 2.0

    def __call__(
        self, entry: Entry, options: Mapping[str, Json], fold: int, seconds: float, left: float
    ) -> Job:
        """Return the job of one fit.

        Args:
            entry: Who is fitted.
            options: Its options.
            fold: Whose held-out rows it answers; `lingqu.learn.candidate.ALL` for a refit.
            seconds: It is asked to end in.
            left: Seconds after which nobody wants it any more.
        """
        payload = {
            "scratch": str(self.scratch), "algorithm": entry.algorithm, "options": dict(options),
            "augment": [list(piece) for piece in entry.augment], "fold": fold, "seconds": seconds,
            "left": left, "sent_at": time.time(), "threads": 1, "memory_mb": self.memory_mb,
            "seed": self.seed,
        }  # fmt: skip
        limit = left if self.patience is None else min(left, self.patience * seconds + START_S)
        return Job(payload, entry.tag, limit, self.memory_mb, entry.algorithm in LARGE)
