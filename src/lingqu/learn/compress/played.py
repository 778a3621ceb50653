"""A graph as a torch module: its nodes are played one by one, and its weights can learn.

So what was cut down is trained further as it is: there is no net to rebuild, and no exporter to
trust. What comes back is the same graph with other numbers in it.

Source: Own; what each operator does is said by "ONNX operators", version 18.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from onnx import NodeProto, TensorProto, numpy_helper
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.learn.compress.body import PRODUCTS, Array, Body, attributes

_LEARNING = frozenset({"Add", "Gather", "LayerNormalization"})
"""Operators beside products whose constants learn."""
Given = Sequence[Any]
Told = Mapping[str, Any]


class Played(nn.Module):
    """The nodes of a graph as a module; (N, …) → what it answers, before a softmax at its end.

    Args:
        graph: ONNX bytes.
        masks: Which numbers of a weight may be other than 0, by the name of the weight.

    Raises:
        TrainError: A node is of an operator that is not known here.

    Example:
        >>> from lingqu.learn.tabular.graph import graph
        >>> step = ("MatMul", ["x", "weight"], ["values"], {})
        >>> net = Played(graph([step], {"weight": np.ones((3, 1))}, 3, "values"))
        >>> net(torch.ones(2, 3)).tolist(), [p.shape for p in net.parameters()]
        ([[3.0], [3.0]], [torch.Size([3, 1])])
    """

    def __init__(self, graph: bytes, masks: Mapping[str, Array] | None = None) -> None:
        super().__init__()
        self._body = body = Body(graph)
        unknown = sorted({node.op_type for node in body.nodes} - set(_OPERATORS))
        if unknown:
            raise TrainError("compress.unknown_operator", names=", ".join(unknown))
        nodes, self._end = body.nodes, body.output
        if nodes[-1].op_type == "Softmax" and nodes[-1].output[0] == body.output:
            nodes, self._end = nodes[:-1], nodes[-1].input[0]
        self._steps = [(node, _OPERATORS[node.op_type], attributes(node)) for node in nodes]
        learns = {name for node in nodes for name in _learning(node)} & set(body.constants)
        self._names = {name: f"c{place}" for place, name in enumerate(body.constants)}
        self._masked = frozenset(masks or ())
        for name, array in body.constants.items():
            tensor = torch.from_numpy(np.array(array))
            if name in learns and tensor.dtype == torch.float32:
                self.register_parameter(self._names[name], nn.Parameter(tensor))
            else:
                self.register_buffer(self._names[name], tensor)
        for name, mask in (masks or {}).items():
            self.register_buffer(f"{self._names[name]}_mask", torch.from_numpy(np.array(mask)))

    def forward(self, x: Tensor) -> Tensor:
        known: dict[str, Tensor] = {self._body.tensor: x}
        for node, play, told in self._steps:
            given = [known[n] if n in known else self._constant(n) if n else None
                     for n in node.input]  # fmt: skip
            made = play(given, told)
            parts = made if isinstance(made, tuple) else (made,)
            known.update(zip(node.output, parts, strict=False))
        return known[self._end]

    def write(self) -> bytes:
        """Return the graph with the numbers as they are now."""
        for name in self._names:
            array = self._constant(name).detach().numpy()
            self._body.constants[name] = array.copy()
        return self._body.write()

    def _constant(self, name: str) -> Tensor:
        own = self._names[name]
        tensor: Tensor = getattr(self, own)
        return tensor * getattr(self, f"{own}_mask") if name in self._masked else tensor


def _learning(node: NodeProto) -> list[str]:
    """Return the constants of a node that learn: weights, biases, and what is added."""
    if node.op_type in PRODUCTS:
        return list(node.input[1:])
    return list(node.input) if node.op_type in _LEARNING else []


def _gemm(given: Given, told: Told) -> Tensor:
    a = given[0].transpose(0, 1) if told.get("transA") else given[0]
    b = given[1].transpose(0, 1) if told.get("transB") else given[1]
    out: Tensor = told.get("alpha", 1.0) * (a @ b)
    return out if len(given) < 3 else out + told.get("beta", 1.0) * given[2]


def _padded(x: Tensor, told: Told, value: float = 0.0) -> Tensor:
    pads = told.get("pads", [0, 0, 0, 0])  # top, left, bottom, right
    if not any(pads):
        return x
    half = len(pads) // 2
    sides = [side for i in reversed(range(half)) for side in (pads[i], pads[half + i])]
    return F.pad(x, sides, value=value)


def _conv(given: Given, told: Told) -> Tensor:
    bias = given[2] if len(given) > 2 else None
    steps = told.get("strides", [1, 1]), 0, told.get("dilations", [1, 1]), told.get("group", 1)
    return F.conv2d(_padded(given[0], told), given[1], bias, *steps)


def _largest(given: Given, told: Told) -> Tensor:
    shape = told["kernel_shape"]
    return F.max_pool2d(
        _padded(given[0], told, -torch.inf), shape, told.get("strides", [1] * len(shape))
    )


def _mean(given: Given, told: Told) -> Tensor:
    shape = told["kernel_shape"]
    return F.avg_pool2d(_padded(given[0], told), shape, told.get("strides", [1] * len(shape)))


def _clip(given: Given, told: Told) -> Tensor:
    low, high = [*given[1:], None, None][:2]
    out: Tensor = given[0].clamp(min=low, max=high)
    return out


def _shape(given: Given, told: Told) -> Tensor:
    wanted = [
        given[0].shape[place] if size == 0 else size for place, size in enumerate(given[1].tolist())
    ]
    out: Tensor = given[0].reshape(wanted)
    return out


def _rows(given: Given, told: Told) -> Tensor:
    axis, index = told.get("axis", 0), given[1].long()
    if axis == 0 and given[0].dim() == 2 and given[0].is_floating_point():
        return F.embedding(index, given[0])
    out: Tensor = given[0].index_select(axis, index.reshape(-1))
    return out.reshape([*given[0].shape[:axis], *index.shape, *given[0].shape[axis + 1 :]])


def _normal(given: Given, told: Told) -> Tensor:
    bias = given[2] if len(given) > 2 else None
    return F.layer_norm(given[0], given[1].shape, given[1], bias, told.get("epsilon", 1e-5))


def _standard(given: Given, told: Told) -> Tensor:
    x, scale, bias, mean, variance = given
    return F.batch_norm(x, mean, variance, scale, bias, eps=told.get("epsilon", 1e-5))


def _slice(given: Given, told: Told) -> Tensor:
    x, starts, ends, *more = (one.tolist() if place else one for place, one in enumerate(given))
    axes, steps = [*more, None, None][:2]
    index = [slice(None)] * x.dim()
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        index[axes[place] if axes else place] = slice(start, end, steps[place] if steps else 1)
    out: Tensor = x[tuple(index)]
    return out


def _averaged(given: Given, told: Told) -> Tensor:
    axes = told.get("axes") or given[1].tolist()
    return torch.mean(given[0], axes, keepdim=bool(told.get("keepdims", 1)))


def _summed(given: Given, told: Told) -> Tensor:
    axes = told.get("axes") or given[1].tolist()
    return torch.sum(given[0], axes, keepdim=bool(told.get("keepdims", 1)))


def _split(given: Given, told: Told) -> tuple[Tensor, ...]:
    parts: tuple[Tensor, ...] = given[0].split(given[1].tolist(), told.get("axis", 0))
    return parts


def _widened(given: Given, told: Told) -> Tensor:
    out: Tensor = given[0]
    for axis in sorted(given[1].tolist()):
        out = out.unsqueeze(axis)
    return out


def _sizes(given: Given, told: Told) -> Tensor:
    return torch.tensor(given[0].shape[told.get("start", 0) : told.get("end")])


def _filled(given: Given, told: Told) -> Tensor:
    value = torch.from_numpy(numpy_helper.to_array(told["value"]).copy())
    return value.expand(*given[0].tolist())


def _spread(given: Given, told: Told) -> Tensor:
    out: Tensor = given[0] * torch.ones(given[1].tolist(), dtype=given[0].dtype)
    return out


def _plain(function: Callable[..., Tensor]) -> Callable[[Given, Told], Tensor]:
    return lambda given, told: function(*given)


_KINDS = {
    TensorProto.FLOAT: torch.float32, TensorProto.DOUBLE: torch.float64,
    TensorProto.INT64: torch.int64, TensorProto.INT32: torch.int32, TensorProto.BOOL: torch.bool,
}  # fmt: skip
_OPERATORS: dict[str, Callable[[Given, Told], Tensor | tuple[Tensor, ...]]] = {
    "Gemm": _gemm, "Conv": _conv, "MaxPool": _largest, "AveragePool": _mean, "Clip": _clip,
    "Reshape": _shape, "Gather": _rows, "LayerNormalization": _normal,
    "MatMul": _plain(torch.matmul), "Add": _plain(torch.add), "Sub": _plain(torch.sub),
    "Mul": _plain(torch.mul), "Div": _plain(torch.div), "Relu": _plain(torch.relu),
    "Tanh": _plain(torch.tanh), "Sigmoid": _plain(torch.sigmoid), "Erf": _plain(torch.erf),
    "Exp": _plain(torch.exp), "Log": _plain(torch.log), "Abs": _plain(torch.abs),
    "Sign": _plain(torch.sign), "Sqrt": _plain(torch.sqrt),
    "Identity": lambda given, told: given[0],
    "Flatten": lambda given, told: given[0].flatten(told.get("axis", 1)),
    "Softmax": lambda given, told: given[0].softmax(told.get("axis", -1)),
    "Transpose": lambda given, told: given[0].permute(told["perm"]),
    "BatchNormalization": _standard, "Slice": _slice, "ReduceMean": _averaged,
    "ReduceSum": _summed, "Split": _split, "Unsqueeze": _widened, "Shape": _sizes,
    "ConstantOfShape": _filled, "Expand": _spread, "Where": _plain(torch.where),
    "Equal": _plain(torch.eq), "Greater": _plain(torch.gt), "Not": _plain(torch.logical_not),
    "IsNaN": _plain(torch.isnan),
    "Cast": lambda given, told: given[0].to(_KINDS[told["to"]]),
    "Concat": lambda given, told: torch.cat(list(given), told["axis"]),
    "Squeeze": lambda given, told: given[0].squeeze(tuple(given[1].tolist())),
    "GlobalAveragePool": lambda given, told: given[0].mean((2, 3), keepdim=True),
}  # fmt: skip
"""Operator → what it does to (inputs, attributes)."""
