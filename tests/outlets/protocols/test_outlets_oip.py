"""The Open Inference Protocol: tensors as bytes over HTTP, texts, and gRPC."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outlets.asking import OneApp, Reply, ask, make_app, opened
from tests.outlets.text_samples import DECODER, packed

from lingqu.core.errors import DataError
from lingqu.core.nouns import Key
from lingqu.outlets.access.keys import make
from lingqu.outlets.protocols import binary
from lingqu.outlets.protocols.grpc_messages import MESSAGES, METHODS, PACKAGE, SERVICE
from lingqu.outlets.protocols.grpc_server import GrpcServer

IMAGES = np.linspace(0, 16, 3 * 64, dtype=np.float32).reshape(3, 8, 8)
KEY: tuple[Key, str] = make("client")


@pytest.fixture(scope="module")
def app(releases: dict[str, Path]) -> OneApp:
    return make_app(opened(releases["digits"]))


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> OneApp:
    root = tmp_path_factory.mktemp("oip")
    return make_app(opened(packed(root / "talks", "chat", "decoder", DECODER)))


def infer(app: OneApp, told: Any, raw: bytes) -> Reply:
    head = json.dumps(told).encode()
    headers = {"inference-header-content-length": str(len(head))}
    return ask(app, "POST", "/v2/models/digits/infer", head + raw, headers)


def tensor(array: Any) -> dict[str, Any]:
    size = {"binary_data_size": array.nbytes}
    return {"name": "image", "datatype": "FP32", "shape": list(array.shape), "parameters": size}


def test_tensors_come_and_go_as_bytes(app: OneApp) -> None:
    plain = ask(app, "POST", "/c/digits?probabilities=1", {"columns": {"image": IMAGES.tolist()}})
    wanted = [{"name": "probabilities", "parameters": {"binary_data": True}},
              {"name": "prediction", "parameters": {"binary_data": False}}]  # fmt: skip
    reply = infer(app, {"inputs": [tensor(IMAGES)], "outputs": wanted}, IMAGES.tobytes())
    assert reply.headers["content-type"] == "application/octet-stream"
    length = int(reply.headers["inference-header-content-length"])
    told = json.loads(reply.body[:length])
    by_name = {output["name"]: output for output in told["outputs"]}
    assert by_name["prediction"]["data"] == plain.json["predictions"]
    size = by_name["probabilities"]["parameters"]["binary_data_size"]
    found = np.frombuffer(reply.body[length:], "<f8").reshape(3, 10)
    assert size == len(reply.body) - length
    np.testing.assert_allclose(found, plain.json["probabilities"])


def test_all_outputs_as_bytes(app: OneApp) -> None:
    told = {"inputs": [tensor(IMAGES)], "parameters": {"binary_data_output": True}}
    reply = infer(app, told, IMAGES.tobytes())
    length = int(reply.headers["inference-header-content-length"])
    outputs = json.loads(reply.body[:length])["outputs"]
    assert all("data" not in output for output in outputs)
    sizes = [output["parameters"]["binary_data_size"] for output in outputs]
    assert sum(sizes) == len(reply.body) - length


@pytest.mark.parametrize(
    ("told", "raw"),
    [
        ({"inputs": [tensor(IMAGES)]}, b"short"),
        ({"inputs": [tensor(IMAGES)]}, IMAGES.tobytes() + b"more"),
        ({"inputs": [{**tensor(IMAGES), "datatype": "FP8"}]}, IMAGES.tobytes()),
        ({"inputs": [{**tensor(IMAGES), "shape": [3, -8, 8]}]}, IMAGES.tobytes()),
        ({"inputs": [{**tensor(IMAGES), "shape": [2, 8, 8]}]}, IMAGES.tobytes()),
        ({"inputs": [{**tensor(IMAGES), "parameters": {"binary_data_size": -1}}]}, b""),
    ],
)
def test_bytes_that_do_not_fit_are_refused(app: OneApp, told: Any, raw: bytes) -> None:
    reply = infer(app, told, raw)
    assert reply.status == 422 and "error" in reply.json, reply.body


def test_a_length_that_is_none(app: OneApp) -> None:
    headers = {"inference-header-content-length": "99999"}
    reply = ask(app, "POST", "/v2/models/digits/infer", b"{}", headers)
    assert reply.status == 400


@given(st.lists(st.text(max_size=9), min_size=1, max_size=9))
def test_texts_survive_the_way_through_bytes(texts: list[str]) -> None:
    raw = binary.packed("BYTES", texts)
    assert binary.unpacked("t", "BYTES", [len(texts)], raw, frozenset()) == texts


@settings(max_examples=60)
@given(st.sampled_from([*binary.TYPES, "BYTES", "X"]), st.lists(st.integers(-2, 9), max_size=3),
       st.binary(max_size=64))  # fmt: skip
def test_any_bytes_are_read_or_refused(datatype: str, shape: list[int], raw: bytes) -> None:
    try:
        values = binary.unpacked("t", datatype, shape, raw, frozenset())
    except DataError:
        return
    assert len(values) == shape[0]


def test_what_the_server_is(app: OneApp) -> None:
    told = ask(app, "GET", "/v2").json
    assert told["extensions"] == ["binary_tensor_data", "generate"]


def test_texts_are_generated_whole_and_in_parts(talks: OneApp) -> None:
    asked = {"id": "7", "text_input": "open the file",
             "parameters": {"temperature": 2, "seed": 5, "max_tokens": 9}}  # fmt: skip
    whole = ask(talks, "POST", "/v2/models/talks/generate", asked).json
    assert whole["id"] == "7" and whole["usage"]["completion_tokens"] <= 9
    parts = ask(talks, "POST", "/v2/models/talks/generate_stream", asked)
    assert parts.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(e[6:]) for e in parts.body.decode().split("\n\n") if e]
    assert "".join(event["text_output"] for event in events) == whole["text_output"]
    assert events[-1]["finish_reason"] == whole["finish_reason"]
    for bad in ({"text_input": 3}, {"text_input": "a", "parameters": {"heat": 1}},
                {"text_input": "a", "more": 1}, []):  # fmt: skip
        assert ask(talks, "POST", "/v2/models/talks/generate", bad).status == 422


def test_who_writes_nothing_generates_nothing(app: OneApp) -> None:
    reply = ask(app, "POST", "/v2/models/digits/generate", {"text_input": "a"})
    assert reply.status == 422 and "/c/digits" in reply.json["detail"]


# gRPC


@pytest.fixture(scope="module")
def keyed(releases: dict[str, Path]) -> Iterator[OneApp]:
    yield make_app(opened(releases["digits"]), keys=[KEY[0]])


def call_all(app: OneApp, *calls: tuple[str, Any, Any]) -> list[Any]:
    """Open a gRPC server and ask it: (method, message, metadata) each."""

    async def work() -> list[Any]:
        server = GrpcServer(app, 1_000_000)
        await server.open("127.0.0.1", 0)
        replies: list[Any] = []
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            for name, message, metadata in calls:
                ask_it = channel.unary_unary(
                    f"/{PACKAGE}.{SERVICE}/{name}",
                    request_serializer=lambda m: m.SerializeToString(),
                    response_deserializer=MESSAGES[f"{name}Response"].FromString,
                )
                try:
                    replies.append(await ask_it(message, metadata=metadata, timeout=60))
                except grpc.aio.AioRpcError as error:
                    replies.append(error)
        await server.close()
        return replies

    return asyncio.run(work())


def request(**more: Any) -> Any:
    message = MESSAGES["ModelInferRequest"](model_name="digits", id="4", **more)
    made = message.inputs.add(name="image", datatype="FP32", shape=IMAGES.shape)
    made.contents.fp32_contents.extend(IMAGES.ravel().tolist())
    return message


def raw_request() -> Any:
    message = request()
    message.inputs[0].ClearField("contents")
    message.raw_input_contents.append(IMAGES.tobytes())
    return message


def test_grpc_answers_as_http_does(keyed: OneApp) -> None:
    key = (("authorization", f"Bearer {KEY[1]}"),)
    body = {"columns": {"image": IMAGES.tolist()}}
    http = ask(keyed, "POST", "/c/digits", body, {"authorization": f"Bearer {KEY[1]}"}).json
    before = len(keyed.records.entries)
    plain, raw = call_all(keyed, ("ModelInfer", request(), key), ("ModelInfer", raw_request(), key))
    told = {output.name: output for output in plain.outputs}
    assert [c.decode() for c in told["prediction"].contents.bytes_contents] == http["predictions"]
    assert list(told["confidence"].contents.fp64_contents) == http["confidence"]
    assert (plain.id, plain.model_version) == ("4", http["release"])
    place = [output.name for output in raw.outputs].index("confidence")
    assert np.frombuffer(raw.raw_output_contents[place], "<f8").tolist() == http["confidence"]
    logged = keyed.records.entries[before:]
    assert [entry.key for entry in logged] == [KEY[0].id] * 2
    assert all(entry.size > IMAGES.nbytes for entry in logged)


def test_grpc_tells_what_the_server_is(keyed: OneApp) -> None:
    key = (("authorization", f"Bearer {KEY[1]}"),)
    named = {"name": "digits"}
    asked = {name: {} if name.startswith("Server") else named for name in METHODS[:-1]}
    replies = call_all(
        keyed,
        *((name, MESSAGES[f"{name}Request"](**fields), key) for name, fields in asked.items()),
    )
    live, ready, model_ready, server, model = replies
    assert (live.live, ready.ready, model_ready.ready) == (True, True, True)
    assert server.name == "lingqu" and "binary_tensor_data" in server.extensions
    assert [tuple(tensor.shape) for tensor in model.inputs] == [(-1, 8, 8)]


@pytest.mark.parametrize(
    ("message", "metadata", "code"),
    [
        (request(), (), grpc.StatusCode.UNAUTHENTICATED),
        (request(), (("authorization", "Bearer lq_no"),), grpc.StatusCode.UNAUTHENTICATED),
        (MESSAGES["ModelInferRequest"](model_name="nobody"), None, grpc.StatusCode.NOT_FOUND),
        (MESSAGES["ModelInferRequest"](model_name="digits"), None,
         grpc.StatusCode.INVALID_ARGUMENT),
        (request(model_version="0" * 64), None, grpc.StatusCode.NOT_FOUND),
    ],
)  # fmt: skip
def test_grpc_refuses_in_its_own_words(
    keyed: OneApp, message: Any, metadata: Any, code: grpc.StatusCode
) -> None:
    key = (("authorization", f"Bearer {KEY[1]}"),) if metadata is None else metadata
    (error,) = call_all(keyed, ("ModelInfer", message, key))
    assert error.code() == code and error.details()
