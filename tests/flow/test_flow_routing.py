from __future__ import annotations

from pathlib import Path

import pytest
from tests.flow.routed import NAME, with_releases

from lingqu.core.errors import GateError, OutletError, SpecError, StoreError
from lingqu.core.i18n import as_told
from lingqu.core.nouns import Backend
from lingqu.flow import routing
from lingqu.flow.questions import answer, questions
from lingqu.store.home import Home
from lingqu.store.questions import Question


@pytest.fixture
def digests(home: Home, tmp_path: Path) -> list[str]:
    return with_releases(home, tmp_path, 0, 1, 2)


def states(home: Home, digests: list[str]) -> list[str]:
    return [home.ledger.releases.get(digest).state for digest in digests]


def test_a_canary_a_shadow_a_rule_and_an_experiment_are_routes(home: Home, digests: list[str]):
    old, new, third = digests
    routing.switch(home, NAME, old, reason="deploy", by="ann")
    canary = routing.switch(home, NAME, new, canary=0.1, by="ann")
    assert canary.backends == (Backend(old, 0.9), Backend(new, 0.1, "canary"))
    assert canary.fallback == old
    shadow = routing.switch(home, NAME, third, shadow=0.5)
    assert [b.arm for b in shadow.backends] == ["champion", "canary", "shadow"]
    whole = routing.switch(home, NAME, new, shadow=0.5)  # a canary that steps back into the shadow
    assert whole.backends == (Backend(old, 1.0), Backend(new, 0.5, "shadow"))
    ruled = routing.switch(home, NAME, new, when="country == 'CN'")
    assert ruled.backends[1] == Backend(new, 0.0, "canary", "country == 'CN'")
    arms = {"a": (old, 0.5), "b": (new, 0.3), "c": (third, 0.2)}
    route = routing.experiment(home, NAME, arms, "which is best", "ann")
    assert [b.arm for b in route.backends] == ["a", "b", "c"]
    assert states(home, digests) == ["live"] * 3
    assert home.ledger.routes.get(NAME) == route
    (event,) = list(home.ledger.events.list(kind="route"))[-1:]
    assert (event.detail["by"], event.detail["reason"]) == ("ann", "which is best")


def test_stop_and_resume_keep_who_answers_and_say_why(home: Home, digests: list[str]):
    routing.switch(home, NAME, digests[0])
    before = routing.switch(home, NAME, digests[1], canary=0.2)
    stopped = routing.stop(home, NAME, "wrong prices", "ann")
    assert stopped.stopped and stopped.backends == before.backends
    assert states(home, digests)[:2] == ["live", "live"]
    resumed = routing.resume(home, NAME, by="ann")
    assert not resumed.stopped and resumed.backends == before.backends
    with pytest.raises(OutletError) as caught:
        routing.resume(home, NAME)
    assert caught.value.key == "route.not_stopped"


def test_undo_brings_back_the_route_before_and_undone_twice_it_is_as_it_was(
    home: Home, digests: list[str]
):
    first = routing.switch(home, NAME, digests[0])
    with pytest.raises(OutletError):
        routing.undo(home, NAME)
    second = routing.switch(home, NAME, digests[1], canary=0.5)
    undone = routing.undo(home, NAME, by="ann")
    assert (undone.backends, undone.by) == (first.backends, "ann")
    assert first.changed[:19] in str(as_told(undone.reason))
    assert routing.undo(home, NAME).backends == second.backends
    assert len(home.ledger.routes.history(NAME)) == 4


def test_what_may_not_answer_is_refused_and_nothing_changes(home: Home, digests: list[str]):
    routing.switch(home, NAME, digests[0])
    route = home.ledger.routes.get(NAME)
    home.ledger.releases.move(digests[1], "blocked", home.clock())
    arms = {"a": (digests[0], 0.5), "b": (digests[1], 0.5)}
    for refused in (
        lambda: routing.switch(home, NAME, digests[1], canary=0.1),
        lambda: routing.experiment(home, NAME, arms),
    ):
        with pytest.raises(GateError):
            refused()
    for bad in (
        {"a": (digests[0], 1.0)},
        {"a": (digests[0], 0.5), "b": (digests[2], 0.4)},
        {"champion": (digests[0], 0.5), "b": (digests[2], 0.5)},
    ):
        with pytest.raises(SpecError):
            routing.experiment(home, NAME, bad)
    with pytest.raises(SpecError):
        routing.switch(home, NAME, digests[2], when="country =")
    assert home.ledger.routes.get(NAME) == route


def test_rules_of_a_route_stay_when_releases_change(home: Home, digests: list[str]):
    routing.switch(home, NAME, digests[0], otherwise=[("previous", None)], sticky="session")
    routing.switch(home, NAME, digests[1])
    route = routing.rules(home, NAME, otherwise=[("queue", None)])
    assert (route.sticky, route.otherwise) == ("session", (("queue", None),))
    assert home.ledger.routes.get(NAME) == route


def test_an_answer_of_a_person_is_a_label(home: Home):
    request = {"given": [{"a": 1}], "ids": ["x-1", "x-2"], "key": "k", "release": "d", "why": ""}
    assert home.ledger.questions.ask(Question("q1", NAME, home.clock(), request), 1)
    assert not home.ledger.questions.ask(Question("q2", NAME, home.clock(), request), 1)
    with pytest.raises(Exception) as caught:
        answer(home, "q1", "7", "ann")
    assert getattr(caught.value, "key", "") == "route.bad_answer"
    done = answer(home, "q1", ["7", "3"], "ann")
    assert (done.state, done.answered_by) == ("answered", "ann")
    labels = home.ledger.feedback.of(NAME, ["x-1", "x-2"])
    assert [labels[name].label for name in ("x-1", "x-2")] == ["7", "3"]
    assert questions(home, NAME, waiting=True) == []
    with pytest.raises(StoreError):
        answer(home, "q1", ["7", "3"])
