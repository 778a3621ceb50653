"""Exact copies among rows that do not fit in memory, found on 16 bytes a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.catalog import near
from lingqu.core.errors import SpecError
from lingqu.core.i18n import text
from lingqu.core.nouns import Json
from lingqu.data.lazy import LazyTable
from lingqu.govern.dedupe import CHANCE
from lingqu.release.column_profile.sample import RowSample

SAMPLE = 20_000
"""Rows from which the share of equal pairs by chance is worked out."""
_SEEDS = (0x1F83D9AB, 0x5BE0CD19)
_ROLES = ("feature", "target", "protected", "time", "group")
_SHOWN = 20

Rows = NDArray[np.int64]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Marked:
    """Rows of a large table that should be left out, and why.

    Args:
        rows: Their numbers from 0, in order.
        reason: A short text; it starts with the operator's name.
        reason_zh: The same in Chinese.
        evidence: What the marks rest on: name → one number for each row.
    """

    rows: Rows
    reason: str
    reason_zh: str = ""
    evidence: Mapping[str, Rows] = field(default_factory=dict)

    def to_frame(self) -> pl.DataFrame:
        """Return one line for each row, as the list of removed rows holds it."""
        rows = pl.DataFrame({"row": self.rows})
        proof = pl.DataFrame({name: values for name, values in self.evidence.items()})
        shown = proof.select(pl.struct(pl.all()).struct.json_encode()) if proof.width else None
        return rows.with_columns(
            pl.lit(self.reason).alias("reason"),
            pl.lit(self.reason_zh).alias("reason_zh"),
            (shown.to_series() if shown is not None else pl.lit("")).alias("evidence"),
        )


@dataclass(frozen=True)
class Copies:
    """What a look for copies found.

    Args:
        marks: The later copies; none where chance explains them and they are only reported.
        report: Columns, copies, groups, share explained by chance, first groups.
    """

    marks: tuple[Marked, ...]
    report: Mapping[str, Json]


def find_copies(table: LazyTable, subset: Sequence[str] = (), coarse: str = "report") -> Copies:
    """Find rows that equal an earlier one.

    Each row is known by two independent 64-bit hashes; two different rows of 20 million share
    both with a chance of about 10⁻²⁴. As in the operator `dedupe`, copies that chance explains
    (a table of a few coarse columns) are only reported.

    Args:
        table: The rows; all of them proved.
        subset: Columns that decide; features, target, protected, time and group when empty.
        coarse: ``report`` or ``drop`` copies that chance explains.

    Raises:
        SpecError: A column of `subset` is not in the table.

    Source: Own; chance as in `govern/dedupe.py`, with the columns' shares of equal pairs
    (Simpson 1949, doi:10.1038/163688a0) taken from a sample of rows.
    """
    names = _columns(table, subset)
    sample = RowSample(SAMPLE)
    first, second = _hashes(table, names, sample)
    copies, originals, pairs = _later(first, second)
    share = _by_chance(sample.rows, len(first)) / pairs if pairs else 0.0
    kept = coarse == "report" and share >= CHANCE
    groups = np.unique(originals)
    report = {
        "columns": names,
        "rows": len(first),
        "copies": len(copies),
        "groups": len(groups),
        "by_chance": round(min(share, 1.0), 4),
        "only_reported": kept and bool(len(copies)),
        "samples": [
            [int(row), *copies[originals == row][: _SHOWN - 1].tolist()] for row in groups[:_SHOWN]
        ],
    }
    if kept or not len(copies):
        return Copies((), report)
    reason, reason_zh = text("large.copy", "en"), text("large.copy", "zh")
    return Copies((Marked(copies, reason, reason_zh, {"copy_of": originals}),), report)


def _columns(table: LazyTable, subset: Sequence[str]) -> list[str]:
    for name in subset:
        if name not in table.schema:
            raise SpecError(
                "govern.unknown_column",
                operator="dedupe",
                column=name,
                near=near(name, table.schema.names),
            )
    return list(subset) or [c.name for c in table.schema if c.role in _ROLES]


def _hashes(table: LazyTable, names: list[str], sample: RowSample) -> tuple[Hashes, Hashes]:
    rows = table.rows or 0
    hashes = np.empty(rows, np.uint64), np.empty(rows, np.uint64)
    start = 0
    for batch in table.batches(names):
        for place, seed in zip(hashes, _SEEDS, strict=True):
            place[start : start + batch.height] = batch.hash_rows(seed).to_numpy()
        sample.add(batch)
        start += batch.height
    return hashes


def _later(first: Hashes, second: Hashes) -> tuple[Rows, Rows, int]:
    """Return the later copies in order, the row each copies, and the number of equal pairs."""
    ordered = np.sort(first)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    if not len(twice):
        return np.empty(0, np.int64), np.empty(0, np.int64), 0
    places = pl.Series(first).is_in(pl.Series(twice).implode()).arg_true().to_numpy()
    places = places.astype(np.int64)
    order = np.lexsort((places, second[places], first[places]))
    places = places[order]
    a, b = first[places], second[places]
    starts = np.r_[True, (a[1:] != a[:-1]) | (b[1:] != b[:-1])]
    group = np.cumsum(starts) - 1
    originals = places[starts][group]
    sizes: Any = np.bincount(group)
    later = ~starts
    found = np.argsort(places[later], kind="stable")
    pairs = int((sizes * (sizes - 1) // 2).sum())
    return places[later][found], originals[later][found], pairs


def _by_chance(sample: pl.DataFrame, rows: int) -> float:
    """Return how many equal pairs chance gives among all rows, from the columns' own shares."""
    distinct = sample.unique()
    every = distinct.height * (distinct.height - 1) / 2
    if not every:
        return 0.0
    shares = []
    for series in distinct.get_columns():
        counts = series.value_counts(name="lingqu.n")["lingqu.n"].cast(pl.Float64)
        shares.append(float((counts * (counts - 1) / 2).sum()) / every)
    return float(prod(shares)) * rows * (rows - 1) / 2
