"""ALS: users and items as points, so that what was taken lies near, by implicit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget, Progress
from lingqu.learn.recommend.learner import Learned, Recommender
from lingqu.learn.recommend.reading import Reading
from lingqu.learn.tabular.graph import Step

Floats = NDArray[np.float64]
STEPS = 12
"""Steps of conjugate gradients that place a user; the error is then far below rounding."""
_TINY = 1e-20


@dataclass
class Als(Recommender):
    """Place items by alternating least squares, and whoever asks by what they took.

    The last half-step of the method is part of the graph: it places a user anew among the fixed
    items, so a history that grew, or that nobody saw before, is answered as those of training.

    Args:
        factors: Dimensions.
        penalty: Ridge penalty of both.
        confidence: How much more something counts that was taken, than something that was not.
        iterations: Rounds over users and items; fewer where the time is over.

    Example:
        >>> Als(factors=32).iterations
        15

    Source: Hu, Koren and Volinsky, ICDM 2008, doi:10.1109/ICDM.2008.22; conjugate gradients:
        Takács, Pilászy and Tikk, RecSys 2011, doi:10.1145/2043932.2043987; implicit 0.7.
    """

    name: ClassVar[str] = "als"

    factors: int = 64
    penalty: float = 5.0
    confidence: float = 1.0
    iterations: int = 15

    def learn(
        self, reading: Reading, train: Dataset, budget: Budget, progress: Progress
    ) -> Learned:
        """Place the items."""
        for option in ("factors", "penalty", "confidence", "iterations"):
            if not getattr(self, option) > 0:
                raise SpecError("recommend.bad_option", option=option, expected="> 0",
                                received=getattr(self, option))  # fmt: skip
        sure = reading.matrix.copy()
        sure.data = (1.0 + self.confidence * sure.data).astype(np.float32)
        # The library warns of threads that it would not use.
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=self.factors, regularization=self.penalty, alpha=1.0,
                iterations=self.iterations, num_threads=budget.threads, random_state=budget.seed,
            )  # fmt: skip
            model.fit(sure, show_progress=False)
        items = whitened(np.asarray(model.item_factors, dtype=np.float64), self.penalty)
        steps, constants = _placing(items, self.confidence)

        def told(taken: NDArray[Any], people: NDArray[Any]) -> Floats:
            return placed(items, taken, self.confidence) @ items.T

        notes = {"factors": self.factors, "penalty": self.penalty,
                 "confidence": self.confidence, "iterations": self.iterations}  # fmt: skip
        return Learned(steps, constants, told, notes)


def whitened(items: Floats, penalty: float) -> Floats:
    """Return the items in axes in which whoever took nothing is pulled alike in all directions.

    Products of users and items stay what they are, and users are found in few steps.

    Example:
        >>> whitened(np.array([[1.0]]), 3.0).tolist()
        [[0.5]]
    """
    half = np.linalg.cholesky(items.T @ items + penalty * np.eye(items.shape[1]))
    return np.asarray(np.linalg.solve(half, items.T).T)


def placed(items: Floats, taken: NDArray[Any], confidence: float) -> Floats:
    """Return where users lie who took this much of each item, (N, factors).

    Args:
        items: Where the items lie, (items, factors), as `whitened` returned them.
        taken: How much of each was taken, (N, items).
        confidence: How much more what was taken counts.

    Example:
        >>> placed(np.array([[0.5]]), np.array([[1.0]]), 1.0).round(6).tolist()
        [[0.8]]
    """
    more = confidence * np.asarray(taken, dtype=np.float64)
    left = ((np.asarray(taken) > 0) + more) @ items
    found, way = np.zeros_like(left), left.copy()
    size = (left**2).sum(1, keepdims=True)
    for _ in range(STEPS):
        slope = way + ((way @ items.T) * more) @ items
        length = size / ((way * slope).sum(1, keepdims=True) + _TINY)
        found, left = found + length * way, left - length * slope
        after = (left**2).sum(1, keepdims=True)
        way, size = left + after / (size + _TINY) * way, after
    return found


def _placing(items: Floats, confidence: float) -> tuple[list[Step], dict[str, NDArray[Any]]]:
    """Return the steps of `placed`, and then what is told of all items."""
    steps: list[Step] = [
        ("Mul", ["taken", "confidence"], ["more"], {}),
        ("Add", ["had", "more"], ["pull"], {}),
        ("MatMul", ["pull", "items"], ["left0"], {}),
        ("Mul", ["left0", "left0"], ["square0"], {}),
        ("ReduceSum", ["square0", "axis"], ["size0"], {"keepdims": 1}),
    ]
    way, found = "left0", ""
    for n in range(STEPS):
        m = n + 1
        steps += [
            ("MatMul", [way, "turned"], [f"seen{n}"], {}),
            ("Mul", [f"seen{n}", "more"], [f"heavy{n}"], {}),
            ("MatMul", [f"heavy{n}", "items"], [f"own{n}"], {}),
            ("Add", [way, f"own{n}"], [f"slope{n}"], {}),
            ("Mul", [way, f"slope{n}"], [f"bend{n}"], {}),
            ("ReduceSum", [f"bend{n}", "axis"], [f"curve{n}"], {"keepdims": 1}),
            ("Add", [f"curve{n}", "tiny"], [f"below{n}"], {}),
            ("Div", [f"size{n}", f"below{n}"], [f"length{n}"], {}),
            ("Mul", [way, f"length{n}"], [f"step{n}"], {}),
            ("Mul", [f"slope{n}", f"length{n}"], [f"gone{n}"], {}),
            ("Sub", [f"left{n}", f"gone{n}"], [f"left{m}"], {}),
            ("Mul", [f"left{m}", f"left{m}"], [f"square{m}"], {}),
            ("ReduceSum", [f"square{m}", "axis"], [f"size{m}"], {"keepdims": 1}),
            ("Add", [f"size{n}", "tiny"], [f"under{n}"], {}),
            ("Div", [f"size{m}", f"under{n}"], [f"share{n}"], {}),
            ("Mul", [way, f"share{n}"], [f"along{n}"], {}),
            ("Add", [f"left{m}", f"along{n}"], [f"way{m}"], {}),
        ]
        if found:
            steps.append(("Add", [found, f"step{n}"], [f"found{n}"], {}))
        way, found = f"way{m}", f"found{n}" if found else "step0"
    steps.append(("MatMul", [found, "turned"], ["told"], {}))
    constants: dict[str, NDArray[Any]] = {
        "items": items, "turned": items.T, "confidence": np.array(confidence),
        "tiny": np.array(_TINY),
    }  # fmt: skip
    return steps, constants
