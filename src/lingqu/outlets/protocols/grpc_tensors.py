"""gRPC messages of the Open Inference Protocol ↔ the JSON of the same protocol.

What comes over gRPC is read by the same code as what comes over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json
from lingqu.outlets.protocols.binary import packed, unpacked
from lingqu.outlets.protocols.grpc_messages import MESSAGES

_CONTENTS: Mapping[str, str] = {
    "BOOL": "bool_contents", "BYTES": "bytes_contents",
    "INT8": "int_contents", "INT16": "int_contents", "INT32": "int_contents",
    "INT64": "int64_contents", "UINT64": "uint64_contents",
    "UINT8": "uint_contents", "UINT16": "uint_contents", "UINT32": "uint_contents",
    "FP32": "fp32_contents", "FP64": "fp64_contents",
}  # fmt: skip
"""Datatype → where its values lie; half floats come as raw bytes only."""


def given_of(message: Any, files: frozenset[str]) -> dict[str, Json]:
    """Return a ``ModelInferRequest`` as the JSON that `forms.tensors_in` reads.

    Args:
        message: It.
        files: Columns whose cells are files, not texts.

    Raises:
        DataError: Raw contents are not one for each tensor, or do not fit.
    """
    raws = message.raw_input_contents
    if raws and len(raws) != len(message.inputs):
        raise DataError(
            "protocols.bad_binary", name="raw_input_contents", problem=str(len(raws)),
            expected=str(len(message.inputs)),
        )  # fmt: skip
    inputs = []
    for place, tensor in enumerate(message.inputs):
        shape = list(tensor.shape)
        told = {"name": tensor.name, "datatype": tensor.datatype, "shape": shape}
        if raws:
            data = unpacked(tensor.name, tensor.datatype, shape, raws[place], files)
        else:
            data = _contents(tensor, files)
        inputs.append({**told, "data": data})
    given: dict[str, Json] = {"inputs": inputs, "parameters": _parameters(message.parameters)}
    if message.outputs:
        given["outputs"] = [{"name": output.name} for output in message.outputs]
    return {**given, "id": message.id} if message.id else given


def message_of(told: Mapping[str, Json], raw: bool) -> Any:
    """Return the JSON of a reply as a ``ModelInferResponse``.

    Args:
        told: It.
        raw: Whether values go as bytes; clients that sent bytes expect them.

    Example:
        >>> output = {"name": "p", "datatype": "FP64", "shape": [1], "data": [0.5]}
        >>> told = {"model_name": "m", "model_version": "v", "outputs": [output]}
        >>> list(message_of(told, False).outputs[0].contents.fp64_contents)
        [0.5]
    """
    reply = MESSAGES["ModelInferResponse"](
        model_name=told["model_name"], model_version=told["model_version"],
        id=told.get("id", ""),
    )  # fmt: skip
    for name, value in (told.get("parameters") or {}).items():
        reply.parameters[name].string_param = str(value)
    for output in told["outputs"]:
        name, datatype = output["name"], output["datatype"]
        made = reply.outputs.add(name=name, datatype=datatype, shape=output["shape"])
        if raw:
            reply.raw_output_contents.append(packed(datatype, output["data"]))
            continue
        cells = output["data"]
        if datatype == "BYTES":
            cells = [str(cell).encode() for cell in cells]
        getattr(made.contents, _CONTENTS[datatype]).extend(cells)
    return reply


def _contents(tensor: Any, files: frozenset[str]) -> list[Json]:
    field = _CONTENTS.get(tensor.datatype)
    if field is None:
        raise DataError(
            "protocols.bad_binary", name=tensor.name[:60], problem=tensor.datatype[:40],
            expected=", ".join(_CONTENTS),
        )  # fmt: skip
    cells = list(getattr(tensor.contents, field))
    if tensor.datatype != "BYTES":
        return cells
    raw = b"".join(len(cell).to_bytes(4, "little") + cell for cell in cells)
    flat = unpacked(tensor.name, "BYTES", [len(cells)] if cells else [1], raw, files)
    return flat


def _parameters(given: Any) -> dict[str, Json]:
    told = {}
    for name, value in given.items():
        choice = value.WhichOneof("parameter_choice")
        told[name] = None if choice is None else getattr(value, choice)
    return told
