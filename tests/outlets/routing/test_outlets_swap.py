"""Another release takes over while requests pour in, and nobody notices but by the answers."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lingqu.core.nouns import Backend, Route
from lingqu.outlets.server import Server
from lingqu.release.release import Release
from lingqu.store.home import Home

pytestmark = pytest.mark.slow
REQUESTS = 6000
CALLERS = 8
SWAPS = 6


@pytest.fixture(params=[1, 2])
def driver(home: Home, request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(channel="digits", workspace=str(home.root), processes=request.param)
    yield made
    made.close()


class Callers:
    """Some connections that ask one request after the other."""

    def __init__(self, address: str, body: bytes) -> None:
        self.host, _, self.port = address.removeprefix("http://").rpartition(":")
        head = f"POST /c/digits HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        self.asked = head.encode() + body
        self.said: Counter[tuple[int, str]] = Counter()
        self.left = REQUESTS
        self.begun = threading.Event()

    def run(self) -> None:
        asyncio.run(self._all())

    async def _all(self) -> None:
        await asyncio.gather(*(self._one() for _ in range(CALLERS)))

    async def _one(self) -> None:
        reader, writer = await asyncio.open_connection(self.host, int(self.port))
        while self.left > 0:
            self.left -= 1
            writer.write(self.asked)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            reply = json.loads(await reader.readexactly(length))
            self.said[int(head.split()[1]), reply.get("release", "")] += 1
            if self.left < REQUESTS - 100:
                self.begun.set()
        writer.close()


def test_a_swap_under_load_fails_no_request(home: Home, driver: Server, releases: dict[str, Path]):
    digests = []
    for name in ("digits", "digits1"):
        digests.append(Release.open(releases[name]).digest)
        shutil.copytree(releases[name], home.root / "blobs" / "releases" / digests[-1])
    home.ledger.routes.set(Route("digits", (Backend(digests[0], 1.0),)))
    address = driver.open(str(releases["digits"]))["address"]
    row = Release.open(releases["digits"]).golden["rows"][0]["input"]
    callers = Callers(address, json.dumps({"rows": [row]}).encode())
    working = threading.Thread(target=callers.run)
    working.start()
    assert callers.begun.wait(10)
    for swap in range(SWAPS):
        new = digests[(swap + 1) % 2]
        home.ledger.routes.set(Route("digits", (Backend(new, 1.0),)))
        wanted = home.ledger.revision()
        while driver.status()["revision"] < wanted:
            time.sleep(0.01)
        if swap == 0:  # whoever asks from now on is answered by the new one
            before = callers.said[200, digests[0]]
            behind = callers.said[200, digests[1]]
            while working.is_alive() and callers.said[200, digests[1]] < behind + 50:
                time.sleep(0.001)
            assert callers.said[200, digests[0]] <= before + CALLERS
    working.join()
    assert {status for status, _ in callers.said} == {200}
    assert sum(callers.said.values()) == REQUESTS
    assert {release for _, release in callers.said} == set(digests)
