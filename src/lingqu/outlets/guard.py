"""Who may call, and how often: decided from memory, settled with the ledger off the path.

A server asks the ledger for the keys when its revision changes, and adds what keys have used at
most `SETTLE_S` seconds later. Between two settlements several servers do not know of each other,
so a key can overshoot its quota by what the other servers let through in that time; one server
alone never overshoots. A killed server forgets at most what it had not settled.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Protocol

from lingqu.core import units
from lingqu.core.errors import AccessError
from lingqu.core.nouns import Key
from lingqu.outlets.keys import matches, parse

SETTLE_S = 0.25
"""Seconds between two settlements."""
PROBE = "probe"
"""Who asks when the outlet asks itself: to replay golden answers and to read counters."""


class Ledger(Protocol):
    """The part of the ledger's usage that is needed here."""

    def add(self, key_id: str, window_start: int, amount: int) -> int: ...

    def spent(self, key_id: str, window_start: int) -> int: ...


@dataclass(slots=True)
class Window:
    """What one key used in one period.

    Args:
        start: When it opened, Unix seconds.
        used: Requests this server let through.
        settled: How many of them the ledger knows.
        elsewhere: Requests the ledger knows from others.
    """

    start: int
    used: int = 0
    settled: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Entrant:
    """A key, ready to be compared with."""

    key: Key
    expires: float
    quota: units.Quota | None


class Guard:
    """Decides admission for one channel.

    Args:
        channel: Name of the channel.
        probe: The secret by which the outlet's own driver asks; empty for none.
    """

    def __init__(self, channel: str, probe: str = "") -> None:
        self.channel = channel
        self._probe = probe
        self._entrants: dict[str, Entrant] = {}
        self._needs_key = True
        self._windows: dict[str, Window] = {}
        self._closed: list[tuple[str, Window]] = []

    def load(self, keys: Sequence[Key], usage: Ledger, now: float) -> None:
        """Take the keys of the ledger, and what those with a quota have used of it so far."""
        entrants = {key.id: Entrant(key, _until(key.expires), _quota(key)) for key in keys}
        for key_id, entrant in entrants.items():
            if entrant.quota is None or key_id in self._windows:
                continue
            start = _window_start(entrant.quota, now)
            self._windows[key_id] = Window(start, elsewhere=usage.spent(key_id, start))
        self._entrants = entrants
        # A disabled key still says that this channel is not open to everybody.
        self._needs_key = any(self._in_scope(key) for key in keys)

    def admit(self, sent: str, client: str, now: float, *, spend: bool = True) -> str:
        """Return the id of the key that a request is let in by, ``""`` where none is needed.

        Args:
            sent: The header that carries a key, or ``""``.
            client: Address of the caller.
            now: Unix seconds.
            spend: Whether the request counts towards the quota of its key.

        Raises:
            AccessError: 401 without a good key, 403 with one that may not, 429 over its quota.
        """
        if not sent:
            if self._needs_key:
                raise AccessError("outlets.no_key", 401)
            if not is_loopback(client):
                raise AccessError("outlets.only_here", 401)
            return ""
        if self._probe and hmac.compare_digest(sent.encode(), f"Bearer {self._probe}".encode()):
            return PROBE
        key_id, secret = parse(sent)
        entrant = self._entrants.get(key_id)
        if entrant is None or not matches(entrant.key, secret):
            raise AccessError("outlets.bad_key", 401)
        key = entrant.key
        if key.disabled:
            raise AccessError("outlets.key_disabled", 401, name=key.name)
        if entrant.expires <= now:
            raise AccessError("outlets.key_expired", 401, name=key.name, expires=key.expires)
        if not self._in_scope(key):
            raise AccessError("outlets.wrong_channel", 403, name=key.name, channel=self.channel)
        if spend and entrant.quota is not None:
            self._spend(key, entrant.quota, now)
        return key_id

    def settle(self, usage: Ledger) -> None:
        """Tell the ledger what was used since the last time; called from one thread only."""
        while self._closed:
            key_id, window = self._closed[0]
            if window.used > window.settled:
                usage.add(key_id, window.start, window.used - window.settled)
                window.settled = window.used
            self._closed.pop(0)
        for key_id, window in list(self._windows.items()):
            used = window.used
            if used > window.settled:
                total = usage.add(key_id, window.start, used - window.settled)
                window.settled = used
                window.elsewhere = total - used

    def _in_scope(self, key: Key) -> bool:
        return not key.channels or self.channel in key.channels

    def _spend(self, key: Key, quota: units.Quota, now: float) -> None:
        start = _window_start(quota, now)
        window = self._windows.get(key.id)
        if window is None or window.start != start:
            if window is not None:
                self._closed.append((key.id, window))
            window = self._windows[key.id] = Window(start)
        if window.used + window.elsewhere >= quota.limit:
            seconds = max(1, ceil(start + quota.per_s - now))
            raise AccessError(
                "outlets.over_quota", 429, name=key.name, quota=key.quota, seconds=seconds
            )
        window.used += 1


def is_loopback(client: str) -> bool:
    """Tell whether an address is that of this machine.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("10.0.0.7"), is_loopback("localhost")
        (True, False, True)
    """
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return client == "localhost"


def _window_start(quota: units.Quota, now: float) -> int:
    return int(now // quota.per_s * quota.per_s)


def _quota(key: Key) -> units.Quota | None:
    return units.parse_quota(key.quota) if key.quota else None


def _until(expires: str) -> float:
    if not expires:
        return float("inf")
    at = datetime.fromisoformat(expires)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
