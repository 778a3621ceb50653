"""Clean data and nothing else: the stages data and govern of a channel, or a source alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from lingqu.core.digest import of_frame
from lingqu.core.errors import LingquError
from lingqu.core.nouns import Dataset, Json, Run
from lingqu.core.ports import Operator
from lingqu.core.spec import Channel
from lingqu.core.surroundings import Surroundings
from lingqu.data.table_size import HELD, fits
from lingqu.data.versions import whole
from lingqu.flow.clean_large import USUAL, Pieces, clean_large, refuse_unstreamed, streams
from lingqu.flow.data_document import Judged, data_document
from lingqu.flow.data_given import Given, given
from lingqu.flow.data_scan import looked
from lingqu.flow.data_stage import data_stage, load_parts, source_of
from lingqu.flow.data_versions import declared_of, newest
from lingqu.flow.decisions import row_key, with_ids
from lingqu.flow.govern_stage import augments, built, govern_stage
from lingqu.flow.judged import DOCUMENT, FOLDER, judge_run, of_this, write_page
from lingqu.flow.keep_version import identities, keep_version
from lingqu.flow.mask_keys import noting_new_keys
from lingqu.flow.validate import validate
from lingqu.flow.walk import Tell, Walk, hear_nothing
from lingqu.govern.contract.operator import contract_findings
from lingqu.govern.defaults import defaults
from lingqu.govern.pipeline import Governed
from lingqu.govern.pipeline import govern as governed_rows
from lingqu.release.prepare import save_operators
from lingqu.store.home import Home

KIND = "clean"
"""What the summary of a run says that only cleaned."""


@dataclass(frozen=True)
class Cleaned:
    """What a cleaning did.

    Args:
        run: Its record.
        document: The judgement of the data.
        page: Path of the report in the blobs.
        version: Id of the version of the rows that stayed, as `lingqu data show` takes it.
    """

    run: Run
    document: dict[str, Json]
    page: str
    version: str


def clean_data(
    home: Home,
    source: Any,
    *,
    govern: str | Path = "",
    target: str = "",
    name: str = "",
    tell: Tell = hear_nothing,
    held: int = HELD,
) -> Cleaned:
    """Walk the data and govern stages of a channel; no model is fitted.

    A later run of the channel reuses what was done here. A source without a channel, or a channel
    without `train`, is cleaned as a whole: there are no test rows to set aside.

    Args:
        home: The workspace.
        source: A channel, or a source of data.
        govern: A YAML file of operators, in the place of the declared ones.
        target: Column to predict, for a bare source.
        name: What to call the data of a bare source.
        tell: Hears progress.
        held: Bytes of rows that memory holds; a larger source without `train` is cleaned in
            streams.

    Raises:
        SpecError: The channel or an operator is wrong.
        DataError: The source cannot be read, or an operator refuses it; the source is large and
            an operator has no form that streams.
    """
    found = given(home, source, govern=govern, target=target, name=name)
    channel = found.channel if found.trains else None
    if channel is not None:
        channel = channel if not govern else _governed_by(channel, found)
        validate(channel)
    started = home.clock()
    version = channel.version if channel is not None else ""
    record = Run(home.new_id(), found.name, version, "running", started)
    home.ledger.runs.interrupted(started)
    if channel is not None and not govern:
        home.ledger.channels.put(channel.name, channel.version, channel.text, started)
    home.ledger.runs.start(record)
    begun = time.perf_counter()
    try:
        if channel is not None:
            path, document, made, stages = _channel(home, channel, record, tell)
        else:
            path, document, made, stages = _source(home, found, record, tell, held)
    except BaseException as error:
        said = str(error) if isinstance(error, LingquError) else type(error).__name__
        home.ledger.runs.finish(record.id, "failed", home.clock(), summary={"error": said})
        raise
    seconds = round(time.perf_counter() - begun, 3)
    summary: dict[str, Json] = {"kind": KIND, DOCUMENT: path, "seconds": seconds}
    done = replace(record, state="done", ended=home.clock(), stages=stages, summary=summary)
    document = of_this(document, done, stages, KIND)
    if not stages:
        document["cost"] = {"stages": {KIND: seconds}, "seconds": seconds}
    page = write_page(home, done.id, document)
    kept = _version(home, made)
    with home.ledger.transaction():
        home.ledger.runs.finish(done.id, "done", done.ended, "", summary)
        detail = {"name": found.name, "version": kept, "removed": _removed(document)}
        home.ledger.events.append("data.cleaned", done.id, detail, done.ended)
    return Cleaned(done, document, page, kept)


def _governed_by(channel: Channel, found: Given) -> Channel:
    """Return the channel with other operators, whose files lie beside the file that names them."""
    moved = channel.updated(govern=[piece.to_plain() for piece in found.pieces or ()])
    return replace(moved, path=channel.path)


def _removed(document: dict[str, Any]) -> int:
    return int((document.get("removed") or {}).get("count") or 0)


def _version(home: Home, mark: str) -> str:
    """Return the id of the newest version with this content."""
    known = [record for record in home.ledger.datasets.list() if record.digest == mark]
    return known[0].version if known else mark


def _channel(home: Home, channel: Channel, record: Run, tell: Tell) -> tuple[Any, ...]:
    walk = Walk(home, channel, record.id, tell)
    data = data_stage(walk, source_of(channel))
    declared = channel.govern
    pieces = (
        [(piece.name, piece.options) for piece in declared]
        if declared is not None
        else [(name, options) for name, options, _ in data["operators"]]
    )
    governed = govern_stage(walk, data, pieces, lambda: load_parts(walk, data))
    path, document = judge_run(
        walk,
        data,
        governed,
        lambda: load_parts(walk, data).train,
        lambda: load_parts(walk, governed).train,
    )
    return path, document, governed["train"]["digest"], tuple(walk.stages)


def _source(home: Home, found: Given, record: Run, tell: Tell, held: int) -> tuple[Any, ...]:
    declared: Pieces | None = None
    if found.pieces is not None:
        declared = [(piece.name, piece.options) for piece in found.pieces]
    if (small := fits(found.table, held)) is not True:
        pieces, operators = _steps(home, found, USUAL if declared is None else declared)
        if small is False:
            refuse_unstreamed(found, pieces, operators)
        if all(map(streams, operators)):
            cleaned = clean_large(home, found, pieces, operators)
            return *_written(home, record, replace(cleaned.judged, of=KIND)), cleaned.digest, ()
    rows = whole(found.with_roles(found.table.collect()))
    if declared is None:
        usual = [(name, options) for name, options, _ in defaults(rows.schema, rows.frame)]
        # Vectors serve learners; who cleans a source wants its words.
        declared = [piece for piece in usual if piece[0] != "text_features"]
    pieces, operators = _steps(home, found, declared)
    raw, rows = _as_read(home, found.name, rows)
    with noting_new_keys(home):
        result = governed_rows(rows, None, operators, [name for name, _ in pieces], tell)
    findings = looked(found, rows, result.train)
    kept = keep_version(
        home,
        "",
        f"{found.name}, cleaned",
        result.train,
        parents=[raw["digest"]],
        operators=identities(pieces),
    )
    judged = _judged(row_key(home), found, rows, result, findings, raw, kept)
    return *_written(home, record, judged), kept["digest"], ()


def _as_read(home: Home, name: str, rows: Dataset) -> tuple[dict[str, Json], Dataset]:
    """Return the version of rows as they were read, and the rows with what was declared of them.

    Rows that were committed under this name before are that version; others come after it.
    """
    before = newest(home, "", name)
    if before is None:
        return keep_version(home, "", name, rows), rows
    rows = replace(rows, facts={**declared_of(before), **rows.facts})
    if before.digest != of_frame(rows.frame, rows.schema):
        return keep_version(home, "", name, rows, parents=[before.digest]), rows
    return {"blob": before.blob, "digest": before.digest, "rows": before.rows}, rows


def _steps(home: Home, found: Given, pieces: Pieces) -> tuple[Pieces, list[Operator]]:
    """Return the declared operators, built; none that makes new rows, as nothing is fitted."""
    around = Surroundings(home.clock(), found.folder, home.root)
    operators = built(pieces, around, lambda index: f"`govern[{index}]`")
    steps = [step for step in zip(pieces, operators, strict=True) if not augments(step[1])]
    return [piece for piece, _ in steps], [operator for _, operator in steps]


def _written(home: Home, record: Run, judged: Judged) -> tuple[str, dict[str, Json]]:
    document = data_document(judged)
    path = f"{FOLDER}/{record.id}.json"
    home.blobs.write(path, orjson.dumps(document))
    return path, document


def _judged(
    key: bytes,
    found: Given,
    rows: Dataset,
    result: Governed,
    findings: Sequence[Any],
    raw: dict[str, Json],
    kept: dict[str, Json],
) -> Judged:
    removed = with_ids(result.removed, rows.frame, rows.schema, key)
    contract = next((r["report"] for r in result.reports if r["operator"] == "contract"), None)
    findings = [*findings, *(contract_findings(contract) if contract else ())]
    reports = [
        {**report, "report": {**report["report"], "samples": _named(report, rows, key)}}
        if report["operator"] == "find_label_errors"
        else report
        for report in result.reports
    ]
    return Judged(
        found.name,
        KIND,
        len(rows),
        rows,
        [finding.to_json() for finding in findings],
        clean=result.train,
        reports=reports,
        governed={
            "removed": removed,
            "removed_count": len(removed),
            "removed_by": dict(Counter(str(row["operator"]) for row in removed)),
        },
        protect=save_operators(result.operators),
        identity={
            "clean_rows": len(result.train),
            "version": raw["digest"],
            "clean": kept["digest"],
        },
    )


def _named(report: Any, rows: Dataset, key: bytes) -> list[dict[str, Json]]:
    return with_ids(report["report"].get("samples") or (), rows.frame, rows.schema, key)
