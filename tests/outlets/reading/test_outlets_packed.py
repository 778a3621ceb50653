"""Packed bodies: answered as if they had come as they are, bounded before memory is spent."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.outlets.asking import OneApp, Reply, ask, inputs, make_app, opened
from tests.outlets.live import live

from lingqu.core.errors import DataError
from lingqu.outlets.access import keys
from lingqu.outlets.reading.packed import MEMBERS, SOON, Unpacking
from lingqu.outlets.room import Limits

LIMIT = 300_000


def raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def halves(data: bytes) -> bytes:
    return gzip.compress(data[:9]) + gzip.compress(data[9:])


@pytest.fixture(scope="module")
def app(releases: dict[str, Path]) -> OneApp:
    return make_app(opened(releases["prices"]), limits=Limits(body=LIMIT, rows=10_000))


@pytest.fixture(scope="module")
def rows(releases: dict[str, Path]) -> list[Any]:
    return inputs(releases["prices"])


def post(app: OneApp, body: bytes, coding: str, **headers: str) -> Reply:
    return ask(app, "POST", "/c/prices", body, {"Content-Encoding": coding, **headers})


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress), ("GZip", gzip.compress), ("x-gzip", gzip.compress),
        ("gzip", halves), ("deflate", zlib.compress), ("deflate", raw),
        ("identity, gzip", gzip.compress), ("identity", bytes),
    ],
)  # fmt: skip
@pytest.mark.parametrize("times", [1, 1_000])
def test_a_packed_body_is_answered_as_the_plain_one(
    app: OneApp, rows: list[Any], coding: str, pack: Callable[[bytes], bytes], times: int
):
    """A thousand times the rows are unpacked in a thread."""
    body = json.dumps({"rows": rows[:2] * times}).encode()
    assert (len(body) > SOON) == (times > 1)
    plain = ask(app, "POST", "/c/prices", body).json
    reply = post(app, pack(body), coding)
    assert reply.status == 200
    assert reply.json["predictions"] == plain["predictions"]


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw])
def test_a_bomb_is_refused_before_memory_is_spent(app: OneApp, pack: Callable[[bytes], bytes]):
    bomb = pack(b" " * 50_000_000)
    assert len(bomb) < LIMIT
    tracemalloc.start()
    reply = post(app, bomb, "gzip" if bomb[:1] == b"\x1f" else "deflate")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (reply.status, reply.json["type"]) == (413, "urn:lingqu:outlets.body_too_big")
    assert peak < 10 * LIMIT


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT, LIMIT + 1])
def test_the_limit_is_that_of_a_plain_body(app: OneApp, rows: list[Any], size: int):
    body = json.dumps(rows[0]).encode().ljust(size)
    assert post(app, gzip.compress(body), "gzip").status == (200 if size <= LIMIT else 413)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress", "\u00fcber"])
def test_what_is_not_taken_is_told_what_is(app: OneApp, rows: list[Any], coding: str):
    reply = ask(app, "POST", "/c/prices", rows[0], {"Content-Encoding": coding})
    assert reply.status == 415
    assert reply.headers["accept-encoding"] == "gzip, deflate"
    assert reply.headers["content-type"] == "application/problem+json"
    assert "gzip, deflate" in reply.json["detail"]


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
@pytest.mark.parametrize(
    "harm",
    [
        lambda packed: packed[:-6],
        lambda packed: packed[:-6] + bytes(6),
        lambda packed: packed + b"more",
        lambda packed: packed[:2],
        lambda packed: b'{"a": 1}',
    ],
)
def test_what_cannot_be_unpacked_is_refused(
    app: OneApp, rows: list[Any], pack: Callable[[bytes], bytes], harm: Callable[[bytes], bytes]
):
    coding = "gzip" if pack is gzip.compress else "deflate"
    reply = post(app, harm(pack(json.dumps(rows[0]).encode())), coding)
    assert (reply.status, reply.json["type"]) == (400, "urn:lingqu:outlets.bad_form")


def test_many_parts_of_nothing_cost_no_time(app: OneApp):
    reply = post(app, gzip.compress(b"") * (MEMBERS + 1), "gzip")
    assert reply.status == 400
    assert str(MEMBERS) in reply.json["detail"]


def test_a_stranger_has_nothing_unpacked(releases: dict[str, Path]):
    key, _ = keys.make("app", ("prices",), "10/h", created="2026-03-01T08:00:00Z")
    kept = make_app(opened(releases["prices"]), keys=[key], limits=Limits(body=LIMIT))
    assert post(kept, b"no gzip at all", "gzip").status == 401


def test_a_request_without_a_body_may_say_anything(app: OneApp):
    assert ask(app, "GET", "/health", headers={"Content-Encoding": "br"}).status == 200


def test_over_a_socket_and_by_another_protocol(app: OneApp, rows: list[Any]):
    body = gzip.compress(json.dumps({"inputs": rows}).encode())
    with live(app) as address:
        asked = urllib.request.Request(
            f"{address}/invocations", body,
            {"Content-Encoding": "gzip", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(asked, timeout=60) as reply:
            said = json.load(reply)["predictions"]
    plain = ask(app, "POST", "/c/prices", {"rows": rows}).json["predictions"]
    assert said == plain


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.binary(max_size=400),
    coding=st.sampled_from(["gzip", "deflate"]),
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=5),
    cut=st.integers(0, 400),
)
def test_any_goes_give_the_same_bytes_and_torn_ones_are_refused(
    data: bytes, coding: str, sizes: list[int], cut: int
):
    packed = gzip.compress(data) if coding == "gzip" else zlib.compress(data)
    work = Unpacking(coding, packed, 400)
    while not work.go(len(work.made) + sizes[0]):
        sizes = sizes[1:] + sizes[:1]
    assert work.made == data
    if 2 < cut < len(packed):
        with pytest.raises(DataError, match="ends too soon"):
            Unpacking(coding, packed[:cut], 400).go(401)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(min_size=1, max_size=200), coding=st.sampled_from(["gzip", "deflate"]))
def test_no_bytes_are_ever_a_500(app: OneApp, body: bytes, coding: str):
    assert post(app, body, coding).status in (200, 400, 422)
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" if coding == "gzip" else b"\x78\x9c"
    assert post(app, head + body, coding).status in (200, 400, 422)
