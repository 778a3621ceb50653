"""What became of one rule, and how the cells that it shows are cut."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl

from lingqu.core.nouns import Json, Verdict
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, UnevaluatedError
from lingqu.govern.privacy.recognise import concealed, find


@dataclass(frozen=True)
class Result:
    """What became of one rule.

    Args:
        rule: Id of the rule.
        kind: Kind of the rule.
        columns: What it read.
        severity: ``block`` or ``warn``.
        verdict: ``pass``, ``fail``, or ``unknown`` when it could not be evaluated.
        failures: Failing rows; 1 when a rule about the table fails.
        n: Rows it speaks about.
        rate: Share of failing rows, None for rules about the table.
        low: Lower end of the 95 % interval of the rate.
        high: Upper end.
        observed: The value a rule about the table saw.
        samples: At most 20 of ``{"row", "value"}``.
        why: Why it is unknown, in English.
        why_zh: The same in Chinese.
    """

    rule: str
    kind: str
    columns: tuple[str, ...]
    severity: str
    verdict: Verdict
    failures: int = 0
    n: int = 0
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    observed: Json = None
    samples: tuple[Json, ...] = ()
    why: str = ""
    why_zh: str = ""

    def to_json(self) -> dict[str, Json]:
        return {**asdict(self), "columns": list(self.columns), "samples": list(self.samples)}


def wilson(failures: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share.

    Example:
        >>> [round(end, 3) for end in wilson(0, 100)]
        [0.0, 0.037]

    Source: Wilson, JASA 22 (1927), doi:10.1080/01621459.1927.10502953.
    """
    z = 1.959963984540054
    share = failures / n
    middle = share + z * z / (2 * n)
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def unknown(rule: Rule, error: Exception) -> Result:
    """Return the result of a rule that could not be evaluated."""
    if not isinstance(error, UnevaluatedError):
        problem = (str(error).splitlines() or [type(error).__name__])[0][:200]
        error = UnevaluatedError("contract.engine", problem=problem)
    return Result(
        rule.id,
        rule.kind,
        rule.columns,
        rule.severity,
        "unknown",
        why=error.worded("en"),
        why_zh=error.worded("zh"),
    )


def judged(rule: Rule, ready: Built, seen: Any, n: int) -> Result:
    """Return the result of a rule from its count (or what was observed) and the rows judged."""
    columns = tuple(dict.fromkeys((*rule.columns, *ready.reads)))
    result = Result(rule.id, rule.kind, columns, rule.severity, "pass", n=n)
    if ready.holds is not None:
        value = ready.value(seen)
        if value is None or value != value:
            return replace(unknown(rule, UnevaluatedError("contract.no_value")), n=n)
        good = ready.holds(value)
        return replace(
            result,
            verdict="pass" if good else "fail",
            failures=0 if good else 1,
            observed=plain(value),
        )
    failures = int(seen or 0)
    if not n:
        return result
    low, high = wilson(min(failures, n), n)
    # Shares are compared as counts: 0.99 of 100 rows is 99 rows, and not 99.00000000000001.
    bad = failures > n * (1 - rule.mostly) + 1e-9 * n
    return replace(
        result,
        verdict="fail" if bad else "pass",
        failures=failures,
        rate=failures / n,
        low=low,
        high=high,
    )


def plain(value: Any) -> Json:
    """Return a cell as JSON, to be shown: personal data is hidden, what is long is cut."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str):
        value = concealed(value)
        return value if len(value) <= 80 else value[:79] + "…"
    if value is None or isinstance(value, (bool, int, float)):
        whole = f"{value:.0f}" if value is not None and abs(value) >= 1e10 else ""
        return concealed(whole) if find(whole) else value
    if isinstance(value, (bytes, list, pl.Series)):
        return f"<{len(value)} items>"
    return str(value)[:80]
