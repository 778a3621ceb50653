"""Views and bent targets as learners use them, and what is special to the newer learners."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from tests.learn.learn_tables import classes, halves, values

from lingqu.core import catalog
from lingqu.core.metrics import score
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.costs import SECONDS, SMALL
from lingqu.learn.portfolio import FACTS
from lingqu.learn.spaces import SPACES
from lingqu.learn.tabular.graph import answers
from lingqu.learn.tabular.kernel_ridge import _closeness, _distance, _distances, _solve
from lingqu.learn.tabular.rows import rows
from lingqu.learn.tabular.tabm import Net, write
from lingqu.learn.tabular.target import bends, skewed
from lingqu.release.encode import targets
from lingqu.release.runner import predict_model

SMALL_NET: dict[str, Any] = {"epochs": 30, "batch": 32, "hidden": (32,), "dropout": 0.0}


def fit(name: str, pair: tuple[Dataset, Dataset], **options: Any) -> Model:
    learner = catalog.build("algorithms", name, options)
    model: Model = learner.fit(*pair, Budget(30, seed=0), lambda row: None)
    return model


def scored(name: str, pair: tuple[Dataset, Dataset], **options: Any) -> float:
    """R², or accuracy, on the validation rows."""
    model = fit(name, pair, **options)
    metric = "r2" if model.task == "regress" else "accuracy"
    return score(metric, targets(pair[1], model.task)[0], predict_model(model, pair[1].frame))


def shops(n: int = 900, task: str = "classify") -> tuple[Dataset, Dataset]:
    """What is sold depends on which of 60 shops it is, in no order of their names."""
    random = np.random.default_rng(0)
    effect = random.normal(0, 1, 60)
    shop, price = random.integers(0, 60, n), random.normal(0, 1, n)
    y = effect[shop] + 0.5 * price + random.normal(0, 0.3, n)
    frame = pl.DataFrame({"shop": [f"s{code:02d}" for code in shop], "price": price})
    if task == "classify":
        frame = frame.with_columns(pl.Series("y", np.where(y > 0, "yes", "no")))
        target = Column("y", "category", "target", levels=("no", "yes"))
    else:
        frame, target = frame.with_columns(pl.Series("y", y)), Column("y", "number", "target")
    levels = tuple(f"s{code:02d}" for code in range(60))
    columns = Column("shop", "category", levels=levels), Column("price", "number"), target
    return halves(Dataset(frame, Schema(columns), "shops"))


def incomes(n: int = 400, seed: int = 0) -> tuple[Dataset, Dataset]:
    """Values that are the exponential of a line: a long tail."""
    random = np.random.default_rng(seed)
    a, b = random.normal(0, 1, n), random.normal(0, 1, n)
    y = np.exp(8 + 1.2 * a + 0.6 * b + random.normal(0, 0.05, n))
    schema = Schema((Column("a", "number"), Column("b", "number"), Column("y", "number", "target")))
    return halves(Dataset(pl.DataFrame({"a": a, "b": b, "y": y}), schema, "incomes"))


def test_auto_is_rich_where_a_category_has_many_levels() -> None:
    kinds = {}
    for name, pair in {"many": shops(), "few": halves(classes())}.items():
        fold = rows(*pair, "tree", view="auto")
        kinds[name] = {block["type"] for block in fold.encoding["blocks"]}
    assert "facts" in kinds["many"] and "facts" not in kinds["few"]
    plain = rows(*shops(), "tree")
    assert "facts" not in {block["type"] for block in plain.encoding["blocks"]}


@pytest.mark.parametrize("name", ["lightgbm", "logistic"])
def test_the_rich_view_learns_levels_that_the_plain_one_cannot(name: str) -> None:
    quick = {"rounds": 60} if name == "lightgbm" else {}
    rich = scored(name, shops(), view="rich", **quick)
    assert rich > scored(name, shops(), view="plain", **quick) - 0.01 and rich > 0.8


def test_held_out_targets_do_not_change_what_is_answered() -> None:
    train, valid = shops(task="regress")
    lies = Dataset(valid.frame.with_columns(pl.col("y").reverse()), valid.schema, "t")
    one, two = (fit("ridge", (train, each), view="rich") for each in (valid, lies))
    assert one.members[0].graph == two.members[0].graph
    assert one.members[0].encoding == two.members[0].encoding


def test_trees_that_must_rise_read_plain_columns() -> None:
    model = fit("lightgbm", shops(), view="rich", monotone={"price": "increasing"}, rounds=20)
    assert "facts" not in {block["type"] for block in model.members[0].encoding["blocks"]}


@pytest.mark.parametrize("name", ["ridge", "elastic_net"])
def test_a_long_tail_is_bent_when_that_is_better(name: str) -> None:
    plain = scored(name, incomes(), target="plain", view="plain")
    model = fit(name, incomes(), target="auto", view="plain")
    assert model.members[0].notes["target"] == "log"
    assert scored(name, incomes(), target="auto", view="plain") > max(0.97, plain + 0.1)
    assert fit(name, halves(values()), target="auto").members[0].notes["target"] == "plain"


@pytest.mark.parametrize("name", ["rbf_svm", "kernel_ridge", "tabm", "mlp"])
def test_kernels_and_nets_take_a_bent_target(name: str) -> None:
    quick = {"tabm": {"epochs": 30, "width": 32}, "mlp": SMALL_NET}.get(name, {})
    model = fit(name, incomes(), target="log", **quick)
    assert model.members[0].notes["refit"]["target"] == "log"
    said = predict_model(model, incomes()[1].frame)
    assert score("r2", targets(incomes()[1], "regress")[0], said) > 0.7
    assert np.asarray(said.labels, float).min() >= 0


def test_a_net_learns_a_long_tail_better_on_a_bent_scale_and_keeps_it_in_a_refit() -> None:
    train, valid = incomes()
    plain, bent = (fit("mlp", (train, valid), target=t, **SMALL_NET) for t in ("plain", "auto"))
    truth = targets(valid, "regress")[0]
    errors = [
        np.mean(np.abs(np.asarray(predict_model(m, valid.frame).labels, float) - truth) / truth)
        for m in (plain, bent)
    ]
    assert errors[1] < 0.5 * errors[0]
    notes = bent.members[0].notes
    assert notes["target"] == "log" and notes["refit"]["target"] == "log"
    assert plain.members[0].notes["refit"]["target"] == "plain"
    nobody = Dataset(valid.frame.head(0), valid.schema, "none")
    again = fit("mlp", (train, nobody), **SMALL_NET | {"target": notes["refit"]["target"]})
    whole = predict_model(again, valid.frame).labels
    single = [predict_model(again, valid.frame[i : i + 1]).labels[0] for i in range(20)]
    np.testing.assert_allclose(np.asarray(whole[:20], float), np.asarray(single, float), rtol=1e-5)
    said = predict_model(again, train.frame)
    mean = float(np.mean(np.asarray(said.labels, float)))
    assert mean == pytest.approx(float(np.mean(targets(train, "regress")[0])), rel=0.01)


def test_bent_values_come_back_and_answers_stay_in_reach() -> None:
    random = np.random.default_rng(0)
    for values_ in (
        np.exp(random.normal(0, 2, 300)),
        -np.exp(random.normal(0, 2, 300)),
        random.standard_t(2, 300) * 50,
        np.r_[np.zeros(200), np.exp(random.normal(3, 1, 100))],
    ):
        (bend,) = bends(values_, "log", judged=False)
        back = bend.backward(bend.forward(values_))
        assert np.allclose(back, values_, rtol=1e-6, atol=1e-9)
        wild = bend.backward(np.array([-1e9, 1e9]))
        assert np.isfinite(wild).all() and np.abs(wild).max() < 1e3 * np.abs(values_).max()
        assert values_.min() < 0 or wild[0] >= -1e-9


def test_what_is_not_skewed_or_cannot_be_judged_stays_plain() -> None:
    random = np.random.default_rng(0)
    flat, tail = random.normal(100, 5, 200), np.exp(random.normal(0, 1.5, 200))
    assert [bend.kind for bend in bends(flat, "auto", judged=True)] == ["plain"]
    assert [bend.kind for bend in bends(tail, "auto", judged=True)] == ["plain", "log"]
    assert [bend.kind for bend in bends(tail, "auto", judged=False)] == ["plain"]
    assert skewed(tail, "auto").kind == "log" and skewed(flat, "auto").kind == "plain"
    assert bends(np.full(9, 3.0), "log", judged=True)[0].backward(np.zeros(1))[0] == pytest.approx(
        3
    )


def test_the_lift_gives_bent_answers_the_mean_of_the_truth() -> None:
    random = np.random.default_rng(0)
    truth = np.exp(random.normal(3, 0.5, 4000))
    bend = bends(truth, "log", judged=True)[-1]
    middle = np.full(4000, float(bend.forward(truth).mean()))
    assert bend.backward(middle).mean() < 0.92 * truth.mean()
    assert bend.lifted(truth, middle).backward(middle).mean() == pytest.approx(
        truth.mean(), rel=1e-6
    )


def test_the_graph_of_many_heads_says_what_the_net_says() -> None:
    torch.manual_seed(0)
    edges = [np.array([-1.0, 0.0, 0.5, 2.0]), np.array([-2.0, 0.0, 1.0])]
    net = Net(edges, [0, 2], [1, *range(3, 120)], 4, 6, [8, 8], 3, 0.5).double().eval()
    torch.nn.init.normal_(net.bends)
    x = np.random.default_rng(0).normal(0, 2, (30, 120)).astype(np.float32)
    with torch.inference_mode():
        said = net(torch.tensor(x).double()).softmax(2).mean(0).numpy()
    assert np.abs(answers(write(net, 120, None), x) - said).max() < 1e-5


def test_a_row_that_goes_through_some_heads_gives_what_they_alone_would() -> None:
    torch.manual_seed(0)
    net = Net([np.array([-1.0, 0.0, 1.0])], [0], [1], 2, 4, [8], 2, 0.0)
    x = torch.randn(6, 2)
    whole, dealt = net(x), net(x, spread=2)  # (4, 6, 2), (4, 3, 2)
    assert torch.allclose(dealt[:2], whole[:2, :3], atol=1e-6)
    assert torch.allclose(dealt[2:], whole[2:, 3:], atol=1e-6)


def test_few_seconds_end_a_net_in_a_usable_state() -> None:
    pair = shops(3000)
    start = time.process_time()
    model = catalog.build("algorithms", "tabm", {"epochs": 10_000}).fit(
        *pair, Budget(1.0), lambda row: None
    )
    assert time.process_time() - start < 4.0
    assert model.members[0].notes["cut_short"] is True
    said = predict_model(model, pair[1].frame)
    assert score("accuracy", targets(pair[1], "classify")[0], said) > 0.7


def test_a_strong_penalty_leaves_columns_out() -> None:
    pair = halves(values(200))
    dense, sparse = (
        fit("elastic_net", pair, penalty=p, l1_share=1.0, view="plain") for p in (1e-5, 0.3)
    )
    assert sparse.members[0].notes["columns"] < dense.members[0].notes["columns"]


def test_kernel_ridge_keeps_no_more_rows_than_it_can_solve() -> None:
    random = np.random.default_rng(0)
    n = SMALL + 600
    a = random.normal(0, 1, n)
    frame = pl.DataFrame({"a": a, "y": np.sin(3 * a)})
    schema = Schema((Column("a", "number"), Column("y", "number", "target")))
    train = Dataset(frame, schema, "t")
    few = Dataset(frame.head(50), schema, "t")
    model = fit("kernel_ridge", (train, few), kernel="rbf", width=0.5, penalty=0.01)
    assert model.members[0].notes["stores_rows"] == SMALL
    assert score("r2", targets(few, "regress")[0], predict_model(model, few.frame)) > 0.95


def test_naive_bayes_reads_what_a_gap_says() -> None:
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 400)
    gone = random.random(400) < np.where(y == 1, 0.6, 0.05)
    a = [None if g else float(v) for g, v in zip(gone, random.normal(0, 1, 400), strict=True)]
    frame = pl.DataFrame({"a": a, "y": np.where(y, "ill", "well")})
    target = Column("y", "category", "target", levels=("ill", "well"))
    schema = Schema((Column("a", "number", nullable=True), target))
    assert scored("naive_bayes", halves(Dataset(frame, schema, "t"))) > 0.7


@pytest.mark.parametrize("name", ["tabm", "elastic_net", "kernel_ridge", "naive_bayes"])
def test_planning_knows_each_new_learner(name: str) -> None:
    learner = catalog.load("algorithms", name)
    facts = FACTS[name]
    assert (facts.tasks, facts.kinds, facts.engine) == (
        learner.tasks,
        learner.kinds,
        learner.engine,
    )
    assert learner.cost(2000, 20, 2) == SECONDS[name](2000, 20, 2) > 0
    for option, span in SPACES[name].items():
        catalog.build("algorithms", name, {option: span.at(0.3)})


def test_kernel_ridge_raises_a_penalty_with_which_nothing_can_be_solved() -> None:
    system = np.asfortranarray(np.ones((60, 60)) - 0.02 * np.eye(60))  # not definite below 0.02
    goal, weight = np.random.default_rng(0).standard_normal((60, 1)), np.ones(60)
    raised = _solve(system.copy(order="K"), goal, weight, 1e-4)
    enough = _solve(system.copy(order="K"), goal, weight, 0.1)
    assert np.allclose(raised.left_out, enough.left_out, rtol=1e-9)


def test_kernel_ridge_holds_one_matrix_of_rows_by_rows() -> None:
    x = np.random.default_rng(0).standard_normal((30, 4))
    apart = _distances(x)
    assert apart.flags.f_contiguous and np.allclose(apart, _distance(x, x))
    for kernel in ("rbf", "laplacian"):
        fresh = _closeness(apart, kernel, 0.7, 2.0)
        place = apart.copy(order="K")
        assert _closeness(place, kernel, 0.7, 2.0, out=place) is place
        assert np.array_equal(place, fresh)
