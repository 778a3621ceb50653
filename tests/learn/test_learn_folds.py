"""Folds: every row is held out at most once, groups stay together, time goes forward."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.learn.folds import MANY, make_folds, refuse_unscored

labels = st.lists(st.integers(0, 4), min_size=4, max_size=80)


def table(n: int, **columns: Any) -> Dataset:
    """Rows with columns of the roles named: ``group=[...]``, ``time=[...]``."""
    frame = pl.DataFrame({"a": np.arange(n), **columns})
    roles = [Column(name, "category", name) for name in columns]  # type: ignore[arg-type]
    return Dataset(frame, Schema((Column("a", "number"), *roles)), "table")


@settings(max_examples=40, deadline=None)
@given(labels, st.integers(0, 5))
def test_stratified_folds_hold_out_each_row_once_but_never_a_lonely_class(
    y: list[int], seed: int
) -> None:
    truth = np.array(y)
    counts = np.bincount(truth, minlength=5)
    if (counts[truth] >= 2).sum() < 2:
        return
    folds = make_folds(table(len(y)), truth, "classify", seed=seed)
    held = np.concatenate([valid for _, valid in folds.pairs])
    assert sorted(held) == [i for i in range(len(y)) if counts[truth[i]] >= 2]
    for train, valid in folds.pairs:
        assert not set(train) & set(valid) and len(train) + len(valid) == len(y)
        assert set(truth[valid]) <= set(truth[train]) or len(folds.pairs) < 2
        for label in range(5):
            share = counts[label] / 5
            assert abs((truth[valid] == label).sum() - share) < 1 or counts[label] < 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=6, max_size=60), st.integers(0, 3))
def test_a_group_never_straddles(groups: list[int], seed: int) -> None:
    data = table(len(groups), group=[f"g{code}" for code in groups])
    if len(set(groups)) < 2:
        with pytest.raises(TrainError):
            make_folds(data, np.zeros(len(groups)), "regress", seed=seed)
    sizes = np.bincount(groups)
    if (sizes >= 2).sum() < 2:
        return
    folds = make_folds(data, np.zeros(len(groups)), "regress", seed=seed)
    code = np.array(groups)
    assert folds.scheme == "group"
    for train, valid in folds.pairs:
        assert not set(code[train]) & set(code[valid])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=12, max_size=60))
def test_validation_rows_are_later_than_their_training_rows(days: list[int]) -> None:
    if len(set(days)) < 4:
        return
    start = datetime(2024, 1, 1)
    data = table(len(days), time=[start + timedelta(days=day) for day in days])
    folds = make_folds(data, np.zeros(len(days)), "regress")
    when = np.array(days)
    assert folds.scheme == "time"
    for train, valid in folds.pairs:
        assert when[train].max() < when[valid].min()
    assert when[folds.pairs[0][1]].max() == max(days)  # the latest rows are held out first


def test_time_and_group_together_keep_both_promises() -> None:
    group = [f"g{i // 9}" for i in range(70)]
    folds = make_folds(table(70, time=list(range(70)), group=group), np.zeros(70), "regress")
    assert folds.scheme == "time"
    for train, valid in folds.pairs:
        assert not {group[i] for i in train} & {group[i] for i in valid} and max(train) < min(valid)


def test_groups_come_before_time_where_both_cannot_be_kept() -> None:
    group = [f"g{i % 7}" for i in range(70)]
    folds = make_folds(table(70, time=list(range(70)), group=group), np.zeros(70), "regress")
    assert folds.scheme == "group"


def test_the_seed_decides_and_a_count_of_one_is_a_holdout() -> None:
    data, y = table(50), np.arange(50) % 2
    one, two = (make_folds(data, y, "classify", seed=seed) for seed in (1, 2))
    assert not np.array_equal(one.pairs[0][1], two.pairs[0][1])
    assert np.array_equal(one.pairs[0][1], make_folds(data, y, "classify", seed=1).pairs[0][1])
    holdout = make_folds(data, y, "classify", count=1)
    assert holdout.limit == 1 and len(holdout.pairs[0][1]) == 10
    assert make_folds(data, y, "classify", count=3).limit == 3
    assert make_folds(table(MANY + 1), np.zeros(MANY + 1), "regress").limit == 1


def test_too_few_rows_are_refused_in_one_line() -> None:
    with pytest.raises(TrainError, match="5 rows, of which 0"):
        make_folds(table(5), np.arange(5), "classify")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), min_size=8, max_size=80))
def test_copies_are_held_out_together_and_learned_from_together(rows: list[tuple[int, int]]):
    family, truth = (np.array(part) for part in zip(*rows, strict=True))
    if len(np.unique(family)) < 6:
        return
    data, groups = (
        table(len(rows)),
        table(len(rows), group=[str(row % 7) for row in range(len(rows))]),
    )
    for given_rows, task in ((data, "classify"), (data, "regress"), (groups, "classify")):
        try:
            folds = make_folds(given_rows, truth, task, families=family)  # type: ignore[arg-type]
        except TrainError:
            continue  # every class is one family
        for train, valid in folds.pairs:
            assert not set(family[train]) & set(family[valid])
            if given_rows is groups:
                assert not set(train % 7) & set(valid % 7)


def test_families_are_spread_evenly_over_the_folds_with_their_classes() -> None:
    family = np.repeat(np.arange(300), [1, 2, 3] * 100)
    truth = (family % 3 == 0).astype(np.int64)
    folds = make_folds(table(600), truth, "classify", families=family)
    assert folds.scheme == "stratified"
    shares = [truth[valid].mean() for _, valid in folds.pairs]
    assert max(shares) - min(shares) < 0.02
    assert sorted(np.concatenate([v for _, v in folds.pairs])) == list(range(600))


def test_later_rows_are_not_foretold_by_their_own_copies() -> None:
    family = np.arange(70) % 35  # each row is repeated half the time later
    folds = make_folds(table(70, time=list(range(70))), np.zeros(70), "regress", families=family)
    assert folds.scheme == "time"
    for train, valid in folds.pairs:
        assert not set(family[train]) & set(family[valid])


def test_groups_of_a_rare_class_are_spread_so_that_every_fold_learns_it() -> None:
    for seed in range(20):
        group = np.repeat(np.arange(10), 12)
        y = (group >= 8).astype(np.int64)  # two groups of ten are of the second class
        made = make_folds(table(len(y), group=group), y, "classify", seed=seed)
        assert all(len(np.unique(y[learnt])) == 2 for learnt, _ in made.pairs)
        for learnt, held in made.pairs:
            assert not set(group[learnt]) & set(group[held])


def test_a_class_in_one_group_is_never_held_out_and_the_reason_says_so() -> None:
    group = np.repeat(np.arange(10), 12)
    y = (group == 9).astype(np.int64)
    made = make_folds(table(len(y), group=group), y, "classify")
    with pytest.raises(TrainError, match=r"only 'no' can be held out.*no: 108, yes: 12.*one group"):
        refuse_unscored(made, y, ("no", "yes"), "roc_auc")


def test_a_fold_that_would_learn_from_one_class_is_left_out() -> None:
    when = np.arange(120)
    y = (when > 50).astype(np.int64)  # all that is early is of one class
    made = make_folds(table(len(y), time=when), y, "classify")
    assert all(len(np.unique(y[learnt])) == 2 for learnt, _ in made.pairs) and made.pairs
