"""An app in this process, and a way to ask it without a network."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lingqu.core.nouns import Backend, Key, Route
from lingqu.outlets.access.guard import Guard
from lingqu.outlets.app import App
from lingqu.outlets.room import Limits, Room, Serving
from lingqu.outlets.routing.route import Split
from lingqu.outlets.served import Served
from lingqu.outlets.sight.log import Entry
from lingqu.release.release import Release
from lingqu.store.quotas import Claim, Grant, Window

THREADS = ThreadPoolExecutor(1)


class Quotas:
    """The ledger's quotas, in memory."""

    def __init__(self) -> None:
        self.totals: dict[Window, float] = {}

    def claim(self, claims: Sequence[Claim]) -> list[Grant]:
        return [self._grant(claim) for claim in claims]

    def _grant(self, claim: Claim) -> Grant:
        amount = self.totals.get(claim.window, 0.0) + claim.spent
        leased = max(0.0, min(claim.wanted, claim.limit - amount))
        self.totals[claim.window] = amount + leased
        return Grant(leased, max(0.0, claim.limit - amount - leased))

    def known(self, windows: Sequence[Window]) -> list[float]:
        return [self.totals.get(window, 0.0) for window in windows]


class Records:
    """A log that keeps its entries."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.dropped = 0

    @property
    def logged(self) -> int:
        return sum(entry.rows for entry in self.entries)

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)


class OneApp(App):
    """An app of one channel, whose parts are at hand."""

    @property
    def room(self) -> Room:
        (room,) = self.rooms.values()
        return room

    @property
    def serving(self) -> Serving:
        return self.room.serving

    @property
    def counters(self) -> Any:
        return self.room.counters

    @property
    def records(self) -> Any:
        return self.room.records

    @property
    def limits(self) -> Limits:
        return self.room.limits


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def make_app(
    *served: Served,
    keys: Sequence[Key] = (),
    shares: Sequence[float] = (),
    limits: Limits | None = None,
    channel: str = "",
) -> OneApp:
    """An app whose route deals requests to `served` by `shares`."""
    name = channel or (served[0].release.name if served else "digits")
    guard = Guard("probe-secret")
    guard.load(list(keys), Quotas(), time.time())
    even = shares or [1 / len(served)] * len(served) if served else []
    arms = ("champion", "canary", "canary")
    backends = tuple(
        Backend(s.digest, share, arm) for s, share, arm in zip(served, even, arms, strict=False)
    )
    serving = Serving(Split(Route(name, backends)), {s.digest: s for s in served})
    return OneApp(guard, [Room(name, serving, Records(), limits)])  # type: ignore[arg-type]


def opened(path: Path, **options: Any) -> Served:
    return Served.open(path, THREADS, **options)


def ask(
    app: App,
    method: str,
    path: str,
    body: Any = b"",
    headers: Mapping[str, str] | None = None,
    client: str = "127.0.0.1",
) -> Reply:
    """Ask once, through the ASGI callable."""
    return ask_all(app, [(method, path, body, headers or {})], client)[0]


def ask_all(
    app: App, requests: Sequence[tuple[str, str, Any, Mapping[str, str]]], client: str = "127.0.0.1"
) -> list[Reply]:
    """Ask several at once."""

    async def together() -> list[Reply]:
        return list(await asyncio.gather(*(_one(app, *request, client) for request in requests)))

    return asyncio.run(together())


async def _one(
    app: App, method: str, path: str, body: Any, headers: Mapping[str, str], client: str
) -> Reply:
    path, _, query = path.partition("?")
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    pieces = [data[i : i + 65_536] for i in range(0, len(data), 65_536)] or [b""]
    messages = [
        {"type": "http.request", "body": part, "more_body": i + 1 < len(pieces)}
        for i, part in enumerate(pieces)
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        if not messages:
            await asyncio.Event().wait()  # the caller stays on the line
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        "client": (client, 1234),
    }
    await app(scope, receive, send)
    start, *parts = sent
    found = {k.decode(): v.decode() for k, v in start["headers"]}
    whole = b"".join(part["body"] for part in parts)
    assert int(found.get("content-length", len(whole))) == len(whole)
    return Reply(start["status"], found, whole)


def inputs(release: Release | Path) -> list[Any]:
    """Return the rows that a release was judged by, as callers send them."""
    opened = Release.open(release) if isinstance(release, Path) else release
    return [row["input"] for row in opened.golden["rows"]]


def said(release: Release | Path) -> list[Any]:
    """Return what a release answered to those rows when it was judged."""
    opened = Release.open(release) if isinstance(release, Path) else release
    return [row["output"]["prediction"] for row in opened.golden["rows"]]


def until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait until something is so, and return what it is."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found
