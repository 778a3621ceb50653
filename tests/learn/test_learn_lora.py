"""LoRA: it starts at the net it is put on, learns little, and merges into the same answers."""

from __future__ import annotations

import pytest
import torch
from tests.learn.test_learn_loop import Net, accuracy, blobs
from torch import nn

from lingqu.core.errors import TrainError
from lingqu.learn.loop import Plan, fit
from lingqu.learn.lora import Lora, adapt, merge


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8, bias=False), nn.Linear(8, 3))


def test_it_starts_where_the_net_is() -> None:
    x = torch.randn(5, 6)
    plain, adapted = net(), net()
    assert adapt(adapted, "0", "2", rank=2) == ["0", "2"]
    assert torch.equal(plain(x), adapted(x))


def test_only_adapters_and_what_is_named_learn() -> None:
    adapted = net()
    adapt(adapted, "0", rank=2, learn=["3.*"])
    learning = [name for name, p in adapted.named_parameters() if p.requires_grad]
    assert learning == ["0.down", "0.up", "3.weight", "3.bias"]
    assert sum(p.numel() for p in adapted[0].parameters() if p.requires_grad) == 2 * 6 + 8 * 2


def test_merged_it_is_a_plain_net_with_the_same_answers() -> None:
    x = torch.randn(5, 6)
    adapted = net()
    adapt(adapted, "*", rank=3, alpha=6.0)
    for module in adapted:
        if isinstance(module, Lora):
            nn.init.normal_(module.up)
    expected = adapted(x)
    merged = merge(adapted)
    assert [type(m) for m in merged] == [nn.Linear, nn.ReLU, nn.Linear, nn.Linear]
    assert torch.allclose(merged(x), expected, atol=1e-5)
    assert not torch.allclose(net()(x), expected, atol=0.1)
    assert merged[2].bias is None


def test_a_layer_of_few_digits_is_merged_in_float32() -> None:
    coarse = nn.Linear(64, 64, dtype=torch.bfloat16)
    lora = Lora(coarse, rank=4, alpha=4.0)
    nn.init.constant_(lora.up, 1e-4)
    change = lora.merged().weight - coarse.weight.float()
    assert lora.merged().weight.dtype == torch.float32
    assert torch.allclose(change, lora.up @ lora.down, atol=1e-7)  # in bfloat16 it would vanish
    x = torch.randn(3, 64, dtype=torch.bfloat16)
    assert lora(x).dtype == torch.bfloat16


def test_a_net_of_another_task_learns_a_new_one_through_adapters() -> None:
    task = Net()
    fit(task, blobs(), Plan(epochs=20, batch=16, learning_rate=0.01))
    data = blobs()
    data["y"] = (data["y"] + 1) % 3
    before = task.net[0].weight.clone()
    adapt(task, "net.*", rank=2)
    fit(task, data, Plan(epochs=60, batch=16, learning_rate=0.03))
    merge(task)
    said = task.net(data["x"]).argmax(1)
    assert float((said == data["y"]).float().mean()) > 0.85
    assert accuracy(task) < 0.2 and not torch.equal(before, task.net[0].weight)


def test_a_name_that_matches_no_linear_layer_is_refused() -> None:
    with pytest.raises(TrainError, match="query"):
        adapt(net(), "*.query")
    with pytest.raises(TrainError, match="head"):
        adapt(net(), "0", learn=["head.*"])
