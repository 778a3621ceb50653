"""Judge all rules: one select for every count, then a bounded look for sample rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl

from lingqu.core.nouns import Json, Verdict
from lingqu.govern.contract.build import build
from lingqu.govern.contract.rules import Rule
from lingqu.govern.contract.table import Built, Table, UnevaluatedError
from lingqu.govern.privacy.recognise import concealed, find
from lingqu.govern.step import SAMPLES

SLICE = 65_536
"""Rows per slice when sample rows are looked for; the search ends when enough were found."""


@dataclass(frozen=True)
class Result:
    """What became of one rule.

    Args:
        rule: Id of the rule.
        kind: Kind of the rule.
        columns: What it is about.
        severity: ``block`` or ``warn``.
        verdict: ``pass``, ``fail``, or ``unknown`` when it could not be evaluated.
        failures: Failing rows; 1 when a rule about the table fails.
        n: Rows it speaks about.
        rate: Share of failing rows, None for rules about the table.
        low: Lower end of the 95 % interval of the rate.
        high: Upper end.
        observed: The value a rule about the table saw.
        samples: At most 20 of ``{"row", "value"}``.
        why: Why it is unknown.
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


def evaluate(
    frame: pl.DataFrame, rules: Sequence[Rule], as_of: datetime | None = None
) -> list[Result]:
    """Judge every rule on a table.

    A rule that cannot be evaluated is ``unknown`` and never passes in silence; it does not keep
    the others from being judged.

    Args:
        frame: The table.
        rules: From `parse` or `draft`.
        as_of: UTC time that counts as now, for rules about the future and freshness.

    Example:
        >>> from lingqu.govern.contract.rules import parse
        >>> frame = pl.DataFrame({"age": [30, 430, None]})
        >>> [result] = evaluate(frame, parse([{"range": {"column": "age", "max": 120}}]))
        >>> result.verdict, result.failures, result.n, result.samples
        ('fail', 1, 2, ({'row': 1, 'value': 430},))
    """
    table = Table(frame, as_of)
    built: list[Built | None] = []
    results: list[Result] = []
    for rule in rules:
        verdict: Verdict = "pass"
        ready, why = None, ""
        try:
            ready = build(rule, table)
        except UnevaluatedError as error:
            verdict, why = "unknown", str(error)
        built.append(ready)
        results.append(Result(rule.id, rule.kind, rule.columns, rule.severity, verdict, why=why))
    counts = _counts(frame, built)
    for index, ready in enumerate(built):
        if ready is not None:
            results[index] = _judged(results[index], ready, counts[index])
    found = _samples(frame, [ready if results[i].verdict == "fail" else None
                             for i, ready in enumerate(built)], results)  # fmt: skip
    return [replace(result, samples=found.get(i, ())) for i, result in enumerate(results)]


def _counted(ready: Built) -> pl.Expr:
    if ready.observed is not None:
        return ready.observed
    if ready.failures is not None:
        return ready.failures
    return ready.rows.sum()  # type: ignore[union-attr]


def _counts(frame: pl.DataFrame, built: Sequence[Built | None]) -> dict[int, Any]:
    """Return the count (or observed value) of each rule; an exception where one cannot be had."""
    wanted = {i: _counted(ready) for i, ready in enumerate(built) if ready is not None}
    named = [expr.alias(str(i)) for i, expr in wanted.items()]
    try:
        row = frame.lazy().select(named).collect().row(0, named=True)
        return {i: row[str(i)] for i in wanted}
    except pl.exceptions.PolarsError:
        # One rule does not fit its column: ask one by one, so that only that rule is unknown.
        return {i: _alone(frame, expr) for i, expr in wanted.items()}


def _alone(frame: pl.DataFrame, expr: pl.Expr) -> Any:
    try:
        return frame.select(expr).item()
    except pl.exceptions.PolarsError as error:
        return error


def _judged(result: Result, ready: Built, seen: Any) -> Result:
    if isinstance(seen, Exception):
        why = str(seen).splitlines()[0][:200]
        return replace(result, verdict="unknown", why=why, n=ready.judged)
    if ready.holds is not None:
        good = ready.holds(seen)
        return replace(
            result,
            verdict="pass" if good else "fail",
            failures=0 if good else 1,
            n=ready.judged,
            observed=plain(seen),
        )
    failures = int(seen or 0)
    if not ready.judged:
        return result
    low, high = wilson(min(failures, ready.judged), ready.judged)
    return replace(
        result,
        verdict="fail" if failures else "pass",
        failures=failures,
        n=ready.judged,
        rate=failures / ready.judged,
        low=low,
        high=high,
    )


def _samples(
    frame: pl.DataFrame, failing: Sequence[Built | None], results: Sequence[Result]
) -> dict[int, tuple[Json, ...]]:
    """Return up to `SAMPLES` failing rows per rule, reading no more of the table than needed."""
    rows: dict[int, list[int]] = {
        i: [] for i, ready in enumerate(failing) if ready is not None and ready.rows is not None
    }
    wanted = {i: min(SAMPLES, results[i].failures) for i in rows}
    whole = {i for i in rows if failing[i].whole}  # type: ignore[union-attr]
    _gather(frame, 0, {i: failing[i] for i in whole}, rows)
    for start in range(0, frame.height, SLICE):
        pending = {i: failing[i] for i in rows if i not in whole and len(rows[i]) < wanted[i]}
        if not pending:
            break
        _gather(frame.slice(start, SLICE), start, pending, rows)
    return {
        i: tuple({"row": row, "value": _value(frame, results[i].columns, row)} for row in numbers)
        for i, numbers in rows.items()
    }


def _gather(
    part: pl.DataFrame, start: int, built: dict[int, Built | None], rows: dict[int, list[int]]
) -> None:
    if not built:
        return
    found = part.lazy().select(
        ready.rows.fill_null(False).arg_true().head(SAMPLES).implode().alias(str(i))  # type: ignore[union-attr]
        for i, ready in built.items()
    )
    for name, numbers in found.collect().row(0, named=True).items():
        held = rows[int(name)]
        held += [start + number for number in numbers[: SAMPLES - len(held)]]


def _value(frame: pl.DataFrame, columns: tuple[str, ...], row: int) -> Json:
    values = [plain(frame.get_column(name)[row]) for name in columns]
    return values[0] if len(values) == 1 else values


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
