"""Efficiency: what the model costs to fit, to keep and to ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
import psutil

from lingqu.check.truth import unknown, why
from lingqu.core.nouns import Finding, Subject

_FACTS = ("fit_s", "fit_cpu_s", "size_mb")


@dataclass
class Efficiency:
    """Time the model on real rows and report what training recorded.

    Times are of the model alone, in this process, without the network: what the outlet adds is
    measured in use by `latency`.

    Args:
        seconds: Most time spent on single rows; at least 5 rows are asked.
        batch: Rows of the batch that gives the time per row.

    Example:
        >>> frame = pl.DataFrame({"a": [1.0, 2.0]})
        >>> timed(lambda rows: rows.height, frame, 0.01)[0] >= 0
        True

    Source: Own: plain wall-clock percentiles; the first calls are left out, as graphs warm up.
    """

    name: ClassVar[str] = "efficiency"
    stages: ClassVar[frozenset[str]] = frozenset({"gate"})

    seconds: float = 0.3
    batch: int = 256

    def look(self, subject: Subject) -> list[Finding]:
        found = []
        for fact in _FACTS:
            value = subject.facts.get(fact)
            measure = f"efficiency.{fact}"
            if value is None:
                found.append(unknown(self.name, measure, why("check.no_fact", fact=fact)))
            else:
                found.append(Finding(self.name, measure, float(value), n=1))
        return found + self._asked(subject)

    def _asked(self, subject: Subject) -> list[Finding]:
        measures = ("latency_ms", "latency_p99_ms", "row_ms", "memory_mb")
        if subject.predict is None or subject.test is None or not subject.test.frame.height:
            reason = why("check.no_model" if subject.predict is None else "check.no_test")
            return [unknown(self.name, f"efficiency.{measure}", reason) for measure in measures]
        frame = subject.test.frame
        single = np.array(timed(subject.predict, frame, self.seconds))
        rows = frame.head(self.batch)
        batches = timed(subject.predict, rows, self.seconds / 3, whole=True)
        values = (
            (float(np.median(single)), len(single)),
            (float(np.quantile(single, 0.99)), len(single)),
            (float(np.median(batches)) / rows.height, len(batches)),
            # Resident memory of the process that answers, Python and libraries included.
            (psutil.Process().memory_info().rss / 2**20, 1),
        )
        return [
            Finding(
                self.name,
                f"efficiency.{measure}",
                value,
                n=n,
                evidence={"batch_rows": rows.height} if measure == "row_ms" else {},
            )
            for measure, (value, n) in zip(measures, values, strict=True)
        ]


def timed(
    predict: Callable[[pl.DataFrame], Any], frame: pl.DataFrame, seconds: float, whole: bool = False
) -> list[float]:
    """Return milliseconds of calls with one row each (or the whole frame), after two warm-ups."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < 7 or (time.perf_counter() < end and len(taken) < 300):
        rows = frame if whole else frame[len(taken) % frame.height]
        start = time.perf_counter()
        predict(rows)
        taken.append((time.perf_counter() - start) * 1e3)
    return taken[2:]
