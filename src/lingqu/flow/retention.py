"""What grows can be pruned; a person's rows can be erased."""

from __future__ import annotations

from dataclasses import asdict

from lingqu.store import erase as erasing
from lingqu.store import prune as pruning
from lingqu.store.erase import EraseReport
from lingqu.store.home import Home
from lingqu.store.prune import PruneReport


def prune(home: Home, keep_days: float, keep_last: int, dry_run: bool) -> PruneReport:
    """Remove runs, stage results and blobs that retention no longer asks for."""
    now = home.clock()
    report = pruning.prune(
        home.ledger,
        home.blobs,
        now=now,
        keep_days=keep_days,
        keep_last=keep_last,
        dry_run=dry_run,
    )
    if not dry_run:
        home.ledger.events.append(kind="prune", subject="workspace", detail=asdict(report), at=now)
    return report


def erase(home: Home, column: str, value: str) -> EraseReport:
    """Erase the rows of a person from dataset versions and prediction logs."""
    logs = sorted(home.logs.rglob("*.arrow")) if home.logs.is_dir() else []
    return erasing.erase(
        home.ledger, home.blobs, column=column, value=value, now=home.clock(), logs=logs
    )
