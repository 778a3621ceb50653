"""Latency: how fast and how reliably a window of live requests was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lingqu.check.truth import unknown, why
from lingqu.core import metrics
from lingqu.core.nouns import Finding, Subject


@dataclass
class Latency:
    """Report the percentiles and the error rate that the outlet counted in the window.

    Reads the facts ``requests``, ``errors``, ``latency_p50_ms`` and ``latency_p99_ms``.

    Args:
        p99_ms: Slowest 99th percentile that passes; 0 for no limit.
        error_rate: Largest error rate that passes.

    Example:
        >>> from lingqu.core.schema import Schema
        >>> facts = {"requests": 200, "errors": 4, "latency_p50_ms": 1.0, "latency_p99_ms": 9.0}
        >>> subject = Subject("live", "classify", Schema(()), facts=facts)
        >>> [(f.measure, f.value) for f in Latency().look(subject)][2]
        ('latency.error_rate', 0.02)

    Source: Beyer et al., "Site Reliability Engineering", 2016, chapter 6 (latency and errors, two
    of the four golden signals; tail percentiles, not means); Wilson 1927 for the interval.
    """

    name: ClassVar[str] = "latency"
    stages: ClassVar[frozenset[str]] = frozenset({"live"})

    p99_ms: float = 0.0
    error_rate: float = 0.01

    def look(self, subject: Subject) -> list[Finding]:
        requests = int(subject.facts.get("requests") or 0)
        found = [
            self._percentile(subject, "p50_ms", 0.0, requests),
            self._percentile(subject, "p99_ms", self.p99_ms, requests),
        ]
        if not requests:
            reason = why("check.no_requests")
            return [*found, unknown(self.name, "latency.error_rate", reason)]
        errors = int(subject.facts.get("errors") or 0)
        low, high = metrics.wilson(errors, requests)
        # A few errors in a small window may be chance: it fails when the limit is out of reach.
        failed = low > self.error_rate
        verdict = self._judged("latency.error_rate", errors / requests, failed, requests, low, high)
        return [*found, verdict]

    def _percentile(self, subject: Subject, part: str, limit: float, n: int) -> Finding:
        value = subject.facts.get(f"latency_{part}")
        if value is None:
            return unknown(self.name, f"latency.{part}", why("check.no_requests"))
        if not limit:
            return Finding(self.name, f"latency.{part}", float(value), n=n)
        return self._judged(f"latency.{part}", float(value), float(value) > limit, n)

    def _judged(
        self,
        measure: str,
        value: float,
        failed: bool,
        n: int,
        low: float | None = None,
        high: float | None = None,
    ) -> Finding:
        return Finding(
            self.name,
            measure,
            value,
            "",
            low,
            high,
            n,
            "fail" if failed else "pass",
            "warn" if failed else "info",
            {"limit_p99_ms": self.p99_ms, "limit_error_rate": self.error_rate},
            "check.slow_or_failing" if failed else "",
        )
