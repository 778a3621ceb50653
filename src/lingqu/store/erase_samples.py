"""Take a person's value out of the JSON that rows of the ledger hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from lingqu.store.tables import findings, run_stages

ERASED = "erased"
_ID_DIGITS = 5
"""A number with fewer digits is a count more often than a person."""


def empty_samples(connection: Connection, sought: str) -> int:
    """Empty the evidence of findings that show the value, and take it out of stage results.

    A sample shows a person's other columns beside the value, so all of it goes.

    Returns:
        How many findings were changed.
    """
    count = 0
    for row in connection.execute(select(findings.c.id, findings.c.finding)).all():
        evidence = row.finding["evidence"]
        if without(evidence, sought) != evidence:
            finding = {**row.finding, "evidence": {ERASED: True}}
            chosen = findings.c.id == row.id
            connection.execute(update(findings).where(chosen).values(finding=finding))
            count += 1
    walked = run_stages.c
    for stage in connection.execute(select(walked.run, walked.name, walked.result)).all():
        result = without(stage.result, sought)
        if result != stage.result:
            here = (walked.run == stage.run) & (walked.name == stage.name)
            connection.execute(update(run_stages).where(here).values(result=result))
    return count


def without(value: Any, sought: str) -> Any:
    """Return JSON with the sought value replaced by the text "erased".

    Example:
        >>> without({"id": "A17", "n": 17, "rows": [{"A17": True}]}, "A17")
        {'id': 'erased', 'n': 17, 'rows': [{'erased': True}]}
    """
    if isinstance(value, Mapping):
        return {
            ERASED if key == sought else key: without(item, sought) for key, item in value.items()
        }
    if isinstance(value, list):
        return [without(item, sought) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    is_it = str(value) == sought and (isinstance(value, str) or len(sought) >= _ID_DIGITS)
    return ERASED if is_it else value
