"""OpenAI's paths, asked by the `openai` package itself and by hand."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from tests.outlets.asking import OneApp, Reply, ask, make_app, opened
from tests.outlets.live import live
from tests.outlets.text_samples import DECODER, packed

from lingqu.outlets.app import App
from lingqu.outlets.protocols.openai import chat_of, completions_of, embeddings_of
from lingqu.outlets.sight.frames import frames

ASKED: list[Any] = [{"role": "user", "content": "open the file"}]
BOLD: dict[str, Any] = {"model": "talks", "messages": ASKED, "temperature": 2, "top_p": 0.9}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("texts")
    packed(root / "talks", "chat", "decoder", DECODER)
    packed(root / "words", "translate", "memory", {"buckets": 256, "width": 16})
    packed(root / "near", "embed", "ngram_axes", {"width": 8, "buckets": 256})
    return root


@pytest.fixture(scope="module")
def app(folder: Path, releases: dict[str, Path]) -> App:
    """A server of four channels; of one of them the answers are no texts."""
    paths = [folder / "talks", folder / "words", folder / "near", releases["digits"]]
    alone = [make_app(opened(path)) for path in paths]
    return App(alone[0].guard, [one.room for one in alone])


@pytest.fixture(scope="module")
def address(app: App) -> Iterator[str]:
    with live(app) as found:
        yield found


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="probe-secret", max_retries=0) as found:
        yield found


def post(app: App, path: str, body: Any) -> Reply:
    return ask(app, "POST", path, body)


def test_only_channels_of_texts_are_listed(client: openai.OpenAI) -> None:
    assert sorted(model.id for model in client.models.list()) == ["near", "talks", "words"]
    assert client.models.retrieve("talks").owned_by == "lingqu"
    for name in ("digits", "nobody"):
        with pytest.raises(openai.NotFoundError, match=name):
            client.models.retrieve(name)


def test_a_chat_is_answered_with_what_was_used(client: openai.OpenAI, app: App) -> None:
    said = client.chat.completions.create(**BOLD, max_tokens=6, seed=1)
    (choice,) = said.choices
    own = {"rows": [{"text": "open the file"}],
           "options": {"temperature": 2, "top_p": 0.9, "max_tokens": 6, "seed": 1}}  # fmt: skip
    assert choice.message.content == post(app, "/c/talks", own).json["predictions"][0]
    assert said.usage is not None and choice.message.role == "assistant"
    assert 1 <= said.usage.completion_tokens <= 6
    assert said.usage.prompt_tokens == len("open the file") + 1  # and the sign that ends it
    assert choice.finish_reason == ("stop" if said.usage.completion_tokens < 6 else "length")


@pytest.mark.parametrize("seed", [2, 5, 6])
def test_a_stream_says_what_the_whole_says(client: openai.OpenAI, seed: int) -> None:
    whole = client.chat.completions.create(**BOLD, seed=seed, n=3)
    texts, ends, used = ["", "", ""], ["", "", ""], None
    stream = client.chat.completions.create(
        **BOLD, seed=seed, n=3, stream=True, stream_options={"include_usage": True}
    )
    for part in stream:
        used = part.usage or used
        for choice in part.choices:
            texts[choice.index] += choice.delta.content or ""
            ends[choice.index] = choice.finish_reason or ends[choice.index]
    assert texts == [choice.message.content for choice in whole.choices]
    assert ends == [choice.finish_reason for choice in whole.choices]
    assert used == whole.usage
    assert len(set(texts)) > 1  # each answer draws for itself


def test_prompts_each_get_their_answers(client: openai.OpenAI) -> None:
    asked: Any = {"model": "talks", "prompt": ["open", "close"], "n": 2, "max_tokens": 3}
    said = client.completions.create(**asked, temperature=2, seed=4)
    assert [choice.index for choice in said.choices] == [0, 1, 2, 3]
    assert said.usage is not None
    assert said.usage.prompt_tokens == len("open") + 1 + len("close") + 1
    streamed = ["", "", "", ""]
    for part in client.completions.create(**asked, temperature=2, seed=4, stream=True):
        for choice in part.choices:
            streamed[choice.index] += choice.text
    assert streamed == [choice.text for choice in said.choices]


def test_who_writes_nothing_answers_in_one_piece(client: openai.OpenAI) -> None:
    said = client.chat.completions.create(model="words", messages=ASKED, stream=True)
    texts = [part.choices[0].delta.content for part in said]
    assert [text for text in texts if text] == ["打开文件"]
    with pytest.raises(openai.BadRequestError, match="writes none"):
        client.chat.completions.create(model="words", messages=ASKED, temperature=1)


def test_vectors_come_as_numbers_and_as_bytes(client: openai.OpenAI, app: App) -> None:
    texts = ["open the file", "close the page"]
    packed_ = client.embeddings.create(model="near", input=texts)  # the client asks for base64
    plain = client.embeddings.create(model="near", input=texts, encoding_format="float")
    rows = [{"text": text} for text in texts]
    own = post(app, "/c/near", {"rows": rows}).json["predictions"]
    for one, other, wanted in zip(packed_.data, plain.data, own, strict=True):
        np.testing.assert_allclose(one.embedding, wanted, atol=1e-6)
        assert other.embedding == wanted
    assert packed_.usage.prompt_tokens == sum(map(len, texts))
    with pytest.raises(openai.BadRequestError, match="dimensions"):
        client.embeddings.create(model="near", input="a", dimensions=3)
    with pytest.raises(openai.BadRequestError, match="not answer with vectors"):
        client.embeddings.create(model="talks", input="a")


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"logprobs": True}, "logprobs"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"temperature": 3}, "temperature"),
        ({"n": 0}, "n"),
        ({"n": 10_000}, "n"),
        ({"stream": "yes"}, "stream"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
         "messages[0].content"),
        ({"heat": 1}, "heat"),
        ({"seed": 10**30}, "seed"),
        ({"tools": [10**30]}, "tools"),
    ],
)  # fmt: skip
def test_what_cannot_be_given_is_refused_by_name(app: App, given: Any, parameter: str) -> None:
    reply = post(app, "/v1/chat/completions", {"model": "talks", "messages": ASKED, **given})
    assert reply.status == 400, reply.body
    error = reply.json["error"]
    assert error["param"] == parameter and error["type"] == "invalid_request_error"


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e-7, 1e-5])
def test_next_to_no_temperature_is_none(app: App, temperature: float) -> None:
    asked = {"model": "talks", "messages": ASKED}
    cold = post(app, "/v1/chat/completions", {**asked, "temperature": temperature}).json
    none = post(app, "/v1/chat/completions", {**asked, "temperature": 0}).json
    assert cold["choices"] == none["choices"]


def test_neutral_parameters_ask_for_nothing(app: App) -> None:
    neutral = {"tools": [], "logprobs": False, "presence_penalty": 0, "user": "me", "stop": None,
               "response_format": {"type": "text"}, "max_completion_tokens": 2}  # fmt: skip
    reply = post(app, "/v1/chat/completions", {"model": "talks", "messages": ASKED, **neutral})
    assert reply.status == 200 and reply.json["usage"]["completion_tokens"] <= 2


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"model": 3}', b"{}", b'{"model": "talks"}'])
def test_a_body_that_is_none_is_told_so(app: App, body: bytes) -> None:
    reply = ask(app, "POST", "/v1/chat/completions", body)
    assert reply.status == 400 and set(reply.json) == {"error"}


def test_errors_are_those_of_the_api(client: openai.OpenAI, address: str) -> None:
    with pytest.raises(openai.NotFoundError) as told:
        client.chat.completions.create(model="nobody", messages=ASKED)
    assert told.value.code == "model_not_found"
    stranger = openai.OpenAI(base_url=f"{address}/v1", api_key="lq_wrong", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError):
        stranger.models.list()


def test_what_was_written_is_logged_and_can_be_found(app: App) -> None:
    room = app.rooms["talks"]
    before = len(room.records.entries)  # type: ignore[attr-defined]
    said = post(app, "/v1/chat/completions", {**BOLD, "seed": 7}).json
    (entry,) = room.records.entries[before:]  # type: ignore[attr-defined]
    assert entry.ids == said["prediction_ids"] == [said["id"]]
    (frame,) = frames([entry])
    assert frame["prediction"].to_list() == [float(len(said["choices"][0]["message"]["content"]))]
    assert json.loads(frame["options"][0])["seed"] == 7


def test_who_hangs_up_stops_the_writing(folder: Path) -> None:
    served = opened(folder / "talks")
    app: OneApp = make_app(served)
    body = json.dumps({**BOLD, "stream": True, "n": 64}).encode()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    with live(app) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as caller:
            caller.sendall(head % len(body) + body)
            assert caller.recv(100).startswith(b"HTTP/1.1 200")
        until = time.monotonic() + 5
        while served.pen.busy and time.monotonic() < until:
            time.sleep(0.01)
    assert served.pen.busy == 0
    assert app.counters.state()["series"][0]["statuses"] == {"499": 1}
    assert app.records.entries == []


def test_too_many_texts_at_once_are_refused(folder: Path) -> None:
    app = make_app(opened(folder / "talks", queue=1))

    async def several() -> list[int]:
        from tests.outlets.asking import _one

        asked = {**BOLD, "n": 8}
        path = "/v1/chat/completions"
        replies = await asyncio.gather(
            *(_one(app, "POST", path, asked, {}, "127.0.0.1") for _ in range(3))
        )
        return sorted(reply.status for reply in replies)

    assert asyncio.run(several()) == [200, 429, 429]


def test_bodies_are_read_as_they_are_documented() -> None:
    system = {"role": "developer", "content": [{"type": "text", "text": "short"}]}
    asked = chat_of({"messages": [system, *ASKED]})
    assert json.loads(asked.cells[0]) == [{"role": "system", "content": "short"}, *ASKED]
    assert completions_of({"prompt": "a", "n": None, "stop": ["x"]}).writing.stop == ("x",)
    assert embeddings_of({"input": ["a"], "encoding_format": "base64"}) == (("a",), "base64")
