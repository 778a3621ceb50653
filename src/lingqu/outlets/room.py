"""One channel in a server: who answers for it, what it counts and what it keeps."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json
from lingqu.outlets.routing.route import Split
from lingqu.outlets.served import Served
from lingqu.outlets.sight.counters import Counters
from lingqu.outlets.sight.log import Log

if TYPE_CHECKING:
    from lingqu.outlets.request import Request


@dataclass(frozen=True)
class Serving:
    """What answers now: replaced whole when the route changes.

    Args:
        split: Who gets which request.
        served: Opened releases by digest: those of the split, and those kept warm.
    """

    split: Split
    served: Mapping[str, Served]

    @property
    def first(self) -> Served | None:
        """The release that documents the channel."""
        return self.served[self.split.releases[0]] if self.split.releases else None


@dataclass(frozen=True)
class Limits:
    """How much one request may hold."""

    rows: int = 10_000
    body: int = 10_000_000


class Room:
    """A channel in a server. Several lie in one process without knowing of each other.

    Args:
        channel: Name of the channel.
        serving: Who answers; set it anew to change the route.
        records: The prediction log.
        limits: Size of one request.
    """

    def __init__(
        self, channel: str, serving: Serving, records: Log, limits: Limits | None = None
    ) -> None:
        self.channel = channel
        self.serving = serving
        self.records = records
        self.limits = limits or Limits()
        self.counters = Counters(channel)
        self.revision = 0
        self._ids = secrets.token_hex(4)
        self._numbers = count()

    @property
    def ready(self) -> bool:
        """Whether a release answers."""
        return bool(self.serving.split.releases)

    @property
    def waiting(self) -> int:
        """Requests that wait for a run."""
        return sum(served.batcher.waiting for served in self.serving.served.values())

    def prediction_ids(self, rows: int) -> list[str]:
        """Return new ids, unique over processes, one a row."""
        return [f"{self._ids}-{next(self._numbers):x}" for _ in range(rows)]

    def state(self) -> dict[str, Json]:
        """Return everything that was counted, and what is measured now."""
        return self.counters.state(
            waiting=self.waiting, logged=self.records.logged, dropped=self.records.dropped
        )

    def documented(self) -> Served:
        """Return the release that documents the channel.

        Raises:
            OutletError: The channel is stopped.
        """
        served = self.serving.first
        if served is None:
            raise self.serving.split.stopped()
        return served


def one_room(request: Request) -> Room:
    """Return the channel that a request is for.

    Raises:
        DataError: Its path names none, and the caller may ask several (400).
    """
    if request.room is not None:
        return request.room
    if len(request.rooms) == 1:
        return request.rooms[0]
    known = ", ".join(sorted(room.channel for room in request.rooms)) or "-"
    raise DataError("outlets.which_channel", path=request.path[:100], expected=known)
