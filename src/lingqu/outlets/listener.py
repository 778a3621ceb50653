"""HTTP/1.1 for `App`, under uvicorn's server: bytes in, bytes out, no task a request.

uvicorn keeps what it is good at (sockets, TLS, signals, draining); its own protocol class makes a
task, an event and two messages a request, which costs more than the whole prediction of a small
model. This one parses with the same parser (httptools, the one of Node.js) and calls the app.

Bounds: the head of a request, its body, requests sent ahead on one connection, and the time that
a connection may idle or take to send a request; one timer for all connections looks after them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote

import httptools

from lingqu.core.errors import DataError, LingquError
from lingqu.outlets.access.place import Certificate, shown_by
from lingqu.outlets.app import App
from lingqu.outlets.problems import GONE, Headers
from lingqu.outlets.request import BODY_S, HEARD_OUT, USED, Request, slow_body, too_big
from lingqu.outlets.stream import STALL_S, Chunks, Stream

log = logging.getLogger("lingqu.outlets")
IDLE_S = 60.0
"""Seconds that an idle connection is kept."""
HEAD = 32_768
"""Largest head of a request, bytes."""
AHEAD = 16
"""Most requests that wait for their turn on one connection."""
LINGER_S = 2.0
"""Seconds that a refused caller is heard, unkept: a reset would take the reply from it."""
_SWEEP_S = 5.0
_STATUS = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in HTTPStatus}


class Listener(asyncio.Protocol):
    """One connection.

    Args:
        config: uvicorn's settings; their app is an `App`.
        server_state: uvicorn's state: open connections, headers of every reply.
        app_state: Not used.
        _loop: Event loop.
    """

    def __init__(
        self,
        config: Any,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._app: App = config.loaded_app
        self._state = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._client = ""
        self._certificate: Certificate | None = None
        self._since = 0.0
        self._waiting: deque[tuple[Request, bytes | bytearray, bool]] = deque()
        self._busy = False
        self._closing = False
        self._receiving = False
        self._refused = False
        self._keep = True
        self._answered: Request | None = None
        self._stream: Chunks | None = None
        self._begin()

    # Connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._client = peer[0] if isinstance(peer, tuple) else ""
        tls = transport.get_extra_info("ssl_object")
        self._certificate = None if tls is None else shown_by(tls)
        self._since = self._loop.time()
        if not self._state.connections:
            self._loop.call_later(_SWEEP_S, _sweep, self._state.connections, self._loop)
        self._state.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._state.connections.discard(self)
        self._closing = True
        self._waiting.clear()
        if self._answered is not None:
            answered, self._answered = self._answered, None
            answered.leave()
            self._app.tell(answered, GONE, 0)

    def pause_writing(self) -> None:
        if self._stream is not None:  # goes on reading, to hear the caller hang up
            self._stream.pause(self._loop.time())
            return
        # Whoever does not read replies may not send more requests.
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()
        if self._stream is not None:
            self._stream.resume()

    def shutdown(self) -> None:
        """End after what has been begun; uvicorn asks for it."""
        self._closing = True
        if not self._busy and not self._receiving:
            self._transport.close()

    def expire(self, now: float) -> None:
        """Close the connection if it has idled, or taken, too long."""
        if self._stream is not None and self._stream.full:
            if now - self._stream.full_since > STALL_S:
                self._transport.abort()
            return
        if self._busy:
            return
        if self._receiving and now - self._since > BODY_S:
            self._refuse(slow_body())
        elif not self._receiving and now - self._since > IDLE_S:
            self._transport.close()

    # Parser

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._closing = True
        except httptools.HttpParserError as error:
            self._refuse(DataError("outlets.bad_form", problem=str(error), expected="HTTP/1.1"))

    def _begin(self) -> None:
        self._request = Request()
        self._url = b""
        self._head = 0
        self._declared = 0
        self._expects = False
        self._length = 0
        self._body: bytes | bytearray = b""

    def on_message_begin(self) -> None:
        self._begin()
        self._receiving = True
        self._since = self._loop.time()

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._head += len(url)
        if self._head > HEAD:
            raise ValueError("the head is too large")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value)
        if self._head > HEAD:
            raise ValueError("the head is too large")
        name = name.lower()
        if name in USED:
            self._request.header(name, value)
        elif name == b"content-length":
            self._declared = int(value)
        elif name == b"expect":
            self._expects = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        request = self._request
        request.method = self._parser.get_method().decode("ascii")
        request.client = self._client
        request.certificate = self._certificate
        request.line = self
        path, _, request.query = self._url.partition(b"?")
        if not path.startswith(b"/"):
            parsed = httptools.parse_url(self._url)
            path, request.query = parsed.path or b"/", parsed.query or b""
        text = path.decode("latin-1")
        request.path = unquote(text) if "%" in text else text
        self._app.enter(request)
        if self._declared > request.most:
            request.failure = request.failure or too_big(request.most)
        if self._expects and not self._busy:
            if request.failure is not None:
                self._refuse(request.failure)  # before the caller sends the body
            else:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        if self._refused:
            return
        self._length += len(body)
        limit = self._request.most
        if self._length > limit or self._request.failure is not None:
            self._body = b""
            if self._length > HEARD_OUT * limit:
                self._request.failure = self._request.failure or too_big(limit)
                self._refuse(self._request.failure)
        elif not self._body:
            self._body = body
        else:
            if isinstance(self._body, bytes):
                self._body = bytearray(self._body)
            self._body += body

    def on_message_complete(self) -> None:
        if self._refused:
            return
        self._receiving = False
        request = self._request
        if self._length > request.most:
            request.failure = request.failure or too_big(request.most)
        # An upgrade is not taken up: what follows it would be in another language.
        keep = self._parser.should_keep_alive() and not self._parser.should_upgrade()
        turn = (request, self._body, keep)
        if self._busy:
            self._waiting.append(turn)
            if len(self._waiting) >= AHEAD:
                self._transport.pause_reading()
        else:
            self._next(*turn)

    # Replies

    def _next(self, request: Request, body: bytes | bytearray, keep: bool) -> None:
        self._busy = True
        self._answered = request
        self._keep = keep
        self._app.handle(request, body, self._reply)

    def _reply(self, status: int, headers: Headers, payload: bytes) -> None:
        request = self._answered
        if request is None or self._transport.is_closing():
            self._busy = False
            return
        close = not self._keep or self._closing or status in (408, 413)
        head = _head(status, headers, len(payload), self._state.default_headers, close)
        self._transport.write(head if request.method == "HEAD" else head + payload)
        self._ended(close)
        if self._app.told:
            self._app.tell(request, status, len(payload))

    def stream(self, request: Request, status: int, headers: Headers) -> Stream:
        """Begin a reply in parts, in chunks where the caller knows them."""
        chunked = self._parser.get_http_version() != "1.0"
        close = not self._keep or not chunked

        def ended() -> None:
            self._stream = None
            if request is self._answered:
                self._app.tell(request, status, made.sent)
                self._ended(close or self._closing)

        made = Chunks(self._transport, chunked, request.method == "HEAD", ended)
        length = None if chunked else -1
        head = _head(status, headers, length, self._state.default_headers, close)
        if request is self._answered and not self._transport.is_closing():
            self._stream = made
            self._transport.write(head)
        return made

    def _ended(self, close: bool) -> None:
        """Go on with the next request after a reply."""
        self._busy = False
        self._answered = None
        self._state.total_requests += 1
        self._since = self._loop.time()
        if close:
            self._transport.close()
        elif self._waiting:
            turn = self._waiting.popleft()
            if len(self._waiting) == AHEAD - 1:
                self._transport.resume_reading()
            # By the loop, not by recursion: many requests may have been sent ahead.
            self._busy = True
            self._loop.call_soon(self._next, *turn)

    def _refuse(self, error: LingquError) -> None:
        """Answer what is no request, or too much of one, and hang up."""
        self._receiving = False
        if self._refused or self._transport.is_closing():
            return
        self._refused = True
        if self._busy:  # what came before it is answered first
            self._request.failure = error
            self._waiting.append((self._request, b"", False))
            return
        status, headers, payload = self._app.failed(self._request, error)
        default = self._state.default_headers
        head = _head(status, headers, len(payload), default, True)
        self._transport.write(head if self._request.method == "HEAD" else head + payload)
        self._app.tell(self._request, status, len(payload))
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._loop.call_later(LINGER_S, self._transport.close)


def _head(
    status: int, headers: Headers, length: int | None, default: Headers, close: bool
) -> bytes:
    """Return the head of a reply.

    Args:
        status: HTTP status.
        headers: Of the reply.
        length: Bytes of the body; None where it comes in chunks, -1 where its end is the end of
            the connection.
        default: Headers of every reply.
        close: Whether the connection is closed after it.
    """
    parts = [_STATUS[status]]
    for name, value in (*default, *headers):
        if name != b"connection":
            parts += (name, b": ", value, b"\r\n")
    if length is None:
        parts.append(b"transfer-encoding: chunked\r\n")
    elif length >= 0:
        parts.append(b"content-length: %d\r\n" % length)
    parts.append(b"connection: close\r\n\r\n" if close else b"\r\n")
    return b"".join(parts)


def _sweep(connections: set[Any], loop: asyncio.AbstractEventLoop) -> None:
    """Look after all connections; the timer lives as long as there are any."""
    now = loop.time()
    for connection in list(connections):
        connection.expire(now)
    if connections:
        loop.call_later(_SWEEP_S, _sweep, connections, loop)
