"""What the last walk of a channel left: results of stages, doubted labels, removed rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

from lingqu.core.errors import StoreError
from lingqu.core.nouns import Json, Run, StageRecord
from lingqu.store.home import Home

REMOVED = "removed"
"""Folder of the lists of removed rows that are too long for the result of a stage."""


def newest_run(home: Home, channel: str, stage: str = "govern") -> Run:
    """Return the newest run of a channel that came to an end and walked a stage.

    `lingqu data clean` records runs that end with governance.
    """
    for run in home.ledger.runs.list(channel, 50):
        walked = {record.name for record in run.stages}
        if run.state in ("done", "refused") and stage in walked:
            return home.ledger.runs.get(run.id)
    known = home.ledger.channels.names()
    if known and channel not in known and not home.ledger.runs.list(channel, 1):
        raise StoreError("flow.no_channel", channel=channel, known=", ".join(known))
    raise StoreError("loop.no_run", channel=channel)


def stage_results(
    home: Home, run: Run, needed: Sequence[str] = ("data", "govern")
) -> dict[str, Mapping[str, Json]]:
    """Return what the stages of a run left, by name, as `counted` tells them.

    Args:
        home: The workspace.
        run: The run.
        needed: Stages whose results must be there.

    Raises:
        StoreError: A result was pruned, or what it names was erased.
    """
    found: dict[str, Mapping[str, Json]] = {}
    for name, record in counted(home, run).items():
        kept = home.ledger.stages.find(record.key)
        if kept is not None and _is_whole(home, kept.result):
            found[name] = kept.result
    lacking = [name for name in needed if name not in found]
    if lacking:
        raise StoreError("loop.pruned", run=run.id, channel=run.channel, stages=", ".join(lacking))
    return found


def _is_whole(home: Home, result: Mapping[str, Json]) -> bool:
    """Say whether the list of removed rows is there: an erasure takes those of all channels."""
    listed = str(result.get("removed_blob") or "")
    return not listed or listed in home.blobs.list(listed)


def counted(home: Home, run: Run) -> dict[str, StageRecord]:
    """Return the stages of a run by name.

    Where an answer of the gate changed the path, a stage was walked twice: the newest attempt
    counts, or the first where the gate liked the newest less and went back.
    """
    told = home.ledger.events.list("gate.second_attempt", run.id)
    went_back = any(not event.detail["kept"] for event in told)
    found: dict[str, StageRecord] = {}
    for record in run.stages:
        name, _, again = record.name.partition(" #")
        if not (again and went_back):
            found[name] = record
    return found


def removed_rows(home: Home, governed: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Return every training row that governance removed, with why."""
    if governed.get("removed_blob"):
        with home.blobs.open(governed["removed_blob"]) as file:
            return list(orjson.loads(file.read()))
    return list(governed["removed"])


def places_read(home: Home, governed: Mapping[str, Json], rows: int) -> NDArray[np.int64]:
    """Return for each governed training row its number among the rows as they were read.

    Args:
        home: The workspace.
        governed: Result of the governance stage.
        rows: Training rows as they were read.
    """
    gone = [int(row["row"]) for row in removed_rows(home, governed)]
    return np.setdiff1d(np.arange(rows), np.array(gone, dtype=np.int64))


def doubted(governed: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """Yield the doubted labels, all that were listed: row as read, given, suggested, score."""
    for report in governed["reports"]:
        if report["operator"] == "find_label_errors":
            yield from _listed(report["report"])


def _listed(report: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Return all suspects that a report names, not only its samples."""
    names = ("row", "digest", "given", "suggested", "score")
    rows = [dict(zip(names, row, strict=True)) for row in report.get("fixes", ())]
    if not rows:
        rows = [{n: row.get(n) for n in names} for row in report.get("samples", ())]
    return [{n: row[n] for n in names if n != "digest"} for row in rows]
