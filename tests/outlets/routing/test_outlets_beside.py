from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.outlets.asking import OneApp, ask, ask_all, make_app, opened

from lingqu.core.i18n import as_told
from lingqu.core.nouns import Backend, Key, ReleaseRecord, Route
from lingqu.outlets.access import keys
from lingqu.outlets.room import Serving
from lingqu.outlets.routing.companions import Companions
from lingqu.outlets.routing.rails import Arm, breach
from lingqu.outlets.routing.route import Split
from lingqu.outlets.routing.shadow import Shadows
from lingqu.outlets.routing.watchman import BY, send_back
from lingqu.outlets.served import Served
from lingqu.release.release import Release
from lingqu.store.home import Home

DAY = "2026-11-23T08:00:00+00:00"


def routed(app: OneApp, route: Route, *served: Served) -> None:
    app.room.serving = Serving(Split(route), {one.digest: one for one in served})


def rows(releases: dict[str, Path], name: str = "digits", count: int = 1) -> list[Any]:
    return [row["input"] for row in Release.open(releases[name]).golden["rows"][:count]]


def late(path: Path) -> Served:
    """A release that answers nobody in time."""
    return opened(path, deadline_s=1e-9)


@pytest.fixture
def beside(home: Home) -> Iterator[Callable[[OneApp], Companions]]:
    made: list[Companions] = []

    def hang(app: OneApp) -> Companions:
        made.append(Companions(home, app))
        return made[-1]

    yield hang
    for one in made:
        one.close()


def kept(home: Home, count: int) -> list[Any]:
    deadline = time.monotonic() + 60
    while home.ledger.pairs.count("digits") < count and time.monotonic() < deadline:
        time.sleep(0.01)
    (first,) = {(p.champion, p.challenger) for p in all_pairs(home)}
    return home.ledger.pairs.list("digits", *first)


def all_pairs(home: Home) -> list[Any]:
    names = [r.digest for r in home.ledger.releases.list("digits")]
    found = [home.ledger.pairs.list("digits", a, b) for a in names for b in names]
    return [pair for pairs in found for pair in pairs]


def recorded(home: Home, *served: Served) -> None:
    for one in served:
        home.ledger.releases.put(ReleaseRecord(one.digest, "digits", "run", "live", DAY))


# Shadows


def test_a_shadow_answers_the_same_rows_and_callers_see_the_champion(
    home: Home, releases: dict[str, Path], beside: Callable[[OneApp], Companions]
):
    one, two = opened(releases["digits"]), opened(releases["digits1"])
    recorded(home, one, two)
    app = make_app(one, two)
    route = Route("digits", (Backend(one.digest, 1.0), Backend(two.digest, 1.0, "shadow")))
    routed(app, route, one, two)
    beside(app)
    asked = rows(releases, count=4)
    reply = ask(app, "POST", "/c/digits", asked)
    assert reply.json["release"] == one.digest
    pairs = kept(home, 4)
    assert [pair.request for pair in pairs] == reply.json["prediction_ids"]
    assert [p.champion_says["prediction"] for p in pairs] == reply.json["predictions"]
    alone = two.replayed(asked)["prediction"].to_list()
    assert [p.challenger_says["prediction"] for p in pairs] == alone
    for pair, mine in zip(pairs, alone, strict=True):
        assert pair.agree is (pair.champion_says["prediction"] == mine)
    assert all(0 <= p.distance <= 1 and p.challenger_ms > 0 for p in pairs)
    assert any(p.distance > 0 for p in pairs)


def test_a_shadow_that_cannot_read_the_rows_is_a_pair_that_did_not_agree(
    home: Home, releases: dict[str, Path], beside: Callable[[OneApp], Companions]
):
    one, other = opened(releases["digits"]), opened(releases["prices"])
    recorded(home, one, other)
    app = make_app(one)
    routed(app, Route("digits", (Backend(one.digest, 1.0), Backend(other.digest, 1.0, "shadow"))),
           one, other)  # fmt: skip
    beside(app)
    assert ask(app, "POST", "/c/digits", rows(releases)).status == 200
    (pair,) = kept(home, 1)
    assert (pair.agree, pair.distance, pair.challenger_says) == (False, None, {"failed": True})


def test_copies_are_sampled_and_dropped_when_their_queue_is_full(releases: dict[str, Path]):
    one, two = opened(releases["digits"]), opened(releases["digits1"])
    seen: list[Any] = []
    app = make_app(one)
    routed(app, Route("digits", (Backend(one.digest, 1.0), Backend(two.digest, 0.25, "shadow"))),
           one, two)  # fmt: skip
    shadows = Shadows(seen.extend)
    app.after = (shadows.after,)
    for _ in range(40):
        assert ask(app, "POST", "/c/digits", rows(releases)).status == 200
    shadows.close()
    assert 8 <= len(seen) + shadows.dropped <= 12
    none = Shadows(seen.extend, copies=0)
    app.after = (none.after,)
    before = len(seen)
    for _ in range(8):
        assert ask(app, "POST", "/c/digits", rows(releases)).status == 200
    none.close()
    assert (none.dropped, len(seen)) == (2, before)


# The chain


def chained(
    releases: dict[str, Path], *otherwise: tuple[str, Any], key: Key | None = None
) -> tuple[OneApp, Served, Served]:
    slow, other = late(releases["digits"]), opened(releases["digits1"])
    app = make_app(slow, keys=[key] if key else [])
    route = Route("digits", (Backend(slow.digest, 1.0),), other.digest, otherwise=otherwise)
    routed(app, route, slow, other)
    return app, slow, other


def test_without_a_chain_the_failure_is_told(
    releases: dict[str, Path], beside: Callable[[OneApp], Companions]
):
    app, *_ = chained(releases)
    beside(app)
    reply = ask(app, "POST", "/c/digits", rows(releases))
    assert (reply.status, reply.json["type"]) == (504, "urn:lingqu:outlets.too_late")


def test_the_release_before_answers_for_one_that_fails_and_both_are_logged(
    releases: dict[str, Path], beside: Callable[[OneApp], Companions]
):
    app, slow, other = chained(releases, ("previous", None))
    beside(app)
    reply = ask(app, "POST", "/c/digits", rows(releases, count=2))
    assert (reply.status, reply.json["release"]) == (200, other.digest)
    entries = app.records.entries
    assert [(e.source.digest, e.arm, e.status) for e in entries] == [
        (slow.digest, "champion", 504),
        (other.digest, "previous", 200),
    ]
    assert entries[1].ids == reply.json["prediction_ids"]
    assert not set(entries[0].ids) & set(entries[1].ids)


def test_a_rule_answers_where_its_condition_holds_else_the_next_step_does(
    releases: dict[str, Path], beside: Callable[[OneApp], Companions]
):
    slow = late(releases["people"])
    asked = rows(releases, "people", 2)
    column = next(name for name, cell in asked[0].items() if isinstance(cell, int | float))
    app = make_app(slow, channel="people")
    never = {"value": "yes", "when": f"{column} < -1e9"}
    steps = (("answer", never), ("answer", {"value": "no", "when": f"{column} > -1e9"}))
    routed(app, Route("people", (Backend(slow.digest, 1.0),), otherwise=steps), slow)
    beside(app)
    reply = ask(app, "POST", "/c/people", asked)
    assert (reply.status, reply.json) == (
        200, {"predictions": ["no", "no"], "answered_by": "rule"},
    )  # fmt: skip
    said = ask(app, "POST", "/invocations", {"dataframe_records": asked})
    assert said.json == {"predictions": ["no", "no"]}


def test_a_column_of_the_row_may_answer(
    releases: dict[str, Path], beside: Callable[[OneApp], Companions]
):
    slow = late(releases["prices"])
    app = make_app(slow, channel="prices")
    steps = (("answer", {"column": "b"}),)
    routed(app, Route("prices", (Backend(slow.digest, 1.0),), otherwise=steps), slow)
    beside(app)
    reply = ask(app, "POST", "/c/prices", [{"a": 1, "b": 2.5, "c": 3}])
    assert reply.json["predictions"] == [2.5]


def test_a_person_answers_the_caller_who_asked_and_nobody_else(
    home: Home, releases: dict[str, Path], beside: Callable[[OneApp], Companions]
):
    mine, secret = keys.make("mine", (), "", created=DAY)
    theirs, stranger = keys.make("theirs", (), "", created=DAY)
    app, *_ = chained(releases, ("queue", None), key=mine)
    app.guard.load([mine, theirs], home.ledger.quotas, time.time())
    beside(app)
    sent = {"x-api-key": secret}
    reply = ask(app, "POST", "/c/digits", rows(releases, count=2), sent)
    assert (reply.status, reply.json["state"]) == (202, "waiting")
    where = reply.json["at"]
    assert ask(app, "GET", where, headers=sent).status == 202
    (question,) = home.ledger.questions.list("digits", "waiting")
    home.ledger.questions.answer(question.id, ["7", "3"], "ann", DAY)
    told = ask(app, "GET", where, headers=sent)
    assert (told.status, told.json["predictions"]) == (200, ["7", "3"])
    assert told.json["prediction_ids"] == reply.json["prediction_ids"]
    assert ask(app, "GET", where, headers={"x-api-key": stranger}).status == 404
    assert ask(app, "GET", "/c/digits/queue/none", headers=sent).status == 404


def test_mistakes_of_callers_and_full_queues_are_told_as_they_are(
    releases: dict[str, Path], beside: Callable[[OneApp], Companions]
):
    app, slow, other = chained(releases, ("previous", None), ("queue", None))
    beside(app)
    assert ask(app, "POST", "/c/digits", [{}]).status == 422
    full = opened(releases["digits"], queue=0)
    routed(
        app, replace(app.serving.split.route, backends=(Backend(full.digest, 1.0),)), full, other
    )
    assert ask(app, "POST", "/c/digits", rows(releases)).status == 429
    stopped = replace(app.serving.split.route, stopped=True, reason="the model is wrong")
    routed(app, stopped, slow, other)
    reply = ask(app, "POST", "/c/digits", rows(releases))
    assert reply.status == 503
    assert "the model is wrong" in reply.json["detail"]


# Rules on columns


def test_a_column_decides_who_answers(releases: dict[str, Path]):
    one, two = opened(releases["people"]), opened(releases["people"])
    two.digest = "other"  # the same release under another name
    asked = rows(releases, "people")
    column = next(name for name, cell in asked[0].items() if isinstance(cell, int | float))
    app = make_app(one, channel="people")
    backends = (Backend(one.digest, 1.0), Backend("other", 0.0, "old", f"{column} >= 50"))
    routed(app, Route("people", backends), one, two)
    for value, who in ((49, one.digest), (50, "other")):
        reply = ask(app, "POST", "/c/people", [{**asked[0], column: value}])
        assert reply.json["release"] == who
    assert [entry.arm for entry in app.records.entries] == ["champion", "old"]


# Guard rails


def test_rails_break_on_proof_and_not_on_bad_luck():
    champion = Arm(2000, 20)
    champion.classes[10] = 1980
    good, bad, slow = Arm(), Arm(), Arm()
    for number in range(300):
        good.add(number % 100 == 0, 0.4)
        bad.add(number % 20 == 0, 0.4)
        slow.add(False, 0.4 if number % 8 else 9.0)
    assert breach(champion, good) is None
    assert breach(champion, Arm()) is None
    assert [found.rail for arm in (bad, slow) if (found := breach(champion, arm))] == [
        "errors", "latency",
    ]  # fmt: skip
    worse = Arm(2000, 120)
    assert breach(worse, bad) is None  # the champion fails as often


def test_a_canary_that_fails_is_sent_back_and_the_trail_says_who_did_it(
    home: Home, releases: dict[str, Path], beside: Callable[[OneApp], Companions]
):
    for name in ("digits", "digits1"):
        digest = Release.open(releases[name]).digest
        shutil.copytree(releases[name], home.root / "blobs" / "releases" / digest)
    one, two = opened(releases["digits"]), late(releases["digits1"])
    recorded(home, one, two)
    route = Route("digits", (Backend(one.digest, 0.5), Backend(two.digest, 0.5, "canary")),
                  one.digest, DAY, "deploy")  # fmt: skip
    home.ledger.routes.set(route)
    app = make_app(one)
    routed(app, route, one, two)
    hung = beside(app)
    asked = rows(releases)
    replies = ask_all(app, [("POST", "/c/digits", asked, {})] * 120)
    assert {reply.status for reply in replies} == {200, 504}
    hung.watchman.look()
    now = home.ledger.routes.get("digits")
    assert now is not None and now.backends == (Backend(one.digest, 1.0),)
    assert now.by == BY
    assert "guard rail" in str(as_told(now.reason))
    assert home.ledger.releases.get(two.digest).state == "retired"
    event = list(home.ledger.events.list(kind="route"))[-1]
    assert event.detail["by"] == BY
    found = breach(Arm(), Arm(99, 50))
    assert found is not None
    assert send_back(home, route, found) is False  # somebody has changed the route meanwhile
