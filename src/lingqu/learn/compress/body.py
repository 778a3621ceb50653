"""A graph that is taken apart: its constants, who reads them, and what a product multiplies by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

Array = NDArray[Any]
PRODUCTS = frozenset({"Gemm", "MatMul", "Conv"})


class Body:
    """The nodes of a graph and its constants by name, to be changed and written again.

    Args:
        graph: ONNX bytes.

    Example:
        >>> from lingqu.learn.tabular.graph import graph
        >>> step = ("MatMul", ["x", "weight"], ["values"], {})
        >>> body = Body(graph([step], {"weight": np.ones((5, 3))}, 5, "values"))
        >>> body.tensor, body.matrix(body.nodes[0]).shape
        ('x', (5, 3))
    """

    def __init__(self, graph: bytes) -> None:
        self.proto = onnx.load_model_from_string(graph)
        own = self.proto.graph
        self.nodes: list[NodeProto] = [node for node in own.node if not _is_constant(node)]
        self.constants: dict[str, Array] = {t.name: _array(t) for t in own.initializer}
        for node in own.node:
            if _is_constant(node):
                self.constants[node.output[0]] = _array(node.attribute[0].t)
        self.output = own.output[0].name
        self.tensor = next(v.name for v in own.input if v.name not in self.constants)
        self.opset = max(e.version for e in self.proto.opset_import if e.domain in ("", "ai.onnx"))

    def readers(self, name: str) -> list[NodeProto]:
        """Return the nodes that read a tensor."""
        return [node for node in self.nodes if name in node.input]

    def matrix(self, node: NodeProto) -> Array | None:
        """Return the constant that a plain product multiplies by, (K, N); None if there is none."""
        if node.op_type not in ("Gemm", "MatMul") or not _is_plain(node):
            return None
        weight = self.constants.get(node.input[1])
        if weight is None or weight.ndim != 2 or weight.dtype != np.float32:
            return None
        return weight.T if attributes(node).get("transB") else weight

    def table(self, node: NodeProto) -> Array | None:
        """Return the constant whose rows a node looks up, (V, C); None if it looks up nothing."""
        if node.op_type != "Gather" or attributes(node).get("axis", 0):
            return None
        table = self.constants.get(node.input[0])
        good = table is not None and table.ndim == 2 and table.dtype == np.float32
        return table if good else None

    def flat(self) -> frozenset[str]:
        """Return the tensors that are known to be a matrix, one line for each row."""
        known = onnx.shape_inference.infer_shapes(self.proto).graph
        values = (*known.input, *known.value_info)
        return frozenset(v.name for v in values if len(v.type.tensor_type.shape.dim) == 2)

    def alone(self, name: str) -> bool:
        """Say whether one node reads a constant, once: then it may be changed in place."""
        return sum(list(node.input).count(name) for node in self.nodes) == 1

    def write(self) -> bytes:
        """Return the graph as bytes, with the constants that are still read."""
        own = self.proto.graph
        read = {name for node in self.nodes for name in node.input}
        del own.node[:], own.initializer[:], own.value_info[:]
        own.node.extend(self.nodes)
        for name, array in self.constants.items():
            if name in read:
                whole = np.array(array, order="C")  # also of a single number, which has no axis
                own.initializer.append(numpy_helper.from_array(whole, name))
        data: bytes = self.proto.SerializeToString(deterministic=True)
        return data


class Names:
    """Hands out names that a graph does not use yet.

    Args:
        body: The graph.
        mark: Beginning of every name.
    """

    def __init__(self, body: Body, mark: str) -> None:
        taken: Iterable[str] = (name for node in body.nodes for name in (*node.input, *node.output))
        self._taken = {*taken, *body.constants}
        self._mark, self._count = mark, 0

    def __call__(self) -> str:
        while True:
            self._count += 1
            name = f"{self._mark}{self._count}"
            if name not in self._taken:
                return name


class Step(NamedTuple):
    """A node to be added: operator, inputs, attributes; its output gets a fresh name."""

    operator: str
    inputs: list[str]
    attributes: dict[str, Any] = {}  # noqa: RUF012 (a NamedTuple's default is never changed)


def chained(names: Names, steps: Iterable[Step], last: str = "") -> tuple[list[NodeProto], str]:
    """Return nodes of which each reads the one before it (as its first input), and the end's name.

    Args:
        names: Gives each output its name.
        steps: The first one names all its inputs, the others only those behind the first.
        last: Name of the last output; a fresh one when empty.
    """
    steps = list(steps)
    nodes: list[NodeProto] = []
    for place, step in enumerate(steps):
        given = [nodes[-1].output[0]] if nodes else []
        out = last if last and place == len(steps) - 1 else names()
        made = helper.make_node(step.operator, [*given, *step.inputs], [out], **step.attributes)
        nodes.append(made)
    return nodes, nodes[-1].output[0]


def attributes(node: NodeProto) -> dict[str, Any]:
    """Return the attributes of a node as values."""
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def bias_of(node: NodeProto) -> str:
    """Return the name of what a product adds, or ``""``."""
    takes = node.op_type in ("Gemm", "Conv") and len(node.input) > 2
    return str(node.input[2]) if takes else ""


def _is_constant(node: NodeProto) -> bool:
    return bool(node.op_type == "Constant" and node.attribute[0].name == "value")


def _is_plain(node: NodeProto) -> bool:
    told = attributes(node)
    return told.get("alpha", 1.0) == told.get("beta", 1.0) == 1.0 and not told.get("transA")


def _array(tensor: Any) -> Array:
    array: Array = numpy_helper.to_array(tensor)
    return array
