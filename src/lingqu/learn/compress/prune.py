"""Weights that matter least, taken out: whole channels, or single numbers.

Without channels a net is really smaller and faster on any machine. Single zeros save nothing by
themselves; where so few numbers are left that their places and values take less, they are stored
so.

Source: Li et al., "Pruning filters for efficient ConvNets", 2017, arXiv:1608.08710 (channels);
Han et al., 2015, arXiv:1506.02626 (numbers by their size, then training again).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from lingqu.learn.compress.body import PRODUCTS, Array, Body, attributes, bias_of

_EACH = frozenset({"Relu", "Tanh", "Sigmoid", "Erf", "Gelu", "LeakyRelu", "Identity", "MaxPool",
                   "AveragePool", "GlobalAveragePool", "Clip", "Abs"})  # fmt: skip
"""Operators that leave channels as they are."""
_JOINS = frozenset({"Add", "Mul", "Sub", "Div", "BatchNormalization"})
_FEWEST = 4
"""Channels that every layer keeps."""
_SMALL = 256
"""Numbers of a matrix below which none is taken out."""


@dataclass
class Layer:
    """Channels that one product makes and others read.

    Args:
        maker: The product.
        width: How many channels.
        readers: Products that read them.
        added: Constants with one number per channel that are added or multiplied on the way.
    """

    maker: NodeProto
    width: int
    readers: list[NodeProto] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


def channels(graph: bytes, keep: float) -> bytes | None:
    """Return the graph with a share of the hidden channels of each layer, or None if it has none.

    A channel counts by the size of the weights that make it times that of those that read it.

    Args:
        graph: ONNX bytes.
        keep: Share that stays, above 0 and below 1.

    Example:
        >>> from lingqu.learn.tabular.graph import graph
        >>> steps = [("MatMul", ["x", "a"], ["h"], {}), ("Relu", ["h"], ["r"], {}),
        ...          ("MatMul", ["r", "b"], ["values"], {})]
        >>> plain = graph(steps, {"a": np.ones((2, 16)), "b": np.ones((16, 1))}, 2, "values")
        >>> {name: array.shape for name, array in Body(channels(plain, 0.5)).constants.items()}
        {'a': (2, 8), 'b': (8, 1)}

    Source: Li et al., 2017, arXiv:1608.08710.
    """
    body = Body(graph)
    layers = [layer for node in body.nodes if (layer := _layer(body, node)) is not None]
    for layer in layers:
        kept = max(_FEWEST, round(keep * layer.width))
        if kept < layer.width:
            order = np.argsort(-_importance(body, layer), kind="stable")
            _take(body, layer, np.sort(order[:kept]))
    return body.write() if layers else None


def zeros(graph: bytes, keep: float) -> dict[str, NDArray[np.bool_]]:
    """Return which numbers of each weight stay: the largest ones, by the name of the weight.

    Source: Han et al., 2015, arXiv:1506.02626.
    """
    body, found = Body(graph), dict[str, NDArray[np.bool_]]()
    for node in body.nodes:
        weight = body.constants.get(node.input[1]) if node.op_type in PRODUCTS else None
        if weight is None or weight.dtype != np.float32 or weight.size < _SMALL:
            continue
        size = np.abs(weight)
        found[node.input[1]] = size >= np.quantile(size, 1 - keep)
    return found


def stored_sparsely(graph: bytes) -> bytes:
    """Return the graph with weights as places and values wherever that takes fewer bytes."""
    proto = onnx.load_model_from_string(graph)
    plain = list(proto.graph.initializer)
    del proto.graph.initializer[:]
    for tensor in plain:
        array = numpy_helper.to_array(tensor)
        places = np.flatnonzero(array)
        if tensor.data_type != TensorProto.FLOAT or 12 * len(places) >= 4 * array.size:
            proto.graph.initializer.append(tensor)
            continue
        values = numpy_helper.from_array(array.reshape(-1)[places], tensor.name)
        where = numpy_helper.from_array(places.astype(np.int64), f"{tensor.name}_places")
        proto.graph.sparse_initializer.append(
            helper.make_sparse_tensor(values, where, list(array.shape))
        )
    data: bytes = proto.SerializeToString(deterministic=True)
    return data if len(data) < len(graph) else graph


def _layer(body: Body, maker: NodeProto) -> Layer | None:
    """Follow the channels of a product to those that read them; None if they go elsewhere too."""
    weight = _weight(body, maker)
    if weight is None:
        return None
    layer = Layer(maker, weight.shape[0])
    carries = {maker.output[0]}
    for node in body.nodes[body.nodes.index(maker) + 1 :]:
        touched = [name for name in node.input if name in carries]
        if not touched:
            continue
        if node.op_type in PRODUCTS:
            if len(touched) > 1 or node.input[0] != touched[0] or not _reads(body, node, layer):
                return None
            layer.readers.append(node)
        elif _keeps(node) or (node.op_type in _JOINS and _joins(body, node, carries, layer)):
            carries.add(node.output[0])
        else:
            return None
    whole = body.output not in carries and layer.readers
    return layer if whole else None


def _keeps(node: NodeProto) -> bool:
    """Say whether a node leaves channels as they are, or puts the pixels of each side by side."""
    flat = node.op_type == "Flatten" and int(attributes(node).get("axis", 1)) == 1
    return flat or node.op_type in _EACH


def _joins(body: Body, node: NodeProto, carries: set[str], layer: Layer) -> bool:
    """Say whether a sum or product joins channels with themselves or constants; note those."""
    for name in node.input:
        if name in carries:
            continue
        array = body.constants.get(name)
        if array is None:
            return False
        if array.size == layer.width > 1 and body.alone(name):
            layer.added.append(name)
        elif array.size != 1:
            return False
    return True


def _weight(body: Body, node: NodeProto) -> Array | None:
    """Return the weight of a product with its outputs first, (N, K) or (N, K, h, w)."""
    bias = bias_of(node)
    names = [node.input[1], bias] if bias else [node.input[1]] if node.op_type in PRODUCTS else []
    if not names or not all(name in body.constants and body.alone(name) for name in names):
        return None
    if node.op_type == "Conv":
        return body.constants[names[0]] if attributes(node).get("group", 1) == 1 else None
    matrix = body.matrix(node)
    return None if matrix is None else matrix.T


def _reads(body: Body, node: NodeProto, layer: Layer) -> bool:
    """Say whether a product reads channels in a form that can be cut."""
    weight = _weight(body, node)
    return weight is not None and weight.shape[1] % layer.width == 0


def _importance(body: Body, layer: Layer) -> NDArray[np.float64]:
    made = _norms(_weight(body, layer.maker), layer.width, 0)
    read = sum(_norms(_weight(body, node), layer.width, 1) ** 2 for node in layer.readers)
    return made * np.sqrt(read)


def _norms(weight: Array | None, width: int, axis: int) -> NDArray[np.float64]:
    assert weight is not None  # looked at when the layer was found
    first = np.moveaxis(weight, axis, 0).astype(np.float64)
    norms: NDArray[np.float64] = np.sqrt((first.reshape(width, -1) ** 2).sum(axis=1))
    return norms


def _take(body: Body, layer: Layer, kept: NDArray[np.int64]) -> None:
    """Keep some channels of a layer, in what makes them and in what reads them."""
    _cut(body, layer.maker, kept, 0)
    for name in [bias_of(layer.maker), *layer.added]:
        if name:
            array = body.constants[name]
            axis = int(np.argmax(array.shape))
            body.constants[name] = np.take(array, kept, axis=axis)
    for node in layer.readers:
        weight = _weight(body, node)
        assert weight is not None  # looked at when the layer was found
        spread = weight.shape[1] // layer.width  # pixels of a channel, side by side
        places = (kept[:, None] * spread + np.arange(spread)).reshape(-1)
        _cut(body, node, places, 1)


def _cut(body: Body, node: NodeProto, kept: NDArray[np.int64], side: int) -> None:
    """Keep some outputs (side 0) or inputs (side 1) of a product."""
    stored_first = node.op_type == "Conv" or bool(attributes(node).get("transB"))
    axis = side if stored_first else 1 - side
    body.constants[node.input[1]] = np.take(body.constants[node.input[1]], kept, axis=axis)
