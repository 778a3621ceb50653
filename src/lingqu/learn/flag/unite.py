"""The members of a choice as one graph that says which share of the training rows is less odd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lingqu.core.nouns import Member, Model
from lingqu.learn.flag import CLASSES
from lingqu.learn.flag.tail import Tail, fit_tail, to_answers
from lingqu.learn.tabular.graph import IR_VERSION, ML_OPSET, OPSET, Step, answers
from lingqu.release.encode import Encoder

NAME = "together"
LEAST = 1e-27
"""Smallest share whose logarithm is taken."""
_CHUNK = 8192


def united(members: Sequence[Member], frame: Any, threshold: float | None = None) -> Model:
    """Return one model: surprises are added by weight, and told as a share of the rows.

    Args:
        members: Fitted on the same rows, so with one encoding; weights sum to 1.
        frame: The training rows.
        threshold: Sum of surprises from which a row is flagged, or None.

    Source: Adding the logarithms of how rare a row is by each: Fisher, "Statistical methods for
        research workers", 1925, section 21.1.
    """
    encoding = members[0].encoding
    encoder = Encoder(encoding)
    summed = _joined(members, None)
    parts = [
        answers(summed, encoder.encode(frame[at : at + _CHUNK])["x"])[:, 0].astype(np.float64)
        for at in range(0, len(frame), _CHUNK)
    ]
    tail = fit_tail(np.concatenate(parts))
    notes = {
        "members": [
            {"name": m.name, "weight": m.weight, **{k: v for k, v in m.notes.items()}}
            for m in members
        ],
    }
    one = Member(NAME, members[0].algorithm if len(members) == 1 else NAME, 1.0, encoding,
                 _joined(members, tail), notes)  # fmt: skip
    at = 0.5 if threshold is None else share(tail, threshold)
    return Model("flag", CLASSES, (one,), threshold=at)


def share(tail: Tail, surprise: float) -> float:
    """Return the share of training rows below a sum of surprises."""
    return float(1.0 - np.exp(-tail.surprise(np.array([surprise]))[0]))


def sum_of(normal: Sequence[NDArray[np.float64]], weights: Sequence[float]) -> NDArray[np.float64]:
    """Return the weighted sum of surprises from shares at least as odd, each (N,).

    Example:
        >>> np.abs(sum_of([np.array([1.0, np.exp(-2.0)])], [1.0])).tolist()
        [0.0, 2.0]
    """
    each = [-w * np.log(np.maximum(q, LEAST)) for q, w in zip(normal, weights, strict=True)]
    total: NDArray[np.float64] = np.sum(each, axis=0)
    return total


def _joined(members: Sequence[Member], tail: Tail | None) -> bytes:
    """Return the graph from ``x`` to the sum of surprises, or to probabilities."""
    nodes: list[Any] = []
    constants: dict[str, NDArray[Any]] = {
        "first": np.array([0]), "least_share": np.array(LEAST, dtype=np.float32),
    }  # fmt: skip
    stored: list[Any] = []
    steps: list[Step] = []
    for index, member in enumerate(members):
        proto = onnx.compose.add_prefix(onnx.load_model_from_string(member.graph), f"n{index}/")
        nodes.append(helper.make_node("Identity", ["x"], [f"n{index}/x"]))
        nodes += proto.graph.node
        stored += proto.graph.initializer
        constants[f"part_{index}"] = np.array(-member.weight, dtype=np.float32)
        steps += [
            ("Gather", [f"n{index}/probabilities", "first"], [f"share_{index}"], {"axis": 1}),
            ("Max", [f"share_{index}", "least_share"], [f"some_{index}"], {}),
            ("Log", [f"some_{index}"], [f"log_{index}"], {}),
            ("Mul", [f"log_{index}", f"part_{index}"], [f"surprise_{index}"], {}),
        ]
    output = "values" if tail is None else "probabilities"
    total = "values" if tail is None else "total"
    steps.append(("Sum", [f"surprise_{i}" for i in range(len(members))], [total], {}))
    if tail is not None:
        ends, more = to_answers("surprise")
        steps += [*tail.steps("total", "surprise"), *ends]
        constants |= {**tail.constants(), **more}
    nodes += [helper.make_node(op, list(i), list(o), **at) for op, i, o, at in steps]
    stored += [
        numpy_helper.from_array(np.asarray(v, np.float32) if v.dtype == np.float64 else v, name)
        for name, v in constants.items()
    ]
    width = int(members[0].encoding["shape"][0])
    body = helper.make_graph(
        nodes,
        "flag",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", width])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", None])],
        stored,
    )
    sets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    model = helper.make_model(body, opset_imports=sets)
    model.ir_version = IR_VERSION
    data: bytes = model.SerializeToString(deterministic=True)
    return data
