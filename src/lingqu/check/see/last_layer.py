"""What a net sees last: the input of its head, opened as a second output of its graph.

The graph of a release stays as it is. A copy is opened for as long as somebody looks.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import GateError
from lingqu.core.nouns import Member
from lingqu.release.encode import encode
from lingqu.release.session import open_session

_log = logging.getLogger(__name__)
HEADS = frozenset({"Gemm", "MatMul", "MatMulInteger"})
"""Operators that end a net."""
_BEHIND = frozenset(
    {"Add", "Cast", "Clip", "DequantizeLinear", "Div", "Exp", "Flatten", "Identity", "Log", "Mul",
     "QuantizeLinear", "Reshape", "Sigmoid", "Softmax", "Squeeze", "Sub", "Unsqueeze"}
)  # fmt: skip
"""What may stand between the head and the answer."""
_PIECE = 64
"""Rows that go through the graph at a time."""


def last_layer(member: Member, frame: pl.DataFrame) -> NDArray[np.float64] | None:
    """Return what the head of a net reads of each row, (N, width).

    Args:
        member: A member of a model.
        frame: Rows as they are after governance.

    Returns:
        None where no single layer is the last: of trees, of sums over the columns themselves and
        of nets with many heads.
    """
    model = onnx.load_model_from_string(member.graph)
    name = before_head(model)
    if name is None:
        return None
    # Its type is left to the runtime: in a net of eight bits it may be whole numbers.
    model.graph.output.append(onnx.ValueInfoProto(name=name))
    try:
        session = open_session(model.SerializeToString(), 1)
    except GateError as error:  # a model of somebody else's: the release does not hang on it
        _log.info("the last layer of %s cannot be opened: %s", member.name, error)
        return None
    tensor: str = member.encoding["tensor"]
    x = encode(frame, member.encoding)[tensor]
    starts = range(0, len(x), _PIECE)
    parts = [session.run([name], {tensor: x[at : at + _PIECE]})[0] for at in starts]
    seen = np.concatenate([part.reshape(len(part), -1) for part in parts]).astype(np.float64)
    return seen if len(seen) == len(x) and np.isfinite(seen).all() else None


def before_head(model: onnx.ModelProto) -> str | None:
    """Return the name of the tensor that the last matrix of weights is applied to.

    None where it is the input itself: then the head is all there is.

    Example:
        >>> from onnx import TensorProto, helper
        >>> head = helper.make_node("Gemm", ["t", "weight"], ["raw"])
        >>> nodes = [helper.make_node("Relu", ["x"], ["t"]), head,
        ...          helper.make_node("Softmax", ["raw"], ["probabilities"])]
        >>> weight = helper.make_tensor("weight", TensorProto.FLOAT, [2, 2], [1.0] * 4)
        >>> told = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 2])
        ...         for name in ("x", "probabilities")]
        >>> graph = helper.make_graph(nodes, "net", told[:1], told[1:], [weight])
        >>> before_head(helper.make_model(graph))
        't'
    """
    made = {name: node for node in model.graph.node for name in node.output}
    fixed = {tensor.name for tensor in model.graph.initializer}
    fixed |= {name for name, node in made.items() if node.op_type == "Constant"}
    inputs = {value.name for value in model.graph.input}
    name: str | None = model.graph.output[0].name
    while name is not None:
        node = made.get(name)
        if node is None:
            return None
        name = _moving(node.input, fixed, made)
        if node.op_type in HEADS:
            return _opened(name, made, inputs)
        if node.op_type not in _BEHIND:
            return None
    return None


def _moving(names: Sequence[str], fixed: set[str], made: Mapping[str, Any]) -> str | None:
    """Return the operand that depends on the row: of a product of scales, what is scaled."""
    free = [name for name in names if name and name not in fixed]
    integer = [n for n in free if n in made and made[n].op_type in ("Cast", "MatMulInteger")]
    return next(iter(integer or free), None)


def _opened(name: str | None, made: Mapping[str, Any], inputs: set[str]) -> str | None:
    """Return the tensor itself, behind what only made eight bits or another shape of it."""
    plain = ("DynamicQuantizeLinear", "Flatten", "Identity", "Reshape", "Cast")
    while name is not None and name in made and made[name].op_type in plain:
        name = str(made[name].input[0])
    return None if name is None or name in inputs else name
