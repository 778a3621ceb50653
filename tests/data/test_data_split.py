"""Splits: partitions, shares, groups, time; random equals scikit-learn's."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.data.split import FEWEST, Split, split

SHARES = st.floats(0.05, 0.6)


def rows(count: int, **roles: Any) -> Dataset:
    columns = [Column("x", "number")]
    frame = {"x": np.arange(count, dtype=float)}
    for role, values in roles.items():
        columns.append(Column(role, "category", role))  # type: ignore[arg-type]
        frame[role] = values
    return Dataset(pl.DataFrame(frame), Schema(tuple(columns)))


def check_partition(made: Split, count: int) -> None:
    assert sorted([*made.train.tolist(), *made.test.tolist()]) == list(range(count))
    assert len(made.train) and len(made.test)
    assert made.train.dtype == made.test.dtype == np.int64
    assert made.reason and made.reason_zh and made.reason != made.reason_zh


@settings(max_examples=40, deadline=None)
@given(st.integers(FEWEST, 400), SHARES, st.integers(0, 2**32 - 1))
def test_random_equals_scikit_learn(count: int, share: float, seed: int) -> None:
    made = split(rows(count), "regress", how="random", test=share, seed=seed)
    train, test = train_test_split(np.arange(count), test_size=share, random_state=seed)
    assert made.train.tolist() == train.tolist()
    assert made.test.tolist() == test.tolist()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=FEWEST, max_size=200), SHARES)
def test_stratified_gives_every_class_its_share(labels: list[str], share: float) -> None:
    made = split(rows(len(labels), target=labels), "classify", test=share) if len(
        set(labels)) > 1 else None  # fmt: skip
    if made is None:
        return
    check_partition(made, len(labels))
    array = np.array(labels)
    for label in set(labels):
        total, held = int((array == label).sum()), int((array[made.test] == label).sum())
        wanted = total * ceil(len(labels) * share) / len(labels)
        assert abs(held - wanted) <= 1
        assert held < total or total == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 8), min_size=FEWEST, max_size=120), SHARES, st.integers(0, 99))
def test_groups_stay_together(groups: list[int], share: float, seed: int) -> None:
    data = rows(len(groups), group=groups)
    if len(set(groups)) < 2:
        with pytest.raises(DataError, match="'group' has 1 different"):
            split(data, "classify", test=share, seed=seed)
        return
    made = split(data, "classify", test=share, seed=seed)
    check_partition(made, len(groups))
    array = np.array(groups)
    assert made.how == "group"
    assert not set(array[made.train]) & set(array[made.test])
    largest = max(np.bincount(array))
    assert abs(len(made.test) - ceil(len(groups) * share)) <= largest


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=FEWEST, max_size=120), SHARES)
def test_time_tests_on_what_is_later(days: list[int], share: float) -> None:
    if len(set(days)) < 2:
        return
    moments = [datetime(2024, 1, 1) + timedelta(days=day) for day in days]
    made = split(rows(len(days), time=moments), "classify", test=share)
    check_partition(made, len(days))
    array = np.array(days)
    assert made.how == "time"
    assert array[made.train].max() < array[made.test].min()


def test_auto_prefers_what_the_columns_ask_for() -> None:
    labels = ["a", "b"] * 10
    both = rows(20, target=labels, group=[i // 2 for i in range(20)], time=list(range(20)))
    assert split(both, "classify").how == "time"
    assert split(rows(20, target=labels), "classify").how == "stratified"
    assert split(rows(20, target=labels), "regress").how == "random"
    assert split(both, "classify", how="random").reason == "asked for in channel.yaml"


def test_the_same_seed_gives_the_same_rows() -> None:
    data = rows(60, target=["a", "b", "c"] * 20)
    one, two = split(data, "classify", seed=1), split(data, "classify", seed=1)
    other = split(data, "classify", seed=2)
    assert one.test.tolist() == two.test.tolist() != other.test.tolist()


def test_yes_no_targets_are_stratified() -> None:
    made = split(rows(20, target=[True] * 15 + [False] * 5), "classify")
    assert len(made.test) == 4


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (rows(9), {}, "There are 9 rows"),
        (rows(20), {"test": 1.5}, "between 0 and 1"),
        (rows(20), {"test": 0}, "between 0 and 1"),
        (rows(20), {"how": "randon"}, "Near names: random"),
        (rows(20), {"how": "time"}, "role time"),
        (rows(20, group=[None, *range(19)]), {}, "'group' has no value in row 1"),
        (rows(20, target=[str(i) for i in range(20)]), {"how": "stratified"}, "at least 40"),
    ],
)
def test_what_cannot_be_split_is_refused(
    data: Dataset, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        split(data, "classify", **options)
