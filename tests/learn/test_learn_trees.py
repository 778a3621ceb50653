"""Learners of trees beyond the battery: graphs that decide as their library does, wishes, size."""

from __future__ import annotations

import sys
from typing import Any

import lightgbm
import numpy as np
import onnx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.learn.learn_tables import classes, halves, rows, values, with_column

import lingqu.learn.tabular
from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.portfolio import FACTS, space_of
from lingqu.learn.spaces import OneOf
from lingqu.learn.tabular.balance import balanced
from lingqu.learn.tabular.graph import answers, graph
from lingqu.learn.tabular.rows import rows as arrays
from lingqu.learn.tabular.score_tree import score_tree
from lingqu.learn.tabular.trees import (
    AT_MOST,
    LEAF,
    Tree,
    above,
    alone,
    below,
    ensemble,
    one_of,
    pruned,
)
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

FORESTS = ["random_forest", "extra_trees"]
BOOSTED = ["lightgbm", "xgboost", "catboost"]
TREES = [*FORESTS, *BOOSTED, "ebm"]
MONOTONE = [*BOOSTED, "ebm"]
QUICK: dict[str, dict[str, Any]] = {
    "lightgbm": {"rounds": 80},
    "random_forest": {"trees": 40},
    "extra_trees": {"trees": 40},
    "xgboost": {"rounds": 80},
    "catboost": {"rounds": 50, "learning_rate": 0.15},
    "ebm": {"rounds": 150, "bags": 1, "learning_rate": 0.1},
}


def quiet(row: Any) -> None:
    """Hear nothing."""


def fitted(name: str, train: Dataset, valid: Dataset, **options: Any) -> Model:
    learner = catalog.build("algorithms", name, {**QUICK[name], **options})
    model: Model = learner.fit(train, valid, Budget(30.0, seed=3), quiet)
    return model


def run(tree: Tree, x: Any) -> np.ndarray:
    """Answer rows with one tree of one output."""
    data = graph([ensemble([tree], 1, "values")], {}, np.shape(x)[1], "values")
    return answers(data, np.asarray(x))[:, 0]


# -- the one writer of graphs ------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e38, 1e38), st.floats(width=32, allow_nan=False))
def test_thresholds_in_float32_decide_as_the_exact_ones(threshold: float, x: float) -> None:
    at = np.array([threshold])
    assert (x <= threshold) == (np.float32(x) <= below(at)[0])
    assert (x < threshold) == (np.float32(x) < above(at)[0])


def test_a_threshold_beyond_float32_stays_a_number() -> None:
    assert np.isfinite(below(np.array([1e300]))).all()
    assert below(np.array([-1e300]))[0] == -np.inf


def stump(**changes: Any) -> Tree:
    """One question, ``x0 <= 1``: 5 where it holds, 7 where not."""
    facts = {
        "mode": np.array([AT_MOST, LEAF, LEAF]),
        "feature": np.zeros(3, np.int64),
        "threshold": np.array([1.0, 0, 0]),
        "yes": np.array([1, 0, 0]),
        "no": np.array([2, 0, 0]),
        "missing": np.zeros(3, bool),
        "value": np.array([0.0, 5, 7]),
    }
    return Tree(**{**facts, **changes})


def test_missing_values_go_where_the_node_says() -> None:
    x = [[1.0], [1.5], [np.nan]]
    assert run(stump(), x).tolist() == [5, 7, 7]
    assert run(stump(missing=np.array([True, False, False])), x).tolist() == [5, 7, 5]


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("codes", [[], [3], [0, 2, 31], list(range(0, 40, 3))])
def test_a_set_of_codes_is_one_question(codes: list[int], missing: bool) -> None:
    tree = one_of(stump(missing=np.array([missing, False, False])), {0: codes})
    said = run(tree, [[float(code)] for code in range(45)] + [[np.nan]])
    expected = [5 if code in codes else 7 for code in range(45)]
    assert said.tolist() == [*expected, 5 if missing else 7]


def test_pruning_keeps_the_answers_and_drops_idle_questions() -> None:
    cuts = np.arange(1.0, 8.0)
    scores = np.array([9.0, 1, 1, 1, 1, 2, 2, 3, 3, 0])
    tree = score_tree([0], [cuts], scores)
    x = np.arange(0.0, 9.0, 0.25)
    expected = scores[1 + np.searchsorted(cuts, x, side="right")]
    assert run(tree, x[:, None]).tolist() == expected.tolist()
    assert run(tree, [[np.nan]])[0] == 9.0
    assert tree.leaves < 8 and pruned(tree).leaves == tree.leaves


def test_a_table_of_two_columns_is_one_tree() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(size=(5, 4))  # missing, three bins, unknown; missing, two, unknown
    tree = score_tree([1, 0], [np.array([0.0, 1.0]), np.array([5.0])], scores)
    x = np.column_stack([random.choice([4.0, 5.0, 6.0, np.nan], 40),
                         random.choice([-1.0, 0.0, 0.5, 1.0, np.nan], 40)])  # fmt: skip

    def bin_of(value: float, cuts: list[float]) -> int:
        return 0 if np.isnan(value) else 1 + int(np.searchsorted(cuts, value, side="right"))

    expected = [scores[bin_of(b, [0.0, 1.0]), bin_of(a, [5.0])] for a, b in x]
    assert np.allclose(run(tree, x), expected, atol=1e-6)


def test_a_lone_leaf_answers_for_every_row() -> None:
    assert run(alone(np.array([4.5])), [[0.0], [np.nan]]).tolist() == [4.5, 4.5]


# -- every learner of trees ---------------------------------------------------------------------


def holes(x: np.ndarray, seed: int = 0) -> np.ndarray:
    """Rows far from those of training: gaps everywhere, zeros, values of other rows."""
    random = np.random.default_rng(seed)
    mixed = np.column_stack([random.permutation(column) for column in np.repeat(x, 4, axis=0).T])
    mixed[random.random(mixed.shape) < 0.25] = np.nan
    mixed[random.random(mixed.shape) < 0.1] = 0.0
    return mixed.astype(np.float32)


@pytest.mark.parametrize("k", [0, 2, 3])
@pytest.mark.parametrize("gaps", [True, False])
def test_lightgbm_trees_read_gaps_and_codes_as_the_library(k: int, gaps: bool) -> None:
    from lingqu.learn.tabular.lightgbm import few_levels, trees_of

    table = classes(500, k, missing=gaps) if k else values(500)
    fold = arrays(*halves(table), "tree")
    kind = {0: "regression", 2: "binary", 3: "multiclass"}[k]
    options = {"objective": kind, "verbose": -1, "min_data_in_leaf": 5, "min_data_per_group": 5,
               "max_cat_to_onehot": 1, **({"num_class": k} if k > 2 else {})}  # fmt: skip
    data = lightgbm.Dataset(fold.x, fold.y, categorical_feature=few_levels(fold), params=options)
    booster = lightgbm.train(options, data, 30)
    text = booster.model_to_string()
    assert text.count("num_cat=0") < text.count("num_cat=")  # some nodes ask for a category
    x = holes(fold.x)
    x[::9, few_levels(fold)] = 99.0  # a code that nobody has
    node = ensemble(trees_of(text), max(1, k if k > 2 else 1), "values")
    said = answers(graph([node], {}, x.shape[1], "values"), x)
    expected = booster.predict(x.astype(float), raw_score=True).reshape(said.shape)
    assert np.abs(said - expected).max() < 1e-5


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("k", [0, 2, 3])
def test_graphs_answer_as_their_library_on_strange_rows(name: str, k: int) -> None:
    table = classes(260, k) if k else values(260)
    train, valid = halves(table)
    strange = valid.frame.with_columns(
        pl.lit("atlantis").alias("town"), pl.lit(None, dtype=pl.Float64).alias("a")
    )
    # Those rows are compared with the library by the fit itself: it refuses a difference.
    both = Dataset(pl.concat([valid.frame, strange]), valid.schema, "both")
    model = fitted(name, train, both)
    assert np.isfinite(np.asarray(predict_model(model, strange).labels, float)).all()


@pytest.mark.parametrize("name", TREES)
def test_levels_with_few_rows_count_as_unseen(name: str) -> None:
    table = classes(200, 2)
    many = ["big" if i % 4 else f"small{i}" for i in range(200)]
    table = with_column(table, Column("many", "category"), many)
    blocks = fitted(name, *halves(table), rare=5).members[0].encoding["blocks"]
    (block,) = [b for b in blocks if b.get("column") == "many" and b["type"] == "ordinal"]
    assert block["levels"] == ["big"]


def rare_class(n: int = 900) -> Dataset:
    random = np.random.default_rng(1)
    a, b = random.normal(0, 1, n), random.normal(0, 1, n)
    odds = 1.2 * a + b - 3.2
    y = np.where(random.random(n) < 1 / (1 + np.exp(-odds)), "yes", "no")
    frame = pl.DataFrame({"a": a, "b": b, "y": y})
    target = Column("y", "category", "target", levels=("no", "yes"))
    return Dataset(frame, Schema((Column("a", "number"), Column("b", "number"), target)))


@pytest.mark.parametrize("name", TREES)
def test_balance_finds_more_of_a_rare_class(name: str) -> None:
    train, valid = halves(rare_class(), 0.5)
    truth = targets(valid, "classify")[0]
    # A leaf of one row is one class, whatever the weights are.
    options = {"smallest_leaf": 8} if name in FORESTS else {}
    plain, equal = (
        score(
            "balanced_accuracy",
            truth,
            predict_model(fitted(name, train, valid, balance=wish, **options), valid.frame),
        )
        for wish in (False, True)
    )
    assert equal > plain


def test_balanced_weights_have_one_sum_per_class() -> None:
    table = with_column(rare_class(), Column("w", "number", "weight"), [1.0, 3.0] * 450)
    fold = balanced(arrays(*halves(table), "tree"))
    assert fold.weight is not None
    sums = np.bincount(fold.y, weights=fold.weight)
    assert sums[0] == pytest.approx(sums[1]) and fold.weight.mean() == pytest.approx(1.0)
    numbers = arrays(*halves(values()), "tree")
    assert balanced(numbers) is numbers


# -- answers that only rise or fall ---------------------------------------------------------------


def wavy(task: str, n: int = 400) -> Dataset:
    """A column that mostly rises, with waves that a free learner would follow."""
    random = np.random.default_rng(5)
    a, b = random.uniform(-3, 3, n), random.normal(0, 1, n)
    exact = a + 1.5 * np.sin(4 * a) + b
    y = exact if task == "regress" else np.where(exact > 0, "yes", "no")
    frame = pl.DataFrame({"a": a, "b": b, "town": [f"t{i % 3}" for i in range(n)], "y": y})
    target = Column("y", "number", "target") if task == "regress" else Column(
        "y", "category", "target", levels=("no", "yes"))  # fmt: skip
    parts = (Column("a", "number"), Column("b", "number"), Column("town", "category"), target)
    return Dataset(frame, Schema(parts), "wavy")


def climbs(model: Model, seed: int = 0, rows: int = 40) -> np.ndarray:
    """How much the answers of random rows change from step to step along column `a`."""
    random = np.random.default_rng(seed)
    steps = np.linspace(-4, 4, 81)
    frame = pl.DataFrame(
        {
            "a": np.tile(steps, rows),
            "b": np.repeat(random.normal(0, 1, rows), len(steps)),
            "town": np.repeat(random.choice(["t0", "t1", "t2", "new"], rows), len(steps)),
        }
    )
    said = predict_model(model, frame)
    shown = said.labels if said.probabilities is None else said.probabilities[:, 1]
    return np.diff(np.asarray(shown, float).reshape(rows, -1), axis=1)


@pytest.mark.parametrize("name", MONOTONE)
@pytest.mark.parametrize("task", ["classify", "regress"])
def test_monotone_answers_never_turn(name: str, task: str) -> None:
    train, valid = halves(wavy(task))
    slack = 1e-6 if task == "classify" else 1e-5
    assert climbs(fitted(name, train, valid)).min() < -10 * slack  # left free, it follows the waves
    rising = climbs(fitted(name, train, valid, monotone={"a": "increasing"}))
    assert rising.min() > -slack and rising.max() > 0.01
    falling = climbs(fitted(name, train, valid, monotone={"a": -1}))
    assert falling.max() < slack
    assert FACTS[name].monotone


@pytest.mark.parametrize("name", MONOTONE)
def test_monotone_is_refused_where_it_means_nothing(name: str) -> None:
    with pytest.raises(SpecError, match=r"'town'.*Expected one of a, b"):
        fitted(name, *halves(wavy("regress")), monotone={"town": 1})
    with pytest.raises(SpecError, match="3 classes"):
        fitted(name, *halves(classes()), monotone={"b": 1})
    with pytest.raises(SpecError, match="monotone"):
        fitted(name, *halves(wavy("regress")), monotone={"a": "sideways"})


# -- LightGBM -------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.1, 0.9])
def test_a_quantile_lies_above_its_share_of_the_truth(alpha: float) -> None:
    train, valid = halves(values(1200), 0.5)
    noise = np.random.default_rng(2).normal(0, 3, 1200)
    train, valid = (
        Dataset(part.frame.with_columns(pl.col("y") + noise[: len(part)]), part.schema)
        for part in (train, valid)
    )
    said = predict_model(fitted("lightgbm", train, valid, objective="quantile", alpha=alpha),
                         valid.frame).labels  # fmt: skip
    assert abs((valid.frame["y"].to_numpy() <= said).mean() - alpha) < 0.08


@pytest.mark.parametrize("objective", ["absolute", "huber"])
def test_robust_objectives_bear_wild_values(objective: str) -> None:
    train, valid = halves(values(400))
    wild = train.frame.with_columns(
        pl.when(pl.int_range(pl.len()) % 25 == 0).then(400.0).otherwise(pl.col("y")).alias("y")
    )
    train = Dataset(wild, train.schema)
    truth = targets(valid, "regress")[0]
    plain, robust = (
        score("mae", truth, predict_model(fitted("lightgbm", train, valid, **o), valid.frame))
        for o in ({}, {"objective": objective})
    )
    assert robust < 0.7 * plain


def test_objectives_are_refused_where_they_mean_nothing() -> None:
    with pytest.raises(SpecError, match=r"quantile.*target is a class"):
        fitted("lightgbm", *halves(classes()), objective="quantile")
    with pytest.raises(SpecError, match=r"quantile.*monotone"):
        fitted("lightgbm", *halves(values()), objective="quantile", monotone={"a": 1})
    with pytest.raises(SpecError, match="alpha"):
        fitted("lightgbm", *halves(values()), objective="quantile", alpha=1.0)


# -- forests, EBM, extras ------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORESTS)
def test_forests_stay_small_by_their_leaves(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from lingqu.learn.tabular import forest

    monkeypatch.setattr(forest, "LEAVES", 400)
    model = fitted(name, *halves(classes(400)), trees=20)
    node = onnx.load_from_string(model.members[0].graph).graph.node[0]
    modes = next(a.strings for a in node.attribute if a.name == "nodes_modes")
    assert 20 * 4 <= list(modes).count(b"LEAF") <= 400


@pytest.mark.parametrize("name", FORESTS)
def test_a_forest_without_time_grows_on_fewer_rows(name: str) -> None:
    train = rows(classes(12_000, 2), slice(None))
    learner = catalog.build("algorithms", name, {"trees": 3000})
    notes = learner.fit(train, train, Budget(0.4), quiet).members[0].notes
    assert notes["cut_short"] is True and 1 <= notes["trees"] < 3000


def test_the_curves_of_an_ebm_are_told() -> None:
    train, valid = halves(wavy("regress"))
    model = fitted("ebm", train, valid, rounds=400, pairs=2, bags=2)
    told = model.members[0].notes["shapes"]
    single = {row["columns"][0]: row for row in told if len(row["columns"]) == 1}
    assert sum(len(row["columns"]) == 2 for row in told) == 2
    assert [row["weight"] for row in told] == sorted((row["weight"] for row in told), reverse=True)
    curve = single["a"]
    (side,) = curve["sides"]
    assert side["from"][0] is None
    assert len(side["from"]) == len(curve["adds"]) == len(curve["spread"]) <= 256
    assert max(curve["spread"]) > 0  # the bags differ
    assert curve["adds"][-1] > curve["adds"][0] + 2  # it mostly rises
    assert single["town"]["sides"] == [{"levels": ["t0", "t1", "t2"]}]
    assert len(single["town"]["adds"]) == 3
    pair = next(row for row in told if len(row["columns"]) == 2)
    sizes = [len(side.get("from") or side["levels"]) for side in pair["sides"]]
    assert np.shape(pair["adds"]) == tuple(sizes) and max(sizes) <= 16


def test_an_ebm_of_several_classes_has_a_curve_of_each() -> None:
    table = classes()
    told = fitted("ebm", *halves(table), rounds=200, bags=1).members[0].notes["shapes"]
    assert table.schema.target is not None
    by_column: dict[str, list[Any]] = {}
    for row in told:
        by_column.setdefault(row["columns"][0], []).append(row)
    for those in by_column.values():
        assert [row["of"] for row in those] == list(table.schema.target.levels)
        missing = [row["missing"] for row in those]
        assert sum(missing) == pytest.approx(0, abs=1e-3)  # beside the mean of all classes
    assert max(row["weight"] for row in told) > 0.1


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [("catboost", "catboost", "catboost"), ("xgboost", "xgboost", "xgboost"),
     ("ebm", "interpret", "ebm")],
)  # fmt: skip
def test_a_missing_package_is_worded_with_the_command(
    name: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [m for m in sys.modules if m == package or m.startswith(f"{package}.")]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"lingqu.learn.tabular.{name}", raising=False)
    monkeypatch.delattr(lingqu.learn.tabular, name, raising=False)
    with pytest.raises(SpecError, match=rf'pip install "lingqu\[{extra}\]"'):
        catalog.load("algorithms", name)


@pytest.mark.parametrize("name", TREES)
def test_every_point_of_the_search_space_can_be_made(name: str) -> None:
    space = space_of(name)
    assert space
    for share in (0.0, 0.5, 1.0):
        options = {key: span.at(share) for key, span in space.items()}
        learner = catalog.build("algorithms", name, options)
        assert all(getattr(learner, key) == value for key, value in options.items())
    assert any(not isinstance(span, OneOf) and span.log for span in space.values())
