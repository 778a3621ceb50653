"""Several processes at one address: they answer as one, and one that dies takes nobody along."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
from tests.outlets.asking import until

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Backend, Route
from lingqu.outlets.access import keys
from lingqu.outlets.hosting.muster import Muster
from lingqu.outlets.server import Server
from lingqu.release.release import Release
from lingqu.store.home import Home


def test_readers_of_the_muster_meet_whole_notes():
    muster = Muster(2)
    assert muster.present == [] and muster.slowest(["a"]) == 0
    child = os.fork()
    if not child:
        for revision in range(1, 3000):
            muster.write(1, {"a": revision, "b" * (revision % 50): revision})
        os._exit(0)
    seen = [0]
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        seen.append(muster.slowest(["a"]))
    assert seen == sorted(seen)
    assert muster.slowest(["a"]) == 2999
    with pytest.raises(ValueError, match="too many"):
        muster.write(0, {f"channel-{n}": n for n in range(9000)})


@pytest.fixture
def two(serve: Callable[..., Server]) -> Callable[..., Server]:
    """Return what makes drivers of two processes."""
    return partial(serve, processes=2)


def ask(address: str, body: bytes, secret: str = "") -> tuple[int, Any]:
    """Ask once on a connection of its own, so that the kernel deals it out anew."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=60)
    try:
        connection.request("POST", "/c/digits", body, {"X-API-Key": secret} if secret else {})
        reply = connection.getresponse()
        return reply.status, orjson.loads(reply.read())
    finally:
        connection.close()


def patient(address: str, body: bytes, secret: str) -> Any:
    """Ask until it is answered: a burst may use up a slice before the ledger has given the next."""
    for _ in range(100):
        status, reply = ask(address, body, secret)
        if status == 200:
            return reply
        assert status == 429
        time.sleep(0.05)
    raise AssertionError("a quota that is not used up was never given")


@pytest.mark.slow
def test_processes_answer_as_one(home: Home, two: Callable[..., Server], releases: dict[str, Path]):
    old = Release.open(releases["digits"])
    key, secret = keys.make("app", ("digits",), "60/d", created=home.clock())
    home.ledger.keys.add(key)
    driver = two()
    status = driver.open(str(old.folder))
    address = status["address"]
    workers = psutil.Process(status["pid"]).children()
    assert len(workers) == 2
    body = json.dumps({"rows": [old.golden["rows"][0]["input"]]}).encode()
    replies = [patient(address, body, secret) for _ in range(40)]
    ids = [reply["prediction_ids"][0] for reply in replies]
    assert len({name.partition("-")[0] for name in ids}) == 2  # both have answered
    assert len(set(ids)) == 40
    until(lambda: driver.status()["rows"] == 40)

    # A quota holds over both: overshot by no more than a slice of it each.
    said = [ask(address, body, secret)[0] for _ in range(60)]
    assert 429 in said and said.count(200) <= 20 + 2 * 8

    # A change has reached both when the outlet says so.
    home.ledger.routes.set(Route("digits", (), reason="stopped for a while"))
    wanted = home.ledger.revision()
    until(lambda: driver.status()["revision"] >= wanted)
    free, other = keys.make("free", ("digits",), created=home.clock())
    home.ledger.keys.add(free)
    wanted = home.ledger.revision()
    until(lambda: driver.status()["revision"] >= wanted)
    assert {ask(address, body, other)[0] for _ in range(20)} == {503}
    home.ledger.routes.set(Route("digits", (Backend(old.digest, 1.0),)))


@pytest.mark.slow
def test_a_process_that_dies_is_started_again(
    home: Home, two: Callable[..., Server], releases: dict[str, Path]
):
    release = Release.open(releases["digits"])
    driver = two()
    status = driver.open(str(release.folder))
    address, parent = status["address"], psutil.Process(status["pid"])
    body = json.dumps({"rows": [release.golden["rows"][0]["input"]]}).encode()
    first, second = parent.children()
    first.kill()
    until(lambda: len(parent.children()) == 2 and first.pid not in psutil.pids())
    until(lambda: driver.status().get("processes") == 2)
    assert {ask(address, body)[0] for _ in range(20)} == {200}
    assert second.is_running()
    assert "has ended" in (home.root / "outlets" / f"{driver.outlet}.log").read_text()

    begun = time.monotonic()
    driver.close()
    assert time.monotonic() - begun < 5.5
    assert not parent.is_running() and not second.is_running()
    assert list((home.root / "outlets").glob(f"{driver.outlet}.*.counts")) == []


@pytest.mark.slow
def test_processes_end_when_nobody_watches_them(
    home: Home, two: Callable[..., Server], releases: dict[str, Path]
):
    driver = two()
    parent = psutil.Process(driver.open(str(releases["digits"]))["pid"])
    workers = parent.children()
    os.kill(parent.pid, signal.SIGKILL)
    until(lambda: not any(worker.is_running() for worker in workers))
    assert not driver.status()["alive"]


@pytest.mark.slow
def test_processes_that_cannot_begin_say_why(
    home: Home, two: Callable[..., Server], releases: dict[str, Path]
):
    home.ledger.routes.set(Route("digits", (Backend("f" * 64, 1.0),)))
    with pytest.raises(OutletError, match=r"did not start.*ffff"):
        two().open(str(releases["digits"]))
