"""What a channel may ask of intervals and sets, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import pytest

from lingqu.core.errors import SpecError
from lingqu.core.spec import Channel


def channel(**train: Any) -> Channel:
    lines = ", ".join(f"{name}: {value}" for name, value in train.items())
    return Channel.parse(f"channel: c\ndata: rows.csv\ntrain: {{target: y, {lines}}}\n")


@pytest.mark.parametrize("task", ["classify", "regress"])
def test_tables_have_none_unless_asked_for(task: str) -> None:
    assert channel(task=task).train.coverage is None
    train = channel(task=task, coverage=0.9).train
    assert (train.coverage, train.coverage_by) == (0.9, "rows")


def test_a_forecast_still_takes_one() -> None:
    assert channel(task="forecast", horizon=3, coverage=0.8).train.coverage == 0.8


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"task": "flag", "coverage": 0.9}, "the task here is 'flag'"),
        ({"task": "regress", "coverage": 1}, "coverage"),
        ({"task": "regress", "coverage": 0}, "coverage"),
        ({"task": "regress", "coverage": 0.9, "coverage_by": "class"}, "only `task: classify`"),
        ({"task": "classify", "coverage_by": "class"}, "no `coverage` is asked for"),
        ({"task": "classify", "coverage": 0.9, "coverage_by": "group"}, "coverage_by"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        channel(**given)
