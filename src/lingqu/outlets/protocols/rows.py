"""``POST /c/{channel}``: rows in JSON, or a whole table, and answers in the form that is wanted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from lingqu.core.errors import AccessError, DataError
from lingqu.core.nouns import Json
from lingqu.outlets.call import Call, Form
from lingqu.outlets.problems import Headers
from lingqu.outlets.protocols import tables
from lingqu.outlets.reading.columns import Columns
from lingqu.outlets.request import Request, Send
from lingqu.outlets.served import Answer
from lingqu.release.contributions import CELLS, ROWS, contributions, usual_values

if TYPE_CHECKING:
    from lingqu.outlets.app import App

PIECE = 1000
"""Rows of a table that are answered at a time: requests of others come in between."""


class Rows(Form):
    """Rows in JSON, unless the headers name a table."""

    @classmethod
    def answer(cls, app: App, request: Request, body: bytes | bytearray, send: Send) -> None:
        form: type[Form] = cls
        if b"explain=1" in request.query:
            form = Explained
        elif not _is_plain(request):
            form = Table
        app.predict(request, body, send, form)

    @classmethod
    def ruled(cls, call: Call, predictions: list[Json]) -> Json:
        return {"predictions": predictions, "answered_by": "rule"}


def _is_plain(request: Request) -> bool:
    """Tell whether rows come and go as JSON; most do, and say so in the same few words."""
    sent, accept = request.headers.get(b"content-type"), request.headers.get(b"accept")
    if sent in _PLAIN and accept in _ANY:
        return True
    return not (_sent(request) or tables.wanted_of((accept or b"").decode("latin-1"), ""))


_PLAIN = frozenset({None, b"application/json", b"application/x-www-form-urlencoded"})
_ANY = frozenset({None, b"*/*", b"application/json"})


class ExplainedCall(Call):
    """Rows that are told what their answers rest on, in the thread of their release."""

    __slots__ = ()

    def _done(self, answer: Answer | Exception) -> None:
        if isinstance(answer, Exception) or answer.reasons is not None:
            super()._done(answer)
            return
        threads = self.served.pen.threads
        work = asyncio.get_running_loop().run_in_executor(threads, self._explained, answer)
        work.add_done_callback(self._was_explained)

    def _explained(self, answer: Answer) -> Answer:
        assert self.columns is not None
        frame = self.served.reader.frame([self.columns])
        return replace(answer, reasons=contributions(self.served.release, frame))

    def _was_explained(self, work: asyncio.Future[Answer]) -> None:
        error = work.exception()
        if error is not None and not isinstance(error, Exception):
            raise error
        super()._done(work.result() if error is None else error)


class Explained(Form):
    """Rows in JSON, with what each answer rests on."""

    calls = ExplainedCall

    @classmethod
    def taken(cls, call: Call, body: bytes | bytearray) -> tuple[Json, Columns]:
        given, columns = super().taken(call, body)
        release = call.served.release
        if release.task == "flag":  # every flagged row is told why
            return given, columns
        usual = usual_values(release)
        if not usual:
            raise DataError("protocols.not_explained", channel=release.name, task=release.task)
        most = min(ROWS, max(1, CELLS // len(usual)))
        if columns.height > most:
            raise AccessError("outlets.too_many_rows", 413, received=columns.height, limit=most)
        return given, columns


class TableCall(Call):
    """A table on its way: read as a whole, answered in pieces, written as a whole."""

    __slots__ = ("answers", "pieces")

    def _queue(self, given: Json, columns: Columns) -> None:
        self.pieces = [_part(columns, at) for at in range(0, columns.height, PIECE)]
        self.answers: list[Answer] = []
        super()._queue(given, columns)

    def _submit(self, columns: Columns) -> None:
        self.served.batcher.submit(self.pieces[0], self._done, self.request)

    def _done(self, answer: Answer | Exception) -> None:
        if isinstance(answer, Exception):
            self.fail(answer)
            return
        self.answers.append(answer)
        if len(self.answers) == len(self.pieces):
            super()._done(answer)
            return
        try:
            piece = self.pieces[len(self.answers)]
            self.served.batcher.submit(piece, self._done, self.request)
        except Exception as error:
            self.fail(error)

    def _keep(self) -> None:
        """Log each piece as a request of its own: what is logged at a time stays small."""
        start = 0
        for piece, answer in zip(self.pieces, self.answers, strict=True):
            ids = self.entry.ids[start : start + piece.height]
            size = self.entry.size // len(self.pieces)
            entry = replace(self.entry, ids=ids, size=size, columns=piece, answer=answer)
            self.room.records.add(entry)
            start += piece.height


class Table(Form):
    """A table in, or out, or both."""

    calls = TableCall

    @classmethod
    def taken(cls, call: Call, body: bytes | bytearray) -> tuple[Json, Columns]:
        kind = _sent(call.request)
        if not kind:
            return super().taken(call, body)
        limits = call.room.limits
        return None, tables.columns_of(call.served, bytes(body), kind, limits.rows, limits.body)

    @classmethod
    def told(cls, call: Call, answer: Answer) -> tuple[Headers, bytes]:
        assert isinstance(call, TableCall)
        accept = call.request.headers.get(b"accept", b"").decode("latin-1")
        kind = tables.wanted_of(accept, _sent(call.request))
        wide = b"probabilities=1" in call.request.query
        frames, start = [], 0
        for piece, said in zip(call.pieces, call.answers, strict=True):
            ids = call.entry.ids[start : start + piece.height]
            frames.append(tables.answers_frame(call.served, said, ids, wide))
            start += piece.height
        frame = pl.concat(frames, how="vertical_relaxed")
        if not kind:
            return Form.told(call, answer) if len(frames) == 1 else _as_json(call, frame)
        headers: Headers = [
            (b"content-type", tables.TYPES[kind].encode()),
            (b"x-release", call.served.digest.encode()),
        ]
        return headers, tables.written(frame, kind)


def _as_json(call: Call, frame: pl.DataFrame) -> tuple[Headers, bytes]:
    """Return many answers as JSON, a list for each column."""
    import orjson

    told = frame.to_dict(as_series=False)
    ids = told.pop("prediction_id")
    reply = {"predictions": told.pop("prediction"), **told,
             "release": call.served.digest, "prediction_ids": ids}  # fmt: skip
    return [(b"content-type", b"application/json")], orjson.dumps(reply, default=str)


def _sent(request: Request) -> str:
    return tables.kind_of(request.headers.get(b"content-type", b"").decode("latin-1"))


def _part(columns: Columns, at: int) -> Columns:
    if columns.height <= PIECE:
        return columns
    cells = {name: cells[at : at + PIECE] for name, cells in columns.cells.items()}
    return Columns(min(PIECE, columns.height - at), cells, (), columns.writing)
