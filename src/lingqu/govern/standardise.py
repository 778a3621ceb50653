"""One form for text: full-width letters, blanks, numbers and dates written as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.govern.quantities import date_in, number_in, unit_of
from lingqu.govern.spelling import half_width, tidy
from lingqu.govern.step import SAMPLES, SMALL, Remembered, Step, chosen, swap

SHARE = 0.98
"""Least share of a column's values that must read as quantities or dates to convert it."""
LOOKED_AT = 5000
"""Distinct values looked at to decide."""

_TYPES: dict[str, Any] = {"number": pl.Float64, "date": pl.Datetime("us")}


@dataclass
class Standardise(Step):
    """Bring units, dates and text forms of a column to one; travels.

    Why: "1,200 元", "0.12 万元" and "１２００" are one amount, but three categories. A column
    becomes a number only when nearly all its values are quantities of one family (money, mass,
    length …) and most show a unit or grouped digits, so codes such as "007" stay text.

    Args:
        numbers: Convert quantities to numbers, in the commonest unit; percent to a fraction.
        dates: Convert year-first dates to datetimes.
        columns: Only these columns; every category and text feature when empty.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"price": ["1,200 元", "0.5 万元", "80元"]})
        >>> step, data = Standardise(), Dataset(frame, Schema((Column("price", "text"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["price"].to_list()
        [1200.0, 5000.0, 80.0]

    Source: Unicode TR15 (NFKC); the units are those of GB 3100-1993 and everyday Chinese money;
        the rule for converting a column is our own, on the safe side.
    """

    name: ClassVar[str] = "standardise"
    main: ClassVar[str] = ""
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"category", "text"})

    numbers: bool = True
    dates: bool = True
    columns: tuple[str, ...] = ()

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for column in chosen(self.name, dataset.schema, self.columns, self.kinds):
            series = dataset.frame.get_column(column.name)
            if series.dtype == pl.String:
                found[column.name] = self._learn(column, series)
        return {"columns": found}

    def _learn(self, column: Column, series: pl.Series) -> dict[str, Json]:
        values = series.drop_nulls().unique(maintain_order=True).head(LOOKED_AT).to_list()
        form = {"to": "category" if column.kind == "category" else "text", "unit": ""}
        if column.role != "feature" or not values:
            return form
        if self.dates and sum(date_in(value) is not None for value in values) >= SHARE * len(
            values
        ):
            return {"to": "date", "unit": ""}
        unit = unit_of(values, SHARE) if self.numbers else None
        return form if unit is None else {"to": "number", "unit": unit}

    def prepare(self, schema: Schema) -> tuple[list[tuple[str, str, Any]], Schema]:
        plan: list[tuple[str, str, Any]] = []
        columns = {column.name: column for column in schema}
        for name, form in self.state.get("columns", {}).items():
            if name in columns:
                plan.append((name, form["to"], _reader(form)))
                columns[name] = _retyped(columns[name], form)
        return plan, Schema(tuple(columns.values()))

    def transform(self, dataset: Dataset) -> Dataset:
        plan, schema = self.plan(dataset.schema)
        changed = []
        for name, to, read in plan:
            before = dataset.frame.get_column(name)
            after = _read(before, to, read)
            if after is not before:
                changed.append(after)
        return Dataset(swap(dataset.frame, changed), schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        columns: dict[str, Json] = {}
        for name, to, _ in self.plan(before.schema)[0]:
            old, new = before.frame.get_column(name), after.frame.get_column(name)
            if old is new or old.dtype != pl.String:
                continue
            pair = pl.DataFrame({"old": old, "new": new.cast(pl.String)})
            pair = pair.filter(pl.col("old").ne_missing(pl.col("new")))
            unread = pair.filter(pl.col("new").is_null())
            if pair.height:
                columns[name] = {
                    "to": to,
                    "unit": self.state["columns"][name]["unit"],
                    "changed": pair.height,
                    "unread": unread.height,
                    "samples": [{"from": a, "to": b} for a, b in pair.head(5).iter_rows()],
                    "unread_samples": unread.get_column("old").head(SAMPLES).to_list(),
                }
        return {"columns": columns, "changed": sum(row["changed"] for row in columns.values())}


def _reader(form: dict[str, str]) -> Callable[[str], Any]:
    if form["to"] == "number":
        unit = form["unit"]
        return Remembered(lambda text: number_in(text, unit))
    if form["to"] == "text":
        return _text_form
    return Remembered(date_in if form["to"] == "date" else tidy)


def _text_form(text: str) -> str:
    """Return free text with half-width letters and digits; lines and punctuation stay."""
    text = half_width(text)
    if "\n" not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(lines).strip()


def _retyped(column: Column, form: dict[str, str]) -> Column:
    if form["to"] == "number":
        why = because("govern.reason_plain")
        if form["unit"]:
            why = because("govern.reason_quantity", unit=form["unit"])
        return replace(column, kind="number", levels=(), nullable=True, **why)
    if form["to"] == "date":
        why = because("govern.reason_date")
        return replace(column, kind="datetime", levels=(), nullable=True, **why)
    if column.levels:
        return replace(column, levels=tuple(dict.fromkeys(tidy(v) for v in column.levels)))
    return column


def _read(series: pl.Series, to: str, read: Callable[[str], Any]) -> pl.Series:
    """Return the series in its one form; the series itself when nothing changes."""
    wanted = _TYPES.get(to, pl.String)
    if series.dtype == wanted:
        if wanted != pl.String:
            return series
    elif series.dtype != pl.String:
        # A caller may already send numbers and dates as such.
        return series.cast(wanted) if to in _TYPES else series
    if series.len() <= SMALL:
        values = series.to_list()
        after = [None if value is None else read(value) for value in values]
        return series if after == values else pl.Series(series.name, after, dtype=wanted)
    found = {value: read(value) for value in series.unique().drop_nulls().to_list()}
    if wanted != pl.String:
        new = pl.Series(list(found.values()), dtype=wanted)
        return series.replace_strict(list(found), new, default=None, return_dtype=wanted)
    changed = {old: new for old, new in found.items() if old != new}
    if not changed:
        return series
    return series.replace(list(changed), pl.Series(list(changed.values()), dtype=pl.String))
