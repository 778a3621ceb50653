"""Lines of leaderboards, and where the fitted members of the good ones lie."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import func, select

from lingqu.core.nouns import Candidate, Json
from lingqu.store.database import Database
from lingqu.store.tables import candidates


class Candidates:
    """What was tried in each run; a finished fit is found again by its key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run_id: str, key: str, candidate: Candidate, result_blob: str = "") -> None:
        """Record a candidate of a run; the same name again overwrites its line.

        Args:
            run_id: The run that tried it.
            key: Digest of everything the fit reads.
            candidate: The line.
            result_blob: Path of the fitted member; when empty, an earlier path is kept.
        """
        values = {
            "run": run_id,
            "name": candidate.name,
            "key": key,
            "state": candidate.state,
            "candidate": asdict(candidate),
            "result_blob": result_blob,
        }
        new = self._database.insert(candidates).values(values)
        old_blob = candidates.c.result_blob
        changes = {name: new.excluded[name] for name in ("key", "state", "candidate")}
        changes["result_blob"] = func.coalesce(func.nullif(new.excluded.result_blob, ""), old_blob)
        with self._database.write() as connection:
            connection.execute(
                new.on_conflict_do_update(index_elements=["run", "name"], set_=changes)
            )

    def list(self, run_id: str) -> builtins.list[Candidate]:
        """Return the candidates of a run, in the order they were first added."""
        query = (
            select(candidates.c.candidate)
            .where(candidates.c.run == run_id)
            .order_by(candidates.c.id)
        )
        with self._database.read() as connection:
            return [_candidate(row) for row in connection.execute(query).scalars()]

    def find(self, key: str) -> tuple[Candidate, str] | None:
        """Return the newest finished candidate under this key and its blob, or None."""
        query = (
            select(candidates.c.candidate, candidates.c.result_blob)
            .where(candidates.c.key == key, candidates.c.state == "done")
            .order_by((candidates.c.result_blob == "").asc(), candidates.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else (_candidate(row.candidate), row.result_blob)


def _candidate(row: Mapping[str, Json]) -> Candidate:
    return Candidate(**{**row, "curve": tuple(row["curve"])})
