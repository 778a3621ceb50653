"""What operators share that read a text and write a text, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.govern.step import SAMPLES, Step, arrange, chosen, swap

Writer = Callable[[str], str]
SHOWN = 120
"""Characters of a text that a report shows."""


@dataclass
class Rewrite(Step):
    """The shared half: which columns, null stays null, an equal text is worked out once.

    A subclass gives `writer`, and `learned` where it has something to remember.
    """

    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})
    suffix: ClassVar[str] = ""
    """Ending of the column that holds the result where the original is kept."""
    reason: ClassVar[str] = ""
    """Message key of why that column is there."""

    columns: tuple[str, ...] = ()

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        names = [c.name for c in chosen(self.name, dataset.schema, self.columns, self.kinds)]
        return {"columns": names, **self.learned(dataset, names)}

    def learned(self, dataset: Dataset, names: list[str]) -> Mapping[str, Json]:
        """Return what else the state holds."""
        return {}

    def writer(self, name: str) -> Writer:
        """Return the function text → text for one column; it reads `state`."""
        raise NotImplementedError

    def keeps(self) -> bool:
        """Tell whether the original column stays and the result is a column beside it."""
        return False

    def prepare(self, schema: Schema) -> tuple[list[tuple[str, str, Writer]], Schema]:
        names = [name for name in self.state.get("columns", ()) if name in schema]
        ending = self.suffix if self.keeps() else ""
        plan = [(name, name + ending, self.writer(name)) for name in names]
        if ending:
            added = [
                Column(
                    to, "text", nullable=schema[name].nullable, **because(self.reason, column=name)
                )
                for name, to, _ in plan
            ]
            schema = Schema((*schema, *added))
        return plan, schema

    def transform(self, dataset: Dataset) -> Dataset:
        plan, schema = self.plan(dataset.schema)
        changed = []
        for name, to, write in plan:
            before = dataset.frame.get_column(name)
            after = rewritten(before, write)
            if after is not before or to != name:
                changed.append(after.alias(to))
        frame = swap(dataset.frame, changed)
        if schema is not dataset.schema:
            frame = arrange(frame, schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        values: dict[str, int] = {}
        samples: list[Json] = []
        plan = self.plan(before.schema)[0]
        for name, to, _ in plan:
            old, new = before.frame.get_column(name), after.frame.get_column(to)
            rows = (old.cast(pl.String).ne_missing(new)).arg_true().to_list()
            if rows:
                values[name] = len(rows)
            for row in rows[: max(1, SAMPLES // max(1, len(plan)))]:
                pair = {"before": str(old[row])[:SHOWN], "after": str(new[row])[:SHOWN]}
                samples.append({"row": row, "column": name, **pair})
        return {"values": values, "samples": samples[:SAMPLES], "changed": sum(values.values())}


def rewritten(series: pl.Series, write: Writer) -> pl.Series:
    """Return the series with every text written anew; the series itself when nothing changes."""
    values = texts(series)
    known: dict[str, str] = {}
    fresh: list[str | None] = []
    for value in values:
        if value is None:
            fresh.append(None)
            continue
        new = known.get(value)
        if new is None:
            new = known[value] = write(value)
        fresh.append(new)
    if fresh == values and series.dtype == pl.String:
        return series
    return pl.Series(series.name, fresh, dtype=pl.String)


def texts(series: pl.Series) -> list[str | None]:
    """Return the cells as text."""
    values: list[str | None] = (
        series if series.dtype == pl.String else series.cast(pl.String)
    ).to_list()
    return values


def sample(series: pl.Series, rows: int) -> list[str]:
    """Return at most `rows` present texts, spread evenly over the column."""
    present = series.drop_nulls()
    step = max(1, present.len() // rows)
    return [text for text in texts(present.gather_every(step)) if text is not None]


def joined(words: Iterable[str]) -> str:
    """Return words joined by single blanks; a blank inside a word becomes ``_``.

    Example:
        >>> joined(["hello world", "你好"])
        'hello_world 你好'
    """
    return " ".join("_".join(word.split()) for word in words)
