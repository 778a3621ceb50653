"""Minutes of steady load while releases change: nothing fails, and memory keeps still.

The load is what a machine that runs other tests beside it can bear; `benchmarks/soak.py` asks at
half of the full load, for an hour where it is told so.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tests.outlets.asking import until

from lingqu.core.nouns import Backend, Route
from lingqu.outlets.access import keys
from lingqu.outlets.server import Server
from lingqu.release.release import Release
from lingqu.store.home import Home

SECONDS = 180.0
CALLERS = 16
PAUSE_S = 0.02
SWAP_S = 10.0
GROWTH = 0.02
"""Part by which memory may grow over the second half of the run and still count as flat."""


class Load:
    """Callers that ask one row after another, each on its own connection, until told to stop."""

    def __init__(self, port: int, secret: str, rows: list[object]) -> None:
        self.statuses: Counter[int] = Counter()
        self.digests: Counter[str] = Counter()
        self.stopped = threading.Event()
        self._port, self._bodies = port, [json.dumps({"rows": [row]}).encode() for row in rows]
        self._head = f"POST /c/digits HTTP/1.1\r\nHost: x\r\nX-API-Key: {secret}\r\n".encode()

    async def call(self, number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while not self.stopped.is_set():
            body = self._bodies[number % len(self._bodies)]
            number += 1
            writer.write(self._head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            reply = json.loads(await asyncio.wait_for(reader.readexactly(size), 30))
            self.statuses[int(head[9:12])] += 1
            self.digests[str(reply.get("release"))] += 1
            await asyncio.sleep(PAUSE_S)
        writer.close()
        await writer.wait_closed()

    async def calls(self) -> None:
        await asyncio.gather(*(self.call(number) for number in range(CALLERS)))


@pytest.mark.slow
def test_minutes_of_load_and_swaps_lose_nothing_and_leak_nothing(
    home: Home,
    serve: Callable[..., Server],
    releases: dict[str, Path],
    digests: tuple[str, str],
):
    first = Release.open(releases["digits"])
    key, secret = keys.make("app", ("digits",), "100000000/d", created=home.clock())
    home.ledger.keys.add(key)
    driver = serve(processes=2)
    status = driver.open(str(first.folder))
    parent = psutil.Process(status["pid"])
    workers = parent.children()
    rows = [row["input"] for row in first.golden["rows"]]
    load = Load(int(status["address"].rpartition(":")[2]), secret, rows)
    ran: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(load.calls())
        except BaseException as error:
            ran.append(error)

    callers = threading.Thread(target=work)
    begun, seen = time.monotonic(), []
    callers.start()
    swaps = 0
    try:
        while (passed := time.monotonic() - begun) < SECONDS and callers.is_alive():
            if passed >= SWAP_S * (swaps + 1):
                swaps += 1
                home.ledger.routes.set(Route("digits", (Backend(digests[swaps % 2], 1.0),)))
            used = [worker.memory_info().rss / 1e6 for worker in workers]
            seen.append((passed, used))
            time.sleep(0.5)
    finally:
        load.stopped.set()
        callers.join(60)
    assert not ran, ran
    asked = load.statuses.total()
    assert load.statuses == {200: asked} and asked > 10_000
    assert swaps >= 10 and set(load.digests) == set(digests)
    until(lambda: driver.status()["rows"] == asked)  # every answer is in the log
    assert parent.is_running() and parent.children() == workers  # nobody was started again
    for place in range(len(workers)):
        middle, last = (
            statistics.median(used[place] for at, used in seen if low <= at / SECONDS < low + 0.25)
            for low in (0.5, 0.75)
        )
        assert last <= (1 + GROWTH) * middle, (middle, last)
