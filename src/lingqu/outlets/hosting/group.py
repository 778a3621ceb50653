"""Groups of channels that one process serves: their names, and whose turn it is to change them."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lingqu.core.nouns import OutletRecord
from lingqu.store.home import Home

OF_PROCESS = frozenset(
    {
        "access_log_mb", "away_s", "certificate", "client_ca", "grpc_port", "host", "oidc", "port",
        "private_key", "processes", "proxies", "trace_share", "traces",
    }
)  # fmt: skip
"""Options that hold for the process: all channels of a group have them in common."""
_NAME = re.compile(r"[A-Za-z0-9_-]{0,60}", re.ASCII)


def is_name(group: str) -> bool:
    """Tell whether this may be the name of a group; none at all may be, too.

    Example:
        >>> is_name("desk-1"), is_name("../desk")
        (True, False)
    """
    return _NAME.fullmatch(group) is not None


def group_name(group: str) -> str:
    """Return the name of a group's process, as its files and its command line say it."""
    return f"group-{group}"


def process_name(record: OutletRecord) -> str:
    """Return the name of the process that serves an outlet."""
    group = record.detail.get("group")
    return group_name(group) if group else record.id


def others(home: Home, group: str, mine: OutletRecord) -> list[OutletRecord]:
    """Return the other outlets that the process of a group serves."""
    found = home.ledger.outlets.list(state="open")
    return [o for o in found if o.id != mine.id and o.detail.get("group") == group]


@contextmanager
def turn(root: Path, group: str) -> Iterator[None]:
    """Let one at a time change a group: two that start its process at once would be one too many.

    Args:
        root: Folder of the workspace.
        group: Its name; whoever serves a channel alone need not wait.
    """
    if not group:
        yield
        return
    path = root / "outlets" / f"{group_name(group)}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
