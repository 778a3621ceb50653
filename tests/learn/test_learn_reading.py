"""Scaling, rare levels and likeness, as learners take them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.learn_tables import halves

from lingqu.core import catalog
from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.release.encode import targets
from lingqu.release.model import from_bytes, to_bytes
from lingqu.release.runner import predict_model

QUICK: dict[str, dict[str, Any]] = {
    "mlp": {"epochs": 6, "hidden": (16,)},
    "tabm": {"epochs": 6, "width": 16, "heads": 4, "bins": 6},
    "lightgbm": {"rounds": 30},
    "xgboost": {"rounds": 10},
    "catboost": {"rounds": 10},
    "random_forest": {"trees": 10},
    "extra_trees": {"trees": 10},
}
LINEAR = (
    "logistic",
    "ridge",
    "elastic_net",
    "rbf_svm",
    "kernel_ridge",
    "k_neighbours",
    "mlp",
    "tabm",
)
TREES = ("lightgbm", "random_forest", "extra_trees", "xgboost", "catboost")
STEMS = ("teacher", "plumber", "musician", "accountant")


def jobs(n: int = 600, task: str = "classify", seed: int = 0) -> Dataset:
    """The job decides, but people write it in hundreds of ways; and an income with a long tail."""
    random = np.random.default_rng(seed)
    stem = random.integers(0, 4, n)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    job = []
    for code in stem:
        word = list(STEMS[code])
        word[random.integers(len(word))] = random.choice(letters)
        word[random.integers(len(word))] = random.choice(letters)
        job.append("".join(word) if random.random() < 0.7 else STEMS[code])
    income = np.exp(random.normal(0, 3, n))
    y = stem % 2 + 0.2 * np.log(income) + random.normal(0, 0.2, n)
    frame = pl.DataFrame({"job": job, "income": income})
    kind = Column("y", "number", "target")
    if task == "classify":
        kind = Column("y", "category", "target", levels=("no", "yes"))
        frame = frame.with_columns(pl.Series("y", np.where(stem % 2 == 1, "yes", "no")))
    else:
        frame = frame.with_columns(pl.Series("y", y))
    schema = Schema((Column("job", "category"), Column("income", "number"), kind))
    return Dataset(frame, schema, "jobs")


def fit(name: str, pair: tuple[Dataset, Dataset], **options: Any) -> Model:
    learner = catalog.build("algorithms", name, {**QUICK.get(name, {}), **options})
    model: Model = learner.fit(*pair, Budget(30, seed=0), lambda row: None)
    return model


def told(model: Model, frame: pl.DataFrame) -> np.ndarray:
    said = predict_model(model, frame)
    return np.asarray(said.labels if said.probabilities is None else said.probabilities, float)


@pytest.mark.parametrize("name", LINEAR + TREES)
def test_every_learner_takes_the_wishes_and_answers_one_row_as_many(name: str) -> None:
    task = "classify" if "classify" in catalog.load("algorithms", name).tasks else "regress"
    train, valid = halves(jobs(160, task))
    wishes: dict[str, Any] = {"rare": 2, "similar": 6}
    if name in LINEAR:
        wishes["scaling"] = "quantile"
    model = from_bytes(to_bytes(fit(name, (train, valid), **wishes)))  # as it is kept
    kinds = {block["type"] for block in model.members[0].encoding["blocks"]}
    assert "likeness" in kinds and ("ranks" in kinds) == (name in LINEAR)
    plain = {b["column"]: b for b in model.members[0].encoding["blocks"] if "levels" in b}
    (levels,) = [b["levels"] for b in model.members[0].encoding["blocks"]
                 if b["type"] in ("category", "ordinal")]  # fmt: skip
    assert plain and 0 < len(levels) < train.frame["job"].n_unique() / 2
    strange = pl.DataFrame({"job": ["teachers", None, ""], "income": [np.inf, None, -1e308]})
    both = pl.concat([valid.frame.select("job", "income").head(12), strange])
    whole = told(model, both)
    assert np.isfinite(whole).all()
    single = np.concatenate([told(model, both[i : i + 1]) for i in range(len(both))])
    np.testing.assert_allclose(whole, single, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["logistic", "lightgbm"])
def test_letters_help_with_levels_never_seen(name: str) -> None:
    train, valid = halves(jobs(700))
    seen = set(train.frame["job"])
    new = valid.frame.filter(~pl.col("job").is_in(seen))
    assert len(new) > 60
    truth = targets(Dataset(new, valid.schema, "new"), "classify")[0]
    scores = [
        score("accuracy", truth, predict_model(fit(name, (train, valid), similar=s), new))
        for s in (0, 12)
    ]
    assert scores[1] > max(0.85, scores[0] + 0.15)


def test_ranks_help_a_straight_line_with_a_long_tail() -> None:
    train, valid = halves(jobs(700, "regress"))
    truth, r2 = targets(valid, "regress")[0], {}
    for wish in ("standard", "quantile", "auto"):
        model = fit("ridge", (train, valid), scaling=wish, view="plain")
        r2[wish] = score("r2", truth, predict_model(model, valid.frame))
    assert r2["quantile"] == pytest.approx(r2["auto"]) and r2["auto"] > r2["standard"] + 0.1
