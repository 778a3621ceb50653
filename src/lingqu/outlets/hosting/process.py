"""Processes that outlive the one that started them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil

MODULE = "lingqu.outlets.serve"
"""What the process of an outlet is started as."""
CLOSE_S = 5.0
"""Seconds a server gets to end by itself."""


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


def running(pid: int, name: str) -> psutil.Process | None:
    """Return the process that serves under a name; another one that got its pid is left alone."""
    if pid <= 0 or ended(pid):
        return None
    try:
        process = psutil.Process(pid)
        line = process.cmdline()
    except psutil.Error:
        return None
    return process if MODULE in line and name in line else None


def end(process: psutil.Process) -> None:
    """Ask a process to end, and kill it where it does not in time."""
    try:
        process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + CLOSE_S
        while time.monotonic() < deadline and not ended(process.pid):
            time.sleep(0.02)
        if not ended(process.pid):
            process.kill()
            while not ended(process.pid):
                time.sleep(0.02)
    except psutil.NoSuchProcess:
        return
