"""Small ONNX graphs, written node by node.

Linear models, kernels and neighbours are a handful of matrix products. Writing them directly
costs no converter import (about a second) and runs faster than the generic ML operators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from lingqu.core.errors import TrainError
from lingqu.release.session import open_session

Floats = NDArray[np.floating[Any]]
Step = tuple[str, Sequence[str], Sequence[str], Mapping[str, Any]]
"""One node: operator, inputs, outputs, attributes."""
Large = Callable[[NodeProto], None]
"""Fills a node in its place in the graph: a copy of a forest is some 30 MB."""

TOLERANCE = 1e-5
"""Largest difference between a graph and the learner that it was written from."""
OPSET = 18
ML_OPSET = 3
"""Version of the operators for trees."""
IR_VERSION = 8
"""One operator set for every member, so that the graphs of an ensemble join unconverted."""


def graph(
    steps: Sequence[Step | Large],
    constants: Mapping[str, NDArray[Any]],
    columns: int,
    output: str,
    double: bool = False,
) -> bytes:
    """Return the bytes of a graph from ``x`` (N, columns) to `output` (N, anything).

    Args:
        steps: The nodes in order.
        constants: Tensors that the nodes name; float64 is stored as float32 unless `double`.
        columns: Width of the input ``x``.
        output: ``"probabilities"`` or ``"values"``, the name the last node gives.
        double: Compute in float64 between input and output.

    Example:
        >>> double = ("Mul", ["x", "two"], ["values"], {})
        >>> data = graph([double], {"two": np.array(2.0)}, 1, "values")
        >>> answers(data, np.array([[4.0]])).tolist()
        [[8.0]]
    """
    if double:
        steps = _widened(steps, output)
        constants = {name: _wide(array) for name, array in constants.items()}
    else:
        constants = {name: _narrow(array) for name, array in constants.items()}
    stored = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    model = ModelProto(ir_version=IR_VERSION)
    body = model.graph  # filled in place: helpers would copy all of it twice
    body.name = "learner"
    for step in steps:
        if isinstance(step, tuple):
            body.node.append(_node(step))
        else:
            step(body.node.add())
    body.initializer.extend(stored)
    body.input.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", columns]))
    body.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", None]))
    domains = sorted({node.domain for node in body.node if node.domain})
    sets = [helper.make_opsetid("", OPSET), *(helper.make_opsetid(d, ML_OPSET) for d in domains)]
    model.opset_import.extend(sets)
    data: bytes = model.SerializeToString()
    return data


def _node(step: Step) -> NodeProto:
    op, ins, outs, attributes = step
    return helper.make_node(op, list(ins), list(outs), **attributes)


def _widened(steps: Sequence[Step | Large], output: str) -> list[Step | Large]:
    """Return the steps between a cast of the input to float64 and one of the output back.

    Trees compare and add in float32: a graph with any cannot be widened.
    """
    inner = {"x": "x_double", output: "answer_double"}
    first: Step = ("Cast", ["x"], ["x_double"], {"to": TensorProto.DOUBLE})
    last: Step = ("Cast", ["answer_double"], [output], {"to": TensorProto.FLOAT})
    middle: list[Step] = [
        (op, [inner.get(n, n) for n in ins], [inner.get(n, n) for n in outs], attributes)
        for op, ins, outs, attributes in (step for step in steps if isinstance(step, tuple))
    ]
    return [first, *middle, last]


def _wide(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array.astype(np.float64) if array.dtype.kind == "f" else array)


def _narrow(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array.astype(np.float32) if array.dtype == np.float64 else array)


def answers(data: bytes, x: NDArray[Any], threads: int = 1) -> NDArray[np.float32]:
    """Run a graph on the rows of `x` with ONNX Runtime and return its output."""
    session = open_session(data, max(1, threads))
    found: NDArray[np.float32] = session.run(None, {"x": np.asarray(x, dtype=np.float32)})[0]
    return found


def verify(
    name: str, data: bytes, x: NDArray[Any], expected: Floats, scale: float = 1.0, threads: int = 1
) -> None:
    """Refuse a graph that does not answer like the library it was written from.

    Args:
        name: The algorithm, for the message.
        data: The graph.
        x: Real rows, (N, D).
        expected: The library's answers, (N, K).
        scale: Size of the answers; the tolerance is 1e-5 of it.
        threads: Threads of ONNX Runtime.

    Raises:
        TrainError: The largest difference is above 1e-5 · scale, or an answer is not finite.
    """
    worst = difference(data, x, expected, scale, threads)
    if not worst <= TOLERANCE:  # NaN must fail as well
        raise TrainError("learn.graph_differs", name=name, worst=worst)


def difference(
    data: bytes, x: NDArray[Any], expected: Floats, scale: float = 1.0, threads: int = 1
) -> float:
    """Return the largest difference between a graph's answers and the expected ones, per scale."""
    found = answers(data, x, threads)
    return float(np.abs(found - expected.reshape(found.shape)).max(initial=0.0)) / scale


def verify_range(
    name: str, data: bytes, x: NDArray[Any], low: float, high: float, threads: int = 1
) -> None:
    """Refuse a graph whose answers on real rows leave the range they must lie in.

    Raises:
        TrainError: An answer is not finite or lies outside by more than 1e-5 of the range.
    """
    found = answers(data, x, threads)
    slack = 1e-5 * max(high - low, abs(high), abs(low), 1e-12)
    inside = (found >= low - slack) & (found <= high + slack)
    if not bool(inside.all()):
        worst = float(np.max(np.abs(found - np.clip(found, low, high))))
        raise TrainError("learn.graph_differs", name=name, worst=worst)
