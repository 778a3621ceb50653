"""What a server says beside predictions: its health, its figures and its description."""

from __future__ import annotations

import orjson

from lingqu.core.nouns import Json
from lingqu.outlets.app import App
from lingqu.outlets.call import JSON
from lingqu.outlets.problems import Headers
from lingqu.outlets.reading import forms
from lingqu.outlets.request import Reply, Request, Send
from lingqu.outlets.room import one_room
from lingqu.outlets.sight.tally import summary
from lingqu.outlets.telling.docs_page import page
from lingqu.outlets.telling.openapi import document

_HTML: Headers = [(b"content-type", b"text/html; charset=utf-8")]


class Page:
    """A path that is answered at once and without a body."""

    @classmethod
    def answer(cls, app: App, request: Request, body: bytes | bytearray, send: Send) -> None:
        """Send the reply."""
        send(*cls.reply(app, request))

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        """Return it."""
        raise NotImplementedError


class Health(Page):
    """Whether the server lives, and what a channel has counted."""

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        rooms = request.rooms
        ready = bool(rooms) and all(room.ready for room in rooms)
        state: dict[str, Json] = {
            "status": "ok" if ready else "stopped",
            "live": True,
            "ready": ready,
            "revision": app.slowest(rooms),
            "processes": app.processes,
        }
        if len(rooms) == 1:
            state |= {"channel": rooms[0].channel, **summary(app.states(rooms))}
        if app.shown is not None:
            state["certificate"] = app.shown.told()
        return as_json(200, state)


class Live(Page):
    """Whether the process lives."""

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        return as_json(200, {"live": True})


class Ready(Page):
    """Whether a release answers."""

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        rooms = request.rooms if request.room is None else (request.room,)
        ready = bool(rooms) and all(room.ready for room in rooms)
        state: dict[str, Json] = {"ready": ready}
        if len(rooms) == 1:
            state = {"name": rooms[0].channel, **state}
        return as_json(200 if ready else 503, state)


class Document(Page):
    """The OpenAPI document of a channel."""

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        room = one_room(request)
        return as_json(200, document(room.documented(), room.channel))


class Docs(Page):
    """The page of a channel for people."""

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        room = one_room(request)
        return 200, _HTML, page(room.documented(), room.channel)


class Metadata(Page):
    """Inputs and outputs of a channel, or of one release of it."""

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        room = one_room(request)
        if request.parts:
            version = request.parts["version"]
            return as_json(200, forms.metadata(room.serving.served[version], [version]))
        versions = list(room.serving.split.releases)
        return as_json(200, forms.metadata(room.documented(), versions))


def as_json(status: int, value: Json) -> Reply:
    """Return a reply of JSON."""
    return status, JSON, orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
