"""The figures of a server: for Prometheus, and as JSON for `lingqu status`."""

from __future__ import annotations

from collections.abc import Mapping

from lingqu.core.errors import AccessError
from lingqu.core.nouns import Json
from lingqu.outlets.access.guard import PROBE
from lingqu.outlets.app import App
from lingqu.outlets.problems import Headers
from lingqu.outlets.request import Reply, Request
from lingqu.outlets.sight.tally import merged, page
from lingqu.outlets.telling.pages import Page, as_json

_TEXT: Headers = [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")]


class Metrics(Page):
    """Counts of the channels that the caller may read, for Prometheus."""

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        return 200, _TEXT, page(shown(app, request)).encode()


class Counts(Page):
    """Counts of the channels that the caller may read, by release and arm."""

    @classmethod
    def reply(cls, app: App, request: Request) -> Reply:
        channels = merged(shown(app, request))
        return as_json(200, {"at": app.clock(), "channels": channels})


def shown(app: App, request: Request) -> list[Mapping[str, Json]]:
    """Return what was counted of the channels that a caller may read.

    How much other keys ask is told to administrators only: a tenant sees its own.
    """
    states = app.states(request.rooms)
    if all(_administers(app, request, str(state["channel"])) for state in states):
        return states
    return [
        {**state, "keys": {k: n for k, n in state["keys"].items() if k == request.key}}
        for state in states
    ]


def _administers(app: App, request: Request, channel: str) -> bool:
    if request.key in (PROBE, ""):
        return True
    try:
        app.guard.admit(request, channel, "admin", app.clock(), spend=False)
    except AccessError:
        return False
    return True
