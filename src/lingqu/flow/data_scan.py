"""Judge a source alone: its profile and scores, in memory or, for large tables, in streams."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl

from lingqu.check.associations import Associations
from lingqu.check.quality import Quality
from lingqu.core import metrics
from lingqu.core.errors import SpecError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.schema import Schema
from lingqu.data.lazy import LazyTable
from lingqu.flow.data_document import Judged, data_document
from lingqu.flow.data_given import Given
from lingqu.flow.data_large import LargeScan, dedupe_large, scan_large
from lingqu.govern.dedupe import Dedupe
from lingqu.govern.privacy.scan import scan
from lingqu.store.home import Home

SAMPLE = 20_000
"""Rows of a large table that the scores rest on which need whole rows."""
STAGED = 300_000_000
"""Bytes of a file of text from which its rows are written to a file that is quicker to read."""
PRIVATE_S = 2.0
"""CPU seconds that are spent on looking for personal data."""


def scanned(home: Home, given: Given) -> dict[str, Json]:
    """Return the document of a source; nothing is changed and nothing is kept.

    Args:
        home: The workspace: large tables are staged in its folder and removed again.
        given: The source.
    """
    started = time.perf_counter()
    judged = _small(given) if given.small else _large(home, given)
    took = time.perf_counter() - started
    identity = {"channel": given.channel.name if given.channel and given.trains else "",
                "made": home.clock()}  # fmt: skip
    notes = list(judged.notes)
    if not given.labelled:
        notes.append(both("datareport.note_no_target"))
    return data_document(replace(judged, identity=identity, stages={"scan": took}, notes=notes))


def looked(given: Given, rows: Dataset, after: Dataset | None = None) -> list[Finding]:
    """Return what the checks that need no split see in some rows.

    Args:
        given: Where they come from.
        rows: As they were read.
        after: Rows in which personal data is looked for: those that go on; `rows` when omitted.
    """
    after = rows if after is None else after
    subject = Subject("data", given.task(rows), rows.schema, train=rows, facts=dict(rows.facts))
    return [
        *Quality().look(subject),
        *associated(rows),
        *(scan(after.frame, after.schema, seconds=PRIVATE_S) or [no_personal(after)]),
    ]


def associated(rows: Dataset) -> list[Finding]:
    """Return the pairs of columns of which one nearly tells the other."""
    subject = Subject("data", "classify", rows.schema, train=rows)
    return Associations().look(subject)


def no_personal(rows: Dataset) -> Finding:
    """Return the finding that says that no personal data was found."""
    return Finding("privacy", "privacy.found", 0.0, n=len(rows), verdict="pass")


def _small(given: Given) -> Judged:
    rows = given.with_roles(given.table.collect())
    return Judged(
        given.name,
        "scan",
        len(rows),
        rows,
        [finding.to_json() for finding in looked(given, rows)],
        reports=copies_of(rows),
    )


def copies_of(rows: Dataset) -> list[dict[str, Json]]:
    """Return what `dedupe` reports of some rows, in the form of a govern stage."""
    step = Dedupe()
    try:
        step.fit(rows)
    except SpecError:
        return []  # no column says anything that two rows could share
    step.apply(rows)
    return [{"operator": "dedupe", "name": "dedupe", "report": dict(step.report())}]


def _telling(given: Given, schema: Schema) -> list[str]:
    """Return the columns that decide whether two rows are the same: not those declared away."""
    if given.channel is None:
        return []
    data = given.channel.data
    away = {*data.drop, data.id, data.weight}
    return [name for name in schema.names if name not in away]


def _large(home: Home, given: Given) -> Judged:
    with TemporaryDirectory(dir=home.folder("tmp")) as place:
        found = scan_large(given.table, folder=Path(place) if _slow(given.table) else None)
        copies = dedupe_large(found.table, _telling(given, found.table.schema)).report
        return judged_large(given, found, copies)


def judged_large(given: Given, found: LargeScan, copies: Mapping[str, Any]) -> Judged:
    """Return what is known of a large table: exact where one pass tells it, else of a sample.

    Args:
        given: The source.
        found: What the pass over its rows told.
        copies: What `dedupe_large` reports of them.
    """
    groups = [int(group[0]) for group in copies["samples"]]
    numbers, sample, twins = _rows(found.table, groups)
    # Together, so that a label reads the same in both.
    both_parts = given.with_roles(replace(sample, frame=pl.concat([sample.frame, twins])))
    rows = replace(both_parts, frame=both_parts.frame.head(len(numbers)))
    twins = both_parts.frame.tail(len(groups))
    scores = [f for f in looked(given, rows) if f.check != "associations"]
    findings = [
        *(_exact(f, found, copies, rows) for f in scores if f.measure != "quality.column"),
        *found.findings,
    ]
    return Judged(
        given.name,
        "scan",
        found.rows,
        rows,
        [finding.to_json() for finding in findings],
        profiles=found.columns,
        reports=[{"operator": "dedupe", "name": "dedupe", "report": copies}],
        numbers=numbers,
        twins=(replace(rows, frame=twins), groups),
        notes=[both("datareport.note_sampled", rows=f"{len(rows):,}")],
    )


def _slow(table: LazyTable) -> bool:
    """Say whether reading the table anew for each pass costs more than writing its rows once."""
    if table.rows is not None:
        return False  # columns of such a file are read, not parsed
    file = Path(str(getattr(table.source, "path", "")))
    return not file.is_file() or file.stat().st_size > STAGED


def _rows(table: LazyTable, wanted: Iterable[int]) -> tuple[list[int], Dataset, pl.DataFrame]:
    """Return rows from everywhere with their numbers, and the wanted rows, in one pass."""
    step = max(1, (table.rows or 0) // SAMPLE)
    places = np.array(sorted(wanted), dtype=np.int64)
    numbers: list[int] = []
    parts, picked = [], []
    start = 0
    for batch in table.batches():
        offset = -start % step
        parts.append(batch.gather_every(step, offset) if offset < batch.height else batch.clear())
        numbers += range(start + offset, start + batch.height, step)
        here = places[(places >= start) & (places < start + batch.height)] - start
        picked.append(batch[here])
        start += batch.height
    sample = Dataset(pl.concat(parts), table.schema, table.name, "", table.facts)
    found = pl.concat(picked)
    # In the order in which they were asked for.
    order = [int(np.searchsorted(places, place)) for place in wanted]
    return numbers, sample, found[order] if order else found


def _exact(
    finding: Finding, found: LargeScan, copies: Mapping[str, Any], sample: Dataset
) -> Finding:
    """Return a score of a sample; the two that the whole table tells are those of all rows."""
    rows = found.rows
    used = {c.name: c.role for c in sample.schema if c.role != "ignored"}
    if finding.measure == "quality.completeness" and finding.value is not None:
        gaps = {name: _gaps(profile, used[name]) for name, profile in found.columns.items()
                if name in used}  # fmt: skip
        value = 1 - sum(gaps.values()) / max(1, rows * len(gaps))
        low, high = finding.low or value, finding.high or value
        half = (high - low) / 2 * (finding.n / rows) ** 0.5
        worst = dict(sorted(gaps.items(), key=lambda gap: -gap[1])[:20])
        evidence = {**finding.evidence, "columns": {n: c for n, c in worst.items() if c}}
        return replace(
            finding, value=value, low=max(0.0, value - half), high=min(1.0, value + half),
            n=rows, evidence=evidence,
        )  # fmt: skip
    if finding.measure == "quality.uniqueness":
        alone = rows - int(copies["copies"])
        low, high = metrics.wilson(alone, rows)
        evidence = {n: v for n, v in finding.evidence.items() if n != "rows"}
        return replace(finding, value=alone / rows, low=low, high=high, n=rows, evidence=evidence)
    return finding


def _gaps(profile: Mapping[str, Any], role: str) -> int:
    """Return how many cells of a column hold nothing, or a word for it; a label is never one."""
    return int(profile["missing"]) + (int(profile.get("unsaid", 0)) if role != "target" else 0)
