"""Which findings a model card shows first, and which it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import inf

from lingqu.core.nouns import Finding

SHOWN = 40
"""Lines of one table of the card."""
_PARTS = 6
"""Parts of one measure, such as columns, that a table shows."""
ORDER = (
    "metrics", "calibration", "fairness", "robustness", "efficiency", "leakage", "privacy",
    "quality",
)  # fmt: skip
"""Checks by what a reader of a card asks first; those of no place here come last."""


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings but those of the contract, in the order of `ORDER`, the worst first.

    A summary that repeats its worst part is left to that part.

    Example:
        >>> found = [Finding("leakage", "leakage.exact", 0.0), Finding("metrics", "f1", 0.9)]
        >>> [finding.measure for finding in ordered(found)]
        ['f1', 'leakage.exact']
    """
    found = [f for f in findings if f.check != "contract" and not f.evidence.get("worst")]

    def place(finding: Finding) -> tuple[int, bool, float]:
        at = ORDER.index(finding.check) if finding.check in ORDER else len(ORDER)
        bad = finding.verdict in ("fail", "unknown")
        # What a part of the rows or one column gives is a loss, except where it is a score.
        loss = finding.argument and finding.check != "metrics"
        return at, not bad, -(finding.value or 0.0) if loss else -inf

    return sorted(found, key=place)


def shortened(findings: Iterable[Finding]) -> list[Finding]:
    """Return what the table shows: no quality per column, few parts of a measure."""
    seen: Counter[str] = Counter()
    kept = []
    for finding in findings:
        seen[finding.measure] += bool(finding.argument)
        if finding.measure != "quality.column" and seen[finding.measure] <= _PARTS:
            kept.append(finding)
    return kept[:SHOWN]
