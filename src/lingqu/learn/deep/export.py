"""A trained module as an ONNX graph: of any net, where `graph` knows only plain layers.

The older exporter goes first: it takes milliseconds where the newer one takes seconds and needs a
compiler package, and quantisation reads its graphs. Where it cannot, the newer one is asked.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from lingqu.core.errors import TrainError, gist
from lingqu.learn.deep.graph import OPSET, all_answers
from lingqu.learn.tabular.target import Bend

_RAW = "raw"
TOLERANCE = 1e-4
"""How far a graph may lie from the net that it was written from."""
_log = logging.getLogger(__name__)


def write(net: nn.Module, sample: Tensor, tensor: str, output: str, bend: Bend | None) -> bytes:
    """Return the graph of a net in its evaluation form.

    Args:
        net: (N, …) → (N, K) logits, or (N, 1) values.
        sample: Rows that it is shown, two or more, (N, …); their number is free in the graph, and
            so is the width of a matrix.
        tensor: Name of the input.
        output: ``"probabilities"`` adds a softmax; ``"values"`` are bent back.
        bend: How answers become values; None for classes.

    Raises:
        TrainError: No exporter can write it.

    Example:
        >>> net = nn.Sequential(nn.Linear(4, 3), nn.Softplus())
        >>> from lingqu.learn.deep.graph import answers
        >>> data = write(net, torch.zeros(2, 4), "x", "probabilities", None)
        >>> answers(data, {"x": np.zeros((5, 4), np.float32)}).shape
        (5, 3)
    """
    model = onnx.load_model_from_string(exported(net.eval(), sample, tensor))
    body = model.graph
    if output == "probabilities":
        body.node.append(helper.make_node("Softmax", [_RAW], [output], axis=1))
    else:
        assert bend is not None
        steps, constants = bend.steps(_RAW)
        for name, array in constants.items():
            narrow = np.ascontiguousarray(array, dtype=np.float32)
            body.initializer.append(numpy_helper.from_array(narrow, name))
        for operator, given, made, attributes in steps:
            body.node.append(helper.make_node(operator, list(given), list(made), **attributes))
    del body.output[:], body.value_info[:]
    body.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", None]))
    model.producer_name = model.producer_version = ""
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def exported(net: nn.Module, sample: Tensor, tensor: str) -> bytes:
    """Return the graph of a net as the exporters write it, from `tensor` to one raw output.

    Raises:
        TrainError: No exporter can write it.
    """
    free = {0: "N", 1: "W"} if sample.dim() == 2 else {0: "N"}
    common: dict[str, Any] = {
        "input_names": [tensor], "output_names": [_RAW], "opset_version": OPSET,
        "dynamic_axes": {tensor: free, _RAW: {0: "N"}},
    }  # fmt: skip
    try:
        return _by(net, sample, dynamo=False, **common)
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
        _log.info("the older exporter cannot write %s: %s", type(net).__name__, error)
    try:
        return _by(net, sample, dynamo=True, **common)
    except Exception as error:  # it raises classes of many packages
        name = type(net).__name__
        raise TrainError("deep.no_graph", name=name, why=gist(error)) from error


def together(
    net: nn.Module,
    given: Mapping[str, Tensor],
    told: Sequence[str],
    free: Mapping[str, Mapping[int, str]],
    threads: int = 1,
) -> bytes:
    """Return the graph of a net of several inputs or outputs, compared with it on a sample.

    Args:
        net: Takes the inputs in their order; put into its evaluation form.
        given: A sample of each input, by name, in order.
        told: Names of the outputs, in order.
        free: Of inputs and outputs the sides that may have any length, by name.
        threads: Threads of the comparison.

    Raises:
        TrainError: No exporter can write it, or the graph answers otherwise than the net.

    Example:
        >>> sides = {"a": torch.ones(4, 2), "b": torch.ones(4, 2)}
        >>> free = {name: {0: "N"} for name in "aby"}
        >>> data = together(nn.CosineSimilarity(), sides, ["y"], free)
        >>> onnx.load_from_string(data).graph.output[0].name
        'y'
    """
    sample, name = tuple(given.values()), type(net).__name__
    net.eval()
    try:
        data = _by(
            net, *sample, dynamo=False, input_names=list(given), output_names=list(told),
            opset_version=OPSET, dynamic_axes={key: dict(sides) for key, sides in free.items()},
        )  # fmt: skip
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
        raise TrainError("deep.no_graph", name=name, why=gist(error)) from error
    with torch.inference_mode():
        wanted = net(*sample)
    feeds = {key: tensor.numpy() for key, tensor in given.items()}
    found = all_answers(data, feeds, threads)
    for one, other in zip(wanted if isinstance(wanted, tuple) else (wanted,), found, strict=True):
        worst = float(np.abs(one.double().numpy() - other).max(initial=0.0))
        if not worst <= TOLERANCE:  # NaN must fail as well
            raise TrainError("deep.graph_differs", name=name, worst=worst, limit=TOLERANCE)
    model = onnx.load_model_from_string(data)
    model.producer_name = model.producer_version = ""
    named: bytes = model.SerializeToString(deterministic=True)
    return named


def _by(net: nn.Module, *sample: Tensor, **options: Any) -> bytes:
    """Export with one of the exporters; what they warn of is their own future."""
    buffer = BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(net, sample, buffer, **options)  # type: ignore[arg-type]
    return buffer.getvalue()
