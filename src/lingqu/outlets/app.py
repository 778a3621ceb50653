"""The HTTP face of a channel: one bare ASGI callable with a table of paths.

No framework stands on the prediction path: decoding, admission, routing, a batched run and
encoding are all there is. Whatever a caller sends, the reply is an answer or a problem document;
a 500 is our own mistake and is written to the log of the process.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import orjson

from lingqu.core.errors import AccessError, DataError, LingquError, OutletError
from lingqu.core.i18n import Language
from lingqu.core.nouns import Json
from lingqu.outlets import forms
from lingqu.outlets.counters import Counters
from lingqu.outlets.guard import PROBE, Guard
from lingqu.outlets.log import Entry, Log
from lingqu.outlets.openapi import document, page
from lingqu.outlets.problems import Headers, problem, status_of
from lingqu.outlets.reading import Columns
from lingqu.outlets.route import Split
from lingqu.outlets.served import Answer, Served

log = logging.getLogger("lingqu.outlets")

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Reply = tuple[int, Headers, bytes]
BODY_S = 30.0
"""Seconds that a body may take to arrive."""
HEARD_OUT = 4
"""How many times the largest body is heard out before the connection is cut."""
OFF_LOOP = 100_000
"""A larger body is decoded in a thread, so that small requests need not wait for it."""
_JSON: Headers = [(b"content-type", b"application/json")]
_TEXT: Headers = [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")]
_HTML: Headers = [(b"content-type", b"text/html; charset=utf-8")]
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


@dataclass(frozen=True)
class Serving:
    """What answers now: replaced whole when the route changes.

    Args:
        split: Who gets which request.
        served: Opened releases by digest: those of the split, and those kept warm.
    """

    split: Split
    served: Mapping[str, Served]

    @property
    def first(self) -> Served | None:
        """The release that documents the channel."""
        return self.served[self.split.releases[0]] if self.split.releases else None


@dataclass(frozen=True)
class Limits:
    """How much one request may hold."""

    rows: int = 10_000
    body: int = 10_000_000


@dataclass(slots=True)
class Request:
    """What is needed of a request."""

    method: str
    path: str
    query: bytes
    sent: str = ""
    session: bytes = b""
    language: Language | None = None
    wanted: str = ""
    client: str = ""
    counted: bool = False


class App:
    """ASGI callable of one channel.

    Args:
        channel: Name of the channel.
        guard: Who may call.
        serving: Who answers; set it anew to change the route.
        records: The prediction log.
        limits: Size of one request.
        clock: Unix seconds.
    """

    def __init__(
        self,
        channel: str,
        guard: Guard,
        serving: Serving,
        records: Log,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.channel = channel
        self.guard = guard
        self.serving = serving
        self.records = records
        self.limits = limits or Limits()
        self.counters = Counters(channel)
        self.clock = clock
        self._ids = secrets.token_hex(4)
        self._number = count()
        self._requests = count()
        model = f"/v2/models/{channel}"
        ours = partial(self._predict, read=forms.rows_in, write=_write_rows)
        tensors = partial(self._predict, read=forms.tensors_in, write=_write_tensors)
        mlflow = partial(self._predict, read=forms.invocations_in, write=_write_predictions)
        self._posts: dict[str, Any] = {
            f"/c/{channel}": ours,
            f"{model}/infer": tensors,
            "/invocations": mlflow,
        }
        self._tensors = tensors
        self._open: dict[str, Callable[[], Reply]] = {
            "/health": self._health,
            "/v2/health/live": lambda: _json(200, {"live": True}),
            "/v2/health/ready": lambda: self._ready("ready"),
        }
        self._gets: dict[str, Callable[[Request], Reply]] = {
            "/metrics": lambda _: (200, _TEXT, self._metrics().encode()),
            "/openapi.json": lambda _: _json(200, document(self._documented(), channel)),
            "/docs": lambda _: (200, _HTML, page(self._documented(), channel, "")),
            "/v2": lambda _: _json(
                200, {"name": "lingqu", "version": _version(), "extensions": []}
            ),
            model: lambda _: self._metadata(),
            f"{model}/ready": lambda _: self._ready("ready"),
        }

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"a {scope['type']} connection cannot be answered")
        request = _request(scope)
        try:
            status, headers, body = await self._answer(request, receive)
        except LingquError as error:
            status, headers, body = self._refused(request, error)
        except Exception:
            log.exception("%s %s", request.method, request.path)
            status, headers, body = self._refused(request, OutletError("outlets.broken"), 500)
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, request: Request, receive: Receive) -> Reply:
        path, method = request.path, request.method
        post = self._posts.get(path)
        if post is None:
            post = self._version_path(path)
        if post is not None:
            key = self.guard.admit(request.sent, request.client, self.clock())
            if method != "POST":
                raise _wrong_method(path, method, "POST")
            reply: Reply = await post(request, key, await self._body(request, receive))
            return reply
        if path in self._open:
            return self._opened(request)
        self.guard.admit(request.sent, request.client, self.clock(), spend=False)
        get = self._gets.get(path) or self._version_get(path)
        if get is None:
            raise OutletError(
                "outlets.unknown_path", path=path[:100], expected=f"/c/{self.channel}"
            )
        if method not in ("GET", "HEAD"):
            raise _wrong_method(path, method, "GET")
        return get(request)

    def _opened(self, request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            raise _wrong_method(request.path, request.method, "GET")
        return self._open[request.path]()

    async def _body(self, request: Request, receive: Receive) -> bytes | bytearray:
        """Return the body; one that is too large is let in, thrown away, and refused.

        A caller who is still sending would not read a refusal, so it is heard out, up to a point.
        """
        limit = self.limits.body
        try:
            async with asyncio.timeout(BODY_S):
                message = await receive()
                body: bytes | bytearray = message.get("body", b"")
                length = len(body)
                if message.get("more_body"):
                    body = bytearray(body)
                    while message.get("more_body") and length <= HEARD_OUT * limit:
                        message = await receive()
                        part = message.get("body", b"")
                        length += len(part)
                        if length <= limit:
                            body += part
        except TimeoutError:
            raise OutletError("outlets.slow_body", seconds=f"{BODY_S:g}") from None
        if length > limit:
            raise AccessError("outlets.body_too_big", 413, limit=limit)
        return body

    async def _predict(
        self, request: Request, key: str, body: bytes, *, read: Any, write: Any, release: str = ""
    ) -> Reply:
        begun, at = time.perf_counter(), self.clock()
        served, arm = self._choose(request, key, release)
        entry = Entry(served, arm, key, at, 0.0, 200, [], len(body))
        try:
            if len(body) > OFF_LOOP:
                loop = asyncio.get_running_loop()
                given, columns = await loop.run_in_executor(None, self._read, served, body, read)
            else:
                given, columns = self._read(served, body, read)
            entry.ids = self._prediction_ids(columns.height)
            answer = await served.submit(columns)
            written = write(served, request, given, columns, answer, entry.ids)
            payload = orjson.dumps(written, option=_OPTIONS)
        except Exception as error:
            known = isinstance(error, LingquError)
            entry.status = status_of(error) if isinstance(error, LingquError) else 500
            if known and entry.status < 500:
                entry.ids = []  # a caller's mistake is no request that the model failed
            self._done(request, entry, begun)
            raise
        entry.columns, entry.answer = columns, answer
        self._done(request, entry, begun)
        return 200, _JSON, payload

    def _done(self, request: Request, entry: Entry, begun: float) -> None:
        """Count and log one request; what the outlet asked itself is neither."""
        request.counted = True
        if entry.key == PROBE:
            return
        entry.latency_ms = (time.perf_counter() - begun) * 1000
        self.counters.add(
            entry.source.digest[:12], entry.arm, entry.status, entry.rows, entry.latency_ms
        )
        if entry.ids:
            self.records.add(entry)

    def _read(self, served: Served, body: bytes, read: Any) -> tuple[Json, Columns]:
        given = forms.decoded(body)
        return given, read(served, given, self.limits.rows)

    def _choose(self, request: Request, key: str, release: str) -> tuple[Served, str]:
        serving = self.serving
        wanted = release or (request.wanted if key == PROBE else "")
        if wanted:
            served = serving.served.get(wanted)
            if served is None or not (key == PROBE or wanted in serving.split.releases):
                raise OutletError(
                    "outlets.unknown_path",
                    path=wanted[:64],
                    expected=", ".join(serving.split.releases),
                )
            return served, "version"
        backend = serving.split.choose(request.session, next(self._requests))
        return serving.served[backend.release], backend.arm

    def _prediction_ids(self, rows: int) -> list[str]:
        return [f"{self._ids}-{next(self._number):x}" for _ in range(rows)]

    def _refused(self, request: Request, error: LingquError, status: int = 0) -> Reply:
        more = {"error": str(error)} if request.path.startswith("/v2") else None
        found, headers, body = problem(error, request.language, more, status)
        if not request.counted:
            self.counters.add("", "", found, 0, 0.0)
        if found == 401 and request.path == "/docs":
            # A browser then asks for a name and a password; the password is the key.
            headers = [h for h in headers if h[0] != b"www-authenticate"]
            headers.append((b"www-authenticate", b'Basic realm="lingqu key"'))
        if found in (408, 413):
            headers = [*headers, (b"connection", b"close")]
        return found, headers, body

    def _health(self) -> Reply:
        ready = bool(self.serving.split.releases)
        state = {
            "status": "ok" if ready else "stopped",
            "live": True,
            "ready": ready,
            "channel": self.channel,
            **self.counters.summary(),
            "logged": self.records.logged,
            "dropped": self.records.dropped,
        }
        return _json(200, state)

    def _ready(self, name: str) -> Reply:
        ready = bool(self.serving.split.releases)
        return _json(200 if ready else 503, {name: ready})

    def _documented(self) -> Served:
        served = self.serving.first
        if served is None:
            raise OutletError("outlets.stopped", channel=self.channel)
        return served

    def _metadata(self) -> Reply:
        versions = list(self.serving.split.releases)
        return _json(200, forms.metadata(self._documented(), versions))

    def _version_path(self, path: str) -> Any:
        """Return what answers ``/v2/models/<channel>/versions/<release>/infer``, or None."""
        head, _, tail = path.partition("/versions/")
        version, _, verb = tail.partition("/")
        if head != f"/v2/models/{self.channel}" or verb != "infer":
            return None
        return partial(self._tensors, release=version)

    def _version_get(self, path: str) -> Any:
        head, _, tail = path.partition("/versions/")
        version, _, verb = tail.partition("/")
        if head != f"/v2/models/{self.channel}" or version not in self.serving.split.releases:
            return None
        if verb == "ready":
            return lambda _: self._ready("ready")
        served = self.serving.served[version]
        return (lambda _: _json(200, forms.metadata(served, [version]))) if not verb else None

    def _metrics(self) -> str:
        waiting = sum(served.batcher.waiting for served in self.serving.served.values())
        return self.counters.page(
            {
                "lingqu_waiting": ("gauge", "Requests that wait for a run.", waiting),
                "lingqu_log_written_total": ("counter", "Rows logged.", self.records.logged),
                "lingqu_log_dropped_total": (
                    "counter",
                    "Rows that could not be logged.",
                    self.records.dropped,
                ),
            }
        )


def _request(scope: Mapping[str, Any]) -> Request:
    request = Request(scope["method"], scope["path"], scope["query_string"])
    client = scope.get("client")
    request.client = client[0] if client else ""
    for name, value in scope["headers"]:
        if name == b"authorization":
            request.sent = _authorization(value)
        elif name == b"x-api-key":
            request.sent = request.sent or value.decode("latin-1").strip()
        elif name == b"x-session":
            request.session = value
        elif name == b"accept-language":
            request.language = "zh" if value[:2].lower() == b"zh" else None
        elif name == b"x-release":
            request.wanted = value.decode("latin-1")
    return request


def _authorization(value: bytes) -> str:
    """Return the key of the header; of a browser's name and password, the password."""
    if value[:6].lower() != b"basic ":
        return value.decode("latin-1").strip()
    try:
        pair = base64.b64decode(value[6:].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "-"
    return pair.partition(":")[2] or "-"


def _write_rows(
    served: Served, request: Request, given: Json, columns: Columns, answer: Answer, ids: list[str]
) -> Json:
    probabilities = b"probabilities=1" in request.query
    return forms.rows_out(served, columns, answer, ids, probabilities)


def _write_tensors(
    served: Served, request: Request, given: Json, columns: Columns, answer: Answer, ids: list[str]
) -> Json:
    return forms.tensors_out(served, given, answer)


def _write_predictions(
    served: Served, request: Request, given: Json, columns: Columns, answer: Answer, ids: list[str]
) -> Json:
    return {"predictions": answer.predictions}


def _json(status: int, value: Json) -> Reply:
    return status, _JSON, orjson.dumps(value, option=_OPTIONS)


def _wrong_method(path: str, method: str, expected: str) -> DataError:
    return DataError("outlets.wrong_method", path=path[:100], method=method, expected=expected)


def _version() -> str:
    from lingqu import __version__

    return __version__
