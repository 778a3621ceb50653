"""One prediction on its way through a server: read, queue, answer, count, log."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import orjson

from lingqu.core.errors import LingquError
from lingqu.core.nouns import Json
from lingqu.outlets import forms
from lingqu.outlets.guard import PROBE
from lingqu.outlets.log import Entry
from lingqu.outlets.problems import Headers, status_of
from lingqu.outlets.reading import Columns
from lingqu.outlets.request import Request, Send
from lingqu.outlets.served import Answer, Served

if TYPE_CHECKING:
    from lingqu.outlets.app import App

OFF_LOOP = 100_000
"""A larger body is decoded in a thread, so that small requests need not wait for it."""
JSON: Headers = [(b"content-type", b"application/json")]
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


class Call:
    """One prediction. It is begun once, and sends one reply.

    Args:
        app: Who counts, logs and words errors.
        request: What was asked.
        send: Takes the reply.
        served: Who answers.
        arm: Arm of the route.
        form: How the body is read and the reply is written.
    """

    __slots__ = ("app", "begun", "columns", "entry", "form", "given", "request", "send", "served")

    def __init__(
        self, app: App, request: Request, send: Send, served: Served, arm: str, form: Form
    ) -> None:
        self.app = app
        self.request = request
        self.send = send
        self.served = served
        self.form = form
        self.begun = time.perf_counter()
        self.entry = Entry(served, arm, request.key, app.clock(), 0.0, 200, [], 0)
        self.given: Json = None
        self.columns: Columns | None = None

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
        given = forms.decoded(body)
        return given, self.form.read(self.served, given, self.app.limits.rows)

    def _was_read(self, work: asyncio.Future[tuple[Json, Columns]]) -> None:
        try:
            self._queue(*work.result())
        except Exception as error:
            self.fail(error)

    def _queue(self, given: Json, columns: Columns) -> None:
        self.given, self.columns = given, columns
        self.entry.ids = self.app.prediction_ids(columns.height)
        self.served.batcher.submit(columns, self._done)

    def _done(self, answer: Answer | Exception) -> None:
        try:
            if isinstance(answer, Exception):
                raise answer
            assert self.columns is not None
            written = self.form.write(self, answer)
            payload = orjson.dumps(written, option=_OPTIONS)
        except Exception as error:
            self.fail(error)
            return
        self.send(200, JSON, payload)
        self.entry.columns, self.entry.answer = self.columns, answer
        self._finish()

    def fail(self, error: Exception) -> None:
        """Count the failure and send what it means."""
        self.entry.status = status_of(error) if isinstance(error, LingquError) else 500
        if self.entry.status < 500:
            self.entry.ids = []  # a caller's mistake is no request that the release failed
        self._finish()
        self.send(*self.app.failed(self.request, error))

    def _finish(self) -> None:
        """Count and log; what the outlet asked itself is neither."""
        entry = self.entry
        self.request.counted = True
        if entry.key == PROBE:
            return
        entry.latency_ms = (time.perf_counter() - self.begun) * 1000
        self.app.counters.add(
            self.served.label, entry.arm, entry.status, entry.rows, entry.latency_ms
        )
        if entry.ids:
            self.app.records.add(entry)


class Form:
    """How one protocol is read and written."""

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
