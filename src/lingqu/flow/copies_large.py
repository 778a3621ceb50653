"""Exact copies among rows that do not fit in memory, found on 16 bytes a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.catalog import near
from lingqu.core.errors import SpecError
from lingqu.core.i18n import text
from lingqu.core.nouns import Json
from lingqu.data.lazy import LazyTable
from lingqu.govern.chance import CELLS, CHANCE, DRAWN, by_neighbours, independently
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
    are only reported.

    Args:
        table: The rows; all of them proved.
        subset: Columns that decide; features, target, protected, time and group when empty.
        coarse: ``report`` or ``drop`` copies that chance explains.

    Raises:
        SpecError: A column of `subset` is not in the table.

    Source: Own; chance as in `govern/chance.py`, from a sample of rows.
    """
    names = _columns(table, subset)
    sample = RowSample(SAMPLE)
    first, second = _hashes(table, names, sample)
    copies, originals = _later(first, second)
    share = _by_chance(sample.rows, first, originals) if len(copies) else 0.0
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


def _later(first: Hashes, second: Hashes) -> tuple[Rows, Rows]:
    """Return the later copies in order, and the row each copies."""
    ordered = np.sort(first)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    if not len(twice):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    places = pl.Series(first).is_in(pl.Series(twice).implode()).arg_true().to_numpy()
    places = places.astype(np.int64)
    order = np.lexsort((places, second[places], first[places]))
    places = places[order]
    a, b = first[places], second[places]
    starts = np.r_[True, (a[1:] != a[:-1]) | (b[1:] != b[:-1])]
    group = np.cumsum(starts) - 1
    originals = places[starts][group]
    later = ~starts
    found = np.argsort(places[later], kind="stable")
    return places[later][found], originals[later][found]


def _by_chance(sample: pl.DataFrame, first: Hashes, originals: Rows) -> float:
    """Return the share of the equal pairs that chance explains, as far as a sample tells."""
    groups, copies = np.unique(originals, return_counts=True)
    hashes, order = np.unique(first[groups], return_index=True)
    asked = sample.hash_rows(_SEEDS[0]).to_numpy()
    place = np.minimum(np.searchsorted(hashes, asked), len(hashes) - 1)
    counts = np.where(hashes[place] == asked, copies[order][place], 0).astype(np.float64)
    pairs, rows = float((copies * (copies + 1.0)).sum()), len(first)
    alone = independently(sample.unique()) * rows * (rows - 1) / pairs
    if not counts.any():
        return alone
    drawn = np.random.default_rng(0).choice(len(counts), DRAWN, p=counts / counts.sum())
    some = sample.head(max(CELLS // sample.width, DRAWN))
    return max(alone, by_neighbours(some, rows, sample[drawn], counts[drawn]))
