"""Two runs side by side."""

from __future__ import annotations

from lingqu.core.nouns import Json, Run
from lingqu.store.home import Home


def compare(home: Home, first: Run, second: Run) -> list[dict[str, Json]]:
    """Return one row for each measure that either run has.

    Intervals that do not overlap are marked: a difference inside them is no difference.

    Returns:
        Rows of ``measure``, ``first``, ``second``, ``change``, ``apart``.
    """
    left, right = (
        {f.subject: f for f in home.ledger.findings.list(run_id=run.id) if f.value is not None}
        for run in (first, second)
    )
    rows: list[dict[str, Json]] = []
    for measure in sorted(left.keys() | right.keys()):
        a, b = left.get(measure), right.get(measure)
        change = apart = None
        if a is not None and b is not None and a.value is not None and b.value is not None:
            change = b.value - a.value
            if None not in (a.low, a.high, b.low, b.high):
                apart = bool(a.high < b.low or b.high < a.low)  # type: ignore[operator]
        rows.append(
            {
                "measure": measure,
                "first": a.value if a else None,
                "second": b.value if b else None,
                "change": change,
                "apart": apart,
            }
        )
    return rows
