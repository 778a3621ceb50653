"""Sentences of a text column: how many, and only the first or the last of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Schema, because
from lingqu.govern.step import arrange, swap
from lingqu.govern.text.rewrite import Rewrite, Writer, rewritten, texts
from lingqu.govern.text.sentences import sentences

COUNT = ".sentences"
"""Ending of the column with the number of sentences."""


@dataclass
class SplitSentences(Rewrite):
    """Count sentences, and keep the first and last ones; at training and prediction alike.

    Why: rows stay rows, so a text is not torn into many. Its number of sentences is a feature,
    and long texts often say what they are in their first and last sentences.

    Args:
        columns: Only these columns; every text feature when empty.
        first: Sentences to keep from the beginning; 0 for none, when `last` is given.
        last: Sentences to keep from the end. With neither, all stay.
        lines: Write one sentence a line; else sentences that stay are joined by a blank.
        count: Add the number of sentences of the whole text as ``<name>.sentences``.

    Example:
        >>> frame = pl.DataFrame({"t": ["好。真好！再来？"]})
        >>> data = Dataset(frame, Schema((Column("t", "text"),)))
        >>> step = SplitSentences(first=1, last=1)
        >>> step.fit(data)
        >>> step.apply(data).frame.rows()
        [('好。 再来？', 3.0)]

    Source: Own rules, see `sentences`; the first sentences as a summary: Edmundson, "New Methods
        in Automatic Extracting", 1969, doi:10.1145/321510.321519.
    """

    name: ClassVar[str] = "split_sentences"
    main: ClassVar[str] = "first"

    first: int = 0
    last: int = 0
    lines: bool = False
    count: bool = True

    def learned(self, dataset: Dataset, names: list[str]) -> dict[str, Json]:
        for option in ("first", "last"):
            value = getattr(self, option)
            if value < 0:
                raise SpecError(
                    "text.bad_range",
                    operator=self.name,
                    option=option,
                    received=value,
                    expected="≥ 0",
                )
        return {}

    def writer(self, name: str) -> Writer:
        between = "\n" if self.lines else " "

        def write(text: str) -> str:
            found = sentences(text)
            if (self.first or self.last) and self.first + self.last < len(found):
                found = found[: self.first] + found[len(found) - self.last :]
            elif not self.lines:
                return text
            return between.join(found)

        return write

    def prepare(self, schema: Schema) -> tuple[list[tuple[str, str, Writer]], Schema]:
        plan, schema = super().prepare(schema)
        if not self.count:
            return plan, schema
        added = (
            Column(
                name + COUNT,
                "number",
                low=0,
                nullable=schema[name].nullable,
                **because("text.reason_sentences", column=name),
            )
            for name, _, _ in plan
        )
        return plan, Schema((*schema, *added))

    def transform(self, dataset: Dataset) -> Dataset:
        plan, schema = self.plan(dataset.schema)
        changed = []
        for name, _, write in plan:
            before = dataset.frame.get_column(name)
            if self.count:
                counts = [None if text is None else len(sentences(text)) for text in texts(before)]
                changed.append(pl.Series(name + COUNT, counts, dtype=pl.Float64))
            if self.first or self.last or self.lines:
                changed.append(rewritten(before, write))
        frame = arrange(swap(dataset.frame, changed), schema)
        return replace(dataset, frame=frame, schema=schema, digest="")
