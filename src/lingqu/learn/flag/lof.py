"""Local outlier factor: is a row lonelier than its neighbours are?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.flag.core_rows import core_rows
from lingqu.learn.flag.reading import READ, ROW_AXIS, member, read
from lingqu.learn.tabular.graph import Step

MOST_KEPT = 2000
"""Rows that a graph may hold."""
CENTRAL = 0.9
"""Share of the rows among which those to compare with are drawn: the most central ones."""
_CHUNK = 4096
_JUDGED = 20_000
"""Rows whose scores say how scores are spread."""


@dataclass
class Lof:
    """Score rows by how much thinner they are surrounded than their nearest neighbours.

    The graph holds the rows that are compared with: erasing a person's rows means fitting again.

    Args:
        neighbours: How many rows are looked at.
        kept: Rows that are kept to compare with, at most 2,000, drawn among the central ones.

    Example:
        >>> Lof(neighbours=10).kept
        1000

    Source: Breunig, Kriegel, Ng and Sander, "LOF: identifying density-based local outliers",
        SIGMOD 2000, doi:10.1145/335191.335388.
    """

    name: ClassVar[str] = "lof"
    tasks: ClassVar[frozenset[str]] = frozenset({"flag"})
    kinds: ClassVar[frozenset[Kind]] = READ
    engine: ClassVar[str] = "numpy"

    neighbours: int = 20
    kept: int = 1000

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`; nothing else is needed."""
        reading = read(train, budget.seed)
        # A group of anomalies among the kept rows would make its like look usual.
        core = core_rows(reading.front.comparable(reading.x), CENTRAL, reading.front.least)
        core = np.random.default_rng(budget.seed).permutation(core)
        held = min(self.kept, MOST_KEPT, len(core))
        order = np.setdiff1d(np.arange(len(reading.x)), core[:held], assume_unique=True)
        order = np.random.default_rng(budget.seed + 1).permutation(order)
        own = reading.front.comparable(reading.x[core[:held]])
        near = Neighbours.of(own, max(1, min(self.neighbours, held - 1)))

        def scored(x: NDArray[np.float32]) -> NDArray[np.float64]:
            z = reading.front.comparable(x)
            return np.where(near.tied(z), np.nan, near.factor(z))

        others = reading.front.comparable(reading.x[order[:_JUDGED]])
        share = len(others) / max(1, len(reading.x) - held)
        mine = near.own_factor()[: max(1, round(share * held))]
        scores = np.concatenate([mine, near.factor(others)])
        front, constants = reading.front.steps("comparable", double=True)
        steps, more = near.steps()
        notes = {"neighbours": near.count, "stores_rows": held}
        return member(
            self.name, reading, scores, [*front, *steps], {**constants, **more}, scored, notes,
            double=True,
        )  # fmt: skip

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.lof(rows, columns, classes)


@dataclass(frozen=True)
class Neighbours:
    """Kept rows, with how far each one's neighbours reach and how dense it is there.

    Args:
        rows: The kept rows, (R, D).
        count: Neighbours looked at.
        reach: Distance of each row's last neighbour, (R,).
        density: One over the mean reachability distance of each row, (R,).
        least: Added to mean distances, so that equal rows are dense and not infinitely so.
    """

    rows: NDArray[np.float64]
    count: int
    reach: NDArray[np.float64]
    density: NDArray[np.float64]
    least: float

    @classmethod
    def of(cls, rows: NDArray[np.float64], count: int) -> Neighbours:
        """Learn reach and density of the rows themselves; none is its own neighbour."""
        far = _squares(rows, rows)
        if len(rows) > 1:
            np.fill_diagonal(far, np.inf)
        near = np.argsort(far, axis=1, kind="stable")[:, :count]
        distance = np.sqrt(np.take_along_axis(far, near, axis=1))
        least = 0.05 * float(np.median(distance[:, -1])) + 1e-3
        reach = distance[:, -1]
        mean = np.maximum(distance, reach[near]).mean(1)
        return cls(rows, count, reach, 1.0 / (mean + least), least)

    def factor(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the logarithm of the factor of other rows."""
        parts = [self._factor(z[at : at + _CHUNK]) for at in range(0, len(z), _CHUNK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def tied(self, z: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say where the last neighbour is as near as the next row: either may be taken for it."""
        if self.count >= len(self.rows):
            return np.zeros(len(z), dtype=bool)
        far = np.sort(_squares(z, self.rows), axis=1)
        found: NDArray[np.bool_] = far[:, self.count] - far[:, self.count - 1] < 1e-9
        return found

    def own_factor(self) -> NDArray[np.float64]:
        """Return that of the kept rows, each without itself."""
        far = _squares(self.rows, self.rows)
        if len(self.rows) > 1:
            np.fill_diagonal(far, np.inf)
        return self._of(far)

    def _factor(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._of(_squares(z, self.rows))

    def _of(self, far: NDArray[np.float64]) -> NDArray[np.float64]:
        near = np.argpartition(far, self.count - 1, axis=1)[:, : self.count]
        distance = np.sqrt(np.take_along_axis(far, near, axis=1))
        mean = np.maximum(distance, self.reach[near]).mean(1)
        found: NDArray[np.float64] = np.log(self.density[near].mean(1) * (mean + self.least))
        return found

    def steps(self) -> tuple[list[Step], dict[str, NDArray[np.generic]]]:
        """Return the nodes from ``comparable`` to ``score``."""
        steps: list[Step] = [
            ("Mul", ["comparable", "comparable"], ["each_square"], {}),
            ("ReduceSum", ["each_square", "row_axis"], ["own_square"], {"keepdims": 1}),
            ("MatMul", ["comparable", "twice"], ["cross"], {}),  # (N, R)
            ("Sub", ["own_square", "cross"], ["partly"], {}),
            ("Add", ["partly", "squares"], ["free"], {}),
            ("Max", ["free", "nothing"], ["apart"], {}),
            ("TopK", ["apart", "count"], ["nearest", "which"], {"axis": 1, "largest": 0}),
            ("Sqrt", ["nearest"], ["distance"], {}),  # (N, K)
            ("Gather", ["reach", "which"], ["their_reach"], {"axis": 0}),
            ("Max", ["distance", "their_reach"], ["reached"], {}),
            ("ReduceMean", ["reached", "row_axis"], ["mean"], {"keepdims": 1}),
            ("Add", ["mean", "least"], ["thin"], {}),
            ("Gather", ["density", "which"], ["their_density"], {"axis": 0}),
            ("ReduceMean", ["their_density", "row_axis"], ["dense"], {"keepdims": 1}),
            ("Mul", ["dense", "thin"], ["factor"], {}),
            ("Log", ["factor"], ["score"], {}),
        ]
        constants: dict[str, NDArray[np.generic]] = {
            "twice": 2.0 * self.rows.T, "squares": (self.rows * self.rows).sum(1)[None, :],
            "nothing": np.array(0.0), "count": np.array([self.count]), "reach": self.reach,
            "density": self.density, "least": np.array(self.least), **ROW_AXIS,
        }  # fmt: skip
        return steps, constants


def _squares(z: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return squared distances, (N, R)."""
    far = (z * z).sum(1)[:, None] - z @ (2.0 * rows.T) + (rows * rows).sum(1)[None, :]
    found: NDArray[np.float64] = np.maximum(far, 0.0)
    return found
