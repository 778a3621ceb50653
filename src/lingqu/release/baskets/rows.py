"""Rows of a table as who took what, and which of it came last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core import column_names
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.release.targets import targets, weights

Ints = NDArray[np.int64]
LEAST = 1e-6
"""Strength of what counts nothing: it is no reason to recommend, yet it was taken."""


@dataclass(frozen=True)
class Taken:
    """Rows as who took what.

    Args:
        users: Names of the users, in order.
        items: Names of the items, as the target's levels.
        user: User of each row; item: its item.
        order: Moment of each row as a rank, 0 everywhere where no time is declared.
        weight: How much each row counts, or None for the same.
    """

    users: tuple[str, ...]
    items: tuple[str, ...]
    user: Ints
    item: Ints
    order: Ints
    weight: NDArray[np.float64] | None

    def pairs(self) -> tuple[Ints, Ints, NDArray[np.float32]]:
        """Return each user with each item once, by user and item, and how much of it they took.

        The typical strength is 1: sums of weights are told in units of their mean.
        """
        cell = self.user * len(self.items) + self.item
        found, place = np.unique(cell, return_inverse=True)
        each = np.ones(len(cell)) if self.weight is None else self.weight
        total = np.bincount(place, each, minlength=len(found))
        total = np.maximum(total / max(float(total.mean()), LEAST), LEAST) if len(total) else total
        users, items = np.divmod(found, max(len(self.items), 1))
        return users, items, total.astype(np.float32)


def user_column(dataset: Dataset) -> str:
    """Return the column that names the users.

    Raises:
        SpecError: No column has that role.
    """
    found = dataset.schema.having("group")
    if not found:
        names = [c.name for c in dataset.schema if c.role != "target"]
        raise SpecError("recommend.no_user", columns=column_names.listed(names))
    return found[0].name


def taken(dataset: Dataset) -> Taken:
    """Read rows as who took what.

    Raises:
        SpecError: No column names the users.
        DataError: A row has no user or no item, or a weight that is none.
    """
    column = user_column(dataset)
    names = dataset.frame.get_column(column).cast(pl.String)
    if names.null_count():
        row = int(names.is_null().arg_max() or 0)
        raise DataError("recommend.nameless", row=row + 1, column=column)
    users = names.unique().sort().to_list()
    codes = names.cast(pl.Enum(users)).to_physical().cast(pl.Int64).to_numpy()
    item, items = targets(dataset, "recommend")
    order = np.zeros(len(dataset), dtype=np.int64)
    times = dataset.schema.having("time")
    if times:
        moment = dataset.frame.get_column(times[0].name)
        if moment.null_count():
            row = int(moment.is_null().arg_max() or 0)
            raise DataError("forecast.no_moment", row=row + 1, column=times[0].name)
        order = moment.rank("dense").cast(pl.Int64).to_numpy()
    return Taken(
        tuple(users), items, codes, item.astype(np.int64), order, weights(dataset)
    )  # fmt: skip


def depths(rows: Taken, seed: int) -> tuple[Ints, Ints]:
    """Return how many new items a user took after that of each row, and their items in all.

    What somebody took again counts where it was new to them. Where no time is declared, or two
    items came in one moment, the order of the table stands, or a draw: see `seed`.

    Args:
        rows: Who took what.
        seed: Of the draw where nothing says what came when.

    Example:
        >>> two = np.zeros(3, dtype=np.int64)
        >>> one = Taken(("a",), ("x", "y"), two, np.array([0, 1, 0]), np.arange(3), None)
        >>> depths(one, 0)[0].tolist()
        [1, 0, 1]
    """
    count = len(rows.user)
    tie = np.arange(count)
    if count and rows.order.max() == rows.order.min():
        tie = np.random.default_rng(seed).permutation(count)
    place = np.empty(count, dtype=np.int64)
    place[np.lexsort((tie, rows.order))] = np.arange(count)
    cell = rows.user * max(len(rows.items), 1) + rows.item
    pair, of = np.unique(cell, return_inverse=True)
    first = np.full(len(pair), count, dtype=np.int64)
    np.minimum.at(first, of, place)
    owner = pair // max(len(rows.items), 1)
    newest = np.lexsort((-first, owner))
    start = np.searchsorted(owner[newest], np.arange(len(rows.users)))
    depth = np.empty(len(pair), dtype=np.int64)
    depth[newest] = np.arange(len(pair)) - start[owner[newest]]
    number = np.bincount(owner, minlength=len(rows.users))
    return depth[of], number[rows.user]


def counted(items: Ints, count: int) -> NDArray[np.float64]:
    """Return how often each item was taken."""
    return np.bincount(items, minlength=count).astype(np.float64)


def listed(names: Sequence[str], codes: Ints) -> list[str]:
    """Return the names of items; places that are empty (-1) are left out."""
    return [names[code] for code in codes.tolist() if code >= 0]
