from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import Any

import orjson
import pytest
from tests.flow.routed import NAME, rows

from lingqu.core.errors import OutletError
from lingqu.flow import routing
from lingqu.outlets.calling.client import Client
from lingqu.outlets.server import Server
from lingqu.store.home import Home

WITHIN_S = 20.0
"""How long is waited at most: far longer than it takes, which is printed."""


class Callers:
    """Asks without a pause from several threads, and notes who answered when."""

    def __init__(self, address: str) -> None:
        self.seen: list[tuple[float, str]] = []
        self.failed: list[Exception] = []
        self._stop = threading.Event()
        given, _ = rows(1)
        self._threads = [
            threading.Thread(target=self._work, args=(Client(address, NAME), given))
            for _ in range(4)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self, client: Client, given: list[Any]) -> None:
        body = orjson.dumps({"rows": given})
        while not self._stop.is_set():
            try:
                reply = client.request("POST", f"/c/{NAME}", body)
            except OutletError as error:
                self.failed.append(error)
                time.sleep(0.01)
            else:
                self.seen.append((time.monotonic(), reply["release"]))

    def end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(10)


def until(callers: Callers, release: str, since: float) -> None:
    """Wait until one release has answered alone for a while."""
    while time.monotonic() - since < WITHIN_S:
        time.sleep(0.05)
        recent = {who for at, who in callers.seen if at > time.monotonic() - 0.6}
        if recent == {release} and time.monotonic() - since > 0.7:
            return
    raise AssertionError(f"{release[:12]} does not answer alone")


@pytest.mark.slow
def test_going_back_is_quick_over_two_processes_and_no_request_fails(
    home: Home, digests: list[str], server: Server
):
    old, new = digests
    routing.switch(home, NAME, new)
    callers = Callers(str(server.status()["address"]))
    try:
        until(callers, new, time.monotonic())
        begun = time.monotonic()
        words = ["route", NAME, "--undo", "--by", "ann", "--workspace", str(home.root)]
        program = "import sys; from lingqu.cli.main import main; sys.exit(main(sys.argv[1:]))"
        subprocess.run([sys.executable, "-c", program, *words], check=True, timeout=60)
        until(callers, old, begun)
        last = max(at for at, who in callers.seen if who == new)
    finally:
        callers.end()
    print(f"last answer of the old release {last - begun:.3f} s after the command was called")
    assert callers.failed == []
    assert len(callers.seen) > 100


@pytest.mark.slow
def test_the_kill_switch_works_everywhere_and_says_why(
    home: Home, digests: list[str], server: Server
):
    callers = Callers(str(server.status()["address"]))
    try:
        until(callers, digests[0], time.monotonic())
        begun = time.monotonic()
        routing.stop(home, NAME, "wrong prices", "ann")
        while not callers.failed and time.monotonic() - begun < WITHIN_S:
            time.sleep(0.02)
        time.sleep(1.0)
        last = max(at for at, _ in callers.seen)
        routing.resume(home, NAME, by="ann")
        until(callers, digests[0], time.monotonic())
    finally:
        callers.end()
    print(f"last answer {last - begun:.3f} s after the stop")
    assert "wrong prices" in str(callers.failed[0])
