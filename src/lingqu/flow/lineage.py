"""What was made from what, told as OpenLineage events beside the runs and versions they are of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lingqu.core.errors import StoreError
from lingqu.core.i18n import worded
from lingqu.core.nouns import Json, Run
from lingqu.data.openlineage import Data, EventType, Happened, event
from lingqu.flow.walk import Walk
from lingqu.release.prepare import PROTECTS
from lingqu.store.datasets import DatasetRecord
from lingqu.store.home import Home

FOLDER = "lineage"
_LOOKED_RUNS = 200
_ENDS: Mapping[str, EventType] = {"done": "COMPLETE", "failed": "FAIL"}
ABOUT = {
    "data": "Read the source, type the columns, set test rows aside.",
    "govern": "Clean and judge the rows.",
    "train": "Choose and fit a model.",
    "check": "Judge the model on test rows.",
    "release": "Pack what is used into a release.",
}


def tell_lineage(walk: Walk, run: Run, error: str = "") -> None:
    """Write the events of a run: of itself, and of every stage that it did not reuse.

    Args:
        walk: The run, with the times of its stages.
        run: How it ended.
        error: Why it failed.
    """
    events = [event(happened) for happened in of_run(walk, run, error)]
    text = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in events)
    walk.home.blobs.write(f"{FOLDER}/{run.id}.jsonl", text.encode())


def of_run(walk: Walk, run: Run, error: str = "") -> Iterator[Happened]:
    """Yield what happened in a run, in order."""
    channel = walk.channel
    owner, about = str(channel.data.owner or ""), str(channel.data.purpose or "")
    yield Happened("START", run.started, run.id, channel.name, about=about, owner=owner)
    results = {stage.name.partition(" ")[0]: stage.result for stage in walk.stages}
    for name, state, at in walk.times:
        kind = "START" if state == "running" else _ENDS.get(state)
        if kind is None:
            continue  # what was reused did not happen in this run
        stage = name.partition(" ")[0]
        inputs, outputs = _touched(channel.name, stage, results) if state == "done" else ([], [])
        yield Happened(
            "START" if kind == "START" else kind,
            at,
            f"{run.id}/{name}",
            f"{channel.name}.{stage}",
            inputs,
            outputs,
            (run.id, channel.name),
            ABOUT.get(stage, ""),
            owner,
            error if kind == "FAIL" else "",
        )
    end: EventType = "FAIL" if error else "COMPLETE"
    inputs, outputs = ([], []) if error else _whole(channel.name, results)
    yield Happened(end, run.ended, run.id, channel.name, inputs, outputs, None, about, owner, error)


def _whole(
    channel: str, results: Mapping[str, Mapping[str, Json]]
) -> tuple[list[Data], list[Data]]:
    source, _ = _touched(channel, "data", results)
    _, released = _touched(channel, "release", results)
    return source, released


def _touched(
    channel: str, stage: str, results: Mapping[str, Mapping[str, Json]]
) -> tuple[list[Data], list[Data]]:
    """Return what a stage read and made, from the results that are kept of the stages."""
    data, governed = results.get("data", {}), results.get("govern", {})
    if stage == "data":
        facts = data["facts"]
        name = str(facts.get("source") or channel)
        source = Data(name, rows=data["rows"], facts=facts, namespace="source")
        return [source], [_part(channel, data, part, facts) for part in ("train", "test")]
    if stage == "govern":
        facts, metrics = data.get("facts", {}), _metrics(governed)
        inputs = [
            _part(channel, data, "train", facts, metrics),
            _part(channel, data, "test", facts),
        ]
        lineage = _columns(channel, data, governed)
        train = _part(channel, governed, "train", facts, lineage=lineage["train"])
        return inputs, [train, _part(channel, governed, "test", facts, lineage=lineage["test"])]
    facts = data.get("facts", {})
    made = results.get(stage, {})
    model = Data(f"{channel}/model", str(results.get("train", {}).get("digest", "")))
    if stage == "train":
        return [_part(channel, governed, "train", facts)], [model]
    if stage == "check":
        return [_part(channel, governed, "test", facts), model], []
    release = Data(f"{channel}/release", str(made.get("digest", "")))
    return [model], [release]


def _part(
    channel: str,
    result: Mapping[str, Json],
    part: str,
    facts: Mapping[str, Json],
    metrics: Mapping[str, Mapping[str, Json]] | None = None,
    lineage: Mapping[str, tuple[str, str, Sequence[str], bool]] | None = None,
) -> Data:
    told = result[part]
    return Data(
        _name(channel, result, part),
        told["digest"],
        result["schema"],
        told["rows"],
        facts=facts,
        metrics=metrics or {},
        lineage=lineage or {},
    )


def _name(channel: str, result: Mapping[str, Json], part: str) -> str:
    return f"{channel}/{part}, governed" if "raw_schema" in result else f"{channel}/{part}"


def _metrics(governed: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    """Return what the quality check counted of each column."""
    told: dict[str, dict[str, Json]] = {}
    for finding in governed.get("findings", ()):
        if finding["measure"] != "quality.column":
            continue
        seen = finding["evidence"]
        counts = {"nullCount": seen.get("missing"), "distinctCount": seen.get("distinct")}
        if isinstance(seen.get("min"), int | float):
            counts |= {"min": seen["min"], "max": seen["max"]}
        kept = {name: value for name, value in counts.items() if value is not None}
        if kept:
            told[finding["argument"]] = kept
    return told


def _columns(
    channel: str, data: Mapping[str, Json], governed: Mapping[str, Json]
) -> dict[str, dict[str, tuple[str, str, Sequence[str], bool]]]:
    """Return which column each governed column comes from: the one of the same name.

    A column that an operator made under a new name is left out, as no operator says from what.
    """
    there = {row["name"] for row in data["schema"]}
    columns = [row["name"] for row in governed["schema"] if row["name"] in there]
    touched = {name: _operators_on(name, governed) for name in columns}
    return {
        part: {
            name: (
                _name(channel, data, part), name, touched[name], bool(PROTECTS & {*touched[name]})
            )
            for name in columns
        }
        for part in ("train", "test")
    }  # fmt: skip


def _operators_on(column: str, governed: Mapping[str, Json]) -> list[str]:
    """Return the travelling operators whose options or state name a column."""
    return [
        operator["name"]
        for operator in governed["operators"]
        if _names(operator["options"], column) or _names(operator["state"], column)
    ]


def _names(value: Any, column: str) -> bool:
    if isinstance(value, Mapping):
        return column in value or any(_names(item, column) for item in value.values())
    if isinstance(value, list):
        return any(_names(item, column) for item in value)
    return bool(value == column)


def committed(home: Home, record: DatasetRecord) -> list[Happened]:
    """Return the two events of a commit: its start is its end, as the ledger knows one time."""
    data = Data(
        record.label,
        record.version,
        record.schema_json,
        record.rows,
        record.bytes,
        record.facts,
    )
    source = Data(str(record.facts.get("source") or record.label), facts=record.facts,
                  namespace="source")  # fmt: skip
    job = f"{record.label}.commit"
    owner, about = str(record.facts.get("owner") or ""), worded(record.message, "en")
    begun = Happened("START", record.at, record.version, job, about=about, owner=owner)
    done = Happened(
        "COMPLETE", record.at, record.version, job, [source], [data], about=about, owner=owner
    )
    return [begun, done]


def tell_commit(home: Home, record: DatasetRecord) -> None:
    """Write the events of a commit beside its version."""
    rows = [event(happened) for happened in committed(home, record)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    home.blobs.write(f"{FOLDER}/{record.version}.jsonl", text.encode())


def stored_events(home: Home, record: DatasetRecord) -> list[dict[str, Json]]:
    """Return the events that were written of the run that made a version, or of its commit."""
    run = run_of(home, record)
    try:
        with home.blobs.open(f"{FOLDER}/{run.id if run else record.version}.jsonl") as file:
            return [json.loads(line) for line in file.read().splitlines()]
    except StoreError:
        return []


def run_of(home: Home, record: DatasetRecord) -> Run | None:
    """Return the newest run whose data or governance stage holds a version."""
    if not record.channel:
        return None
    for run in home.ledger.runs.list(record.channel, _LOOKED_RUNS):
        for stage in run.stages:
            parts = [stage.result.get(part, {}) for part in ("train", "test")]
            if any(record.digest == part.get("digest") for part in parts if part):
                return run
    return None
