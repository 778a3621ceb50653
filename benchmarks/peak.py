"""The most memory that a process and all that it started held at once."""

from __future__ import annotations

import threading
import time

import psutil


class Peak(threading.Thread):
    """Memory of this process and its children, its highest sum so far, in MB.

    Pages that several of them share count once (proportional set size, where the system tells it).

    Args:
        process: Another one to look at instead; until it ends.
    """

    def __init__(self, process: psutil.Process | None = None) -> None:
        super().__init__(daemon=True)
        self.mb, self.process = 0.0, process or psutil.Process()

    def run(self) -> None:
        me = self.process
        while me.is_running():
            total = 0
            for process in family(me):
                try:
                    used = process.memory_full_info()
                    total += getattr(used, "pss", used.rss)
                except psutil.Error:
                    continue
            self.mb = max(self.mb, total / 1e6)
            time.sleep(0.1)


def family(process: psutil.Process) -> list[psutil.Process]:
    """Return a process and all that it started, as far as they still run."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []
