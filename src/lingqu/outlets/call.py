"""One prediction on its way through a server: read, queue, answer, count, log."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from lingqu.core.errors import LingquError
from lingqu.core.nouns import Json
from lingqu.outlets.access.guard import PROBE
from lingqu.outlets.problems import Headers, status_of
from lingqu.outlets.reading import forms
from lingqu.outlets.reading.columns import Columns
from lingqu.outlets.request import Request, Send
from lingqu.outlets.room import Room
from lingqu.outlets.served import Answer, Served
from lingqu.outlets.sight.log import Entry

if TYPE_CHECKING:
    from lingqu.outlets.app import App

OFF_LOOP = 100_000
"""A larger body is decoded in a thread, so that small requests need not wait for it."""
JSON: Headers = [(b"content-type", b"application/json")]
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


class Call:
    """One prediction. It is begun once, and sends one reply.

    Args:
        app: Who words errors.
        room: Of the channel: who counts and logs.
        request: What was asked.
        send: Takes the reply.
        served: Who answers.
        arm: Arm of the route.
        form: How the body is read and the reply is written.
    """

    __slots__ = (
        "app", "begun", "columns", "cost", "entry", "failure", "form", "given", "queued", "request",
        "room", "send", "served", "tokens", "tried",
    )  # fmt: skip

    def __init__(
        self,
        app: App,
        room: Room,
        request: Request,
        send: Send,
        served: Served,
        arm: str,
        form: type[Form],
    ) -> None:
        self.app = app
        self.room = room
        self.request = request
        self.send = send
        self.served = served
        self.form = form
        self.begun = time.perf_counter()
        self.entry = Entry(served, arm, request.key, app.clock(), 0.0, 200, [], 0)
        self.entry.caller = request.caller
        self.failure: Exception | None = None
        self.tried = 0
        self.given: Json = None
        self.columns: Columns | None = None
        self.cost: float | None = None
        self.queued = 0.0
        self.tokens = 0

    def begin(self, body: bytes | bytearray) -> None:
        """Read the body and queue its rows; a large body is read in a thread.

        Raises:
            LingquError: It cannot be read, or too much waits.
        """
        self.entry.size = len(body)
        if len(body) <= OFF_LOOP:
            self._queue(*self._read(body))
            return
        work = asyncio.get_running_loop().run_in_executor(None, self._read, body)
        work.add_done_callback(self._was_read)

    def _read(self, body: bytes | bytearray) -> tuple[Json, Columns]:
        return self.form.taken(self, body)

    def _was_read(self, work: asyncio.Future[tuple[Json, Columns]]) -> None:
        try:
            self._queue(*work.result())
        except Exception as error:
            self.fail(error)

    def _queue(self, given: Json, columns: Columns) -> None:
        if not self.entry.arm:
            columns = self._chosen(given, columns)
        self.given, self.columns = given, columns
        self._charge_rows(columns.height)
        if self.app.after:
            self.queued = time.perf_counter()
        self.entry.ids = self.room.prediction_ids(columns.height)
        self._submit(columns)

    def _chosen(self, given: Json, columns: Columns) -> Columns:
        """Choose who answers by the first row, and return the rows as they read them."""
        first = {name: cells[0] for name, cells in columns.cells.items()}
        served, self.entry.arm = self.app.choose(self.request, self.room, lambda: first)
        if served.schema != self.served.schema:
            columns = self.form.read(served, given, self.room.limits.rows)
        self.served = self.entry.source = served
        self.entry.caller = self.request.caller
        return columns

    def _charge_rows(self, rows: int) -> None:
        entry = self.entry
        if entry.key and entry.key != PROBE:
            guard, channel = self.app.guard, self.room.channel
            self.cost = guard.charge(entry.key, channel, entry.at, rows=rows)

    def _submit(self, columns: Columns) -> None:
        self.served.batcher.submit(columns, self._done, self.request)

    def _done(self, answer: Answer | Exception) -> None:
        try:
            if isinstance(answer, Exception):
                raise answer
            headers, payload = self.form.told(self, answer)
        except Exception as error:
            self.fail(error)
            return
        self.request.release = self.served.label
        self.send(200, self.headers(headers), payload)
        self.entry.columns, self.entry.answer = self.columns, answer
        self._finish(answer)

    def headers(self, headers: Headers) -> Headers:
        """Return the headers of a reply, with the request id that the caller sent."""
        if b"x-request-id" not in self.request.headers:
            return headers
        return [*headers, (b"x-request-id", self.request.id.encode())]

    def fail(self, error: Exception) -> None:
        """Let the chain of the route answer, or count the failure and send what it means."""
        chain = self.app.chain
        if chain is not None and chain.takes(self, error):
            return
        entry, error = self.entry, self.failure or error
        entry.status = status_of(error) if isinstance(error, LingquError) else 500
        if entry.status < 500:
            entry.ids = []  # a caller's mistake is no request that the release failed
        if self.cost is not None:
            rows = 0 if self.columns is None else self.columns.height
            self.app.guard.charge(entry.key, self.room.channel, entry.at, rows=-rows)
            self.cost = 0.0
        self._finish(None)
        self.request.release = self.served.label
        if not self.request.gone:
            self.send(*self.app.failed(self.request, error))

    def fails_once(self, error: Exception) -> None:
        """Note that the release which was asked failed, though another may answer yet."""
        self.failure = error
        entry = self.entry
        entry.latency_ms = (time.perf_counter() - self.begun) * 1000
        entry.status = status_of(error) if isinstance(error, LingquError) else 500
        self.room.counters.add(
            self.served.label, entry.arm, entry.status, 0, entry.latency_ms, entry.key
        )
        if entry.ids:
            ids = self.room.prediction_ids(entry.rows)
            self.room.records.add(replace(entry, ids=ids))
        for after in self.app.after:
            after(self, None)
        entry.status = 200

    def ask(self, served: Served, arm: str, columns: Columns) -> None:
        """Ask another release than the one that failed.

        Raises:
            AccessError: Too many wait for it already.
        """
        served.batcher.submit(columns, self._done, self.request)
        self.columns, self.served = columns, served
        self.entry.source, self.entry.arm = served, arm

    def answered_by(self, arm: str, status: int, body: Json) -> None:
        """Send what no release said; it is counted, and is not in the log of releases."""
        self.entry.arm, self.entry.status, self.entry.ids = arm, status, []
        self.send(status, self.headers(JSON), orjson.dumps(body, option=_OPTIONS))
        self._finish(None)

    def _finish(self, answer: Answer | None) -> None:
        """Count and log; what the outlet asked itself is neither."""
        entry = self.entry
        self.request.counted = True
        if entry.key == PROBE:
            return
        failed = entry.status >= 500
        rows = 0 if answer is None else entry.rows
        self.app.guard.used(
            entry.key, self.room.channel, self.served.digest, entry.at,
            failed=failed, rows=rows, tokens=self.tokens, money=self.cost or 0.0,
        )  # fmt: skip
        entry.latency_ms = (time.perf_counter() - self.begun) * 1000
        self.room.counters.add(
            self.served.label, entry.arm, entry.status, entry.rows, entry.latency_ms, entry.key
        )
        if entry.ids:
            self._keep()
        for after in self.app.after:
            after(self, answer)

    def _keep(self) -> None:
        """Log the request."""
        self.room.records.add(self.entry)


class Form:
    """How one protocol is read and written."""

    calls: ClassVar[type[Call]] = Call
    """What a request of it is on its way."""

    @classmethod
    def answer(cls, app: App, request: Request, body: bytes | bytearray, send: Send) -> None:
        """Let a release answer the rows of a request."""
        app.predict(request, body, send, cls)

    @classmethod
    def taken(cls, call: Call, body: bytes | bytearray) -> tuple[Json, Columns]:
        """Read a body: what was given, and the rows in it."""
        given = forms.decoded(body)
        return given, cls.read(call.served, given, call.room.limits.rows)

    @classmethod
    def told(cls, call: Call, answer: Answer) -> tuple[Headers, bytes]:
        """Return headers and body of the reply."""
        return JSON, orjson.dumps(cls.write(call, answer), option=_OPTIONS)

    @classmethod
    def ruled(cls, call: Call, predictions: list[Json]) -> Json:
        """Return the reply to answers that a rule gave; None where it cannot be written so."""
        return None

    @staticmethod
    def read(served: Served, given: Json, most: int) -> Columns:
        """Read decoded JSON."""
        return forms.rows_in(served, given, most)

    @staticmethod
    def write(call: Call, answer: Answer) -> Json:
        """Return the JSON of the reply."""
        assert call.columns is not None
        wide = b"probabilities=1" in call.request.query
        return forms.rows_out(call.served, call.columns, answer, call.entry.ids, wide)


class Tensors(Form):
    """The Open Inference Protocol."""

    @staticmethod
    def read(served: Served, given: Json, most: int) -> Columns:
        return forms.tensors_in(served, given, most)

    @staticmethod
    def write(call: Call, answer: Answer) -> Json:
        assert call.columns is not None
        return forms.tensors_out(call.served, call.given, call.columns, answer)


class Invocations(Form):
    """MLflow's scoring protocol."""

    @classmethod
    def ruled(cls, call: Call, predictions: list[Json]) -> Json:
        return {"predictions": predictions}

    @staticmethod
    def read(served: Served, given: Json, most: int) -> Columns:
        return forms.invocations_in(served, given, most)

    @staticmethod
    def write(call: Call, answer: Answer) -> Any:
        assert call.columns is not None
        reply: dict[str, Json] = {"predictions": answer.predictions}
        if call.columns.unseen:
            reply["warnings"] = call.columns.warnings()
        return reply
