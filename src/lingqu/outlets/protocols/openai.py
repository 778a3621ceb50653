"""The words of OpenAI's API: what is asked of a channel of texts, and what is said back.

A request is read as a whole before anything is computed. What cannot be given (tools, log
probabilities, pictures) is refused by the name of the parameter, never passed over.

Source: OpenAI API reference, "Chat", "Completions", "Embeddings", "Models" and "Streaming".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json
from lingqu.release.replies.progress import Progress
from lingqu.release.replies.template import ROLES
from lingqu.release.replies.writing import Writing

MOST_TEXTS = 64
"""Texts that one request may have written: prompts times `n`."""
_WRITING = ("temperature", "top_k", "top_p", "stop", "seed", "max_tokens")
_AROUND = frozenset({"model", "stream", "stream_options", "n", "user", "metadata", "store",
                     "safety_identifier", "prompt_cache_key"})  # fmt: skip
"""Parameters that change no word of an answer, and those that are read beside the writing."""
_NEUTRAL: Mapping[str, Sequence[Json]] = {
    "logprobs": (False,), "frequency_penalty": (0,), "presence_penalty": (0,),
    "logit_bias": ({},), "response_format": ({"type": "text"},), "tools": ([],),
    "functions": ([],), "modalities": (["text"],), "service_tier": ("auto", "default"),
    "best_of": (1,), "echo": (False,), "suffix": ("",), "tool_choice": ("none",),
    "top_logprobs": (0,),
}  # fmt: skip
"""Parameters that are not supported, with the values at which nothing is asked of them."""


@dataclass(frozen=True)
class Question:
    """What a request wants written.

    Args:
        cells: What is asked, one text each.
        n: Answers to each.
        writing: How they are written.
        stream: Whether they are sent while they are written.
        usage: Whether a stream ends with the tokens that were used.
    """

    cells: tuple[str, ...]
    n: int
    writing: Writing
    stream: bool
    usage: bool


def chat_of(given: Json) -> Question:
    """Read the body of ``/v1/chat/completions``.

    Raises:
        DataError: It is not such a body, or asks for what cannot be given.

    Example:
        >>> asked = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "top_p": 0.5}
        >>> chat_of(asked).cells, chat_of(asked).writing.top_p
        (('Hi',), 0.5)
    """
    body = _object(given)
    _refuse(body, {"messages", "max_completion_tokens"})
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise bad("messages", "[{role, content}, …]", messages)
    said = [_message(place, message) for place, message in enumerate(messages)]
    limit = body.get("max_completion_tokens")
    if limit is not None:
        body = {**body, "max_tokens": limit}
    return _question(body, (_cell(said),))


def completions_of(given: Json) -> Question:
    """Read the body of ``/v1/completions``.

    Raises:
        DataError: It is not such a body, or asks for what cannot be given.

    Example:
        >>> completions_of({"prompt": ["a", "b"], "n": 2}).cells
        ('a', 'b')
    """
    body = _object(given)
    _refuse(body, {"prompt"})
    return _question(body, texts_of(body, "prompt"))


def texts_of(body: Mapping[str, Json], name: str) -> tuple[str, ...]:
    """Return the texts of a parameter that is one text or several."""
    value = body.get(name)
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(t, str) for t in texts):
        raise bad(name, '"text" / ["text", …]', value)
    return tuple(texts)


def model_of(given: Json) -> str:
    """Return the channel that a body names.

    Raises:
        DataError: It is no object, or names none.
    """
    model = _object(given).get("model")
    if not isinstance(model, str) or not model:
        raise bad("model", '"channel"', model)
    return model


@dataclass(frozen=True)
class Head:
    """What every part of one reply says of itself.

    Args:
        name: Id of the reply: the prediction id of its first answer.
        channel: Name of the channel.
        release: Digest of the release.
        created: Unix seconds.
        chat: Whether messages were asked, or texts to go on with.
    """

    name: str
    channel: str
    release: str
    created: int
    chat: bool

    def to_json(self, part: bool = False) -> dict[str, Json]:
        kind = "text_completion"
        if self.chat:
            kind = "chat.completion.chunk" if part else "chat.completion"
        return {
            "id": self.name, "object": kind, "created": self.created, "model": self.channel,
            "system_fingerprint": f"fp_{self.release[:12]}",
        }  # fmt: skip


def whole(head: Head, written: Sequence[Progress], ids: Sequence[str], n: int) -> dict[str, Json]:
    """Return the reply to a request that is not streamed; `n` answers to each prompt."""
    choices = [
        {
            "index": one.row,
            **({"message": {"role": "assistant", "content": one.text, "refusal": None}}
               if head.chat else {"text": one.text}),
            "logprobs": None,
            "finish_reason": _reason(one),
        }
        for one in written
    ]  # fmt: skip
    return {**head.to_json(), "choices": choices, "usage": usage(written, n),
            "prediction_ids": list(ids)}  # fmt: skip


def opening(head: Head, answers: int) -> list[dict[str, Json]]:
    """Return the first parts of a stream: who speaks."""
    if not head.chat:
        return []
    delta = {"role": "assistant", "content": ""}
    return [_part(head, row, {"delta": delta}, None) for row in range(answers)]


def piece(head: Head, row: int, text: str) -> dict[str, Json]:
    """Return the part of a stream that adds a text to one answer."""
    return _part(head, row, {"delta": {"content": text}} if head.chat else {"text": text}, None)


def closing(head: Head, one: Progress) -> dict[str, Json]:
    """Return the part of a stream that ends one answer."""
    return _part(head, one.row, {"delta": {}} if head.chat else {"text": ""}, _reason(one))


def tail(head: Head, written: Sequence[Progress], n: int) -> dict[str, Json]:
    """Return the part of a stream that tells what was used."""
    return {**head.to_json(True), "choices": [], "usage": usage(written, n)}


def event(part: Json) -> bytes:
    """Return a part as a server-sent event.

    Example:
        >>> event({"a": 1})
        b'data: {"a":1}\\n\\n'
    """
    return b"data: " + orjson.dumps(part, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n\n"


DONE = b"data: [DONE]\n\n"


def usage(written: Sequence[Progress], n: int) -> dict[str, Json]:
    """Return how many tokens were read and written; a prompt counts once for its `n` answers."""
    asked = sum(one.asked for one in written[::n])
    said = sum(one.said for one in written)
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def embeddings_of(given: Json) -> tuple[tuple[str, ...], str]:
    """Read the body of ``/v1/embeddings``: texts, and how vectors are written.

    Raises:
        DataError: It is not such a body, or asks for what cannot be given.

    Example:
        >>> embeddings_of({"input": "lock gate", "model": "near"})
        (('lock gate',), 'float')
    """
    body = _object(given)
    unknown = set(body) - {"input", "model", "encoding_format", "user", "dimensions"}
    for name in sorted(unknown):
        raise refused(name, body[name])
    encoding = body.get("encoding_format") or "float"
    if encoding not in ("float", "base64"):
        raise bad("encoding_format", "float / base64", encoding)
    dimensions = body.get("dimensions")
    if dimensions is not None and not (type(dimensions) is int and dimensions > 0):
        raise bad("dimensions", "≥ 1", dimensions)
    return texts_of(body, "input"), encoding


def vectors(
    channel: str, said: Sequence[Sequence[float]], encoding: str, tokens: int
) -> dict[str, Json]:
    """Return the reply to ``/v1/embeddings``.

    Example:
        >>> vectors("near", [[1.0, 0.0]], "base64", 2)["data"][0]["embedding"]
        'AACAPwAAAAA='
    """
    data = [
        {"object": "embedding", "index": place,
         "embedding": _packed(vector) if encoding == "base64" else list(vector)}
        for place, vector in enumerate(said)
    ]  # fmt: skip
    used = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": channel, "usage": used}


def models(channels: Sequence[tuple[str, int]]) -> dict[str, Json]:
    """Return the reply to ``/v1/models``: names of channels, and when they were opened."""
    return {"object": "list", "data": [model(*channel) for channel in channels]}


def model(channel: str, created: int) -> dict[str, Json]:
    """Return one line of ``/v1/models``."""
    return {"id": channel, "object": "model", "created": created, "owned_by": "lingqu"}


def refusal(
    status: int, message: str, parameter: str | None = None, code: str | None = None
) -> dict[str, Json]:
    """Return the error object of the API."""
    kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": message, "type": kind, "param": parameter, "code": code}}


def bad(name: str, expected: str, received: Json) -> DataError:
    """Return the refusal of a parameter whose value cannot be."""
    told = "—" if received is None else _shown(received)
    return DataError("protocols.bad_parameter", parameter=name, expected=expected, received=told)


def refused(name: str, received: Json) -> DataError:
    """Return the refusal of a parameter that is not supported."""
    return DataError("protocols.unsupported", parameter=name[:60], received=_shown(received))


def _shown(value: Json) -> str:
    try:
        return orjson.dumps(value, default=str).decode()[:60]
    except TypeError:  # a whole number of more than 64 bits
        return type(value).__name__


def _question(body: Mapping[str, Json], cells: tuple[str, ...]) -> Question:
    n = body.get("n", 1)
    n = 1 if n is None else n
    if type(n) is not int or not 1 <= n <= MOST_TEXTS // len(cells):
        raise bad("n", f"1 … {max(1, MOST_TEXTS // len(cells))}", n)
    stream = _flag(body, "stream")
    options = body.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise bad("stream_options", "{include_usage: true}", options)
    for name in options or ():
        if name not in ("include_usage", "include_obfuscation"):
            raise refused(f"stream_options.{name}", (options or {})[name])
    told = {name: body[name] for name in _WRITING if body.get(name) is not None}
    return Question(cells, n, _writing(told), stream, _flag(options or {}, "include_usage"))


def _writing(told: dict[str, Json]) -> Writing:
    try:
        return Writing.of(told)
    except DataError as error:
        name = str(error.facts.get("option", "")).removeprefix("options.")
        raise bad(name, str(error.facts.get("expected")), told.get(name)) from error


def _flag(body: Mapping[str, Json], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise bad(name, "true / false", value)
    return bool(value)


def _refuse(body: Mapping[str, Json], own: set[str]) -> None:
    """Refuse what is not supported, by its name."""
    for name, value in body.items():
        if name in own or name in _AROUND or name in _WRITING or value is None:
            continue
        if value not in _NEUTRAL.get(name, ()):
            raise refused(name, value)


def _message(place: int, message: Json) -> dict[str, str]:
    if not isinstance(message, dict):
        raise bad(f"messages[{place}]", "{role, content}", message)
    role = {"developer": "system"}.get(str(message.get("role")), message.get("role"))
    if role not in ROLES:
        raise bad(f"messages[{place}].role", ", ".join(ROLES), message.get("role"))
    for name, value in message.items():
        if name not in ("role", "content", "name", "refusal") and value:
            raise refused(f"messages[{place}].{name}", value)
    return {"role": str(role), "content": _content(place, message.get("content"))}


def _content(place: int, content: Json) -> str:
    """Return the text of a message, which may come in parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    texts = []
    for part in parts:
        if not isinstance(part, dict) or not isinstance(part.get("text"), str):
            kind = part.get("type") if isinstance(part, dict) else part
            raise bad(f"messages[{place}].content", '"text"', kind)
        texts.append(part["text"])
    return "".join(texts)


def _cell(said: Sequence[Mapping[str, str]]) -> str:
    """Return messages as a channel reads them: one of the user alone is its text."""
    text = said[0]["content"]
    if len(said) == 1 and said[0]["role"] == "user" and not text.lstrip().startswith("["):
        return text
    return orjson.dumps(list(said)).decode()


def _part(head: Head, row: int, said: dict[str, Json], reason: str | None) -> dict[str, Json]:
    choice = {"index": row, **said, "logprobs": None, "finish_reason": reason}
    return {**head.to_json(True), "choices": [choice]}


def _reason(one: Progress) -> str:
    return "stop" if one.ended else "length"


def _packed(vector: Sequence[float]) -> str:
    return base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode()


def _object(given: Json) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise bad("body", "{…}", given)
    return given
