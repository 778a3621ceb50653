"""Half of the load that our server bears, for minutes or an hour, while releases change.

    python benchmarks/soak.py [--minutes 60]

A key, a quota, the ledger, the prediction log and the counters are on. Every figure that could
creep is looked at: memory has a slope with its interval (of medians of blocks of time, the first
quarter left out, for caches fill there), errors are counted by the client and by the server, and
each hot swap is followed by a golden row. Prints one line per figure and exits 1 when one creeps.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import serve_releases
from figures import Figure, report
from scipy.stats import t as student
from serve_load import send
from serve_parts import Swapping, loaded
from serve_servers import Ours, Running, ours

CALLERS = 64
BLOCKS = 40
"""Blocks of time that memory is judged by."""
SWAP_S = 15.0
"""Seconds between two changes of the release."""
FULL_S = 4
"""Seconds at full load, to know what half of it is."""
GROWTH = 0.005
"""Part of the memory by which it may grow during the run and still be called flat."""


class Watch(threading.Thread):
    """Notes the memory of a server twice a second."""

    def __init__(self, running: Running) -> None:
        super().__init__()
        self._running = running
        self._ended = threading.Event()
        self.seen: list[tuple[float, float]] = []

    def run(self) -> None:
        begun = time.monotonic()
        while not self._ended.wait(0.5):
            self.seen.append((time.monotonic() - begun, self._running.rss_mb()))

    def end(self) -> None:
        self._ended.set()
        self.join()


class Now(Swapping):
    """Changes the release now and then, and not as often as it can.

    Args:
        pause_s: Seconds between two changes.
    """

    def __init__(self, mine: Ours, releases: tuple[Path, Path], pause_s: float) -> None:
        super().__init__(mine, releases)
        self._pause_s = pause_s

    def run(self) -> None:
        try:
            while not self._ended.wait(self._pause_s):
                self._change(self._releases[(len(self.times) + 1) % 2])
        except Exception as error:  # told by who waits for this thread
            self.problem = error


def slope(seen: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Return MB an hour and the ends of its 95 % interval, after the first quarter.

    Example:
        >>> low, high = slope([(float(s), 100 + s / 3600) for s in range(400)])[1:]
        >>> low <= 1.0001 and high >= 0.9999
        True
    """
    table = np.array(seen[len(seen) // 4 :])
    blocks = [block for block in np.array_split(table, BLOCKS) if len(block)]
    hours = np.array([np.median(block[:, 0]) for block in blocks]) / 3600
    memory = np.array([np.median(block[:, 1]) for block in blocks])
    away = hours - hours.mean()
    found = float(away @ memory / (away @ away))
    left = memory - memory.mean() - found * away
    spread = float(np.sqrt(left @ left / (len(blocks) - 2) / (away @ away)))
    wide = float(student.ppf(0.975, len(blocks) - 2)) * spread
    return found, found - wide, found + wide


def main() -> int:
    """Run the soak and print what came of it; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    seconds = round(parser.parse_args().minutes * 60)
    releases = (serve_releases.digits(), serve_releases.digits(1))
    with ours(*releases) as mine:
        running = mine.running
        full = loaded(running, CALLERS, FULL_S)
        pause_ms = max(1, round(1e3 * CALLERS / (full["per_s"] / 2) - full["p50_ms"] / 2))
        watch = Watch(running)
        swapping = Now(mine, releases, min(SWAP_S, seconds / 6))
        watch.start()
        swapping.start()
        try:
            before = running.cpu_s()
            found = send(running.port, running.path, running.bodies, CALLERS, seconds,
                         running.headers, pause_ms)  # fmt: skip
            cpu_us = (running.cpu_s() - before) / max(found.requests, 1) * 1e6
        finally:
            watch.end()
            swapping.end()
    grown, low, high = slope(watch.seen)
    memory = statistics.median(mb for _, mb in watch.seen)
    flat = low <= 0 or grown * seconds / 3600 <= GROWTH * memory
    title = f"soak of {seconds / 60:g} minutes at {found.per_s / full['per_s']:.2f} of full load"
    return report(
        title,
        [
            Figure(f"failed of {found.requests:,} requests", found.failed, None, "0",
                   found.failed == 0),
            Figure(f"memory ({memory:.1f} MB): slope, MB an hour", grown, None, "flat", flat),
            Figure(f"hot swaps, both of {len(swapping.answered)} releases answering",
                   len(swapping.times), None, ">= 1", len(swapping.answered) == 2),
        ],
        [
            f"95 % interval of the slope: {low:.2f} to {high:.2f} MB an hour",
            f"CPU {cpu_us:.0f} µs a request; p50 {found.p50_ms:.2f} ms, p99 {found.p99_ms:.2f} ms",
        ],
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
