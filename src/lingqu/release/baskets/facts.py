"""What is known of users, or of items, as numbers: in a fit as in a release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.core.schema import Column

KINDS = ("number", "category", "boolean")
"""What can be read."""
MOST_WORDS = 500
"""Words of one column that are told apart: the most frequent ones."""
_LEAST = 2
"""How many must share a word for it to say anything."""
_FAR = 8.0
"""Standard deviations beyond which a number is no further away."""


def learned(frame: pl.DataFrame, columns: Sequence[Column]) -> list[dict[str, Json]]:
    """Return how the columns are written as numbers; one that tells nobody apart is left out.

    Args:
        frame: One row for each user or item.
        columns: What is read of it. A category is one word, or several with ``|`` between them.

    Example:
        >>> frame = pl.DataFrame({"kind": ["war|love", "war", None]})
        >>> learned(frame, [Column("kind", "category")])
        [{'name': 'kind', 'words': ['war']}]
    """
    made = []
    for column in columns:
        series = frame.get_column(column.name)
        if column.kind == "number":
            values = series.cast(pl.Float64).to_numpy().astype(np.float64)
            known = values[np.isfinite(values)]
            spread = float(known.std()) if len(known) else 0.0
            if spread > 0:
                mean = float(known.mean())
                made.append({"name": column.name, "mean": mean, "spread": spread})
        elif words := _words(series):
            made.append({"name": column.name, "words": words})
    return made


def _words(series: pl.Series) -> list[str]:
    counts: dict[str, int] = {}
    for cell in series.cast(pl.String):
        for word in dict.fromkeys(() if cell is None else cell.split("|")):
            counts[word] = counts.get(word, 0) + 1
    often = sorted((w for w in counts if counts[w] >= _LEAST), key=lambda w: (-counts[w], w))
    return often[:MOST_WORDS]


def width(facts: Sequence[Mapping[str, Json]]) -> int:
    """Return how many numbers a row becomes."""
    return sum(len(fact["words"]) if "words" in fact else 1 for fact in facts)


class Facts:
    """Cells as numbers: a number standardised, a word 1 where it is said; what is not known is 0.

    Args:
        facts: What `learned` returned.
    """

    def __init__(self, facts: Sequence[Mapping[str, Json]]) -> None:
        self.names = tuple(str(fact["name"]) for fact in facts)
        self.width = width(facts)
        self._facts = [
            (fact, {word: place for place, word in enumerate(fact.get("words", ()))})
            for fact in facts
        ]

    def write(self, cells: Mapping[str, Sequence[Any]], out: NDArray[np.float32]) -> None:
        """Write rows.

        Args:
            cells: Of each column its cells; None where nothing is known.
            out: Where to, (N, width).
        """
        out[:] = 0
        start = 0
        for fact, place in self._facts:
            for row, cell in enumerate(cells[fact["name"]]):
                if cell is None:
                    continue
                if "words" not in fact:
                    told = (float(cell) - fact["mean"]) / fact["spread"]
                    out[row, start] = min(max(told, -_FAR), _FAR) if np.isfinite(told) else 0.0
                    continue
                for word in as_word(cell).split("|"):
                    if word in place:
                        out[row, start + place[word]] = 1.0
            start += len(place) or 1

    def told(self, cells: Mapping[str, Sequence[Any]], rows: int) -> NDArray[np.float32]:
        """Return rows as numbers, (rows, width)."""
        out = np.empty((rows, self.width), dtype=np.float32)
        self.write(cells, out)
        return out


def as_word(cell: Any) -> str:
    """Return a cell as the word that a table of text would hold.

    Example:
        >>> as_word(True), as_word("war")
        ('true', 'war')
    """
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
