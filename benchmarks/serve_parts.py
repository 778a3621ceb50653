"""The parts of `serve.py`: each starts what it needs, measures, ends it, and returns JSON."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import serve_releases
from serve_load import send
from serve_peers import BATCH, PEERS
from serve_servers import Ours, Running, ours, peer, post

HERE = Path(__file__).resolve().parent
CONCURRENCY = (16, 64)
WARM_S = 1
Told = dict[str, Any]


@dataclass(frozen=True)
class Lengths:
    """How long each part lasts.

    Args:
        seconds: Of one run.
        runs: Of each server; they alternate, and medians are told.
        swap_requests: Fewest requests during which releases change.
        soak_s: Of the soak.
    """

    seconds: int = 4
    runs: int = 3
    swap_requests: int = 100_000
    soak_s: int = 180


def loaded(running: Running, concurrency: int, seconds: float) -> Told:
    """Ask a server; return rate, latencies, CPU microseconds a request, memory and failures."""
    before = running.cpu_s()
    found = send(running.port, running.path, running.bodies, concurrency, seconds, running.headers)
    cpu_us = (running.cpu_s() - before) / max(found.requests, 1) * 1e6
    memory = {"largest_mb": running.largest_mb(), "pss_mb": running.pss_mb()}
    return {**asdict(found), "cpu_us": cpu_us, "processes": len(running.processes()), **memory}


def middle(runs: list[Told]) -> Told:
    """Return the median of each figure; failures are added up."""
    told = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    return {**told, "failed": sum(run["failed"] for run in runs)}


def alternating(
    one: Running, other: Running, concurrency: tuple[int, ...], lengths: Lengths
) -> Told:
    """Load two servers in turn; return the medians of both by concurrency."""
    found: dict[str, dict[str, list[Told]]] = {"ours": {}, "peer": {}}
    sides = (("ours", one), ("peer", other))
    for _, running in sides:
        send(running.port, running.path, running.bodies, 8, WARM_S, running.headers)
    for _ in range(lengths.runs):
        for callers in concurrency:
            for side, running in sides:
                told = loaded(running, callers, lengths.seconds)
                found[side].setdefault(str(callers), []).append(told)
    return {
        **{side: {key: middle(runs) for key, runs in by.items()} for side, by in found.items()},
        "start_s": {side: running.start_s for side, running in sides},
        "load": os.getloadavg()[0],
    }


def mlp(name: str, lengths: Lengths, release: Path | None = None, workers: int = 1) -> Told:
    """Digits, one row a request, beside one peer."""
    served, asked = release or serve_releases.digits(), PEERS[name]
    with ours(served) as mine, peer(asked, served, asked.batch, workers=workers) as theirs:
        return alternating(mine.running, theirs, CONCURRENCY, lengths)


def minilm(name: str, lengths: Lengths, threads: int = 1) -> Told:
    """One text a request, 16 callers, beside one peer with its batches on; all cut into pieces."""
    served = serve_releases.minilm()
    with ours(served) as mine, peer(PEERS[name], served, BATCH, threads) as theirs:
        return alternating(mine.running, theirs, CONCURRENCY[:1], lengths)


def limit(lengths: Lengths) -> Told:
    """MiniLM by our server and by ONNX Runtime alone, in turn."""
    served = serve_releases.minilm()
    command = [sys.executable, str(HERE / "serve_limit.py"), str(served), str(lengths.seconds)]
    found: list[Told] = []
    alone: list[Mapping[str, float]] = []
    with ours(served) as mine:
        send(mine.running.port, mine.running.path, mine.running.bodies, 8, WARM_S,
             mine.running.headers)  # fmt: skip
        for _ in range(lengths.runs):
            found.append(loaded(mine.running, CONCURRENCY[0], lengths.seconds))
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            alone.append(json.loads(done.stdout))
    rates = {way: statistics.median(told[way] for told in alone) for way in alone[0]}
    return {"ours": middle(found), "alone": rates, "load": os.getloadavg()[0]}


def start(lengths: Lengths) -> Told:
    """Seconds until a new server has answered the golden rows, and its memory after some load."""
    seconds, found = [], []
    for _ in range(lengths.runs):
        with ours(serve_releases.digits()) as mine:
            seconds.append(mine.running.start_s)
            found.append(loaded(mine.running, CONCURRENCY[0], lengths.seconds))
    return {"ours": middle(found), "start_s": statistics.median(seconds),
            "load": os.getloadavg()[0]}  # fmt: skip


class Swapping(threading.Thread):
    """Lets two releases take turns, and asks after each change who answers."""

    def __init__(self, mine: Ours, releases: tuple[Path, Path]) -> None:
        super().__init__()
        self._mine, self._releases = mine, releases
        self._ended = threading.Event()
        self.times: list[float] = []
        self.answered: set[str] = set()
        self.problem: Exception | None = None

    def run(self) -> None:
        try:
            while not self._ended.wait(0.2):
                self._change(self._releases[(len(self.times) + 1) % 2])
        except Exception as error:  # told by who waits for this thread
            self.problem = error

    def _change(self, release: Path) -> None:
        self.times.append(self._mine.switch(release))
        running, row = self._mine.running, serve_releases.golden(release)[0]
        said = post(running.port, running.path, {"rows": [row["input"]]}, running.headers)
        if said["predictions"] != [row["output"]["prediction"]]:
            raise ValueError(f"{said} and not {row['output']}")
        self.answered.add(said["release"])

    def end(self) -> None:
        self._ended.set()
        self.join()
        if self.problem is not None:
            raise self.problem


def swap(lengths: Lengths) -> Told:
    """Change the release under load, again and again; count what fails."""
    releases = (serve_releases.digits(), serve_releases.digits(1))
    requests, failed, slowest = 0, 0, 0.0
    with ours(*releases) as mine:
        swapping = Swapping(mine, releases)
        swapping.start()
        try:
            while requests < lengths.swap_requests:
                running = mine.running
                found = send(running.port, running.path, running.bodies, CONCURRENCY[0],
                             lengths.seconds, running.headers)  # fmt: skip
                requests, failed = requests + found.requests, failed + found.failed
                slowest = max(slowest, found.max_ms)
        finally:
            swapping.end()
    return {
        "requests": requests, "failed": failed, "max_ms": slowest, "swaps": len(swapping.times),
        "swap_s": max(swapping.times), "releases": len(swapping.answered),
        "load": os.getloadavg()[0],
    }  # fmt: skip


def soak(lengths: Lengths) -> Told:
    """Half of the load that the server can bear, for minutes: does memory grow, does it fail?"""
    with ours(serve_releases.digits()) as mine:
        running, callers = mine.running, CONCURRENCY[1]
        full = loaded(running, callers, lengths.seconds)
        pause_ms = max(1, round(1e3 * callers / (full["per_s"] / 2) - full["p50_ms"] / 2))
        ended = threading.Event()
        memory: list[float] = []
        watching = threading.Thread(target=_watch, args=(running, memory, ended))
        watching.start()
        try:
            before = running.cpu_s()
            found = send(running.port, running.path, running.bodies, callers, lengths.soak_s,
                         running.headers, pause_ms)  # fmt: skip
            cpu_us = (running.cpu_s() - before) / max(found.requests, 1) * 1e6
        finally:
            ended.set()
            watching.join()
    sixth = max(1, len(memory) // 6)
    return {
        **asdict(found), "cpu_us": cpu_us, "full_per_s": full["per_s"], "seconds": lengths.soak_s,
        "early_mb": statistics.median(memory[sixth : 2 * sixth]),
        "late_mb": statistics.median(memory[-sixth:]), "load": os.getloadavg()[0],
    }  # fmt: skip


def _watch(running: Running, memory: list[float], ended: threading.Event) -> None:
    while not ended.wait(0.5):
        memory.append(running.rss_mb())


def timed(part: Callable[[], Told]) -> Told:
    """Return what a part told, with the seconds that it took."""
    begun = time.perf_counter()
    return {**part(), "took_s": round(time.perf_counter() - begun, 1)}
