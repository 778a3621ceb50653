"""Rows of a table as histories of users: what every recommender of one fit shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.learn.recommend.features import people_of
from lingqu.release.baskets.block import block_of
from lingqu.release.baskets.facts import Facts
from lingqu.release.baskets.rows import Taken, counted, taken, user_column

Floats = NDArray[np.float64]
Matrix: TypeAlias = Any
"""A sparse matrix by rows, of SciPy, which has no types."""
MOST_ITEMS = 50_000
"""Items of a catalogue, at most: a list is drawn from the chances of all of them."""


@dataclass(frozen=True)
class Reading:
    """Training rows as histories.

    Args:
        rows: Who took what.
        matrix: How much of each item each user took, (users, items), float32; 1 is typical.
        block: The histories as a release carries them, and what is known of the users.
        people: What is known of the users as numbers, (users, known).
    """

    rows: Taken
    matrix: Matrix
    block: Mapping[str, Json]
    people: Floats

    @property
    def plain(self) -> Matrix:
        """1 where something was taken, whatever its strength."""
        ones = self.matrix.copy()
        ones.data = np.ones_like(ones.data)
        return ones

    def popular(self, weights: Floats | None = None) -> Floats:
        """Return the logarithm of the share of each item among all that was taken, (items,).

        Half a row is added to each, so that one that nobody took has a place, the last.
        """
        count = counted(self.matrix.indices.astype(np.int64), len(self.rows.items))
        if weights is not None:
            count = weights
        share = (count + 0.5) / (count.sum() + 0.5 * len(count))
        return np.asarray(np.log(share))


def read(train: Dataset, top: int) -> Reading:
    """Read training rows as histories.

    Args:
        train: Rows with a user (role ``group``) and an item (target).
        top: Items of an answer.

    Raises:
        SpecError: No column names the users.
        DataError: No rows, a row without a user, or more items than a list is drawn from.
    """
    column = user_column(train)
    if not len(train):
        raise DataError("release.no_rows", where=f"`train({train.name})`")
    rows = taken(train)
    if len(rows.items) > MOST_ITEMS:
        raise DataError("recommend.many_items", items=len(rows.items), limit=MOST_ITEMS)
    target = train.schema.target
    assert target is not None
    known = people_of(train, rows.users)
    block = block_of(rows, user=column, item=target.name, top=top, people=known)
    facts = Facts(known["columns"] if known else ())
    cells = {fact["name"]: fact["values"] for fact in (known or {}).get("columns", ())}
    users, items, strengths = rows.pairs()
    shape = (len(rows.users), len(rows.items))
    matrix = sparse.csr_matrix((strengths, (users, items)), shape=shape, dtype=np.float32)
    people = facts.told(cells, len(rows.users)).astype(np.float64)
    return Reading(rows, matrix, block, people)


def gram(matrix: Matrix) -> Floats:
    """Return how much items are taken together, (items, items), dense."""
    return np.asarray((matrix.T @ matrix).todense(), dtype=np.float64)
