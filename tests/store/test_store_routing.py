"""Routes, pairs of shadows and questions for people, on SQLite and on a real Postgres."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lingqu.core.errors import StoreError
from lingqu.core.nouns import Backend, ReleaseRecord, Route
from lingqu.store.ledger import Ledger
from lingqu.store.questions import Question
from lingqu.store.reroute import reroute
from lingqu.store.shadow_pairs import ShadowPair

DAY = "2026-11-{:02}T08:00:00+00:00"
PAIR = ShadowPair("c", DAY.format(1), "p-0", "old", "new", {"prediction": "7"},
                  {"prediction": 7.5}, False, 0.25, 1.0, None)  # fmt: skip
QUESTION = Question("q1", "c", DAY.format(1), {"given": [{"a": "渠"}], "ids": ["x"]})


def test_a_route_comes_back_whole(ledger: Ledger) -> None:
    backends = (Backend("a", 0.5), Backend("b", 0.5, "b", "country == 'CN'"))
    steps = (("previous", None), ("answer", {"value": 1.5}), ("queue", None))
    route = Route("c", backends, "a", DAY.format(1), "why", "ann", True, "session", steps)
    before = ledger.revision()
    ledger.routes.set(route)
    assert ledger.routes.get("c") == route
    assert ledger.revision() > before


def test_a_route_that_cannot_be_is_not_set_at_all(ledger: Ledger) -> None:
    for digest, state in (("a" * 64, "approved"), ("b" * 64, "blocked")):
        ledger.releases.put(ReleaseRecord(digest, "c", "r", state, DAY.format(1)))  # type: ignore[arg-type]
    good = Route("c", (Backend("a" * 64, 1.0),), changed=DAY.format(1), by="ann")
    reroute(ledger, good)
    assert ledger.releases.get("a" * 64).state == "live"
    bad = replace(good, backends=(Backend("b" * 64, 1.0),))
    with pytest.raises(StoreError):
        reroute(ledger, bad)
    assert ledger.routes.get("c") == good
    assert len(list(ledger.events.list(kind="route"))) == 1


def test_pairs_come_back_in_order_and_the_newest_first_where_they_are_many(ledger: Ledger) -> None:
    ledger.pairs.add([])
    ledger.pairs.add([replace(PAIR, request=f"p-{n}") for n in range(5)])
    ledger.pairs.add([replace(PAIR, challenger="other"), replace(PAIR, channel="d")])
    assert ledger.pairs.list("c", "old", "new")[0] == PAIR
    newest = ledger.pairs.list("c", "old", "new", limit=2)
    assert [pair.request for pair in newest] == ["p-3", "p-4"]
    assert (ledger.pairs.count("c"), ledger.pairs.count("none")) == (6, 0)


def test_a_question_is_answered_once_and_no_more_wait_than_may(ledger: Ledger) -> None:
    assert ledger.questions.ask(QUESTION, 2)
    assert ledger.questions.ask(replace(QUESTION, id="q2"), 2)
    assert not ledger.questions.ask(replace(QUESTION, id="q3"), 2)
    assert ledger.questions.ask(replace(QUESTION, id="q3", channel="d"), 2)
    ledger.questions.answer("q1", ["7"], "ann", DAY.format(2))
    with pytest.raises(StoreError):
        ledger.questions.answer("q1", ["8"], "bob", DAY.format(2))
    told = ledger.questions.get("c", "q1")
    assert told == replace(
        QUESTION, state="answered", answer=["7"], answered_by="ann", answered_at=DAY.format(2)
    )
    assert ledger.questions.get("d", "q1") is None
    assert [q.id for q in ledger.questions.list("c", "waiting")] == ["q2"]
    assert [q.id for q in ledger.questions.list()] == ["q1", "q2", "q3"]


def test_questions_of_a_person_are_forgotten(ledger: Ledger) -> None:
    forms = ([{"id": 7, "a": 1}], {"rows": [{"id": "7"}]}, {"columns": {"id": ["6", "7"]}})
    for place, given in enumerate((*forms, [{"id": "77"}], [{"a": 7}])):
        asked = replace(QUESTION, id=f"q{place}", request={"given": given, "ids": ["x"]})
        assert ledger.questions.ask(asked, 10)
    assert ledger.questions.forget("id", "7") == 3
    assert [one.id for one in ledger.questions.list()] == ["q3", "q4"]
