"""Which process does something, and whether it still lives."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from functools import cache

import psutil

from lingqu.core.nouns import Json

_SAME_START_S = 2.0
"""Start times of one process read twice may differ by a clock step smaller than this."""


def this_process() -> dict[str, Json]:
    """Return host, pid and start time: a pid alone may be given to another process later."""
    return _described(os.getpid())


@cache
def _described(pid: int) -> dict[str, Json]:
    return {
        "host": socket.gethostname(),
        "pid": pid,
        "started": psutil.Process(pid).create_time(),
    }


def is_dead(process: Mapping[str, Json]) -> bool:
    """Tell whether a described process surely no longer runs.

    A process of another host is not known to be dead.

    Example:
        >>> is_dead(this_process())
        False
    """
    if process.get("host") != socket.gethostname():
        return False
    try:
        there = psutil.Process(process["pid"])
        is_another = abs(there.create_time() - float(process["started"])) > _SAME_START_S
        return is_another or bool(there.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
