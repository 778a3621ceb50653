"""Repair text that was read in the wrong encoding, and only where that is certain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Role, Schema
from lingqu.govern.mojibake import lost, repaired
from lingqu.govern.step import SAMPLES, SMALL, Remembered, Step, chosen, swap

_ROLES: tuple[Role, ...] = ("feature", "target", "protected", "group")


@dataclass
class RepairEncoding(Step):
    """Undo UTF-8 that was read as Latin-1 or GBK, and GBK that was read as Latin-1; travels.

    Why: "ZÃ¼rich" is no town, but an encoder takes it for one, and a table joined from two exports
    holds both it and "Zürich". A value is changed only when all its bytes are valid
    in the other encoding and ordinary text comes out; where bytes were lost it is reported.

    Args:
        columns: Only these columns; every category and text column when empty.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"city": ["Zürich", "ZÃ¼rich", "ÖÐ¹ú", "中国"]})
        >>> step, data = RepairEncoding(), Dataset(frame, Schema((Column("city", "category"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["city"].to_list()
        ['Zürich', 'Zürich', '中国', '中国']

    Source: Own rules on the safe side; see `lingqu.govern.mojibake`.
    """

    name: ClassVar[str] = "repair_encoding"
    main: ClassVar[str] = "columns"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"category", "text"})

    columns: tuple[str, ...] = ()

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        found = chosen(self.name, dataset.schema, self.columns, self.kinds, _ROLES)
        return {"columns": [column.name for column in found]}

    def prepare(self, schema: Schema) -> tuple[list[str], Remembered, Schema]:
        names = [name for name in self.state.get("columns", ()) if name in schema]
        read = Remembered(_read)
        held = set(names)

        def levels(column: Column) -> Column:
            if column.name not in held or not column.levels:
                return column
            return replace(column, levels=tuple(dict.fromkeys(read(v) for v in column.levels)))

        return names, read, Schema(tuple(levels(column) for column in schema))

    def transform(self, dataset: Dataset) -> Dataset:
        names, read, schema = self.plan(dataset.schema)
        changed = []
        for name in names:
            before = dataset.frame.get_column(name)
            after = _repaired(before, read)
            if after is not before:
                changed.append(after)
        return Dataset(swap(dataset.frame, changed), schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        columns: dict[str, Json] = {}
        for name in self.plan(before.schema)[0]:
            old, new = _text(before.frame.get_column(name)), _text(after.frame.get_column(name))
            gone = [row for row, text in enumerate(old.to_list()) if text and lost(text)]
            rows = old.ne_missing(new).arg_true().to_list()
            if not rows and not gone:
                continue
            pairs = [(row, old[row], new[row]) for row in rows]
            hows = [(repaired(was) or (was, "?"))[1] for _, was, _ in pairs]
            columns[name] = {
                "changed": len(rows),
                "how": {how: hows.count(how) for how in sorted(set(hows))},
                "samples": [
                    {"row": row, "from": was[:200], "to": now[:200], "how": how}
                    for (row, was, now), how in zip(pairs[:5], hows, strict=False)
                ],
                "lost": len(gone),
                "lost_rows": gone[:SAMPLES],
            }
        return {"columns": columns, "changed": sum(row["changed"] for row in columns.values())}


def _read(text: str) -> str:
    found = repaired(text)
    return text if found is None else found[0]


def _text(series: pl.Series) -> pl.Series:
    return series if series.dtype == pl.String else series.cast(pl.String)


def _repaired(series: pl.Series, read: Any) -> pl.Series:
    """Return the repaired series; the series itself when nothing changes."""
    if series.dtype not in (pl.String, pl.Categorical, pl.Enum):
        return series
    text = _text(series)
    if text.len() <= SMALL:
        values = text.to_list()
        after = [None if value is None else read(value) for value in values]
        return series if after == values else pl.Series(series.name, after, dtype=pl.String)
    doubtful = text.filter(text.str.len_bytes() != text.str.len_chars()).unique().drop_nulls()
    found = {value: read(value) for value in doubtful.to_list()}
    changed = {old: new for old, new in found.items() if old != new}
    if not changed:
        return series
    return text.replace(list(changed), pl.Series(list(changed.values()), dtype=pl.String))
