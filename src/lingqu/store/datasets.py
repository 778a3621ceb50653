"""Versions of datasets: where their rows lie, where they came from, what is declared of them."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, or_, select

from lingqu.core.catalog import near
from lingqu.core.digest import of_json
from lingqu.core.errors import StoreError
from lingqu.core.i18n import Phrase, as_told, keepable
from lingqu.core.nouns import Json
from lingqu.store.database import Database
from lingqu.store.tables import datasets

TABLE = "table"
MEDIA = "media"
FILES = "files"
PACKED = (MEDIA, FILES)
"""Kinds of versions whose bytes lie in packs: `media` is a table with pictures or sounds,
`files` a folder."""


@dataclass(frozen=True)
class DatasetRecord:
    """A version of a dataset as the ledger knows it; the rows are a Parquet file in the blobs.

    Args:
        digest: Digest of schema and rows.
        channel: Channel it was read for; ``""`` where it was committed by itself.
        name: What it is called there.
        blob: Path of the Parquet file; ``""`` after an erasure.
        schema_json: `Schema.to_json()`.
        facts: What is declared of it.
        rows: How many; of a folder: files.
        parents: Digests of the versions it was made from.
        at: UTC time.
        erased: UTC time at which rows of a person were erased from it, or ``""``. An erased
            version has no rows any more; its child has the others.
        version: `version_id`; the same rows made in another way are another version.
        kind: ``table``, ``media`` or ``files``.
        message: Why it was committed.
        operators: What made it of its parents: ``{"name", "options", "code"}`` each.
        bytes: Size of its content.
    """

    digest: str
    channel: str
    name: str
    blob: str
    schema_json: Sequence[Mapping[str, Json]]
    facts: Mapping[str, Json] = field(default_factory=dict)
    rows: int = 0
    parents: tuple[str, ...] = ()
    at: str = ""
    erased: str = ""
    version: str = ""
    kind: str = TABLE
    message: Phrase | str = ""
    operators: Sequence[Mapping[str, Json]] = ()
    bytes: int = 0

    @property
    def label(self) -> str:
        """``channel/name``, or the name alone where the channel is called so or is none."""
        alone = self.channel in ("", self.name)
        return self.name if alone else f"{self.channel}/{self.name}"


def version_id(digest: str, parents: Sequence[str], operators: Sequence[Mapping[str, Json]]) -> str:
    """Return the id of a version: what it holds, what it was made from, and how.

    Example:
        >>> version_id("d", ["p"], []) == version_id("d", [], [])
        False

    Source: Own; content-addressed commits as in Git, with declared operators in place of authors.
    """
    return of_json({"content": digest, "parents": [*parents], "operators": [*operators]})


class Datasets:
    """Dataset versions; the same content may be known in several channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        digest: str,
        channel: str,
        name: str,
        blob: str,
        schema_json: Sequence[Mapping[str, Json]],
        facts: Mapping[str, Json],
        rows: int,
        parents: Sequence[str],
        at: str,
        *,
        operators: Sequence[Mapping[str, Json]] = (),
        message: Phrase | str = "",
        bytes: int = 0,
        kind: str = TABLE,
    ) -> str:
        """Record a version and return its id; the same one under the same name renews its time."""
        version = version_id(digest, parents, operators)
        values = {
            "digest": digest,
            "channel": channel,
            "name": name,
            "blob": blob,
            "schema_json": builtins.list(schema_json),
            "facts": facts,
            "rows": rows,
            "parents": builtins.list(parents),
            "at": at,
            "erased": "",
            "version": version,
            "kind": kind,
            "message": keepable(message),
            "operators": builtins.list(operators),
            "bytes": bytes,
        }
        with self._database.write() as connection:
            connection.execute(
                self._database.upsert(datasets, ("version", "channel", "name"), values)
            )
        return version

    def get(self, digest: str) -> DatasetRecord | None:
        """Return a version by the digest of its content, the newest line of it, or None."""
        found = self._where(datasets.c.digest == digest, limit=1)
        return found[0] if found else None

    def list(self, channel: str | None = None) -> builtins.list[DatasetRecord]:
        """Return the versions of a channel (or of all), newest first."""
        return self._where(*([] if channel is None else [datasets.c.channel == channel]))

    def named(self, name: str) -> builtins.list[DatasetRecord]:
        """Return the versions of a dataset or channel, or of ``channel/name``, newest first."""
        channel, _, part = name.partition("/")
        whole = or_(datasets.c.name == name, datasets.c.channel == name)
        return self._where(
            whole | (datasets.c.channel == channel) & (datasets.c.name == part) if part else whole
        )

    def find(self, given: str) -> DatasetRecord:
        """Return the version a user means: a name (its newest), or the beginning of an id.

        The beginning of a digest of content is understood too.

        Raises:
            StoreError: None matches, or several do.
        """
        called = self.named(given) if given else []
        if called:
            exact = [record for record in called if given in (record.name, record.label)]
            return (exact or called)[0]
        for column in (datasets.c.version, datasets.c.digest):
            begins = func.substr(column, 1, len(given)) == given
            found = self._where(begins) if given else []
            ids = sorted({getattr(record, column.name) for record in found})
            if len(ids) > 1:
                raise StoreError("store.ambiguous", received=given, near=", ".join(ids[:4]))
            if ids:
                return found[0]
        known = self.list()
        if not known:
            raise StoreError("store.no_versions", received=given)
        names = dict.fromkeys(record.label for record in known)
        raise StoreError("store.unknown_version", received=given, near=near(given, names))

    def _where(self, *conditions: Any, limit: int | None = None) -> builtins.list[DatasetRecord]:
        query = select(datasets).where(*conditions).limit(limit)
        query = query.order_by(datasets.c.at.desc(), datasets.c.id.desc())
        with self._database.read() as connection:
            return [dataset_record(row) for row in connection.execute(query)]


def dataset_record(row: Row[tuple[object, ...]]) -> DatasetRecord:
    """Build the record of a row of the table."""
    return DatasetRecord(
        row.digest,
        row.channel,
        row.name,
        row.blob,
        row.schema_json,
        row.facts,
        row.rows,
        tuple(row.parents),
        row.at,
        row.erased,
        row.version,
        row.kind,
        as_told(row.message),
        row.operators,
        row.bytes,
    )
