"""What is needed of an HTTP request, however it came in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lingqu.core.errors import LingquError
from lingqu.core.i18n import Language
from lingqu.outlets.problems import Headers

Reply = tuple[int, Headers, bytes]
Send = Callable[[int, Headers, bytes], None]
"""Called once with the reply, in the event loop."""

USED = frozenset({b"authorization", b"x-api-key", b"x-session", b"accept-language", b"x-release"})
"""Headers that are of use here, in small letters."""


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
        language: Language of problem documents.
        wanted: Release that the outlet's own driver asks for.
        key: Id of the key that let it in.
        post: What answers it with predictions.
        get: What answers it otherwise.
        failure: Why it is refused, once that is known.
        counted: Whether it has been counted.
    """

    method: str = ""
    path: str = ""
    query: bytes = b""
    client: str = ""
    sent: str = ""
    session: bytes = b""
    language: Language | None = None
    wanted: str = ""
    key: str = ""
    post: Any = None
    get: Callable[[Request], Reply] | None = None
    failure: LingquError | None = None
    counted: bool = False

    def header(self, name: bytes, value: bytes) -> None:
        """Take in one header; most are of no use here.

        Args:
            name: In small letters.
            value: As it was sent.
        """
        if name == b"authorization":
            self.sent = authorization(value)
        elif name == b"x-api-key":
            self.sent = self.sent or value.decode("latin-1").strip()
        elif name == b"x-session":
            self.session = bytes(value)
        elif name == b"accept-language":
            self.language = "zh" if value[:2].lower() == b"zh" else None
        elif name == b"x-release":
            self.wanted = value.decode("latin-1")


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
