"""What a server counts, and its Prometheus page."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

BUCKETS_MS = (0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1000.0, 5000.0)
"""Upper ends of the latency histogram."""
_MOST_SERIES = 200

Labels = tuple[str, str, int]
"""Release (12 letters), arm, status: few values each, so the page stays small."""


class Counters:
    """Counts of one channel; written by the event loop only.

    Example:
        >>> counters = Counters("churn")
        >>> counters.add("ab12", "champion", 200, rows=2, latency_ms=0.7)
        >>> [line for line in counters.page({}).splitlines() if line.startswith("lingqu_rows")]
        ['lingqu_rows_total{channel="churn"} 2']
    """

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.requests: dict[Labels, int] = {}
        self.rows = 0
        self._buckets = [0] * (len(BUCKETS_MS) + 1)
        self._latency_ms = 0.0

    def add(self, release: str, arm: str, status: int, rows: int, latency_ms: float) -> None:
        """Count one request."""
        labels = (release, arm, status)
        if labels not in self.requests and len(self.requests) >= _MOST_SERIES:
            labels = ("", "other", status)
        self.requests[labels] = self.requests.get(labels, 0) + 1
        if status < 400 and rows:
            self.rows += rows
            self._buckets[bisect_left(BUCKETS_MS, latency_ms)] += 1
            self._latency_ms += latency_ms

    def summary(self) -> dict[str, int]:
        """Return requests, failed requests and answered rows."""
        failed = sum(n for (_, _, status), n in self.requests.items() if status >= 500)
        return {"requests": sum(self.requests.values()), "errors": failed, "rows": self.rows}

    def page(self, gauges: Mapping[str, tuple[str, str, float]]) -> str:
        """Return the page in the Prometheus text form.

        Args:
            gauges: More series by name: ``(kind, help, value)``.
        """
        channel = f'channel="{_escaped(self.channel)}"'
        lines = _head("lingqu_requests_total", "counter", "Requests by release, arm and status.")
        for (release, arm, status), n in sorted(self.requests.items()):
            labels = f'{channel},release="{release}",arm="{arm}",status="{status}"'
            lines.append(f"lingqu_requests_total{{{labels}}} {n}")
        lines += _head("lingqu_rows_total", "counter", "Rows answered.")
        lines.append(f"lingqu_rows_total{{{channel}}} {self.rows}")
        name = "lingqu_latency_milliseconds"
        lines += _head(name, "histogram", "From the last byte in to the first byte out.")
        seen = 0
        for end, n in zip((*BUCKETS_MS, "+Inf"), self._buckets, strict=True):
            seen += n
            lines.append(f'{name}_bucket{{{channel},le="{end}"}} {seen}')
        lines.append(f"{name}_sum{{{channel}}} {self._latency_ms:.6f}")
        lines.append(f"{name}_count{{{channel}}} {seen}")
        for title, (kind, text, value) in gauges.items():
            lines += _head(title, kind, text)
            lines.append(f"{title}{{{channel}}} {value:g}")
        return "\n".join(lines) + "\n"


def _head(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
