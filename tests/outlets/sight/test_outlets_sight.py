"""Access log, traces and figures: what can be seen of an outlet at work."""

from __future__ import annotations

import itertools
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from tests.outlets.asking import ask, make_app
from tests.outlets.live import live

from lingqu.outlets.access import keys
from lingqu.outlets.request import Request
from lingqu.outlets.served import Served
from lingqu.outlets.sight.access_log import CAPACITY, OLDER, AccessLog, prune
from lingqu.outlets.sight.onlookers import look_on
from lingqu.outlets.sight.tracing import Traces

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def rows_of(served: Served) -> list[Any]:
    return [row["input"] for row in served.release.golden["rows"]]


def lines_of(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_every_request_is_one_line_without_its_body(people: Served, tmp_path: Path):
    app = make_app(people)
    look_away = look_on(app, tmp_path, "o1", {"access_log_mb": 1.0, "traces": ""})
    rows = rows_of(people)
    ask(app, "POST", "/c/people", rows[:1], {"X-Request-Id": "mine"})
    ask(app, "POST", "/c/people", b"{not json, but a secret")
    ask(app, "GET", "/nothing?key=hidden")
    ask(app, "GET", "/metrics", client="10.0.0.9")
    look_away()
    path = tmp_path / "access" / "o1.0.jsonl"
    assert path.stat().st_mode & 0o077 == 0
    first, second, third, fourth = lines_of(path)
    assert (first["request"], first["status"], first["channel"]) == ("mine", 200, "people")
    assert (first["method"], first["path"]) == ("POST", "/c/people")
    assert first["release"] == people.digest[:12]
    assert first["bytes"] > 20 and first["ms"] > 0 and first["at"].endswith("Z")
    assert (second["status"], third["status"], fourth["status"]) == (400, 404, 401)
    assert third["path"] == "/nothing"
    text = path.read_text()
    assert "secret" not in text and "hidden" not in text and rows[0]["note"] not in text


def test_who_hung_up_has_a_line_too(people: Served):
    """The server works on it, and nobody waits for it any more."""
    app = make_app(people)
    kept, people.batcher.cost_s = people.batcher.cost_s, 1.0  # in a thread: the loop is free
    told: list[tuple[str, int, int]] = []
    app.told += (lambda request, status, size: told.append((request.path, status, size)),)
    body = json.dumps(rows_of(people)[:1]).encode()
    begun, held = threading.Event(), threading.Event()
    run = people.batcher._run

    def slow(parts: Any) -> Any:
        begun.set()
        held.wait(10)
        return run(parts)

    people.batcher._run = slow
    try:
        with live(app) as address:
            place = address.rpartition("/")[2].split(":")
            with socket.create_connection((place[0], int(place[1]))) as peer:
                head = f"POST /c/people HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
                peer.sendall(head.encode() + body)
                assert begun.wait(10)
            deadline = time.monotonic() + 60
            while not told and time.monotonic() < deadline:
                time.sleep(0.01)
            held.set()
    finally:
        held.set()
        people.batcher._run, people.batcher.cost_s = run, kept
    assert told == [("/c/people", 499, 0)]


def test_the_access_log_is_bounded(tmp_path: Path):
    path = tmp_path / "access.jsonl"
    for _ in range(40):
        access = AccessLog(path, 0.02)
        for number in range(20):
            access.told(Request("GET", f"/{number}"), 404, 10)
        access.close()
    files = sorted(tmp_path.iterdir())
    assert len(files) == OLDER + 1
    assert sum(file.stat().st_size for file in files) < 0.04e6
    assert lines_of(path)[-1]["path"] == "/19"  # the newest lines lie in the file of the name


def test_old_files_are_pruned(tmp_path: Path):
    for name, age_s in (("old.0.jsonl", 90_000), ("old.0.jsonl.1", 99_000), ("new.0.jsonl", 0)):
        (tmp_path / name).write_bytes(b"{}\n")
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    limit = datetime.now(UTC) - timedelta(days=1)
    assert prune(tmp_path, limit, dry_run=True) == prune(tmp_path, limit) == (2, 6)
    assert [path.name for path in tmp_path.iterdir()] == ["new.0.jsonl"]


def test_a_disk_that_refuses_costs_lines_and_no_answers(
    people: Served, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "access").write_text("a file where a folder should be")
    app = make_app(people)
    look_away = look_on(app, tmp_path, "o1", {"access_log_mb": 1.0})
    assert ask(app, "POST", "/c/people", rows_of(people)[:1]).status == 200
    look_away()
    assert "lines of the access log are lost" in caplog.text
    access = AccessLog(tmp_path / "access" / "x", 1.0)
    for _ in range(CAPACITY + 50):
        access.told(Request("GET", "/"), 200, 1)
    access.close()
    assert access.written == 0 and access.dropped == CAPACITY + 50


def test_spans_of_a_prediction_go_on_with_the_callers_trace(people: Served):
    kept = InMemorySpanExporter()
    traces = Traces(processor=SimpleSpanProcessor(kept))
    app = make_app(people)
    app.after += (traces.after,)
    rows = rows_of(people)
    ask(app, "POST", "/c/people", rows[:2], {"traceparent": PARENT})
    spans = {span.name: span for span in kept.get_finished_spans()}
    assert list(spans) == ["read", "queue", "run", "write", "predict people"]
    whole = spans["predict people"]
    assert f"{whole.context.trace_id:032x}" == TRACE
    assert whole.parent is not None and f"{whole.parent.span_id:016x}" == "b7ad6b7169203331"
    assert whole.kind == SpanKind.SERVER
    assert whole.attributes is not None
    assert whole.attributes["lingqu.release"] == people.digest[:12]
    assert whole.attributes["lingqu.rows"] == 2
    stages = [spans[name] for name in ("read", "queue", "run", "write")]
    for before, after in itertools.pairwise(stages):
        assert before.end_time == after.start_time
        assert before.parent is not None and before.parent.span_id == whole.context.span_id
    assert stages[0].start_time == whole.start_time and stages[-1].end_time == whole.end_time
    assert all((s.end_time or 0) >= (s.start_time or 0) for s in stages)

    kept.clear()
    ask(app, "POST", "/c/people", b"{")  # a caller's mistake: read, and no further
    read, whole = kept.get_finished_spans()
    assert read.name == "read" and whole.status.status_code is StatusCode.UNSET
    assert whole.attributes is not None and whole.attributes["http.response.status_code"] == 400
    kept.clear()
    ask(app, "POST", "/c/people", rows[:1], {"traceparent": PARENT[:-1] + "0"})
    assert kept.get_finished_spans() == ()  # the caller does not want this one
    ask(app, "POST", "/c/people", rows[:1], {"traceparent": "nonsense"})
    assert kept.get_finished_spans()[-1].parent is None
    traces.close()


class Collector(BaseHTTPRequestHandler):
    """A little OTLP collector."""

    got: list[Any]

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, self.headers.get("content-encoding"), data))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Collector)
    server.got = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_traces_reach_a_collector(people: Served, collector: HTTPServer, tmp_path: Path):
    app = make_app(people)
    address = f"http://127.0.0.1:{collector.server_address[1]}"
    look_away = look_on(app, tmp_path, "o1", {"traces": address, "trace_share": 1.0})
    ask(app, "POST", "/c/people", rows_of(people)[:1], {"traceparent": PARENT})
    look_away()
    ((path, encoding, data),) = collector.got  # type: ignore[attr-defined]
    assert (path, encoding) == ("/v1/traces", None)
    sent = ExportTraceServiceRequest.FromString(data)
    spans = sent.resource_spans[0].scope_spans[0].spans
    assert {span.name for span in spans} == {"read", "queue", "run", "write", "predict people"}
    assert {span.trace_id.hex() for span in spans} == {TRACE}


def test_counters_tell_each_tenant_its_own(people: Served):
    mine, secret = keys.make("mine", ("people",))
    other, others = keys.make("other", ("people",))
    app = make_app(people, keys=[mine, other])
    for sent in (secret, others, others):
        ask(app, "POST", "/c/people", rows_of(people)[:1], {"X-API-Key": sent})
    told = ask(app, "GET", "/counters", headers={"X-API-Key": secret}).json
    (state,) = told["channels"]
    assert state["keys"] == {mine.id: 1}
    assert state["series"][0]["statuses"] == {"200": 3}
    assert abs(told["at"] - app.clock()) < 60
    page = ask(app, "GET", "/metrics", headers={"X-API-Key": secret}).body.decode()
    assert mine.id in page and other.id not in page
    probe = ask(app, "GET", "/counters", headers={"Authorization": "Bearer probe-secret"}).json
    assert probe["channels"][0]["keys"] == {mine.id: 1, other.id: 2}
    assert ask(app, "GET", "/counters").status == 401
