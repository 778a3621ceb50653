"""Limits on what a model may cost or do, as a channel writes them: one comparison each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lingqu.core.conditions import Comparison
from lingqu.core.errors import SpecError
from lingqu.core.piece import Piece
from lingqu.core.rules import parse
from lingqu.core.units import number_text

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


def limits_of(outlets: Iterable[Piece]) -> tuple[str, ...]:
    """Return the limits that outlets set on every model that goes there: their ``max_mb``.

    Example:
        >>> limits_of([Piece("server"), Piece("edge", {"format": "onnx", "max_mb": 20})])
        ('size_mb <= 20',)
    """
    told = [piece.options for piece in outlets if isinstance(piece.options, Mapping)]
    sizes = [options.get("max_mb") for options in told]
    known = [float(size) for size in sizes if isinstance(size, int | float) and size > 0]
    return (f"size_mb <= {number_text(min(known))}",) if known else ()
