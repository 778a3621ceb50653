"""What is needed of an HTTP request, however it came in."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from lingqu.core.errors import AccessError, LingquError, OutletError
from lingqu.core.i18n import Language
from lingqu.outlets.access.place import Certificate
from lingqu.outlets.problems import Headers

if TYPE_CHECKING:
    from lingqu.outlets.access.place import Certificate
    from lingqu.outlets.paths import Way
    from lingqu.outlets.room import Room
    from lingqu.outlets.stream import Stream

Reply = tuple[int, Headers, bytes]
Send = Callable[[int, Headers, bytes], None]
"""Called once with the reply, in the event loop."""

BODY_S = 30.0
"""Seconds that a body may take to arrive."""
HEARD_OUT = 4
"""How many times the largest body is heard out before the connection is cut."""
KEPT = frozenset(
    {
        b"content-type",
        b"content-encoding",
        b"accept",
        b"inference-header-content-length",
        b"traceparent",
        b"x-forwarded-for",
        b"x-channel",
        b"x-request-id",
    }
)
"""Headers that some path reads, in small letters: kept as they were sent."""
USED = KEPT | {
    b"authorization",
    b"x-api-key",
    b"x-session",
    b"accept-language",
    b"x-release",
    b"x-region",
    b"x-deadline-ms",
}
"""Headers that are of use here, in small letters."""
LONGEST_ID = 64
"""Characters of a request id that a caller chose; more are cut off."""


class Line(Protocol):
    """A connection, as a request sees it."""

    def stream(self, request: Request, status: int, headers: Headers) -> Stream: ...


@dataclass(slots=True)
class Request:
    """One request on its way.

    Args:
        method: HTTP method.
        path: Path, unquoted.
        query: Query string.
        client: Address of the caller.
        sent: The header that carries a key.
        session: What keeps a caller with one release.
        region: Where the caller says it is.
        caller: Salted hash of who asks, where the route tells callers apart; else 0.
        language: Language of problem documents.
        wanted: Release that the outlet's own driver asks for.
        within_s: How long the caller is ready to wait.
        certificate: What the caller's certificate says, where the server asked for one.
        headers: Headers of `KEPT`, as they were sent.
        key: Id of the key that let it in.
        way: What answers it.
        room: The channel that it is for, once that is known.
        rooms: The channels that it may ask where its path names none.
        parts: What the path says in the places of its pattern, without the channel.
        most: Bytes of its body at most.
        failure: Why it is refused, once that is known.
        counted: Whether it has been counted.
        began: When its head had arrived, by `time.perf_counter`; 0 where nobody wants to know.
        release: Who answered it, twelve letters.
        line: The connection that it came in on.
        gone: Whether the caller has hung up.
        on_gone: What wants to be told of it, in the event loop.
    """

    method: str = ""
    path: str = ""
    query: bytes = b""
    client: str = ""
    sent: str = ""
    session: bytes = b""
    region: bytes = b""
    caller: int = 0
    language: Language | None = None
    wanted: str = ""
    within_s: float = 0.0
    certificate: Certificate | None = None
    headers: dict[bytes, bytes] = field(default_factory=dict)
    key: str = ""
    way: Way | None = None
    room: Room | None = None
    rooms: tuple[Room, ...] = ()
    parts: Mapping[str, str] | None = None
    most: int = 0
    failure: LingquError | None = None
    counted: bool = False
    began: float = 0.0
    release: str = ""
    line: Line | None = None
    gone: bool = False
    on_gone: Callable[[], None] | None = None
    _id: str = ""

    def header(self, name: bytes, value: bytes) -> None:
        """Take in one header; most are of no use here.

        Args:
            name: In small letters.
            value: As it was sent.
        """
        if name in KEPT:
            self.headers[name] = value
        elif name == b"authorization":
            self.sent = authorization(value)
        elif name == b"x-api-key":
            self.sent = self.sent or value.decode("latin-1").strip()
        elif name == b"x-session":
            self.session = bytes(value)
        elif name == b"x-region":
            self.region = bytes(value)
        elif name == b"accept-language":
            self.language = "zh" if value[:2].lower() == b"zh" else None
        elif name == b"x-release":
            self.wanted = value.decode("latin-1")
        elif name == b"x-deadline-ms" and value.isdigit() and len(value) < 10:
            self.within_s = int(value) / 1000

    @property
    def id(self) -> str:
        """What tells this request from others: the caller's own `x-request-id`, or a new one."""
        if not self._id:
            sent = self.headers.get(b"x-request-id", b"")[:LONGEST_ID].decode("latin-1")
            good = sent.isascii() and sent.isprintable()
            self._id = sent if sent and good else secrets.token_hex(8)
        return self._id

    def stream(self, status: int, headers: Headers) -> Stream:
        """Begin a reply whose body comes in parts; `send` is then not called."""
        assert self.line is not None
        return self.line.stream(self, status, headers)

    def leave(self) -> None:
        """Note that the caller has hung up; called once, by the connection."""
        self.gone = True
        if self.on_gone is not None:
            self.on_gone()


def authorization(value: bytes) -> str:
    """Return the key of the header; of a browser's name and password, the password.

    Example:
        >>> authorization(b"Bearer lq_1"), authorization(b"Basic " + base64.b64encode(b"me:lq_2"))
        ('Bearer lq_1', 'lq_2')
    """
    if value[:6].lower() != b"basic ":
        return value.decode("latin-1").strip()
    try:
        pair = base64.b64decode(value[6:].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "-"
    return pair.partition(":")[2] or "-"


def slow_body() -> OutletError:
    """Return the refusal of a body that does not arrive."""
    return OutletError("outlets.slow_body", seconds=f"{BODY_S:g}")


def too_big(limit: int) -> AccessError:
    """Return the refusal of a body that is too large."""
    return AccessError("outlets.body_too_big", 413, limit=limit)
