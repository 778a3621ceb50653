"""Walks of channels and their stages."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import Connection, func, select, update

from lingqu.core.i18n import text
from lingqu.core.nouns import Json, Run, StageRecord
from lingqu.store.database import Database, only_match
from lingqu.store.process import is_dead, this_process
from lingqu.store.tables import run_stages, runs

INTERRUPTED = "interrupted"
"""`summary["reason"]` of a run whose process died."""


class Runs:
    """Runs, newest first; each remembers the process that walks it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, run: Run) -> None:
        """Record a run that begins.

        Raises:
            StoreError: The id is taken.
        """
        with self._database.write() as connection:
            connection.execute(
                runs.insert().values(
                    id=run.id,
                    channel=run.channel,
                    version=run.version,
                    state=run.state,
                    started=run.started,
                    ended=run.ended,
                    release=run.release,
                    summary=run.summary,
                    process=this_process(),
                )
            )
            for record in run.stages:
                self._stage(connection, run.id, record)

    def stage(self, run_id: str, record: StageRecord) -> None:
        """Record a stage of a run; a stage of the same name is overwritten in its place."""
        with self._database.write() as connection:
            self._stage(connection, run_id, record)

    def _stage(self, connection: Connection, run_id: str, record: StageRecord) -> None:
        last = connection.execute(
            select(func.coalesce(func.max(run_stages.c.position), 0)).where(
                run_stages.c.run == run_id
            )
        ).scalar_one()
        values = {
            "run": run_id,
            "name": record.name,
            "position": last + 1,
            "key": record.key,
            "state": record.state,
            "seconds": record.seconds,
            "result": record.result,
        }
        new = self._database.insert(run_stages).values(values)
        kept = {name: new.excluded[name] for name in ("key", "state", "seconds", "result")}
        connection.execute(new.on_conflict_do_update(index_elements=["run", "name"], set_=kept))

    def finish(
        self,
        run_id: str,
        state: Literal["running", "done", "failed", "refused"],
        ended: str,
        release: str = "",
        summary: Mapping[str, Json] | None = None,
    ) -> None:
        """Record how a run ended.

        Raises:
            StoreError: There is no such run.
        """
        with self._database.write() as connection:
            found = only_match(connection, runs.c.id, run_id, "store.unknown_run")
            connection.execute(
                update(runs)
                .where(runs.c.id == found)
                .values(state=state, ended=ended, release=release, summary=summary or {})
            )

    def get(self, run_id: str) -> Run:
        """Return one run by its id or a beginning of it that no other run shares.

        Raises:
            StoreError: No run matches, or several do.
        """
        with self._database.read(snapshot=True) as connection:
            found = only_match(connection, runs.c.id, run_id, "store.unknown_run")
            rows = connection.execute(select(runs).where(runs.c.id == found)).all()
            return self._with_stages(connection, rows)[0]

    def list(self, channel: str | None = None, limit: int = 50) -> builtins.list[Run]:
        """Return the newest runs first."""
        query = select(runs).order_by(runs.c.started.desc(), runs.c.id.desc()).limit(limit)
        if channel is not None:
            query = query.where(runs.c.channel == channel)
        with self._database.read(snapshot=True) as connection:
            return self._with_stages(connection, connection.execute(query).all())

    def interrupted(self, now: str) -> builtins.list[Run]:
        """Mark runs whose process died (kill −9, power cut) as failed, and return them.

        Their finished stages are kept, so the next walk goes on from there. Runs of other
        hosts are left alone, because their processes cannot be seen from here.
        """
        with self._database.write() as connection:
            query = select(runs).where(runs.c.state == "running").with_for_update()
            dead = [row for row in connection.execute(query).all() if is_dead(row.process)]
            for row in dead:
                summary = {
                    **row.summary,
                    "error": text("store.interrupted"),
                    "reason": INTERRUPTED,
                }
                connection.execute(
                    update(runs)
                    .where(runs.c.id == row.id)
                    .values(state="failed", ended=now, summary=summary)
                )
                connection.execute(
                    update(run_stages)
                    .where(run_stages.c.run == row.id, run_stages.c.state == "running")
                    .values(state="failed")
                )
            query = select(runs).where(runs.c.id.in_([row.id for row in dead]))
            return self._with_stages(connection, connection.execute(query).all())

    @staticmethod
    def _with_stages(connection: Connection, rows: Any) -> builtins.list[Run]:
        walked: dict[str, builtins.list[StageRecord]] = {row.id: [] for row in rows}
        query = (
            select(run_stages)
            .where(run_stages.c.run.in_(builtins.list(walked)))
            .order_by(run_stages.c.run, run_stages.c.position)
        )
        for row in connection.execute(query):
            walked[row.run].append(
                StageRecord(row.name, row.key, row.state, row.seconds, row.result)
            )
        return [
            Run(
                row.id,
                row.channel,
                row.version,
                row.state,
                row.started,
                row.ended,
                row.release,
                tuple(walked[row.id]),
                row.summary,
            )
            for row in rows
        ]
