"""Who answers a request: an immutable split of the traffic over releases."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from typing import Any

from lingqu.core.errors import OutletError
from lingqu.core.i18n import as_told
from lingqu.core.nouns import Backend, Route
from lingqu.core.row_condition import RowCondition, parse_condition

_GOLDEN = 0.6180339887498949
_PLACES = 2.0**63
Row = Callable[[], Mapping[str, Any]]
"""Returns the first row of a request."""


def no_row() -> Mapping[str, Any]:
    """Return the row of a request whose rows are not known."""
    return {}


@dataclass(slots=True)
class Asked:
    """What a route may choose by.

    Args:
        session: What stays the same for one caller's session, or empty.
        key: Id of the key, or ``""``.
        region: What the caller says of where it is, or empty.
        number: Running number of the request.
        row: Returns the first row; asked only where a condition reads columns.
        caller: Salted hash of who asks, set by the choice; 0 for nobody in particular.
    """

    session: bytes = b""
    key: str = ""
    region: bytes = b""
    number: int = 0
    row: Row = no_row
    caller: int = 0


class Split:
    """A route, ready to choose by; a change of the route is another split.

    A caller who sends a session, or else a key, always gets the same release while shares stay,
    and a canary whose share grows only ever gains callers. The hash is salted by the channel, so
    that those who meet the canary of one channel are not those who meet that of another. Where
    nothing tells callers apart, requests are dealt out by the golden ratio: after any few
    requests each release has had its share, which a random draw would only come near.

    Args:
        route: The route; shadows get no answers to give.
        names: Id of a key → its name, as conditions call it.

    Example:
        >>> route = Route("c", (Backend("a", 0.75), Backend("b", 0.25, "canary")))
        >>> split = Split(route)
        >>> [split.choose(Asked(number=n)).release for n in range(200)].count("b")
        50
        >>> len({split.choose(Asked(b"ann", number=n)).release for n in range(200)})
        1

    Source: Tang et al., "Overlapping experiment infrastructure", KDD 2010,
    doi:10.1145/1835804.1835810: salted hashes of the caller as places in the traffic.
    """

    def __init__(self, route: Route, names: Mapping[str, str] | None = None) -> None:
        self.channel = route.channel
        self.route = route
        self._names = names or {}
        able = () if route.stopped else route.backends
        shared = [b for b in able if b.arm != "shadow" and not b.when and b.share > 0]
        self.ruled: tuple[tuple[RowCondition, Backend], ...] = tuple(
            (parse_condition(b.when), b) for b in able if b.when and b.arm != "shadow"
        )
        self.backends: tuple[Backend, ...] = tuple(shared)
        self.shadows: tuple[Backend, ...] = tuple(b for b in able if b.arm == "shadow")
        total = sum(backend.share for backend in shared)
        self._ends = [end / total for end in accumulate(b.share for b in shared)][:-1]
        self.alone = shared[0] if len(shared) == 1 and not self.ruled else None
        """Who answers everything, where nothing is to be chosen."""
        self.reads_rows = any(condition.columns for condition, _ in self.ruled)
        """Whether a choice needs the rows of the request."""
        self._salt = blake2b(route.channel.encode(), digest_size=16).digest()

    @property
    def releases(self) -> tuple[str, ...]:
        """Digests of the releases that answer."""
        answering = (*self.backends, *(backend for _, backend in self.ruled))
        return tuple(dict.fromkeys(backend.release for backend in answering))

    @property
    def needed(self) -> tuple[str, ...]:
        """Digests of all that must be open: shadows too, and those of a route that is stopped."""
        named = [backend.release for backend in self.route.backends]
        if any(name == "previous" for name, _ in self.route.otherwise) and self.route.fallback:
            named.append(self.route.fallback)
        return tuple(dict.fromkeys(named))

    def choose(self, asked: Asked) -> Backend:
        """Return who answers.

        Raises:
            OutletError: The channel is stopped.
        """
        if self.alone is not None:
            return self.alone
        for condition, backend in self.ruled:
            if self._holds(condition, asked):
                return backend
        if not self.backends:
            raise self.stopped()
        asked.caller = self._caller(asked)
        place = asked.caller / _PLACES if asked.caller else asked.number * _GOLDEN % 1.0
        return self.backends[bisect_right(self._ends, place)]

    def stopped(self) -> OutletError:
        """Return why nobody answers."""
        reason = self.route.reason
        if self.route.stopped and reason:
            because = as_told(reason)
            return OutletError("outlets.stopped_because", channel=self.channel, reason=because)
        return OutletError("outlets.stopped", channel=self.channel)

    def _caller(self, asked: Asked) -> int:
        sticky = self.route.sticky
        if asked.session and sticky != "none":
            who = b"s" + asked.session
        elif asked.key and sticky == "key":
            who = b"k" + asked.key.encode()
        else:
            return 0
        digest = blake2b(who, digest_size=8, person=self._salt).digest()
        return (int.from_bytes(digest, "big") >> 1) or 1

    def _holds(self, condition: RowCondition, asked: Asked) -> bool:
        request = {
            "key": self._names.get(asked.key, asked.key),
            "region": asked.region.decode("latin-1"),
            "session": asked.session.decode("latin-1"),
        }
        return condition.holds(asked.row() if condition.columns else {}, request)
