"""Who answers a request: an immutable split of the traffic over releases."""

from __future__ import annotations

from bisect import bisect_right
from hashlib import blake2b
from itertools import accumulate

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Backend, Route

_GOLDEN = 0.6180339887498949


class Split:
    """A route, ready to choose by; a change of the route is another split.

    A caller who sends a session always gets the same release while shares stay. Without one,
    requests are dealt out by the golden ratio, so that after any few requests each release has
    had its share, which a random draw would only come near.

    Args:
        route: The route; shadows get no answers to give.

    Example:
        >>> route = Route("c", (Backend("a", 0.75), Backend("b", 0.25, "canary")))
        >>> split = Split(route)
        >>> [split.choose(b"", n).release for n in range(200)].count("b")
        50
    """

    def __init__(self, route: Route) -> None:
        self.channel = route.channel
        self.backends: tuple[Backend, ...] = tuple(
            b for b in route.backends if b.arm != "shadow" and b.share > 0
        )
        total = sum(backend.share for backend in self.backends)
        self._ends = [end / total for end in accumulate(b.share for b in self.backends)][:-1]

    @property
    def releases(self) -> tuple[str, ...]:
        """Digests of the releases that answer."""
        return tuple(backend.release for backend in self.backends)

    def choose(self, session: bytes, number: int) -> Backend:
        """Return who answers.

        Args:
            session: What stays the same for one caller's session, or empty.
            number: Running number of the request.

        Raises:
            OutletError: The channel is stopped.
        """
        if len(self.backends) == 1:
            return self.backends[0]
        if not self.backends:
            raise OutletError("outlets.stopped", channel=self.channel)
        if session:
            place = int.from_bytes(blake2b(session, digest_size=8).digest(), "big") / 2**64
        else:
            place = (number * _GOLDEN) % 1.0
        return self.backends[bisect_right(self._ends, place)]
