"""A graph whose products are of eight-bit numbers.

Pictures: convolutions are quantised with ranges that were seen on training rows, through ONNX
Runtime (dynamic ranges make a convolution five times slower there). Everything else: each row is
scaled by its own largest number when it is answered. ONNX Runtime's dynamic quantisation takes
one scale for all rows of a call, so that an answer would depend on the rows beside it; a release
promises the same answer alone and in company.

Weights keep seven bits: sums of two products then never overflow the 16 bits in which processors
without VNNI add them, so that all machines answer the same.

Source: Jacob et al., 2018, arXiv:1712.05877 (integer arithmetic, ranges from data); Yao et al.,
"ZeroQuant", 2022, arXiv:2206.01861, section 3.1 (a scale for each row of what a layer reads);
ONNX Runtime, "Quantize ONNX models", section "When and why do I need to try U8U8?" (seven bits).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

from lingqu.learn.compress.body import Array, Body, Names, Step, bias_of, chained

_MOST = 63.0
"""Largest weight: seven bits with a sign."""
_READ = 127.0
"""Largest number that a row is scaled to."""
_ZERO = 128
"""What stands for 0 among the eight bits of a row: products with signs on both sides are slow."""
_LEAST = 1e-12
_OPSET = 15
"""Oldest operator set in which a shape can be told without its last number."""
_ROWS = 512
"""Training rows on which ranges are seen."""
_BATCH = 64
_OPERATORS = ["Conv", "Gemm", "MatMul", "MaxPool", "AveragePool", "GlobalAveragePool", "Relu",
              "Add", "Flatten", "Reshape"]  # fmt: skip
_READY = ("onnx.quant.pre_process", "onnxruntime.quant")
"""Says that shapes are known: else a warning goes to the root logger of the process."""


def quantised(graph: bytes, rows: NDArray[np.float32]) -> bytes | None:
    """Return the graph with eight-bit products, in the way that suits it, or None.

    Args:
        graph: ONNX bytes.
        rows: Training rows as it reads them, (N, …).

    Example:
        >>> from lingqu.learn.tabular.graph import answers, graph
        >>> step = ("MatMul", ["x", "weight"], ["values"], {})
        >>> plain = graph([step], {"weight": np.full((400, 8), 0.5)}, 400, "values")
        >>> small = quantised(plain, np.ones((4, 400), np.float32))
        >>> len(small) < 0.4 * len(plain), round(float(answers(small, np.ones((1, 400)))[0, 0]), 3)
        (True, 200.0)

    Source: Jacob et al., 2018, arXiv:1712.05877; Yao et al., 2022, arXiv:2206.01861.
    """
    body = Body(graph)
    if any(node.op_type == "Conv" for node in body.nodes):
        return with_ranges(graph, rows)
    return by_row(body)


def with_ranges(graph: bytes, rows: NDArray[np.float32]) -> bytes:
    """Quantise weights and what layers read, by ranges that are seen on rows."""
    proto = onnx.load_model_from_string(graph)
    ready = proto.metadata_props.add()
    ready.key, ready.value = _READY
    some = rows[np.linspace(0, len(rows) - 1, min(_ROWS, len(rows))).astype(np.int64)]
    with tempfile.TemporaryDirectory(prefix="lingqu-") as folder:
        path = Path(folder) / "int8.onnx"
        quantize_static(
            proto, path, _Rows(proto.graph.input[0].name, some), QuantFormat.QDQ, _OPERATORS,
            per_channel=True, reduce_range=True, activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )  # fmt: skip
        return path.read_bytes()


class _Rows(CalibrationDataReader):  # type: ignore[misc]
    """Hands rows to ONNX Runtime, some at a time."""

    def __init__(self, tensor: str, rows: NDArray[np.float32]) -> None:
        self._parts = iter(
            [{tensor: rows[start : start + _BATCH]} for start in range(0, len(rows), _BATCH)]
        )

    def get_next(self) -> dict[str, Any] | None:
        return next(self._parts, None)


def by_row(body: Body) -> bytes | None:
    """Quantise weights once and for all, and each row that a product reads by its own largest."""
    writer = _Writer(body)
    nodes: list[NodeProto] = []
    for node in body.nodes if body.opset >= _OPSET else ():
        matrix, table = body.matrix(node), body.table(node)
        if matrix is not None:
            nodes += writer.product(node, matrix)
        elif table is not None:
            nodes += writer.lookup(node, table)
        else:
            nodes.append(node)
    if not writer.done:
        return None
    body.nodes = nodes
    return body.write()


class _Writer:
    """Writes the nodes of quantised products.

    Args:
        body: Gets their constants.
    """

    def __init__(self, body: Body) -> None:
        self._body, self._names = body, Names(body, "int8_")
        self._flat = body.flat()
        self._read: dict[str, tuple[str, str]] = {}
        self.done = 0

    def product(self, node: NodeProto, matrix: Array) -> list[NodeProto]:
        """Return x W + b as (x / s) in eight bits, times W in eight bits, times both scales."""
        small, scale = _columns(matrix)  # (K, N), (1, N)
        nodes, (x, largest) = self._rows(str(node.input[0]), len(matrix))
        steps = [
            Step("MatMulInteger", [x, self._constant(small), self._constant(np.uint8(_ZERO))]),
            Step("Cast", [], {"to": TensorProto.FLOAT}),
            Step("Mul", [largest]),
            Step("Mul", [self._constant(scale)]),
        ]
        bias = bias_of(node)
        steps += [Step("Add", [bias])] if bias else []
        if node.input[0] not in self._flat:  # (M, N) → (…, N)
            more, shape = chained(self._names, [
                Step("Shape", [str(node.input[0])], {"end": -1}),
                Step("Concat", [self._constant(np.array([matrix.shape[1]]))], {"axis": 0}),
            ])  # fmt: skip
            nodes, steps = nodes + more, [*steps, Step("Reshape", [shape])]
        self.done += 1
        return nodes + chained(self._names, steps, node.output[0])[0]

    def lookup(self, node: NodeProto, table: Array) -> list[NodeProto]:
        """Return rows of a table that is kept in eight bits with a scale for each row."""
        small, scale = _columns(table.T)
        rows, index = self._constant(small.T), str(node.input[1])
        nodes, scales = chained(
            self._names, [Step("Gather", [self._constant(scale.T), index], {"axis": 0})]
        )
        steps = [
            Step("Gather", [rows, index], {"axis": 0}),
            Step("Cast", [], {"to": TensorProto.FLOAT}),
            Step("Mul", [scales]),
        ]
        self.done += 1
        return nodes + chained(self._names, steps, node.output[0])[0]

    def _rows(self, name: str, width: int) -> tuple[list[NodeProto], tuple[str, str]]:
        """Return the nodes that scale the rows of a tensor, if it is the first time that they are
        needed; and the names of the rows in eight bits, (M, K), and their scales, (M, 1)."""
        if name in self._read:
            return [], self._read[name]
        nodes: list[NodeProto] = []
        flat = name
        if name not in self._flat:
            shape = self._constant(np.array([-1, width]))
            nodes, flat = chained(self._names, [Step("Reshape", [name, shape])])
        last = self._constant(np.array([-1]))
        # From version 18 on, the axes of a reduction are an input.
        axes, told = ([last], {}) if self._body.opset >= 18 else ([], {"axes": [-1]})
        sized, scale = chained(self._names, [
            Step("Abs", [flat]),
            Step("ReduceMax", axes, {"keepdims": 1, **told}),
            Step("Max", [self._constant(np.float32(_LEAST))]),
            Step("Mul", [self._constant(np.float32(1 / _READ))]),
        ])  # fmt: skip
        listed, scales = chained(self._names, [Step("Squeeze", [scale, last])])
        zero = helper.make_tensor("zero", TensorProto.UINT8, [1], [_ZERO])
        middles, middle = chained(
            self._names, [Step("Shape", [scales]), Step("ConstantOfShape", [], {"value": zero})]
        )
        rounded, small = chained(
            self._names, [Step("QuantizeLinear", [flat, scales, middle], {"axis": 0})]
        )
        self._read[name] = small, scale
        return nodes + sized + listed + middles + rounded, self._read[name]

    def _constant(self, array: Any) -> str:
        name = self._names()
        self._body.constants[name] = np.asarray(array)
        return name


def _columns(matrix: Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return a matrix in seven bits, (K, N), and the scale of each column, (1, N)."""
    scale = np.maximum(np.abs(matrix).max(axis=0, keepdims=True), _LEAST) / _MOST
    return np.round(matrix / scale).astype(np.int8), scale.astype(np.float32)
