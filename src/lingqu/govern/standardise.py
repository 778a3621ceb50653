"""One form for text: full-width letters, blanks, numbers, dates and yes/no written as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import polars as pl

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.govern.dates import date_in, order_of
from lingqu.govern.punctuation import Form, punctuated
from lingqu.govern.quantities import CURRENCIES, amount_in, number_in, reading_of
from lingqu.govern.spelling import half_width, tidy, without_unseen
from lingqu.govern.step import SAMPLES, SMALL, Remembered, Step, arrange, chosen, swap
from lingqu.govern.yes_no import mixed_yes_no, yes_in

SHARE = 0.98
"""Least share of a column's values that must read as quantities or dates to convert it."""
LOOKED_AT = 5000
"""Distinct values looked at to decide."""
UNIT = ".unit"
"""Ending of the column that ``mixed: split`` adds."""

_TYPES: dict[str, Any] = {
    "number": pl.Float64,
    "amount": pl.Float64,
    "date": pl.Datetime("us"),
    "boolean": pl.Boolean,
}
_KINDS: dict[str, Kind] = {
    "number": "number",
    "amount": "number",
    "date": "datetime",
    "boolean": "boolean",
}


@dataclass
class Standardise(Step):
    """Bring units, dates, yes/no and text forms of a column to one; travels.

    Why: "1,200 元", "0.12 万元", "一千二百元" and "１２００" are one amount, but four categories. A
    column becomes a number only when nearly all its values are quantities of one family (mass,
    length, one currency …) and most show a unit or grouped digits, so codes such as "007" stay
    text. Currencies are told apart and never converted. What cannot be decided, such as 5/3/2024
    in a column without any 25/3/2024, is left as it is and reported.

    Args:
        numbers: Convert quantities to numbers, in the commonest unit; percent to a fraction.
        dates: Convert dates to datetimes, whatever forms a column mixes.
        booleans: Convert columns that mix words for yes and no (yes, Y, 是) to Booleans.
        day_first: How ``5/3/2024`` is meant, where the column itself does not show it.
        mixed: Of columns with several currencies or kinds of units: ``leave`` and report, or
            ``split`` into the number and a category column ``<name>.unit``.
        punctuation: Of text: ``keep``, ``chinese`` or ``ascii``.
        columns: Only these columns; every category and text feature when empty.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"price": ["1,200 元", "0.5 万元", "八十元"]})
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
    booleans: bool = True
    day_first: bool | None = None
    mixed: Literal["leave", "split"] = "leave"
    punctuation: Form = "keep"
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
        if self.dates:
            dated = self._as_date(values, form)
            if dated is not None:
                return dated
        if self.booleans and mixed_yes_no(values, SHARE):
            return {"to": "boolean", "unit": ""}
        reading = reading_of(values, SHARE) if self.numbers else None
        if reading is None:
            return form
        if not reading.families:
            return {"to": "number", "unit": reading.unit, "decimal": reading.decimal}
        if self.mixed == "split":
            families = sorted(reading.families)
            return {"to": "amount", "unit": "", "decimal": reading.decimal, "families": families}
        return {**form, "mixed": reading.families}

    def _as_date(self, values: list[str], form: dict[str, Json]) -> dict[str, Json] | None:
        """Return the form of a column of dates, or None where it is none."""
        order = order_of(values)
        asked = self.day_first if self.day_first is not None else order.settled
        trial = True if asked is None else asked
        read = sum(date_in(value, trial) is not None for value in values)
        if asked is not None or not (order.open or order.day_first or order.month_first):
            if read < SHARE * len(values):
                return None
            return {"to": "date", "unit": "", "day_first": asked}
        said = order.open + order.day_first + order.month_first
        fixed = sum(date_in(value) is not None for value in values)
        if fixed + said < SHARE * len(values):
            return None
        told = {"open": order.open, "day_first": order.day_first, "month_first": order.month_first}
        return {**form, "ambiguous": {**told, "samples": list(order.samples)}}

    def prepare(self, schema: Schema) -> tuple[list[tuple[str, str, Any]], Schema]:
        plan: list[tuple[str, str, Any]] = []
        columns = {column.name: column for column in schema}
        added: list[Column] = []
        for name, form in self.state.get("columns", {}).items():
            if name in columns:
                plan.append((name, form["to"], _reader(form, self.punctuation)))
                columns[name] = _retyped(columns[name], form)
                if form["to"] == "amount":
                    levels = tuple(form["families"])
                    why = because("standardise.reason_unit", column=name)
                    added.append(
                        Column(name + UNIT, "category", nullable=True, levels=levels, **why)
                    )
        return plan, Schema((*columns.values(), *added))

    def transform(self, dataset: Dataset) -> Dataset:
        plan, schema = self.plan(dataset.schema)
        changed: list[pl.Series] = []
        for name, to, read in plan:
            before = dataset.frame.get_column(name)
            if to == "amount":
                changed += _split(before, read)
                continue
            after = _read(before, to, read)
            if after is not before:
                changed.append(after)
        frame = swap(dataset.frame, changed)
        if len(schema.names) > len(dataset.schema.names):
            frame = arrange(frame, schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        columns: dict[str, Json] = {}
        doubts: dict[str, Json] = {}
        for name, to, _ in self.plan(before.schema)[0]:
            form = self.state["columns"][name]
            doubt = {key: form[key] for key in ("mixed", "ambiguous") if key in form}
            if doubt:
                doubts[name] = doubt
            old, new = before.frame.get_column(name), after.frame.get_column(name)
            if old is new or old.dtype != pl.String:
                continue
            told = _difference(old, new)
            if told["changed"]:
                columns[name] = {"to": to, "unit": form["unit"], **told}
        total = sum(row["changed"] for row in columns.values())
        return {"columns": columns, "undecided": doubts, "changed": total}


def _difference(old: pl.Series, new: pl.Series) -> dict[str, Json]:
    pair = pl.DataFrame({"old": old, "new": new.cast(pl.String)})
    pair = pair.filter(pl.col("old").ne_missing(pl.col("new")))
    unread = pair.filter(pl.col("new").is_null())
    return {
        "changed": pair.height,
        "unread": unread.height,
        "samples": [{"from": a, "to": b} for a, b in pair.head(5).iter_rows()],
        "unread_samples": unread.get_column("old").head(SAMPLES).to_list(),
    }


def _reader(form: dict[str, Any], punctuation: Form) -> Callable[[str], Any]:
    decimal = form.get("decimal", ".")
    if form["to"] == "number":
        unit = form["unit"]
        return Remembered(lambda text: number_in(text, unit, decimal))
    if form["to"] == "amount":
        return Remembered(lambda text: amount_in(text, decimal))
    if form["to"] == "date":
        first = form.get("day_first")
        return Remembered(lambda text: date_in(text, first))
    if form["to"] == "boolean":
        return Remembered(yes_in)
    if form["to"] == "text":
        return lambda text: punctuated(_text_form(text), punctuation)
    return Remembered(lambda text: punctuated(tidy(text), punctuation))


def _text_form(text: str) -> str:
    """Return free text with half-width letters and digits; lines and punctuation stay."""
    text = half_width("\n".join(map(without_unseen, text.split("\n"))))
    if "\n" not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(lines).strip()


def _retyped(column: Column, form: dict[str, Any]) -> Column:
    to = form["to"]
    if to not in _KINDS:
        if column.levels:
            return replace(column, levels=tuple(dict.fromkeys(tidy(v) for v in column.levels)))
        return column
    why = because("govern.reason_plain")
    if to == "number" and form["unit"]:
        why = because("govern.reason_quantity", unit=form["unit"])
    elif to == "amount":
        currency = all(family in CURRENCIES for family in form["families"])
        why = because("standardise.reason_money" if currency else "standardise.reason_units")
    elif to == "date":
        why = because("govern.reason_date")
    elif to == "boolean":
        why = because("standardise.reason_yes_no")
    return replace(column, kind=_KINDS[to], levels=(), nullable=True, **why)


def _split(series: pl.Series, read: Callable[[str], Any]) -> list[pl.Series]:
    """Return amounts and the units they are in."""
    name = series.name
    if series.dtype != pl.String:  # a caller may send the bare number
        none = pl.Series(name + UNIT, [None] * series.len(), dtype=pl.String)
        return [series.cast(pl.Float64), none]
    pairs = [None if value is None else read(value) for value in series.to_list()]
    amounts = [None if pair is None else pair[0] for pair in pairs]
    units = [None if pair is None else pair[1] or None for pair in pairs]
    return [
        pl.Series(name, amounts, dtype=pl.Float64),
        pl.Series(name + UNIT, units, dtype=pl.String),
    ]


def _read(series: pl.Series, to: str, read: Callable[[str], Any]) -> pl.Series:
    """Return the series in its one form; the series itself when nothing changes."""
    wanted = _TYPES.get(to, pl.String)
    if series.dtype == wanted:
        if wanted != pl.String:
            return series
    elif series.dtype != pl.String:
        # A caller may already send numbers, dates and Booleans as such.
        return series.cast(wanted) if to in _TYPES else series
    if series.len() <= SMALL:
        values = series.to_list()
        after = [None if value is None else read(value) for value in values]
        same = series.dtype == wanted and after == values
        return series if same else pl.Series(series.name, after, dtype=wanted)
    found = {value: read(value) for value in series.unique().drop_nulls().to_list()}
    if wanted != pl.String:
        new = pl.Series(list(found.values()), dtype=wanted)
        return series.replace_strict(list(found), new, default=None, return_dtype=wanted)
    changed = {old: new for old, new in found.items() if old != new}
    if not changed:
        return series
    return series.replace(list(changed), pl.Series(list(changed.values()), dtype=pl.String))
