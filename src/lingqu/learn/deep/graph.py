"""A trained net as an ONNX graph, written layer by layer.

Our nets are sequences of ordinary layers, so a walk over them is all an exporter has to do. It
takes a few milliseconds, folds batch normalisation into the layer before it, and does not lean
on an exporter that is deprecated or imports a compiler.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from lingqu.learn.tabular.target import Bend

OPSET = 17
IR_VERSION = 8
ACTIVATIONS: dict[str, tuple[type[nn.Module], str]] = {
    "relu": (nn.ReLU, "Relu"),
    "tanh": (nn.Tanh, "Tanh"),
    "sigmoid": (nn.Sigmoid, "Sigmoid"),
    "gelu": (nn.GELU, "Gelu"),
}
"""Name → layer, ONNX operator; ``Gelu`` is spelled out, since it is no operator of `OPSET`."""


def write(
    net: nn.Sequential,
    tensor: str,
    shape: tuple[int, ...],
    output: str,
    bend: Bend | None = None,
) -> bytes:
    """Return the graph of a net in its evaluation form.

    Args:
        net: Layers in order, sequences may be nested; the last is an `nn.Linear`.
        tensor: Name of the input.
        shape: Shape of one row.
        output: ``"probabilities"`` adds a softmax; ``"values"`` may be bent back.
        bend: How the net's answers become values; None where they are.

    Raises:
        TypeError: A layer is of a type that this writer does not know.

    Example:
        >>> net = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
        >>> data = write(net, "image", (1, 2, 2), "probabilities")
        >>> answers(data, {"image": np.zeros((5, 1, 2, 2), np.float32)}).shape
        (5, 3)
    """
    writer = _Writer(tensor)
    layers = list(_layers(net))
    plain = (bend.scale, bend.mean) if bend is not None and not bend.unit else (1.0, 0.0)
    for place, layer in enumerate(layers):
        after = layers[place + 1] if place + 1 < len(layers) else None
        last = place == len(layers) - 1
        writer.add(layer, after, plain if last else (1.0, 0.0))
    if output == "probabilities":
        writer.node("Softmax", axis=1)
    if bend is not None and bend.unit:
        writer.bend(bend)
    writer.nodes[-1].output[0] = output
    body = helper.make_graph(
        writer.nodes,
        "net",
        [helper.make_tensor_value_info(tensor, TensorProto.FLOAT, ["N", *shape])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", None])],
        writer.constants,
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    data: bytes = model.SerializeToString()
    return data


def answers(
    data: bytes, tensors: dict[str, NDArray[np.float32]], threads: int = 1
) -> NDArray[np.float32]:
    """Run a graph with ONNX Runtime; return its first output."""
    found: NDArray[np.float32] = all_answers(data, tensors, threads)[0]
    return found


def all_answers(
    data: bytes, tensors: dict[str, NDArray[Any]], threads: int = 1
) -> list[NDArray[Any]]:
    """Run a graph with ONNX Runtime; return every output, in its order."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = max(1, threads)
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    found: list[NDArray[Any]] = session.run(None, tensors)
    return found


class _Writer:
    """Nodes and constants of a graph, each node reading the one before it."""

    def __init__(self, tensor: str) -> None:
        self.last = tensor
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def node(self, operator: str, *constants: NDArray[np.float32], **attributes: Any) -> None:
        number = len(self.nodes)
        names = [f"c{number}_{place}" for place in range(len(constants))]
        for name, array in zip(names, constants, strict=True):
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        made = helper.make_node(operator, [self.last, *names], [f"t{number}"], **attributes)
        self.nodes.append(made)
        self.last = f"t{number}"

    def _gelu(self) -> None:
        """Add x (1 + erf(x / √2)) / 2."""
        given = self.last
        self.node("Mul", np.array(0.5**0.5, np.float32))
        self.node("Erf")
        self.node("Add", np.array(1.0, np.float32))
        self.node("Mul", np.array(0.5, np.float32))
        self.nodes.append(helper.make_node("Mul", [given, self.last], [f"t{len(self.nodes)}"]))
        self.last = f"t{len(self.nodes) - 1}"

    def bend(self, bend: Bend) -> None:
        """Add the nodes that bring answers back to the scale of the target."""
        steps, constants = bend.steps(self.last)
        for name, array in constants.items():
            self.constants.append(numpy_helper.from_array(_narrow(array), name))
        for operator, given, made, attributes in steps:
            self.nodes.append(helper.make_node(operator, list(given), list(made), **attributes))

    def add(self, layer: nn.Module, after: nn.Module | None, standard: tuple[float, float]) -> None:
        """Add one layer; `after` is folded into it when it is a normalisation."""
        if isinstance(layer, nn.Linear):
            weight, bias = _folded(layer, after)
            scale, shift = standard
            self.node("Gemm", _narrow(weight * scale), _narrow(bias * scale + shift), transB=1)
        elif isinstance(layer, nn.Conv2d):
            weight, bias = _folded(layer, after)
            pads = [int(p) for p in layer.padding] * 2
            self.node("Conv", _narrow(weight), _narrow(bias), pads=pads, strides=list(layer.stride))
        elif isinstance(layer, nn.MaxPool2d | nn.AvgPool2d):
            size = _pair(layer.kernel_size)
            operator = "MaxPool" if isinstance(layer, nn.MaxPool2d) else "AveragePool"
            self.node(operator, kernel_shape=size, strides=_pair(layer.stride))
        elif isinstance(layer, nn.Flatten):
            self.node("Flatten", axis=1)
        elif isinstance(layer, nn.GELU):
            self._gelu()
        elif operator := next((o for t, o in ACTIVATIONS.values() if isinstance(layer, t)), ""):
            self.node(operator)
        elif not isinstance(layer, nn.Dropout | nn.BatchNorm1d | nn.BatchNorm2d):
            raise TypeError(f"no graph is known for the layer {type(layer).__name__}")


def _layers(net: nn.Module) -> Iterator[nn.Module]:
    if isinstance(net, nn.Sequential):
        for child in net:
            yield from _layers(child)
    else:
        yield net


def _folded(
    layer: nn.Linear | nn.Conv2d, after: nn.Module | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weight and bias with the normalisation that follows multiplied in."""
    weight, bias = _wide(layer.weight), np.zeros(len(layer.weight))
    if layer.bias is not None:
        bias = _wide(layer.bias)
    if isinstance(after, nn.BatchNorm1d | nn.BatchNorm2d):
        mean, variance = _given(after.running_mean), _given(after.running_var)
        factor = _given(after.weight) / np.sqrt(variance + after.eps)  # (K,)
        weight = weight * factor.reshape(-1, *[1] * (weight.ndim - 1))
        bias = (bias - mean) * factor + _given(after.bias)
    return weight, bias


def _given(tensor: Tensor | None) -> NDArray[np.float64]:
    if tensor is None:
        raise TypeError("a normalisation without statistics or scale has no graph")
    return _wide(tensor)


def _wide(tensor: Tensor) -> NDArray[np.float64]:
    wide: NDArray[np.float64] = tensor.detach().cpu().double().numpy()
    return wide


def _narrow(array: NDArray[np.float64]) -> NDArray[np.float32]:
    return array.astype(np.float32)


def _pair(size: Any) -> list[int]:
    return list(size) if isinstance(size, tuple) else [int(size), int(size)]


def activation(name: str) -> nn.Module:
    """Return a fresh layer by its name in `ACTIVATIONS`."""
    return ACTIVATIONS[name][0]()
