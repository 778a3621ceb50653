"""The machinery of a walk: stages with keys, results that are reused, progress that is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lingqu.core import digest
from lingqu.core.errors import StoreError
from lingqu.core.nouns import Json, StageRecord
from lingqu.core.spec import Channel
from lingqu.flow.code_version import code_version
from lingqu.store.home import Home

Tell = Callable[[Mapping[str, Json]], None]
"""Hears what happens: ``{"event": "stage", "name": …}``, ``{"event": "candidate", …}`` …"""


def hear_nothing(row: Mapping[str, Json]) -> None:
    """Ignore progress; the default listener."""


def always(result: Mapping[str, Json]) -> bool:
    """Keep every result; the default."""
    return True


def hear_nothing_at_all() -> None:
    """Do nothing before a stage; the default."""


@dataclass
class Walk:
    """One run in the making.

    Args:
        home: Where everything is kept.
        channel: The declaration that is walked.
        run_id: Id of the run in the ledger.
        tell: Hears progress.
        on_miss: Called before a stage does real work, so that workers can start meanwhile.
        attempt: 1, or 2 after an answer of the gate changed the path.
    """

    home: Home
    channel: Channel
    run_id: str
    tell: Tell = hear_nothing
    on_miss: Callable[[], object] = hear_nothing_at_all
    attempt: int = 1
    stages: list[StageRecord] = field(default_factory=list)
    times: list[tuple[str, str, str]] = field(default_factory=list)
    """Stage, state, UTC time at which it came into it."""

    def stage(
        self,
        name: str,
        inputs: Json,
        make: Callable[[], Mapping[str, Json]],
        worth_keeping: Callable[[Mapping[str, Json]], bool] = always,
    ) -> Mapping[str, Json]:
        """Return the result of a stage: the kept one if its key is known, else a new one.

        A key is the digest of what the stage reads: its part of the declaration, the version
        of its code and the results before it. A result is kept only after `make` has returned,
        so a run that was killed in the middle of a stage does that stage again and reuses
        everything before it. A result that is not worth keeping serves this run only.
        """
        key = digest.of_json({"stage": name, "code": code_version(name), "inputs": inputs})
        record = StageRecord(
            name if self.attempt == 1 else f"{name} #{self.attempt}", key, "running"
        )
        found = self.home.ledger.stages.find(key)
        if found is not None and self._blobs_exist(found.result):
            record = replace(record, state="reused", result=found.result)
            self.home.ledger.stages.touch(key, self.home.clock())
            self._note(record)
            return found.result
        self.on_miss()
        self._note(record)
        started = time.perf_counter()
        try:
            result = make()
        except BaseException:
            self._note(replace(record, state="failed", seconds=time.perf_counter() - started))
            raise
        record = replace(record, state="done", seconds=time.perf_counter() - started, result=result)
        if worth_keeping(result):
            self.home.ledger.stages.put(record, self.home.clock())
        self._note(record)
        return result

    def _note(self, record: StageRecord) -> None:
        self.times.append((record.name, record.state, self.home.clock()))
        self.stages = [old for old in self.stages if old.name != record.name] + [record]
        self.home.ledger.runs.stage(self.run_id, record)
        self.tell(
            {
                "event": "stage",
                "name": record.name,
                "state": record.state,
                "seconds": round(record.seconds, 3),
            }
        )

    def _blobs_exist(self, result: Mapping[str, Json]) -> bool:
        """A result whose bytes were pruned or erased is no result.

        Its ``blobs`` are its own and go with it; what it ``needs`` belongs to another noun.
        """
        for path in (*result.get("blobs", ()), *result.get("needs", ())):
            try:
                self.home.blobs.open(path).close()
            except StoreError:
                return False
        return True

    def write_json(self, path: str, value: Any) -> str:
        """Write JSON into the blobs and return the path."""
        self.home.blobs.write(path, json.dumps(value, ensure_ascii=False).encode())
        return path

    def read_json(self, path: str) -> Any:
        with self.home.blobs.open(path) as file:
            return json.loads(file.read())
