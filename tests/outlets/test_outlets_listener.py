"""The listener on a real socket, in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outlets.asking import OneApp, make_app, opened

from lingqu.outlets import listener
from lingqu.outlets.listener import AHEAD, HEAD, Listener
from lingqu.outlets.room import Limits


@pytest.fixture(scope="module")
def app(releases: dict[str, Path]) -> OneApp:
    return make_app(opened(releases["digits"]), limits=Limits(body=50_000))


@pytest.fixture(scope="module")
def body(app: OneApp) -> bytes:
    served = app.serving.first
    assert served is not None
    return json.dumps({"rows": [served.release.golden["rows"][0]["input"]]}).encode()


def post(body: bytes, *headers: bytes) -> bytes:
    lines = [b"POST /c/digits HTTP/1.1", b"Host: x", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Any], Awaitable[Any]]


def talk(app: OneApp, conversation: Talk) -> Any:
    """Open a listener and one connection to it, and talk."""

    async def work() -> Any:
        loop = asyncio.get_running_loop()
        state = SimpleNamespace(
            connections=set(), tasks=set(), total_requests=0, default_headers=[(b"date", b"today")]
        )
        config = SimpleNamespace(loaded_app=app)
        server = await loop.create_server(lambda: Listener(config, state, {}), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            return await asyncio.wait_for(conversation(reader, writer, state), 10)
        finally:
            writer.close()
            server.close()
            await server.wait_closed()
            for connection in list(state.connections):
                connection._transport.abort()
            await asyncio.sleep(0)

    return asyncio.run(work())


async def reply(
    reader: asyncio.StreamReader, head: bool = False
) -> tuple[int, dict[str, str], Any]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    length = 0 if head else int(headers["content-length"])
    data = await reader.readexactly(length)
    return int(lines[0].split()[1]), headers, data


def test_a_connection_is_kept_and_closed_when_asked(app: OneApp, body: bytes):
    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        for _ in range(3):
            writer.write(post(body))
            status, headers, data = await reply(reader)
            assert status == 200
            assert headers["date"] == "today"
            assert json.loads(data)["predictions"]
        assert state.total_requests == 3
        writer.write(b"HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        status, headers, _ = await reply(reader, head=True)
        assert (status, headers["connection"]) == (200, "close")
        assert int(headers["content-length"]) > 0
        assert await reader.read() == b""

    talk(app, conversation)


def test_requests_sent_ahead_are_answered_in_order(app: OneApp, body: bytes):
    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        count = AHEAD * 4
        paths = [b"GET /c/%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(count)]
        writer.write(b"".join(p if n % 2 else post(body) for n, p in enumerate(paths)))
        for n in range(count):
            status, _, data = await reply(reader)
            assert status == (404 if n % 2 else 200)
            assert n % 2 == 0 or f"/c/{n}" in json.loads(data)["detail"]

    talk(app, conversation)


def test_a_body_in_pieces_and_a_chunked_one(app: OneApp, body: bytes):
    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        whole = post(body, b"Expect: 100-continue")
        end = whole.index(b"\r\n\r\n") + 4
        writer.write(whole[:end])
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        for start in range(end, len(whole), 50):
            writer.write(whole[start : start + 50])
            await writer.drain()
            await asyncio.sleep(0)
        assert (await reply(reader))[0] == 200
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:30], body[30:]))
        head = b"POST /c/digits HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head + chunks + b"0\r\n\r\n")
        assert (await reply(reader))[0] == 200

    talk(app, conversation)


def test_a_quoted_path_and_an_absolute_one(app: OneApp):
    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        writer.write(b"GET /%68ealth?x=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reply(reader))[0] == 200
        writer.write(b"GET http://x/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reply(reader))[0] == 200

    talk(app, conversation)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /" + b"a" * HEAD + b" HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * HEAD + b"\r\n\r\n", 400),
        (post(b"x" * 50_001), 413),
        (post(b"x" * 200_001), 413),
        (b"GET /health HTTP/1.0\r\n\r\n", 200),
        (b"GET /health HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 200),
    ],
)
def test_what_ends_a_connection(app: OneApp, sent: bytes, status: int):
    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        writer.write(sent)
        found, headers, _ = await reply(reader)
        assert found == status
        assert headers["connection"] == "close"
        await reader.read()

    talk(app, conversation)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_far_above_the_limit_is_told_so(app: OneApp, chunked: bool):
    """The caller sends all of it before it reads, as most clients do."""
    size = 100 * app.limits.body

    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        how = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
        writer.write(b"POST /c/digits HTTP/1.1\r\nHost: x\r\n" + how + b"\r\n\r\n")
        piece = b"x" * app.limits.body
        for _ in range(size // len(piece)):
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
        status, headers, data = await reply(reader)
        assert (status, headers["connection"]) == (413, "close")
        assert json.loads(data)["type"] == "urn:lingqu:outlets.body_too_big"
        assert await reader.read() == b""

    before = app.counters.summary()["requests"]
    talk(app, conversation)
    assert app.counters.summary()["requests"] == before + 1


@pytest.mark.parametrize(
    ("last", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"POST /c/digits HTTP/1.1\r\nContent-Length: 999999\r\n\r\n" + b"x" * 200_001, 413),
    ],
)
def test_what_came_before_a_refusal_is_answered_first(
    app: OneApp, body: bytes, last: bytes, status: int
):
    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        writer.write(post(body) + last)
        assert (await reply(reader))[0] == 200
        found, headers, _ = await reply(reader)
        assert (found, headers["connection"]) == (status, "close")

    talk(app, conversation)


def test_who_goes_on_sending_is_hung_up_on(app: OneApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listener, "LINGER_S", 0.05)

    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        writer.write(b"nonsense\r\n\r\n")
        assert (await reply(reader))[0] == 400
        while state.connections:
            writer.write(b"x" * 1000)
            await asyncio.sleep(0.01)

    talk(app, conversation)


@pytest.mark.parametrize(
    ("path", "size", "status"), [(b"/c/digits", 50_001, 413), (b"/nothing", 10, 404)]
)
def test_a_body_that_is_not_wanted_is_not_asked_for(
    app: OneApp, path: bytes, size: int, status: int
):
    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        head = b"POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % (path, size))
        found, headers, _ = await reply(reader)
        assert (found, headers["connection"]) == (status, "close")
        assert await reader.read() == b""

    talk(app, conversation)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=4))
def test_no_bytes_break_the_listener(app: OneApp, parts: list[bytes]):
    async def conversation(reader: Any, writer: Any, state: Any) -> bytes:
        for part in parts:
            writer.write(b"POST /c/digits HTTP/1.1\r\n" * (len(part) % 2) + part)
        writer.write_eof()
        found: bytes = await reader.read()
        return found

    assert b" 500 " not in talk(app, conversation)


def test_slow_and_idle_connections_are_ended(app: OneApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listener, "_SWEEP_S", 0.02)
    monkeypatch.setattr(listener, "BODY_S", 0.05)
    monkeypatch.setattr(listener, "IDLE_S", 0.05)

    async def slow(reader: Any, writer: Any, state: Any) -> None:
        writer.write(b"POST /c/digits HTTP/1.1\r\nContent-Length: 10\r\n\r\n123")
        assert (await reply(reader))[0] == 408
        assert await reader.read() == b""

    async def idle(reader: Any, writer: Any, state: Any) -> None:
        assert await reader.read() == b""

    talk(app, slow)
    talk(app, idle)


def test_a_shutdown_lets_what_was_begun_end(app: OneApp, body: bytes):
    async def conversation(reader: Any, writer: Any, state: Any) -> None:
        whole = post(body)
        writer.write(whole[:-5])
        await writer.drain()
        while not state.connections:
            await asyncio.sleep(0.01)
        (connection,) = state.connections
        while not connection._receiving:
            await asyncio.sleep(0.01)
        connection.shutdown()
        writer.write(whole[-5:])
        status, headers, _ = await reply(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await reader.read() == b""
        assert not state.connections

    talk(app, conversation)

    async def idle(reader: Any, writer: Any, state: Any) -> None:
        while not state.connections:
            await asyncio.sleep(0.01)
        (connection,) = state.connections
        connection.shutdown()
        assert await reader.read() == b""

    talk(app, idle)
