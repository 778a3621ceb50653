"""The messages of the Open Inference Protocol over gRPC, made from their description.

The description below says what the protocol's file says: names, types and numbers of fields. It
lies in a pool of its own, so that a client's stubs of the same protocol in the same process are
not disturbed.

Source: Open Inference Protocol V2, "GRPC API" (kserve/open-inference-protocol,
``specification/protocol/inference_grpc.md``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE, SERVICE = "inference", "GRPCInferenceService"
_TENSOR = "name:string datatype:string shape:int64*"
_FIELDS: Mapping[str, str] = {
    "ServerLiveRequest": "",
    "ServerLiveResponse": "live:bool",
    "ServerReadyRequest": "",
    "ServerReadyResponse": "ready:bool",
    "ModelReadyRequest": "name:string version:string",
    "ModelReadyResponse": "ready:bool",
    "ServerMetadataRequest": "",
    "ServerMetadataResponse": "name:string version:string extensions:string*",
    "ModelMetadataRequest": "name:string version:string",
    "ModelMetadataResponse": "name:string versions:string* platform:string "
    "inputs:.TensorMetadata* outputs:.TensorMetadata*",
    "ModelMetadataResponse.TensorMetadata": _TENSOR,
    "InferParameter": "bool_param:bool? int64_param:int64? string_param:string? "
    "double_param:double? uint64_param:uint64?",
    "InferTensorContents": "bool_contents:bool* int_contents:int32* int64_contents:int64* "
    "uint_contents:uint32* uint64_contents:uint64* fp32_contents:float* fp64_contents:double* "
    "bytes_contents:bytes*",
    "ModelInferRequest": "model_name:string model_version:string id:string parameters:% "
    "inputs:.InferInputTensor* outputs:.InferRequestedOutputTensor* raw_input_contents:bytes*",
    "ModelInferRequest.InferInputTensor": f"{_TENSOR} parameters:% contents:InferTensorContents",
    "ModelInferRequest.InferRequestedOutputTensor": "name:string parameters:%",
    "ModelInferResponse": "model_name:string model_version:string id:string parameters:% "
    "outputs:.InferOutputTensor* raw_output_contents:bytes*",
    "ModelInferResponse.InferOutputTensor": f"{_TENSOR} parameters:% contents:InferTensorContents",
}
"""Message → its fields, numbered in order: ``*`` many, ``?`` one of them, ``%`` parameters by
name, a leading dot for a message that lies inside this one."""
METHODS = ("ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata",
           "ModelInfer")  # fmt: skip
_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "string": _Field.TYPE_STRING, "bool": _Field.TYPE_BOOL, "bytes": _Field.TYPE_BYTES,
    "int32": _Field.TYPE_INT32, "int64": _Field.TYPE_INT64, "uint32": _Field.TYPE_UINT32,
    "uint64": _Field.TYPE_UINT64, "float": _Field.TYPE_FLOAT, "double": _Field.TYPE_DOUBLE,
}  # fmt: skip


def _described() -> descriptor_pb2.FileDescriptorProto:
    """Return the file of the protocol, as a compiler would have read it."""
    file = descriptor_pb2.FileDescriptorProto(
        name="lingqu/open_inference.proto", package=PACKAGE, syntax="proto3"
    )
    made: dict[str, Any] = {}
    for name, fields in _FIELDS.items():
        outer, _, inner = name.rpartition(".")
        message = (made[outer].nested_type if outer else file.message_type).add(name=inner)
        made[name] = message
        for number, field in enumerate(fields.split(), start=1):
            _add_field(message, name, number, field)
    return file


def _add_field(message: Any, owner: str, number: int, told: str) -> None:
    name, _, kind = told.partition(":")
    bare = kind.rstrip("*?")
    field = message.field.add(name=name, number=number, json_name=name)
    many = kind.endswith("*") or kind == "%"
    field.label = _Field.LABEL_REPEATED if many else _Field.LABEL_OPTIONAL
    if bare in _TYPES:
        field.type = _TYPES[bare]
    else:
        field.type = _Field.TYPE_MESSAGE
        inner = f"{owner}{bare}" if bare.startswith(".") else bare
        field.type_name = f".{PACKAGE}.{owner}.ParametersEntry" if kind == "%" else (
            f".{PACKAGE}.{inner}")  # fmt: skip
    if kind == "%":
        _add_entry(message)
    if kind.endswith("?"):
        if not message.oneof_decl:
            message.oneof_decl.add(name="parameter_choice")
        field.oneof_index = 0


def _add_entry(message: Any) -> None:
    """Add the message of one parameter by its name: how the wire knows maps."""
    entry = message.nested_type.add(name="ParametersEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=_Field.TYPE_STRING, label=_Field.LABEL_OPTIONAL)
    entry.field.add(
        name="value", number=2, type=_Field.TYPE_MESSAGE, label=_Field.LABEL_OPTIONAL,
        type_name=f".{PACKAGE}.InferParameter",
    )  # fmt: skip


def _classes() -> dict[str, Any]:
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_described())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
        for name in _FIELDS
        if "." not in name
    }


MESSAGES: Mapping[str, Any] = _classes()
"""Name → class of a message."""
