"""What the OpenAPI document says of the protocols of others, of labels and of tables.

Schemas state what is read; a client can be generated from them (`lingqu client`).
"""

from __future__ import annotations

from collections.abc import Mapping

from lingqu.core.nouns import CLASSES, TEXTS, VALUES, Json
from lingqu.outlets.protocols.binary import TYPES
from lingqu.outlets.protocols.tables import KINDS
from lingqu.outlets.protocols.written import is_asked_with_text
from lingqu.outlets.served import Served
from lingqu.outlets.sight.labels import MOST
from lingqu.release.replies.writing import SCHEMA

Schema = dict[str, Json]
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_API_ERROR = {"$ref": "#/components/responses/ApiError"}
REFUSALS = ("400", "401", "403", "408", "413", "415", "422", "429", "503", "504")
"""What any request with a body may be refused with."""
_WRITING: Mapping[str, Json] = SCHEMA["properties"]


def paths(served: Served, channel: str) -> dict[str, Json]:
    """Return the paths that a channel has beside its own JSON."""
    model = f"/v2/models/{channel}"
    found = {
        f"/c/{channel}/feedback": {"post": _feedback(served)},
        f"/c/{channel}/usage": {"get": _own_use()},
        f"/c/{channel}/queue/{{question}}": {"get": _question()},
        "/v2": {"get": got("server", "Name and extensions (Open Inference Protocol).", "Server")},
        "/v2/health/live": {"get": {**got("live", "Liveness.", "State"), "security": []}},
        "/v2/health/ready": {"get": {**_ready("ready"), "security": []}},
        model: {"get": got("model", "Inputs and outputs (Open Inference Protocol).", "Model")},
        f"{model}/ready": {"get": _ready("model_ready")},
        f"{model}/infer": {"post": _infer()},
    }
    if not is_asked_with_text(served):
        return found
    if served.release.task in TEXTS:
        found |= {
            f"{model}/generate": {"post": _generate("generate", False)},
            f"{model}/generate_stream": {"post": _generate("generate_stream", True)},
            "/v1/chat/completions": {"post": _chat(channel)},
            "/v1/completions": {"post": _completions(channel)},
        }
    elif served.release.task == "embed":
        found["/v1/embeddings"] = {"post": _embeddings(channel)}
    else:
        return found
    listed = got("models", "Channels that can be asked so (OpenAI).", "Models")
    return {**found, "/v1/models": {"get": {**listed, "responses": _api(listed["responses"])}}}


def tables() -> dict[str, Json]:
    """Return the media types of tables, as contents of bodies."""
    return {media: {"schema": {"type": "string", "format": "binary"}} for media in KINDS}


def operation(
    name: str, summary: str, body: Json, reply: Json, media: str = "application/json"
) -> dict[str, Json]:
    """Return an operation that takes JSON."""
    return {
        "summary": summary,
        "operationId": name,
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {"description": "OK", "content": {media: {"schema": reply}}},
            **dict.fromkeys(REFUSALS, _PROBLEM),
        },
    }


def got(name: str, summary: str, schema: str) -> dict[str, Json]:
    """Return an operation that takes nothing."""
    content = {"application/json": {"schema": _ref(schema)}}
    return {
        "summary": summary,
        "operationId": name,
        "responses": {
            "200": {"description": "OK", "content": content},
            **{code: _PROBLEM for code in ("401", "403", "429", "503")},
        },
    }


def components() -> dict[str, Json]:
    """Return the schemas that operations refer to."""
    text: Schema = {"type": "string"}
    texts: Schema = {"type": "array", "items": text}
    tensor = _object({"name": text, "datatype": text, "shape": _many({"type": "integer"})})
    return {
        "Server": _object({"name": text, "version": text, "extensions": texts}),
        "State": {"type": "object", "additionalProperties": True},
        "Model": _object(
            {"name": text, "versions": texts, "platform": text, "inputs": _many(tensor),
             "outputs": _many(tensor)}
        ),
        "Tensor": _object(
            {"name": text, "datatype": {"enum": [*TYPES, "BYTES"]},
             "shape": _many({"type": "integer", "minimum": 1}), "data": {"type": "array"}},
            optional=("data",), more={"parameters": {"type": "object"}},
        ),
        "Usage": _object(
            {"prompt_tokens": {"type": "integer"}, "total_tokens": {"type": "integer"}},
            more={"completion_tokens": {"type": "integer"}},
        ),
        "Models": _object({"object": text, "data": _many({"type": "object"})}),
        "ApiErrorBody": _object(
            {"error": _object({"message": text, "type": text}, more={
                "param": {"type": ["string", "null"]}, "code": {"type": ["string", "null"]}})}
        ),
    }  # fmt: skip


def responses() -> dict[str, Json]:
    """Return the replies that operations refer to."""
    content = {"application/json": {"schema": _ref("ApiErrorBody")}}
    return {"ApiError": {"description": "Error object of the OpenAI API.", "content": content}}


def _feedback(served: Served) -> dict[str, Json]:
    label: Schema = {}
    if served.release.task in VALUES:
        label = {"type": "number"}
    elif served.release.task in CLASSES:
        label = {"type": ["string", "number", "boolean"], "examples": list(served.release.classes)}
    one = _object(
        {"prediction_id": {"type": "string", "minLength": 1, "maxLength": 100}, "label": label},
        more={"replace": {"type": "boolean", "description": "Correct a label that is known."}},
    )
    several = _object({"feedback": {**_many(one), "minItems": 1, "maxItems": MOST}})
    states = _many({"enum": ["new", "known"]})
    reply = _object({"kept": {"type": "integer"}, "states": states})
    made = operation("feedback", "Tell what was right after all.", {"anyOf": [one, several]}, reply)
    made["responses"]["409"] = _PROBLEM
    return made


def _own_use() -> dict[str, Json]:
    count: Schema = {"type": "integer"}
    counts = dict.fromkeys(("requests", "errors", "rows", "tokens"), count)
    day = _object({"day": {"type": "string"}, **counts, "money": {"type": "number"}})
    text: Schema = {"type": "string"}
    quota = _object({"quota": text, "left": {"type": "number"}, "until": text})
    reply = _object({"channel": text, "days": _many(day), "quotas": _many(quota)})
    made = got("usage", "What this key used, by day, and what is left of its quotas.", "State")
    made["responses"]["200"]["content"]["application/json"]["schema"] = reply
    return made


def _question() -> dict[str, Json]:
    text: Schema = {"type": "string"}
    state = {"enum": ["waiting", "answered"]}
    reply = _object(
        {"id": text, "state": state},
        more={"predictions": {"type": "array"}, "prediction_ids": _many(text),
              "answered_by": text, "answered_at": text},
    )  # fmt: skip
    made = got("question", "What a person answered to a reply with status 202.", "State")
    made["parameters"] = [{"name": "question", "in": "path", "required": True, "schema": text}]
    told = {"description": "OK", "content": {"application/json": {"schema": reply}}}
    made["responses"] |= {"200": told, "202": {**told, "description": "Waiting"}, "404": _PROBLEM}
    return made


def _infer() -> dict[str, Json]:
    body = _object(
        {"inputs": _many(_ref("Tensor"))},
        more={"id": {"type": "string"}, "parameters": {"type": "object"},
              "outputs": _many({"type": "object"})},
    )  # fmt: skip
    reply = _object(
        {"model_name": {"type": "string"}, "model_version": {"type": "string"},
         "outputs": _many(_ref("Tensor"))},
        more={"id": {"type": "string"}, "parameters": {"type": "object"}},
    )  # fmt: skip
    made = operation(
        "infer", "Answer tensors, one a column (Open Inference Protocol).", body, reply
    )
    made["parameters"] = [_header(
        "Inference-Header-Content-Length", "Where the JSON ends and the bytes of tensors begin.",
        {"type": "integer", "minimum": 0},
    )]  # fmt: skip
    octets = {"schema": {"type": "string", "format": "binary"}}
    made["requestBody"]["content"]["application/octet-stream"] = octets
    made["responses"]["200"]["content"]["application/octet-stream"] = octets
    return made


def _generate(name: str, streams: bool) -> dict[str, Json]:
    options: Schema = {"type": "object", "properties": dict(_WRITING)}
    body = _object(
        {"text_input": {"type": "string"}},
        more={"id": {"type": "string"}, "parameters": options},
    )
    reply = _object(
        {"model_name": {"type": "string"}, "model_version": {"type": "string"},
         "text_output": {"type": "string"}},
        more={"id": {"type": "string"}, "finish_reason": {"enum": ["stop", "length"]},
              "prediction_id": {"type": "string"}, "usage": _ref("Usage")},
    )  # fmt: skip
    if streams:
        return operation(name, "Write a text, sent while it is written.", body,
                         {}, "text/event-stream")  # fmt: skip
    return operation(name, "Write a text (Open Inference Protocol).", body, reply)


def _chat(channel: str) -> dict[str, Json]:
    role: Schema = {"enum": ["system", "developer", "user", "assistant"]}
    message = _object({"role": role, "content": {"type": "string"}})
    body = _asked(channel, {"messages": {**_many(message), "minItems": 1}})
    body["properties"]["max_completion_tokens"] = {"type": ["integer", "null"], "minimum": 1}
    choice = _object(
        {"index": {"type": "integer"}, "message": {"type": "object"},
         "finish_reason": {"enum": ["stop", "length"]}},
    )  # fmt: skip
    return _v1("chat", "Answer a chat (OpenAI).", body, _written(choice), streams=True)


def _completions(channel: str) -> dict[str, Json]:
    text: Schema = {"type": "string"}
    body = _asked(channel, {"prompt": {"anyOf": [text, {**_many(text), "minItems": 1}]}})
    choice = _object(
        {"index": {"type": "integer"}, "text": text, "finish_reason": {"enum": ["stop", "length"]}},
    )
    return _v1("completions", "Go on with a text (OpenAI).", body, _written(choice), streams=True)


def _embeddings(channel: str) -> dict[str, Json]:
    text: Schema = {"type": "string"}
    body = _object(
        {"model": {"const": channel}, "input": {"anyOf": [text, {**_many(text), "minItems": 1}]}},
        more={"encoding_format": {"enum": ["float", "base64"]},
              "dimensions": {"type": ["integer", "null"], "minimum": 1}, "user": text},
    )  # fmt: skip
    vector: Schema = {"anyOf": [_many({"type": "number"}), text]}
    one = _object({"index": {"type": "integer"}, "embedding": vector})
    reply = _object({"object": text, "data": _many(one), "model": text, "usage": _ref("Usage")})
    return _v1("embeddings", "Place texts among others (OpenAI).", body, reply)


def _asked(channel: str, own: Mapping[str, Json]) -> Schema:
    told = {name: {"anyOf": [schema, {"type": "null"}]} for name, schema in _WRITING.items()}
    more = {
        **told,
        "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 64},
        "stream": {"type": ["boolean", "null"]},
        "stream_options": {
            "type": ["object", "null"],
            "properties": {"include_usage": {"type": "boolean"}},
        },
    }
    return _object({"model": {"const": channel}, **own}, more=more)


def _written(choice: Schema) -> Schema:
    text: Schema = {"type": "string"}
    return _object(
        {"id": text, "object": text, "created": {"type": "integer"}, "model": text,
         "choices": _many(choice), "usage": _ref("Usage"), "prediction_ids": _many(text)}
    )  # fmt: skip


def _v1(
    name: str, summary: str, body: Schema, reply: Schema, streams: bool = False
) -> dict[str, Json]:
    made = operation(name, summary, body, reply)
    made["responses"] = _api(made["responses"])
    if streams:
        made["responses"]["200"]["content"]["text/event-stream"] = {"schema": {}}
    return made


def _api(told: Mapping[str, Json]) -> dict[str, Json]:
    errors = dict.fromkeys((*REFUSALS, "404"), _API_ERROR)
    return {**errors, "200": told["200"]}


def _ready(name: str) -> dict[str, Json]:
    made = got(name, "Readiness.", "State")
    content = {"application/json": {"schema": _ref("State")}}
    made["responses"]["503"] = {"description": "Stopped.", "content": content}
    return made


def _header(name: str, told: str, schema: Schema) -> dict[str, Json]:
    return {"name": name, "in": "header", "description": told, "schema": schema}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _many(items: Json) -> Schema:
    return {"type": "array", "items": items}


def _object(
    properties: Mapping[str, Json],
    *,
    optional: tuple[str, ...] = (),
    more: Mapping[str, Json] | None = None,
) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": {**properties, **(more or {})}}
