from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.outlets.asking import Quotas, Records, ask, make_app, opened

from lingqu.core.nouns import Backend, Key, Route
from lingqu.outlets.access import keys
from lingqu.outlets.access.guard import Guard
from lingqu.outlets.app import App
from lingqu.outlets.paths import PATHS, Table, Way
from lingqu.outlets.room import Limits, Room, Serving
from lingqu.outlets.routing.route import Split
from lingqu.outlets.served import Served


@pytest.fixture(scope="module")
def served(releases: dict[str, Path]) -> dict[str, Served]:
    return {name: opened(releases[name]) for name in ("digits", "people", "prices")}


def room(one: Served, channel: str = "", **limits: int) -> Room:
    name = channel or one.release.name
    serving = Serving(Split(Route(name, (Backend(one.digest, 1.0),))), {one.digest: one})
    return Room(name, serving, Records(), Limits(**limits))  # type: ignore[arg-type]


def app_of(*rooms: Room, made: tuple[Key, ...] = ()) -> App:
    guard = Guard("probe-secret")
    guard.load(list(made), Quotas(), time.time())
    return App(guard, rooms)


def rows_of(one: Served) -> list[Any]:
    return [row["input"] for row in one.release.golden["rows"]][:2]


def test_every_line_of_the_table_names_what_is_there():
    for (method, pattern), (named, verb) in PATHS.items():
        assert method in ("GET", "POST", "DELETE", "PUT") and pattern.startswith("/")
        assert callable(Way(named, verb).handler.answer), named


def test_places_are_found_and_named(served: dict[str, Served]):
    paths: Any = {
        ("GET", "/c/{channel}/queue/{question}"): ("x:Y", "read"),
        ("GET", "/v1/models/{model}"): ("x:Y", "read"),
        ("POST", "/c/{channel}"): ("x:Y", "call"),
    }
    table = Table([room(served["people"])], paths)
    found = table.find("/c/people/queue/q7")
    assert found is not None and found.room is not None
    assert (found.room.channel, found.parts, found.methods) == (
        "people", {"question": "q7"}, "GET, HEAD",
    )  # fmt: skip
    assert table.find("/v1/models/a b").parts == {"model": "a b"}  # type: ignore[union-attr]
    for path in ("/c/other/queue/q7", "/c/people/queue/", "/c/people/queue/a/b", "/c/{channel}"):
        assert table.find(path) is None


def test_channels_of_one_app_have_their_own_answers_limits_and_counts(served: dict[str, Served]):
    digits, people = room(served["digits"]), room(served["people"], body=2000, rows=2)
    app = app_of(digits, people)
    for name in ("digits", "people"):
        rows = rows_of(served[name])
        reply = ask(app, "POST", f"/c/{name}", rows)
        assert reply.json["release"] == served[name].digest
        assert ask(app, "GET", f"/v2/models/{name}").json["name"] == name
    rows = rows_of(served["people"])
    assert ask(app, "POST", "/c/people", [*rows, rows[0]]).status == 413
    assert ask(app, "POST", "/c/people", b" " * 2001).status == 413
    assert ask(app, "POST", "/c/digits", b" " * 2001 + json.dumps(rows_of(served["digits"])).encode()).status == 200  # fmt: skip  # noqa: E501
    assert digits.counters.summary() == {"requests": 2, "errors": 0, "rows": 4}
    assert people.counters.summary() == {"requests": 3, "errors": 0, "rows": 2}
    assert ask(app, "GET", "/nothing").status == 404
    assert people.counters.summary()["requests"] == 3  # nobody's mistake but the caller's
    page = ask(app, "GET", "/metrics").body.decode()
    assert 'lingqu_requests_total{channel="-",release="",arm="",status="404"} 1' in page


def test_a_path_without_a_channel_goes_by_header_or_by_what_a_key_may(served: dict[str, Served]):
    key, secret = keys.make("app", ("people",), "2/d")
    other, second = keys.make("both", ("people", "digits"))
    app = app_of(room(served["digits"]), room(served["people"]), made=(key, other))
    body = {"dataframe_records": rows_of(served["people"])}
    reply = ask(app, "POST", "/invocations", body, {"X-API-Key": secret})
    assert reply.status == 200 and len(reply.json["predictions"]) == 2
    which = ask(app, "POST", "/invocations", body, {"X-API-Key": second})
    assert which.status == 400 and "digits, people" in which.json["detail"]
    named = {"X-API-Key": second, "X-Channel": "people"}
    assert ask(app, "POST", "/invocations", body, named).status == 200
    for unknown in ("nobody", "数"):
        asked = {**named, "X-Channel": unknown}
        assert ask(app, "POST", "/invocations", body, asked).status == 404
    assert ask(app, "POST", "/invocations", body, {"X-API-Key": secret}).status == 200
    assert ask(app, "POST", "/invocations", body, {"X-API-Key": secret}).status == 429
    assert ask(app, "POST", "/invocations", body).status == 401


def test_health_tells_of_one_channel_or_of_none(served: dict[str, Served]):
    app = app_of(room(served["digits"]), room(served["people"]))
    both = ask(app, "GET", "/health").json
    assert (both["ready"], "channel" in both, "requests" in both) == (True, False, False)
    one = ask(app, "GET", "/health", headers={"X-Channel": "people"}).json
    assert (one["channel"], one["requests"], one["processes"]) == ("people", 0, 1)
    none = ask(app, "GET", "/health", headers={"X-Channel": "nobody"}).json
    assert (none["live"], none["ready"], "channel" in none) == (True, False, False)


def test_channels_come_and_go(served: dict[str, Served]):
    digits, people = room(served["digits"]), room(served["people"])
    app = app_of(digits)
    rows = rows_of(served["people"])
    assert ask(app, "POST", "/c/people", rows).status == 404
    app.house([digits, people])
    assert ask(app, "POST", "/c/people", rows).status == 200
    app.house([])
    assert ask(app, "POST", "/c/people", rows).status == 503
    assert ask(app, "GET", "/health").json["status"] == "stopped"


def test_a_caller_that_will_not_wait_so_long_is_told_in_time(served: dict[str, Served]):
    app = make_app(served["people"])
    rows = rows_of(served["people"])
    assert ask(app, "POST", "/c/people", rows, {"X-Deadline-Ms": "5000"}).status == 200
    for odd in ("soon", "-5", "1e3", "9" * 20, "0"):
        assert ask(app, "POST", "/c/people", rows, {"X-Deadline-Ms": odd}).status == 200


def test_hooks_hear_of_every_reply(served: dict[str, Served]):
    app = make_app(served["people"])
    heard: list[Any] = []
    app.told += (lambda request, status, size: heard.append((request.path, status, size > 0)),)
    app.after += (lambda call, answer: heard.append((call.entry.status, answer is not None)),)
    ask(app, "POST", "/c/people", rows_of(served["people"]))
    ask(app, "POST", "/c/people", b"{}")
    ask(app, "GET", "/nothing")
    assert heard == [
        (200, True), ("/c/people", 200, True),
        (422, False), ("/c/people", 422, True),
        ("/nothing", 404, True),
    ]  # fmt: skip


def test_a_request_is_known_by_the_callers_id_if_that_is_one(served: dict[str, Served]):
    app = make_app(served["people"])
    ids: list[str] = []
    app.told += (lambda request, status, size: ids.append(request.id),)
    for sent in ("abc-7", "é", "x" * 99, "a\tb"):
        ask(app, "GET", "/health", headers={"X-Request-Id": sent})
    assert ids[0] == "abc-7" and ids[2] == "x" * 64
    assert len(ids[1]) == len(ids[3]) == 16 and ids[1] != ids[3]
