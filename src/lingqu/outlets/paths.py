"""Which paths a server has: one literal table, and what finds the way of a request in it.

A pattern has places in braces. ``{channel}`` is the name of a channel of the server; a path
without it is for the channel that the header ``x-channel`` names, or for all that the caller may
ask. The handler of a path is a class with
``answer(app, request, body, send)``, imported when it is first asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from lingqu.outlets.app import App
    from lingqu.outlets.request import Request, Send
    from lingqu.outlets.room import Room

Verb = Literal["", "call", "read", "feedback", "admin"]
"""What a key must be allowed; ``""`` is open to everybody."""

_SPOKEN = "lingqu.outlets.protocols"
PATHS: dict[tuple[str, str], tuple[str, Verb]] = {
    ("POST", "/c/{channel}"): (f"{_SPOKEN}.rows:Rows", "call"),
    ("POST", "/c/{channel}/feedback"): (f"{_SPOKEN}.feedback:Feedback", "feedback"),
    ("POST", "/v2/models/{channel}/infer"): (f"{_SPOKEN}.v2:Infer", "call"),
    ("POST", "/v2/models/{channel}/versions/{version}/infer"): (f"{_SPOKEN}.v2:Infer", "call"),
    ("POST", "/v2/models/{channel}/generate"): (f"{_SPOKEN}.v2:Generate", "call"),
    ("POST", "/v2/models/{channel}/generate_stream"): (f"{_SPOKEN}.v2:GenerateStream", "call"),
    ("POST", "/v2/models/{channel}/versions/{version}/generate"): (
        f"{_SPOKEN}.v2:Generate",
        "call",
    ),
    ("POST", "/v2/models/{channel}/versions/{version}/generate_stream"): (
        f"{_SPOKEN}.v2:GenerateStream",
        "call",
    ),
    ("POST", "/v1/chat/completions"): (f"{_SPOKEN}.v1:Chat", "call"),
    ("POST", "/v1/completions"): (f"{_SPOKEN}.v1:Completions", "call"),
    ("POST", "/v1/embeddings"): (f"{_SPOKEN}.v1:Embeddings", "call"),
    ("GET", "/v1/models"): (f"{_SPOKEN}.v1:Models", "read"),
    ("GET", "/v1/models/{model}"): (f"{_SPOKEN}.v1:Model", "read"),
    ("GET", "/c/{channel}/usage"): ("lingqu.outlets.telling.own_use:OwnUse", "read"),
    ("POST", "/invocations"): ("lingqu.outlets.call:Invocations", "call"),
    ("GET", "/c/{channel}/queue/{question}"): (
        "lingqu.outlets.telling.questions:Questions",
        "read",
    ),
    ("GET", "/health"): ("lingqu.outlets.telling.pages:Health", ""),
    ("GET", "/v2/health/live"): ("lingqu.outlets.telling.pages:Live", ""),
    ("GET", "/v2/health/ready"): ("lingqu.outlets.telling.pages:Ready", ""),
    ("GET", "/metrics"): ("lingqu.outlets.sight.counting:Metrics", "read"),
    ("GET", "/counters"): ("lingqu.outlets.sight.counting:Counts", "read"),
    ("GET", "/openapi.json"): ("lingqu.outlets.telling.pages:Document", "read"),
    ("GET", "/docs"): ("lingqu.outlets.telling.pages:Docs", "read"),
    ("GET", "/v2"): (f"{_SPOKEN}.v2:Server", "read"),
    ("GET", "/v2/models/{channel}"): ("lingqu.outlets.telling.pages:Metadata", "read"),
    ("GET", "/v2/models/{channel}/ready"): ("lingqu.outlets.telling.pages:Ready", "read"),
    ("GET", "/v2/models/{channel}/versions/{version}"): (
        "lingqu.outlets.telling.pages:Metadata",
        "read",
    ),
    ("GET", "/v2/models/{channel}/versions/{version}/ready"): (
        "lingqu.outlets.telling.pages:Ready",
        "read",
    ),
}
"""(Method, pattern) → (handler, verb of a key's scope). A path that takes GET takes HEAD."""


class Handler(Protocol):
    """What answers the requests of a path."""

    def answer(self, app: App, request: Request, body: bytes | bytearray, send: Send) -> None:
        """Call `send` once, now or later, or begin a stream; errors may be raised."""
        ...


class Way:
    """One line of the table.

    Args:
        named: ``module:class`` of the handler.
        verb: What a key must be allowed.

    Example:
        >>> Way("lingqu.outlets.telling.pages:Live", "").handler.__name__
        'Live'
    """

    __slots__ = ("_handler", "named", "verb")

    def __init__(self, named: str, verb: Verb) -> None:
        self.named = named
        self.verb: Verb = verb
        self._handler: Handler | None = None

    @property
    def handler(self) -> Handler:
        """The class, imported when it is first asked for."""
        if self._handler is None:
            module, _, name = self.named.partition(":")
            self._handler = getattr(import_module(module), name)
        assert self._handler is not None
        return self._handler


class Spot:
    """What lies at one path.

    Args:
        room: The channel that the path names, or None where it names none.
        ways: What answers, by method.
        parts: What the path says in its other places.
    """

    __slots__ = ("parts", "room", "ways")

    def __init__(
        self, room: Room | None, ways: Mapping[str, Way], parts: Mapping[str, str] | None = None
    ) -> None:
        self.room = room
        self.ways = ways
        self.parts = parts

    @property
    def methods(self) -> str:
        """What the path takes, as the header ``Allow`` says it."""
        return ", ".join(self.ways)


class Table:
    """The paths of the channels of a server. Made anew when a channel comes or goes.

    Args:
        rooms: The channels.
        paths: The table.

    Example:
        >>> table = Table(())
        >>> table.find("/health").methods, table.find("/nothing")
        ('GET, HEAD', None)
    """

    def __init__(
        self,
        rooms: Iterable[Room],
        paths: Mapping[tuple[str, str], tuple[str, Verb]] = PATHS,
    ) -> None:
        self._rooms = {room.channel: room for room in rooms}
        self._exact: dict[str, Spot] = {}
        self._placed: list[tuple[list[str], Mapping[str, Way]]] = []
        ways = _by_pattern(paths)
        for pattern, by_method in ways.items():
            if "{" not in pattern.replace("{channel}", ""):
                named = "{channel}" in pattern
                for room in self._rooms.values() if named else (None,):
                    channel = "" if room is None else room.channel
                    self._exact[pattern.replace("{channel}", channel)] = Spot(room, by_method)
            else:
                self._placed.append((pattern.split("/"), by_method))

    def find(self, path: str) -> Spot | None:
        """Return what lies at a path, or None where nothing does."""
        return self._exact.get(path) or self._in_places(path.split("/"))

    def _in_places(self, said: list[str]) -> Spot | None:
        for pattern, ways in self._placed:
            if len(pattern) != len(said):
                continue
            pairs = list(zip(pattern, said, strict=True))
            if any(want != got for want, got in pairs if want[:1] != "{"):
                continue
            parts = {want[1:-1]: got for want, got in pairs if want[:1] == "{"}
            channel = parts.pop("channel", None)
            if not all(parts.values()) or (channel is not None and channel not in self._rooms):
                continue
            return Spot(None if channel is None else self._rooms[channel], ways, parts)
        return None

    def told(self) -> str:
        """Return what paths there are, for who asked for another."""
        placed = ["/".join(pattern) for pattern, _ in self._placed]
        if len(self._rooms) == 1:
            (channel,) = self._rooms
            return ", ".join(p.replace("{channel}", channel) for p in [*self._exact, *placed])
        return ", ".join(sorted({pattern for _, pattern in PATHS}))


def _by_pattern(
    paths: Mapping[tuple[str, str], tuple[str, Verb]],
) -> dict[str, dict[str, Way]]:
    found: dict[str, dict[str, Way]] = {}
    for (method, pattern), (named, verb) in paths.items():
        way = Way(named, verb)
        by_method = found.setdefault(pattern, {})
        by_method[method] = way
        if method == "GET":
            by_method["HEAD"] = way
    return found
