"""Cards of a version from what the ledger knows: Markdown, Croissant, OpenLineage."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

import polars as pl

from lingqu.core import digest
from lingqu.core.catalog import near
from lingqu.core.errors import SpecError
from lingqu.core.facts import kept_until
from lingqu.core.nouns import Dataset, Finding, Json
from lingqu.core.schema import Schema
from lingqu.data import versions
from lingqu.data.card import DataCard, render
from lingqu.data.croissant import Handed
from lingqu.data.croissant import croissant as described
from lingqu.data.openlineage import event
from lingqu.flow.data_diff import refuse_erased
from lingqu.flow.data_versions import personal
from lingqu.flow.last_run import counted
from lingqu.flow.lineage import committed, run_of, stored_events
from lingqu.release.prepare import without_values
from lingqu.store.datasets import FILES, DatasetRecord
from lingqu.store.home import Home
from lingqu.store.packs import place_columns

JUDGES = ("quality", "contract", "leakage", "privacy")
"""Checks of a run that speak of its data."""


def card(home: Home, version: str, form: str = "markdown") -> str:
    """Return the card of a version.

    Args:
        home: The workspace.
        version: Name, or beginning of an id.
        form: ``markdown``, ``croissant`` or ``openlineage`` (JSON lines).

    Raises:
        SpecError: There is no such form.
        StoreError: The version is unknown.
        DataError: Its rows were erased.
    """
    if form not in FORMS:
        expected = ", ".join(FORMS)
        raise SpecError(
            "flow.card_format", received=form, expected=expected, near=near(form, FORMS)
        )
    record = home.ledger.datasets.find(version)
    refuse_erased(record, "flow.verb_describe")
    return FORMS[form](home, record)


def markdown(home: Home, record: DatasetRecord) -> str:
    """Return the card as Markdown, in English and Chinese."""
    return render(_card(home, record))


def croissant(home: Home, record: DatasetRecord) -> str:
    """Return the card as Croissant JSON-LD, about the files that an export writes."""
    if record.kind == FILES:
        data = versions.listing(versions.load_places(record.blob, home.blobs).frame)
    else:
        data = versions.exported(record.blob, home.blobs)
    handed = Handed(digest.of_bytes(data), len(data))
    return json.dumps(described(_card(home, record), handed), ensure_ascii=False, indent=2) + "\n"


def openlineage(home: Home, record: DatasetRecord) -> str:
    """Return the events that made a version: those of its run, or of its commit."""
    told = stored_events(home, record) or [event(happened) for happened in committed(home, record)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in told)


FORMS: Mapping[str, Callable[[Home, DatasetRecord], str]] = {
    "markdown": markdown,
    "croissant": croissant,
    "openlineage": openlineage,
}


def _card(home: Home, record: DatasetRecord) -> DataCard:
    dataset = versions.load_places(record.blob, home.blobs)
    is_folder = record.kind == FILES
    hidden = frozenset() if is_folder else frozenset(personal(dataset))
    governed, findings = _story(home, record)
    ids = {known.digest: known.version for known in reversed(home.ledger.datasets.list())}
    return DataCard(
        name=record.label,
        version=record.version,
        content=record.digest,
        kind=record.kind,
        created=record.at,
        message=record.message,
        rows=record.rows,
        bytes=record.bytes,
        facts=record.facts,
        schema=Schema(()) if is_folder else without_values(dataset.schema, hidden),
        hidden=hidden,
        columns=_endings(dataset.frame) if is_folder else _counts(dataset),
        parents=[ids.get(parent, parent) for parent in record.parents],
        operators=record.operators,
        removed=governed.get("removed_by", {}),
        findings=findings,
        kept_until=kept_until(record.facts, record.at),
        sequence=_ancestors(home, record),
        types={name: str(dtype) for name, dtype in dataset.frame.schema.items()},
    )


def _counts(dataset: Dataset) -> dict[str, Json]:
    """Return the missing and distinct values of each column; of media only the missing ones."""
    frame = dataset.frame
    media = {*place_columns(frame.schema), *frame.select(pl.col(pl.Binary)).columns}
    counted = {}
    for column in dataset.schema:
        series = frame[column.name]
        counted[column.name] = {"missing": series.null_count()}
        if column.name not in media and column.kind not in ("vector", "boxes", "image", "audio"):
            counted[column.name]["distinct"] = series.drop_nulls().n_unique()
    return counted


def _endings(manifest: pl.DataFrame) -> dict[str, Json]:
    counted = Counter(PurePosixPath(path).suffix.lower() for path in manifest["path"])
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _ancestors(home: Home, record: DatasetRecord) -> int:
    """Return how many versions a version was made from, one after the other."""
    parents = {known.digest: known.parents for known in home.ledger.datasets.list()}
    parents[record.digest] = record.parents
    seen: set[str] = set()
    waiting = [*record.parents]
    while waiting:
        parent = waiting.pop()
        if parent not in seen:
            seen.add(parent)
            waiting += parents.get(parent, ())
    return len(seen - {record.digest}) + (record.digest in record.parents)


def _story(home: Home, record: DatasetRecord) -> tuple[Mapping[str, Json], list[Finding]]:
    """Return what governance did in the newest run that made a version, and what it saw."""
    run = run_of(home, record)
    if run is None:
        return {}, []
    walked = counted(home, run).get("govern")
    governed = walked.result if walked is not None else {}
    if record.digest != governed.get("train", {}).get("digest"):
        governed = {}  # rows leave the training part only
    found = home.ledger.findings.list(run_id=run.id)
    return governed, [finding for finding in found if finding.check in JUDGES]
