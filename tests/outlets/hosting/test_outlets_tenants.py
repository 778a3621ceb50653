"""No key ever sees another channel: every path, every verb, any key."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outlets.asking import Quotas, Records, Reply, ask, opened

from lingqu.core.nouns import Backend, Key, Route
from lingqu.outlets.access import keys
from lingqu.outlets.access.guard import Guard
from lingqu.outlets.app import App
from lingqu.outlets.paths import PATHS
from lingqu.outlets.room import Limits, Room, Serving
from lingqu.outlets.routing.route import Split
from lingqu.outlets.served import Served

MINE, THEIRS = "digits", "people"
OPEN = {"/health", "/v2/health/live", "/v2/health/ready"}


@pytest.fixture(scope="module")
def served(releases: dict[str, Path]) -> dict[str, Served]:
    return {name: opened(releases[name]) for name in (MINE, THEIRS)}


@pytest.fixture(scope="module")
def asked(served: dict[str, Served]) -> Callable[..., Reply]:
    """Return what asks a server of two channels with a key that was made for it."""

    def room(name: str) -> Room:
        one = served[name]
        serving = Serving(Split(Route(name, (Backend(one.digest, 1.0),))), {one.digest: one})
        return Room(name, serving, Records(), Limits())  # type: ignore[arg-type]

    guard = Guard("probe-secret")
    app = App(guard, [room(MINE), room(THEIRS)])

    def ask_with(
        channels: Sequence[str],
        verbs: Sequence[str],
        method: str,
        path: str,
        body: Any,
        **headers: str,
    ) -> Reply:
        key, secret = keys.make("app", channels, verbs=verbs)
        guard.load([key, _others()], Quotas(), time.time())
        return ask(app, method, path, body, {"Authorization": f"Bearer {secret}", **headers})

    return ask_with


def _others() -> Key:
    """A key of the other channel, so that it is open to nobody without one."""
    return keys.make("theirs", (THEIRS,))[0]


def bodies(served: Served) -> st.SearchStrategy[Any]:
    row = served.release.golden["rows"][0]["input"]
    return st.sampled_from(
        [
            b"",
            b"{",
            {"rows": [row]},
            {"model": THEIRS, "messages": [{"role": "user", "content": "x"}]},
            {"model": THEIRS, "prompt": "x", "input": "x"},
            {"prediction_id": "1", "label": "x"},
            {"inputs": []},
        ]
    )


def told(reply: Reply, served: Served) -> set[str]:
    """Return what a reply tells of a channel: its release, the columns that it reads."""
    text = reply.body.decode(errors="replace")
    columns = {f'"{name}"' for name in served.release.golden["rows"][0]["input"]}
    return {word for word in {served.digest[:12], *columns} if word in text}


def test_its_own_key_is_told_all_of_that(
    asked: Callable[..., Reply], served: dict[str, Served]
) -> None:
    known = asked([THEIRS], [], "GET", f"/v2/models/{THEIRS}", b"")
    assert told(known, served[THEIRS])
    row = served[THEIRS].release.golden["rows"][0]["input"]
    answered = asked([THEIRS], [], "POST", f"/c/{THEIRS}", {"rows": [row]})
    assert answered.status == 200
    assert told(answered, served[THEIRS])


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_whatever_is_asked_with_a_key_of_another_channel(
    asked: Callable[..., Reply], served: dict[str, Served], data: st.DataObject
) -> None:
    method, pattern = data.draw(st.sampled_from(sorted(PATHS)))
    method = data.draw(st.sampled_from([method, "GET", "POST", "DELETE"]))
    verbs = data.draw(st.lists(st.sampled_from(("call", "read", "feedback", "admin")), unique=True))
    headers = data.draw(st.sampled_from([{}, {"x-channel": THEIRS}, {"x-release": "x"}]))
    path = pattern.replace("{channel}", THEIRS).replace("{version}", served[THEIRS].digest)
    path = path.replace("{model}", THEIRS).replace("{id}", "1")
    reply = asked([MINE], verbs, method, path, data.draw(bodies(served[THEIRS])), **headers)
    assert not told(reply, served[THEIRS]), (method, path, reply.body[:300])
    named = THEIRS in path or headers.get("x-channel") == THEIRS
    if named and pattern not in OPEN:
        assert reply.status in (401, 403, 404, 405), (method, path, reply.status)
    assert reply.status < 500 or pattern in OPEN, (method, path, reply.body[:300])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_key_of_no_channel_in_particular_is_bound_by_its_verbs(
    asked: Callable[..., Reply], served: dict[str, Served], data: st.DataObject
) -> None:
    method, pattern = data.draw(st.sampled_from(sorted(PATHS)))
    _, verb = PATHS[method, pattern]
    verbs = data.draw(
        st.lists(st.sampled_from(("call", "read", "feedback", "admin")), unique=True, min_size=1)
    )
    path = pattern.replace("{channel}", THEIRS).replace("{version}", served[THEIRS].digest)
    path = path.replace("{model}", THEIRS).replace("{id}", "1")
    reply = asked([], verbs, method, path, b"{}")
    if verb and verb not in verbs:
        assert reply.status == 403
    else:
        assert reply.status not in (401, 403), (method, path, reply.body[:300])
