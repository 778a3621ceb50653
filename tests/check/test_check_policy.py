"""A policy is judged by pairs of episodes, with intervals, and what was not played is unknown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lingqu.check.policy import Policy
from lingqu.core.nouns import Finding, Subject
from lingqu.core.schema import Schema


def told(returns: list[float], unsafe: float = 0.0) -> dict[str, Any]:
    return {"returns": returns, "lengths": [3.0] * len(returns), "unsafe_rate": unsafe,
            "masked_rate": 0.25}  # fmt: skip


def look(facts: dict[str, Any]) -> dict[str, Finding]:
    subject = Subject("gate", "control", Schema(()), facts=facts)
    return {finding.subject: finding for finding in Policy().look(subject)}


def test_the_gain_is_of_pairs() -> None:
    base = np.random.default_rng(0).normal(0, 100, 30)
    better = base + np.tile([0.9, 1.1], 15)
    played = {"policy": told(better.tolist(), 0.5), "baselines": {"random": told(base.tolist())}}
    found = look({"played": played})
    gain, mean = found["return.gain(random)"], found["return"]
    assert gain.value == pytest.approx(1.0)
    assert gain.low == pytest.approx(1.0, abs=0.05)
    assert mean.low is not None
    assert mean.high is not None
    assert mean.low < mean.value < mean.high  # type: ignore[operator]
    assert found["return.worst"].value == pytest.approx(better.min())
    assert found["unsafe_rate"].value == 0.5
    assert found["masked_rate"].value == 0.25
    assert found["unsafe_rate"].n == 90


def test_equal_episodes_leave_no_interval() -> None:
    found = look({"played": {"policy": told([500.0] * 20), "baselines": {}}})["return"]
    assert (found.value, found.low, found.high, found.n) == (500.0, None, None, 20)


def test_what_was_not_played_is_unknown() -> None:
    found = look({})["return"]
    assert found.verdict == "unknown"
    assert "environment" in found.evidence["why"]


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    draw, hits = np.random.default_rng(1), 0
    for _ in range(200):
        found = look({"played": {"policy": told(draw.normal(7, 2, 40).tolist()), "baselines": {}}})
        low, high = found["return"].low, found["return"].high
        hits += low is not None and high is not None and low <= 7 <= high
    assert 0.88 <= hits / 200 <= 0.98
