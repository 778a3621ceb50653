"""Which form is chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lingqu.learn.compress.pareto import Form, in_order, sorted_out

ORIGINAL = Form("original", 0.95, 0.01, 0.0, 0.0, 0.0, 500, 1.0, 0.1, 0.5)


def form(name: str, lost: float, size_mb: float, **more: Any) -> Form:
    return replace(ORIGINAL, name=name, score=0.95 - lost, lost=lost, size_mb=size_mb, **more)


def test_the_smallest_that_loses_little_comes_first_and_slow_ones_are_left_out() -> None:
    forms = sorted_out(
        [
            ORIGINAL, form("int8", 0.001, 0.3), form("pruned", 0.004, 0.25),
            form("sparse", 0.02, 0.1), form("slow", 0.0, 0.05, row_ms=0.2),
            form("same", 0.0, 0.95),
        ],
        0.005, False,
    )  # fmt: skip
    assert [one.state for one in forms] == ["kept", "kept", "kept", "lost", "no_gain", "no_gain"]
    assert [one.name for one in in_order(forms, False)] == ["pruned", "int8", "original"]
    assert [one.name for one in forms if one.front] == [
        "int8", "pruned", "sparse", "slow", "same",
    ]  # fmt: skip


def test_a_form_of_the_same_size_must_surely_be_faster() -> None:
    fast, hardly = (form(n, 0.0, 1.0, many_s=s) for n, s in (("fast", 0.3), ("hardly", 0.45)))
    assert [one.state for one in sorted_out([ORIGINAL, fast, hardly], 0.005, False)] == [
        "kept", "kept", "no_gain",
    ]  # fmt: skip


def test_limits_want_the_most_accurate_whatever_it_takes() -> None:
    forms = sorted_out(
        [ORIGINAL, form("int8", -0.001, 0.3, many_s=0.9), form("pruned", 0.004, 0.2)], 0.005, True
    )
    assert [one.name for one in in_order(forms, True)] == ["int8", "original", "pruned"]
