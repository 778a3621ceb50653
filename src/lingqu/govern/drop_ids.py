"""Set aside feature columns that only number or name the rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Kind
from lingqu.govern.set_aside import SetAside, worded
from lingqu.govern.step import chosen

_NAMED = re.compile(
    r"(?:^|_|\b)(?:id|uuid|guid|key|index|rowid|serial|no)$|(?:编号|序号|流水号|单号|号码|工号|学号)$"
    r"|[a-z](?:ID|Id)$|^(?:id|uuid)_",
    re.UNICODE,
)


@dataclass
class DropIds(SetAside):
    """Give id-like features the role ``ignored``; travels.

    Why: a model can learn a row number by heart and be worthless on the next row. A column is
    id-like when nearly all its values differ and it is either named like an id, counts up in
    steps of one, or is a single word of text. Measured numbers and sentences are never dropped.

    Args:
        share: Least share of distinct values, 0.5 < share ≤ 1.
        columns: Only these columns; every number, category and text feature when empty.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"user_id": list(range(40)), "age": [20, 30] * 20})
        >>> schema = Schema((Column("user_id", "number"), Column("age", "number")))
        >>> step = DropIds()
        >>> step.fit(Dataset(frame, schema))
        >>> [c.name for c in step.apply(Dataset(frame, schema)).schema.features]
        ['age']

    Source: Own: three plain signs that a person would use too; each is named in the report, so
        that a wrong guess is seen and undone with `columns`.
    """

    name: ClassVar[str] = "drop_ids"
    main: ClassVar[str] = "share"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"number", "category", "text"})

    share: float = 0.95
    columns: tuple[str, ...] = ()

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        found: dict[str, tuple[str, dict[str, Json]]] = {}
        for column in chosen(self.name, dataset.schema, self.columns, self.kinds):
            series = dataset.frame.get_column(column.name).drop_nulls()
            if series.len() < 20:
                continue
            why = self._why(series)
            if why:
                counts = {"distinct": series.n_unique(), "rows": series.len()}
                found[column.name] = (why, counts)
        return worded(found)

    def _why(self, series: pl.Series) -> str:
        """Return the message key of why a column is id-like, or ``""``."""
        distinct = series.n_unique()
        if distinct < self.share * series.len():
            return ""
        if series.dtype.is_integer():
            if _NAMED.search(series.name):
                return "govern.aside_named"
            steps = series.sort().diff().drop_nulls()
            if steps.min() == 1 and steps.max() == 1:
                return "govern.aside_counting"
        if series.dtype == pl.String:
            lengths = series.str.len_chars()
            longest: int = lengths.max()  # type: ignore[assignment]
            if series.str.contains(r"\s").any() or longest > 64:
                return ""
            if _NAMED.search(series.name) or _coded(series):
                return "govern.aside_words"
        return ""


def _coded(series: pl.Series) -> bool:
    """Say whether the words look like codes: nearly all ASCII with a digit in them."""
    return bool(series.str.contains(r"^[0-9A-Za-z_.:/-]*[0-9][0-9A-Za-z_.:/-]*$").mean() > 0.95)  # type: ignore[operator]
