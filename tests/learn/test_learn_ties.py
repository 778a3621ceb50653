"""Who leads does not hang on which of two equal fits ended first."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from lingqu.core.nouns import Member, Model
from lingqu.core.predictions import Predictions
from lingqu.learn.candidate import Fit
from lingqu.learn.folds import Folds
from lingqu.learn.lane import Lane
from lingqu.learn.portfolio import Entry
from lingqu.learn.standings import Standings

ROWS = 60
HELD = np.arange(ROWS)
TRUTH = np.arange(ROWS) % 2


def _chances(of_truth: float, seed: int | None = None) -> Predictions:
    noise = 0.0 if seed is None else np.random.default_rng(seed).normal(0, 0.3, ROWS)
    right = np.clip(of_truth + noise, 0.01, 0.99)
    one = np.where(TRUTH == 1, right, 1 - right)
    return Predictions((one > 0.5).astype(np.int64), np.stack([1 - one, one], 1), ("no", "yes"))


TABLES = {
    "two that say the same": {"b": _chances(0.9), "a": _chances(0.9), "c": _chances(0.6)},
    "all perfect": {name: _chances(1.0) for name in "cab"},
    "no better than the constant": {name: _chances(0.5) for name in ("constant", "b", "a")},
    "pairs of twins": {f"{n}{k}": _chances(0.6, seed=k) for n in "ba" for k in (1, 2)},
}


@pytest.mark.parametrize("said", TABLES.values(), ids=TABLES.keys())
def test_in_whatever_order_fits_end_the_same_one_leads(said: dict[str, Predictions]) -> None:
    model = Model("classify", ("no", "yes"), (Member("m", "m", 1.0, {}, b""),))
    folds = Folds("random", ((HELD, HELD),), 1)
    found = set()
    for order in permutations(said):
        lanes = {name: Lane(Entry(name, name)) for name in said}
        made = Standings(lanes, folds, TRUTH, "accuracy")
        for seconds, name in enumerate(order):
            lanes[name].fits[0] = Fit(model, said[name])
            made.update(float(seconds))
        assert made.leader is not None
        found.add(tuple(sorted(made.leader.weights.items())))
    assert len(found) == 1, found
