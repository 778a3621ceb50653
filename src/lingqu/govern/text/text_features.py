"""A text column → a vector of TF-IDF weights or hashed counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import polars as pl

from lingqu.core.errors import DataError, SpecError
from lingqu.core.i18n import text as worded
from lingqu.core.nouns import Dataset, Json
from lingqu.core.phrases import Phrase
from lingqu.core.schema import Column, Kind, Schema
from lingqu.govern.step import Step, arrange, chosen, swap
from lingqu.govern.text.pinned import hold, pin
from lingqu.govern.text.rewrite import sample, texts
from lingqu.govern.text.vectorise import (
    Counts,
    Terms,
    character_terms,
    dense,
    hashed,
    hashed_characters,
    looked_up,
    packed,
    projected,
    rarity,
    unpacked,
    vocabulary,
    weighed,
    word_terms,
)
from lingqu.govern.text.words import PACKAGE, is_segmented, is_word, segmenter

READ = 50_000
"""Rows from which vocabulary, rarity and directions are learnt, spread evenly over the table."""
SEEN = 200
"""Texts from which it is told whether a column is segmented."""
VECTOR = ".features"
"""Ending of the vector's column where the text is kept."""


@dataclass
class TextFeatures(Step):
    """Turn a text column into a vector; at training and at prediction alike, to the last bit.

    Why: nets, trees and neighbours read numbers. The vocabulary and its weights are learnt from
    training rows and travel in the release; hashing has nothing to learn. Words are what blanks
    part in segmented text, and else what `segment` would cut. A vocabulary repeats words of the
    training rows: mask personal data first (a term must stand in `min_rows` rows).

    Args:
        method: ``tfidf`` (a vocabulary, each term weighed by its rarity) or ``hashing`` (no
            vocabulary; terms that share a bucket are added up).
        unit: ``words`` or ``characters``.
        ngrams: Shortest and longest run of units; by default (1, 2) words, (1, 3) characters.
        max_features: Size of the vocabulary, or number of buckets.
        min_rows: Rows that a term of the vocabulary must stand in.
        sublinear: 1 + ln(count) in place of the count.
        normalise: Scale every vector to length 1 (before `dimensions`).
        dimensions: Reduce TF-IDF to so many numbers (latent semantic analysis); 0 for all.
        columns: Only these columns; every text feature when empty.
        original: Keep the text, and put the vector into ``<name>.features``; else it replaces it.
        seed: Of the reduction.

    Example:
        >>> frame = pl.DataFrame({"t": ["good book", "bad book", "good"]})
        >>> step = TextFeatures(ngrams=(1, 1), min_rows=1)
        >>> data = Dataset(frame, Schema((Column("t", "text"),)))
        >>> step.fit(data)
        >>> step.state["columns"]["t"]["terms"], step.apply(data).frame["t"][2].to_list()
        (['bad', 'book', 'good'], [0.0, 0.0, 1.0])

    Source: Salton & Buckley 1988, doi:10.1016/0306-4573(88)90021-0 (TF-IDF); Weinberger et al.
        2009, arXiv:0902.2206 (hashing); Deerwester et al. 1990 (latent semantic analysis).
    """

    name: ClassVar[str] = "text_features"
    main: ClassVar[str] = "method"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})

    method: Literal["tfidf", "hashing"] = "tfidf"
    unit: Literal["words", "characters"] = "words"
    ngrams: tuple[int, int] | None = None
    max_features: int = 1000
    min_rows: int = 2
    sublinear: bool = True
    normalise: bool = True
    dimensions: int = 0
    columns: tuple[str, ...] = ()
    original: bool = False
    seed: int = 0

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        self._refuse()
        learnt: dict[str, Json] = {}
        for column in chosen(self.name, dataset.schema, self.columns, self.kinds):
            found = self._learn(dataset.frame.get_column(column.name))
            if found is not None:
                learnt[column.name] = found
            elif self.columns:
                raise DataError(
                    "text.no_vocabulary",
                    operator=self.name,
                    unit=Phrase(f"text.unit_{self.unit}"),
                    column=column.name,
                    rows=self.min_rows,
                )
        state: dict[str, Json] = {"columns": learnt}
        if any(row["raw"] for row in learnt.values()):
            state["pin"] = pin(PACKAGE, segmenter().words)
        return state

    def _refuse(self) -> None:
        low, high = self._lengths()
        checks = (
            ("ngrams", self.ngrams, 1 <= low <= high <= 8, "[low, high], 1 ≤ low ≤ high ≤ 8"),
            ("max_features", self.max_features, 1 <= self.max_features <= 65536, "1 … 65536"),
            ("min_rows", self.min_rows, self.min_rows >= 1, "≥ 1"),
            ("dimensions", self.dimensions, 0 <= self.dimensions <= 1024, "0 … 1024"),
            (
                "dimensions",
                self.dimensions,
                self.method == "tfidf" or not self.dimensions,
                "0 (`method: hashing`)",
            ),
        )
        for option, received, holds, expected in checks:
            if not holds:
                raise SpecError(
                    "text.bad_range",
                    operator=self.name,
                    option=option,
                    received=received,
                    expected=expected,
                )

    def _lengths(self) -> tuple[int, int]:
        return self.ngrams or ((1, 2) if self.unit == "words" else (1, 3))

    def _learn(self, series: pl.Series) -> dict[str, Json] | None:
        """Return the state of one column, or None where it has no vocabulary."""
        raw = self.unit == "words" and not is_segmented(sample(series, SEEN))
        if self.method == "hashing":
            return {"raw": raw, "width": self.max_features}
        terms = self._terms(raw)
        read = sample(series, READ)
        found, counts, total = vocabulary(map(terms, read), self.max_features, self.min_rows)
        if not found:
            return None
        state: dict[str, Json] = {"raw": raw, "terms": found, "idf": rarity(counts, total)}
        state["width"] = len(found)
        if self.dimensions:
            # scikit-learn is needed to fit, and takes half a second that no server should spend.
            from lingqu.govern.text.reduce import main_directions

            rows = list(Vectors(self, state).weights(pl.Series(read, dtype=pl.String)))
            directions = main_directions(rows, len(found), self.dimensions, self.seed)
            state["directions"] = packed(directions)
            state["width"] = directions.shape[1]
        return state

    def _terms(self, raw: bool) -> Terms:
        low, high = self._lengths()
        if self.unit == "characters":
            return lambda text: character_terms(text, low, high)
        cut = segmenter().words if raw else str.split
        return lambda text: word_terms(list(filter(is_word, cut(text.lower()))), low, high)

    def prepare(self, schema: Schema) -> tuple[list[tuple[str, str, Vectors]], Schema]:
        if "pin" in self.state:
            hold(self.name, self.state["pin"], segmenter().words)
        plan = []
        for name, state in self.state["columns"].items():
            if name not in schema:
                continue
            to = name + VECTOR if self.original else name
            plan.append((name, to, Vectors(self, state)))
            column = self._column(schema[name], to, int(state["width"]))
            if self.original:
                schema = Schema((*schema, column))
            else:
                schema = Schema(tuple(column if c.name == name else c for c in schema))
        return plan, schema

    def _column(self, column: Column, to: str, width: int) -> Column:
        words = {
            language: {"method": self.method, "unit": worded(f"text.unit_{self.unit}", language)}
            for language in ("en", "zh")
        }
        return replace(
            Column(to, "vector", column.role, shape=(width,)),
            reason=worded("text.reason_features", "en", column=column.name, **words["en"]),
            reason_zh=worded("text.reason_features", "zh", column=column.name, **words["zh"]),
        )

    def transform(self, dataset: Dataset) -> Dataset:
        plan, schema = self.plan(dataset.schema)
        changed = [
            vectors.series(dataset.frame.get_column(name)).alias(to) for name, to, vectors in plan
        ]
        frame = swap(dataset.frame, changed)
        return Dataset(arrange(frame, schema), schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        columns: dict[str, Json] = {}
        for name, to, _ in self.plan(before.schema)[0]:
            state = self.state["columns"][name]
            values = after.frame.get_column(to).to_numpy()
            columns[name] = {
                "width": state["width"],
                "terms": len(state.get("terms", ())),
                "empty": int((values == 0).all(axis=1).sum()),
            }
        return {"method": self.method, "columns": columns, "changed": len(columns)}


class Vectors:
    """The learnt state of one column, ready to read texts."""

    def __init__(self, step: TextFeatures, state: Mapping[str, Json]) -> None:
        self.width: int = state["width"]
        self._step = step
        self._terms = step._terms(bool(state["raw"]))
        self._places = {term: place for place, term in enumerate(state.get("terms", ()))}
        self._idf = np.array(state["idf"], dtype=np.float64) if "idf" in state else None
        saved = state.get("directions")
        self._directions = None if saved is None else unpacked(saved)

    def series(self, series: pl.Series) -> pl.Series:
        """Return the vectors of a column; a missing text is a vector of zeros."""
        rows, height = self.weights(series), series.len()
        if self._directions is not None:
            values = projected(rows, height, self._directions)
        else:
            values = dense(rows, height, self.width)
        return pl.Series(series.name, values, dtype=pl.Array(pl.Float32, self.width))

    def weights(self, series: pl.Series) -> Iterable[Counts]:
        """Yield the weighed terms of each text."""
        step = self._step
        for counts in self._counts(series):
            yield weighed(counts, self._idf, step.sublinear, step.normalise)

    def _counts(self, series: pl.Series) -> Iterable[Counts]:
        step = self._step
        if step.method == "hashing" and step.unit == "characters":
            low, high = step._lengths()
            yield from hashed_characters(series, self.width, low, high)
            return
        for text in texts(series):
            terms = self._terms(text) if text else []
            if step.method == "hashing":
                yield hashed(terms, self.width)
            else:
                yield looked_up(terms, self._places)
