"""How often each level of a category stands: exact up to a bound, then the frequent ones."""

from __future__ import annotations

import polars as pl

from lingqu.core.missing import MISSING
from lingqu.core.nouns import Json

BOUND = 50_000
"""Levels that are counted one by one."""
_GROUPS = 20


class Levels:
    """Count levels in one pass; parts merge.

    Above the bound the rarest levels give way: as many counts are taken off every level as bring
    its number down, and `missed` says how many a count may lack.

    Example:
        >>> levels = Levels()
        >>> levels.add(pl.Series(["x", "y", "x"]))
        >>> levels.top(1), levels.missed
        ({'x': 2}, 0)

    Source: Misra and Gries, Science of Computer Programming 2, 1982,
    doi:10.1016/0167-6423(82)90012-0; merging: Agarwal et al., PODS 2012, section 3.
    """

    def __init__(self, bound: int = BOUND) -> None:
        self.bound = bound
        self.missed = 0
        self._counts = pl.DataFrame(schema={"level": pl.String, "n": pl.Int64})
        self._waiting: list[pl.DataFrame] = []

    def add(self, texts: pl.Series) -> None:
        """Count the texts of a batch; missing ones do not count."""
        seen = texts.alias("level").drop_nulls().value_counts(name="n")
        self._waiting.append(seen.cast({"n": pl.Int64}))
        if sum(part.height for part in self._waiting) > self.bound:
            self._settle()

    def merge(self, other: Levels) -> None:
        """Add the counts of another part."""
        self.missed += other.missed
        self.bound = min(self.bound, other.bound)
        self._waiting += [other._counts, *other._waiting]
        self._settle()

    def _settle(self) -> None:
        parts = pl.concat([self._counts, *self._waiting])
        self._waiting = []
        counts = parts.group_by("level").agg(pl.col("n").sum())
        if counts.height > self.bound:
            least = int(counts["n"].top_k(self.bound + 1).min())  # type: ignore[arg-type]
            counts = counts.with_columns(pl.col("n") - least).filter(pl.col("n") > 0)
            self.missed += least
        self._counts = counts

    def counts(self) -> pl.DataFrame:
        """Return ``level`` and ``n``, the most frequent first."""
        if self._waiting:
            self._settle()
        return self._counts.sort(["n", "level"], descending=[True, False])

    def top(self, most: int) -> dict[str, int]:
        """Return the most frequent levels, cut to 80 characters, with their counts.

        Where a count may lack more than it says, the level is not among the surely frequent.
        """
        first = self.counts().filter(pl.col("n") > self.missed).head(most)
        return dict(zip((level[:80] for level in first["level"]), first["n"], strict=True))

    def unsaid(self) -> int:
        """Return how many values are a word for a missing one, such as ``?`` or ``n/a``.

        Example:
            >>> levels = Levels()
            >>> levels.add(pl.Series([" ?", "x", "N/A"]))
            >>> levels.unsaid()
            2
        """
        plain = pl.col("level").str.strip_chars().str.to_lowercase()
        return int(self.counts().filter(plain.is_in(list(MISSING)))["n"].sum())

    def variants(self) -> list[dict[str, Json]]:
        """Return groups of levels that differ only in case, blanks, width or hyphens.

        Example:
            >>> levels = Levels()
            >>> levels.add(pl.Series(["New York", "new  york", "Rome"]))
            >>> levels.variants()[0]["spellings"]
            {'New York': 1, 'new  york': 1}
        """
        level = pl.col("level")
        plain = level.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[\s\-_]+", "")
        groups = (
            self.counts()
            .with_columns(plain.alias("plain"))
            .filter((pl.col("plain") != "") & (pl.len().over("plain") > 1))
            .group_by("plain", maintain_order=True)
            .agg(level, "n")
        )
        shown = []
        for _, names, rows in groups.head(_GROUPS).iter_rows():
            short = [name[:80] for name in names[:8]]
            shown.append({"spellings": dict(zip(short, rows[:8], strict=True)), "rows": sum(rows)})
        return shown
