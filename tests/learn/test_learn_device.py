"""Threads and precision, chosen by the work of a step and by what the machine has."""

from __future__ import annotations

import logging

import pytest
import torch
from tests.learn.test_learn_loop import Small, blobs
from torch import Tensor, nn

from lingqu.learn import device
from lingqu.learn.loop import Plan, fit

CPU = torch.device("cpu")


class Attends(nn.Module):
    """Words that look at each other, then a recurrent layer: layers with answers of all shapes."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(50, 8)
        self.recur = nn.LSTM(8, 8, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        hidden, _ = self.recur(self.words(x))  # (B, T, 8)
        out: Tensor = self.head(hidden[:, -1])
        return out


def test_work_counts_products_of_weights_and_leaves_the_net_as_it_was() -> None:
    conv = nn.Conv2d(3, 4, 3, padding=1)
    net = nn.Sequential(conv, nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4 * 36, 5))
    net[1].eval()
    found = device.work(net, torch.zeros(2, 3, 6, 6))
    assert found == 2 * (36 * 4 * 3 * 9 + 4 * 36 * 5)
    assert net.training and not net[1].training and not conv._forward_hooks


def test_looking_words_up_is_no_work_and_every_place_of_a_sequence_counts() -> None:
    net = Attends()
    per_word = 4 * 8 * 8 + 4 * 8 * 8  # four gates, from the word and from the state
    assert device.work(net, torch.zeros(2, 7, dtype=torch.int64)) == 2 * (7 * per_word + 8 * 3)


def test_nearly_all_of_a_transformer_layer_is_counted() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    whole = 5 * (3 * 64 + 64 + 2 * 128)
    assert 0.8 * whole < device.work(layer, torch.zeros(1, 5, 8)) <= whole


def test_threads_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "lingqu.learn"):
        assert device.threads(device.THREADED, 4) == 4
        assert device.threads(device.THREADED - 1, 4) == 1
    assert "threads: 4 of 4" in caplog.text and "threads: 1 of 4" in caplog.text


def test_a_precision_that_was_named_is_taken() -> None:
    assert device.precision("bfloat16", 1, CPU)[0] == "bfloat16"
    assert device.precision("float32", 10**12, CPU)[0] == "float32"


def test_auto_takes_bfloat16_only_where_the_processor_has_it_and_it_pays() -> None:
    known = torch.cpu.get_capabilities()
    has = [name for name in ("avx512_bf16", "amx_bf16", "bf16") if known.get(name)]
    chosen, why = device.precision("auto", 10**10, CPU)
    assert chosen == ("bfloat16" if has else "float32")
    assert (has[0] if has else known["architecture"]) in why
    small, reason = device.precision("auto", 1000, CPU)
    assert small == "float32" and ("1e+03" in reason or not has)
    assert device.precision("auto", None, CPU)[0] == chosen


def test_the_loop_settles_a_precision_that_was_left_open() -> None:
    task = Small()
    run = fit(task, blobs(), Plan(epochs=1, precision="auto"))
    assert run.plan.precision == device.precision("auto", None, CPU)[0]
    assert task.net[0].weight.dtype == torch.float32


def test_random_numbers_go_on_where_they_were() -> None:
    state = device.draws(CPU)
    first = torch.rand(3)
    device.set_draws(state, CPU)
    assert torch.equal(first, torch.rand(3))


def test_a_net_is_asked_where_it_is() -> None:
    net = nn.Linear(3, 2)
    x = torch.randn(4, 3)
    assert device.place(net) == CPU and torch.equal(device.ask(net, x), net(x))
    rows = {"x": x}
    assert device.held(rows, CPU) is rows
