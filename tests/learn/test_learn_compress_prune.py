"""Channels and numbers that are taken out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from lingqu.learn.compress.body import Body
from lingqu.learn.compress.project import projected
from lingqu.learn.compress.prune import channels, stored_sparsely, zeros
from lingqu.learn.deep import graph as deep
from lingqu.learn.tabular.graph import Large, Step, answers, graph

RANDOM = np.random.default_rng(1)


def test_channels_that_nobody_reads_go_first_and_nothing_changes() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 12), nn.Tanh(),
        nn.Linear(12, 3),
    ).eval()  # fmt: skip
    with torch.no_grad():  # every second channel of each hidden layer is silent
        net.get_parameter("3.weight")[:, ::2] = 0
        net.get_parameter("6.weight").view(12, 8, 16)[:, ::2] = 0
        net.get_parameter("8.weight")[:, ::2] = 0
    plain = deep.write(net, "image", (1, 8, 8), "probabilities")
    small = channels(plain, 0.5)
    assert small is not None and len(small) < 0.5 * len(plain)
    x = RANDOM.normal(0, 1, (5, 1, 8, 8)).astype(np.float32)
    found, exact = (deep.answers(data, {"image": x}) for data in (small, plain))
    assert np.abs(found - exact).max() < 1e-5


def test_channels_that_are_added_to_others_stay() -> None:
    steps: list[Step | Large] = [
        ("MatMul", ["x", "a"], ["h"], {}), ("Relu", ["h"], ["r"], {}),
        ("MatMul", ["r", "b"], ["inner"], {}), ("Add", ["inner", "bias"], ["i"], {}),
        ("Relu", ["i"], ["s"], {}), ("MatMul", ["s", "c"], ["back"], {}),
        ("Add", ["back", "h"], ["sum"], {}), ("MatMul", ["sum", "d"], ["values"], {}),
    ]  # fmt: skip
    shapes = {"a": (4, 16), "b": (16, 24), "bias": (24,), "c": (24, 16), "d": (16, 1)}
    plain = graph(steps, {n: RANDOM.normal(0, 1, s) for n, s in shapes.items()}, 4, "values")
    small = channels(plain, 0.5)
    assert small is not None
    found = {name: array.shape for name, array in Body(small).constants.items()}
    assert found == {"a": (4, 16), "b": (16, 12), "bias": (12,), "c": (12, 16), "d": (16, 1)}
    assert answers(small, np.ones((2, 4))).shape == (2, 1)


def test_what_has_no_hidden_channels_cannot_lose_any() -> None:
    step: Step = ("Gemm", ["x", "w"], ["values"], {})
    assert channels(graph([step], {"w": np.ones((8, 2))}, 8, "values"), 0.5) is None


def test_few_numbers_are_stored_by_their_places() -> None:
    weight = RANDOM.normal(0, 1, (60, 40)).astype(np.float32)
    plain = graph([("MatMul", ["x", "w"], ["values"], {})], {"w": weight}, 60, "values")
    mask = zeros(plain, 0.1)["w"]
    assert mask.mean() == pytest.approx(0.1, abs=0.01)
    assert np.abs(weight[mask]).min() >= np.abs(weight[~mask]).max()
    body = Body(plain)
    body.constants["w"] = weight * mask
    cut = body.write()
    small = stored_sparsely(cut)
    assert len(small) < 0.4 * len(cut)
    x = RANDOM.normal(0, 1, (3, 60)).astype(np.float32)
    assert np.array_equal(answers(small, x), answers(cut, x))
    assert stored_sparsely(plain) == plain  # nothing is 0: places would only cost


def test_a_matrix_of_few_ranks_loses_nothing_when_it_is_projected() -> None:
    weight = RANDOM.normal(0, 1, (600, 6)) @ RANDOM.normal(0, 1, (6, 80))
    steps: list[Step | Large] = [("Gemm", ["x", "w", "c"], ["h"], {}), ("Relu", ["h"], ["r"], {}),
             ("MatMul", ["r", "b"], ["values"], {})]  # fmt: skip
    constants = {"w": weight, "c": RANDOM.normal(0, 1, 80), "b": RANDOM.normal(0, 1, (80, 2))}
    plain = graph(steps, constants, 600, "values")
    small = projected(plain, 0.25)
    assert small is not None and len(small) < 0.35 * len(plain)
    x = RANDOM.normal(0, 1, (4, 600)).astype(np.float32)
    exact = answers(plain, x)
    assert np.abs(answers(small, x) - exact).max() < 1e-4 * np.abs(exact).max()
    narrow = graph([("MatMul", ["x", "w"], ["values"], {})], {"w": np.ones((600, 3))}, 600,
                   "values")  # fmt: skip
    assert projected(narrow, 0.25) is None
