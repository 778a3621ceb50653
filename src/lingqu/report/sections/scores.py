"""Scores as a reader expects them: errors positive, the better direction, nothing told twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lingqu.core.errors import SpecError
from lingqu.core.metrics import greater_is_better


def is_error(metric: str) -> bool:
    """Return whether a smaller value is the better one; a name unknown to the house is a score.

    Example:
        >>> is_error("rmse"), is_error("accuracy"), is_error("strange")
        (True, False, False)
    """
    try:
        return not greater_is_better(metric)
    except SpecError:
        return False


def shown(metric: str, score: float) -> float:
    """Return a score of the leaderboard, where greater is better, in the metric's own sign.

    Example:
        >>> shown("rmse", -54.7), shown("accuracy", 0.99)
        (54.7, 0.99)
    """
    return -score if is_error(metric) else score


def distinct(findings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return findings without the summaries that repeat their worst part.

    Example:
        >>> part = {"measure": "robustness.drop", "argument": "shift_1px"}
        >>> len(distinct([part, {**part, "argument": "", "evidence": {"worst": "shift_1px"}}]))
        1
    """
    return [f for f in findings if f.get("argument") or not f.get("evidence", {}).get("worst")]
