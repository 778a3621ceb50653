"""Hide direct personal data: whole cells of columns that hold it, spans inside sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Kind, Schema
from lingqu.govern.privacy import ner
from lingqu.govern.privacy.recognise import KINDS, Span, find
from lingqu.govern.privacy.scan import Seen, as_text, look, readable, worth
from lingqu.govern.privacy.treat import KEYED, Strategy, column_kind, steps_of, writer
from lingqu.govern.privacy.ways import WHOLE, Way, treated
from lingqu.govern.step import Step, chosen, swap
from lingqu.store import vault


@dataclass
class Mask(Step):
    """Hide direct personal data in named or recognised columns; travels, so outlets mask alike.

    Why: what a model never reads, it cannot give away. A column of numbers, addresses or names
    is treated cell by cell; in sentences only the spans are. What was treated is read again, and
    the report says how much is left, which must be nothing.

    The key of `hash` and `tokenise` is never in a channel, the data or a release: it is the
    environment variable `key_variable`, else the file ``secrets/<key>.key`` of the workspace,
    which the first run makes. A release holds its fingerprint only: an outlet without the key, or
    with another one, refuses to open. Who deletes the key can reverse no token ever again.

    Args:
        columns: Columns to treat; those in which personal data is recognised when empty.
        strategy: ``mask`` hides the middle (13*******78), ``redact`` writes the kind
            (``[mobile]``), ``hash`` writes a keyed hash that is equal for equal values, also in
            other columns and data sets, ``tokenise`` writes a token that the key reverses,
            ``generalise`` writes something coarser (a birth year and a province for an identity
            number, a city for an address), ``drop`` removes the column.
        treat: Other strategies for some columns or kinds: ``{id_card: generalise, note: redact}``.
        only: Kinds to look for in sentences; every kind when empty.
        ner: A recogniser beside the rules: ``package.module:function`` or ``presidio``.
        key: Name of the key in the workspace.
        key_variable: Environment variable that goes before the key of the workspace.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"note": ["手机13912345678，请回电"]})
        >>> step, data = Mask(), Dataset(frame, Schema((Column("note", "text"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["note"].to_list()
        ['手机13*******78，请回电']

    Source: Keyed hashes: RFC 2104 (HMAC) with SHA-256; tokens: RFC 5297 (AES-SIV); both are
        "pseudonymisation", GDPR art. 4(5). Own: when a column is treated whole.
    """

    name: ClassVar[str] = "mask"
    main: ClassVar[str] = "columns"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text", "category", "number", "datetime"})

    columns: tuple[str, ...] = ()
    strategy: Strategy = "mask"
    treat: dict[str, Strategy] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    ner: str = ""
    key: str = "mask"
    key_variable: str = "LINGQU_MASK_KEY"
    _recogniser: Any = field(default=None, init=False, repr=False, compare=False)

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        self.refuse(dataset.schema)
        roles: Any = ("feature", "protected", "group", "id", "ignored")
        columns = chosen(self.name, dataset.schema, self.columns, self.kinds, roles)
        found: dict[str, Json] = {}
        for column in columns:
            series = dataset.frame.get_column(column.name)
            if column.name not in self.columns and (
                column.kind == "datetime" or not readable(column, series)
            ):
                continue
            seen = look(column, series) if column.kind != "datetime" else Seen()
            if column.name not in self.columns and not worth(seen, series, column.name):
                continue
            found[column.name] = self._plan_of(column, series, seen)
        state: dict[str, Json] = {"columns": found}
        if self._keyed():
            state["key"] = self._key_for_learning().fingerprint
        return state

    def refuse(self, schema: Schema) -> None:
        """Refuse options that cannot be meant, before any row is read.

        Raises:
            SpecError: The target is to be hidden, or a column that is not there.
        """
        target = schema.target
        if target is not None and target.name in (*self.columns, *self.treat):
            raise SpecError("govern.mask_target", column=target.name)
        chosen(self.name, schema, self.columns, self.kinds)
        known = {*KINDS, "personal", *schema.names}
        for name in (*self.treat, *self.only):
            if name not in known:
                raise SpecError(
                    "privacy.bad_treatment",
                    name=name,
                    expected=", ".join(sorted(KINDS)),
                    near=near(name, known),
                )
        if self.ner:
            ner.load(self.ner)

    def _plan_of(self, column: Column, series: pl.Series, seen: Seen) -> dict[str, Json]:
        """Return how a column is treated: by cell or by span, its kind, its strategy."""
        # What a user names is personal even where no rule recognises it.
        spans = column.kind == "text" and seen.whole < WHOLE * max(1, seen.rows)
        if column.name not in self.columns:
            spans = seen.whole < WHOLE * seen.cells
        kind = column_kind(column, seen)
        strategy = self.treat.get(column.name)
        if strategy is None:
            strategy = self.strategy if spans else self.treat.get(kind, self.strategy)
        row: dict[str, Json] = {
            "by": "span" if spans else "cell",
            "kinds": dict(seen.kinds),
            "kind": kind,
            "strategy": strategy,
        }
        if strategy == "generalise" and column.kind in ("number", "datetime"):
            row |= steps_of(column, series)
        return row

    def _keyed(self) -> bool:
        return not KEYED.isdisjoint((self.strategy, *self.treat.values()))

    def _key_for_learning(self) -> vault.MaskKey:
        """Return the key, made if this run may make one."""
        if self.around.keys is not None and not vault.is_told(self.key_variable):
            return vault.make(self.around.keys, self.key)
        return vault.find(self.key, self.key_variable)

    def _key(self) -> vault.MaskKey | None:
        fingerprint = str(self.state.get("key", ""))
        return vault.find(self.key, self.key_variable, fingerprint) if self._keyed() else None

    def prepare(self, schema: Schema) -> tuple[list[Way], Schema]:
        found = self.state.get("columns", {})
        key = self._key()
        ways = [self._way(name, found[name], key) for name in schema.names if name in found]
        columns = []
        for column in schema:
            row = found.get(column.name)
            if row is None:
                columns.append(column)
            elif row["strategy"] != "drop":
                columns.append(treated(column, row))
        return ways, Schema(tuple(columns))

    def _way(self, name: str, row: Mapping[str, Json], key: vault.MaskKey | None) -> Way:
        strategy: Strategy = row["strategy"]
        write = writer(strategy, key, row)
        by_kind = {
            kind: writer(way, key, row)
            for kind, way in self.treat.items()
            if kind in KINDS and name not in self.treat and way != "drop"
        }
        return Way(name, row["by"] == "cell", row["kind"], strategy == "drop", write, by_kind)

    def transform(self, dataset: Dataset) -> Dataset:
        ways, schema = self.plan(dataset.schema)
        frame = dataset.frame
        gone = [way.name for way in ways if way.drop]
        changed = []
        for way in ways:
            if way.drop:
                continue
            before = frame.get_column(way.name)
            after = way.cells(before) if way.whole else self._spans(before, way)
            if after is not before:
                changed.append(after)
        frame = swap(frame.drop(gone) if gone else frame, changed)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def _spans(self, series: pl.Series, way: Way) -> pl.Series:
        """Treat the spans inside cells; the series itself when there are none."""
        text = series if series.dtype == pl.String else as_text(series)
        values = text.to_list()
        more = self._more(values)
        wanted = frozenset(self.only) if self.only else None
        changed = False
        for row, value in enumerate(values):
            if not value:
                continue
            spans = find(value, wanted)
            if more is not None:
                spans = ner.joined(spans, more[row])
            if spans:
                values[row] = way.rewrite(value, spans, wanted)
                changed = True
        return pl.Series(series.name, values, dtype=pl.String) if changed else series

    def _more(self, values: list[str | None]) -> list[list[Span]] | None:
        if not self.ner:
            return None
        recogniser = self._recogniser or ner.load(self.ner)
        self._recogniser = recogniser
        return ner.found_by(recogniser, self.ner, [value or "" for value in values])

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        columns: dict[str, Json] = {}
        for way in self.plan(before.schema)[0]:
            row = self.state["columns"][way.name]
            if way.drop:
                columns[way.name] = {"by": "column", "cells": before.frame.height, "left": 0}
                continue
            old = as_text(before.frame.get_column(way.name))
            new = after.frame.get_column(way.name).cast(pl.String)
            moved = new.filter((old != new).fill_null(False))
            columns[way.name] = {
                "by": row["by"],
                "kinds": row["kinds"],
                "strategy": row["strategy"],
                "cells": moved.len(),
                "left": sum(len(find(cell)) for cell in moved.unique().to_list()),
                "samples": moved.head(5).to_list(),
            }
        features = {column.name for column in before.schema.features}
        return {
            "strategy": self.strategy,
            "columns": columns,
            "left": sum(row["left"] for row in columns.values()),
            "changed": sum(row["cells"] for row in columns.values()),
            "features": [name for name in columns if name in features],
            **({"key": self.state["key"]} if "key" in self.state else {}),
        }
