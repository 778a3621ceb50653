"""Tables larger than memory: profile, contract, exact copies, and a version; each in a stream.

`scan_large` reads the source once and may write its typed rows to a file beside it; what comes
after reads that file. Nothing holds all rows: the profile is bounded, copies are found on 16 bytes
a row, a version is written in row groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.check.associations import Associations
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.schema import Schema
from lingqu.data.fitting import MisfitError, Seen
from lingqu.data.lazy import LazyTable, scan, staged
from lingqu.data.parts import ROWS
from lingqu.flow.commit_large import Committed, commit_large, open_large
from lingqu.flow.copies_large import Copies, Marked, find_copies
from lingqu.govern.contract.evaluate import Result, evaluate
from lingqu.govern.contract.rule import Rule
from lingqu.release.column_profile.column import profile_of
from lingqu.release.column_profile.table import TableProfile

__all__ = [
    "Committed",
    "Copies",
    "LargeScan",
    "Marked",
    "check_large",
    "commit_large",
    "dedupe_large",
    "open_large",
    "scan_large",
]
_TRIES = 3


@dataclass(frozen=True)
class LargeScan:
    """What one pass over a table told.

    Args:
        table: The table, every row proved; it reads the staged file where there is one.
        columns: Profile of each column, as `TableProfile.to_json` gives it.
        findings: Associations between columns, on a sample of rows.
    """

    table: LazyTable
    columns: Mapping[str, Mapping[str, Json]]
    findings: tuple[Finding, ...]

    @property
    def rows(self) -> int:
        return self.table.rows or 0

    def to_json(self) -> dict[str, Json]:
        """Return the profile as a report reads it."""
        return {
            "name": self.table.name,
            "rows": self.rows,
            "facts": dict(self.table.facts),
            "schema": self.table.schema.to_json(),
            "columns": dict(self.columns),
            "findings": [finding.to_json() for finding in self.findings],
        }


def scan_large(
    source: Any,
    options: Mapping[str, Any] | None = None,
    *,
    base: Path = Path("."),
    folder: Path | None = None,
    seed: int = 0,
) -> LargeScan:
    """Profile a table of any size in one pass, two where the guess of its schema was too narrow.

    Args:
        source: What `scan` takes, or a `LazyTable`.
        options: Options of the source.
        base: Folder that relative paths start from.
        folder: Where to write the typed rows, so that later steps need not parse the source again;
            nothing is written when omitted.
        seed: Of the sample of rows.

    Raises:
        DataError: The source is missing, empty or broken, or a column of a declared kind holds a
            cell that is not of it, with file, row, column and value.

    Example:
        >>> found = scan_large(pl.DataFrame({"age": [41, 29, None]}))
        >>> found.rows, found.columns["age"]["missing"]
        (3, 1)
    """
    table = source if isinstance(source, LazyTable) else scan(source, options, base=base)
    for _ in range(_TRIES):
        try:
            return _scanned(table, folder, seed)
        except MisfitError:
            # Everything is read to the end once, so that all that is odd is known at once.
            table = replace(table, proved=False).confirmed()
    return _scanned(table, folder, seed)


def _scanned(table: LazyTable, folder: Path | None, seed: int) -> LargeScan:
    profile, seen = TableProfile(table.schema, seed), Seen()

    def through(batch: pl.DataFrame) -> pl.DataFrame:
        profile.add(batch)
        seen.add(batch, table.schema)
        return batch

    if folder is None:
        for batch in table.batches():
            through(batch)
        after = table.settled(seen)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{table.name}.rows.parquet"
        table.frame(through).sink_parquet(path, compression="lz4", row_group_size=ROWS)
        after = staged(path, table.settled(seen))
    _again(after, table.schema, profile)
    sample = Dataset(profile.sample.rows, after.schema)
    subject = Subject("data", "classify", after.schema, train=sample, seed=seed)
    found = Associations(rows=len(sample) or 1).look(subject)
    return LargeScan(after, profile.to_json()["columns"], tuple(found))


def _again(table: LazyTable, guessed: Schema, profile: TableProfile) -> None:
    """Profile those columns anew that turned out to be of another kind at the end of the pass."""
    changed = [c for c in table.schema if c.kind != guessed[c.name].kind]
    for column in table.schema:
        profile.columns[column.name].column = column
    if not changed:
        return
    for column in changed:
        profile.columns[column.name] = profile_of(column, profile.exact)
    for batch in table.batches([column.name for column in changed]):
        for series in batch.get_columns():
            profile.columns[series.name].add(series)


def check_large(
    table: LazyTable,
    rules: Sequence[Rule],
    as_of: datetime | None = None,
    folder: Path | None = None,
) -> list[Result]:
    """Judge a contract on a table of any size.

    Args:
        table: Best one that `scan_large` has staged: a rule that fails reads it again.
        rules: From `govern.contract`.
        as_of: UTC time that counts as now.
        folder: Where relative paths of other files in the rules start.

    Raises:
        DataError: The rows cannot be read.

    Example:
        >>> from lingqu.govern.contract.rules import parse
        >>> table = scan(pl.DataFrame({"age": [41, 430]}))
        >>> check_large(table, parse([{"range": {"column": "age", "max": 120}}]))[0].failures
        1
    """
    return evaluate(table.confirmed().frame(), rules, as_of, folder)


def dedupe_large(table: LazyTable, subset: Sequence[str] = (), coarse: str = "report") -> Copies:
    """Find the later copies of rows, as the operator `dedupe` does; see `find_copies`.

    Example:
        >>> found = dedupe_large(scan(pl.DataFrame({"a": [1.5, 2.5, 1.5], "b": ["x", "y", "x"]})))
        >>> found.marks[0].rows.tolist(), found.marks[0].evidence["copy_of"].tolist()
        ([2], [0])
    """
    return find_copies(table.confirmed(), subset, coarse)
