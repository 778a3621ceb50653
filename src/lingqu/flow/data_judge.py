"""The verbs of judging data: scan a source, check its rules, report on a run or a cleaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lingqu.core.errors import StoreError
from lingqu.core.nouns import Dataset, Json, Run
from lingqu.data import versions
from lingqu.flow.data_document import Judged, data_document
from lingqu.flow.data_given import Given, given
from lingqu.flow.data_large import check_large, scan_large
from lingqu.flow.data_private import showable
from lingqu.flow.data_removed import judged as judged_rules
from lingqu.flow.data_run import judged_of
from lingqu.flow.data_scan import SAMPLE, scanned
from lingqu.flow.judged import DOCUMENT, of_this, read_document
from lingqu.flow.last_run import stage_results
from lingqu.govern.contract.draft import draft
from lingqu.govern.contract.evaluate import evaluate
from lingqu.govern.contract.file import read_contract
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.rules import parse
from lingqu.report.data_html import render_data
from lingqu.store.home import Home


def scan_data(home: Home, source: Any, target: str = "") -> dict[str, Json]:
    """Return the document of a source alone: its profile and scores. Nothing is kept.

    Args:
        home: The workspace.
        source: A channel, or a source of data; a large table is read in streams.
        target: Column to predict, for a bare source.

    Raises:
        SpecError: The channel is wrong.
        DataError: The source is missing, empty or broken, or a named column is absent.
    """
    return scanned(home, given(home, source, target=target))


def check_data(home: Home, source: Any, contract: str | Path = "") -> dict[str, Json]:
    """Judge rules on a source.

    Args:
        home: The workspace.
        source: A channel, or a source of data.
        contract: A YAML file of rules; those of the channel when empty, else drafted.

    Returns:
        ``{"name", "rows", "drafted", "count", "passed", "failed", "unknown", "blocked", "rules"}``;
        ``blocked`` counts the blocking rules that fail or could not be judged.

    Raises:
        SpecError: The rules are wrong or contradict each other.
        DataError: The source is missing, empty or broken.
    """
    found = given(home, source)
    now = _now(home)
    rules = _rules(found, contract)
    folder = Path(contract).parent if contract else found.folder
    if found.small:
        rows = found.with_roles(found.table.collect())
        wanted = rules or draft(rows.schema, rows.frame, now)
        results = evaluate(rows.frame, wanted, now, folder)
        count = len(rows)
    else:
        with TemporaryDirectory(dir=home.folder("tmp")) as place:
            large = scan_large(found.table, folder=Path(place))
            rows = found.with_roles(_head(large.table.batches, found, large.table.schema))
            wanted = rules or draft(rows.schema, None, now)
            results = check_large(large.table, wanted, now, folder)
            count = large.rows
    told = judged_rules([r.to_json() for r in results], not rules, showable(rows))
    return {"name": found.name, "rows": count, **told}


def _head(batches: Callable[[], Any], found: Given, schema: Any) -> Dataset:
    """Return the first rows of a large table, to know roles and what is personal."""
    first = next(iter(batches())).head(SAMPLE)
    return Dataset(first, schema, found.name, "", found.table.facts)


def _now(home: Home) -> datetime:
    now = datetime.fromisoformat(home.clock())
    return now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now


def _rules(found: Given, contract: str | Path) -> list[Rule]:
    """Return the rules of a file, else those that the channel declares."""
    if contract:
        return list(read_contract(contract))
    for piece in found.pieces or ():
        if piece.name != "contract":
            continue
        options = piece.options
        written = options.get("rules") if isinstance(options, Mapping) else options
        if isinstance(written, str):
            return list(read_contract(found.folder / written))
        if written:
            return list(parse(written))
    return []


def report_data(home: Home, name: str) -> dict[str, Json]:
    """Return the document of a run, or of the newest run or cleaning of a channel.

    Raises:
        StoreError: There is none, or the rows that it speaks of were pruned.
    """
    run = _run(home, name)
    path = str(run.summary.get(DOCUMENT) or "")
    document = read_document(home, path) if path else None
    of = str(run.summary.get("kind") or "run")
    if document is None:
        document = data_document(_again(home, run))
    return of_this(document, run, run.stages, of)


def _run(home: Home, name: str) -> Run:
    for known in home.ledger.runs.list(name, 20):
        if known.state in ("done", "refused"):
            return home.ledger.runs.get(known.id)
    return home.ledger.runs.get(name)


def _again(home: Home, run: Run) -> Judged:
    """Return what is known of a run that kept no document, from the results of its stages."""
    results = stage_results(home, run, ())
    if not {"data", "govern"} <= set(results):
        raise StoreError("data_judge.pruned", run=run.id, channel=run.channel)
    data, governed = results["data"], results["govern"]
    rows = [versions.load(part["train"]["blob"], home.blobs) for part in (data, governed)]
    return judged_of(home, run.channel, data, governed, rows[0], rows[1])


def data_page(home: Home, run: str) -> Path:
    """Return a local file with the data report of a run, drawn anew where it is not kept."""
    local = home.root / "blobs" / "reports" / f"{run}.data.html"
    if local.is_file():
        return local
    target = home.folder("fetched", "reports") / f"{run}.data.html"
    target.write_text(render_data(report_data(home, run)), encoding="utf-8")
    return target
