"""Rows of rare classes that a generator makes: in the types of the data, inside a fit only."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.learn.made_tables import part, people

from lingqu.core.errors import LingquError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.govern.augment.made_rows import MadeRows
from lingqu.learn.candidate import augmented


def skewed() -> Dataset:
    """Return people of whom few are ill."""
    data = people(400)
    kept = (pl.col("ill") == "no") | (pl.int_range(pl.len()) % 8 == 0)
    return Dataset(data.frame.filter(kept), data.schema)


def grown(data: Dataset, **options: object) -> Dataset:
    step = MadeRows(**options)  # type: ignore[arg-type]
    step.fit(data)
    return step.apply(data)


def sizes(data: Dataset) -> dict[str, int]:
    return dict(data.frame["ill"].value_counts().rows())


def test_rare_classes_are_filled_up_and_own_rows_stay() -> None:
    data = skewed()
    for ratio in (0.5, 1.0):
        after = grown(data, ratio=ratio)
        assert after.frame[: len(data)].equals(data.frame) and after.schema == data.schema
        assert sizes(after) == {"no": sizes(data)["no"], "yes": round(ratio * sizes(data)["no"])}


def test_made_rows_are_like_those_of_their_class() -> None:
    data = skewed()
    fresh = grown(data).frame[len(data) :]
    known = data.frame.filter(pl.col("ill") == "yes")["age"].to_numpy()
    assert abs(fresh["age"].to_numpy().mean() - known.mean()) < 6
    assert fresh["income"].null_count() and fresh["ill"].unique().to_list() == ["yes"]


def test_ids_are_not_repeated_and_texts_are_those_of_a_row_of_the_class() -> None:
    data = skewed()
    more = (Column("who", "category", "id"), Column("note", "text"))
    note = data.frame["ill"].replace_strict({"no": "is well", "yes": "is ill"}).alias("note")
    who = pl.Series("who", [f"p{row}" for row in range(len(data))])
    rows = Dataset(data.frame.with_columns(who, note), Schema((*data.schema.columns, *more)))
    fresh = grown(rows).frame[len(data) :]
    assert fresh["who"].null_count() == len(fresh)
    assert fresh["note"].unique().to_list() == ["is ill"]


def test_the_same_seed_makes_the_same_and_another_others() -> None:
    data = skewed()
    one, same, other = (grown(data, seed=seed).frame for seed in (1, 1, 2))
    assert one.equals(same) and not one.equals(other)


def test_a_class_of_few_rows_is_left_as_it_is_and_named() -> None:
    data = skewed()
    rare = pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("rare")).otherwise("ill").alias("ill")
    schema = data.schema.updated("ill", levels=("no", "rare", "yes"))
    rows = Dataset(data.frame.with_columns(rare), schema)
    step = MadeRows()
    step.fit(rows)
    assert sizes(step.apply(rows))["rare"] == 3
    told = step.report()
    assert "rare" in told["left"] and "rare" in told["left_zh"]


def test_it_runs_on_the_training_part_of_a_fit() -> None:
    data = skewed()
    assert len(augmented(data, [("made_rows", {"ratio": 0.5}, [])], seed=3)) > len(data)
    few = part(data, 0, 10)
    assert len(augmented(few, [("made_rows", {}, [])], seed=3)) == 10


@pytest.mark.parametrize(
    "options", [{"ratio": 0.0}, {"ratio": 1.1}, {"least": 1}, {"algorithm": "lightgbm"}]
)
def test_options_that_cannot_be_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(LingquError):
        MadeRows(**options)  # type: ignore[arg-type]


def test_a_number_as_target_has_no_rare_classes() -> None:
    schema = Schema((Column("x", "number"), Column("y", "number", "target")))
    data = Dataset(pl.DataFrame({"x": np.arange(30.0), "y": np.arange(30.0)}), schema)
    with pytest.raises(SpecError, match="y"):
        MadeRows().fit(data)


def test_rows_of_texts_alone_cannot_be_made() -> None:
    schema = Schema((Column("note", "text"), Column("y", "category", "target")))
    data = Dataset(pl.DataFrame({"note": ["a b"] * 30, "y": ["p", "q"] * 15}), schema)
    with pytest.raises(SpecError):
        MadeRows().fit(data)
