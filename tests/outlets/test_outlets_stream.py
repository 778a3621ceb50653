"""Replies in parts, and callers that hang up: on a real socket and over ASGI."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.outlets.asking import OneApp, ask, make_app, opened
from tests.outlets.test_outlets_listener import post, reply, talk

from lingqu.core.errors import AccessError
from lingqu.outlets import listener
from lingqu.outlets.batching import BATCH_S, ROWS, Batcher
from lingqu.outlets.paths import Table, Verb
from lingqu.outlets.request import Request

TYPE = [(b"content-type", b"text/plain")]


class Told:
    """A handler that answers in parts, as its test says."""

    parts: tuple[bytes, ...] = (b"one ", b"", b"two ", b"three")
    made: Any = None
    request: Any = None
    open = False

    @classmethod
    def answer(cls, app: Any, request: Request, body: bytes, send: Any) -> None:
        cls.request = request
        cls.made = request.stream(200, TYPE)
        for part in cls.parts:
            cls.made.part(part)
        if not cls.open:
            cls.made.end()
            cls.made.end()


@pytest.fixture
def app(releases: dict[str, Path]) -> OneApp:
    made = make_app(opened(releases["digits"]))
    paths: dict[tuple[str, str], tuple[str, Verb]] = {
        ("GET", "/told"): ("x:Y", ""),
        ("POST", "/c/{channel}"): ("lingqu.outlets.call:Form", "call"),
        ("GET", "/health"): ("lingqu.outlets.telling.pages:Health", ""),
    }
    table = Table(made.rooms.values(), paths)
    spot = table.find("/told")
    assert spot is not None
    for way in spot.ways.values():
        way._handler = Told
    made._table = table
    Told.open, Told.made, Told.request = False, None, None
    return made


@pytest.fixture
def body(app: OneApp) -> bytes:
    served = app.serving.first
    assert served is not None
    return json.dumps({"rows": [served.release.golden["rows"][0]["input"]]}).encode()


async def chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while length := int(await reader.readline(), 16):
        found += await reader.readexactly(length)
        assert await reader.readline() == b"\r\n"
    assert await reader.readline() == b"\r\n"
    return found


def test_parts_come_in_chunks_and_the_connection_is_kept(app: OneApp):
    heard: list[Any] = []
    app.told += (lambda request, status, size: heard.append((status, size)),)

    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        writer.write(
            b"GET /told HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"transfer-encoding: chunked" in head and b"content-length" not in head
        assert await chunks(reader) == b"one two three"
        assert (await reply(reader))[0] == 200
        writer.write(b"HEAD /told HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"chunked" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET /told HTTP/1.0\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"chunked" not in head and b"connection: close" in head
        assert await reader.read() == b"one two three"

    talk(app, conversation)
    assert heard[0] == (200, 13) and heard[2] == (200, 0)


def test_a_stream_that_is_cut_is_not_taken_for_whole(app: OneApp):
    Told.open = True

    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        writer.write(b"GET /told HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"three")
        Told.made.cut()
        Told.made.part(b"more")
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await reader.readuntil(b"0\r\n\r\n")
        while not Told.request.gone:
            await asyncio.sleep(0.01)

    talk(app, conversation)


def test_a_writer_hears_that_the_caller_has_hung_up(app: OneApp):
    Told.open = True
    heard: list[str] = []

    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        writer.write(b"GET /told HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"three")
        Told.request.on_gone = lambda: heard.append("gone")
        assert not Told.request.gone
        writer.close()
        while not heard:
            await asyncio.sleep(0.01)
        Told.made.part(b"into the void")
        Told.made.end()

    talk(app, conversation)
    assert heard == ["gone"] and Told.request.gone


def test_a_slow_reader_is_waited_for_and_one_that_does_not_read_is_cut(
    app: OneApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(listener, "_SWEEP_S", 0.02)
    Told.open = True
    freed: list[float] = []

    async def slow(reader: Any, writer: Any, state: Any) -> None:
        writer.write(b"GET /told HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"three\r\n")
        Told.made.on_free = lambda: freed.append(time.monotonic())
        while not Told.made.full:
            Told.made.part(b"x" * 100_000)
        assert not freed
        while not freed:
            assert await reader.read(1_000_000)
        assert not Told.made.full

    async def stuck(reader: Any, writer: Any, state: Any) -> None:
        monkeypatch.setattr(listener, "STALL_S", 0.05)
        writer.write(b"GET /told HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"three\r\n")
        while not Told.made.full:
            Told.made.part(b"x" * 100_000)
        while not Told.request.gone:
            await asyncio.sleep(0.01)

    async def heedless(reader: Any, writer: Any, state: Any) -> None:
        writer.write(b"GET /told HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"three\r\n")
        for _ in range(400):
            Told.made.part(b"x" * 100_000)
        while not Told.request.gone:
            await asyncio.sleep(0.01)

    talk(app, slow)
    talk(app, stuck)
    talk(app, heedless)


def test_over_asgi_parts_are_messages(app: OneApp):
    sent = asyncio.run(_asked(app, "GET"))
    assert sent[0]["status"] == 200
    assert b"".join(message["body"] for message in sent[1:]) == b"one two three"
    assert [message["more_body"] for message in sent[1:]] == [True, True, True, False]
    silent = asyncio.run(_asked(app, "HEAD"))
    assert [message.get("body") for message in silent] == [None, b""]


def test_over_asgi_a_caller_may_hang_up(app: OneApp):
    Told.open = True
    sent = asyncio.run(_asked(app, "GET", hang_up=True))
    assert Told.request.gone
    assert sent[0]["status"] == 200

    async def cut() -> None:
        asking = asyncio.create_task(_asked(app, "GET"))
        while Told.made is None:
            await asyncio.sleep(0)
        Told.made.cut()
        with pytest.raises(ConnectionAbortedError):
            await asking

    Told.made = None
    asyncio.run(cut())


async def _asked(app: OneApp, method: str, hang_up: bool = False) -> list[Any]:
    sent: list[Any] = []
    first = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if first:
            return first.pop()
        if hang_up:
            while len(sent) < 4:
                await asyncio.sleep(0)
            asyncio.get_running_loop().call_later(0.05, Told.made.end)
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": "/told", "query_string": b"", "headers": [],
        "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await app(scope, receive, send)
    return sent


# Callers that hang up before they are answered


@dataclass
class Asker:
    key: str = ""
    gone: bool = False
    within_s: float = 0.0


@dataclass
class Item:
    name: str
    height: int = 1


def test_who_hung_up_or_waits_no_longer_is_not_computed():
    ran: list[str] = []
    going, hold = threading.Event(), threading.Event()

    def run(items: Any) -> list[str]:
        ran.extend(item.name for item in items)
        going.set()
        hold.wait(5)
        return [item.name for item in items]

    async def work() -> dict[str, Any]:
        batcher = Batcher(run, ThreadPoolExecutor(1), cost_s=1.0, row_s=1.0, queue=4)
        told: dict[str, Any] = {}
        askers = {"first": Asker(), "gone": Asker(), "short": Asker(within_s=0.01), "last": Asker()}

        def submit(name: str) -> None:
            batcher.submit(Item(name), lambda said: told.update({name: said}), askers[name])

        submit("first")
        while not going.is_set():
            await asyncio.sleep(0.01)
        for name in ("gone", "short", "last"):
            submit(name)
        askers["gone"].gone = True
        while len(told) < 2:  # while the first still runs
            await asyncio.sleep(0.01)
        assert "first" not in told and batcher.waiting == 1
        for name in ("a", "b", "c"):
            batcher.submit(Item(name), lambda said: None)
        with pytest.raises(AccessError) as refused:
            batcher.submit(Item("d"), lambda said: None)
        assert refused.value.status == 429
        hold.set()
        while "last" not in told:
            await asyncio.sleep(0.01)
        assert batcher.ran[0] < batcher.ran[1]
        return told

    told = asyncio.run(work())
    assert told["first"] == "first" and told["last"] == "last"
    assert told["gone"].key == "outlets.gone" and told["short"].key == "outlets.too_late"
    assert "0.01 seconds" in str(told["short"])
    assert "gone" not in ran and "short" not in ran


@pytest.mark.parametrize(
    ("cost_s", "row_s", "rows"),
    [(0.0, 0.0, ROWS), (0.0001, 1e-6, ROWS), (0.01, 0.004, 11), (0.2, 0.1, 1)],
)
def test_a_batch_is_as_large_as_its_cost_allows(cost_s: float, row_s: float, rows: int):
    batcher = Batcher(list, ThreadPoolExecutor(1), cost_s=cost_s, row_s=row_s)
    assert batcher.rows == rows
    assert rows == 1 or cost_s + (rows - 1) * row_s <= BATCH_S


def test_what_a_run_costs_is_learnt_from_batches():
    def run(items: Any) -> list[Any]:
        time.sleep(0.002 * len(items))
        return list(items)

    async def work() -> Batcher:
        batcher = Batcher(run, ThreadPoolExecutor(1), cost_s=0.002, row_s=0.0001)
        for _ in range(40):
            done: list[Any] = []
            for _ in range(5):
                batcher.submit(Item("x"), done.append)
            while len(done) < 5:
                await asyncio.sleep(0.001)
        return batcher

    batcher = asyncio.run(work())
    assert batcher.row_s > 0.001
    assert batcher.rows < 50


def test_a_caller_that_hangs_up_is_counted_and_charged_nothing(app: OneApp, body: bytes):
    batcher = app.serving.first.batcher  # type: ignore[union-attr]
    kept = batcher.cost_s
    begun, hold = threading.Event(), threading.Event()
    run = batcher._run

    def slow(items: Any) -> Any:
        begun.set()
        hold.wait(5)
        return run(items)

    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        host, port = writer.get_extra_info("peername")[:2]
        writer.write(post(body))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        _, other = await asyncio.open_connection(host, port)
        other.write(post(body))
        while batcher.waiting < 1:
            await asyncio.sleep(0.01)
        other.close()
        while batcher.waiting:
            await asyncio.sleep(0.01)
        hold.set()
        assert (await reply(reader))[0] == 200

    batcher.cost_s, batcher._run = 1.0, slow
    try:
        talk(app, conversation)
    finally:
        batcher.cost_s, batcher._run = kept, run
    (series,) = app.counters.state()["series"]
    assert series["statuses"] == {"499": 1, "200": 1}
    assert [entry.status for entry in app.records.entries] == [200]


def test_the_listener_is_not_needed_to_refuse(app: OneApp):
    assert ask(app, "POST", "/told").status == 405
