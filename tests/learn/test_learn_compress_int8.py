"""Graphs in eight bits: near the plain ones, smaller, and the same for a row alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from lingqu.core.nouns import Member, Model
from lingqu.learn.compress.int8 import quantised
from lingqu.learn.deep import graph as deep
from lingqu.learn.deep.cnn import network
from lingqu.learn.effort import effort_s
from lingqu.learn.tabular.graph import Large, Step, answers, graph
from lingqu.release.merge import merge

RANDOM = np.random.default_rng(0)


def written(nodes: list[Any], constants: dict[str, Any], shape: list[Any], opset: int) -> bytes:
    """A graph from x to values, of an operator set."""
    stored = [numpy_helper.from_array(np.asarray(a), n) for n, a in constants.items()]
    body = helper.make_graph(
        [helper.make_node(kind, given, made, **told) for kind, given, made, told in nodes], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *shape])],
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, None)], stored,
    )  # fmt: skip
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    data: bytes = model.SerializeToString()
    return data


def operators(data: bytes) -> set[str]:
    return {node.op_type for node in onnx.load_model_from_string(data).graph.node}


def two_layers(columns: int = 300, hidden: int = 64) -> bytes:
    steps: list[Step | Large] = [
        ("Gemm", ["x", "a", "c"], ["h"], {}), ("Relu", ["h"], ["r"], {}),
        ("MatMul", ["r", "b"], ["values"], {}),
    ]  # fmt: skip
    a, b = RANDOM.normal(0, 0.1, (columns, hidden)), RANDOM.normal(0, 0.1, (hidden, 5))
    return graph(steps, {"a": a, "b": b, "c": RANDOM.normal(0, 1, hidden)}, columns, "values")


def test_a_row_is_answered_alone_as_in_company() -> None:
    plain = two_layers()
    wide = RANDOM.normal(0, 1, (40, 300)) * np.geomspace(0.01, 100, 40)[:, None]
    x = wide.astype(np.float32)
    small = quantised(plain, x)
    assert small is not None and len(small) < 0.3 * len(plain)
    together = answers(small, x)
    alone = np.concatenate([answers(small, x[i : i + 1]) for i in range(len(x))])
    assert np.array_equal(together, alone)
    exact = answers(plain, x)
    # Each row has its own scale: rows ten thousand times smaller are as exact as the largest.
    off = np.abs(together - exact).max(axis=1) / np.abs(exact).max(axis=1)
    assert off.max() < 0.08 and off[:20].max() < 1.5 * off[20:].max()


def test_large_products_take_less_effort_and_small_ones_more() -> None:
    for columns, hidden, less in ((3000, 128, True), (16, 16, False)):
        plain = two_layers(columns, hidden)
        small = quantised(plain, np.ones((2, columns), np.float32))
        assert small is not None
        assert (effort_s(small) < effort_s(plain)) is less


@pytest.mark.parametrize("opset", [17, 18])
@pytest.mark.parametrize("turned", [0, 1])
def test_every_way_to_write_a_product_is_read(opset: int, turned: int) -> None:
    weight = RANDOM.normal(0, 1, (40, 30)).astype(np.float32)
    bias = RANDOM.normal(0, 1, 30).astype(np.float32)
    nodes = [("Gemm", ["x", "w", "c"], ["values"], {"transB": turned})]
    plain = written(nodes, {"w": weight.T if turned else weight, "c": bias}, [40], opset)
    x = RANDOM.normal(0, 1, (7, 40)).astype(np.float32)
    small = quantised(plain, x)
    assert small is not None and "MatMulInteger" in operators(small)
    exact = x @ weight + bias
    assert np.abs(answers(small, x) - exact).max() < 0.05 * np.abs(exact).max()


def test_words_are_looked_up_and_multiplied_in_three_dimensions() -> None:
    table = RANDOM.normal(0, 1, (500, 32)).astype(np.float32)
    weight = RANDOM.normal(0, 1, (32, 16)).astype(np.float32)
    nodes = [
        ("Cast", ["x"], ["ids"], {"to": TensorProto.INT64}),
        ("Gather", ["table", "ids"], ["words"], {"axis": 0}),  # (N, 6, 32)
        ("MatMul", ["words", "w"], ["values"], {}),  # (N, 6, 16)
    ]
    plain = written(nodes, {"table": table, "w": weight}, [6], 17)
    x = RANDOM.integers(0, 500, (9, 6)).astype(np.float32)
    small = quantised(plain, x)
    assert small is not None and len(small) < 0.4 * len(plain)
    found, exact = answers(small, x), table[x.astype(int)] @ weight
    assert found.shape == (9, 6, 16)
    assert np.abs(found - exact).max() < 0.05 * np.abs(exact).max()


def test_pictures_get_ranges_from_rows_and_answer_alike() -> None:
    torch.manual_seed(0)
    net = network(1, (8, 8), 10, 16).eval()
    plain = deep.write(net, "image", (1, 8, 8), "probabilities")
    x = RANDOM.normal(0, 1, (128, 1, 8, 8)).astype(np.float32)
    small = quantised(plain, x)
    assert small is not None and len(small) < 0.5 * len(plain)
    assert {"QuantizeLinear", "DequantizeLinear"} <= operators(small)
    assert not {"ConvInteger", "DynamicQuantizeLinear"} & operators(small)
    found, exact = (deep.answers(data, {"image": x}) for data in (small, plain))
    assert np.abs(found - exact).max() < 0.05
    alone = np.concatenate([deep.answers(small, {"image": x[i : i + 1]}) for i in range(8)])
    assert np.array_equal(alone, found[:8])


def test_what_has_no_matrix_stays_as_it_is() -> None:
    plain = graph([("Relu", ["x"], ["values"], {})], {}, 3, "values")
    assert quantised(plain, np.ones((2, 3), np.float32)) is None


def test_a_quantised_member_joins_others_of_another_operator_set() -> None:
    x = RANDOM.normal(0, 1, (16, 20)).astype(np.float32)
    weight = RANDOM.normal(0, 1, (20, 1)).astype(np.float32)
    old = written([("MatMul", ["x", "w"], ["values"], {})], {"w": weight}, [20], 17)
    new = graph([("MatMul", ["x", "w"], ["values"], {})], {"w": weight}, 20, "values")
    small = quantised(old, x)
    assert small is not None
    encoding = {"tensor": "x", "shape": [20], "style": "linear", "blocks": []}
    members = tuple(
        Member(name, name, 0.5, encoding, data) for name, data in (("a", small), ("b", new))
    )
    merged = merge(Model("regress", (), members))  # compares the whole with its parts
    assert np.allclose(answers(merged.graph, x), x @ weight, atol=0.2)
