"""What strangers send to an outlet on a real socket: refused in words, and nobody else suffers.

Every test ends with a good request on a new connection: the server is still there.
"""

from __future__ import annotations

import io
import json
import resource
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest
from tests.outlets.asking import OneApp, Quotas, make_app
from tests.outlets.live import live

from lingqu.outlets import listener
from lingqu.outlets.access import keys
from lingqu.outlets.room import Limits
from lingqu.outlets.served import Served
from lingqu.outlets.sight.frames import frames
from lingqu.outlets.sight.log import Log
from lingqu.outlets.sight.segments import Segments

PATHS = ("/c/prices", "/invocations", "/v2/models/prices/infer", "/v1/chat/completions")
ROW = {"a": 1.0, "b": 2.0, "c": 3.0}


class Peer:
    """Somebody with a socket.

    Args:
        address: Of the server.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.place = (parts.hostname, parts.port)

    def connect(self, timeout_s: float = 10.0) -> socket.socket:
        return socket.create_connection(self.place, timeout_s)

    def post(self, path: str, body: bytes, *headers: str) -> tuple[int, str, bytes]:
        """Send a request and return status, head and body of the reply."""
        lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers]
        return self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def raw(self, data: bytes) -> tuple[int, str, bytes]:
        with closing(self.connect()) as peer:
            sender = threading.Thread(target=_send, args=(peer, data))
            sender.start()
            found = reply(peer)
            sender.join()
            return found

    def good(self) -> None:
        """Ask as one should."""
        status, _, body = self.post("/c/prices", json.dumps([ROW]).encode())
        assert status == 200 and len(json.loads(body)["predictions"]) == 1


def _send(peer: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # the server may hang up: it has read enough
        peer.sendall(data)


def reply(peer: socket.socket) -> tuple[int, str, bytes]:
    with peer.makefile("rb") as file:
        lines = []
        while (line := file.readline()) not in (b"\r\n", b""):
            lines.append(line.decode())
        length = next(int(x.split(":")[1]) for x in lines if x.lower().startswith("content-length"))
        return int(lines[0].split()[1]), "".join(lines).lower(), file.read(length)


def is_problem(found: tuple[int, str, bytes], *statuses: int) -> dict[str, Any]:
    status, head, body = found
    document: dict[str, Any] = json.loads(body)
    assert status in statuses, (status, body[:300])
    if "application/problem+json" in head:
        assert document["status"] == status and document["detail"] and document["next"]
    else:  # `/v1` words errors as its clients expect
        assert document["error"]["message"]
    return document


@pytest.fixture
def app(prices: Served) -> OneApp:
    return make_app(prices)


@pytest.fixture
def peer(app: OneApp) -> Iterator[Peer]:
    with live(app) as address:
        found = Peer(address)
        yield found
        found.good()
        failed = [s["statuses"] for s in app.counters.state()["series"]]
        assert not any("500" in statuses for statuses in failed)


def test_slow_loris(peer: Peer, monkeypatch: pytest.MonkeyPatch):
    """Heads that come letter by letter: others are served, and the slow are ended in time."""
    monkeypatch.setattr(listener, "_SWEEP_S", 0.05)
    monkeypatch.setattr(listener, "BODY_S", 0.3)
    slow = [peer.connect() for _ in range(100)]
    for letter in b"POST /c/prices HTTP/1.1\r\nX: ":
        for one in slow:
            one.send(bytes([letter]))
    peer.good()
    for one in slow:
        assert is_problem(reply(one), 408)
        one.close()


def test_a_head_of_ten_megabytes(peer: Peer):
    for data in (
        b"GET /health HTTP/1.1\r\nX: " + b"a" * 10_000_000 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\n" + b"X: y\r\n" * 1_700_000 + b"\r\n",
        b"GET /" + b"a" * 10_000_000 + b" HTTP/1.1\r\n\r\n",
    ):
        is_problem(peer.raw(data), 400)


@pytest.mark.parametrize("depth", [50, 400, 950, 100_000])
def test_deep_json(peer: Peer, depth: int):
    deep = b"[" * depth + b"]" * depth
    objects = b'{"a":' * depth + b"1" + b"}" * depth
    for path in PATHS:
        for body in (
            deep, objects, b"[" * depth,
            b'[{"a": %s, "b": 1, "c": 1}]' % deep,
            b'{"rows": [{"a": %s, "b": 1, "c": 1}]}' % objects,
            b'{"inputs": [{"name": "a", "shape": [1], "datatype": "FP64", "data": %s}]}' % deep,
            b'{"model": "prices", "messages": %s}' % deep,
        ):  # fmt: skip
            is_problem(peer.post(path, body), 400, 404, 413, 422)


@pytest.mark.parametrize("depth", [50, 300, 950])
def test_deep_pixels(digits: Served, depth: int):
    """A column that takes lists takes none of any depth."""
    app = make_app(digits)
    with live(app) as address:
        body = b'[{"image": %s1%s}]' % (b"[" * depth, b"]" * depth)
        is_problem(Peer(address).post("/c/digits", body), 400, 422)


@pytest.mark.parametrize(
    "body",
    [
        b'[{"a": NaN, "b": 1, "c": 1}]',
        b'[{"a": Infinity, "b": 1, "c": 1}]',
        b'[{"a": 1e999, "b": 1, "c": 1}]',
        b'[{"a": 1, "b": "\xff\xfe", "c": 1}]',
        b"\xff\xfe[\x00]\x00",
        b"\x00" * 100,
        b"",
        b"rows=1",
        b'[{"a": 1, "b": 1, "c": "\\ud800"}]',
    ],
)
def test_bodies_that_are_no_json_or_no_numbers(peer: Peer, body: bytes):
    for path in PATHS:
        is_problem(peer.post(path, body), 400, 404, 422)


def test_a_nan_in_a_table_is_a_missing_value(peer: Peer, prices: Served):
    frame = pl.DataFrame({"a": [1.0, 1.0], "b": [2.0, 2.0], "c": [float("nan"), None]})
    sink = io.BytesIO()
    frame.write_ipc_stream(sink, compat_level=pl.CompatLevel.oldest())
    kind = "Content-Type: application/vnd.apache.arrow.stream"
    status, _, body = peer.post("/c/prices", sink.getvalue(), kind, "Accept: application/json")
    assert status == 200
    first, second = json.loads(body)["predictions"]
    assert first == second


@pytest.mark.parametrize(
    "kind",
    [
        "image/png", "multipart/form-data; boundary=x", "text/html", "application/x-protobuf",
        "\xff", "text/csv; charset=utf-7", "application/vnd.apache.parquet",
        "application/vnd.apache.arrow.stream", "application/octet-stream",
    ],
)  # fmt: skip
def test_a_body_under_a_wrong_name(peer: Peer, kind: str):
    """What is no JSON is refused, whatever it is called."""
    for body in (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"--x\r\n\r\n1\r\n--x--", b"PAR1PAR1"):
        for path in PATHS:
            is_problem(peer.post(path, body, f"Content-Type: {kind}"), 400, 404, 415, 422)


def bombs() -> dict[str, tuple[str, bytes]]:
    """Tables that are small on their way and large once unpacked."""
    arrow, parquet = "application/vnd.apache.arrow.file", "application/vnd.apache.parquet"
    long = pl.DataFrame({n: pl.zeros(3_000_000, eager=True) for n in "abc"})
    wide = pl.DataFrame({"a": ["x" * 60_000_000], "b": [1.0], "c": [1.0]})
    shared = pl.DataFrame({"a": ["y" * 1_000_000] * 400, "b": [1.0] * 400, "c": [1.0] * 400})
    made = {}
    for name, frame in (("long", long), ("wide", wide), ("shared", shared)):
        sink = io.BytesIO()
        frame.write_parquet(sink, compression="zstd")
        made[f"parquet {name}"] = (parquet, sink.getvalue())
        sink = io.BytesIO()
        frame.write_ipc(sink, compression="zstd", compat_level=pl.CompatLevel.oldest())
        made[f"arrow {name}"] = (arrow, sink.getvalue())
    return made


@pytest.mark.slow
def test_tables_that_unpack_to_too_much(prices: Served):
    app = make_app(prices, limits=Limits(rows=10_000, body=2_000_000))
    with live(app) as address:
        peer = Peer(address)
        for name, (kind, body) in bombs().items():
            assert len(body) < 2_000_000, name
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            is_problem(peer.post("/c/prices", body, f"Content-Type: {kind}"), 413, 422)
            grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            assert grown_kb < 200_000, name
        for kind in ("application/vnd.apache.parquet", "application/vnd.apache.arrow.file"):
            for other, body in bombs().values():
                if other == kind:  # torn, and with a wrong length at its end
                    for bad in (
                        body[:500],
                        body[:-4],
                        body[:-8] + struct.pack("<i", 2**30) + body[-4:],
                    ):
                        found = peer.post("/c/prices", bad, f"Content-Type: {kind}")
                        is_problem(found, 400, 413, 422)
        packed = zlib.compress(b" " * 50_000_000)
        found = peer.post("/c/prices", packed, "Content-Encoding: deflate")
        is_problem(found, 413)
        peer.good()


@pytest.mark.slow
def test_a_thousand_connections_at_once(peer: Peer):
    body = json.dumps([ROW]).encode()
    head = b"POST /c/prices HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    peers = [peer.connect(30.0) for _ in range(1000)]
    for one in peers:
        one.sendall(head + body)
    statuses = [reply(one)[0] for one in peers]
    for one in peers:
        one.close()
    assert statuses == [200] * 1000


def test_who_hangs_up_is_not_waited_for(peer: Peer, app: OneApp):
    body = json.dumps([ROW] * 200).encode()
    head = b"POST /c/prices HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    cuts: Sequence[Callable[[socket.socket], None]] = (
        lambda one: one.sendall(head[:20]),
        lambda one: one.sendall(head + body[:100]),
        lambda one: one.sendall(head + body),
        lambda one: one.sendall((head + body) * 20),
    )
    for _ in range(25):
        for cut in cuts:
            one = peer.connect()
            cut(one)
            # A reset, as when a process is killed.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
    deadline = time.monotonic() + 60
    while app.room.waiting and time.monotonic() < deadline:
        peer.good()
    assert app.room.waiting == 0


def test_many_strangers_at_once_get_their_own(peer: Peer, app: OneApp):
    """Good and bad requests from twenty threads: each gets the answer to what it asked."""
    expected = {n: app.serving.first.release.predict([{**ROW, "a": float(n)}]) for n in range(20)}  # type: ignore[union-attr]

    def ask(number: int) -> None:
        for turn in range(15):
            if turn % 3 == 2:
                is_problem(peer.post("/c/prices", b"{" * number + b"1"), 400, 422)
                continue
            body = json.dumps([{**ROW, "a": float(number)}]).encode()
            status, _, said = peer.post("/c/prices", body)
            assert status == 200
            found = json.loads(said)["predictions"][0]
            assert found == pytest.approx(expected[number][0]["prediction"])

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(ask, range(20)))


def test_a_clock_that_jumps(prices: Served):
    """A quota is not refilled by going back, nobody is locked out, and expiry holds."""
    key, secret = keys.make("app", ("prices",), "5/min", expires="2030-01-01T00:00:00Z")
    app, quotas = make_app(prices, keys=[key]), Quotas()
    now = [first := 1_800_000_000.0]
    app.clock = lambda: now[0]
    app.guard.load([key], quotas, first)
    body, sent = json.dumps([ROW]).encode(), f"X-API-Key: {secret}"
    with live(app) as address:
        peer = Peer(address)

        def statuses(times: int) -> list[int]:
            found = [peer.post("/c/prices", body, sent)[0] for _ in range(times)]
            app.guard.settle(quotas)
            return found

        assert statuses(7) == [200] * 5 + [429] * 2
        now[0] -= 86_400.0 * 400  # back by more than a year
        assert statuses(7) == [200] * 5 + [429] * 2
        now[0] = first  # what is spent of it is known again as soon as it is settled
        statuses(1)
        assert statuses(7) == [429] * 7
        now[0] += 86_400.0  # and forward
        assert statuses(7) == [200] * 5 + [429] * 2
        now[0] = 1_900_000_000.0  # past the day on which the key ends
        for _ in range(3):
            is_problem(peer.post("/c/prices", body, sent), 401)
        now[0] = 0.0
        assert statuses(7) == [200] * 5 + [429] * 2


@contextmanager
def no_larger_files(most: int) -> Iterator[None]:
    """Let no file of this process grow past a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_costs_lines_of_the_log_and_no_answers(
    prices: Served, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    app = make_app(prices)
    log = Log(Segments(tmp_path / "log"), frames, flush_s=0.01)
    app.room.records = log
    with live(app) as address:
        peer = Peer(address)

        def until(done: Callable[[], bool]) -> None:
            deadline = time.monotonic() + 60
            while not done() and time.monotonic() < deadline:
                peer.good()
                time.sleep(0.02)
            assert done()

        peer.good()
        until(lambda: log.logged >= 1)
        with no_larger_files(100):
            until(lambda: log.dropped >= 5)
        before = log.logged
        until(lambda: log.logged > before)  # there is room again
        status = peer.raw(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert json.loads(status[2])["dropped"] == log.dropped
    log.close()
    assert "could not be logged" in caplog.text
