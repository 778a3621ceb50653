"""What a net reads last: found in graphs of every origin, absent where there is no such layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnxruntime.quantization import quantize_dynamic
from tests.check.see_rows import fitted, reads
from torch import nn

from lingqu.check.see.last_layer import before_head, last_layer
from lingqu.core.nouns import Member
from lingqu.learn.deep.export import write as exported
from lingqu.learn.deep.graph import write
from lingqu.learn.tabular.graph import graph
from lingqu.release.encode import encode, fit_encoding


def net() -> nn.Sequential:
    torch.manual_seed(0)
    body = nn.Sequential(nn.Linear(64, 12), nn.ReLU(), nn.Linear(12, 5), nn.Tanh())
    return nn.Sequential(body, nn.Linear(5, 2)).eval()


def hidden(of: nn.Sequential, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return np.asarray(of[0](torch.from_numpy(x)).numpy(), dtype=np.float64)


@pytest.mark.parametrize("by", ["our own writer", "the exporter"])
def test_the_layer_before_the_head_is_what_torch_computes(by: str) -> None:
    data, made = reads("photo"), net()
    encoding = fit_encoding(data, "linear")
    x = np.zeros((2, 64), np.float32)
    graph = (
        write(made, "x", (64,), "probabilities")
        if by == "our own writer"
        else exported(made, torch.from_numpy(x), "x", "probabilities", None)
    )
    member = Member("net", "net", 1.0, encoding, graph)
    seen = last_layer(member, data.frame)
    assert seen is not None and seen.shape == (160, 5)
    np.testing.assert_allclose(seen, hidden(made, encode(data.frame, encoding)["x"]), atol=1e-5)


def test_eight_bits_do_not_hide_it(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(write(net(), "x", (64,), "probabilities"))
    quantize_dynamic(tmp_path / "a.onnx", tmp_path / "b.onnx")
    model = onnx.load(tmp_path / "b.onnx")
    assert {"MatMulInteger"} <= {node.op_type for node in model.graph.node}
    data = reads("photo")
    member = Member("net", "net", 1.0, fit_encoding(data, "linear"), model.SerializeToString())
    seen = last_layer(member, data.frame)
    assert seen is not None and seen.shape == (160, 5)


def test_a_graph_that_computes_in_doubles_is_opened_too() -> None:
    weights = np.random.default_rng(0).normal(size=(64, 5))
    steps = [
        ("MatMul", ["x", "first"], ["found"], {}),
        ("Tanh", ["found"], ["t"], {}),
        ("MatMul", ["t", "head"], ["values"], {}),
    ]
    made = graph(steps, {"first": weights, "head": np.ones((5, 1))}, 64, "values", double=True)
    data = reads("photo")
    encoding = fit_encoding(data, "linear")
    seen = last_layer(Member("kernel", "kernel", 1.0, encoding, made), data.frame)
    x = encode(data.frame, encoding)["x"].astype(np.float64)
    assert seen is not None
    np.testing.assert_allclose(seen, np.tanh(x @ weights), atol=1e-9)


def test_a_tree_has_no_last_layer() -> None:
    model = fitted("lightgbm", "photo")
    assert last_layer(model.members[0], reads("photo").frame) is None


def test_a_map_of_the_columns_themselves_has_none() -> None:
    graph = write(nn.Sequential(nn.Linear(64, 2)), "x", (64,), "probabilities")
    assert before_head(onnx.load_model_from_string(graph)) is None
