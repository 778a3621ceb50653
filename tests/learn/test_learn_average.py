"""Averages of weights: what they are, that they are judged and kept, and exact resume with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.learn.test_learn_loop import Explodes, Net, Small, accuracy, blobs, same, weights
from torch import Tensor, nn

from lingqu.learn.average import Average
from lingqu.learn.listeners import checkpoint, early_stop
from lingqu.learn.loop import Plan, Run, fit

PLAN = Plan(epochs=5, batch=8, learning_rate=0.01, schedule="one_cycle", seed=3, average=0.95)


def test_the_average_follows_by_its_decay_and_by_less_in_the_first_steps() -> None:
    net = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(net.weight)
    average, expected = Average(net, decay=0.3), 0.0
    for step in range(1, 6):
        nn.init.constant_(net.weight, float(step))
        average.follow(net)
        decay = min(0.3, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
    average.swap(net)
    assert net.weight.item() == pytest.approx(expected) and average.shown
    average.swap(net)
    assert net.weight.item() == 5.0 and not average.shown


def test_statistics_are_averaged_and_counts_are_taken_over() -> None:
    net = nn.BatchNorm1d(1)
    average = Average(net, decay=0.5)
    for _ in range(3):
        net(torch.tensor([[1.0], [3.0]]))
        average.follow(net)
    own = net.running_mean.clone()
    average.swap(net)
    assert 0 < net.running_mean.item() < own.item() and net.num_batches_tracked.item() == 3


def test_what_is_judged_and_returned_are_the_averages() -> None:
    """Averages seen at each epoch, and the weights at each step, tell the same story."""
    steps: list[list[Tensor]] = []
    seen: list[list[Tensor]] = []

    def listen(event: str, run: Run) -> None:
        (steps if event == "step" else seen).append(weights(run.task))

    task = Small()
    start = weights(task)
    fit(task, blobs(), Plan(epochs=3, batch=10, average=0.9), [listen])
    mean = start
    for number, now in enumerate(steps, 1):
        decay = min(0.9, (1 + number) / (10 + number))
        mean = [torch.lerp(a, b, 1 - decay) for a, b in zip(mean, now, strict=True)]
        if number % 9 == 0:
            pairs = zip(mean, seen[number // 9 - 1], strict=True)
            assert all(torch.allclose(a, b, atol=1e-6) for a, b in pairs)
    assert same(weights(task), seen[-1]) and not same(steps[-1], seen[-1])


def test_averages_change_nothing_of_the_way_that_the_net_goes() -> None:
    def way(average: float) -> list[list[Tensor]]:
        seen: list[list[Tensor]] = []

        def listen(event: str, run: Run) -> None:
            if event == "step":
                seen.append(weights(run.task))

        fit(Net(), blobs(), Plan(epochs=3, batch=16, average=average), [listen])
        return seen

    pairs = zip(way(0.0), way(0.99), strict=True)
    assert all(same(a, b) for a, b in pairs)


@pytest.mark.parametrize("stop_at", [7, 12, 25])
def test_resume_with_averages_is_exact_to_the_bit(stop_at: int, tmp_path: Path) -> None:
    whole, path = Net(), tmp_path / "run.checkpoint"
    fit(whole, blobs(), PLAN)

    def kill(event: str, run: Run) -> None:
        run.stop |= run.step == stop_at

    fit(Net(), blobs(), PLAN, on=[checkpoint(path, every=stop_at), kill])
    again = Net(seed=5)
    fit(again, blobs(), PLAN, resume=path)
    assert same(weights(whole), weights(again))


def test_the_best_epoch_is_that_of_the_averages() -> None:
    kept: list[list[Tensor]] = []
    scores = iter([1.0, 3.0, 2.0, 2.0])

    def score(run: Run) -> float:
        if len(kept) < run.epoch:
            kept.append(weights(run.task))
            run.means["score"] = next(scores)
        return run.means.get("score", 0.0)

    task = Net()
    fit(task, blobs(), Plan(epochs=4, average=0.9), on=[early_stop(score)])
    assert same(weights(task), kept[1])


def test_nan_brings_back_the_averages_of_the_last_good_epoch() -> None:
    ends: list[Any] = []

    def listen(event: str, run: Run) -> None:
        if event == "epoch":
            ends.append(weights(run.task))

    task = Explodes(at=3 * 2 + 2, how="loss")
    run = fit(task, blobs(), Plan(epochs=9, batch=32, average=0.9), on=[listen])
    assert run.trouble and len(ends) == 2 and same(weights(task), ends[1])


def test_averaged_nets_learn() -> None:
    task = Net()
    fit(task, blobs(), Plan(epochs=40, batch=16, learning_rate=0.01, average=0.95))
    assert accuracy(task) > 0.9
