"""Bodies that were packed on their way: ``Content-Encoding: gzip`` or ``deflate``.

What a body unpacks to is bounded like a body that came as it is, and never more than that is
unpacked; small ones at once, the rest of large ones in a thread, as large bodies are read.

Source: RFC 9110 (2022), sections 8.4.1, 12.5.3 and 15.5.16; RFC 1950, RFC 1951, RFC 1952 (1996).
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lingqu.core.errors import DataError
from lingqu.outlets.request import Request, Send, too_big

if TYPE_CHECKING:
    from lingqu.outlets.app import App

HEADER = b"content-encoding"
SOON = 100_000
"""Bytes that are unpacked in the event loop; what a body holds beyond them, in a thread."""
MEMBERS = 1_000
"""Parts of a gzip body at most: each costs time, though it may hold nothing."""
_PIECE = 65_536
_BITS: Mapping[str, int] = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Coding → what zlib calls it."""
TAKEN = "gzip, deflate"
"""What a caller is told to choose from."""


def answer_unpacked(app: App, request: Request, body: bytes | bytearray, send: Send) -> None:
    """Unpack the body of a request that says it is packed, and answer it; `send` is called once.

    Raises:
        AccessError: It unpacks to more than a body may hold (413).
        DataError: It is packed in a way that is not taken (415), or cannot be unpacked (400).
    """
    assert request.way is not None
    coding = coding_of(request.headers[HEADER])
    if not coding:
        request.way.handler.answer(app, request, body, send)
        return
    unpacking = Unpacking(coding, body, request.most)
    if unpacking.go(SOON):
        request.way.handler.answer(app, request, unpacking.made, send)
        return

    def unpacked(work: asyncio.Future[bool]) -> None:
        try:
            work.result()
            assert request.way is not None
            request.way.handler.answer(app, request, unpacking.made, send)
        except Exception as error:
            send(*app.failed(request, error))

    work = asyncio.get_running_loop().run_in_executor(None, unpacking.go, request.most + 1)
    work.add_done_callback(unpacked)


def coding_of(said: bytes) -> str:
    """Return how a body is packed; ``""`` where it is not.

    Args:
        said: The header, as it was sent.

    Raises:
        DataError: It is packed in another way, or more than once (415).

    Example:
        >>> coding_of(b"GZip"), coding_of(b"identity")
        ('gzip', '')
    """
    names = [name.strip().lower() for name in said.decode("latin-1").split(",")]
    codings = [name for name in names if name not in ("", "identity")]
    if not codings:
        return ""
    if len(codings) > 1 or codings[0] not in _BITS:
        received = ", ".join(codings)[:100]
        raise DataError("outlets.unknown_coding", received=received, expected=TAKEN)
    return codings[0]


class Unpacking:
    """One body that is unpacked, in as many goes as is wished.

    Args:
        coding: How it is packed.
        body: It.
        most: Bytes that it may unpack to.

    Attributes:
        made: What was unpacked.

    Example:
        >>> work = Unpacking("deflate", zlib.compress(b"a" * 1000), 2000)
        >>> work.go(10), len(work.made), work.go(2001), len(work.made)
        (False, 10, True, 1000)
    """

    def __init__(self, coding: str, body: bytes | bytearray, most: int) -> None:
        self.made = bytearray()
        self._coding = coding
        self._bits = _BITS[coding]
        if coding == "deflate" and not _has_head(body):
            self._bits = -15  # some send what is inside, without the head that belongs to it
        self._body = memoryview(body)
        self._at = 0
        self._left: bytes | memoryview = b""
        self._most = most
        self._members = 0
        self._begin()

    def go(self, size: int) -> bool:
        """Unpack until there are so many bytes, or all; tell whether that is all.

        Raises:
            AccessError: It unpacks to more than it may (413).
            DataError: It cannot be unpacked, or ends too soon (400).
        """
        size = min(size, self._most + 1)
        while not self._ended:
            if len(self.made) >= size:
                return False
            self._step(size - len(self.made))
        return True

    def _begin(self) -> None:
        self._members += 1
        if self._members > MEMBERS:
            raise self._broken(f"more than {MEMBERS} parts")
        self._ended = False
        self._unpacker = zlib.decompressobj(self._bits)

    def _step(self, size: int) -> None:
        if not self._left:
            self._left = self._body[self._at : self._at + _PIECE]
            self._at += len(self._left)
        try:
            part = self._unpacker.decompress(self._left, size)
        except zlib.error as error:
            raise self._broken(str(error)) from error
        self.made += part
        if len(self.made) > self._most:
            raise too_big(self._most)
        if self._unpacker.eof:
            self._left = self._unpacker.unused_data
            self._ended = True
            if self._left or self._at < len(self._body):
                if self._bits != _BITS["gzip"]:
                    raise self._broken("something follows its end")
                self._begin()
            return
        self._left = self._unpacker.unconsumed_tail
        if not part and not self._left and self._at >= len(self._body):
            raise self._broken("it ends too soon")

    def _broken(self, problem: str) -> DataError:
        return DataError("outlets.bad_form", problem=problem, expected=self._coding)


def _has_head(body: bytes | bytearray) -> bool:
    """Tell whether a body begins as RFC 1950 says."""
    return len(body) > 1 and body[0] & 15 == 8 and (body[0] * 256 + body[1]) % 31 == 0
