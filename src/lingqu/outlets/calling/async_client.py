"""The client for event loops: as `Client`, over asyncio's streams.

A connection a request: what is asked at the same time does not wait for each other.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import orjson

from lingqu.core.errors import LingquError, OutletError
from lingqu.core.nouns import Json
from lingqu.outlets.calling.asker import Asker, bodies, label_bodies
from lingqu.outlets.calling.messages import (
    answers_of,
    events,
    feedback_path,
    refusal,
    rows_path,
    stream_path,
    text_body,
    text_of,
    unreachable,
)

HEAD = 65_536
"""Largest line of a reply, bytes."""


@dataclass
class _Reply:
    """A reply whose head has been read."""

    status: int
    headers: Mapping[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes.

        Raises:
            OutletError: It ended too early.
        """
        try:
            if self.headers.get("transfer-encoding") == "chunked":
                while size := int((await self.reader.readline()).strip() or b"x", 16):
                    yield (await self.reader.readexactly(size + 2))[:-2]
            elif "content-length" in self.headers:
                yield await self.reader.readexactly(int(self.headers["content-length"]))
            else:
                yield await self.reader.read()
        except (ValueError, asyncio.IncompleteReadError) as error:
            raise OutletError("outlets.unreachable", address="", problem="cut off") from error
        finally:
            self.writer.close()


class AsyncClient(Asker):
    """Asks one channel of one server; while one reply is waited for, others go on.

    Args are those of `Asker`: ``AsyncClient("http://127.0.0.1:8080", "churn", key)``.
    """

    async def predict(
        self,
        rows: Sequence[Mapping[str, Any]],
        options: Mapping[str, Json] | None = None,
        *,
        explain: bool = False,
    ) -> list[dict[str, Json]]:
        """Return one answer a row; see `Client.predict`."""
        answers: list[dict[str, Json]] = []
        path = rows_path(self.channel, explain)
        for body in bodies(rows, options):
            answers += answers_of(await self.request("POST", path, body))
        return answers

    async def generate(self, text: str, **options: Json) -> AsyncIterator[str]:
        """Yield what a channel writes to a text, while it is written; see `Client.generate`."""
        body = text_body(text, options)
        reply = await self._opened("POST", stream_path(self.channel), body)
        kept = b""
        async for part in reply.parts():
            *lines, kept = (kept + part).split(b"\n")
            for event in events(lines):
                if text := text_of(event):
                    yield text

    async def feedback(self, labels: Mapping[str, Json], *, replace: bool = False) -> list[str]:
        """Tell what was right after all; see `Client.feedback`."""
        states: list[str] = []
        for body in label_bodies(labels, replace):
            reply = await self.request("POST", feedback_path(self.channel), body)
            states += reply["states"]
        return states

    async def request(self, method: str, path: str, body: bytes | None = None) -> Json:
        """Send one request and return the JSON of its reply."""
        reply = await self._opened(method, path, body or b"")
        async with asyncio.timeout(self._timeout_s):
            return orjson.loads(b"".join([part async for part in reply.parts()]))

    async def _opened(self, method: str, path: str, body: bytes) -> _Reply:
        """Return a reply that is no refusal, after as many attempts as patience allows."""
        begun, attempt = time.monotonic(), 1
        while True:
            left = self._patience.left_s(time.monotonic() - begun, self._timeout_s)
            status, after = 0, ""
            refused: LingquError
            try:
                async with asyncio.timeout(left):
                    reply = await self._asked(method, path, body, left)
                    if reply.status < 400:
                        return reply
                    data = b"".join([part async for part in reply.parts()])
                status, after = reply.status, reply.headers.get("retry-after", "")
                refused = refusal(status, data)
            except ConnectionRefusedError as error:
                refused = unreachable(self.address, error)
            except (OSError, EOFError, IndexError, ValueError) as error:  # time-outs too
                raise unreachable(self.address, error) from error
            wait = self._patience.wait_s(attempt, status, after, time.monotonic() - begun)
            if wait is None:
                raise refused
            await asyncio.sleep(wait)
            attempt += 1

    @cached_property
    def _secured(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()

    async def _asked(self, method: str, path: str, body: bytes, left_s: float) -> _Reply:
        place = urlsplit(self.address)
        secure = self._secured if place.scheme == "https" else None
        port = place.port or (443 if secure else 80)
        reader, writer = await asyncio.open_connection(
            place.hostname or "", port, ssl=secure, limit=HEAD
        )
        headers = {"host": place.netloc, "connection": "close", **self._told(left_s),
                   "content-length": str(len(body))}  # fmt: skip
        lines = [f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        try:
            status = int((await reader.readline()).split()[1])
            told: dict[str, str] = {}
            while line := (await reader.readline()).strip():
                name, _, value = line.decode("latin-1").partition(":")
                told[name.strip().lower()] = value.strip()
        except (IndexError, asyncio.CancelledError):
            writer.close()
            raise
        return _Reply(status, told, reader, writer)
