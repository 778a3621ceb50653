"""Requests for texts: read, written step by step, and sent whole or while they are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

import orjson

from lingqu.core.errors import AccessError, DataError
from lingqu.core.nouns import TEXTS, Json
from lingqu.outlets.access.guard import PROBE
from lingqu.outlets.call import JSON, Call, Form
from lingqu.outlets.pen import Writing
from lingqu.outlets.problems import Headers
from lingqu.outlets.protocols.openai import Question
from lingqu.outlets.reading import forms
from lingqu.outlets.reading.columns import Columns
from lingqu.outlets.served import Answer, Served
from lingqu.outlets.stream import Stream
from lingqu.release.replies import Writes
from lingqu.release.replies.progress import Progress

EVENTS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache"),
]  # fmt: skip
HUNG_UP = 499
"""Status that is counted of a caller who left: nobody is sent it."""


class Written(Form):
    """How one protocol asks for texts, and how they are sent."""

    calls: ClassVar[type[Call]]

    @classmethod
    def question(cls, given: Json) -> Question:
        """Return what a body asks.

        Raises:
            DataError: It is no such body.
        """
        raise NotImplementedError

    @classmethod
    def whole(cls, call: WrittenCall, written: Sequence[Progress]) -> Json:
        """Return the reply to a request that is not streamed."""
        raise NotImplementedError

    @classmethod
    def opening(cls, call: WrittenCall) -> list[bytes]:
        """Return the events before the first text."""
        return []

    @classmethod
    def piece(cls, call: WrittenCall, one: Progress, text: str) -> bytes:
        """Return the event that adds a text to one answer."""
        raise NotImplementedError

    @classmethod
    def closing(cls, call: WrittenCall, one: Progress) -> list[bytes]:
        """Return the events that end one answer."""
        return []

    @classmethod
    def tail(cls, call: WrittenCall, written: Sequence[Progress]) -> list[bytes]:
        """Return the events after all answers."""
        return []

    @classmethod
    def torn(cls, call: WrittenCall, error: Exception) -> bytes:
        """Return the event that tells of a failure after the stream has begun."""
        body = call.app.failed(call.request, error)[2]
        return b"data: " + body + b"\n\n"


class WrittenCall(Call):
    """One request for texts."""

    __slots__ = ("newest", "question", "sent", "stream", "writing")

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.newest: dict[int, Progress] = {}
        self.stream: Stream | None = None

    def begin(self, body: bytes | bytearray) -> None:
        form = self._form
        self.entry.size = len(body)
        self.given = forms.decoded(body)
        self.question: Question = form.question(self.given)
        self.columns = asked_columns(self.served, self.room.channel, self.question)
        self._charge_rows(self.columns.height)
        self.entry.ids = self.room.prediction_ids(self.columns.height)
        self.sent = [""] * self.columns.height
        steps = steps_of(self.served, self.columns)
        self.writing: Writing = self.served.pen.write(
            steps, self._told, self.fail, paced=self.question.stream
        )
        self.request.on_gone = self._left
        self.writing.go()

    @property
    def _form(self) -> type[Written]:
        assert issubclass(self.form, Written)
        return self.form

    @property
    def written(self) -> list[Progress]:
        """How far every answer has come, in order."""
        return [self.newest[row] for row in sorted(self.newest)]

    def _told(self, newest: Sequence[Progress], over: bool) -> bool:
        self.newest |= {one.row: one for one in newest}
        if self.question.stream:
            self._send_parts(newest)
        if over:
            self._end()
            return False
        if self.stream is not None and self.stream.full:
            self.stream.on_free = self.writing.go
            return False
        return True

    def _send_parts(self, newest: Sequence[Progress]) -> None:
        """Send what is settled of each answer and was not sent yet."""
        form = self._form
        if self.stream is None:
            self.stream = self.request.stream(200, self.headers(EVENTS))
            for event in form.opening(self):
                self.stream.part(event)
        parts = []
        for one in newest:
            before = self.sent[one.row]
            if len(one.text) > len(before):
                parts.append(form.piece(self, one, one.text[len(before) :]))
                self.sent[one.row] = one.text
            if one.over:
                parts += form.closing(self, one)
        self.stream.part(b"".join(parts))

    def _end(self) -> None:
        self.request.on_gone = None
        written = self.written
        self.charge(written)
        if self.stream is not None:
            self.stream.part(b"".join(self._form.tail(self, written)))
            self.stream.end()
        else:
            payload = orjson.dumps(self._form.whole(self, written))
            self.send(200, self.headers(JSON), payload)
        self.entry.columns, self.entry.answer = self.columns, _answer(self.served, written)
        self._finish(self.entry.answer)

    def _left(self) -> None:
        """The caller has hung up: write no more, and charge what was written."""
        self.writing.stop()
        self.charge(self.written)
        self.entry.status, self.entry.ids = HUNG_UP, []
        self._finish(None)

    def charge(self, written: Sequence[Progress]) -> None:
        """Count tokens towards the quota of the key; what was delivered is always delivered."""
        self.tokens = sum(one.asked + one.said for one in written)
        entry = self.entry
        if not entry.key or entry.key == PROBE:
            return
        try:
            cost = self.app.guard.charge(
                entry.key, self.room.channel, self.app.clock(), tokens=self.tokens
            )
        except AccessError:
            # The text is written: the next request of the key is refused instead.
            return
        self.cost = (self.cost or 0.0) + cost

    def fail(self, error: Exception) -> None:
        self.request.on_gone = None
        if self.stream is None:
            super().fail(error)
            return
        self.entry.status = 500
        self._finish(None)
        self.stream.part(self._form.torn(self, error))
        self.stream.end()


def asked_columns(served: Served, channel: str, question: Question) -> Columns:
    """Return the rows that a question is, each as often as it wants answers.

    Raises:
        DataError: The channel reads more than one text, or writes nothing.
    """
    column = text_column(served, channel)
    rows = [{column: cell} for cell in question.cells for _ in range(question.n)]
    columns = served.reader.rows(rows)
    asked = question.writing.to_json()
    if asked:
        served.refuse_writing(question.writing)
    return replace(columns, writing=question.writing if asked else None)


def text_column(served: Served, channel: str) -> str:
    """Return the one column that a channel of texts reads.

    Raises:
        DataError: It reads others as well, or answers with no text.
    """
    if served.release.task not in TEXTS:
        raise DataError("protocols.writes_not", channel=channel, task=served.release.task)
    return only_column(served, channel)


def only_column(served: Served, channel: str) -> str:
    """Return the one column of texts that a channel reads.

    Raises:
        DataError: It reads several, or one that is no text.
    """
    schema = served.reader.schema
    if len(schema.names) != 1 or next(iter(schema)).kind not in ("text", "category"):
        raise DataError("protocols.many_columns", channel=channel, columns=", ".join(schema.names))
    return schema.names[0]


def is_asked_with_text(served: Served | None) -> bool:
    """Tell whether one text is all that a channel reads."""
    if served is None:
        return False
    schema = served.reader.schema
    return len(schema.names) == 1 and next(iter(schema)).kind in ("text", "category")


def steps_of(served: Served, columns: Columns) -> Iterator[list[Progress]]:
    """Answer rows step by step; what is not written token by token comes in one step."""
    predictor = served.release.predictor
    if predictor.runner.writes:
        replier = cast(Writes, predictor.runner.replier)
        frame = predictor.prepared(served.reader.frame([columns]))
        yield from replier.steps(frame, predictor.runner.ask, columns.writing)
        return
    (answer,) = served.run([columns])
    sure = (answer.beside or {}).get("confidence") or [1.0] * columns.height
    asked = columns.cells[served.reader.names[0]]
    yield [
        # No tokens are read or written: characters stand for them.
        Progress(row, str(said), len(asked[row] or ""), len(str(said)), 0, sure[row], True, True)
        for row, said in enumerate(answer.predictions)
    ]


def _answer(served: Served, written: Sequence[Progress]) -> Answer:
    """Return what was written as it is logged, in the columns of every answer."""
    told: dict[str, list[Any]] = {
        "confidence": [one.sure for one in written],
        "cut": [one.cut for one in written],
        "ended": [one.ended for one in written],
    }
    beside = {name: cells for name, cells in told.items() if name in served.answered}
    return Answer([one.text for one in written], None, None, beside=beside)


Written.calls = WrittenCall
