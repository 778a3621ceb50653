"""Who took what: users of three tastes, each with items of their own and some that all take."""

from __future__ import annotations

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema

ITEMS = 45
KNOWN = tuple(f"i{code:02d}" for code in range(ITEMS))


def shop(users: int = 150, seed: int = 0, weight: bool = False, time: bool = True) -> Dataset:
    """Return rows of user, item, moment and stars; a user takes what lies near to their taste."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        taste = user % 3
        chance = np.full(ITEMS, 0.02)
        chance[taste * 15 : taste * 15 + 15] = 0.9 ** np.arange(15)
        number = int(random.integers(5, 11))
        taken = random.choice(ITEMS, number, replace=False, p=chance / chance.sum())
        rows += [(f"u{user:03d}", KNOWN[item], float(moment), float(random.integers(1, 6)))
                 for moment, item in enumerate(taken)]  # fmt: skip
    frame = pl.DataFrame(rows, ["user", "item", "moment", "stars"], orient="row")
    columns = [
        Column("user", "category", "group", seen=True),
        Column("item", "category", "target", levels=KNOWN, seen=True),
        Column("moment", "number", "time" if time else "ignored"),
        Column("stars", "number", "weight" if weight else "ignored"),
    ]
    return Dataset(frame, Schema(tuple(columns)), "shop")
