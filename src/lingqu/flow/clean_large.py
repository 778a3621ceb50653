"""Clean a source that memory does not hold: operators that work in streams, and a version."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.ports import Operator
from lingqu.data.lazy import LazyTable
from lingqu.flow.commit_large import commit_large, stage_large
from lingqu.flow.copies_large import Marked
from lingqu.flow.data_document import Judged
from lingqu.flow.data_given import Given
from lingqu.flow.data_large import LargeScan, dedupe_large, scan_large
from lingqu.flow.data_scan import judged_large
from lingqu.flow.data_versions import declared_of, newest
from lingqu.flow.keep_version import identities
from lingqu.flow.roles_large import with_roles
from lingqu.govern.contract.operator import Contract, contract_findings
from lingqu.govern.dedupe import Dedupe
from lingqu.store.datasets import DatasetRecord
from lingqu.store.home import Home

Pieces = Sequence[tuple[str, Any]]
USUAL: Pieces = (("contract", {}), ("dedupe", {}))
"""What a large table gets where nobody declared operators."""
EXPECTED = "contract (on_fail: report, stop), dedupe (near: off, report)"
_LISTED = 20
"""Removed rows that the document shows."""


@dataclass(frozen=True)
class CleanedLarge:
    """What a cleaning in streams left.

    Args:
        judged: All that is known of the data; its facts name the versions.
        digest: Digest of the rows that stayed.
    """

    judged: Judged
    digest: str


@dataclass
class _Work:
    """The rows on their way through the operators.

    Args:
        folder: Where rows may be written.
        table: All rows, in a file.
        stays: Which of them no operator has marked, bool, shape (N,).
        marks: The marks so far.
    """

    folder: Path
    table: LazyTable
    stays: NDArray[np.bool_]
    marks: list[Marked]

    def left(self) -> pl.LazyFrame:
        """Return the rows that are not marked."""
        if self.stays.all():
            return self.table.frame()
        first = 0

        def through(batch: pl.DataFrame) -> pl.DataFrame:
            nonlocal first
            start, first = first, first + batch.height
            return batch.filter(pl.Series(self.stays[start:first]))

        # Rules may read the rows more than once, so they are written once.
        return stage_large(self.table, self.folder, through).frame()


def refuse_unstreamed(given: Given, pieces: Pieces, operators: Sequence[Operator]) -> None:
    """Refuse operators that need all rows in memory, before the rows are read.

    Raises:
        DataError: Names the operator, those that do not need that, and the next command.
    """
    seen: set[str] = set()
    for index, ((name, _), operator) in enumerate(zip(pieces, operators, strict=True)):
        if not streams(operator) or (isinstance(operator, Dedupe) and operator.name in seen):
            raise DataError(
                "large.no_stream",
                where=f"`govern[{index}]`",
                operator=name,
                name=given.name,
                expected=EXPECTED,
            )
        seen.add(operator.name)


def streams(operator: Operator) -> bool:
    """Say whether an operator, with its options, has a form that needs no rows in memory."""
    if isinstance(operator, Contract):
        return operator.on_fail != "mark"
    return isinstance(operator, Dedupe) and operator.near in ("off", "report", 0)


def clean_large(
    home: Home, given: Given, pieces: Pieces, operators: Sequence[Operator]
) -> CleanedLarge:
    """Walk the operators over a table of any size, commit what stays, judge what came in.

    Args:
        home: The workspace.
        given: The source.
        pieces: Operators as (name, options).
        operators: The same, built; `refuse_unstreamed` has let them through.

    Raises:
        DataError: The source is broken, a contract that should stop is broken, or no row stays.
    """
    before = newest(home, "", given.name)
    with TemporaryDirectory(dir=home.folder("tmp")) as place:
        found = _declared(scan_large(given.table, folder=Path(place)), before)
        table = replace(with_roles(given, found.table, Path(place)), name=given.name)
        work = _Work(Path(place), table, np.ones(found.rows, dtype=bool), [])
        reports = [
            _walked(work, name, operator)
            for (name, _), operator in zip(pieces, operators, strict=True)
        ]
        raw = commit_large(home, table, name=given.name, after=before)
        kept = raw
        if work.marks:
            kept = commit_large(
                home,
                table,
                work.marks,
                name=f"{given.name}, cleaned",
                parents=[raw.digest],
                operators=identities(pieces),
            )
        judged = _judged(given, found, work, reports, operators)
    identity = {"clean_rows": kept.rows, "version": raw.digest, "clean": kept.digest}
    return CleanedLarge(replace(judged, identity=identity), kept.digest)


def _declared(found: LargeScan, before: DatasetRecord | None) -> LargeScan:
    """Return what was found with what was declared of the version before, as in memory."""
    facts = {**declared_of(before), **found.table.facts}
    return replace(found, table=replace(found.table, facts=facts))


def _walked(work: _Work, name: str, operator: Operator) -> dict[str, Json]:
    started = time.perf_counter()
    before = int(work.stays.sum())
    told: Mapping[str, Json] = {}
    if isinstance(operator, Contract):
        told = _contracted(work, operator)
    elif isinstance(operator, Dedupe):
        copies = dedupe_large(work.table, operator.subset, operator.coarse)
        told = copies.report
        for marked in copies.marks:
            work.marks.append(marked)
            work.stays[marked.rows] = False
    after = int(work.stays.sum())
    return {
        "operator": operator.name,
        "name": name,
        "rows_before": before,
        "rows_after": after,
        "travels": operator.travels,
        "report": {"operator": operator.name, "changed": before - after, **told},
        "seconds": time.perf_counter() - started,
    }


def _contracted(work: _Work, operator: Contract) -> dict[str, Json]:
    """Judge the rules on the rows that are left; samples name rows as they were read."""
    head = next(iter(work.table.batches()))
    operator.fit(Dataset(head, work.table.schema, work.table.name))
    results = operator.evaluated(work.left())
    if not work.stays.all():
        places = np.flatnonzero(work.stays)
        results = [
            replace(r, samples=tuple({**s, "row": int(places[s["row"]])} for s in r.samples))
            for r in results
        ]
    if operator.on_fail == "stop":
        operator.stop(results, int(work.stays.sum()))
    return operator.told(results)


def _judged(
    given: Given,
    found: LargeScan,
    work: _Work,
    reports: list[dict[str, Json]],
    operators: Sequence[Operator],
) -> Judged:
    whole = next(
        (
            report["report"]
            for report, operator in zip(reports, operators, strict=True)
            if isinstance(operator, Dedupe) and not operator.subset
        ),
        None,
    )
    judged = judged_large(given, found, whole or dedupe_large(work.table).report)
    contract = next((r["report"] for r in reports if r["operator"] == "contract"), None)
    findings = [finding.to_json() for finding in contract_findings(contract or {})]
    here = work.stays[np.asarray(judged.numbers, dtype=np.int64)]
    stayed = replace(judged.raw, frame=judged.raw.frame.filter(pl.Series(here)))
    notes = list(judged.notes)
    if given.pieces is None:
        notes.append(both("large.note_usual", operators=", ".join(name for name, _ in USUAL)))
    return replace(
        judged,
        clean=stayed,
        findings=[*judged.findings, *findings],
        reports=reports,
        governed=_gone(work.marks),
        notes=notes,
    )


def _gone(marks: Sequence[Marked]) -> dict[str, Json]:
    """Return how many rows left, and the first of them."""
    first = [
        {**row, "operator": "dedupe", **proof}
        for marked in marks
        for row, proof in zip(*_first(marked), strict=True)
    ]
    count = sum(len(marked.rows) for marked in marks)
    return {
        "removed": first,
        "removed_count": count,
        "removed_by": {"dedupe": count} if count else {},
    }


def _first(marked: Marked) -> tuple[list[dict[str, Json]], list[dict[str, Json]]]:
    rows = [
        {"row": int(row), "reason": marked.reason, "reason_zh": marked.reason_zh}
        for row in marked.rows[:_LISTED]
    ]
    proofs = [
        {name: int(values[place]) for name, values in marked.evidence.items()}
        for place in range(len(rows))
    ]
    return rows, proofs
