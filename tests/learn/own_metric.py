"""Scores as a user may write them."""

from __future__ import annotations

from typing import Any

from lingqu.core.predictions import Predictions


def second_class_found(y: Any, said: Predictions) -> float:
    """Share of the second class that is found, less the false alarms."""
    return float((said.labels[y == 1] == 1).mean() - (said.labels[y != 1] == 1).mean() / 2)


def missed(y: Any, said: Predictions) -> float:
    """Share of wrong answers: less is better."""
    return float((said.labels != y).mean())


missed.greater_is_better = False  # type: ignore[attr-defined]
