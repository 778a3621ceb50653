"""The graphs of an ensemble → one ONNX graph that answers for all of them.

One graph is one file to sign, one session to run and one thing that every other runtime (a
browser, a phone, MLflow) can read. Members that read the same tensors share one input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from lingqu.core import digest
from lingqu.core.errors import GateError
from lingqu.core.nouns import CLASSES, REPLIES, VALUES, Json, Member, Model, Region, Task
from lingqu.core.predictions import OUT_OF_RANGE, in_numbers
from lingqu.release.encode import layout
from lingqu.release.region import sets_of, with_ends
from lingqu.release.region_graph import interval_nodes, set_nodes
from lingqu.release.session import FALLBACK, SETS, open_session, probe

OPSET = 13
"""The oldest operator set of a merged graph: from here on Softmax works along one axis."""
TOLERANCE = 1e-5
_SHORT = 32
"""Words of a text on which a graph is compared with its members."""
_LEAST = 1e-30
"""Smallest probability whose logarithm is taken."""


class Merged(NamedTuple):
    """One graph for a whole model.

    Args:
        graph: ONNX bytes; output ``"probabilities"`` (N, K) or ``"values"`` (N, 1), float32.
            With a region ``"values"`` is (N, 3), and ``"sets"`` (N, K), bool, is a second output.
            Of a policy ``"out_of_range"`` (N,), bool, is one, and ``"fallback"`` where it has a
            rule to fall back on.
        inputs: One ``{"tensor": name, "encoding": …}`` per input of the graph.
    """

    graph: bytes
    inputs: list[dict[str, Json]]


def merge(model: Model, *, check: bool = True) -> Merged:
    """Join the members into one graph: weighted sum, then temperature.

    Args:
        model: Its members' weights sum to 1; those of weight 0 are left out.
        check: Compare the graph with its members on random rows.

    Raises:
        GateError: A member's graph cannot be read or joined, or the whole gives other answers
            than the parts (more than 1e-5).
    """
    members = [member for member in model.members if member.weight > 0]
    if not members:
        raise _refused("-", "no member has a weight above 0")
    if model.task in REPLIES:
        return _alone(members)
    if model.region is not None and model.region.scale is not None:
        members.append(model.region.scale)  # read and joined like a member, but never averaged
    protos = _same_opset(members, [_read(model, member) for member in members])
    names = _tensor_names(members)
    for index, proto in enumerate(protos):
        onnx.compose.add_prefix(proto, f"m{index}/", inplace=True)
    whole = _whole(model, members, protos, names)
    del protos  # of a large model every copy counts
    data = whole.SerializeToString(deterministic=True)
    del whole
    try:
        onnx.checker.check_model(data)
    except onnx.checker.ValidationError as error:
        raise _refused("-", str(error).splitlines()[0]) from error
    inputs: dict[str, Json] = {}
    for member, name in zip(members, names, strict=True):
        inputs.setdefault(name, member.encoding)
    rows = [{"tensor": name, "encoding": dict(encoding)} for name, encoding in inputs.items()]
    merged = Merged(data, rows)
    if check:
        _compare(model, members, names, merged)
    return merged


def _alone(members: Sequence[Member]) -> Merged:
    """Return the graph of the one member whose answers are replies: nothing can be averaged."""
    if len(members) > 1:
        raise _refused(members[1].name, "answers of many parts are not averaged; expected one")
    (member,) = members
    try:
        onnx.checker.check_model(member.graph)
    except Exception as error:  # protobuf raises a class of its own per back end
        raise _refused(member.name, str(error).splitlines()[0]) from error
    return Merged(member.graph, [{"tensor": member.encoding["tensor"],
                                  "encoding": dict(member.encoding)}])  # fmt: skip


def output_name(task: Task, classes: Sequence[str] = ("",)) -> str:
    """Return the name of the output that answers a task."""
    return "values" if in_numbers(task, classes) else "probabilities"


def _refused(member: str, problem: str) -> GateError:
    return GateError("release.cannot_merge", member=member, problem=problem)


def _read(model: Model, member: Member) -> onnx.ModelProto:
    try:
        proto = onnx.load_model_from_string(member.graph)
    except Exception as error:  # protobuf raises a class of its own per back end
        raise _refused(member.name, f"not an ONNX graph ({type(error).__name__})") from error
    constants = {tensor.name for tensor in proto.graph.initializer}
    inputs = [value for value in proto.graph.input if value.name not in constants]
    wanted = member.encoding["tensor"]
    if [value.name for value in inputs] != [wanted]:
        found = ", ".join(value.name for value in inputs)
        raise _refused(member.name, f"its inputs are {found}; expected {wanted}")
    if inputs[0].type.tensor_type.shape.dim[0].dim_value:
        raise _refused(member.name, "it answers a fixed number of rows; export a free batch size")
    output = output_name(model.task, model.classes)
    if output not in {value.name for value in proto.graph.output}:
        raise _refused(member.name, f"it has no output {output!r}")
    if any(tensor.external_data for tensor in proto.graph.initializer):
        raise _refused(member.name, "its weights lie in another file")
    _plain(proto)
    return proto


def _plain(proto: onnx.ModelProto) -> None:
    """Drop what exporters remember (paths, stack traces, shapes): it is no part of the answer."""
    latest: dict[str, int] = {}
    for entry in proto.opset_import:
        domain = "" if entry.domain == "ai.onnx" else entry.domain
        latest[domain] = max(entry.version, latest.get(domain, 0))
    latest.setdefault("", OPSET)
    del proto.opset_import[:]
    proto.opset_import.extend(helper.make_opsetid(*pair) for pair in sorted(latest.items()))
    del proto.metadata_props[:], proto.graph.value_info[:], proto.graph.metadata_props[:]
    proto.doc_string = proto.graph.doc_string = ""
    for node in proto.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]


def _same_opset(members: Sequence[Member], protos: list[onnx.ModelProto]) -> list[onnx.ModelProto]:
    newest = max(OPSET, *(_version(proto) for proto in protos))
    result = []
    for member, proto in zip(members, protos, strict=True):
        if _version(proto) != newest:
            try:
                proto = onnx.version_converter.convert_version(proto, newest)
            except (RuntimeError, onnx.version_converter.ConvertError) as error:
                problem = f"operator set {newest}: {str(error).splitlines()[0]}"
                raise _refused(member.name, problem) from error
            del proto.graph.value_info[:]
        result.append(proto)
    return result


def _version(proto: onnx.ModelProto) -> int:
    return next(int(entry.version) for entry in proto.opset_import if not entry.domain)


def _tensor_names(members: Sequence[Member]) -> list[str]:
    """Name the input of every member; equal encodings get the same name."""
    known: dict[str, str] = {}
    for member in members:
        name, key = member.encoding["tensor"], digest.of_json(member.encoding)
        if key not in known:
            taken = name in known.values()
            known[key] = f"{name}_{len(known)}" if taken else name
    return [known[digest.of_json(member.encoding)] for member in members]


def _whole(
    model: Model, members: Sequence[Member], protos: list[onnx.ModelProto], names: list[str]
) -> onnx.ModelProto:
    output = output_name(model.task, model.classes)
    whole = onnx.ModelProto(
        producer_name="lingqu", ir_version=max(proto.ir_version for proto in protos)
    )
    body, inputs = whole.graph, {}  # filled in place: helpers would copy all of it twice
    body.name = "lingqu"
    for index, (member, proto, name) in enumerate(zip(members, protos, names, strict=True)):
        shape = ["rows", *member.encoding["shape"]]
        inputs[name] = helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        own = f"m{index}/{member.encoding['tensor']}"
        body.node.append(helper.make_node("Identity", [name], [own]))
        body.node.extend(proto.graph.node)
        body.initializer.extend(proto.graph.initializer)
        body.sparse_initializer.extend(proto.graph.sparse_initializer)
        whole.functions.extend(proto.functions)
    added, weights = _answered(model, members, output)
    numbers = in_numbers(model.task, model.classes)
    width = _width(protos[0], output) if numbers else len(model.classes)
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["rows", width])]
    if model.region is not None and model.task in VALUES:
        outputs[0].type.tensor_type.shape.dim[1].dim_value = 3
    elif model.region is not None:
        outputs.append(helper.make_tensor_value_info(SETS, TensorProto.BOOL, ["rows", width]))
    there = {one.name for one in protos[0].graph.output}
    for name in (FALLBACK, OUT_OF_RANGE) if model.task == "control" else ():
        if f"m0/{name}" in there:
            added.append(helper.make_node("Identity", [f"m0/{name}"], [name]))
            outputs.append(helper.make_tensor_value_info(name, TensorProto.BOOL, ["rows"]))
    body.node.extend(added)
    body.initializer.extend(weights)
    body.input.extend(inputs.values())
    body.output.extend(outputs)
    versions: dict[str, int] = {}
    for proto in protos:
        for entry in proto.opset_import:
            versions[entry.domain] = max(entry.version, versions.get(entry.domain, 0))
    whole.opset_import.extend(helper.make_opsetid(*pair) for pair in sorted(versions.items()))
    return whole


def _width(proto: onnx.ModelProto, output: str) -> int:
    """Return how many numbers a graph tells of a row: its value, and an interval, quantiles."""
    found = next(value for value in proto.graph.output if value.name.endswith(output))
    sizes = found.type.tensor_type.shape.dim
    return sizes[1].dim_value or 1 if len(sizes) == 2 else 1


def _answered(
    model: Model, members: Sequence[Member], output: str
) -> tuple[list[onnx.NodeProto], list[TensorProto]]:
    """Return the nodes of the answer, and of the interval or set around it."""
    region = model.region
    if region is None:
        return _joined(model, members, output)
    told = f"m{len(members) - 1}/{output}" if region.scale is not None else ""
    averaged = members[:-1] if told else members
    if model.task in CLASSES:
        nodes, constants = _joined(model, averaged, output)
        more = set_nodes(model, region)
    else:
        nodes, constants = _joined(model, averaged, "region/answer", output)
        more = interval_nodes(region, "region/answer", told)
    return [*nodes, *more[0]], [*constants, *more[1]]


def _joined(
    model: Model, members: Sequence[Member], output: str, own: str = ""
) -> tuple[list[onnx.NodeProto], list[TensorProto]]:
    """Return the nodes that average the members' outputs and apply the temperature."""
    nodes, constants, parts = [], [], []

    def constant(name: str, value: float) -> str:
        constants.append(helper.make_tensor(name, TensorProto.FLOAT, [], [value]))
        return name

    for index, member in enumerate(members):
        part = f"m{index}/{own or output}"
        if len(members) > 1:
            weight = constant(f"weight_{index}", member.weight)
            nodes.append(helper.make_node("Mul", [part, weight], [f"share_{index}"]))
            part = f"share_{index}"
        parts.append(part)
    sharpened = model.task in CLASSES and model.temperature != 1.0
    average = "average" if sharpened else output
    nodes.append(helper.make_node("Sum", parts, [average]))
    if sharpened:
        floor, heat = constant("floor", _LEAST), constant("temperature", model.temperature)
        nodes += [
            helper.make_node("Max", [average, floor], ["above"]),
            helper.make_node("Log", ["above"], ["logs"]),
            helper.make_node("Div", ["logs", heat], ["cooled"]),
            helper.make_node("Softmax", ["cooled"], [output], axis=-1),
        ]
    return nodes, constants


def _compare(model: Model, members: Sequence[Member], names: list[str], merged: Merged) -> None:
    output, region = output_name(model.task, model.classes), model.region
    feeds = {row["tensor"]: probe(_sides(row["encoding"])) for row in merged.inputs}
    parts = [
        _answers(member.graph, output, {member.encoding["tensor"]: feeds[name]})
        for member, name in zip(members, names, strict=True)
    ]
    told = parts.pop() if region is not None and region.scale is not None else None
    whole, total = _answers(merged.graph, output, feeds), np.zeros(parts[0].shape)
    for member, part in zip(members, parts, strict=False):
        total = total + member.weight * part
    if model.task in CLASSES and model.temperature != 1.0:
        logs = np.log(np.maximum(total, _LEAST)) / model.temperature
        powers = np.exp(logs - logs.max(axis=1, keepdims=True))
        total = powers / powers.sum(axis=1, keepdims=True)
    if region is not None and model.task in CLASSES:
        _compare_sets(model, region, whole, _answers(merged.graph, SETS, feeds))
    elif region is not None:
        total = with_ends(region, total, told)
    difference = np.abs(whole - total) / np.maximum(1.0, np.abs(total))
    largest = float(difference.max())
    if not largest <= TOLERANCE:
        raise GateError("release.merge_differs", received=largest, expected=TOLERANCE)


def _sides(encoding: Mapping[str, Json]) -> Sequence[int]:
    """Return the shape of a row; of texts and recordings, that of a short one."""
    if None not in encoding["shape"]:
        sides: Sequence[int] = encoding["shape"]
        return sides
    block, place = layout(encoding)[-1]
    short = int(block["rate"]) // 4 if block["type"] == "waves" else _SHORT
    return [min(place.stop, place.start + short)]


def _compare_sets(
    model: Model, region: Region, said: NDArray[np.float64], sets: NDArray[np.float64]
) -> None:
    """Refuse sets that are not those of the formula, but for what lies on the very edge."""
    wide, sure = (sets_of(model, region, said, slack) for slack in (-TOLERANCE, TOLERANCE))
    inside = sets > 0
    wrong = int(np.count_nonzero((inside & ~wide) | (~inside & sure)))
    if wrong:
        raise GateError("release.merge_differs", received=float(wrong), expected=TOLERANCE)


def _answers(graph: bytes, output: str, feeds: Mapping[str, Any]) -> NDArray[np.float64]:
    answer = open_session(graph).run([output], feeds)[0]
    return np.asarray(answer, dtype=np.float64)
