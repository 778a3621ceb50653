"""BPR: users and items as points, so that what was taken comes before what was not, by implicit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from implicit.cpu.bpr import BayesianPersonalizedRanking
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import lsqr
from threadpoolctl import threadpool_limits

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget, Progress
from lingqu.learn.recommend.learner import Learned, Recommender
from lingqu.learn.recommend.reading import Matrix, Reading
from lingqu.learn.tabular.graph import Step

Floats = NDArray[np.float64]
_LOOKS = 60
"""Steps in which the places of users are told from what they took."""


@dataclass
class Bpr(Recommender):
    """Learn an order of items for each user from pairs: taken before not taken.

    The method gives a place to each user of the training rows. So that others are answered as
    well, places are told from what was taken, by ridge regression; these are what is judged.

    Args:
        factors: Dimensions.
        learning_rate: Step of the descent.
        penalty: Ridge penalty of the places.
        iterations: Rounds over what was taken.
        damping: Ridge penalty of telling places from histories.

    Example:
        >>> Bpr(factors=32).iterations
        100

    Source: Rendle et al., "BPR: Bayesian personalized ranking from implicit feedback", UAI 2009,
        arXiv:1205.2618; implicit 0.7.
    """

    name: ClassVar[str] = "bpr"

    factors: int = 63
    learning_rate: float = 0.05
    penalty: float = 0.01
    iterations: int = 100
    damping: float = 0.5

    def learn(
        self, reading: Reading, train: Dataset, budget: Budget, progress: Progress
    ) -> Learned:
        """Place users and items, then learn to tell the first from what they took."""
        for option in ("factors", "learning_rate", "penalty", "iterations", "damping"):
            if not getattr(self, option) > 0:
                raise SpecError("recommend.bad_option", option=option, expected="> 0",
                                received=getattr(self, option))  # fmt: skip
        # The library warns of threads that it would not use.
        with threadpool_limits(1, "blas"):
            model = BayesianPersonalizedRanking(
                factors=self.factors, learning_rate=self.learning_rate, regularization=self.penalty,
                iterations=self.iterations, num_threads=1, random_state=budget.seed,
                verify_negative_samples=True,
            )  # fmt: skip
            model.fit(reading.plain, show_progress=False)
        items = np.asarray(model.item_factors, dtype=np.float64)
        ways = _ways(reading.plain, np.asarray(model.user_factors, dtype=np.float64), self.damping)
        notes = {"factors": self.factors, "iterations": self.iterations,
                 "penalty": self.penalty, "damping": self.damping}  # fmt: skip

        def told(taken: NDArray[Any], people: NDArray[Any]) -> Floats:
            had = (np.asarray(taken) > 0).astype(np.float64)
            return _shared(had) @ ways @ items.T

        return Learned(_STEPS, {"ways": ways, "turned": items.T, "tiny": np.array(1e-9)},
                       told, notes)  # fmt: skip


_STEPS: tuple[Step, ...] = (
    ("ReduceSum", ["had", "axis"], ["number"], {"keepdims": 1}),
    ("Add", ["number", "tiny"], ["above"], {}),
    ("Sqrt", ["above"], ["root"], {}),
    ("Div", ["had", "root"], ["shared"], {}),
    ("MatMul", ["shared", "ways"], ["place"], {}),
    ("MatMul", ["place", "turned"], ["told"], {}),
)


def _shared(had: Floats) -> Floats:
    return np.asarray(had / np.sqrt(had.sum(1, keepdims=True) + 1e-9))


def _ways(plain: Matrix, users: Floats, damping: float) -> Floats:
    """Return what each item taken adds to the place of a user, (items, factors)."""
    number = np.sqrt(np.asarray(plain.sum(1)).ravel() + 1e-9)
    history = sparse.diags(1.0 / number) @ plain.astype(np.float64)
    found = [
        lsqr(history, users[:, one], damp=damping, iter_lim=_LOOKS)[0]
        for one in range(users.shape[1])
    ]
    return np.stack(found, axis=1)
