"""The finder of the learning rate: a sweep on a copy, and a rate that learns."""

from __future__ import annotations

import math

import pytest
import torch
from tests.learn.test_learn_loop import Net, blobs, same, weights
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.learn.finder import find_rate
from lingqu.learn.loop import Batch, Plan, Task, fit

PLAN = Plan(epochs=10, batch=16, seed=1)


class Bowl(Task):
    """w² with a slope of 2w: gradient descent diverges above a learning rate of 1."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([3.0]))

    def loss(self, batch: Batch) -> Tensor:
        return (self.weight**2).sum()


def test_a_sweep_rises_by_one_factor_and_leaves_the_net_alone() -> None:
    task = Net()
    before = weights(task)
    sweep = find_rate(task, blobs(), PLAN, low=1e-5, high=0.1, steps=50)
    assert same(before, weights(task)) and task.training
    assert len(sweep.rates) == len(sweep.losses) == 50
    assert sweep.rates[0] == 1e-5 and sweep.rates[-1] == pytest.approx(0.1)
    factors = [b / a for a, b in zip(sweep.rates, sweep.rates[1:], strict=False)]
    assert max(factors) == pytest.approx(min(factors))
    assert all(map(math.isfinite, sweep.losses)) and sweep == find_rate(
        task, blobs(), PLAN, low=1e-5, high=0.1, steps=50
    )


def test_the_suggestion_lies_a_tenth_below_where_the_loss_is_lowest() -> None:
    sweep = find_rate(Bowl(), {"x": torch.zeros(8, 1)}, Plan(optimiser="sgd"), 1e-4, 100.0, 200)
    assert sweep.rates[-1] < 100.0  # it blew up, and the sweep ended
    lowest = sweep.rates[min(range(10, len(sweep.losses)), key=sweep.losses.__getitem__)]
    assert sweep.suggestion == pytest.approx(lowest / 10)
    assert 0.01 < sweep.suggestion < 1.0


def test_a_net_learns_with_what_was_suggested() -> None:
    rate = find_rate(Net(), blobs(), PLAN).suggestion
    task = Net()
    run = fit(
        task, blobs(), Plan(epochs=20, batch=16, learning_rate=rate, schedule="one_cycle", seed=1)
    )
    x, y = blobs()["x"], blobs()["y"]
    assert not run.trouble and float((task.net(x).argmax(1) == y).float().mean()) > 0.9


class Torn(Net):
    """Its loss is never finite."""

    def loss(self, batch: Batch) -> Tensor:
        return super().loss(batch) * math.nan


def test_bounds_in_disorder_and_losses_that_are_none_are_refused() -> None:
    for bounds in ({"low": 0.0}, {"low": 0.1, "high": 0.01}, {"steps": 5}):
        with pytest.raises(TrainError) as caught:
            find_rate(Net(), blobs(), PLAN, **bounds)
        assert caught.value.key == "deep.bad_sweep"
    with pytest.raises(TrainError) as caught:
        find_rate(Torn(), blobs(), PLAN)
    assert caught.value.key == "deep.no_sweep"
