"""Personal data in the columns of a table: which hold it, how much, and what is left."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from lingqu.core import metrics
from lingqu.core.nouns import Finding, Json
from lingqu.core.schema import Column, Schema, present
from lingqu.govern.privacy.column_kinds import fits, numbered, told
from lingqu.govern.privacy.recognise import STRUCTURED, Span, find, hidden

SCANNED = 20_000
"""Most cells of a column that `scan` reads when nothing else is said, evenly spread."""
STRAY = 0.05
"""Below this share of cells, names and dates in a text, and matches in numbers, are chance."""
_LONG = 13_000_000_000
"""The smallest mobile number; only a column of numbers that reaches it is read."""
_SHOWN = 20
_CHUNK = 4096


def readable(column: Column, series: pl.Series) -> bool:
    """Say whether cells of a column can hold personal data as text or as long numbers."""
    if column.kind in ("image", "audio", "vector", "boxes"):
        return False
    if numbered(column.name, series):
        return True
    if series.dtype.is_numeric():
        most: Any = series.max() if numbers_written(series) else 0
        return bool(_LONG <= most < 2**53)
    return series.dtype == pl.String or series.dtype in (pl.Categorical, pl.Enum)


def numbers_written(series: pl.Series) -> bool:
    """Say whether a column holds whole numbers only, which may be numbers of phones or cards."""
    if not series.dtype.is_float():
        return series.dtype.is_integer() and series.null_count() < len(series)
    held = series.drop_nulls()
    return bool(len(held) and held.is_finite().all() and (held == held.floor()).all())


def as_text(series: pl.Series) -> pl.Series:
    """Return cells as people write them: whole numbers without a point."""
    if series.dtype.is_float() and numbers_written(series):
        return series.cast(pl.Int64, strict=False).cast(pl.String)
    return series.cast(pl.String)


@dataclass
class Seen:
    """What the cells of one column hold.

    Args:
        cells: Cells read.
        rows: Cells with personal data.
        whole: Cells that are nothing but one piece of it.
        structured: Cells with a kind that has a form of its own.
        kinds: Pieces per kind.
        samples: Up to five pieces, most of each hidden.
        places: Numbers of the first rows with personal data, at most 20.
        all: Whether every cell was read.
    """

    cells: int = 0
    rows: int = 0
    whole: int = 0
    structured: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    all: bool = True

    def note(self, spans: list[Span], text: str, row: int, times: int = 1) -> None:
        """Count what one cell holds."""
        self.rows += times
        self.whole += times * (len(spans) == 1 and len(spans[0].value) >= 0.8 * len(text.strip()))
        self.structured += times * any(span.kind in STRUCTURED for span in spans)
        for span in spans:
            self.kinds[span.kind] += times
        if len(self.samples) < 5:
            self.samples.append(hidden(spans[0].value))
        if len(self.places) < _SHOWN:
            self.places.append(row)


def look(
    column: Column, series: pl.Series, limit: int | None = SCANNED, seconds: float | None = None
) -> Seen:
    """Read the cells of one column.

    Args:
        column: Its name may tell what its cells are.
        series: The cells.
        limit: Most cells to read, evenly spread; every cell when None.
        seconds: CPU seconds after which reading stops. Chunks are drawn in an order that spreads
            over the column, so that what was read stands for the rest.
    """
    seen = Seen()
    kind = told(column.name)
    known: dict[str, list[Span]] = {}
    started = time.process_time()
    step = 1 if limit is None else max(1, -(-(len(series) - series.null_count()) // limit))
    seen.all = step == 1
    for rows, texts in _chunks(series, step):
        for row, text in zip(rows, texts, strict=True):
            if text is None:
                continue
            seen.cells += 1
            spans = known.get(text)
            if spans is None:
                spans = find(text)
                if kind and not spans and fits(kind, column.name, text.strip()):
                    spans = [Span(kind, 0, len(text), text)]
                if len(text) <= 64 and len(known) < 65_536:
                    known[text] = spans
            if spans:
                seen.note(spans, text, row)
        if seconds is not None and time.process_time() - started > seconds:
            seen.all = seen.all and seen.cells == len(series) - series.null_count()
            break
    seen.places.sort()
    seen.kinds = Counter(dict(sorted(seen.kinds.items())))
    return seen


def _chunks(series: pl.Series, step: int) -> Iterator[tuple[list[int], list[str | None]]]:
    """Yield row numbers and cells, chunk by chunk in a spread order: first every 8th chunk …"""
    numbered = pl.DataFrame({"row": pl.int_range(len(series), eager=True), "cell": series})
    if step > 1:
        numbered = numbered.drop_nulls("cell").gather_every(step)
    count = -(-numbered.height // _CHUNK)
    for place in sorted(range(count), key=lambda n: (int(f"{n % 8:03b}"[::-1], 2), n)):
        part = numbered.slice(place * _CHUNK, _CHUNK)
        yield part["row"].to_list(), as_text(part["cell"]).to_list()


def worth(seen: Seen, series: pl.Series, name: str) -> bool:
    """Say whether what a column holds is somebody's, so that it should be treated.

    A number of a person in a text is somebody, and so are cells that are nothing but names or
    addresses; a stray match in a column of numbers is chance, and names inside sentences are what
    reviews and news are made of. Dates of birth that are dates are a note: a model may need the
    age, and `generalise` makes them coarse.
    """
    if series.dtype.is_temporal():
        return False
    if not series.dtype.is_numeric() and seen.structured:
        return True
    if series.dtype.is_numeric():
        return seen.rows >= STRAY * max(1, seen.cells)
    return seen.rows > 0 and (told(name) == "name" or seen.whole >= 0.5 * max(1, seen.cells))


def scan(
    frame: pl.DataFrame,
    schema: Schema,
    *,
    limit: int | None = SCANNED,
    seconds: float | None = None,
    masked: bool = False,
) -> list[Finding]:
    """Return one finding per column that holds direct personal data.

    The value is the share of read cells with personal data, with its interval. A stray match in
    a number column, or a stray name in a text, is not reported: at least 5 % of the cells must
    hold one. Names, addresses and dates of birth inside sentences are a note, not a failure.

    Args:
        frame: The rows.
        schema: Their columns.
        limit: Most cells of a column to read, evenly spread; every cell when None.
        seconds: CPU seconds for all columns together, shared evenly.
        masked: Whether `mask` was declared: then what is left is a failure that blocks.

    Example:
        >>> from lingqu.core.schema import Column
        >>> frame = pl.DataFrame({"tel": ["13912345678", "15812345678"]})
        >>> [f.argument for f in scan(frame, Schema((Column("tel", "text"),)))]
        ['tel']

    Source: Own; GDPR art. 4(1) and the Personal Information Protection Law of China, art. 4, say
        what personal data are, and this finds the direct kinds only. Interval: Wilson, 1927.
    """
    columns = present(schema, frame)
    read = [c for c in columns if readable(c, frame.get_column(c.name))]
    share = None if seconds is None else seconds / max(1, len(read))
    findings = []
    for column in read:
        series = frame.get_column(column.name)
        seen = look(column, series, limit, share)
        certain = worth(seen, series, column.name)
        if certain or (seen.rows >= STRAY * max(1, seen.cells) and seen.rows):
            findings.append(_finding(column.name, seen, masked, certain))
    return findings


def _finding(name: str, seen: Seen, masked: bool, certain: bool) -> Finding:
    low, high = metrics.wilson(seen.rows, seen.cells)
    evidence: dict[str, Json] = {
        "kinds": dict(seen.kinds),
        "rows": seen.rows,
        "whole_cells": seen.whole,
        "samples": seen.samples,
        "sample_rows": seen.places,
        "every_cell": seen.all,
    }
    return Finding(
        check="privacy",
        measure="privacy.found",
        value=seen.rows / seen.cells,
        argument=name,
        low=low,
        high=high,
        n=seen.cells,
        verdict="fail" if certain else "note",
        severity="info" if not certain else "block" if masked and seen.structured else "warn",
        evidence=evidence,
        advice="privacy.advice_left" if masked else "govern.advice_privacy",
    )


def left_over(
    frame: pl.DataFrame, schema: Schema, *, masked: bool, seconds: float = 60.0
) -> list[Finding]:
    """Return what direct personal data is left in every row, or one finding of none.

    Args:
        frame: Governed rows; all are read, unless that takes longer than `seconds`.
        schema: Their columns.
        masked: Whether `mask` was declared.
        seconds: CPU seconds to spend; then the cells read so far stand for the rest, and the
            finding says so.
    """
    found = scan(frame, schema, limit=None, seconds=seconds, masked=masked)
    none = Finding("privacy", "privacy.found", 0.0, n=frame.height, verdict="pass")
    return found or [none]
