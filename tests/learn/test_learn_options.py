"""Options that several learners have: said once, shown behind a learner's own."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import ClassVar

import polars as pl
from tests.learn.learn_tables import classes, halves

from lingqu.core import catalog
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.learn.tabular.options import Directed, Distances, Questions, Sums


@dataclass
class Guess(Sums):
    """Guess.

    Args:
        luck: How much of it.
        rare: Never mind.

    Example:
        >>> 1
        1
    """

    name: ClassVar[str] = "ridge"

    luck: float = 0.5


@dataclass
class Ask(Questions):
    """Ask."""

    name: ClassVar[str] = "constant"


def test_what_is_inherited_is_documented_behind_what_is_not() -> None:
    said = inspect.getdoc(Guess) or ""
    named = re.findall(r"^    (\w+): ", said, re.M)
    assert named == ["luck", "rare", "view", "scaling", "similar"]
    assert "\n    rare: Never mind.\n" in said and said.endswith("\n\nExample:\n    >>> 1\n    1")
    assert [field.name for field in catalog.options_of(Guess)] == [
        "luck", "view", "scaling", "rare", "similar",
    ]  # fmt: skip


def test_a_learner_without_options_of_its_own_names_those_it_inherits() -> None:
    said = inspect.getdoc(Ask) or ""
    assert said.startswith("Ask.\n\nArgs:\n    balance: ")
    assert [said.count(f"    {name}: ") for name in ("rare", "similar", "view")] == [1, 1, 1]


def test_the_expected_cost_is_that_of_the_name() -> None:
    assert Guess.cost(5000, 100, 0) > 10 * Ask.cost(5000, 100, 0)


def test_rows_are_read_as_the_options_say() -> None:
    train, valid = halves(classes())
    plain, scaled = Sums(), Sums(scaling="quantile")
    assert plain.fold(train, valid).encoding != scaled.fold(train, valid).encoding
    seldom = Distances(rare=10**6).fold(train, valid)
    assert seldom.x.shape[1] < Distances().fold(train, valid).x.shape[1]


def test_rare_classes_weigh_as_much_as_others_where_it_is_wished() -> None:
    train, valid = halves(classes(k=2))
    kept = train.frame.filter((pl.col("y") == "c0") | (pl.int_range(pl.len()) % 4 == 0))
    few = Dataset(kept, train.schema)
    assert Questions().fold(few, valid).weight is None
    fold = Questions(balance=True).fold(few, valid)
    assert fold.weight is not None
    first, second = (float(fold.weight[fold.y == k].sum()) for k in (0, 1))
    assert abs(first - second) < 1e-9 < abs(float((fold.y == 0).mean()) - 0.5)


def test_a_wish_for_direction_reads_plain_columns() -> None:
    town = [f"t{i % 12}" for i in range(60)]
    frame = pl.DataFrame({"a": range(60), "town": town, "y": [float(i % 7) for i in range(60)]})
    levels = tuple(sorted(set(town)))
    columns = (Column("a", "number"), Column("town", "category", levels=levels),
               Column("y", "number", "target"))  # fmt: skip
    train = Dataset(frame, Schema(columns))
    widths = [
        Directed(view="rich", monotone=wish).fold(train, train).x.shape[1]
        for wish in ({}, {"a": "increasing"})
    ]
    assert widths[0] > widths[1] == 2
