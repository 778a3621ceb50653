"""OpenAI's paths: chats, texts to go on with, vectors, and which channels can be asked so.

The channel is named by ``model`` in the body; a channel whose answers are no texts and no vectors
of texts is not listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import orjson

from lingqu.core.errors import AccessError, DataError, LingquError
from lingqu.core.i18n import Language
from lingqu.core.nouns import TEXTS, Json
from lingqu.outlets.call import Call, Form
from lingqu.outlets.protocols import openai
from lingqu.outlets.protocols.openai import Head, Question
from lingqu.outlets.protocols.written import (
    Written,
    WrittenCall,
    is_asked_with_text,
    only_column,
)
from lingqu.outlets.reading.columns import Columns
from lingqu.outlets.request import Reply, Request, Send
from lingqu.outlets.room import Room
from lingqu.outlets.served import Answer, Served
from lingqu.outlets.telling.pages import Page, as_json
from lingqu.release.replies.progress import Progress

if TYPE_CHECKING:
    from lingqu.outlets.app import App


class _Named(msgspec.Struct):
    """The part of a body that says which channel is meant."""

    model: str = ""


_named = msgspec.json.Decoder(_Named).decode


def is_listed(room: Room) -> bool:
    """Tell whether a channel can be asked over these paths."""
    served = room.serving.first
    if served is None or not is_asked_with_text(served):
        return False
    return served.release.task in TEXTS or served.release.task == "embed"


def room_of(request: Request, model: str) -> Room:
    """Return the channel that a caller names, of those it may ask.

    Raises:
        AccessError: There is none of that name that can be asked so (404).
    """
    for room in request.rooms:
        if room.channel == model:
            return room
    known = ", ".join(sorted(room.channel for room in request.rooms if is_listed(room)))
    raise AccessError("protocols.no_model", 404, model=model[:60], expected=known or "—")


def answer_named(
    app: App, request: Request, body: bytes | bytearray, send: Send, form: type[Form]
) -> None:
    """Let the channel answer that the body names.

    Raises:
        DataError: The body is no JSON, or names no channel.
        AccessError: It names one that is not there (404).
    """
    try:
        model = _named(body).model
    except msgspec.ValidationError as error:
        raise openai.bad("model", '"channel"', None) from error
    except (ValueError, RecursionError) as error:
        raise DataError("outlets.bad_json", problem=str(error)[:200]) from error
    if not model:
        raise openai.bad("model", '"channel"', None)
    request.room = room_of(request, model)
    app.predict(request, body, send, form)


class Chat(Written):
    """``POST /v1/chat/completions``."""

    chat = True

    @classmethod
    def answer(cls, app: App, request: Request, body: bytes | bytearray, send: Send) -> None:
        answer_named(app, request, body, send, cls)

    @classmethod
    def question(cls, given: Json) -> Question:
        return openai.chat_of(given)

    @classmethod
    def whole(cls, call: WrittenCall, written: Sequence[Progress]) -> Json:
        return openai.whole(cls.head(call), written, call.entry.ids, call.question.n)

    @classmethod
    def opening(cls, call: WrittenCall) -> list[bytes]:
        parts = openai.opening(cls.head(call), len(call.entry.ids))
        return [openai.event(part) for part in parts]

    @classmethod
    def piece(cls, call: WrittenCall, one: Progress, text: str) -> bytes:
        return openai.event(openai.piece(cls.head(call), one.row, text))

    @classmethod
    def closing(cls, call: WrittenCall, one: Progress) -> list[bytes]:
        return [openai.event(openai.closing(cls.head(call), one))]

    @classmethod
    def tail(cls, call: WrittenCall, written: Sequence[Progress]) -> list[bytes]:
        if not call.question.usage:
            return [openai.DONE]
        used = openai.tail(cls.head(call), written, call.question.n)
        return [openai.event(used), openai.DONE]

    @classmethod
    def head(cls, call: WrittenCall) -> Head:
        """Return what every part says of the reply."""
        return Head(
            call.entry.ids[0], call.room.channel, call.served.digest, int(call.entry.at), cls.chat
        )


class Completions(Chat):
    """``POST /v1/completions``."""

    chat = False

    @classmethod
    def question(cls, given: Json) -> Question:
        return openai.completions_of(given)


class Embeddings(Form):
    """``POST /v1/embeddings``: answered in batches, as rows are."""

    @classmethod
    def answer(cls, app: App, request: Request, body: bytes | bytearray, send: Send) -> None:
        answer_named(app, request, body, send, cls)

    @staticmethod
    def read(served: Served, given: Json, most: int) -> Columns:
        if served.release.task != "embed":
            raise DataError(
                "protocols.embeds_not", channel=served.release.name, task=served.release.task
            )
        texts, _ = openai.embeddings_of(given)
        if len(texts) > most:
            raise AccessError("outlets.too_many_rows", 413, received=len(texts), limit=most)
        column = only_column(served, served.release.name)
        return served.reader.rows([{column: text} for text in texts])

    @staticmethod
    def write(call: Call, answer: Answer) -> Json:
        texts, encoding = openai.embeddings_of(call.given)
        size = len(answer.predictions[0])
        wanted = call.given.get("dimensions")
        if wanted not in (None, size):
            raise openai.bad("dimensions", str(size), wanted)
        # What is read of a text differs from encoder to encoder: its characters are counted.
        tokens = sum(map(len, texts))
        return openai.vectors(call.room.channel, answer.predictions, encoding, tokens)


class Models(Page):
    """``GET /v1/models``."""

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        listed = [(room.channel, _created(room)) for room in request.rooms if is_listed(room)]
        return as_json(200, openai.models(listed))


class Model(Page):
    """``GET /v1/models/{model}``."""

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        assert request.parts is not None
        room = room_of(request, request.parts["model"])
        if not is_listed(room):
            known = ", ".join(r.channel for r in request.rooms if is_listed(r))
            raise AccessError("protocols.no_model", 404, model=room.channel, expected=known or "—")
        return as_json(200, openai.model(room.channel, _created(room)))


def refused(status: int, error: LingquError, to: Language | None) -> tuple[int, bytes]:
    """Return an error as the API words it: its status, and its object.

    Args:
        status: As our own paths say it.
        error: What went wrong.
        to: Language of the message.
    """
    status = 400 if status == 422 else status
    parameter = error.facts.get("parameter")
    said = openai.refusal(
        status, error.told(to), parameter and str(parameter), _CODES.get(error.key, error.key)
    )
    return status, orjson.dumps(said)


_CODES = {
    "protocols.no_model": "model_not_found",
    "outlets.no_key": "invalid_api_key",
    "outlets.bad_key": "invalid_api_key",
}


def _created(room: Room) -> int:
    served = room.documented()
    return int(datetime.fromisoformat(served.release.manifest.created).timestamp())
