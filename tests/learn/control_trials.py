"""Learners of policies at work in one place, each fitted once however many tests ask."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from lingqu.core import catalog
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Schema
from lingqu.environment.episodes import play
from lingqu.environment.place import Place
from lingqu.environment.rules import rule_of


def rows_of(place: Place) -> Dataset:
    """Return rows that name an environment; learners by trial read nothing else of them."""
    return Dataset(pl.DataFrame(), Schema(()), facts={"environment": place.to_json()})


class Trials:
    """Fits learners in a place.

    Args:
        place: The environment.
        quick: Learner → options with which it is done soon.
    """

    def __init__(self, place: Place, quick: Mapping[str, Mapping[str, Any]]) -> None:
        self._place = place
        self._quick = quick
        self._fitted: dict[str, Model] = {}

    def fit(self, name: str, seed: int = 0, seconds: float = 60.0, **more: Any) -> Model:
        rows = rows_of(self._place)
        learner = catalog.build("algorithms", name, {**self._quick.get(name, {}), **more})
        model: Model = learner.fit(rows, rows, Budget(seconds, seed=seed), lambda row: None)
        return model

    def fitted(self, name: str) -> Model:
        if name not in self._fitted:
            self._fitted[name] = self.fit(name)
        return self._fitted[name]

    @cached_property
    def seen(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """What is seen on the way of somebody who acts at random."""
        return play(self._place, rule_of("random", self._place, 0), range(6), 6).rows
