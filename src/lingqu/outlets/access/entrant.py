"""A key as the guard holds it: ready to be compared with, and with its quotas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from lingqu.core.errors import AccessError
from lingqu.core.nouns import Key
from lingqu.outlets.access.lease import Lease
from lingqu.outlets.access.place import Certificate, Network


class Asked(Protocol):
    """The part of a request that is needed here."""

    sent: str
    client: str
    certificate: Certificate | None

    @property
    def headers(self) -> Mapping[bytes, bytes]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Entrant:
    """A key, ready to be compared with."""

    key: Key
    expires: float
    channels: frozenset[str]
    verbs: frozenset[str]
    networks: tuple[Network, ...]
    is_placed: bool
    leases: Mapping[str, tuple[Lease, ...]]
    requests: tuple[Lease, ...]


def spend_all(entrant: Entrant, leases: tuple[Lease, ...], amount: float, now: float) -> None:
    """Take from every lease, or from none.

    Raises:
        AccessError: One of them has no room.
    """
    for number, lease in enumerate(leases):
        if not lease.take(amount, now):
            for taken in leases[:number]:
                taken.take(-amount, now)
            raise AccessError(
                "outlets.over_quota", 429,
                name=entrant.key.name, quota=str(lease.quota), seconds=lease.wait_s(amount, now),
            )  # fmt: skip


def until(expires: str) -> float:
    """Return when a key ends, Unix seconds.

    Example:
        >>> until("1970-01-02"), until("")
        (86400.0, inf)
    """
    if not expires:
        return float("inf")
    at = datetime.fromisoformat(expires)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
