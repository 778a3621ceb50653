"""Graphs that learn again: played as they are, with the truth and a teacher."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from lingqu.core.errors import TrainError
from lingqu.learn.compress.body import Body
from lingqu.learn.compress.played import Played
from lingqu.learn.compress.prune import channels, zeros
from lingqu.learn.compress.teach import Rows, taught
from lingqu.learn.deep import export
from lingqu.learn.deep import graph as deep
from lingqu.learn.deep.cnn import network
from lingqu.learn.deep.mlp import network as perceptron
from lingqu.learn.tabular.graph import answers, graph
from lingqu.learn.tabular.target import skewed


@pytest.mark.parametrize("bend", ["relu", "tanh", "sigmoid"])
def test_a_played_perceptron_answers_like_its_graph(bend: str) -> None:
    torch.manual_seed(0)
    net = perceptron(6, (8, 5), 3, bend).eval()
    data = deep.write(net, "x", (6,), "probabilities")
    x = torch.randn(7, 6)
    played = Played(data)(x).softmax(1).detach().numpy()
    assert np.abs(played - deep.answers(data, {"x": x.numpy()})).max() < 1e-6


def test_a_played_picture_net_answers_like_its_graph() -> None:
    torch.manual_seed(0)
    data = deep.write(network(3, (33, 20), 4, 8).eval(), "image", (3, 33, 20), "probabilities")
    x = torch.randn(4, 3, 33, 20)
    played = Played(data)(x).softmax(1).detach().numpy()
    assert np.abs(played - deep.answers(data, {"image": x.numpy()})).max() < 1e-5


def test_bent_values_are_played_to_the_end() -> None:
    torch.manual_seed(0)
    truth = np.exp(np.random.default_rng(0).normal(0, 2, 300))
    bent = skewed(truth, "log")
    data = deep.write(perceptron(4, (8,), 1).eval(), "x", (4,), "values", bent)
    x = torch.randn(5, 4)
    exact = deep.answers(data, {"x": x.numpy()})
    assert np.allclose(Played(data)(x).detach().numpy(), exact, rtol=1e-4)


def test_an_operator_that_is_not_known_is_named() -> None:
    data = graph([("Celu", ["x"], ["values"], {})], {}, 2, "values")
    with pytest.raises(TrainError, match="Celu"):
        Played(data)


def learned(seed: int = 0) -> tuple[bytes, Rows]:
    """A perceptron that knows which third of a plane's angles a point is in, and its rows."""
    random = np.random.default_rng(seed)
    x = random.normal(0, 1, (900, 2)).astype(np.float32)
    y = (np.arctan2(x[:, 0], x[:, 1]) * 3 / np.pi).round().astype(np.int64) % 3
    torch.manual_seed(seed)
    start = deep.write(perceptron(2, (64, 64), 3).eval(), "x", (2,), "probabilities")
    rows = Rows(x, y, None, 3)
    return taught(start, start, rows, 60.0, seed), rows


def share_right(data: bytes, rows: Rows) -> float:
    return float((answers(data, rows.x).argmax(1) == rows.y).mean())


def test_a_pruned_net_learns_back_what_it_has_lost() -> None:
    whole, rows = learned()
    cut = channels(whole, 0.25)
    assert cut is not None
    again = taught(cut, whole, rows, 60.0, 1)
    assert len(again) < 0.3 * len(whole)
    assert share_right(again, rows) > max(share_right(cut, rows), share_right(whole, rows) - 0.03)
    assert taught(cut, whole, rows, 60.0, 1) == again  # the same seed gives the same graph


def test_numbers_that_were_taken_out_stay_out() -> None:
    whole, rows = learned()
    masks = zeros(whole, 0.2)
    again = Body(taught(whole, whole, rows, 60.0, 1, masks))
    for name, mask in masks.items():
        assert not again.constants[name][~mask].any()
        assert (again.constants[name][mask] != Body(whole).constants[name][mask]).any()


def test_values_and_weights_of_rows_are_learned_too() -> None:
    random = np.random.default_rng(0)
    x = random.normal(0, 1, (400, 3)).astype(np.float32)
    y = (100 + 20 * x[:, 0]).astype(np.float32)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1)).eval()
    bend = skewed(y.astype(np.float64), "plain")
    start = deep.write(net, "x", (3,), "values", bend)
    weight = (x[:, 1] > 0).astype(np.float32) * 2
    found = taught(start, start, Rows(x, y, weight, 0), 60.0, 0)
    off = [np.abs(answers(g, x)[:, 0] - y)[weight > 0].mean() for g in (start, found)]
    assert off[1] < 0.8 * off[0]  # half of the loss still asks to stay like the start


def test_what_exporters_write_is_played_as_well() -> None:
    class Parts(nn.Module):
        """Slices, joins, normalises, averages and asks for shapes, as exported nets do."""

        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(1)
            self.line = nn.Linear(9, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            picture = self.norm(x[:, :64].reshape(-1, 1, 8, 8))
            seen = self.conv(picture).relu().mean((2, 3))  # (N, 4)
            first, second = seen.split(2, 1)
            known = torch.where(x[:, 64:] > 0, x[:, 64:], torch.zeros_like(x[:, 64:]))
            out: torch.Tensor = self.line(torch.cat([first, second, known.expand(-1, 5)], 1))
            return out

    torch.manual_seed(0)
    x = torch.randn(6, 65)
    data = export.write(Parts().eval(), x[:2], "x", "probabilities", None)
    played = Played(data)(x).softmax(1).detach().numpy()
    assert np.abs(played - deep.answers(data, {"x": x.numpy()})).max() < 1e-5
