"""Replies whose body comes in parts: over HTTP/1.1 in chunks, over any ASGI server in messages.

A writer looks at `Stream.full` and waits for `on_free` where it can; one that goes on writes into
a bounded buffer, and what passes the bound cuts the connection, as does a caller who reads nothing
for `STALL_S`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from lingqu.outlets.problems import Headers
from lingqu.outlets.request import Request

STALL_S = 30.0
"""Seconds that a caller may read nothing of a stream before the connection is cut."""
HELD = 8_000_000
"""Bytes of a stream that may lie unread."""
PARTS = 64
"""Parts of a stream that an ASGI server may lie behind before the stream is full."""


class Stream(Protocol):
    """A reply that has begun. Its methods are called in the event loop only."""

    on_free: Callable[[], None] | None

    @property
    def full(self) -> bool:
        """Whether the writer should wait until `on_free` is called."""
        ...

    def part(self, data: bytes) -> None:
        """Send some bytes of the body; nothing happens where the caller has hung up."""
        ...

    def end(self) -> None:
        """Finish the reply; twice is fine."""
        ...

    def cut(self) -> None:
        """Break off: the caller must not take what came so far for the whole."""
        ...


class Chunks:
    """A stream on one connection of `lingqu.outlets.listener`.

    Args:
        transport: Of the connection.
        chunked: Whether parts are framed; HTTP/1.0 knows no frames, the end closes the connection.
        silent: Whether the caller asked for the head only.
        ended: Called once, after the last part.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        chunked: bool,
        silent: bool,
        ended: Callable[[], None],
    ) -> None:
        self._transport = transport
        self._chunked = chunked
        self._silent = silent
        self._ended: Callable[[], None] | None = ended
        self.on_free: Callable[[], None] | None = None
        self.full_since = 0.0
        self.sent = 0

    @property
    def full(self) -> bool:
        return self.full_since > 0.0

    def part(self, data: bytes) -> None:
        if not data or self._silent or self._ended is None or self._transport.is_closing():
            return
        self.sent += len(data)
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)
        if self._transport.get_write_buffer_size() > HELD:
            self.cut()

    def end(self) -> None:
        ended, self._ended = self._ended, None
        if ended is None:
            return
        if self._chunked and not self._silent and not self._transport.is_closing():
            self._transport.write(b"0\r\n\r\n")
        ended()

    def cut(self) -> None:
        self._transport.abort()

    def pause(self, now: float) -> None:
        """The caller does not read as fast as is written."""
        self.full_since = self.full_since or now

    def resume(self) -> None:
        """The caller has read."""
        self.full_since = 0.0
        if self.on_free is not None:
            self.on_free()


class Messages:
    """A stream to an ASGI server.

    Args:
        request: What is answered.
        status: HTTP status.
        headers: Of the reply.
    """

    def __init__(self, request: Request, status: int, headers: Headers) -> None:
        self.status, self.headers = status, headers
        self.on_free: Callable[[], None] | None = None
        self._request = request
        self._parts: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._held = 0
        self.sent = 0
        self._cut = False
        self._ended = False

    @property
    def full(self) -> bool:
        return self._parts.qsize() >= PARTS

    def part(self, data: bytes) -> None:
        if not data or self._ended or self._request.gone or self._request.method == "HEAD":
            return
        self._held += len(data)
        if self._held > HELD:
            self.cut()
            return
        self._parts.put_nowait(data)

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            self._parts.put_nowait(None)

    def cut(self) -> None:
        self._cut = True
        self.end()

    async def deliver(self, send: Callable[[Any], Awaitable[None]]) -> None:
        """Send what comes, until the end.

        Raises:
            ConnectionAbortedError: The stream was cut; the server then breaks the connection.
        """
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)
        while (data := await self._parts.get()) is not None:
            was_full = self.full
            async with asyncio.timeout(STALL_S):
                await send(_message(data, True))
            self._held -= len(data)
            self.sent += len(data)
            if was_full and self.on_free is not None:
                self.on_free()
        if self._cut:
            raise ConnectionAbortedError("the reply was broken off")
        await send(_message(b"", False))


def _message(data: bytes, more: bool) -> Mapping[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}
