"""`App` as a bare ASGI callable, for any server of that protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from lingqu.outlets.problems import GONE, Headers
from lingqu.outlets.request import BODY_S, HEARD_OUT, Reply, Request, slow_body, too_big
from lingqu.outlets.stream import Messages, Stream

if TYPE_CHECKING:
    from lingqu.outlets.app import App

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Give = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Caller:
    """One request of an ASGI server, as the app sees it."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.replied: asyncio.Future[Reply | Messages | None] = loop.create_future()

    def send(self, status: int, headers: Headers, body: bytes) -> None:
        """Take the whole reply."""
        self._settle((status, headers, body))

    def stream(self, request: Request, status: int, headers: Headers) -> Stream:
        """Begin a reply in parts."""
        made = Messages(request, status, headers)
        self._settle(made)
        return made

    async def listen(self, request: Request, receive: Receive) -> None:
        """Note when the caller hangs up."""
        while (await receive())["type"] != "http.disconnect":
            pass
        request.leave()
        self._settle(None)

    def _settle(self, reply: Reply | Messages | None) -> None:
        if not self.replied.done():
            self.replied.set_result(reply)


async def serve(app: App, scope: Mapping[str, Any], receive: Receive, send: Give) -> None:
    """Answer one request of any ASGI server."""
    if scope["type"] != "http":
        raise RuntimeError(f"a {scope['type']} connection cannot be answered")
    client = scope.get("client")
    request = Request(
        scope["method"], scope["path"], scope["query_string"], client[0] if client else ""
    )
    for name, value in scope["headers"]:
        request.header(name, value)
    app.enter(request)
    body = await _body(request, receive)
    caller = Caller()
    request.line = caller
    listening = asyncio.create_task(caller.listen(request, receive))
    try:
        app.handle(request, body, caller.send)
        await _deliver(app, request, await caller.replied, send)
    finally:
        listening.cancel()


async def _deliver(app: App, request: Request, reply: Reply | Messages | None, send: Give) -> None:
    if reply is None:
        app.tell(request, GONE, 0)
        return
    if isinstance(reply, Messages):
        await reply.deliver(send)
        app.tell(request, reply.status, reply.sent)
        return
    status, headers, payload = reply
    length = (b"content-length", b"%d" % len(payload))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": payload})
    app.tell(request, status, len(payload))


async def _body(request: Request, receive: Receive) -> bytearray:
    """Return the body; what is not wanted, or too much, is heard out and thrown away."""
    limit, length, body, more = request.most, 0, bytearray(), True
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
        request.failure = request.failure or too_big(limit)
    return body
