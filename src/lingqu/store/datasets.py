"""Versions of datasets: where their rows lie, where they came from, what is declared of them."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, select

from lingqu.core.nouns import Json
from lingqu.store.database import Database
from lingqu.store.tables import datasets


@dataclass(frozen=True)
class DatasetRecord:
    """A version of a dataset as the ledger knows it; the rows are a Parquet file in the blobs.

    Args:
        digest: Digest of schema and rows.
        channel: Channel it was read for.
        name: What it is called there.
        blob: Path of the Parquet file; ``""`` after an erasure.
        schema_json: `Schema.to_json()`.
        facts: What is declared of it.
        rows: How many.
        parents: Digests of the versions it was made from.
        at: UTC time.
        erased: UTC time at which rows of a person were erased from it, or ``""``. An erased
            version has no rows any more; its child has the others.
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


class Datasets:
    """Dataset versions by digest; the same content may be known in several channels."""

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
    ) -> None:
        """Record a version; the same digest, channel and name again renews its time."""
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
        }
        with self._database.write() as connection:
            connection.execute(
                self._database.upsert(datasets, ("digest", "channel", "name"), values)
            )

    def get(self, digest: str) -> DatasetRecord | None:
        """Return a version, the newest line of it, or None."""
        query = (
            select(datasets)
            .where(datasets.c.digest == digest)
            .order_by(datasets.c.at.desc(), datasets.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else dataset_record(row)

    def list(self, channel: str | None = None) -> builtins.list[DatasetRecord]:
        """Return the versions of a channel (or of all), newest first."""
        query = select(datasets).order_by(datasets.c.at.desc(), datasets.c.id.desc())
        if channel is not None:
            query = query.where(datasets.c.channel == channel)
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
    )
