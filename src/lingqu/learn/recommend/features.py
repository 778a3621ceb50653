"""What is known of items beside who took them, as numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset

MOST_WORDS = 500
"""Words of one column that are told apart: the most frequent ones."""
_LEAST = 2
"""Items of which a word must be known to say anything."""


def item_features(train: Dataset, items: tuple[str, ...]) -> NDArray[np.float32]:
    """Return a row of numbers for each item, (items, features).

    Numbers are standardised; a category is one word, or several with ``|`` between them. What is
    not known of an item is 0.

    Args:
        train: Rows whose features say something of the item alone.
        items: Names of the items.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"film": ["a", "b", "b"], "kind": ["war|love", "war", "war"]})
        >>> schema = Schema((Column("film", "category", "target"), Column("kind", "category")))
        >>> item_features(Dataset(frame, schema), ("a", "b")).tolist()
        [[1.0], [1.0]]
    """
    target = train.schema.target
    assert target is not None
    names = [c.name for c in train.schema.features if c.kind in ("number", "category", "boolean")]
    place = {name: code for code, name in enumerate(items)}
    first = train.frame.group_by(target.name, maintain_order=True).agg(
        pl.col(name).drop_nulls().first() for name in names
    )
    rows = np.array([place[name] for name in first.get_column(target.name).cast(pl.String)])
    parts = [np.zeros((len(items), 0), dtype=np.float32)]
    for name in names:
        series = first.get_column(name)
        numeric = train.schema[name].kind == "number"
        made = _numbers(series) if numeric else _words(series.cast(pl.String))
        whole = np.zeros((len(items), made.shape[1]), dtype=np.float32)
        whole[rows] = made
        parts.append(whole)
    return np.hstack(parts)


def _numbers(series: pl.Series) -> NDArray[np.float32]:
    values = series.cast(pl.Float64).to_numpy().astype(np.float64)
    known = np.isfinite(values)
    spread = float(values[known].std()) if known.any() else 0.0
    if spread == 0:
        return np.zeros((len(values), 0), dtype=np.float32)
    told = np.where(known, (values - values[known].mean()) / spread, 0.0)
    return np.clip(told, -8, 8)[:, None].astype(np.float32)


def _words(series: pl.Series) -> NDArray[np.float32]:
    split = [() if cell is None else tuple(cell.split("|")) for cell in series]
    counts: dict[str, int] = {}
    for words in split:
        for word in dict.fromkeys(words):
            counts[word] = counts.get(word, 0) + 1
    often = sorted((w for w in counts if counts[w] >= _LEAST), key=lambda w: (-counts[w], w))
    place = {word: code for code, word in enumerate(often[:MOST_WORDS])}
    found = np.zeros((len(split), len(place)), dtype=np.float32)
    for row, words in enumerate(split):
        for word in words:
            if word in place:
                found[row, place[word]] = 1.0
    return found
