"""Who leads: what is known on more rows goes before the luck of few."""

from __future__ import annotations

import numpy as np
import pytest

from lingqu.core.nouns import Member, Model
from lingqu.core.predictions import Predictions
from lingqu.learn.candidate import Fit
from lingqu.learn.folds import Folds
from lingqu.learn.lane import Lane
from lingqu.learn.portfolio import Entry
from lingqu.learn.standings import Standings

ROWS, FOLDS = 100, 4


def _standings(errors: dict[str, list[float]]) -> Standings:
    """Return candidates with the mean absolute error of each fold that they have answered."""
    parts = np.arange(FOLDS * ROWS).reshape(FOLDS, ROWS)
    everything = parts.ravel()
    pairs = tuple((np.setdiff1d(everything, held), held) for held in parts)
    random, lanes = np.random.default_rng(0), {}
    for name, sizes in errors.items():
        model = Model("regress", (), (Member(name, name, 1.0, {}, b""),))
        said = [size * random.normal(1, 0.1, ROWS) for size in sizes]
        fits = {fold: Fit(model, Predictions(values)) for fold, values in enumerate(said)}
        lanes[name] = Lane(Entry(name, name), fits)
    made = Standings(lanes, Folds("random", pairs, FOLDS), np.zeros(FOLDS * ROWS), "mae")
    made.update(1.0)
    return made


@pytest.mark.parametrize(
    ("lucky", "leads"),
    [([0.1, 9.0, 9.0], "steady"), ([0.1, 9.0], "steady"), ([0.1], "lucky")],
    ids=["known on three folds", "known on two", "a newcomer"],
)
def test_a_lucky_fold_counts_only_while_nothing_more_is_known(
    lucky: list[float], leads: str
) -> None:
    found = _standings({"steady": [1.0] * FOLDS, "lucky": lucky}).leader
    assert found is not None and set(found.weights) == {leads}
    assert found.level == (FOLDS if leads == "steady" else 1)


def test_what_is_surely_better_on_fewer_rows_leads() -> None:
    found = _standings({"steady": [1.0] * FOLDS, "better": [0.5, 0.5, 0.5]}).leader
    assert found is not None and found.weights == {"better": 1.0} and found.level == 3


def test_where_all_explain_nearly_all_an_error_a_third_larger_is_far_from_the_best() -> None:
    made = _standings({"constant": [90.0], "best": [1.0], "near": [1.1], "far": [1.35]})
    close = made.closeness()
    assert close["best"] == 1.0 and 0.3 < close["near"] < 0.7 and close["far"] == 0.0
    made.close = 4.0  # a contest that wants everyone on all rows
    assert made.closeness()["far"] > 0.7
