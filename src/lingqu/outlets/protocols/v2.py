"""The Open Inference Protocol over HTTP: tensors as JSON or as bytes, and texts.

Source: Open Inference Protocol V2, "HTTP/REST" and "Generate extension"
(kserve/open-inference-protocol).
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from lingqu import __version__
from lingqu.core.nouns import Json
from lingqu.outlets.call import Call, Tensors
from lingqu.outlets.problems import Headers
from lingqu.outlets.protocols import binary, openai
from lingqu.outlets.protocols.openai import Question
from lingqu.outlets.protocols.written import Written, WrittenCall
from lingqu.outlets.reading import forms
from lingqu.outlets.reading.columns import Columns
from lingqu.outlets.request import Reply, Request
from lingqu.outlets.served import Answer, Served
from lingqu.outlets.telling.pages import Page, as_json
from lingqu.release.replies.progress import Progress
from lingqu.release.replies.writing import SCHEMA, Writing

EXTENSIONS = ("binary_tensor_data", "generate")
"""Extensions of the protocol that are spoken here."""
_OCTETS = b"application/octet-stream"


class Infer(Tensors):
    """Tensors in and out; the bytes of some may follow the JSON."""

    @classmethod
    def taken(cls, call: Call, body: bytes | bytearray) -> tuple[Json, Columns]:
        header = call.request.headers.get(b"inference-header-content-length")
        if header is None:
            return super().taken(call, body)
        text, raw = binary.split(body, header.decode("latin-1"))
        given = binary.filled(forms.decoded(text), raw, files_of(call.served))
        return given, cls.read(call.served, given, call.room.limits.rows)

    @classmethod
    def told(cls, call: Call, answer: Answer) -> tuple[Headers, bytes]:
        if not _may_want_bytes(call.given):
            return super().told(call, answer)
        written = cls.write(call, answer)
        payload, length = binary.reply(call.given, written)
        if length is None:
            return [(b"content-type", b"application/json")], payload
        return [
            (b"content-type", _OCTETS),
            (b"inference-header-content-length", str(length).encode()),
        ], payload


class Server(Page):
    """Name, version and extensions of the server."""

    @classmethod
    def reply(cls, app: object, request: Request) -> Reply:
        told = {"name": "lingqu", "version": __version__, "extensions": list(EXTENSIONS)}
        return as_json(200, told)


class Generate(Written):
    """``POST /v2/models/{channel}/generate``: a text in, a text out."""

    streams = False

    @classmethod
    def question(cls, given: Json) -> Question:
        if not isinstance(given, dict):
            raise openai.bad("body", "{text_input: …}", given)
        for name in given:
            if name not in ("id", "text_input", "parameters"):
                raise openai.refused(name, given[name])
        text, told = given.get("text_input"), given.get("parameters") or {}
        if not isinstance(text, str):
            raise openai.bad("text_input", '"text"', text)
        if not isinstance(told, dict):
            raise openai.bad("parameters", "{temperature: …}", told)
        if told.get("stream") not in (None, cls.streams):
            raise openai.bad("parameters.stream", str(cls.streams).lower(), told["stream"])
        asked = {name: value for name, value in told.items() if name != "stream"}
        for name, value in asked.items():
            if name not in SCHEMA["properties"]:
                raise openai.refused(f"parameters.{name}", value)
        return Question((text,), 1, Writing.of(asked), cls.streams, False)

    @classmethod
    def whole(cls, call: WrittenCall, written: Sequence[Progress]) -> Json:
        (one,) = written
        return {**_told(call, one.text), **_end(call, one)}


class GenerateStream(Generate):
    """``POST /v2/models/{channel}/generate_stream``: the text is sent while it is written."""

    streams = True

    @classmethod
    def piece(cls, call: WrittenCall, one: Progress, text: str) -> bytes:
        return _event(_told(call, text))

    @classmethod
    def closing(cls, call: WrittenCall, one: Progress) -> list[bytes]:
        return [_event({**_told(call, ""), **_end(call, one)})]


def files_of(served: Served) -> frozenset[str]:
    """Return the columns of a channel whose cells are files."""
    return frozenset(c.name for c in served.reader.schema if c.kind in ("image", "audio"))


def _may_want_bytes(given: Json) -> bool:
    """Tell whether a request says anything of how outputs come."""
    return bool(given.get("parameters")) or bool(given.get("outputs"))


def _told(call: WrittenCall, text: str) -> dict[str, Json]:
    told: dict[str, Json] = {
        "model_name": call.room.channel, "model_version": call.served.digest, "text_output": text,
    }  # fmt: skip
    sent = call.given.get("id")
    return {"id": sent, **told} if isinstance(sent, str) else told


def _end(call: WrittenCall, one: Progress) -> dict[str, Json]:
    return {
        "finish_reason": "stop" if one.ended else "length",
        "prediction_id": call.entry.ids[0],
        "usage": openai.usage([one], 1),
    }


def _event(part: Json) -> bytes:
    return b"data: " + orjson.dumps(part) + b"\n\n"
