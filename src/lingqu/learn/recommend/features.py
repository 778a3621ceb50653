"""What is known of items and of users beside who took what, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column
from lingqu.release.baskets.facts import KINDS, Facts, as_word, learned, width


def item_features(train: Dataset, items: tuple[str, ...]) -> NDArray[np.float32]:
    """Return a row of numbers for each item, (items, features); what is not known is 0.

    Args:
        train: Rows whose features say something of the item alone, but for those that callers
            send.
        items: Names of the items.

    Example:
        >>> from lingqu.core.schema import Schema
        >>> frame = pl.DataFrame({"film": ["a", "b", "b"], "kind": ["war|love", "war", "war"]})
        >>> schema = Schema((Column("film", "category", "target"), Column("kind", "category")))
        >>> item_features(Dataset(frame, schema), ("a", "b")).tolist()
        [[1.0], [1.0]]
    """
    target = train.schema.target
    assert target is not None
    columns = [c for c in train.schema.features if c.kind in KINDS and not c.seen]
    first = _first(train, target.name, columns)
    facts = Facts(learned(first, columns))
    place = {name: code for code, name in enumerate(items)}
    whole = np.zeros((len(items), facts.width), dtype=np.float32)
    rows = [place[name] for name in first.get_column(target.name).cast(pl.String)]
    whole[rows] = facts.told({n: first.get_column(n).to_list() for n in facts.names}, len(rows))
    return whole


def people_of(train: Dataset, users: Sequence[str]) -> dict[str, Json] | None:
    """Return what is known of the users, as a block carries it, or None where nothing is.

    Args:
        train: Rows; the features that callers send say something of the user alone.
        users: Names of the users, in order.
    """
    columns = [c for c in train.schema.features if c.kind in KINDS and c.seen]
    if not columns:
        return None
    column = train.schema.having("group")[0].name
    first = _first(train, column, columns)
    facts = learned(first, columns)
    place = {name: row for row, name in enumerate(first.get_column(column).cast(pl.String))}
    first = first[[place[name] for name in users]]
    told = [{**fact, "values": _plain(first.get_column(fact["name"]))} for fact in facts]
    return {"width": width(facts), "columns": told}


def _first(train: Dataset, by: str, columns: Sequence[Column]) -> pl.DataFrame:
    """Return one row for each value of a column, with what is first known of it."""
    known = (pl.col(column.name).drop_nulls().first() for column in columns)
    return train.frame.group_by(by, maintain_order=True).agg(known)


def _plain(series: pl.Series) -> list[Any]:
    """Return cells as JSON knows them."""
    if series.dtype.is_numeric():
        values = series.cast(pl.Float64).to_list()
        return [v if v is not None and np.isfinite(v) else None for v in values]
    return [None if cell is None else as_word(cell) for cell in series.to_list()]
