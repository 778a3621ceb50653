"""``GET /c/{channel}/queue/{question}``: what a person answered, or that nobody has yet."""

from __future__ import annotations

import asyncio

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Json
from lingqu.outlets.app import App
from lingqu.outlets.request import Request, Send
from lingqu.outlets.room import one_room
from lingqu.outlets.telling.pages import as_json
from lingqu.store.questions import Question


class Questions:
    """Tells the caller that asked, and nobody else."""

    @classmethod
    def answer(cls, app: App, request: Request, body: bytes | bytearray, send: Send) -> None:
        """Send the state of a question: 200 with its answers, or 202 while it waits.

        Raises:
            OutletError: There is no such question, or it is another caller's.
        """
        channel, chain = one_room(request).channel, app.chain
        name = request.parts["question"] if request.parts else ""
        if chain is None:
            raise _unknown(name)

        def found(work: asyncio.Future[Question | None]) -> None:
            try:
                question = work.result()
                if question is None or question.request.get("key", "") != request.key:
                    raise _unknown(name)
                reply = as_json(*_told(question))
            except Exception as error:
                reply = app.failed(request, error)
            send(*reply)

        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(None, chain.question, channel, name)
        work.add_done_callback(found)


def _told(question: Question) -> tuple[int, Json]:
    told: dict[str, Json] = {"id": question.id, "state": question.state}
    if question.state == "waiting":
        return 202, told
    return 200, {
        **told,
        "predictions": question.answer,
        "prediction_ids": question.request["ids"],
        "answered_by": "person",
        "answered_at": question.answered_at,
    }


def _unknown(name: str) -> OutletError:
    return OutletError("outlets.unknown_question", question=name[:40])
