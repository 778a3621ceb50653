"""Rows and columns of the task recommend, before anything is learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from lingqu.core.data_section import DataSection
from lingqu.core.errors import DataError, SpecError
from lingqu.core.i18n import Phrase
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Kind, Schema, because
from lingqu.release.baskets.block import ASIDE
from lingqu.release.baskets.facts import KINDS
from lingqu.release.baskets.rows import depths, taken

FOR_ITEMS = frozenset({"contract", "mask"})
"""Operators that the task gets where none is named. Equal rows say that somebody took something
twice, and a name of a user or an item is no word to be corrected."""


def refuse_users(data: DataSection, names: tuple[str, ...], target: str) -> None:
    """Refuse a channel that does not say who took what.

    Raises:
        SpecError: No column names the users, or several do.
        DataError: A column is called like a part of a request.
    """
    if not data.groups:
        others = ", ".join(name for name in names if name != target)
        raise SpecError("recommend.no_user", columns=others[:200] or "—")
    if len(data.groups) > 1:
        raise SpecError(
            "recommend.several_users", count=len(data.groups), columns=", ".join(data.groups)
        )
    for name in ASIDE:
        if name in names and name not in data.drop:
            raise DataError(
                "recommend.taken_name", name=name, meaning=Phrase(f"recommend.means_{name}")
            )


def kinds_of(data: DataSection, dataset: Dataset, target: str) -> dict[str, Kind]:
    """Return the declared kinds, with users and items as names even where they are numbers.

    Stars from 1 to 5 look like levels; where they say how much, or when, they are numbers.
    """
    names = dataset.schema.names
    given: Mapping[str, Kind] = data.kinds
    named = [name for name in (*data.groups, target) if name in names]
    counted = [
        name
        for name in (data.time, data.weight)
        if name in names
        and dataset.schema[name].kind in ("category", "boolean")
        and not dataset.frame[name].cast(pl.Float64, strict=False).is_null().any()
    ]
    return {**dict.fromkeys(named, "category"), **dict.fromkeys(counted, "number"), **given}


def asked_for(dataset: Dataset) -> Schema:
    """Return the schema of a recommender: callers send a user, or list items.

    What says the same in every row of an item is known of the item, and what says the same in
    every row of a user is known of the user: either may be learned from, and the second may be
    sent. What else the rows say is not read.
    """
    columns, schema, target = [], dataset.schema, dataset.schema.target
    assert target is not None
    items = _steady(dataset, target.name)
    users = _steady(dataset, schema.having("group")[0].name) - items
    for column in schema:
        if column.role == "group":
            column = replace(column, seen=True, levels=()).noted("recommend.reason_user")
        elif column.role == "target":
            column = replace(column, seen=True).noted("recommend.reason_item")
        elif column.role == "feature" and column.name in items:
            column = column.noted("recommend.reason_known")
        elif column.role == "feature" and column.name in users:
            column = replace(column, seen=True).noted("recommend.reason_profile")
        elif column.role in ("feature", "protected"):
            column = replace(column, role="ignored", **because("recommend.reason_unread"))
        columns.append(column)
    return Schema(tuple(columns))


def _steady(dataset: Dataset, by: str) -> set[str]:
    """Return the features that say the same in all rows with one value of a column."""
    names = [c.name for c in dataset.schema.features if c.kind in KINDS]
    most = dataset.frame.group_by(by).agg(pl.col(name).drop_nulls().n_unique() for name in names)
    return {name for name in names if (most[name] <= 1).all()}


def refuse_rows(dataset: Dataset) -> None:
    """Refuse rows of which nothing can be held out.

    Raises:
        DataError: A row without a user, or no user with two items.
    """
    rows = taken(dataset)
    target = dataset.schema.target
    if target is not None and not (depths(rows, 0)[1] > 1).any():
        raise DataError(
            "recommend.no_last", users=len(rows.users), target=target.name,
            column=dataset.schema.having("group")[0].name,
        )  # fmt: skip
