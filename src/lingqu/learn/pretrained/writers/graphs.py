"""A step with its weights in as few bits as wanted → one graph.

The exporter writes the graph without weights, so that a large model is not copied three times;
then each weight goes in as it is wanted: as it is, or a matrix in blocks of 32 numbers that share a
scale (`MatMulNBits` of ONNX Runtime), and a table of tokens in eight bits with a scale a token.
What it is multiplied by is rounded too, each row in its own blocks: an answer depends on no
neighbour, as it would where one scale is taken of a whole batch.

Source: Dettmers et al., "LLM.int8()", 2022, arXiv:2208.07339; Frantar et al., "GPTQ", 2022,
arXiv:2210.17323, section 2 (rounding to the nearest is the baseline that is used here).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper
from torch import Tensor, nn

from lingqu.core.errors import TrainError, gist
from lingqu.learn.deep.export import TOLERANCE
from lingqu.learn.deep.graph import OPSET, all_answers

Array = NDArray[np.float32]
BLOCK = 32
"""Numbers of a matrix that share a scale."""
_LEAST = 1024
"""Numbers of a weight below which rounding saves nothing."""
_CONTRIBUTED = "com.microsoft"


@dataclass(frozen=True)
class Part:
    """A net that is written as a graph.

    Args:
        net: Takes the inputs in their order; in its evaluation form.
        given: A sample of each input, by name, in order.
        told: Names of the outputs, in order.
        free: Sides of inputs and outputs that may have any length, by name.
    """

    net: nn.Module
    given: Mapping[str, Tensor]
    told: Sequence[str]
    free: Mapping[str, Mapping[int, str]]

    def written(self, bits: int) -> onnx.ModelProto:
        """Return the graph with weights of so many bits.

        Raises:
            TrainError: The exporter cannot write it.
        """
        model = onnx.load_model_from_string(_skeleton(self))
        _fill(model.graph, dict(self.net.state_dict()), self.given, bits)
        if bits < 32:
            model.opset_import.append(helper.make_opsetid(_CONTRIBUTED, 1))
        model.producer_name = model.producer_version = ""
        return model


def before(whole: onnx.ModelProto, first: onnx.ModelProto, asked: str) -> None:
    """Let a graph begin with another one where something is asked; else what it tells is fed.

    The outputs of the first are inputs of the whole; their names without ``_on`` are what is fed.

    Args:
        whole: Changed in place.
        first: Its weights are taken over.
        asked: Input of the first whose second side is 0 where nothing is asked.
    """
    main, part = whole.graph, first.graph
    told = [each.name for each in part.output]
    fed = [name.removesuffix("_on") for name in told]
    _rename(part, "first/")
    kept = {each.name for each in main.initializer}
    main.initializer.extend(each for each in part.initializer if each.name not in kept)
    shapes = {each.name: each for each in main.input if each.name in told}
    known = {each.name for each in main.input}
    others = [each for each in main.input if each.name not in told]
    others += [each for each in part.input if each.name not in known]
    for name, on in zip(fed, told, strict=True):
        free = ValueInfoProto()
        free.CopyFrom(shapes[on])
        free.name = name
        others.append(free)
    del main.input[:]
    main.input.extend(others)
    branch = GraphProto(name="first", node=part.node, output=part.output)
    passing = [helper.make_node("Identity", [name], [f"fed/{name}"]) for name in fed]
    outs = [helper.make_tensor_value_info(f"fed/{name}", TensorProto.FLOAT, None) for name in fed]
    other = helper.make_graph(passing, "fed", [], outs)
    size, none = "first/length", "first/none"
    main.initializer.append(numpy_helper.from_array(np.zeros(1, np.int64), none))
    nodes = [
        helper.make_node("Shape", [asked], [size], start=1, end=2),
        helper.make_node("Greater", [size, none], ["first/asks"]),
        helper.make_node("If", ["first/asks"], told, then_branch=branch, else_branch=other),
        *main.node,
    ]
    del main.node[:]
    main.node.extend(nodes)
    main.output.extend(shapes[name] for name in told)


def _rename(graph: GraphProto, prefix: str) -> None:
    """Give what the nodes of a graph make names of its own."""
    made = {name for node in graph.node for name in node.output}
    for node in graph.node:
        node.name = f"{prefix}{node.name}" if node.name else ""
        node.input[:] = [f"{prefix}{name}" if name in made else name for name in node.input]
        node.output[:] = [f"{prefix}{name}" for name in node.output]
    for each in graph.output:
        each.name = f"{prefix}{each.name}"


def stored(model: onnx.ModelProto) -> bytes:
    """Return a graph as bytes."""
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def size_mb(weights: int, bits: int) -> float:
    """Return about how large a graph of so many weights is, with a scale for each block.

    Example:
        >>> round(size_mb(135_000_000, 32)), round(size_mb(135_000_000, 4))
        (540, 84)
    """
    return weights * (bits + (32 / BLOCK if bits < 32 else 0)) / 8e6


def _skeleton(part: Part) -> bytes:
    """Return the graph, to which every weight is an input."""
    buffer, free = BytesIO(), {name: dict(sides) for name, sides in part.free.items()}
    names = {*part.given, *part.told}
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                part.net, tuple(part.given.values()), buffer,  # type: ignore[arg-type]
                dynamo=False, export_params=False, do_constant_folding=False, opset_version=OPSET,
                input_names=list(part.given), output_names=list(part.told),
                dynamic_axes={name: sides for name, sides in free.items() if name in names},
            )  # fmt: skip
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
        name = type(part.net).__name__
        raise TrainError("deep.no_graph", name=name, why=gist(error)) from error
    return buffer.getvalue()


def _fill(
    graph: GraphProto, weights: Mapping[str, Tensor], given: Mapping[str, Tensor], bits: int
) -> None:
    """Put the weights into a graph, under names that tell which they are."""
    names = {each.name for each in graph.input if each.name not in given}
    inputs = [each for each in graph.input if each.name in given]
    turned = {
        node.output[0]: node.input[0] for node in graph.node
        if node.op_type == "Transpose" and node.input[0] in names
    }  # fmt: skip
    found: dict[str, TensorProto] = {}
    nodes: list[NodeProto] = []
    for node in graph.node:
        if node.output[0] in turned:
            continue
        if bits < 32 and (parts := _rounded(node, weights, turned, bits, found)):
            nodes += parts
            continue
        for place, name in enumerate(node.input):
            if name in turned:
                node.input[place] = f"{turned[name]}.turned"
                found.setdefault(node.input[place], _tensor(
                    node.input[place], weights[turned[name]].T))  # fmt: skip
            elif name in names:
                found.setdefault(name, _tensor(name, weights[name]))
        nodes.append(node)
    del graph.input[:], graph.node[:]
    graph.input.extend(inputs)
    graph.node.extend(nodes)
    graph.initializer.extend(found.values())


def _tensor(name: str, weight: Tensor) -> TensorProto:
    return numpy_helper.from_array(weight.detach().cpu().contiguous().numpy(), name)


def _rounded(
    node: NodeProto, weights: Mapping[str, Tensor], turned: Mapping[str, str], bits: int,
    found: dict[str, TensorProto],
) -> list[NodeProto]:  # fmt: skip
    """Return what stands for a product with a matrix, or a look into a table, of few bits."""
    if node.op_type == "MatMul" and node.input[1] in turned:
        name = turned[node.input[1]]
        if weights[name].numel() >= _LEAST:
            return [_narrow(node, name, weights[name].detach().cpu().numpy(), bits, found)]
    if node.op_type == "Gather" and _is_table(node.input[0], weights):
        return _looked_up(node, weights[node.input[0]].detach().cpu().numpy(), found)
    return []


def _is_table(name: str, weights: Mapping[str, Tensor]) -> bool:
    found = weights.get(name)
    return found is not None and found.dim() == 2 and found.numel() >= _LEAST


def _narrow(
    node: NodeProto, name: str, weight: Array, bits: int, found: dict[str, TensorProto]
) -> NodeProto:
    """Return a product with a matrix of few bits."""
    packed, scales = rounded(weight, bits)
    code, scale = f"{name}.{bits}", f"{name}.scales"
    found.setdefault(code, numpy_helper.from_array(packed, code))
    found.setdefault(scale, numpy_helper.from_array(scales, scale))
    wide, deep = weight.shape
    return helper.make_node(
        "MatMulNBits", [node.input[0], code, scale], list(node.output), domain=_CONTRIBUTED,
        K=deep, N=wide, bits=bits, block_size=BLOCK, accuracy_level=4,
    )  # fmt: skip


def rounded(weight: Array, bits: int) -> tuple[NDArray[np.uint8], Array]:
    """Return a matrix in blocks of whole numbers, and the scale of each block.

    Args:
        weight: (N, K).
        bits: 4 or 8.

    Returns:
        Packed as `MatMulNBits` reads them, (N, K / 32, 4 · bits), and (N · K / 32,).

    Example:
        >>> packed, scales = rounded(np.linspace(-1, 1, 64, dtype=np.float32).reshape(2, 32), 8)
        >>> packed.shape, scales.shape
        ((2, 1, 32), (2,))
    """
    half = 1 << (bits - 1)
    wide, deep = weight.shape
    padded = np.pad(weight, ((0, 0), (0, -deep % BLOCK))).reshape(wide, -1, BLOCK)
    place = np.abs(padded).argmax(axis=2)[..., None]
    scale = np.take_along_axis(padded, place, axis=2) / -half  # the largest lies on a whole number
    whole = np.round(padded / np.where(scale == 0, 1, scale)) + half
    code: NDArray[np.uint8] = np.clip(whole, 0, 2 * half - 1).astype(np.uint8)
    if bits == 4:
        code = (code[..., 0::2] + 16 * code[..., 1::2]).astype(np.uint8)
    return code, scale.astype(np.float32).reshape(-1)


def _looked_up(node: NodeProto, table: Array, found: dict[str, TensorProto]) -> list[NodeProto]:
    """Return how a token is looked up in a table of eight bits."""
    name, out = node.input[0], node.output[0]
    scale = np.abs(table).max(axis=1, keepdims=True) / 127
    code = np.round(table / np.where(scale == 0, 1, scale)).astype(np.int8)
    parts = {f"{name}.table": code, f"{name}.steps": scale.astype(np.float32)}
    for key, array in parts.items():
        found.setdefault(key, numpy_helper.from_array(array, key))
    whole, step, wide = f"{out}.code", f"{out}.scale", f"{out}.wide"
    return [
        helper.make_node("Gather", [f"{name}.table", node.input[1]], [whole], axis=0),
        helper.make_node("Gather", [f"{name}.steps", node.input[1]], [step], axis=0),
        helper.make_node("Cast", [whole], [wide], to=TensorProto.FLOAT),
        helper.make_node("Mul", [wide, step], [out]),
    ]


def compare(net: nn.Module, given: Mapping[str, Tensor], data: bytes, threads: int) -> None:
    """Refuse a graph that answers otherwise than its net.

    Args:
        net: Takes the inputs in their order.
        given: A sample of each, by name.
        data: The graph; its outputs are in the order of the net's.
        threads: Threads of the graph.

    Raises:
        TrainError: It does.
    """
    with torch.inference_mode():
        wanted = net(*given.values())
    feeds = {name: tensor.numpy() for name, tensor in given.items()}
    for one, other in zip(wanted, all_answers(data, feeds, threads), strict=True):
        exact = one.double().numpy()
        limit = TOLERANCE * max(1.0, float(np.abs(exact).max(initial=0.0)))
        worst = float(np.abs(exact - other).max(initial=0.0))
        if not worst <= limit:  # NaN must fail as well
            raise TrainError("deep.graph_differs", name=type(net).__name__, worst=worst,
                             limit=limit)  # fmt: skip
