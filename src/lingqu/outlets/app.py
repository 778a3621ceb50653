"""The HTTP face of channels: a table of paths and a bare ASGI callable, no framework.

Whatever a caller sends, the reply is an answer or a problem document; a 500 is our own mistake
and is written to the log of the process. `App` is asked in two steps, so that a stranger's body
need not be kept: `enter` when the headers are known, `handle` when the body is.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from lingqu.core.errors import AccessError, DataError, LingquError, OutletError
from lingqu.core.nouns import Json
from lingqu.outlets import asgi
from lingqu.outlets.access.guard import PROBE, Guard
from lingqu.outlets.call import JSON, Call, Form
from lingqu.outlets.hosting.muster import Muster
from lingqu.outlets.paths import Spot, Table, Verb
from lingqu.outlets.problems import problem
from lingqu.outlets.reading.packed import HEADER as PACKED
from lingqu.outlets.reading.packed import answer_unpacked
from lingqu.outlets.request import Reply, Request, Send
from lingqu.outlets.room import Limits, Room, one_room
from lingqu.outlets.routing.route import Asked, Row, no_row
from lingqu.outlets.served import Answer, Served
from lingqu.outlets.sight.counters import Counters
from lingqu.outlets.sight.labels import Labels
from lingqu.outlets.sight.tallies import Tallies

if TYPE_CHECKING:
    from lingqu.outlets.access.certificates import Certificates
    from lingqu.outlets.routing.chain import Chain

log = logging.getLogger("lingqu.outlets")

After = Callable[[Call, Answer | None], None]
Told = Callable[[Request, int, int], None]


class App:
    """Channels over HTTP.

    Args:
        guard: Who may call.
        rooms: The channels.
        clock: Unix seconds.

    Attributes:
        after: Called with each prediction that has been answered, or has failed (None).
        told: Called with each request, the status of its reply, and the bytes of its body.
        labels: Keeps what was right after all; None where there is no ledger.
        chain: What answers where a release failed; None where nothing does.
        tallies: What the other processes of this outlet counted; None where there is one.
        muster: What those processes have taken over; None where there is one.
        shown: The certificate that is shown to callers; None where there is none.
    """

    def __init__(
        self,
        guard: Guard,
        rooms: Iterable[Room] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.guard = guard
        self.clock = clock
        self.after: tuple[After, ...] = ()
        self.told: tuple[Told, ...] = ()
        self.chain: Chain | None = None
        self.tallies: Tallies | None = None
        self.labels: Labels | None = None
        self.muster: Muster | None = None
        self.shown: Certificates | None = None
        self._lost = Counters("-")
        self._requests = count()
        self.rooms: Mapping[str, Room] = {}
        self.house(rooms)

    def house(self, rooms: Iterable[Room]) -> None:
        """Serve these channels from now on; requests that have entered others are finished."""
        by_name = {room.channel: room for room in rooms}
        self._most = max([r.limits.body for r in by_name.values()], default=Limits().body)
        self._table = Table(by_name.values())
        self.rooms = by_name

    # The two steps of a request

    def enter(self, request: Request) -> None:
        """Find what a request is for and whether it may come in; a refusal is noted in it."""
        request.most = self._most
        if self.told:
            request.began = time.perf_counter()
        try:
            self._enter(request)
        except LingquError as error:
            request.failure = error

    def handle(self, request: Request, body: bytes | bytearray, send: Send) -> None:
        """Answer a request that has entered; `send` is called once, now or later."""
        try:
            if request.failure is not None:
                raise request.failure
            assert request.way is not None
            if PACKED in request.headers and body:
                answer_unpacked(self, request, body, send)
            else:
                request.way.handler.answer(self, request, body, send)
        except Exception as error:
            send(*self.failed(request, error))

    def _enter(self, request: Request) -> None:
        spot = self._table.find(request.path)
        way = None if spot is None else spot.ways.get(request.method)
        verb: Verb = "read"
        if way is not None:
            verb = way.verb
        elif spot is not None:
            verb = next(iter(spot.ways.values())).verb
        if spot is not None and spot.room is not None:
            request.room = spot.room
            request.most = spot.room.limits.body
            self._admit(request, spot.room, verb, way is not None)
        else:
            self._enter_rooms(request, verb, way is not None)
        if spot is None or not self._is_there(request, spot):
            told = self._table.told()
            raise OutletError("outlets.unknown_path", path=request.path[:100], expected=told)
        if way is None:
            raise _wrong_method(request.path, request.method, spot.methods)
        request.way, request.parts = way, spot.parts

    def _enter_rooms(self, request: Request, verb: Verb, known: bool) -> None:
        """Find the channels that a path without one is for: those that the caller may ask."""
        rooms = tuple(self.rooms.values())
        named = request.headers.get(b"x-channel")
        if named is not None:
            rooms = tuple(room for room in rooms if room.channel.encode() == named)
        if not verb:
            request.rooms = rooms
            return
        refusal: AccessError | None = None
        for room in rooms or tuple(self.rooms.values()):
            try:
                self._admit(request, room, verb, known and not request.rooms)
                request.rooms = (*request.rooms, room)
            except AccessError as error:
                # A used-up quota says more than that another channel is none of the key's.
                refusal = max(refusal or error, error, key=lambda one: one.status)
        if not request.rooms:
            raise refusal or OutletError("outlets.stopped", channel="-")
        if not rooms:
            shown = bytes(named or b"")[:100].decode("latin-1")
            told = ", ".join(sorted(room.channel for room in request.rooms))
            raise OutletError("outlets.unknown_path", path=shown, expected=told)
        request.most = max(room.limits.body for room in request.rooms)

    def _admit(self, request: Request, room: Room, verb: Verb, spend: bool) -> None:
        if verb:
            now = self.clock()
            request.key = self.guard.admit(request, room.channel, verb, now, spend=spend)

    def _is_there(self, request: Request, spot: Spot) -> bool:
        """Tell whether the release that a path names answers."""
        if spot.parts is None or "version" not in spot.parts or request.room is None:
            return True
        return spot.parts["version"] in request.room.serving.split.releases

    def predict(
        self, request: Request, body: bytes | bytearray, send: Send, form: type[Form]
    ) -> None:
        """Let a release answer the rows of a request."""
        room = request.room = one_room(request)
        version = request.parts.get("version", "") if request.parts else ""
        served, arm = self._begun_by(request, room, version)
        call = form.calls(self, room, request, send, served, arm, form)
        try:
            call.begin(body)
        except Exception as error:
            call.fail(error)

    def _begun_by(self, request: Request, room: Room, version: str) -> tuple[Served, str]:
        """Return who reads a request, and its arm; ``""`` where the rows are yet to decide."""
        serving = room.serving
        wanted = version or (request.wanted if request.key == PROBE else "")
        if wanted in serving.served:
            return serving.served[wanted], "version"
        if serving.split.reads_rows and serving.first is not None:
            return serving.first, ""
        return self.choose(request, room)

    def choose(self, request: Request, room: Room, row: Row = no_row) -> tuple[Served, str]:
        """Return who answers, and its arm.

        Args:
            request: What was asked.
            room: Of the channel.
            row: Returns the first row, where that is known.

        Raises:
            OutletError: The channel is stopped.
        """
        split, served = room.serving.split, room.serving.served
        backend = split.alone
        if backend is None:
            number = next(self._requests)
            asked = Asked(request.session, request.key, request.region, number, row)
            backend = split.choose(asked)
            request.caller = asked.caller
        return served[backend.release], backend.arm

    def failed(self, request: Request, error: Exception) -> Reply:
        """Return the problem document of an error, and count it if nobody has."""
        code = 0
        if not isinstance(error, LingquError):
            log.error("%s %s", request.method, request.path, exc_info=error)
            error, code = OutletError("outlets.broken"), 500
        more = {"error": str(error)} if request.path.startswith("/v2") else None
        status, headers, body = problem(error, request.language, more, code)
        if not request.counted:
            request.counted = True
            self._counters(request).add("", "", status, 0, 0.0)
        if status == 401 and request.path == "/docs":
            # A browser then asks for a name and a password; the password is the key.
            basic = b'Basic realm="lingqu key"'
            headers = [(n, basic if n == b"www-authenticate" else v) for n, v in headers]
        if request.path.startswith("/v1/"):
            from lingqu.outlets.protocols.v1 import refused  # who asks otherwise does not wait

            status, body = refused(status, error, request.language)
            headers = [*JSON, *headers[1:]]
        if b"x-request-id" in request.headers:
            headers = [*headers, (b"x-request-id", request.id.encode())]
        if status in (408, 413):
            headers = [*headers, (b"connection", b"close")]
        return status, headers, body

    def _counters(self, request: Request) -> Counters:
        if request.room is not None:
            return request.room.counters
        alone = len(self.rooms) == 1
        return next(iter(self.rooms.values())).counters if alone else self._lost

    def tell(self, request: Request, status: int, size: int) -> None:
        """Let whoever wants to know have it that a reply was sent."""
        for told in self.told:
            told(request, status, size)

    def states(self, rooms: Sequence[Room] | None = None) -> list[Mapping[str, Json]]:
        """Return what all processes of the outlet counted of some channels, or of all."""
        shown = tuple(self.rooms.values()) if rooms is None else rooms
        own: list[Mapping[str, Json]] = [room.state() for room in shown]
        if len(shown) == len(self.rooms) > 1:
            own.append(self._lost.state())
        if self.tallies is None:
            return own
        names = {state["channel"] for state in own}
        return [state for state in self.tallies.all(own) if state["channel"] in names]

    def slowest(self, rooms: Sequence[Room]) -> int:
        """Return the revision that every process of the outlet has taken over for some channels."""
        if self.muster is not None:
            return self.muster.slowest(room.channel for room in rooms)
        return min((room.revision for room in rooms), default=0)

    @property
    def processes(self) -> int:
        """How many processes of the outlet answer."""
        return 1 if self.muster is None else len(self.muster.present)

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer one request of any ASGI server."""
        await asgi.serve(self, scope, receive, send)


def _wrong_method(path: str, method: str, expected: str) -> DataError:
    return DataError("outlets.wrong_method", path=path[:100], method=method, expected=expected)
