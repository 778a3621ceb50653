"""What checks saw, where and when."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from lingqu.core.nouns import Finding
from lingqu.store.database import Database
from lingqu.store.tables import findings as table


@dataclass(frozen=True)
class FindingRecord:
    """A finding with its circumstances.

    Args:
        channel: Channel it concerns.
        run: Id of the run that saw it, or ``""`` in production.
        stage: ``data``, ``gate`` or ``live``.
        at: UTC time.
        finding: What was seen.
    """

    channel: str
    run: str
    stage: str
    at: str
    finding: Finding


class Findings:
    """Findings in the order they were seen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, channel: str, run_id: str, stage: str, at: str, findings: Iterable[Finding]
    ) -> None:
        """Record findings of one look."""
        rows = [
            {
                "channel": channel,
                "run": run_id,
                "stage": stage,
                "at": at,
                "finding": finding.to_json(),
            }
            for finding in findings
        ]
        if rows:
            with self._database.write() as connection:
                connection.execute(table.insert(), rows)

    def list(
        self, channel: str | None = None, run_id: str | None = None, limit: int = 1000
    ) -> builtins.list[Finding]:
        """Return the last `limit` findings, in the order they were seen."""
        return [record.finding for record in self.records(channel, run_id, limit)]

    def records(
        self, channel: str | None = None, run_id: str | None = None, limit: int = 1000
    ) -> builtins.list[FindingRecord]:
        """Return the last `limit` findings with stage and time, in the order they were seen."""
        query = select(table).order_by(table.c.id.desc()).limit(limit)
        if channel is not None:
            query = query.where(table.c.channel == channel)
        if run_id is not None:
            query = query.where(table.c.run == run_id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            FindingRecord(row.channel, row.run, row.stage, row.at, Finding(**row.finding))
            for row in reversed(rows)
        ]
