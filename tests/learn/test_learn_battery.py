"""The battery: every algorithm of the catalogue, for each of its tasks, keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.contracts.algorithm_contract import AlgorithmContract, Case
from tests.learn.learn_tables import classes, halves, values
from tests.learn.pretrained_folders import text_folder

from lingqu.core import catalog
from lingqu.core.errors import LingquError
from lingqu.core.nouns import REPLIES, Dataset
from lingqu.core.schema import Column, Schema
from lingqu.learn import ALGORITHMS
from lingqu.release.runner import predict_model

FOREVER = 10**7
TREES = {"rounds": FOREVER, "patience": FOREVER, "learning_rate": 1e-4}
QUICK: dict[str, dict[str, Any]] = {
    "lightgbm": {"rounds": 60},
    "random_forest": {"trees": 40},
    "extra_trees": {"trees": 40},
    "xgboost": {"rounds": 60},
    "catboost": {"rounds": 60, "learning_rate": 0.1},
    "ebm": {"rounds": 300, "bags": 2, "learning_rate": 0.08, "pairs": 1},
    "mlp": {"epochs": 30},
    "tabm": {"epochs": 40, "width": 32, "bins": 8},
    "cnn": {"epochs": 12, "width": 8, "batch": 16},
    "net": {"epochs": 12, "width": 16, "heads": 2, "batch": 16},
    "pretrained": {"rung": "full", "epochs": 6, "batch": 16, "learning_rate": 3e-3},
}
ENDLESS: dict[str, dict[str, Any]] = {
    "lightgbm": TREES,
    "random_forest": {"trees": FOREVER},
    "extra_trees": {"trees": FOREVER},
    "xgboost": TREES,
    "catboost": TREES | {"rounds": 10**5},
    "ebm": {"rounds": FOREVER, "bags": 1, "learning_rate": 1e-6},
    "mlp": {"epochs": FOREVER},
    "tabm": {"epochs": FOREVER},
    "cnn": {"epochs": FOREVER},
    "net": {"epochs": FOREVER},
    "pretrained": {"epochs": FOREVER},
}
RANDOM = (
    *("lightgbm", "random_forest", "extra_trees", "xgboost", "catboost", "ebm"),
    *("mlp", "tabm", "cnn", "net", "pretrained"),
)


def pictures(task: str, n: int = 96) -> Dataset:
    """Pictures of a bright band; how low it lies is the class, or the value."""
    random = np.random.default_rng(0)
    y = random.permutation(np.arange(n) % 3)
    x = random.uniform(0, 4, (n, 8, 8)).astype("float32")
    for row, place in enumerate(y):
        x[row, 2 * place : 2 * place + 3] += 10
    cells = pl.Series(x.reshape(n, -1).tolist(), dtype=pl.Array(pl.Float32, 64))
    if task == "classify":
        frame = pl.DataFrame({"image": cells, "y": y.astype(str)})
        target = Column("y", "category", "target", levels=("0", "1", "2"))
    else:
        frame = pl.DataFrame({"image": cells, "y": 50.0 * y + random.normal(0, 1, n)})
        target = Column("y", "number", "target")
    image = Column("image", "image", shape=(8, 8), low=0, high=16)
    return Dataset(frame, Schema((image, target)), "pictures")


def mixture(task: str, n: int = 96) -> Dataset:
    """The same pictures beside a text, a number and a category; each tells a part."""
    table, random = pictures(task, n), np.random.default_rng(1)
    y = table.frame["y"].cast(pl.Float64).to_numpy() / (1 if task == "classify" else 50)
    notes = ["low water today", "the middle lock 中", "high 高 gate, open now"]
    note = [notes[round(v) % 3] + " x" * int(random.integers(0, 4)) for v in y]
    frame = table.frame.with_columns(
        pl.Series("note", [None, *note[1:]]),
        pl.Series("level", y + random.normal(0, 1, n)),
        pl.Series("bank", ["left", "right"] * (n // 2)),
    )
    added = (
        Column("note", "text"),
        Column("level", "number"),
        Column("bank", "category", levels=("left", "right")),
    )
    return Dataset(frame, Schema((*table.schema, *added)), "mixture")


@cache
def case_of(name: str, task: str) -> Case:
    """Return a small case for a learner, the same one to all tests."""
    if name in ("net", "pretrained"):
        table = mixture(task)
    elif "number" not in catalog.load("algorithms", name).kinds:
        table = pictures(task)
    else:
        table = classes() if task == "classify" else values()
    train, valid = halves(table)
    quick, endless = QUICK.get(name, {}), ENDLESS.get(name, {})
    if name == "pretrained":
        quick = {"path": str(text_folder()), **quick}
        endless = {**quick, **endless}
    reads, exact = name != "constant", name not in RANDOM
    return Case(name, task, train, valid, quick, endless, reads, exact)


ELSEWHERE = {"forecast", "flag", "recommend", "verify", "control", *REPLIES}
"""Tasks that have a battery of their own."""
CASES = [
    (name, task)
    for name in ALGORITHMS
    for task in sorted(catalog.load("algorithms", name).tasks - ELSEWHERE)
]


class TestEveryAlgorithm(AlgorithmContract):
    @pytest.fixture(params=CASES, ids=["-".join(case) for case in CASES])
    def case(self, request: pytest.FixtureRequest) -> Case:
        return case_of(*request.param)


def test_the_battery_leaves_nobody_out() -> None:
    others = {n for n in ALGORITHMS if catalog.load("algorithms", n).tasks <= ELSEWHERE}
    assert {name for name, _ in CASES} == set(ALGORITHMS) - others and len(CASES) >= 24


NETS = [case for case in CASES if case[0] in ("mlp", "cnn")]
RATES = {"gd": 0.1, "sgd": 0.05, "momentum": 0.02, "adam": 5e-3, "adamw": 5e-3}
LOSSES = {"classify": ["cross_entropy", "focal", "hinge"], "regress": ["mse", "mae", "huber"]}


def answers(case: Case, **options: Any) -> np.ndarray:
    """Fit with options and return the answers."""
    said = predict_model(case.fit(**options), case.valid.frame)
    return np.asarray(said.labels if said.probabilities is None else said.probabilities)


@cache
def usual(name: str, task: str) -> np.ndarray:
    """Return the answers after three epochs with the usual options."""
    return answers(case_of(name, task), epochs=3)


@pytest.mark.parametrize(("name", "task"), NETS)
def test_every_optimiser_of_the_loop_learns_by_its_name(name: str, task: str) -> None:
    case = case_of(name, task)
    seen = []
    for optimiser, rate in RATES.items():
        options = {"optimiser": optimiser, "learning_rate": rate, "schedule": "constant"}
        seen.append(answers(case, epochs=6, **options))
    assert all(np.isfinite(each).all() for each in seen)
    # Whole set or batches, momentum, moments, decay: no two are the same.
    assert all(not np.allclose(a, b) for i, a in enumerate(seen) for b in seen[:i])


@pytest.mark.parametrize(("name", "task"), NETS)
@pytest.mark.parametrize(
    "other",
    [
        {"schedule": "constant"},
        {"schedule": "step"},
        {"schedule": "cosine"},
        {"schedule": "warm_up"},
        {"clip": 0.01},
        {"weight_decay": 5.0},
        {"average": 0.9},
        {"precision": "bfloat16"},
    ],
    ids=lambda other: "-".join(map(str, *other.items())),
)
def test_options_of_the_loop_change_what_is_learnt(
    name: str, task: str, other: Mapping[str, Any]
) -> None:
    assert not np.allclose(usual(name, task), answers(case_of(name, task), epochs=3, **other))


@pytest.mark.parametrize(("name", "task"), NETS)
def test_the_losses_of_the_task_are_taken_and_others_refused(name: str, task: str) -> None:
    case = case_of(name, task)
    for loss in LOSSES[task]:
        assert np.isfinite(answers(case, epochs=3, loss=loss)).all()
    for other in LOSSES["regress" if task == "classify" else "classify"]:
        with pytest.raises(LingquError, match=other):
            case.fit(epochs=3, loss=other)
    with pytest.raises(LingquError, match="logistic"):
        case.make(loss="logistic")
