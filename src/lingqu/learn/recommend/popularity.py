"""What most people take: what every recommendation must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget, Progress
from lingqu.learn.recommend.learner import Learned, Recommender
from lingqu.learn.recommend.reading import Reading
from lingqu.learn.tabular.graph import Step


@dataclass
class Popularity(Recommender):
    """List what is taken most, whoever asks.

    Args:
        half_life: Share of the time span of the rows after which a row counts half; 0 for rows
            that never grow old. It needs a column of times.

    Example:
        >>> Popularity(half_life=0.1).half_life
        0.1

    Source: Cremonesi, Koren and Turrin, RecSys 2010, doi:10.1145/1864708.1864721 (the baseline);
        Ji et al., "A re-visit of the popularity baseline", SIGIR 2020,
        doi:10.1145/3397271.3401233 (that grows old).
    """

    name: ClassVar[str] = "popularity"

    half_life: float = 0.0

    def learn(
        self, reading: Reading, train: Dataset, budget: Budget, progress: Progress
    ) -> Learned:
        """Count."""
        if not self.half_life >= 0:
            raise SpecError("recommend.bad_option", option="half_life", expected="≥ 0",
                            received=self.half_life)  # fmt: skip
        counts = self._counts(reading, train)
        popular = reading.popular(counts)
        steps: list[Step] = [
            ("Mul", ["had", "zero"], ["nothing"], {}),
            ("Add", ["nothing", "own_told"], ["told"], {}),
        ]
        return Learned(
            steps, {"own_told": popular[None, :]},
            lambda taken, people: np.repeat(popular[None, :], len(taken), 0),
            {"half_life": self.half_life}, popular, fixed=True,
        )  # fmt: skip

    def _counts(self, reading: Reading, train: Dataset) -> np.ndarray:
        rows = reading.rows
        worth = np.ones(len(rows.item)) if rows.weight is None else rows.weight
        times = train.schema.having("time")
        if self.half_life and times:
            moment = train.frame.get_column(times[0].name).to_physical().cast(float).to_numpy()
            age = moment.max() - moment
            worth = worth * 0.5 ** (age / max(self.half_life * float(np.ptp(moment)), 1e-12))
        return np.bincount(rows.item, worth, minlength=len(rows.items))
