"""What grows can be pruned; a person's rows can be erased."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from lingqu.flow.data_versions import past_retention
from lingqu.flow.judged import FOLDER as JUDGED
from lingqu.flow.last_run import REMOVED
from lingqu.flow.signature_memory import FOLDER as SIGNATURES
from lingqu.outlets.sight import access_log, log
from lingqu.outlets.sight.segments import turn
from lingqu.store import erase as erasing
from lingqu.store import prune as pruning
from lingqu.store.erase import EraseReport
from lingqu.store.home import Home
from lingqu.store.prune import PruneReport


def prune(home: Home, keep_days: float, keep_last: int, dry_run: bool) -> PruneReport:
    """Remove runs, stage results, blobs and logs that retention no longer asks for."""
    now = home.clock()
    report = pruning.prune(
        home.ledger,
        home.blobs,
        now=now,
        keep_days=keep_days,
        keep_last=keep_last,
        dry_run=dry_run,
    )
    limit = datetime.fromisoformat(now) - timedelta(days=keep_days)
    folders = [path for path in home.logs.iterdir() if path.is_dir()] if home.logs.is_dir() else []
    for folder in folders:
        files, size = log.prune(folder, limit, dry_run)
        report = replace(report, blobs=report.blobs + files, bytes=report.bytes + size)
    files, size = access_log.prune(home.root / "access", limit, dry_run)
    report = replace(report, blobs=report.blobs + files, bytes=report.bytes + size)
    report = replace(report, past_retention=len(past_retention(home)))
    if not dry_run:
        _forget_stat(home, limit)
        home.ledger.events.append(kind="prune", subject="workspace", detail=asdict(report), at=now)
    return report


def _forget_stat(home: Home, limit: datetime) -> None:
    """Remove what is remembered of folders and texts not looked at for as long as is kept."""
    for path in (home.root / "stat").glob("*.parquet"):
        if path.stat().st_mtime < limit.timestamp():
            path.unlink()
    for folder in (home.root / SIGNATURES).glob("*"):
        newest = max((path.stat().st_mtime for path in folder.iterdir()), default=0.0)
        if newest < limit.timestamp():
            shutil.rmtree(folder)


def erase(home: Home, column: str, value: str) -> EraseReport:
    """Erase the rows of a person from dataset versions, prediction logs, fits and reports.

    Kept fits only serve to resume a run, and cannot be told apart by person: all of them go.
    Reports of the runs that read the rows go too, because they show samples. Releases are
    named, not touched: what answers in production is for a person to retrain and retire.
    """
    logs = sorted(home.logs.rglob("*.arrow")) if home.logs.is_dir() else []
    with ExitStack() as held:
        for folder in {path.parent for path in logs}:
            held.enter_context(turn(folder))  # a live server waits with its next batch
        report = erasing.erase(
            home.ledger, home.blobs, column=column, value=value, now=home.clock(), logs=logs
        )
    home.ledger.questions.forget(column, value)
    if report.datasets:
        home.blobs.remove("candidates")
        home.blobs.remove(JUDGED)  # what was judged of the rows shows some of them
        home.blobs.remove(REMOVED)  # why a row left may quote its values; a walk lists them again
        # What `stat` said is only a memory; it may hold a path that names the person.
        shutil.rmtree(home.root / "stat", ignore_errors=True)
        shutil.rmtree(home.root / SIGNATURES, ignore_errors=True)
    for run in report.runs:
        home.blobs.remove(f"lineage/{run}.jsonl")
        for page in (f"{run}.html", f"{run}.data.html"):
            home.blobs.remove(f"reports/{page}")
            (home.root / "fetched" / "reports" / page).unlink(missing_ok=True)
    return report
