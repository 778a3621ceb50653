"""Sixteen of the odd tables of `benchmarks/fuzz.py`, with real workers."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lingqu.core.ports import Engine
from lingqu.engine.ready import wait_until_ready
from lingqu.flow.workers import engine_of

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NUMBERS = (4, 5, 7, 8, 11, 12, 14, 19, 20, 32, 44, 46, 54, 64, 69, 84)


@pytest.fixture(scope="module")
def fuzz() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield import_module("fuzz")


@pytest.fixture(scope="module")
def workers() -> Iterator[Engine]:
    with engine_of(2) as made:
        wait_until_ready(made, ["sklearn"])
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("number", NUMBERS)
def test_an_odd_table_gives_a_model_or_a_line(number: int, fuzz: Any, workers: Engine) -> None:
    state, line, _ = fuzz.outcome(number, workers, 0.7)
    assert state in ("model", "reason"), line


def test_the_same_number_is_the_same_table(fuzz: Any) -> None:
    (one, frame, task), (two, again, same) = fuzz.table(31), fuzz.table(31)
    assert (one, task) == (two, same) and frame.equals(again)
