from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cli.terminal import Terminal

from lingqu.store.home import open_home
from lingqu.store.questions import Question


@pytest.fixture
def routed(lingqu: Terminal) -> tuple[Terminal, str, str]:
    """The terminal, the release that answers, and another that is approved."""
    home = open_home(lingqu.folder / ".lingqu")
    (record,) = home.ledger.releases.list("churn")
    other = replace(record, digest="a" * 64, state="approved", created="2099-01-01")
    home.ledger.releases.put(other)
    home.close()
    lingqu("route", "churn", "--release", record.digest, "--why", "first", "--by", "ann")
    return lingqu, record.digest, other.digest


def test_shadow_rule_and_arms_are_shown(routed: tuple[Terminal, str, str]):
    lingqu, old, new = routed
    assert "shadow" in lingqu("route", "churn", "--shadow", "20%")
    shown = lingqu("route", "churn", "--when", "age >= 60", "--release", new)
    assert "age >= 60" in shown and "When" in shown
    arms = ["--arm", f"a={old[:12]}:50%", "--arm", "b=aaaaaaaa:50%"]
    route = lingqu.json("route", "churn", *arms)
    assert [(b["arm"], b["share"]) for b in route["backends"]] == [("a", 0.5), ("b", 0.5)]


def test_stop_resume_undo_and_history_tell_who_and_why(routed: tuple[Terminal, str, str]):
    lingqu, *_ = routed
    stopped = lingqu("route", "churn", "--stop", "--why", "wrong prices", "--by", "bob")
    assert "Stopped: wrong prices" in stopped
    assert "Stopped" not in lingqu("route", "churn", "--resume", "--by", "bob")
    assert "Stopped" in lingqu("route", "churn", "--undo", "--by", "ann")
    history = lingqu("route", "churn", "--history")
    assert "wrong prices" in history and "bob" in history and "first" in history
    assert "undone: as it was at" in " ".join(history.split())


def test_what_stands_in_for_a_release_is_set_and_taken_away(routed: tuple[Terminal, str, str]):
    lingqu, *_ = routed
    steps = ["--otherwise", "previous", "--otherwise", "answer=no", "--otherwise", "queue"]
    shown = lingqu("route", "churn", *steps, "--sticky", "session")
    assert 'Where a release fails: previous → {"answer": "no"} → queue' in shown
    assert lingqu.json("route", "churn")["sticky"] == "session"
    assert "Where" not in lingqu("route", "churn", "--otherwise", "none")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--stop", "--undo"], "--stop, --undo"),
        (["--arm", "a"], "NAME=RELEASE:SHARE"),
        (["--otherwise", "hope"], "previous"),
        (["--sticky", "forever"], "key, session, none"),
        (["--when", "age =", "--release", "aaaaaaaa"], "column 5"),
        (["--shadow", "0%"], "0%"),
    ],
)
def test_what_makes_no_sense_is_refused(
    routed: tuple[Terminal, str, str], words: list[str], said: str
):
    lingqu, *_ = routed
    lingqu("route", "churn", *words)
    assert lingqu.code == 2
    assert said in " ".join(lingqu.err.split())


def test_promote_says_that_nothing_is_on_its_way_or_what_is_missing(
    routed: tuple[Terminal, str, str],
):
    lingqu, *_ = routed
    assert "Nothing to do" in lingqu("promote", "churn")
    lingqu("route", "churn", "--canary", "10%")
    shown = lingqu("promote", "churn", "--step")
    assert "canary at 10%" in shown and "Wait: the canary has answered 0 calls" in shown
    lingqu("route", "churn", "--release", "aaaaaaaa", "--shadow", "50%")
    assert "the shadow has answered nothing yet" in lingqu("promote", "churn")


def test_a_question_is_listed_and_answered(routed: tuple[Terminal, str, str]):
    lingqu, *_ = routed
    home = open_home(lingqu.folder / ".lingqu")
    request = {"given": [{"age": 30}], "ids": ["x-1"], "key": "", "release": "d", "why": ""}
    home.ledger.questions.ask(Question("q1", "churn", home.clock(), request), 10)
    home.close()
    shown = lingqu("queue", "list", "churn")
    assert "q1" in shown and "waiting" in shown
    assert "q1 is answered" in lingqu("queue", "answer", "q1", "7", "--by", "ann")
    (told,) = lingqu.json("queue", "list", "churn")
    assert (told["answer"], told["answered_by"]) == (["7"], "ann")  # the name of a class
    assert lingqu.json("queue", "list", "churn", "--waiting") == []
    lingqu("queue", "answer", "q1", "no")
    assert lingqu.code == 1 and "No question 'q1'" in lingqu.err
