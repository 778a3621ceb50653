"""``POST /c/{channel}/feedback``: labels for answers, on the disk before the reply is sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lingqu.core.errors import DataError, OutletError
from lingqu.core.nouns import Json
from lingqu.outlets.reading import forms
from lingqu.outlets.request import Request, Send
from lingqu.outlets.room import Room, one_room
from lingqu.outlets.sight.labels import MOST, label_of
from lingqu.outlets.telling.pages import as_json
from lingqu.store.feedback import Label

if TYPE_CHECKING:
    from lingqu.outlets.app import App


class Feedback:
    """Takes labels in."""

    @classmethod
    def answer(cls, app: App, request: Request, body: bytes | bytearray, send: Send) -> None:
        """Keep the labels of a request, and say of each whether it was new.

        Raises:
            LingquError: A label cannot be read.
        """
        room = request.room = one_room(request)
        labels, replaces = labels_of(room, forms.decoded(body))
        labels = [replace(one, key=request.key) for one in labels]
        keeper = app.labels
        if keeper is None:
            raise OutletError("outlets.stopped", channel=room.channel)

        def kept(work: asyncio.Future[list[str]]) -> None:
            try:
                said: dict[str, Json] = {"kept": len(labels), "states": work.result()}
                reply = as_json(200, said)
            except Exception as error:
                reply = app.failed(request, error)
            else:
                request.counted = True
            send(*reply)

        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(None, keeper.keep, room.channel, labels, replaces)
        work.add_done_callback(kept)


def labels_of(room: Room, given: Json) -> tuple[list[Label], frozenset[str]]:
    """Read one label or a list of them under ``feedback``.

    Raises:
        DataError: It is no such body, or one answer is labelled twice.
    """
    items: Any = given.get("feedback", [given]) if isinstance(given, dict) else None
    if not isinstance(items, list) or not 0 < len(items) <= MOST:
        raise DataError("protocols.bad_feedback", item=1, problem=type(given).__name__, most=MOST)
    served = room.documented()
    read = [label_of(served, place, item) for place, item in enumerate(items, start=1)]
    ids = [label.prediction for label, _ in read]
    for place, one in enumerate(ids, start=1):
        if one in ids[: place - 1]:
            raise DataError("protocols.bad_feedback", item=place, problem=one[:40], most=MOST)
    return [label for label, _ in read], frozenset(label.prediction for label, may in read if may)
