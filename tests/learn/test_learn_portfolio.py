"""The plan of a choice: what is tried, in which order, and why not the rest."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.learn.learn_tables import classes, values, with_column

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.learn.costs import SECONDS
from lingqu.learn.portfolio import (
    FACTS,
    bucket,
    facts_of,
    gain_of,
    portfolio,
    shipped,
    usual,
)


def pictures(n: int = 30) -> Dataset:
    frame = pl.DataFrame(
        {
            "image": pl.Series(np.zeros((n, 8, 8), np.uint8), dtype=pl.Array(pl.UInt8, (8, 8))),
            "y": [str(i % 2) for i in range(n)],
        }
    )
    columns = (
        Column("image", "image", shape=(8, 8)),
        Column("y", "category", "target", levels=("0", "1")),
    )
    return Dataset(frame, Schema(columns))


@pytest.mark.parametrize("name", sorted(FACTS))
def test_facts_are_those_of_the_class(name: str) -> None:
    kind = catalog.load("algorithms", name)
    facts = facts_of(name)
    assert (facts.tasks, facts.engine) == (kind.tasks, kind.engine)
    assert facts.kinds == kind.kinds


@pytest.mark.parametrize("name", sorted(SECONDS))
def test_costs_rise_with_rows_and_agree_with_the_class(name: str) -> None:
    own, theirs = SECONDS[name], catalog.load("algorithms", name).cost
    assert 0 < own(500, 10, 2) < own(50_000, 10, 2)
    assert own(1500, 64, 10) == theirs(1500, 64, 10)


def test_costs_of_nets_are_those_that_were_measured() -> None:
    assert SECONDS["mlp"](1437, 64, 10) == pytest.approx(0.1 + 600 * (3e-4 + 1e-6 * 128), rel=0.05)
    assert SECONDS["cnn"](1437, 64, 10) == pytest.approx(0.1 + 6e-6 * 1437 * 64)


def test_the_baseline_and_a_linear_model_come_first() -> None:
    names = [entry.name for entry in portfolio(classes(), "classify", 60.0, workers=2)]
    assert names[:2] == ["constant", "logistic"] and "rbf_svm" in names
    assert "cnn" not in names and len(names) == len(set(names))
    assert [e.name for e in portfolio(values(), "regress", 60.0)][:2] == ["constant", "ridge"]


def test_pictures_get_a_convolution_early_and_no_second_forest() -> None:
    names = [entry.name for entry in portfolio(pictures(), "classify", 60.0)]
    assert "cnn" in names[2:4] and "lightgbm#2" not in names and "net" not in names


def test_pictures_beside_other_columns_get_a_net_that_reads_them_all() -> None:
    mixed = with_column(pictures(), Column("note", "text"), ["high water"] * 30)
    names = [entry.name for entry in portfolio(mixed, "classify", 60.0)]
    assert "net" in names and "cnn" in names


def test_methods_that_compare_all_rows_are_left_out_of_large_tables() -> None:
    names = [entry.name for entry in portfolio(classes(n=5000), "classify", 60.0)]
    assert "rbf_svm" not in names and "k_neighbours" not in names
    large = portfolio(classes(n=20_000), "classify", 60.0)
    leaves = [entry.options.get("leaves") for entry in large if entry.algorithm == "lightgbm"]
    assert leaves[0] is None and 128 in leaves


def test_the_order_is_gain_per_second_by_the_most_exact_figure() -> None:
    item = {"gain": 0.1, "gains": {"regress": 0.2, "regress/tiny": 0.3}}
    assert gain_of(item, bucket(values(), "regress")) == 0.3
    assert gain_of(item, ("regress", "huge", "mixed")) == 0.2
    assert gain_of(item, ("classify", "tiny", "mixed")) == 0.1
    entries = [e for e in portfolio(classes(), "classify", 60.0) if e.algorithm != "constant"]
    rates = [entry.gain / (0.05 + entry.cost) for entry in entries[1:]]
    assert rates == sorted(rates, reverse=True) and entries[0].algorithm == "logistic"


@pytest.mark.parametrize("item", shipped()["candidates"], ids=lambda item: item["name"])
def test_every_shipped_candidate_can_be_built(item: dict[str, Any]) -> None:
    assert item["algorithm"] in FACTS and item["gain"] > 0
    assert catalog.build("algorithms", item["algorithm"], item.get("options", {}))
    assert set(item) <= {
        "name", "algorithm", "options", "first", "pictures", "mixture", "texts", "needs",
        "least_rows", "most_rows", "gain", "gains", "tail",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(name for name, facts in FACTS.items() if facts.monotone))
def test_what_promises_monotony_has_the_option(name: str) -> None:
    assert catalog.build("algorithms", name, {"monotone": {"a": "increasing"}})


def test_what_the_user_names_is_tried_and_numbered() -> None:
    wish = [("lightgbm", {}), ("lightgbm", {"leaves": 7}), ("rbf_svm", {"c": 3.0})]
    entries = portfolio(classes(n=9000), "classify", 1.0, wish)
    assert [entry.name for entry in entries] == ["constant", "lightgbm", "lightgbm#2", "rbf_svm"]
    assert not any(entry.skip for entry in entries)


def test_what_cannot_be_tried_says_why() -> None:
    entry = portfolio(classes(), "classify", 60.0, [("cnn", {})])[1]
    assert "image" in str(entry.skip) and "number" in str(entry.skip)
    words = Schema((Column("a", "audio"), Column("y", "category", "target")))
    frame = pl.DataFrame({"a": ["x.wav"], "y": ["0"]})
    skipped = portfolio(Dataset(frame, words), "classify", 60.0)
    assert all(entry.skip for entry in skipped if entry.name != "constant")


def test_a_net_of_words_is_tried_where_there_are_words_and_no_pictures() -> None:
    frame = pl.DataFrame({"a": ["low water", "high"] * 20, "y": ["0", "1"] * 20})
    words = Column("a", "text")
    target = Column("y", "category", "target", levels=("0", "1"))
    tried = [name for name, _, _ in usual(Dataset(frame, Schema((words, target))), "classify")]
    assert tried.count("net") == 1 and tried[0] == "logistic"
    assert "net" not in [name for name, _, _ in usual(classes(), "classify")]


def test_what_is_too_dear_and_cannot_stop_is_left_out() -> None:
    entries = {e.name: e for e in portfolio(classes(n=4000), "classify", 0.05)}
    assert "CPU seconds" in str(entries["rbf_svm"].skip)
    assert not entries["lightgbm"].skip  # it stops by itself


def test_wrong_names_and_tasks_are_refused_before_any_work() -> None:
    with pytest.raises(SpecError, match="ridge"):
        portfolio(classes(), "classify", 60.0, [("ridge", {})])
    with pytest.raises(SpecError, match="lightgbm"):
        portfolio(classes(), "classify", 60.0, [("lightgmb", {})])


def test_planning_imports_nothing_heavy() -> None:
    code = (
        "import sys; import lingqu.learn.portfolio, lingqu.learn.choose; "
        "print([m for m in ('sklearn', 'torch', 'lightgbm', 'onnx') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
