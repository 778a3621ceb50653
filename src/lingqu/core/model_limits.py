"""Limits on what a model may cost or do, as a channel writes them: one comparison each."""

from __future__ import annotations

import re
from typing import Any

from lingqu.core.conditions import Comparison
from lingqu.core.errors import SpecError
from lingqu.core.rules import parse

MEASURES = ("latency_ms", "latency.many_s", "size_mb", "memory_mb")
FAIRNESS = ("fairness.gap", "fairness.accuracy_gap")
_SHORT = {
    "latency": "latency_ms",
    "latency.many": "latency.many_s",
    "size": "size_mb",
    "memory": "memory_mb",
}
"""What may be written without its unit, because the number carries one."""
_MEASURE = re.compile(r"[\w.]+(?=\s*[<>=!])")


def parse_limit(written: Any) -> Comparison:
    """Parse one limit.

    Raises:
        SpecError: Not a rule, more than one comparison, or a measure that is none of a model.

    Example:
        >>> str(parse_limit("latency <= 1 ms")), str(parse_limit("size <= 20 MB"))
        ('latency_ms <= 1', 'size_mb <= 20')
    """
    full = written
    if isinstance(written, str):
        full = _MEASURE.sub(lambda found: _SHORT.get(found[0], found[0]), written)
    condition = parse(full).condition
    if not isinstance(condition, Comparison):
        raise SpecError("choice.limit_joined", received=written)
    fair = bool(condition.measure in FAIRNESS and condition.argument)
    if not fair and (condition.measure not in MEASURES or condition.argument):
        known = (*MEASURES, *(f"{gap}(column)" for gap in FAIRNESS))
        raise SpecError("choice.limit_unknown", received=written, expected=", ".join(known))
    return condition
