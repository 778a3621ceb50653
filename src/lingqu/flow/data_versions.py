"""Data versions: commit a source, list what there is, show one, hand one over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from lingqu.core import digest as digests
from lingqu.core.catalog import near
from lingqu.core.errors import DataError, SpecError, StoreError
from lingqu.core.facts import EXPECTED_RETENTION, FACTS, kept_until, retention_days
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Schema
from lingqu.core.spec import Channel
from lingqu.data import manifest, versions
from lingqu.data.resolve import resolve
from lingqu.data.table_size import HELD, streamed
from lingqu.flow.commit_large import stage_large, write_large
from lingqu.flow.data_given import Given
from lingqu.flow.data_stage import source_of, typed
from lingqu.flow.find import find_channel
from lingqu.flow.lineage import tell_commit
from lingqu.flow.roles_large import with_roles
from lingqu.flow.shown import plain
from lingqu.govern.privacy.scan import scan
from lingqu.release.prepare import without_values
from lingqu.store.datasets import FILES, TABLE, DatasetRecord
from lingqu.store.home import Home
from lingqu.store.packs import stored_places

_TRIES = 3
_LOOKED = 20_000
"""Rows in which personal data is looked for before rows are shown."""
SHOWN = 5


@dataclass(frozen=True)
class Committed:
    """What a commit did.

    Args:
        record: The version, new or the one that was there.
        unchanged: Whether it was there.
        files: Files of a folder; 0 for a table.
        read: Files that were read because they were new or may have changed.
        written: Bytes of them that were not stored before.
    """

    record: DatasetRecord
    unchanged: bool
    files: int = 0
    read: int = 0
    written: int = 0


@dataclass(frozen=True)
class _Content:
    """What a source holds, stored already but not yet recorded."""

    digest: str
    blob: str
    schema_json: Sequence[Mapping[str, Json]]
    facts: Mapping[str, Json]
    rows: int
    bytes: int
    kind: str
    read: int = 0
    written: int = 0


def commit(
    home: Home,
    source: Any,
    name: str = "",
    message: str = "",
    facts: Mapping[str, str] | None = None,
    held: int = HELD,
) -> Committed:
    """Record what a source holds now as a version; nothing new is recorded if nothing changed.

    The version before, of the same name, is its parent. A process that dies here leaves at most
    bytes that no version names, which `prune` removes.

    Args:
        home: The workspace.
        source: A channel file or the name of a channel, a folder, a data file or an address; or
            rows in memory.
        name: What to call it; the name of the channel, folder or file when empty.
        message: Why.
        facts: Declared facts; those of the version before hold where none are given.
        held: Bytes of rows that memory holds; a larger table is read in streams.

    Raises:
        SpecError: A fact is unknown, or its retention is no time.
        DataError: The source cannot be read.
    """
    given = checked_facts(facts or {})
    channel = _channel(home, source) if isinstance(source, str) else None
    folder = _as_folder(source) if channel is None else None
    if channel is not None:
        label = name or channel.name
    else:
        label = name or (folder.resolve().name if folder is not None else "")
    for _ in range(_TRIES):
        if folder is not None:
            content = _folder(home, folder, newest(home, "", label))
        else:
            content = _table(home, source, channel, label, held)
            label = label or str(content.facts["name"])
        try:
            done = _record(home, channel.name if channel else "", label, content, given, message)
        except _GoneError:
            continue  # an erasure moved or removed bytes that this version was to share
        if channel is not None:
            home.ledger.channels.put(channel.name, channel.version, channel.text, home.clock())
        if not done.unchanged:
            tell_commit(home, done.record)
        return done
    raise StoreError("flow.version_gone", source=label)


def checked_facts(facts: Mapping[str, str]) -> dict[str, str]:
    """Return facts that are known by name and can be understood.

    Raises:
        SpecError: One is unknown, or a retention is no length of time.
    """
    for name in facts:
        if name not in FACTS:
            raise SpecError(
                "flow.unknown_fact", fact=name, near=near(name, FACTS), expected=", ".join(FACTS)
            )
    try:
        retention_days(facts.get("retention", ""))
    except ValueError:
        raise SpecError(
            "core.bad_retention", received=facts["retention"], expected=EXPECTED_RETENTION
        ) from None
    return dict(facts)


def _channel(home: Home, source: str) -> Channel | None:
    path = Path(source).expanduser()
    if path.suffix in (".yaml", ".yml"):
        return Channel.load(path)
    known = home.ledger.channels.names()
    return find_channel(home, source) if source in known and not path.exists() else None


def _as_folder(source: Any) -> Path | None:
    path = Path(source).expanduser() if isinstance(source, str) else None
    return path if path is not None and path.is_dir() else None


def newest(home: Home, channel: str, name: str) -> DatasetRecord | None:
    """Return the newest version of a name that still has its rows."""
    found = [r for r in home.ledger.datasets.named(name) if (r.channel, r.name) == (channel, name)]
    return next((record for record in found if not record.erased), None)


def declared_of(record: DatasetRecord | None) -> dict[str, Json]:
    """Return the facts that people declared of a version; none of no version."""
    known: Mapping[str, Json] = {} if record is None else record.facts
    return {fact: known[fact] for fact in FACTS if fact in known}


def _folder(home: Home, folder: Path, before: DatasetRecord | None) -> _Content:
    root = folder.resolve()
    memory = home.folder("stat") / f"{digests.of_bytes(str(root).encode())}.parquet"
    previous = before.blob if before is not None and before.kind == FILES else ""
    kept = manifest.keep_folder(root, home.blobs, memory, previous=previous, leave_out=home.root)
    if not kept.files:
        raise DataError("flow.empty_folder", path=str(folder))
    facts = {"source": str(folder)}
    schema = manifest.SCHEMA.to_json()
    return _Content(
        kept.digest, kept.blob, schema, facts, kept.files, kept.bytes, FILES,
        kept.read, kept.written,
    )  # fmt: skip


def _table(home: Home, source: Any, channel: Channel | None, name: str, held: int) -> _Content:
    found = source_of(channel) if channel is not None else resolve(source, {}, base=Path())
    if (table := streamed(found, held)) is not None:
        return _large(home, Given(name or table.name, table, channel, channel is not None))
    dataset = found.read() if channel is None else typed(channel, found.read())
    dataset = versions.whole(replace(dataset, name=name or dataset.name, digest=""))
    dataset = replace(dataset, digest=digests.of_frame(dataset.frame, dataset.schema))
    before = newest(home, channel.name if channel else "", dataset.name)
    kept = versions.keep(dataset, home.blobs, [before.blob] if before is not None else [])
    facts = {"name": dataset.name, **dataset.facts}
    schema = dataset.schema.to_json()
    return _Content(dataset.digest, kept.path, schema, facts, len(dataset), kept.bytes, kept.kind)


def _large(home: Home, found: Given) -> _Content:
    with TemporaryDirectory(dir=home.folder("tmp")) as place:
        table = with_roles(found, stage_large(found.table, Path(place)), Path(place))
        table = replace(table, name=found.name)
        kept = write_large(home, table)
    facts = {"name": found.name, **kept.facts}
    schema = table.schema.to_json()
    return _Content(kept.digest, kept.blob, schema, facts, kept.rows, kept.bytes, TABLE)


def _record(
    home: Home,
    channel: str,
    name: str,
    content: _Content,
    facts: Mapping[str, str],
    message: str,
) -> Committed:
    """Record a version.

    Raises:
        _GoneError: Bytes of it were removed meanwhile.
    """
    with home.ledger.transaction():
        before = newest(home, channel, name)
        declared = declared_of(before)
        told = {key: value for key, value in content.facts.items() if key != "name"}
        said = {**declared, **told, **facts}
        counts = (content.rows if content.kind == FILES else 0, content.read, content.written)
        if before is not None and before.digest == content.digest and said == dict(before.facts):
            return Committed(before, True, *counts)
        now = home.clock()
        version = home.ledger.datasets.put(
            content.digest,
            channel,
            name,
            content.blob,
            content.schema_json,
            said,
            content.rows,
            [before.digest] if before is not None else [],
            now,
            message=message,
            bytes=content.bytes,
            kind=content.kind,
        )
        if not _is_there(home, content):
            raise _GoneError
        detail = {"name": name, "rows": content.rows, "content": content.digest}
        home.ledger.events.append("data.committed", version, detail, now)
    return Committed(home.ledger.datasets.find(version), False, *counts)


class _GoneError(Exception):
    """What a version names was removed while it was made: leaves the transaction."""


def _is_there(home: Home, content: _Content) -> bool:
    """Look whether all that a version names is stored, now that nobody sweeps any more."""
    named = {content.blob}
    if content.kind != TABLE:
        named |= set(stored_places(content.blob, home.blobs)["blob"].unique())
    listed = {
        path for part in {n.partition("/")[0] for n in named} for path in home.blobs.list(part)
    }
    return named <= listed


def log(home: Home, name: str = "", limit: int = 50) -> list[dict[str, Json]]:
    """Return versions, newest first, each as `line` tells it."""
    datasets = home.ledger.datasets
    found = datasets.named(name) if name else datasets.list()
    if name and not found:
        found = [datasets.find(name)]
    known = Family(home.ledger.datasets.list())
    now = home.clock()
    return [line(record, known, now) for record in found[:limit]]


def line(record: DatasetRecord, known: Family, now: str) -> dict[str, Json]:
    """Return what a log says of a version.

    Args:
        record: The version.
        known: All versions.
        now: UTC time, to say whether its retention is over.
    """
    until = kept_until(record.facts, record.at)
    return {
        "version": record.version,
        "name": record.label,
        "kind": record.kind,
        "at": record.at,
        "rows": record.rows,
        "bytes": record.bytes,
        "parents": [known.parent(record, parent) for parent in record.parents],
        "operators": [operator["name"] for operator in record.operators],
        "message": str(record.message),
        "kept_until": until,
        "past_retention": bool(until) and until < now[:10],
        "erased": record.erased,
        "content": record.digest,
    }


class Family:
    """Which version was made from which: a version names its parents by their content.

    Args:
        records: All versions, newest first.
    """

    def __init__(self, records: Sequence[DatasetRecord]) -> None:
        self._records = records
        self._of: dict[str, list[DatasetRecord]] = {}
        for record in records:
            self._of.setdefault(record.digest, []).append(record)

    def parent(self, record: DatasetRecord, content: str) -> str:
        """Return the id of the newest version of some content that was there before another."""
        return next(
            (
                older.version
                for older in self._of.get(content, ())
                if older.version != record.version and older.at <= record.at
            ),
            content,
        )

    def children(self, record: DatasetRecord) -> list[DatasetRecord]:
        """Return the versions that operators made from this one, newest first."""
        made = (child for child in self._records if child.operators)
        return [
            child
            for child in made
            if record.version in [self.parent(child, content) for content in child.parents]
        ]


def past_retention(home: Home) -> list[str]:
    """Return the ids of the versions that their declared retention does not allow to be kept."""
    today = home.clock()[:10]
    return [
        record.version
        for record in home.ledger.datasets.list()
        if not record.erased and "" < kept_until(record.facts, record.at) < today
    ]


def show(home: Home, version: str) -> dict[str, Json]:
    """Return a version with its facts, columns, and a few rows without personal columns."""
    record = home.ledger.datasets.find(version)
    family = Family(home.ledger.datasets.list())
    made = [{"version": r.version, "name": r.label} for r in family.children(record)]
    told = line(record, family, home.clock()) | {"facts": dict(record.facts), "made": made}
    if record.erased:
        return told | {"schema": [], "hidden": [], "sample": []}
    dataset = versions.load_places(record.blob, home.blobs)
    hidden = personal(dataset)
    schema = without_values(dataset.schema, hidden).to_json()
    return told | {
        "schema": [] if record.kind == FILES else schema,
        "hidden": sorted(hidden),
        "sample": sample(dataset, hidden),
    }


def personal(dataset: Dataset) -> set[str]:
    """Return the columns in which personal data is found."""
    held = dataset.frame.head(_LOOKED)
    known = [c for c in dataset.schema if held.schema.get(c.name) not in (None, pl.Binary)]
    readable = [c for c in known if c.kind not in ("image", "audio", "vector", "boxes")]
    schema = Schema(tuple(readable))
    return {finding.argument for finding in scan(held.select(schema.names), schema)}


def sample(dataset: Dataset, hidden: set[str], count: int = SHOWN) -> list[dict[str, Json]]:
    """Return the first rows as plain values; media and vectors by their size."""
    frame = dataset.frame.head(count).drop(hidden, strict=False)
    return [{name: _cell(cell) for name, cell in row.items()} for row in frame.to_dicts()]


def _cell(value: Any) -> Json:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict) and "digest" in value:
        return f"{value['size']} bytes, sha256 {value['digest'].hex()[:12]}"
    if isinstance(value, list):
        return f"{len(value)} values"
    return plain(value)
