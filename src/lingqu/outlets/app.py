"""The HTTP face of a channel: a table of paths and a bare ASGI callable, no framework.

Whatever a caller sends, the reply is an answer or a problem document; a 500 is our own mistake
and is written to the log of the process. `App` is asked in two steps, so that a stranger's body
need not be kept: `enter` when the headers are known, `handle` when the body is.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson

from lingqu import __version__
from lingqu.core.errors import AccessError, DataError, LingquError, OutletError
from lingqu.core.nouns import Json
from lingqu.outlets import forms
from lingqu.outlets.call import JSON, Call, Form, Invocations, Tensors
from lingqu.outlets.counters import Counters
from lingqu.outlets.guard import PROBE, Guard
from lingqu.outlets.log import Log
from lingqu.outlets.openapi import document, page
from lingqu.outlets.problems import Headers, problem
from lingqu.outlets.request import Reply, Request, Send
from lingqu.outlets.route import Split
from lingqu.outlets.served import Served

log = logging.getLogger("lingqu.outlets")

BODY_S = 30.0
"""Seconds that a body may take to arrive."""
HEARD_OUT = 4
"""How many times the largest body is heard out before the connection is cut."""
_TEXT: Headers = [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")]
_HTML: Headers = [(b"content-type", b"text/html; charset=utf-8")]


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


class App:
    """One channel over HTTP.

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
        self.revision = 0
        self._ids = secrets.token_hex(4)
        self._numbers = count()
        self._requests = count()
        self._model = f"/v2/models/{channel}"
        self._posts: dict[str, type[Form]] = {
            f"/c/{channel}": Form,
            f"{self._model}/infer": Tensors,
            "/invocations": Invocations,
        }
        # All that needs no key; what describes the channel and its model (/v2, /docs) does.
        self._open: dict[str, Callable[[Request], Reply]] = {
            "/health": self._health,
            "/v2/health/live": lambda _: _json(200, {"live": True}),
            "/v2/health/ready": self._ready,
        }
        self._gets: dict[str, Callable[[Request], Reply]] = {
            "/metrics": lambda _: (200, _TEXT, self._metrics().encode()),
            "/openapi.json": lambda _: _json(200, document(self._documented(), channel)),
            "/docs": lambda _: (200, _HTML, page(self._documented(), channel)),
            "/v2": lambda _: _json(
                200, {"name": "lingqu", "version": __version__, "extensions": []}
            ),
            self._model: self._metadata,
            f"{self._model}/ready": self._ready,
        }

    # The two steps of a request

    def enter(self, request: Request) -> None:
        """Find what a request is for and whether it may come in; a refusal is noted in it."""
        try:
            self._enter(request)
        except LingquError as error:
            request.failure = error

    def handle(self, request: Request, body: bytes | bytearray, send: Send) -> None:
        """Answer a request that has entered; `send` is called once, now or later."""
        try:
            if request.failure is not None:
                raise request.failure
            if request.get is None:
                self._predict(request, body, send)
                return
            reply = request.get(request)
        except Exception as error:
            reply = self.failed(request, error)
        send(*reply)

    def _enter(self, request: Request) -> None:
        path, method = request.path, request.method
        form = self._posts.get(path)
        if form is not None:
            request.key = self.guard.admit(request.sent, request.client, self.clock())
            if method != "POST":
                raise _wrong_method(path, method, "POST")
            request.post = (form, "")
            return
        request.get = self._open.get(path)
        if request.get is None:
            self._enter_others(request)
        if request.get is not None and method not in ("GET", "HEAD"):
            raise _wrong_method(path, method, "GET, HEAD")

    def _enter_others(self, request: Request) -> None:
        head, _, tail = request.path.partition("/versions/")
        version, _, verb = tail.partition("/")
        ours = head == self._model and version in self.serving.split.releases
        asks = ours and verb == "infer"
        request.key = self.guard.admit(request.sent, request.client, self.clock(), spend=asks)
        if asks and request.method == "POST":
            request.post = (Tensors, version)
            return
        if asks:
            raise _wrong_method(request.path, request.method, "POST")
        if ours and verb in ("", "ready"):
            served = self.serving.served[version]
            known = forms.metadata(served, [version])
            request.get = self._ready if verb else lambda _: _json(200, known)
            return
        request.get = self._gets.get(request.path)
        if request.get is None:
            expected = ", ".join([*self._posts, *self._open, *self._gets])
            raise OutletError("outlets.unknown_path", path=request.path[:100], expected=expected)

    def _predict(self, request: Request, body: bytes | bytearray, send: Send) -> None:
        form, version = request.post
        served, arm = self._choose(request, version)
        call = Call(self, request, send, served, arm, form)
        try:
            call.begin(body)
        except Exception as error:
            call.fail(error)

    def _choose(self, request: Request, version: str) -> tuple[Served, str]:
        serving = self.serving
        wanted = version or (request.wanted if request.key == PROBE else "")
        if wanted in serving.served:
            return serving.served[wanted], "version"
        backend = serving.split.choose(request.session, next(self._requests))
        return serving.served[backend.release], backend.arm

    def prediction_ids(self, rows: int) -> list[str]:
        """Return new ids, unique over processes, one a row."""
        return [f"{self._ids}-{next(self._numbers):x}" for _ in range(rows)]

    def failed(self, request: Request, error: Exception) -> Reply:
        """Return the problem document of an error, and count it if nobody has."""
        code = 0
        if not isinstance(error, LingquError):
            log.error("%s %s", request.method, request.path, exc_info=error)
            error, code = OutletError("outlets.broken"), 500
        more = {"error": str(error)} if request.path.startswith("/v2") else None
        status, headers, body = problem(error, request.language, more, code)
        if not request.counted:
            request.counted = True
            self.counters.add("", "", status, 0, 0.0)
        if status == 401 and request.path == "/docs":
            # A browser then asks for a name and a password; the password is the key.
            basic = b'Basic realm="lingqu key"'
            headers = [(n, basic if n == b"www-authenticate" else v) for n, v in headers]
        if status in (408, 413):
            headers = [*headers, (b"connection", b"close")]
        return status, headers, body

    # The ASGI callable

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer one request of any ASGI server."""
        if scope["type"] != "http":
            raise RuntimeError(f"a {scope['type']} connection cannot be answered")
        client = scope.get("client")
        request = Request(
            scope["method"], scope["path"], scope["query_string"], client[0] if client else ""
        )
        for name, value in scope["headers"]:
            request.header(name, value)
        self.enter(request)
        body = await self._body(request, receive)
        replied: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.handle(request, body, lambda *reply: replied.set_result(reply))
        status, headers, payload = await replied
        length = (b"content-length", b"%d" % len(payload))
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": payload})

    async def _body(
        self, request: Request, receive: Callable[[], Awaitable[MutableMapping[str, Any]]]
    ) -> bytearray:
        """Return the body; what is not wanted, or too much, is heard out and thrown away."""
        limit, length, body, more = self.limits.body, 0, bytearray(), True
        try:
            async with asyncio.timeout(BODY_S):
                while more and length <= HEARD_OUT * limit:
                    message = await receive()
                    part, more = message.get("body", b""), message.get("more_body", False)
                    length += len(part)
                    if length <= limit and request.failure is None:
                        body += part
        except TimeoutError:
            request.failure = slow_body()
        if length > limit:
            request.failure = request.failure or self.too_big()
        return body

    def too_big(self) -> AccessError:
        """Return the refusal of a body that is too large."""
        return AccessError("outlets.body_too_big", 413, limit=self.limits.body)

    # What is not a prediction

    def _health(self, _: Request) -> Reply:
        ready = bool(self.serving.split.releases)
        state = {
            "status": "ok" if ready else "stopped",
            "live": True,
            "ready": ready,
            "channel": self.channel,
            "revision": self.revision,
            **self.counters.summary(),
            "logged": self.records.logged,
            "dropped": self.records.dropped,
        }
        return _json(200, state)

    def _ready(self, _: Request) -> Reply:
        ready = bool(self.serving.split.releases)
        return _json(200 if ready else 503, {"name": self.channel, "ready": ready})

    def _documented(self) -> Served:
        served = self.serving.first
        if served is None:
            raise OutletError("outlets.stopped", channel=self.channel)
        return served

    def _metadata(self, _: Request) -> Reply:
        versions = list(self.serving.split.releases)
        return _json(200, forms.metadata(self._documented(), versions))

    def _metrics(self) -> str:
        waiting = sum(served.batcher.waiting for served in self.serving.served.values())
        written = ("counter", "Rows logged.", self.records.logged)
        dropped = ("counter", "Rows that could not be logged.", self.records.dropped)
        return self.counters.page(
            {
                "lingqu_waiting": ("gauge", "Requests that wait for a run.", waiting),
                "lingqu_log_written_total": written,
                "lingqu_log_dropped_total": dropped,
            }
        )


def slow_body() -> OutletError:
    """Return the refusal of a body that does not arrive."""
    return OutletError("outlets.slow_body", seconds=f"{BODY_S:g}")


def _json(status: int, value: Json) -> Reply:
    return status, JSON, orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def _wrong_method(path: str, method: str, expected: str) -> DataError:
    return DataError("outlets.wrong_method", path=path[:100], method=method, expected=expected)
