"""Servers under test: ours with everything on, and peers; what they cost, and their end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import psutil
import serve_releases
from serve_peers import FOLDER, Peer, Place, Rows

from lingqu.core.nouns import Backend, Route
from lingqu.outlets.access import keys
from lingqu.outlets.server import Server
from lingqu.store.home import Home, open_home

QUOTA = "100000000/min"
TOLERANCE = 1e-4
"""How far a number of a peer may lie from the golden answer: it computes other batches."""
_open = build_opener(ProxyHandler({})).open


class DidNotStart(Exception):
    """A server did not come up, or answers otherwise than the release."""


@dataclass(frozen=True)
class Running:
    """A server that answers.

    Args:
        name: As in the table.
        pid: Its first process.
        port: Where it listens.
        path: Where rows are asked.
        bodies: JSON of requests of one row each.
        headers: Sent with each request.
        start_s: Seconds from the start of the process to its first right answer.
    """

    name: str
    pid: int
    port: int
    path: str
    bodies: tuple[Any, ...]
    headers: dict[str, str]
    start_s: float

    def processes(self) -> list[psutil.Process]:
        """Return its processes that live now."""
        try:
            first = psutil.Process(self.pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_s(self) -> float:
        """Return the CPU seconds of all its processes, and of their children that have ended."""
        total = 0.0
        for process in self.processes():
            try:
                spent = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += spent.user + spent.system + spent.children_user + spent.children_system
        return total

    def rss_mb(self) -> float:
        """Return the resident memory of all its processes; shared pages count in each."""
        return sum(self._memory("rss")) / 1e6

    def largest_mb(self) -> float:
        """Return the resident memory of its largest process."""
        return max(self._memory("rss"), default=0) / 1e6

    def pss_mb(self) -> float:
        """Return the memory of all its processes; pages that they share count once."""
        return sum(self._memory("pss")) / 1e6

    def _memory(self, kind: str) -> list[int]:
        found = []
        for process in self.processes():
            try:
                found.append(getattr(process.memory_full_info(), kind))
            except psutil.NoSuchProcess:
                continue
        return found


def free_port() -> int:
    """Return a port that nobody listens on, nor on the one after it."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = int(listener.getsockname()[1])
        try:
            socket.create_server(("127.0.0.1", port + 1)).close()
        except (OSError, OverflowError):
            continue
        return port


def post(port: int, path: str, body: Any, headers: dict[str, str], timeout_s: float = 10.0) -> Any:
    """Return the JSON that a server answers to one body."""
    words = {"Content-Type": "application/json", **headers}
    asked = Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), words)
    with _open(asked, timeout=timeout_s) as reply:
        return json.load(reply)


def get(running: Running, path: str) -> str:
    """Return what our server says at a path."""
    asked = Request(f"http://127.0.0.1:{running.port}{path}", headers=running.headers)
    with _open(asked, timeout=10.0) as reply:
        text: str = reply.read().decode()
    return text


# Ours


@dataclass(frozen=True)
class Ours:
    """Our server with the workspace that it follows."""

    running: Running
    home: Home
    driver: Server

    def switch(self, release: Path) -> float:
        """Let another release answer; return the seconds until the server had taken it over."""
        digest = json.loads((release / "release.json").read_text("utf-8"))["digest"]
        begun = time.perf_counter()
        self.home.ledger.routes.set(Route(self.driver.channel, (Backend(digest, 1.0),)))
        wanted = self.home.ledger.revision()
        while int(self.driver.status().get("revision", 0)) < wanted:
            time.sleep(0.01)
        return time.perf_counter() - begun


@contextmanager
def ours(release: Path, *others: Path) -> Iterator[Ours]:
    """Run our server with a key, a quota, the ledger, the log and the counters on.

    Args:
        release: Folder of what answers.
        others: Folders of releases that may take over.
    """
    name = json.loads((release / "release.json").read_text("utf-8"))["name"]
    with tempfile.TemporaryDirectory(prefix="lq-serve-") as folder:
        home = open_home(Path(folder) / "workspace")
        key, secret = keys.make("bench", (name,), QUOTA, created=home.clock())
        home.ledger.keys.add(key)
        for one in (release, *others):
            _linked(home, one)
        driver = Server(channel=name, workspace=str(Path(folder) / "workspace"), processes=0)
        begun = time.perf_counter()
        status = driver.open(str(release))
        took = time.perf_counter() - begun
        rows = [row["input"] for row in serve_releases.golden(release)]
        running = Running(
            "ours", status["pid"], int(status["address"].rpartition(":")[2]), f"/c/{name}",
            tuple({"rows": [row]} for row in rows), {"Authorization": f"Bearer {secret}"}, took,
        )  # fmt: skip
        try:
            yield Ours(running, home, driver)
            final = driver.status()
            if final.get("dropped"):
                raise SystemExit(f"rows of the log were dropped: {final}")
        finally:
            driver.close()
            home.close()


def _linked(home: Home, release: Path) -> None:
    """Put a release where the workspace looks for it."""
    digest = json.loads((release / "release.json").read_text("utf-8"))["digest"]
    place = home.root / "blobs" / "releases" / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(release, target_is_directory=True)


# Peers


@contextmanager
def peer(
    peer: Peer, release: Path, batch: int, threads: int = 1, workers: int = 1
) -> Iterator[Running]:
    """Run a peer that gives the golden answers of the release; all its processes are ended.

    Raises:
        DidNotStart: It does not come up, or answers otherwise.
    """
    golden = serve_releases.golden(release)
    rows = [row["input"] for row in golden]
    with tempfile.TemporaryDirectory(prefix=f"lq-{peer.name}-") as folder:
        place = Place(peer.python(), release, Path(folder), free_port(), batch, threads, workers)
        command, log = peer.command(place), Path(folder) / "log.txt"
        with log.open("wb") as file:
            begun = time.perf_counter()
            process = subprocess.Popen(
                command, cwd=FOLDER, env=place.variables, stdout=file, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        try:
            _await(peer, place.port, process, begun, rows, log)
            running = Running(
                peer.title, process.pid, place.port, peer.path,
                tuple(peer.body([row]) for row in rows), {}, time.perf_counter() - begun,
            )  # fmt: skip
            _compare(peer, running, [row["output"] for row in golden])
            yield running
        finally:
            end(process)


def _await(
    peer: Peer, port: int, process: subprocess.Popen[bytes], begun: float, rows: Rows, log: Path
) -> None:
    problem = "no reply"
    while time.perf_counter() - begun < peer.start_s:
        if process.poll() is not None:
            problem = f"it ended with {process.returncode}"
            break
        try:
            post(port, peer.path, peer.body(rows[:1]), {})
            return
        except HTTPError as error:
            problem = f"{error.code} {error.read()[:200].decode(errors='replace')}"
        except OSError as error:  # nobody listens yet
            problem = str(error)
        time.sleep(0.02)
    said = " | ".join(log.read_text(errors="replace").splitlines()[-3:])
    raise DidNotStart(f"{peer.title} did not start: {problem}; {said[-600:]}")


def _compare(peer: Peer, running: Running, golden: list[dict[str, Any]]) -> None:
    """Refuse a peer that does other work: it must answer the golden rows as the release does."""
    for body, wanted in zip(running.bodies, golden, strict=True):
        said = peer.answers(post(running.port, running.path, body, {}))[0]
        if isinstance(wanted["prediction"], list):
            pairs = list(zip(said, wanted["prediction"], strict=True))
            good = max(abs(one - other) for one, other in pairs) <= TOLERANCE
        else:
            good = said[0] == wanted["prediction"]
            good = good and abs(said[1] - wanted["confidence"]) <= TOLERANCE
        if not good:
            received = f"{str(said)[:80]} and not {str(wanted)[:80]}"
            raise DidNotStart(f"{peer.title} answers otherwise than the release: {received}")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, all that it started, and all of its session."""
    family = _family(process.pid)
    for one in family:
        _tell(one, signal.SIGTERM)
    _, left = psutil.wait_procs(family, timeout=6)
    for one in {*left, *_family(process.pid)}:
        _tell(one, signal.SIGKILL)
    process.wait()


def _family(pid: int) -> list[psutil.Process]:
    found = {}
    try:
        found = {one.pid: one for one in psutil.Process(pid).children(recursive=True)}
        found[pid] = psutil.Process(pid)
    except psutil.NoSuchProcess:
        pass
    for one in psutil.process_iter():
        try:
            if os.getsid(one.pid) == pid:
                found[one.pid] = one
        except (ProcessLookupError, PermissionError):
            continue
    return list(found.values())


def _tell(process: psutil.Process, number: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
