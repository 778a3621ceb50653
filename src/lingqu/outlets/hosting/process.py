"""Processes that outlive the one that started them."""

from __future__ import annotations

import os
from pathlib import Path

import psutil


def spawn(command: list[str], log: Path) -> int:
    """Start a process in a session of its own, so that it outlives this one and its terminal."""
    flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
    return os.posix_spawn(
        command[0],
        command,
        # Rows come by the few: handing them to more threads of Polars costs more than it saves.
        {"POLARS_MAX_THREADS": "1", **os.environ},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def ended(pid: int) -> bool:
    """Tell whether a process has ended; a child of ours is also taken leave of."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        pass
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def last_line(log: Path) -> str:
    """Return the last line of a text file: why a process ended."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else "-"
