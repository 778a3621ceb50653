"""Columns of free text: lengths of all, languages, scripts and words of a sample."""

from __future__ import annotations

from typing import Self

import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.release.column_profile.column import ColumnProfile
from lingqu.release.column_profile.distinct import Distinct
from lingqu.release.column_profile.numbers import counted
from lingqu.release.column_profile.quantiles import EXACT
from lingqu.release.column_profile.sample import RowSample
from lingqu.release.column_profile.scripts import languages, letters
from lingqu.release.column_profile.summary import Summary

SAMPLE = 20_000
"""Texts whose words and languages are looked at; lengths and blanks are counted on all."""
BEGINNING = 500
"""Characters of each that are looked at."""
_TOP = 20
_SHOWN_FROM = 3
"""Texts a word must stand in to be shown: what only one person wrote is not a frequent word."""
_PAIR = r"\p{Han}{2}"
_WORD = r"[\p{L}&&[^\p{Han}]]{2,}"
_SHARES = {
    "url": r"(?i)\b(?:https?://|www\.)\S",
    "html": r"(?i)</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|&(?:amp|lt|gt|nbsp|quot);",
    "email": r"[\w.+-]+@[\w-]+\.\w",
}


class TextProfile(ColumnProfile):
    """Free text: lengths, blanks, repeats; of a sample the languages, scripts, words, shares."""

    def __init__(self, column: Column, exact: int = EXACT) -> None:
        super().__init__(column, exact)
        self.lengths, self.different = Summary(exact), Distinct()
        self.sample = RowSample(SAMPLE)
        self.blank = 0

    def read(self, series: pl.Series) -> pl.Series:
        if isinstance(series.dtype, pl.List) and series.dtype.inner == pl.String:
            return series.list.join(" ")
        return series if series.dtype == pl.String else series.cast(pl.String)

    def look(self, values: pl.Series) -> None:
        self.different.add(values)
        self.lengths.add(values.str.len_chars().cast(pl.Float64).to_numpy())
        self.blank += int((values.str.strip_chars().str.len_bytes() == 0).sum())
        self.sample.add(values.str.slice(0, BEGINNING).alias("text").to_frame())

    def join(self, other: Self) -> None:
        self.lengths.merge(other.lengths)
        self.different.merge(other.different)
        self.sample.merge(other.sample)
        self.blank += other.blank

    def shown(self) -> dict[str, Json]:
        shown = {**counted(self.different), "parts": {"length": self.lengths.to_json()}}
        present = self.rows - self.missing
        if not present:
            return shown
        return {**shown, "blank": self.blank / present, **read_sample(self.sample.rows["text"])}


def read_sample(texts: pl.Series) -> dict[str, Json]:
    """Return what a sample of texts is made of.

    Example:
        >>> found = read_sample(pl.Series(["see https://a.example", "水很清"]))
        >>> found["languages"], found["shares"]["url"]
        ({'und': 0.5, 'zh': 0.5}, 0.5)
    """
    counts = letters(texts)
    guessed = languages(texts, counts)
    total = counts.sum().row(0, named=True)
    every = sum(total.values())
    text = pl.col("text")
    frame = texts.alias("text").to_frame()
    shares = frame.select(
        *(text.str.contains(pattern).mean().alias(name) for name, pattern in _SHARES.items()),
        (text.str.count_matches(r"\p{N}").sum() / text.str.len_chars().sum()).alias("digits"),
    ).row(0, named=True)
    return {
        "sampled": len(texts),
        "languages": _shares(guessed),
        "scripts": {n: round(c / every, 5) for n, c in total.items() if c} if every else {},
        "shares": {n: round(s, 5) if s == s else 0.0 for n, s in shares.items() if s is not None},
        "words": _words(texts),
    }


def _shares(values: pl.Series) -> dict[str, float]:
    counts = (
        values.alias("value").value_counts(name="n").sort(["n", "value"], descending=[True, False])
    )
    return {name: round(n / len(values), 5) for name, n in counts.iter_rows()}


def _words(texts: pl.Series) -> dict[str, Json]:
    """Count words; Chinese, which has no blanks, by pairs of characters.

    The vocabulary of all texts is guessed from how many words stand once and twice.

    Source: Chao, Scandinavian Journal of Statistics 11, 1984 (the bias-corrected lower bound).
    """
    lower = texts.alias("word").str.to_lowercase()
    # Pairs overlap: the second look starts one character later.
    shifted = lower.str.replace_all(r"(^|\P{Han})\p{Han}", "$1 ").str.extract_all(_PAIR)
    found = pl.concat([lower.str.extract_all(rf"{_WORD}|{_PAIR}"), shifted])
    each = found.list.len().sum()
    places = pl.DataFrame({"row": list(range(len(texts))) * 2, "word": found})
    table = (
        places.explode("word", empty_as_null=True)
        .drop_nulls()
        .group_by("word")
        .agg(pl.len().alias("n"), pl.col("row").n_unique().alias("texts"))
    )
    once, twice = int((table["n"] == 1).sum()), int((table["n"] == 2).sum())
    usual = table.filter(pl.col("texts") >= _SHOWN_FROM)
    usual = usual.sort(["n", "word"], descending=[True, False]).head(_TOP)
    return {
        "per_text": round(each / max(len(texts), 1), 2),
        "different": table.height,
        "vocabulary": table.height + round(once * (once - 1) / (2 * (twice + 1))),
        "frequent": [[word[:40], n] for word, n in usual.select("word", "n").iter_rows()],
    }
