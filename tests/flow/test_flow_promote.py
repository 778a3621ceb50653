from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from tests.flow.routed import NAME, Serving, channel, label, logged, rows
from tests.outlets.asking import Reply

from lingqu.flow import routing
from lingqu.flow.evidence import Period, periods
from lingqu.flow.promote import look, step
from lingqu.flow.respond import respond
from lingqu.respond.act import act
from lingqu.respond.situation import Situation
from lingqu.store.home import Home


@pytest.fixture
def serving(home: Home, digests: list[str]) -> Iterator[Serving]:
    opened = Serving(home)
    yield opened
    opened.close()


def test_nothing_on_its_way_is_nothing_to_do(home: Home, digests: list[str]):
    found = step(home, channel(), "ann")
    assert (found.stage, found.verdict, found.champion) == ("none", "none", digests[0])


def shadowed(home: Home, serving: Serving, new: str) -> tuple[list[Reply], list[str]]:
    """Let a release answer in the shadow, and return the replies and what it said itself."""
    routing.switch(home, NAME, new, shadow=1.0)
    given, _ = rows(120)
    replies = []
    for at in range(0, 120, 20):
        replies += serving.ask(given[at : at + 20])
        deadline = time.monotonic() + 60
        # One after the other, so that no copy finds the queue full.
        while home.ledger.pairs.count(NAME) < at + 20 and time.monotonic() < deadline:
            time.sleep(0.02)
    assert (home.ledger.pairs.count(NAME), serving.beside.shadows.dropped) == (120, 0)
    old = replies[0].json["release"]
    said = [str(p.challenger_says["prediction"]) for p in home.ledger.pairs.list(NAME, old, new)]
    return replies, said


def test_a_shadow_that_is_as_good_becomes_a_canary(
    home: Home, digests: list[str], serving: Serving
):
    declared = channel(margin="10%", auto="canary", least=20, steps=["10%", "50%"])
    routing.switch(home, NAME, digests[1], shadow=1.0)
    assert look(home, declared).verdict == "wait"
    replies, said = shadowed(home, serving, digests[1])
    assert {reply.json["release"] for reply in replies} == {digests[0]}
    found = look(home, declared)
    assert (found.stage, found.verdict) == ("shadow", "wait")
    # Where the two differ, both are wrong: neither is better.
    mine = [reply.json["predictions"][0] for reply in replies]
    label(home, replies, [a if a == b else "none" for a, b in zip(mine, said, strict=True)])
    done = step(home, declared)
    assert (done.verdict, done.next, done.done) == ("step", 0.1, True)
    agreed = next(f for f in done.findings if f.measure == "promote.agreement")
    assert agreed.value == sum(a == b for a, b in zip(mine, said, strict=True)) / 120
    route = home.ledger.routes.get(NAME)
    assert route is not None and [b.arm for b in route.backends] == ["champion", "canary"]


def test_a_shadow_that_is_worse_is_put_away(home: Home, digests: list[str], serving: Serving):
    declared = channel(margin="5%")
    replies, said = shadowed(home, serving, digests[1])
    mine = [reply.json["predictions"][0] for reply in replies]
    assert mine != said
    label(home, replies, mine)
    done = step(home, declared)
    assert (done.stage, done.verdict, done.done) == ("shadow", "back", True)
    route = home.ledger.routes.get(NAME)
    assert route is not None and [b.release for b in route.backends] == [digests[0]]


def canaried(home: Home, serving: Serving, share: float, right: str) -> None:
    """Serve a canary and feed back labels that only one of the arms agrees with, or both."""
    given, _ = rows(120)
    replies = serving.ask(given * 3, sessions=180)
    before = home.ledger.routes.get(NAME)
    assert before is not None
    said = []
    for reply in replies:
        arm = "new" if reply.json["release"] != before.backends[0].release else "old"
        good = right in (arm, "both")
        said.append(reply.json["predictions"][0] if good else "none")
    logged(serving, len(replies))
    label(home, replies, said)


def test_a_canary_climbs_while_no_loss_is_possible_that_could_not_be_borne(
    home: Home, digests: list[str], serving: Serving
):
    declared = channel(margin="20%", auto="canary", least=20, steps=["40%", "50%"])
    routing.switch(home, NAME, digests[1], canary=0.4)
    assert step(home, declared).verdict == "wait"  # nobody called yet
    canaried(home, serving, 0.4, "both")
    found = step(home, declared)
    assert (found.verdict, found.next, found.done) == ("step", 0.5, True)
    route = home.ledger.routes.get(NAME)
    assert route is not None and route.by == "promote"
    assert [round(b.share, 2) for b in route.backends] == [0.5, 0.5]
    waiting = step(home, declared)
    assert (waiting.verdict, waiting.done) == ("wait", False)  # this step has answered nothing
    serving.ask(rows(120)[0], sessions=180)
    logged(serving, 480)
    last = step(home, declared)
    assert (last.verdict, last.person, last.done) == ("promote", True, False)
    done = step(home, declared, "ann")
    assert done.done
    route = home.ledger.routes.get(NAME)
    assert route is not None
    assert ([b.release for b in route.backends], route.fallback) == ([digests[1]], digests[0])
    assert route.by == "ann"


def test_a_canary_that_is_worse_goes_back_by_itself(
    home: Home, digests: list[str], serving: Serving
):
    declared = channel(margin="5%", auto="shadow", least=20)
    routing.switch(home, NAME, digests[1], canary=0.5)
    canaried(home, serving, 0.5, "old")
    found = step(home, declared)
    assert (found.verdict, found.done) == ("back", True)
    route = home.ledger.routes.get(NAME)
    assert route is not None and [b.release for b in route.backends] == [digests[0]]
    assert home.ledger.releases.get(digests[1]).state == "retired"


def test_auto_off_leaves_every_step_to_a_person(home: Home, digests: list[str], serving: Serving):
    declared = channel(margin="20%", auto="off", least=20)
    routing.switch(home, NAME, digests[1], canary=0.4)
    canaried(home, serving, 0.4, "both")
    found = step(home, declared)
    assert (found.verdict, found.person, found.done) == ("step", True, False)
    assert step(home, declared, "ann").done


def test_a_canary_by_rule_is_not_compared(home: Home, digests: list[str], serving: Serving):
    routing.switch(home, NAME, digests[1], when="session == 's1'")
    canaried(home, serving, 0.5, "both")
    assert look(home, channel()).why.key == "route.by_rule"  # type: ignore[union-attr]


def test_arms_of_an_experiment_are_compared_with_their_intervals(
    home: Home, digests: list[str], serving: Serving
):
    arms = {"a": (digests[0], 0.5), "b": (digests[1], 0.5)}
    routing.experiment(home, NAME, arms)
    canaried(home, serving, 0.5, "new")
    found = look(home, channel())
    assert (found.stage, found.verdict) == ("experiment", "compare")
    by_name = {(f.measure, f.argument): f for f in found.findings}
    difference = by_name["promote.difference", "b"]
    assert difference.value == 1.0 and difference.low is not None and difference.low > 0.5
    assert by_name["promote.sample_ratio", ""].verdict == "pass"
    assert found.why.key == "route.differs"  # type: ignore[union-attr]


def test_periods_are_those_of_one_pair_of_releases(home: Home, digests: list[str]):
    old, new = digests
    for share in (0.1, 0.5):
        routing.switch(home, NAME, new, canary=share)
    routing.stop(home, NAME, "why")
    routing.resume(home, NAME)
    history = home.ledger.routes.history(NAME)
    found = periods(history, new, "canary")
    assert [span.share for span in found] == [0.1, 0.5, 0.5]
    assert found[-1].ends == "" and found[0].ends == found[1].begins
    assert isinstance(found[0], Period)
    assert periods(history, old, "canary") == []


def test_a_rule_may_ask_for_the_next_step(home: Home, digests: list[str], serving: Serving):
    declared = channel(margin="20%", auto="canary", least=20)
    situation = Situation(
        home.ledger, NAME, "drift.alarm == 0", (), "live", digests[0], home.clock(), home.new_id
    )
    assert act("promote", None, situation)[0].state == "done"  # nothing stands beside the champion
    routing.switch(home, NAME, digests[1], canary=0.4)
    canaried(home, serving, 0.4, "both")
    asked, _ = act("promote", None, situation)
    assert asked.state == "requested"
    (done,) = respond(home, declared)
    assert (done.state, done.detail["verdict"], done.detail["done"]) == ("done", "step", True)
    route = home.ledger.routes.get(NAME)
    assert route is not None and round(route.backends[1].share, 2) == 0.5
