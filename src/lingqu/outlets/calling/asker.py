"""What every client knows: whom it asks, as whom, and how long it tries."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lingqu.core.nouns import Json
from lingqu.outlets.calling.messages import ROWS, feedback_body, rows_body
from lingqu.outlets.calling.retrying import Patience


class Asker:
    """Whom a client asks: one channel of one server.

    Args:
        address: ``http://127.0.0.1:8080``.
        channel: Name of the channel.
        key: Secret of a key; empty where none is needed.
        timeout_s: Wall seconds to wait for one reply, or for the next part of a stream.
        tls: How to trust the server; the certificates of the system when omitted.
        headers: More headers to send.
        retries: Times that a request is sent again where that can do no harm: nobody was there,
            or the server says that it did not take it (429, 503) and when to come again.
        deadline_s: Seconds for everything, waits too; the server is told. 0 for none.
    """

    def __init__(
        self,
        address: str,
        channel: str,
        key: str = "",
        *,
        timeout_s: float = 30.0,
        tls: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
        retries: int = 0,
        deadline_s: float = 0.0,
    ) -> None:
        self.address = address.rstrip("/")
        self.channel = channel
        self._timeout_s = timeout_s
        self._tls = tls
        self._patience = Patience(retries, deadline_s)
        self._headers = {"content-type": "application/json", **(headers or {})}
        if key:
            self._headers["authorization"] = f"Bearer {key}"

    def _told(self, left_s: float) -> dict[str, str]:
        """Return the headers of a request that may take so long."""
        if not self._patience.deadline_s:
            return self._headers
        return {**self._headers, "x-deadline-ms": str(int(left_s * 1000))}


def bodies(
    rows: Sequence[Mapping[str, Any]], options: Mapping[str, Json] | None
) -> Iterator[bytes]:
    """Yield the bodies that ask for answers to rows, few enough in each.

    Example:
        >>> len(list(bodies([{"x": 1}] * 1200, None)))
        3
    """
    for start in range(0, len(rows), ROWS):
        yield rows_body(rows[start : start + ROWS], options)


def label_bodies(labels: Mapping[str, Json], replace: bool) -> Iterator[bytes]:
    """Yield the bodies that tell labels, few enough in each."""
    items = list(labels.items())
    for start in range(0, len(items), ROWS):
        yield feedback_body(items[start : start + ROWS], replace)
