"""Retention: remove what nothing kept leads to.

Mark and sweep. Roots are the kept runs, the kept releases, present routes, open outlets and the
newest version of every dataset; whatever text in their rows names a stage, a dataset or a blob
keeps it. Rows go first, in one transaction, and blobs after it: a crash in between leaves bytes
that no row names, which the next `prune` finds, and never a kept row whose bytes are gone.

Blobs are swept only while no run is being walked, and sweeping stops when one begins or a version
is committed: both write bytes before the row that names them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Delete, case, delete, func, select

from lingqu.core.ports import Blobs
from lingqu.store import tables
from lingqu.store.blobs import PARTIAL, size_of
from lingqu.store.ledger import Ledger
from lingqu.store.scrub import newest_version, packed_blobs, packs_of, scrub

_BATCH = 100
"""Blobs removed between two looks at whether a run began; SQL parameters per statement."""
_ID_LENGTH = 12
"""Ids and digests are at least this long."""
LONGEST_WINDOW_S = 31 * 86_400
"""Seconds of the longest window of a quota."""
DEAD_SHARE = 0.5
"""A pack is rewritten once this part of it belongs to no version: sooner costs more than it saves.
"""


@dataclass(frozen=True)
class PruneReport:
    """What was removed, or would be.

    Args:
        runs: Rows of runs; `stages`, `candidates`, `findings`, `usage`, `datasets` and
            `releases` likewise.
        blobs: Files.
        bytes: Their size.
        past_retention: Versions that are kept though their declared retention is over.
        waiting: Blobs were left for the next time, because a run is being walked.
        dry_run: Nothing was removed.
    """

    runs: int = 0
    stages: int = 0
    candidates: int = 0
    findings: int = 0
    usage: int = 0
    datasets: int = 0
    releases: int = 0
    blobs: int = 0
    bytes: int = 0
    past_retention: int = 0
    waiting: bool = False
    dry_run: bool = False


def prune(
    ledger: Ledger,
    blobs: Blobs,
    now: str,
    keep_days: float,
    keep_last: int = 1,
    dry_run: bool = False,
) -> PruneReport:
    """Remove runs and what belongs to them, once they are old and nothing needs them.

    Kept are: events, always; releases that are not retired, and those a present route names;
    runs being walked, runs younger than `keep_days`, the newest `keep_last` runs of every
    channel, and the runs of approved and live releases.

    Args:
        ledger: The rows.
        blobs: The bytes. It must hold nothing but what rows of this ledger name.
        now: UTC time.
        keep_days: Age in days from which something may go, ≥ 0.
        keep_last: Runs kept of every channel whatever their age, ≥ 0.
        dry_run: Count only.
    """
    cutoff = datetime.fromisoformat(now) - timedelta(days=keep_days)
    # Listed before the rows are read: bytes written later are not in the list.
    listed = blobs.list("")
    try:
        with ledger.transaction() as connection:
            ledger.runs.interrupted(now)
            counts = _take_rows(connection, cutoff, keep_last)
            names = _names(connection)
            names |= packs_of(packed_blobs(connection), blobs)
            walked = _walked(connection)
            if dry_run:
                raise _UndoError
    except _UndoError:
        pass
    loose = [path for path in listed if not _is_named(path, names)]
    found = PruneReport(**counts, waiting=walked.going > 0, dry_run=dry_run)
    if dry_run or found.waiting:
        sizes = [] if found.waiting else [size_of(blobs, path) for path in loose]
        return replace(found, blobs=len(sizes), bytes=sum(sizes))
    found = _sweep(ledger, blobs, loose, walked, found)
    if not found.waiting:
        scrub(ledger, blobs, DEAD_SHARE)
    return found


class _UndoError(Exception):
    """Leaves the transaction of a dry run, so that nothing of it is kept."""


@dataclass(frozen=True)
class _Walked:
    """Which runs and versions there are; it differs as soon as a run begins or a commit ends."""

    going: int
    total: int
    last: str
    version: int


def _walked(connection: Connection) -> _Walked:
    runs = tables.runs
    is_going = case((runs.c.state == "running", 1), else_=0)
    query = select(func.coalesce(func.sum(is_going), 0), func.count(), func.max(runs.c.id))
    going, total, last = connection.execute(query).one()
    return _Walked(int(going), int(total), last or "", newest_version(connection))


def _take_rows(connection: Connection, cutoff: datetime, keep_last: int) -> dict[str, int]:
    before = cutoff.isoformat()[:19]
    routed = _routed(connection)
    old_runs = _old_runs(connection, before, keep_last, routed)
    counts = {"runs": _delete(connection, tables.runs.c.id, old_runs)}
    _delete(connection, tables.run_stages.c.run, old_runs)
    counts["candidates"] = _delete(connection, tables.candidates.c.run, old_runs)
    # From here on the runs that are left are the kept ones.
    runs = tables.runs.c
    release = tables.releases.c
    old_releases = connection.execute(
        select(release.digest).where(
            release.state == "retired",
            release.changed < before,
            release.run.not_in(select(runs.id)),
            release.digest.not_in(select(runs.release)),
        )
    ).scalars()
    unrouted = [digest for digest in old_releases if digest not in routed]
    counts["releases"] = _delete(connection, release.digest, unrouted)
    s, f, u = tables.stages.c, tables.findings.c, tables.usage.c
    loose: dict[str, Delete] = {
        "stages": delete(tables.stages).where(
            s.used < before, s.key.not_in(select(tables.run_stages.c.key))
        ),
        "findings": delete(tables.findings).where(f.at < before, f.run.not_in(select(runs.id))),
        "usage": delete(tables.usage).where(u.hour < cutoff.timestamp()),
    }
    counts |= {name: connection.execute(query).rowcount for name, query in loose.items()}
    for table in (tables.shadow_pairs, tables.human_queue):
        connection.execute(delete(table).where(table.c.at < before))
    # A window of a month may be open although it opened before the cut-off.
    over = tables.quotas.c.window_start < cutoff.timestamp() - LONGEST_WINDOW_S
    connection.execute(delete(tables.quotas).where(over))
    counts["datasets"] = _delete(
        connection, tables.datasets.c.id, _old_datasets(connection, before)
    )
    return counts


def _routed(connection: Connection) -> set[str]:
    """Digests that present routes name: they answer, or are what to fall back to."""
    table = tables.routes
    newest = select(func.max(table.c.id)).group_by(table.c.channel)
    return set(_texts(connection, table.c.backends, table.c.fallback, where=table.c.id.in_(newest)))


def _old_runs(connection: Connection, before: str, keep_last: int, routed: set[str]) -> list[str]:
    releases = tables.releases.c
    query = select(releases.run, releases.digest, releases.state)
    needed = {
        row.run
        for row in connection.execute(query)
        if row.state in ("approved", "live") or row.digest in routed
    }
    runs = tables.runs.c
    newest_first = select(runs.id, runs.channel, runs.state, runs.started, runs.ended).order_by(
        runs.started.desc(), runs.id.desc()
    )
    seen: Counter[str] = Counter()
    old = []
    for row in connection.execute(newest_first):
        seen[row.channel] += 1
        is_young = row.state == "running" or (row.ended or row.started)[:19] >= before
        if not is_young and seen[row.channel] > keep_last and row.id not in needed:
            old.append(row.id)
    return old


def _old_datasets(connection: Connection, before: str) -> list[int]:
    table = tables.datasets
    newest = set(
        connection.execute(
            select(func.max(table.c.id)).group_by(table.c.channel, table.c.name)
        ).scalars()
    )
    named = _names(connection, datasets=False)
    query = select(table.c.id, table.c.digest, table.c.blob).where(table.c.at < before)
    return [
        row.id
        for row in connection.execute(query)
        if row.id not in newest and row.digest not in named and row.blob not in named
    ]


def _names(connection: Connection, datasets: bool = True) -> set[str]:
    """Return every text in the rows that are left which may name bytes."""
    t = tables
    columns: list[tuple[Column[Any], ...]] = [
        (t.runs.c.id, t.runs.c.release, t.runs.c.summary),
        (t.run_stages.c.key, t.run_stages.c.result),
        (t.stages.c.key, t.stages.c.result),
        (t.candidates.c.key, t.candidates.c.result_blob),
        (t.releases.c.digest, t.releases.c.run, t.releases.c.summary),
        (t.outlets.c.id, t.outlets.c.detail),
        (t.actions.c.id, t.actions.c.detail),
    ]
    names: set[str] = set()
    for group in columns:
        names.update(_texts(connection, *group))
    if datasets:
        table = t.datasets
        known = (table.c.digest, table.c.version, table.c.blob)
        names.update(_texts(connection, *known, where=table.c.erased == ""))
    return names | _routed(connection)


def _texts(
    connection: Connection, *columns: Column[Any], where: ColumnElement[bool] | None = None
) -> Iterator[str]:
    query = select(*columns) if where is None else select(*columns).where(where)
    for row in connection.execute(query):
        for value in row:
            yield from texts_in(value)


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text inside a JSON value, keys included.

    Example:
        >>> sorted(texts_in({"blob": ["a/b", 3, {"c": None}]}))
        ['a/b', 'blob', 'c']
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)


def _is_named(path: str, names: set[str]) -> bool:
    """Tell whether a name is this path, a folder above it, or an id among its parts."""
    parts = path.split("/")
    if path in names or any("/".join(parts[:n]) in names for n in range(2, len(parts))):
        return True
    ids = {*parts, parts[-1].partition(".")[0]}
    # A short text, such as a stage's name, may be a folder's name too: that names no bytes.
    return any(len(part) >= _ID_LENGTH and part in names for part in ids)


def _delete(connection: Connection, column: Column[Any], chosen: Sequence[Any]) -> int:
    count = 0
    for start in range(0, len(chosen), _BATCH):
        statement = delete(column.table).where(column.in_(chosen[start : start + _BATCH]))
        count += connection.execute(statement).rowcount
    return count


def _sweep(
    ledger: Ledger, blobs: Blobs, loose: list[str], walked: _Walked, found: PruneReport
) -> PruneReport:
    count = size = 0
    for start in range(0, max(len(loose), 1), _BATCH):
        # Inside a write no run can begin, so what looks loose here stays loose while it goes.
        with ledger.transaction() as connection:
            if connection.dialect.name != "sqlite":
                connection.exec_driver_sql("LOCK TABLE runs, datasets IN SHARE MODE")
            if _walked(connection) != walked:
                return replace(found, blobs=count, bytes=size, waiting=True)
            for path in loose[start : start + _BATCH]:
                size += size_of(blobs, path)
                blobs.remove(path)
                count += 1
            blobs.remove(PARTIAL)
    return replace(found, blobs=count, bytes=size)
