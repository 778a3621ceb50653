"""Out of memory: half a batch is tried once, from the start, and said; other errors pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.learn.test_learn_deep import digits, few, nothing
from torch import Tensor

from lingqu.core.errors import TrainError
from lingqu.core.ports import Budget
from lingqu.learn import losses
from lingqu.learn.deep import mlp
from lingqu.learn.deep.supervised import Recipe, fold, learn
from lingqu.learn.plan import Plan
from lingqu.learn.smaller import with_room


def greedy(most: int) -> Any:
    """Ask torch for more memory than any machine has when a batch has more rows."""

    def change(x: Tensor) -> Tensor:
        return x + torch.empty(2**60).sum() if len(x) > most else x

    return change


def model(most: int, batch: int = 32) -> Any:
    rows = fold(*few(digits()), "linear")
    recipe = Recipe(
        "mlp",
        lambda: mlp.network(rows.x.shape[1], (16,), rows.outputs),
        losses.cross_entropy,
        augment=greedy(most),
    )
    return learn(rows, recipe, Plan(epochs=2, batch=batch), Budget(60), nothing)


def test_a_batch_that_is_too_large_is_halved_once_and_said() -> None:
    notes = model(most=16).members[0].notes
    assert "32" in notes["batch"] and "16" in notes["batch"] and notes["epochs"] == 2
    assert "batch" not in model(most=32).members[0].notes


def test_half_a_batch_that_is_too_large_as_well_is_refused() -> None:
    with pytest.raises(TrainError) as caught:
        model(most=8)
    assert caught.value.key == "deep.no_memory" and caught.value.facts["batch"] == 16
    with pytest.raises(TrainError) as single:
        model(most=0, batch=1)
    assert single.value.facts["batch"] == 1


def test_two_half_batches_make_the_step_of_a_whole_one() -> None:
    asked: list[Plan] = []

    def attempt(plan: Plan) -> str:
        asked.append(plan)
        if len(asked) == 1:
            raise MemoryError
        return "done"

    done, said = with_room(attempt, Plan(batch=25, accumulate=2))
    assert done == "done" and "13" in said
    assert (asked[1].batch, asked[1].accumulate) == (13, 4)


def test_what_is_learned_before_is_learned_with_the_smaller_batch_too() -> None:
    rows, asked = fold(*few(digits()), "linear"), []

    def before(net: Any, plan: Plan, kept: Path | None) -> None:
        asked.append((plan.batch, kept))
        if plan.batch > 16:
            torch.empty(2**60)

    recipe = Recipe(
        "mlp",
        lambda: mlp.network(rows.x.shape[1], (16,), rows.outputs),
        losses.cross_entropy,
        before=before,
    )
    notes = learn(rows, recipe, Plan(epochs=1, batch=32), Budget(60), nothing).members[0].notes
    assert asked == [(32, None), (16, None)] and "16" in notes["batch"]


def test_another_error_is_not_taken_for_this_one() -> None:
    def attempt(plan: Plan) -> None:
        torch.zeros(2) @ torch.zeros(3)

    with pytest.raises(RuntimeError, match="size"):
        with_room(attempt, Plan())
