"""A workspace on disk: its folder, ledger, blobs, signing key, clock and ids, in one place."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lingqu.core.errors import StoreError
from lingqu.core.ports import Blobs
from lingqu.store.blobs import open_blobs
from lingqu.store.ledger import Ledger, open_ledger
from lingqu.store.signing import SigningKey
from lingqu.store.vault import remember


def utc_now() -> str:
    """Return the time as ISO 8601 UTC with microseconds, so that text order is time order."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True)
class Home:
    """Everything that is kept of a workspace.

    Args:
        root: The folder, usually ``.lingqu`` beside the channel files.
        ledger: Rows: runs, releases, keys, events …
        blobs: Bytes: dataset versions, stage results, releases, reports.
        signing_key: Signs releases and the head of the trail.
        clock: Returns the time now; tests pass their own.
    """

    root: Path
    ledger: Ledger
    blobs: Blobs
    signing_key: SigningKey
    clock: Callable[[], str] = field(default=utc_now)

    def new_id(self) -> str:
        """Return an id that sorts by time: ``20261121T211502-3f9a1c``."""
        stamp = self.clock()[:19].replace("-", "").replace(":", "")
        return f"{stamp}-{secrets.token_hex(3)}"

    def folder(self, *parts: str) -> Path:
        """Return a folder inside the workspace, made if it is missing."""
        path = self.root.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def logs(self) -> Path:
        """Where outlets write what they answered, one folder per channel."""
        return self.root / "log"

    def close(self) -> None:
        self.ledger.close()


def open_home(
    root: Path,
    ledger_url: str = "",
    blobs_url: str = "",
    clock: Callable[[], str] = utc_now,
) -> Home:
    """Open a workspace, making it if it is new.

    URLs that are given are remembered in the folder (mode 0600), so that the command line and
    the servers of the workspace find the same ledger and blobs.

    Args:
        root: Folder of the workspace.
        ledger_url: SQLAlchemy URL; ``LINGQU_LEDGER``, the remembered one, else SQLite inside
            `root`.
        blobs_url: fsspec URL; ``LINGQU_BLOBS``, the remembered one, else a folder inside `root`.
        clock: Source of time.

    Raises:
        StoreError: The folder cannot be written, or the ledger is of a newer version.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError("store.unwritable", path=str(root), problem=error.strerror) from error
    if not os.access(root, os.W_OK):
        raise StoreError("store.unwritable", path=str(root), problem="permission denied")
    signing_key = SigningKey.open_or_create(root / "signing.pem")
    remember(root)
    known = _remembered(root, {"ledger": ledger_url, "blobs": blobs_url})
    ledger_url = ledger_url or os.environ.get("LINGQU_LEDGER") or known.get("ledger", "")
    blobs_url = blobs_url or os.environ.get("LINGQU_BLOBS") or known.get("blobs", "")
    ledger = open_ledger(ledger_url or f"sqlite:///{root / 'ledger.db'}", signing_key)
    blobs = open_blobs(blobs_url or str(root / "blobs"))
    return Home(root, ledger, blobs, signing_key, clock)


def _remembered(root: Path, given: dict[str, str]) -> dict[str, str]:
    """Return the URLs that this folder remembers, after taking note of those given now."""
    path = root / "places.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}
    told = {name: url for name, url in given.items() if url}
    if told and {**known, **told} != known:
        known = {**known, **told}
        partial = path.with_name(f".places-{secrets.token_hex(4)}")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(known))
        partial.replace(path)
    return known
