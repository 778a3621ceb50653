"""Any ONNX graph → the same graph with the one output that answers, free in its number of rows.

What cannot be carried over is said in one line: weights in another file, operators that nobody
else knows, an operator set that is newer than what runs here.

Source: ONNX IR specification, version 14; operators `ai.onnx.ml.ZipMap` and `TreeEnsemble…`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from lingqu.core.errors import GateError, SpecError, gist
from lingqu.learn.imported.original import Output, Sample
from lingqu.release.merge import OPSET
from lingqu.release.session import open_session

KNOWN = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
"""Families of operators that ONNX Runtime brings."""
NUMBERS = frozenset({TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16})
WHOLE = frozenset({TensorProto.INT64, TensorProto.INT32})
READABLE = NUMBERS | WHOLE | {TensorProto.STRING, TensorProto.BOOL}
_READS_GAPS = frozenset({"TreeEnsembleRegressor", "TreeEnsembleClassifier", "TreeEnsemble",
                         "Imputer", "IsNaN"})  # fmt: skip
_CLASSES = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")


@dataclass(frozen=True)
class Plain:
    """A graph with one output.

    Args:
        proto: The graph.
        inputs: Its inputs in order.
        output: Its output: scores or values, or the labels where it says nothing else.
        classes: Names of the classes that it holds; empty where it holds none.
    """

    proto: ModelProto
    inputs: tuple[ValueInfoProto, ...]
    output: ValueInfoProto
    classes: tuple[str, ...]

    @property
    def labels(self) -> bool:
        """Whether it answers with labels alone."""
        kind = self.output.type.tensor_type.elem_type
        return kind not in NUMBERS

    @property
    def gaps(self) -> bool:
        """Whether something in it knows how to read a missing number."""
        return any(node.op_type in _READS_GAPS for node in self.proto.graph.node)


def plain(graph: bytes, path: str, task: str, output: Output = "auto") -> Plain:
    """Return a graph with the one output that answers a task.

    Args:
        graph: ONNX bytes.
        path: The file that they come from, for errors.
        task: ``classify`` or ``regress``.
        output: What the answer means; labels are only looked for where nothing else is said.

    Raises:
        SpecError: These are no such bytes, or they cannot be carried over.

    Example:
        >>> from lingqu.learn.tabular.graph import graph
        >>> data = graph([("Softmax", ["x"], ["probabilities"], {})], {}, 3, "probabilities")
        >>> plain(data, "model.onnx", "classify").output.name
        'probabilities'
    """
    proto = _read(graph, path)
    constants = {tensor.name for tensor in proto.graph.initializer}
    inputs = tuple(value for value in proto.graph.input if value.name not in constants)
    for value in inputs:
        if value.type.tensor_type.elem_type not in READABLE:
            raise _refused("imported.other_input", path, name=value.name)
        _free(value)
    classes = _unzipped(proto) or _classes(proto)
    answer = _answer(proto, path, task, output)
    del proto.graph.output[:]
    proto.graph.output.append(answer)
    _prune(proto, answer.name)
    del proto.graph.value_info[:]
    return Plain(proto, inputs, answer, classes)


def asked(found: Plain, path: str, sample: Sample, apart: bool) -> NDArray[Any]:
    """Return what ONNX Runtime says of a sample with a graph as it was brought.

    Args:
        found: The graph.
        path: The file that it comes from, for errors.
        sample: The rows.
        apart: Whether each column is an input.

    Raises:
        SpecError: ONNX Runtime cannot run it.
    """
    feeds = {}
    for place, value in enumerate(found.inputs):
        array = sample.frame.to_series(place).to_numpy()[:, None] if apart else sample.x
        feeds[value.name] = _typed(array, value)
    try:
        session = open_session(found.proto.SerializeToString())
        return np.asarray(session.run([found.output.name], feeds)[0])
    except Exception as error:  # the classes of ONNX Runtime share no base but this
        raise SpecError("imported.cannot_run", path=path, problem=problem_in(error)) from error


def problem_in(error: Exception) -> str:
    """Return what ONNX Runtime says of a graph that it cannot run."""
    said = error.facts["problem"] if isinstance(error, GateError) else gist(error)
    return str(said)


def _typed(array: NDArray[Any], value: ValueInfoProto) -> NDArray[Any]:
    """Return numbers or text as an input of a graph wants them."""
    kind = value.type.tensor_type
    if kind.elem_type == TensorProto.STRING:
        array = array.astype(object)
    else:
        array = array.astype(helper.tensor_dtype_to_np_dtype(kind.elem_type))
    return array.reshape(-1) if kind.HasField("shape") and len(kind.shape.dim) == 1 else array


def row_shape(value: ValueInfoProto) -> tuple[int, ...]:
    """Return the shape of one row of an input, 0 where a side is free."""
    return tuple(side.dim_value for side in value.type.tensor_type.shape.dim[1:])


def _refused(key: str, path: str, **facts: Any) -> SpecError:
    return SpecError(key, path=path, **facts)


def _read(graph: bytes, path: str) -> ModelProto:
    try:
        proto = onnx.load_model_from_string(graph)
    except Exception as error:  # protobuf raises a class of its own per back end
        raise _refused("imported.not_a_model", path, what="ONNX", problem=gist(error)) from error
    if not proto.graph.node or not proto.graph.output:
        raise _refused("imported.not_a_model", path, what="ONNX", problem="no graph")
    aside = next((t.name for t in proto.graph.initializer if t.external_data), "")
    if aside:
        raise _refused("imported.weights_aside", path, name=aside)
    own = {(function.domain, function.name) for function in proto.functions}
    strange = {node.op_type for node in proto.graph.node
               if node.domain not in KNOWN and (node.domain, node.op_type) not in own}  # fmt: skip
    if strange:
        raise _refused("imported.custom_operators", path, names=", ".join(sorted(strange)))
    if proto.functions:
        proto = onnx.inliner.inline_local_functions(proto)
    return _usual_version(proto, path)


def _usual_version(proto: ModelProto, path: str) -> ModelProto:
    """Return the graph in an operator set between the oldest that is merged and what runs here."""
    version = max((o.version for o in proto.opset_import if o.domain in ("", "ai.onnx")), default=1)
    newest = onnx.defs.onnx_opset_version()
    if version > newest:
        raise _refused("imported.new_operators", path, received=version, expected=newest)
    proto.ir_version = min(proto.ir_version, onnx.IR_VERSION)
    if version >= OPSET:
        return proto
    try:
        return onnx.version_converter.convert_version(proto, OPSET)
    except (RuntimeError, onnx.version_converter.ConvertError) as error:
        problem = gist(error)
        raise _refused("imported.old_operators", path, received=version, expected=OPSET,
                       problem=problem) from error  # fmt: skip


def _free(value: ValueInfoProto) -> None:
    """Leave the number of rows open: some exporters write down that of their sample."""
    sides = value.type.tensor_type.shape.dim
    if sides:
        sides[0].Clear()
        sides[0].dim_param = "rows"


def _unzipped(proto: ModelProto) -> tuple[str, ...]:
    """Take off the node that turns rows of probabilities into maps; return the names it gave."""
    for node in list(proto.graph.node):
        if node.op_type != "ZipMap":
            continue
        scores = helper.make_tensor_value_info(node.input[0], TensorProto.FLOAT, None)
        kept = [value for value in proto.graph.output if value.name != node.output[0]]
        del proto.graph.output[:]
        proto.graph.output.extend([*kept, scores])
        proto.graph.node.remove(node)
        return _named(node)
    return ()


def _classes(proto: ModelProto) -> tuple[str, ...]:
    for node in proto.graph.node:
        if node.domain == "ai.onnx.ml" and (found := _named(node)):
            return found
    for tensor in proto.graph.initializer:  # where a converter holds them as a table
        if "classes" in tensor.name and len(tensor.dims) == 1 and tensor.dims[0] > 1:
            values = numpy_helper.to_array(tensor).tolist()
            return tuple(v.decode() if isinstance(v, bytes) else str(v) for v in values)
    return ()


def _named(node: NodeProto) -> tuple[str, ...]:
    for attribute in node.attribute:
        if attribute.name in _CLASSES and (attribute.strings or attribute.ints):
            texts = [word.decode() for word in attribute.strings]
            return tuple(texts or [str(number) for number in attribute.ints])
    return ()


def _answer(proto: ModelProto, path: str, task: str, output: Output) -> ValueInfoProto:
    """Return the output that answers."""
    tensors = [value for value in proto.graph.output if value.type.HasField("tensor_type")]
    scores = [v for v in tensors if v.type.tensor_type.elem_type in NUMBERS]
    labels = [v for v in tensors if v not in scores]
    if output == "labels" or (task == "classify" and not scores):
        found = labels[:1]
    elif len(scores) > 1 and task == "classify":
        found = [v for v in scores if "prob" in v.name.lower()][:1]
    else:
        found = scores or labels
    if len(found) != 1:
        names = ", ".join(value.name for value in proto.graph.output)
        raise _refused("imported.which_output", path, names=names)
    return found[0]


def _prune(proto: ModelProto, output: str) -> None:
    """Drop what the output does not need."""
    needed, kept = {output}, []
    for node in reversed(proto.graph.node):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(_read_by(node))
    del proto.graph.node[:]
    proto.graph.node.extend(reversed(kept))
    constants = [tensor for tensor in proto.graph.initializer if tensor.name in needed]
    del proto.graph.initializer[:]
    proto.graph.initializer.extend(constants)


def _read_by(node: NodeProto) -> Iterable[str]:
    """Yield every tensor that a node reads, also from the graphs inside it."""
    yield from node.input
    for attribute in node.attribute:
        for inner in [attribute.g, *attribute.graphs]:
            for part in inner.node:
                yield from _read_by(part)
            yield from (value.name for value in inner.output)
