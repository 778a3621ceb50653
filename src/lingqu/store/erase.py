"""Erasure of a person's rows from everything that is stored.

Order, so that a crash never loses rows of others and never forgets the person: the cleaned
copy is written; then one transaction records it, marks the old version as erased, invalidates
what was made from it and tells the trail; then the old bytes are removed. If the process dies
before that last step, the next `erase` or `prune` removes them, as the marked rows still name
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, delete, select, update

from lingqu.core.digest import of_frame
from lingqu.core.errors import StoreError
from lingqu.core.ports import Blobs
from lingqu.core.schema import Schema
from lingqu.store import tables
from lingqu.store.datasets import FILES, DatasetRecord
from lingqu.store.erase_log import erase_log, matches
from lingqu.store.erase_samples import empty_samples
from lingqu.store.ledger import Ledger
from lingqu.store.packs import (
    content_bytes,
    digest_of_files,
    fetch,
    place_columns,
    read_stored,
    write_stored,
)
from lingqu.store.prune import texts_in
from lingqu.store.scrub import scrub

ERASED_BY = ({"name": "erase", "options": {}, "code": ""},)
"""What made a cleaned version of its parent; it does not say who was erased."""


@dataclass(frozen=True)
class EraseReport:
    """What was erased, and what must follow.

    Args:
        rows: Rows removed from dataset versions.
        datasets: Old digest → new digest, ``""`` where the version must be made again because
            the column was no longer in it.
        stages: Stages that will be walked again.
        candidates: Fitted candidates whose bytes were removed.
        findings: Findings whose samples were emptied.
        runs: Runs that read the rows; their reports may show samples.
        releases: Releases trained on the rows: retrain (`lingqu run`) and retire them.
        logs: Prediction-log files rewritten.
        log_rows: Rows removed from them.
        event: Sequence number of the event that tells of it.
    """

    rows: int
    datasets: Mapping[str, str]
    stages: int
    candidates: int
    findings: int
    runs: tuple[str, ...]
    releases: tuple[str, ...]
    logs: int = 0
    log_rows: int = 0
    event: int = 0


@dataclass
class _Plan:
    """Dataset versions that change: old digest → its new record, or None to make it again."""

    changes: dict[str, DatasetRecord | None]
    rows: int = 0


def erase(
    ledger: Ledger,
    blobs: Blobs,
    column: str,
    value: Any,
    now: str,
    logs: Iterable[Path] = (),
) -> EraseReport:
    """Remove the rows in which `column` equals `value`, everywhere.

    The source a channel reads (a file, a database) is not ours to change: remove the rows there
    first, or the next run reads them again.

    Values are compared as text, so ``7`` and ``"7"`` are the same; in a column of numbers
    ``"7"`` also matches ``7.0``.

    Args:
        ledger: The rows of the workspace.
        blobs: Dataset versions, stage results, fitted candidates.
        column: Column that names the person, such as an id.
        value: The person's value in it.
        now: UTC time.
        logs: Closed Arrow IPC files of prediction logs; their column is ``x.<column>``.

    Raises:
        StoreError: No column or value is given, or something cannot be rewritten; what was
            done until then is kept, and the same call again does the rest.
    """
    if not column or value is None or str(value) == "":
        raise StoreError("store.bad_erase", received=f"{column}={value}")
    _remove_marked(ledger, blobs)
    plan = _planned(ledger, blobs, column, value, now)
    log_files = [erase_log(path, f"x.{column}", value) for path in logs]
    with ledger.transaction() as connection:
        # Oldest first: what was the newest version of a name has the newest successor.
        for digest, new in reversed(plan.changes.items()):
            _replace(ledger, connection, digest, new, now)
        report, paths = _invalidate(connection, plan, value)
        report = replace(
            report, logs=sum(1 for count in log_files if count), log_rows=sum(log_files)
        )
        detail = {
            "value": ledger.events.keyed_hash(str(value)),
            "rows": report.rows,
            "log_rows": report.log_rows,
            "datasets": sorted(report.datasets),
            "releases": list(report.releases),
        }
        event = ledger.events.append("data.erased", column, detail, now)
        keep = _named_by_datasets(connection)
    for path in paths:
        if path not in keep:
            blobs.remove(path)
    _remove_marked(ledger, blobs)
    return replace(report, event=event.sequence)


def _invalidate(connection: Connection, plan: _Plan, value: Any) -> tuple[EraseReport, list[str]]:
    """Forget what was made from the changed versions; return the paths of its bytes too."""
    changed = set(plan.changes)
    runs = _runs_that_read(connection, changed)
    stages, paths = _forget_stages(connection, runs, changed)
    candidates, fitted = _forget_candidates(connection, runs)
    report = EraseReport(
        rows=plan.rows,
        datasets={old: new.digest if new else "" for old, new in plan.changes.items()},
        stages=stages,
        candidates=candidates,
        findings=empty_samples(connection, str(value)),
        runs=tuple(sorted(runs)),
        releases=_releases_of(connection, runs, changed),
    )
    return report, [*paths, *fitted]


def _planned(ledger: Ledger, blobs: Blobs, column: str, value: Any, now: str) -> _Plan:
    """Write the cleaned copies and say which versions they replace."""
    versions = {record.digest: record for record in ledger.datasets.list() if not record.erased}
    plan = _Plan({})
    for digest, record in versions.items():
        if any(row["name"] == column for row in record.schema_json):
            new = _cleaned(blobs, record, column, value, now)
            if new is not None:
                plan.changes[digest] = new
                plan.rows += record.rows - new.rows
    # A version made from a changed one may hold the person's row without the column, or have
    # the column without the row and still tell the value in its schema.
    spreading = True
    while spreading:
        spreading = False
        for digest, record in versions.items():
            if digest in plan.changes or not set(record.parents) & set(plan.changes):
                continue
            row = next((row for row in record.schema_json if row["name"] == column), None)
            if row is None or _tells(row, value):
                spreading = True
                gone = row is None
                plan.changes[digest] = (
                    None if gone else _cleaned(blobs, record, column, value, now, told=True)
                )
    return plan


def _cleaned(
    blobs: Blobs, record: DatasetRecord, column: str, value: Any, now: str, told: bool = False
) -> DatasetRecord | None:
    """Return the version without the rows; None if it holds none and does not tell the value."""
    frame, meta = read_stored(record.blob, blobs)
    if column not in frame.columns:
        return None
    kept = frame.filter(~matches(frame[column], value))
    if kept.height == frame.height and not told:
        return None
    kept = kept.with_columns(_without_category(kept[column], value))
    schema = [_forgetting(row, kept[column], value) for row in record.schema_json]
    digest = _content(kept, schema, record.kind, blobs)
    folder = record.blob.rpartition("/")[0]
    path = f"{folder}/{digest}.parquet" if folder else f"{digest}.parquet"
    write_stored(path, kept, meta and {**meta, "schema": schema, "digest": digest}, blobs)
    return replace(
        record,
        digest=digest,
        blob=path,
        schema_json=schema,
        rows=kept.height,
        parents=(record.digest,),
        at=now,
        bytes=content_bytes(path, blobs),
    )


def _content(
    kept: pl.DataFrame, schema: Sequence[Mapping[str, Any]], kind: str, blobs: Blobs
) -> str:
    """Return the digest that the rows would have if they had come without the erased ones."""
    if kind == FILES:
        return digest_of_files(kept)
    whole = [fetch(kept[name], blobs) for name in place_columns(kept.schema)]
    return of_frame(kept.with_columns(whole), Schema.from_json(schema))


def _without_category(kept: pl.Series, value: Any) -> pl.Series:
    """Drop the value from the list of categories too: an Enum is stored with its whole list."""
    if isinstance(kept.dtype, pl.Enum):
        known = [name for name in kept.dtype.categories if name != str(value)]
        return kept.cast(pl.String).cast(pl.Enum(known))
    return kept


def _tells(row: Mapping[str, Any], value: Any) -> bool:
    """Say whether a schema shows the value of rows that governance has removed since."""
    bounds = pl.Series([row["low"], row["high"]], dtype=pl.Float64, strict=False)
    return str(value) in row["levels"] or bool(matches(bounds, value).any())


def _forgetting(row: Mapping[str, Any], kept: pl.Series, value: Any) -> Mapping[str, Any]:
    """Return what the schema says of a column, the erased value taken out of its facts."""
    if row["name"] != kept.name:
        return row
    changed = {**row, "levels": [level for level in row["levels"] if level != str(value)]}
    if kept.dtype.is_numeric() and row["low"] is not None:
        low, high = kept.cast(pl.Float64).min(), kept.cast(pl.Float64).max()
        changed |= {"low": low, "high": high}
    return changed


def _replace(
    ledger: Ledger, connection: Connection, digest: str, new: DatasetRecord | None, now: str
) -> None:
    """Mark a version as erased and record its successor under the same channels and names."""
    table = tables.datasets
    lines = connection.execute(select(table).where(table.c.digest == digest)).all()
    marked: dict[str, Any] = {"erased": now}
    if new is not None:
        marked["schema_json"] = new.schema_json
        for line in lines:
            ledger.datasets.put(
                new.digest,
                line.channel,
                line.name,
                new.blob,
                new.schema_json,
                line.facts,
                new.rows,
                new.parents,
                now,
                operators=ERASED_BY,
                bytes=new.bytes,
                kind=new.kind,
            )
    connection.execute(update(table).where(table.c.digest == digest).values(marked))


def _remove_marked(ledger: Ledger, blobs: Blobs) -> None:
    """Remove the bytes of erased versions, then forget where they were.

    Pieces in packs go first: while a row is marked, the next call knows that they must.
    """
    table = tables.datasets
    with ledger.snapshot() as connection:
        query = select(table.c.id, table.c.blob).where(table.c.erased != "", table.c.blob != "")
        marked = connection.execute(query).all()
        keep = _named_by_datasets(connection)
    scrub(ledger, blobs)
    for row in marked:
        if row.blob not in keep:
            blobs.remove(row.blob)
        with ledger.transaction() as connection:
            connection.execute(update(table).where(table.c.id == row.id).values(blob=""))


def _named_by_datasets(connection: Connection) -> set[str]:
    table = tables.datasets
    return set(connection.execute(select(table.c.blob).where(table.c.erased == "")).scalars())


def _runs_that_read(connection: Connection, digests: set[str]) -> set[str]:
    table = tables.run_stages
    return {
        row.run
        for row in connection.execute(select(table.c.run, table.c.result))
        if not digests.isdisjoint(texts_in(row.result))
    }


def _forget_stages(
    connection: Connection, runs: set[str], digests: set[str]
) -> tuple[int, list[str]]:
    """Remove every kept stage of these runs, and every one that names an erased version.

    Stages of such a run that came before the rows were read are walked again too: that costs
    time, and leaves no doubt.
    """
    walked, stages = tables.run_stages, tables.stages
    keys = {
        row.key for row in connection.execute(select(walked.c.run, walked.c.key)) if row.run in runs
    }
    count = 0
    paths: list[str] = []
    for row in connection.execute(select(stages.c.key, stages.c.result)).all():
        if row.key in keys or not digests.isdisjoint(texts_in(row.result)):
            connection.execute(delete(stages).where(stages.c.key == row.key))
            paths.extend(_paths(row.result))
            count += 1
    return count, paths


def _paths(result: Mapping[str, Any]) -> Sequence[str]:
    """Return the paths of blobs that a stage result names: the texts under ``"blobs"``."""
    return [path for path in texts_in(result.get("blobs", [])) if path]


def _forget_candidates(connection: Connection, runs: set[str]) -> tuple[int, list[str]]:
    table = tables.candidates
    query = select(table.c.id, table.c.run, table.c.result_blob).where(table.c.result_blob != "")
    chosen = [row for row in connection.execute(query).all() if row.run in runs]
    for row in chosen:
        forgotten = update(table).where(table.c.id == row.id).values(key="", result_blob="")
        connection.execute(forgotten)
    return len(chosen), [row.result_blob for row in chosen]


def _releases_of(connection: Connection, runs: set[str], digests: set[str]) -> tuple[str, ...]:
    table = tables.releases
    query = select(table.c.digest, table.c.run, table.c.summary).order_by(table.c.digest)
    return tuple(
        row.digest
        for row in connection.execute(query)
        if row.run in runs or not digests.isdisjoint(texts_in(row.summary))
    )
