"""Fine-tuning by parts: freezing, rates by layer, and optimisers that keep to them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from tests.learn.test_learn_loop import Net, Small, blobs, same, weights
from torch import nn

from lingqu.core.errors import TrainError
from lingqu.learn.loop import Plan, fit
from lingqu.learn.optimisers import OPTIMISERS, optimiser
from lingqu.learn.tune import freeze, layer_rates


def test_frozen_layers_stay_and_the_others_learn() -> None:
    task = Net()
    assert freeze(task, "net.0.*") == ["net.0.weight", "net.0.bias"]
    first, last = task.net[0].weight.clone(), task.net[4].weight.clone()
    fit(task, blobs(), Plan(epochs=2, weight_decay=0.1))
    assert torch.equal(first, task.net[0].weight) and not torch.equal(last, task.net[4].weight)


def test_a_pattern_that_matches_nothing_is_refused_with_names() -> None:
    with pytest.raises(TrainError, match=r"nett.*net\.0\.weight"):
        freeze(Net(), "net.4.*", "nett.*")


class Bert(nn.Module):
    """The names of an encoder: embeddings, numbered layers, a head."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = nn.ModuleDict({"words": nn.Embedding(9, 4), "norm": nn.LayerNorm(4)})
        layers = [nn.ModuleDict({"query": nn.Linear(4, 4)}) for _ in range(2)]
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(layers)})
        self.head = nn.Linear(4, 2)


def test_rates_fall_by_one_factor_from_layer_to_layer() -> None:
    rates = layer_rates(nn.ModuleDict({"net": Bert()}), 0.5)
    assert rates["net.head.weight"] == rates["net.head.bias"] == 1.0
    assert rates["net.encoder.layer.1.query.weight"] == 0.5
    assert rates["net.encoder.layer.0.query.weight"] == 0.25
    assert rates["net.embeddings.words.weight"] == rates["net.embeddings.norm.bias"] == 0.125
    assert set(layer_rates(nn.Linear(2, 2), 0.5).values()) == {1.0}
    with pytest.raises(TrainError, match="decay"):
        layer_rates(Bert(), 0.0)


@pytest.mark.parametrize("name", list(OPTIMISERS))
def test_every_optimiser_takes_a_rate_for_each_parameter(name: str) -> None:
    def step(factor: float, rate: float) -> torch.Tensor:
        weight = nn.Parameter(torch.tensor([[1.0, -2.0]]))
        bias = nn.Parameter(torch.ones(2))
        made = optimiser(name, [weight, bias], 0.1, [factor, 1.0])
        for _ in range(3):
            weight.grad, bias.grad = torch.tensor([[0.3, 0.1]]), torch.ones(2)
            made.step(rate)
        return weight.detach()

    assert torch.allclose(step(0.1, 0.05), step(1.0, 0.005))
    assert not torch.allclose(step(0.1, 0.05), step(1.0, 0.05))


class Slower(Small):
    """Its bias learns at a hundredth of the rate."""

    def rates(self) -> Mapping[str, float]:
        return {"net.0.bias": 0.01}


class Misnamed(Small):
    def rates(self) -> Mapping[str, float]:
        return {"net.7.bias": 0.01}


def test_the_loop_asks_a_task_for_its_rates() -> None:
    plan = Plan(epochs=1, batch=30, optimiser="sgd", learning_rate=0.01)
    plain, slow = Small(), Slower()
    start = plain.net[0].bias.detach().clone()
    fit(plain, blobs(), plan)
    fit(slow, blobs(), plan)
    moved, less = (t.net[0].bias.detach() - start for t in (plain, slow))
    assert 0 < less.abs().sum().item() < 0.05 * moved.abs().sum().item()
    with pytest.raises(TrainError, match=r"net\.7\.bias"):
        fit(Misnamed(), blobs(), plan)


def test_one_rate_for_all_is_what_it_was_without_any() -> None:
    one, two = Small(), Small()
    for task, rates in ((one, None), (two, [1.0, 1.0])):
        made = optimiser("adamw", list(task.parameters()), 0.1, rates)
        for parameter in task.parameters():
            parameter.grad = torch.ones_like(parameter)
        made.step(0.01)
    assert same(weights(one), weights(two))
