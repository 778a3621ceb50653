"""Categories that stay codes: the same tensors and answers as if they had been written out."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Schema
from lingqu.learn.candidate import fit_one, read_fold, write_scratch
from lingqu.learn.deep.inputs import Widening, inputs, parts
from lingqu.learn.deep.mlp import network
from lingqu.learn.deep.supervised import Recipe, fold, learn
from lingqu.learn.folds import Folds
from lingqu.learn.losses import cross_entropy
from lingqu.learn.narrow import CHUNK, Narrow
from lingqu.learn.plan import Plan
from lingqu.learn.tabular.k_neighbours import _nearest
from lingqu.learn.tabular.lightgbm import LightGbm
from lingqu.learn.tabular.logistic import Logistic, _sparse
from lingqu.learn.tabular.rows import SAMPLE, rows
from lingqu.release.encode import Style, encode, encode_training, fit_encoding
from lingqu.release.reading import Reading
from lingqu.release.runner import predict_model


def people(n: int, towns: int = 40, categories: int = 3) -> Dataset:
    """Numbers with gaps, dates, categories of few and of many levels, and a class of two."""
    random = np.random.default_rng(0)
    age = random.normal(40, 12, n)
    told = [random.integers(0, towns, n) for _ in range(categories)]
    names = {f"town{k}": [f"town {code}" for code in codes] for k, codes in enumerate(told)}
    frame = pl.DataFrame(
        {
            "age": np.where(random.random(n) < 0.05, np.nan, age),
            "day": np.datetime64("2021-01-01") + random.integers(0, 700, n),
            "sex": pl.Series(random.choice(["f", "m", "-"], n)).replace("-", None),
            **names,
            "y": np.where(age + told[0] + random.normal(0, 8, n) > 60, "yes", "no"),
        }
    ).with_columns(pl.col("age").fill_nan(None))
    columns = [Column("age", "number"), Column("day", "datetime"), Column("sex", "category")]
    columns += [Column(name, "category") for name in names]
    target = Column("y", "category", "target", levels=("no", "yes"))
    return Dataset(frame, Schema((*columns, target)), "people")


@pytest.mark.parametrize("style", ["linear", "linear+", "tree", "tree+"])
@pytest.mark.parametrize("reading", [Reading(), Reading("auto", rare=12, similar=4)])
def test_rows_are_what_encoding_says(style: Style, reading: Reading) -> None:
    train, strange = people(500), people(60, towns=90)  # half of its towns were never seen
    encoding = fit_encoding(train, style, reading)
    for narrow, wide in (
        (Narrow.of_training(train, encoding), encode_training(train, encoding)["x"]),
        (Narrow.of(strange.frame, encoding), encode(strange.frame, encoding)["x"]),
    ):
        assert narrow.shape == wide.shape and len(narrow) == len(wide)
        assert np.array_equal(narrow.whole(), wide, equal_nan=True)
        some = np.array([7, 3, 3, 59])
        assert np.array_equal(narrow[some], wide[some], equal_nan=True)
        assert np.array_equal(narrow[10:20], wide[10:20], equal_nan=True)
        assert len(narrow.first(0)) == 0 and narrow.first(0).shape[1] == wide.shape[1]
        assert np.array_equal(np.concatenate(list(narrow.parts(77))), wide, equal_nan=True)
        places = [wide.shape[1] - 1, 0, wide.shape[1] // 2]
        assert np.array_equal(narrow.columns(places), wide[:, places], equal_nan=True)
    assert bool(narrow.tables) == style.startswith("linear")


def test_who_has_learned_keeps_a_sample_of_what_it_learned_from() -> None:
    train, valid = people(2_000), people(30)
    read = rows(train, valid, "tree")
    judging = read.judging()
    assert len(judging.inputs) == SAMPLE and len(judging.valid_inputs) == 30
    assert np.array_equal(judging.sample, read.sample, equal_nan=True)
    assert judging.inputs.kept.base is None  # else it would hold all of them
    alone = rows(train, replace(train, frame=train.frame.head(0)), "tree")
    assert alone.judging() is alone


def test_a_tensor_of_categories_alone_has_no_other_part() -> None:
    train = people(50)
    only = replace(train, schema=Schema(tuple(c for c in train.schema if c.kind == "category")))
    encoding = fit_encoding(only, "linear")
    narrow = Narrow.of(only.frame, encoding)
    assert narrow.kept.shape == (50, 0)
    assert np.array_equal(narrow.whole(), encode(only.frame, encoding)["x"])


def test_few_rows_are_one_tensor_and_many_are_made_wide_by_batches() -> None:
    small, large = people(100), people(15_000, categories=7)
    found = [inputs(Narrow.of(d.frame, fit_encoding(d, "linear"))) for d in (small, large)]
    assert isinstance(found[0], torch.Tensor) and isinstance(found[1], Widening)
    wide = torch.cat(list(parts(found[1], 4000)))
    assert wide.shape == found[1].shape
    order = torch.randperm(len(wide))[:300]
    assert torch.equal(found[1][order], wide[order])


def test_a_net_learns_the_same_from_both() -> None:
    train, valid = people(15_000, categories=7), people(300, categories=7)
    narrow = fold(train, valid, "linear")
    assert isinstance(narrow.x, Widening)
    wide = replace(narrow, x=narrow.x[:], valid_x=narrow.valid_x[:])
    columns = narrow.x.shape[1]
    recipe = Recipe("mlp", lambda: network(columns, (8,), 2), cross_entropy)
    plan = Plan(epochs=1, batch=512, learning_rate=0.01, seed=3)
    one, two = (
        learn(data, recipe, plan, Budget(60.0), lambda row: None).members[0]
        for data in (narrow, wide)
    )
    assert one.graph == two.graph
    assert one.notes["curve"][0]["valid_loss"] == two.notes["curve"][0]["valid_loss"]


def test_a_linear_model_keeps_only_what_is_not_zero() -> None:
    train = people(2 * CHUNK + 100, categories=7)
    read = rows(train, train, "linear")
    sparse = _sparse(read.inputs)
    assert np.array_equal(sparse.toarray(), read.x.astype(np.float64))
    assert sparse.indices.dtype == sparse.indptr.dtype == np.int32
    assert sparse.nnz < 0.1 * read.x.size


def test_a_linear_model_of_many_zeros_answers_as_one_of_all_numbers() -> None:
    train = people(16_000, categories=7)
    few = replace(train, frame=train.frame.head(4_000))
    many = Logistic(max_iterations=100)._learn(rows(train, few, "linear"), time.monotonic() + 60)
    read = rows(train, few, "linear")
    usual = LogisticRegression(max_iter=100).fit(read.x.astype(np.float64), read.y)
    said = [one.predict_proba(read.valid_x.astype(np.float64)) for one in (many[0], usual)]
    assert np.abs(said[0] - said[1]).max() < 5e-3


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Dataset]:
    folder, table = tmp_path_factory.mktemp("scratch"), people(32_000)
    half = np.arange(0, 32_000, 2)
    write_scratch(folder, table, Folds("holdout", ((half, half[:500] + 1),), 1))
    write_scratch(folder / "two", table, Folds("k-fold", ((half, half[:9] + 1),) * 2, 2))
    return folder, table


def test_many_rows_of_a_category_are_written_as_numbers(scratch: tuple[Path, Dataset]) -> None:
    folder, table = scratch
    coded, valid = read_fold(folder / "two", 0, coded=True)
    assert isinstance(coded.frame.schema["town0"], pl.Enum)
    assert isinstance(valid.frame.schema["town0"], pl.Enum)
    assert coded.frame.schema["y"] == pl.String
    words, few = read_fold(folder / "two", 0)
    assert words.frame.equals(table.frame[np.arange(0, 32_000, 2)])
    assert words.frame.schema == few.frame.schema == table.frame.schema


@pytest.mark.parametrize("style", ["linear+", "tree+"])
def test_numbers_of_words_are_encoded_as_words(scratch: tuple[Path, Dataset], style: Style) -> None:
    one, two = (read_fold(scratch[0] / "two", 0, coded=coded)[0] for coded in (True, False))
    encodings = [fit_encoding(data, style, Reading(rare=5, similar=3)) for data in (one, two)]
    assert encodings[0] == encodings[1]
    tensors = [encode_training(data, encodings[0])["x"] for data in (one, two)]
    assert np.array_equal(*tensors, equal_nan=True)


@pytest.mark.parametrize("augment", [(), [["mixup", {"share": 0.1}]]])
def test_a_fit_reads_what_was_written(scratch: tuple[Path, Dataset], augment: Any) -> None:
    folder, _ = scratch
    payload = {
        "scratch": str(folder / "two"), "algorithm": "lightgbm", "options": {"rounds": 3},
        "augment": augment, "fold": 0, "seconds": 30.0, "left": 60.0, "sent_at": time.time(),
        "threads": 1, "memory_mb": None, "seed": 0,
    }  # fmt: skip
    told = fit_one(payload, lambda row: None)
    found = told["model"].members[0]
    train, valid = read_fold(folder / "two", 0)
    plain = LightGbm(rounds=3).fit(train, valid, Budget(30.0), lambda row: None)
    assert (found.graph == plain.members[0].graph) == (not augment)
    if not augment:
        assert np.array_equal(told["labels"], predict_model(plain, valid.frame).labels)


def test_neighbours_of_many_rows_are_found_in_little_memory() -> None:
    x = np.random.default_rng(0).normal(size=(3_000, 4)).astype(np.float32)
    tracemalloc.start()
    distance, index = _nearest(x, x, 4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.3 * 8 * len(x) ** 2  # all orders of all rows would be one whole
    assert np.array_equal(index[:, 0], np.arange(len(x))) and distance.shape == (3_000, 4)
