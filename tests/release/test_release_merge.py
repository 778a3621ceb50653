from __future__ import annotations

import dataclasses

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tests.release.release_samples import TEN, digits, ensemble, graph, member, people

from lingqu.core.errors import GateError
from lingqu.core.nouns import Member, Model
from lingqu.release.encode import encode
from lingqu.release.merge import merge
from lingqu.release.session import open_session


def run(data: bytes, output: str, feeds: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(open_session(data).run([output], feeds)[0], dtype=np.float64)


def test_the_whole_answers_as_its_parts_with_weights_and_temperature():
    data = people()
    model = ensemble(data)
    merged = merge(model)
    feeds = {
        row["tensor"]: next(iter(encode(data.frame, row["encoding"]).values()))
        for row in merged.inputs
    }
    parts = sum(
        m.weight * run(m.graph, "probabilities", encode(data.frame, m.encoding))
        for m in model.members
    )
    expected = parts ** (1 / model.temperature)
    expected /= expected.sum(axis=1, keepdims=True)
    whole = run(merged.graph, "probabilities", feeds)
    np.testing.assert_allclose(whole, expected, atol=1e-5)
    assert np.abs(whole - parts).max() > 1e-3


def test_equal_encodings_share_an_input_and_others_do_not():
    data = digits()
    members = (
        member(data, "linear", 10, weight=0.4, seed=1),
        member(data, "image", 10, weight=0.3, seed=2),
        member(data, "linear", 10, weight=0.2, seed=3),
        member(data, "tree", 10, weight=0.1, seed=4),
    )
    merged = merge(Model("classify", TEN, members))
    assert [row["tensor"] for row in merged.inputs] == ["x", "image", "x_2"]
    assert [row["encoding"]["style"] for row in merged.inputs] == ["linear", "image", "tree"]
    loaded = onnx.load_model_from_string(merged.graph)
    assert [value.name for value in loaded.graph.input] == ["x", "image", "x_2"]
    assert [value.name for value in loaded.graph.output] == ["probabilities"]


def test_operator_sets_are_made_one():
    data = people()
    members = tuple(
        member(data, "linear", 2, weight=0.5, seed=seed, opset=opset)
        for seed, opset in ((1, 13), (2, 19))
    )
    loaded = onnx.load_model_from_string(merge(Model("classify", ("no", "yes"), members)).graph)
    assert [(entry.domain, entry.version) for entry in loaded.opset_import] == [("", 19)]


def test_regression_sums_values():
    data = people()
    members = tuple(
        member(data, "linear", 1, weight=weight, seed=seed, task="regress")
        for seed, weight in ((1, 0.25), (2, 0.75))
    )
    merged = merge(Model("regress", (), members, temperature=3.0))
    x = encode(data.frame, members[0].encoding)
    expected = sum(m.weight * run(m.graph, "values", x) for m in members)
    np.testing.assert_allclose(run(merged.graph, "values", x), expected, rtol=1e-5)


def test_members_without_weight_are_left_out():
    data = people()
    kept, gone = member(data, "linear", 2), member(data, "tree", 2, weight=0.0)
    assert len(merge(Model("classify", ("no", "yes"), (kept, gone))).inputs) == 1
    with pytest.raises(GateError):
        merge(Model("classify", ("no", "yes"), (gone,)))


def test_the_same_model_gives_the_same_bytes_whatever_the_exporter_noted():
    model = ensemble(people())
    noted = []
    for one in model.members:
        proto = onnx.load_model_from_string(one.graph)
        proto.doc_string = proto.graph.doc_string = "exported at noon"
        proto.graph.node[0].doc_string = "/home/somebody/train.py"
        proto.producer_name = "elsewhere"
        noted.append(dataclasses.replace(one, graph=proto.SerializeToString()))
    again = merge(dataclasses.replace(model, members=tuple(noted)))
    assert merge(model).graph == again.graph
    assert b"somebody" not in again.graph


def replaced(change: str) -> Member:
    good = member(people(), "linear", 2)
    proto = onnx.load_model_from_string(good.graph)
    if change == "output":
        proto.graph.output[0].name = "scores"
    elif change == "input":
        proto.graph.input[0].name = "data"
    elif change == "batch":
        proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    elif change == "operator":
        proto.graph.node[0].op_type = "NoSuchOperator"
    elif change == "external":
        proto.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")
    else:
        return dataclasses.replace(good, graph=b"not a graph")
    return dataclasses.replace(good, graph=proto.SerializeToString())


@pytest.mark.parametrize("change", ["output", "input", "batch", "operator", "external", "bytes"])
def test_graphs_that_cannot_be_joined_are_refused_with_the_member(change: str):
    with pytest.raises(GateError) as refused:
        merge(Model("classify", ("no", "yes"), (replaced(change),)))
    assert refused.value.key == "release.cannot_merge"


def test_a_whole_that_differs_from_its_parts_is_refused():
    data = people()
    good = member(data, "linear", 2)
    (width,) = good.encoding["shape"]
    # Random noise: two runs of one graph never agree.
    nodes = [
        helper.make_node("RandomUniformLike", ["x"], ["noise"]),
        helper.make_node("Slice", ["noise", "start", "end", "axis"], ["probabilities"]),
    ]
    made = helper.make_graph(
        nodes,
        "noise",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", width])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 2])],
        [
            helper.make_tensor(name, TensorProto.INT64, [1], [value])
            for name, value in (("start", 0), ("end", 2), ("axis", 1))
        ],
    )
    proto = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    noisy = dataclasses.replace(good, graph=proto.SerializeToString())
    with pytest.raises(GateError) as refused:
        merge(Model("classify", ("no", "yes"), (noisy,)))
    assert refused.value.key == "release.merge_differs"


def test_a_graph_that_the_runtime_cannot_load_is_refused():
    with pytest.raises(GateError):
        open_session(b"nothing")
    assert open_session(graph([3], 2)).get_outputs()[0].name == "probabilities"
