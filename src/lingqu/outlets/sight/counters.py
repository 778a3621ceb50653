"""What a server counts of one channel: few labels, so that nobody can make the page grow.

Labels are releases, arms of the route, statuses and ids of keys, all of them ours: what a stranger
sends is never one. Where there are too many, the oldest are counted together as ``other``.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from dataclasses import dataclass, field

from lingqu.core.nouns import Json
from lingqu.outlets.sight.tally import ENDS_MS, page

MOST_SERIES = 32
"""Pairs of release and arm that are told apart."""
MOST_KEYS = 100
"""Keys that are told apart."""
OTHER = "other"


@dataclass(slots=True)
class Series:
    """Counts of one release on one arm.

    Args:
        statuses: Requests by HTTP status.
        rows: Answered rows.
        ms: Sum of the latencies of answered requests.
        buckets: How many of them took up to each of `ENDS_MS`, and more than the last.
    """

    statuses: dict[int, int] = field(default_factory=dict)
    rows: int = 0
    ms: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(ENDS_MS) + 1))

    def add(self, status: int, rows: int, ms: float) -> None:
        """Count one request."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status < 400 and rows:
            self.rows += rows
            self.ms += ms
            self.buckets[bisect_left(ENDS_MS, ms)] += 1

    def take(self, other: Series) -> None:
        """Count what another one has counted."""
        for status, count in other.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + count
        self.rows += other.rows
        self.ms += other.ms
        self.buckets = [a + b for a, b in zip(self.buckets, other.buckets, strict=True)]


class Counters:
    """Counts of one channel in one process; written by the event loop only.

    Args:
        channel: Name of the channel.
        since: Unix seconds from which it counts; now when omitted.

    Example:
        >>> counters = Counters("churn")
        >>> counters.add("ab12", "champion", 200, rows=2, latency_ms=0.7)
        >>> counters.summary()
        {'requests': 1, 'errors': 0, 'rows': 2}
    """

    def __init__(self, channel: str, since: float | None = None) -> None:
        self.channel = channel
        self.since = time.time() if since is None else since
        self._series: dict[tuple[str, str], Series] = {}
        self._keys: dict[str, int] = {}

    def add(
        self, release: str, arm: str, status: int, rows: int, latency_ms: float, key: str = ""
    ) -> None:
        """Count one request.

        Args:
            release: Who answered, twelve letters; ``""`` where nobody did.
            arm: Arm of the route.
            status: HTTP status.
            rows: Rows of the request.
            latency_ms: From the last byte in to the first byte out.
            key: Id of the key that let it in; ``""`` where none was needed.
        """
        found = self._series.get((release, arm))
        if found is None:
            found = self._begun(release, arm)
        found.add(status, rows, latency_ms)
        if key:
            if key not in self._keys and len(self._keys) >= MOST_KEYS:
                key = OTHER
            self._keys[key] = self._keys.get(key, 0) + 1

    def _begun(self, release: str, arm: str) -> Series:
        """Return a new series; where there are too many, the oldest joins the others."""
        if len(self._series) >= MOST_SERIES:
            rest = self._series.setdefault(("", OTHER), Series())
            oldest = next(name for name in self._series if name != ("", OTHER))
            rest.take(self._series.pop(oldest))
        made = self._series[release, arm] = Series()
        return made

    def summary(self) -> dict[str, int]:
        """Return requests, requests that failed by our fault, and answered rows."""
        series = list(self._series.values())
        counts = [pair for one in series for pair in list(one.statuses.items())]
        return {
            "requests": sum(count for _, count in counts),
            "errors": sum(count for status, count in counts if status >= 500),
            "rows": sum(one.rows for one in series),
        }

    def state(self, **gauges: float) -> dict[str, Json]:
        """Return everything that was counted, for `lingqu.outlets.sight.tally` to add up and show.

        Args:
            **gauges: What is measured now beside it: ``waiting``, ``logged``, ``dropped``.
        """
        return {
            "channel": self.channel,
            "since": self.since,
            "processes": 1,
            "gauges": dict(gauges),
            "keys": dict(self._keys),
            "series": [
                {
                    "release": release,
                    "arm": arm,
                    "statuses": {str(status): n for status, n in list(one.statuses.items())},
                    "rows": one.rows,
                    "ms": one.ms,
                    "buckets": {str(i): n for i, n in enumerate(one.buckets) if n},
                }
                for (release, arm), one in list(self._series.items())
            ],
        }

    def page(self, **gauges: float) -> str:
        """Return the page for Prometheus of this process alone."""
        return page([self.state(**gauges)])
