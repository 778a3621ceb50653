"""Mask direct personal data: whole cells of columns that hold it, spans inside sentences."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import polars as pl

from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Kind, Schema, because
from lingqu.govern.privacy.recognise import (
    Seen,
    Span,
    as_text,
    candidates,
    find,
    hidden,
    look,
    readable,
)
from lingqu.govern.step import SMALL, Step, chosen, swap

WHOLE = 0.8
"""From this share of cells that are nothing but one value, the column is masked cell by cell."""
PASSES = 3
"""Most times a text is masked and read again."""
KEY_LENGTH = 16
"""Least length of the secret behind ``strategy: hash``."""


@dataclass
class Mask(Step):
    """Hide direct personal data in named or recognised columns; travels, so outlets mask alike.

    Why: what a model never reads, it cannot give away. A column of numbers, addresses or names
    is masked cell by cell; in sentences only the spans are. What was masked is read again, and
    the report says how much is left, which must be nothing.

    Args:
        columns: Columns to mask; those in which personal data is recognised when empty.
        strategy: ``mask`` hides the middle (13*******78), ``redact`` writes the kind
            (``[mobile]``), ``hash`` writes a keyed token that is equal for equal values, ``drop``
            removes the column.
        key_variable: Environment variable with the secret of ``hash``. The secret itself is
            never stored in a channel or a release.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"note": ["手机13912345678，请回电"]})
        >>> step, data = Mask(), Dataset(frame, Schema((Column("note", "text"),)))
        >>> step.fit(data)
        >>> step.apply(data).frame["note"].to_list()
        ['手机13*******78，请回电']

    Source: Keyed tokens: RFC 2104 (HMAC) over RFC 7693 (BLAKE2), in the sense of "pseudonymi-
        sation", GDPR art. 4(5). Own: when a column is masked whole.
    """

    name: ClassVar[str] = "mask"
    main: ClassVar[str] = "columns"
    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text", "category", "number"})

    columns: tuple[str, ...] = ()
    strategy: Literal["mask", "redact", "hash", "drop"] = "mask"
    key_variable: str = "LINGQU_MASK_KEY"

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        if self.strategy == "hash":
            self._key()
        target = dataset.schema.target
        if target is not None and target.name in self.columns:
            raise SpecError("govern.mask_target", column=target.name)
        found: dict[str, Json] = {}
        roles: Any = ("feature", "protected", "group", "id", "ignored")
        for column in chosen(self.name, dataset.schema, self.columns, self.kinds, roles):
            series = dataset.frame.get_column(column.name)
            if not self.columns and not readable(column, series):
                continue
            seen = look(column, series)
            if not self.columns and not _worth(seen, series):
                continue
            # What a user names is personal even where no rule recognises it.
            spans = column.kind == "text" and seen.whole < WHOLE * max(1, seen.rows)
            if not self.columns:
                spans = seen.whole < WHOLE * seen.cells
            found[column.name] = {"by": "span" if spans else "cell", "kinds": seen.kinds}
        return {"columns": found}

    def _key(self) -> bytes:
        secret = os.environ.get(self.key_variable, "")
        if len(secret) < KEY_LENGTH:
            received = f"{len(secret)} characters" if secret else "nothing"
            raise DataError("govern.no_mask_key", variable=self.key_variable, received=received)
        return secret.encode()

    def prepare(self, schema: Schema) -> tuple[list[tuple[str, bool]], Callable[..., str], Schema]:
        found = self.state.get("columns", {})
        plan = [(name, found[name]["by"] == "cell") for name in schema.names if name in found]
        if self.strategy == "drop":
            return plan, _redacted, schema.without(found)
        columns = []
        for column in schema:
            if column.name in found:
                column = replace(column, levels=(), low=None, high=None)
                if column.kind == "number":
                    column = replace(column, kind="text")
                if found[column.name]["by"] == "cell" and self.strategy != "hash":
                    # A hidden value has nothing left to learn from, except by accident.
                    role = "ignored" if column.role == "feature" else column.role
                    column = replace(column, role=role, **because("govern.reason_mask"))
            columns.append(column)
        return plan, self._writer(), Schema(tuple(columns))

    def _writer(self) -> Callable[..., str]:
        """Return the function ``(kind, value) → text`` of the strategy."""
        if self.strategy == "hash":
            key = self._key()
            return lambda kind, value: _token(key, value)
        return _redacted if self.strategy == "redact" else _hidden

    def transform(self, dataset: Dataset) -> Dataset:
        plan, write, schema = self.plan(dataset.schema)
        frame = dataset.frame
        if self.strategy == "drop":
            frame = frame.drop([name for name, _ in plan])
            return Dataset(frame, schema, dataset.name, "", dataset.facts)
        changed = []
        for name, whole in plan:
            before = frame.get_column(name)
            masked = _cells(before, write) if whole else _spans(before, write)
            if masked is not before:
                changed.append(masked)
        return Dataset(swap(frame, changed), schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        columns: dict[str, Json] = {}
        for name, whole in self.plan(before.schema)[0]:
            if name not in after.frame.columns:
                columns[name] = {"by": "column", "cells": before.frame.height, "left": 0}
                continue
            old = as_text(before.frame.get_column(name))
            new = after.frame.get_column(name).cast(pl.String)
            moved = new.filter((old != new).fill_null(False))
            left = sum(len(find(cell)) for cell in moved.unique().to_list())
            columns[name] = {
                "by": "cell" if whole else "span",
                "kinds": self.state["columns"][name]["kinds"],
                "cells": moved.len(),
                "left": left,
                "samples": moved.head(5).to_list(),
            }
        return {
            "strategy": self.strategy,
            "columns": columns,
            "left": sum(row["left"] for row in columns.values()),
            "changed": sum(row["cells"] for row in columns.values()),
        }


def _worth(seen: Seen, series: pl.Series) -> bool:
    """A stray match in a column of numbers is chance; one in a text is somebody."""
    if series.dtype.is_numeric():
        return seen.rows >= 0.05 * max(1, seen.cells)
    return seen.rows > 0


def _hidden(kind: str, value: str) -> str:
    """Hide the middle of numbers, and nearly all of what can be guessed from its ends."""
    masked = hidden(value)
    if kind in ("secret", "email", "ipv4", "ipv6") or len(value) < 7:
        masked = value[:1] + "*" * max(2, len(value) - 1)
    return masked


def _redacted(kind: str, value: str) -> str:
    return f"[{kind}]"


def _token(key: bytes, value: str) -> str:
    """Return a token of sixteen letters: no digits, so that no rule can read it as a number."""
    digest = hmac.new(key, value.strip().encode(), lambda: hashlib.blake2b(digest_size=8)).digest()
    return "#" + "".join(chr(97 + nibble) for byte in digest for nibble in (byte >> 4, byte & 15))


def _cells(series: pl.Series, write: Callable[..., str]) -> pl.Series:
    """Mask whole cells."""
    values = as_text(series).to_list()
    known: dict[str, str] = {}
    for value in values:
        if value is not None and value not in known:
            known[value] = write("personal", value)
    masked = [None if value is None else known[value] for value in values]
    return pl.Series(series.name, masked, dtype=pl.String)


def _spans(series: pl.Series, write: Callable[..., str]) -> pl.Series:
    """Mask the spans inside cells; the series itself when there are none."""
    text = series if series.dtype == pl.String else as_text(series)
    values = text.to_list()
    rows = range(len(values)) if len(values) <= SMALL else candidates(text).arg_true().to_list()
    found = False
    for row in rows:
        value = values[row]
        spans = find(value) if value else []
        if spans:
            found = True
            values[row] = _rewritten(value, spans, write)
    return pl.Series(series.name, values, dtype=pl.String) if found else series


def _rewritten(text: str, spans: list[Span], write: Callable[..., str]) -> str:
    """Rewrite the spans, then read again: a mask may lay bare a neighbour that was overlapped."""
    for _ in range(PASSES):
        parts: list[str] = []
        place = 0
        for span in spans:
            parts += [text[place : span.start], write(span.kind, span.value)]
            place = span.end
        text = "".join([*parts, text[place:]])
        spans = find(text)
        if not spans:
            break
    return text
