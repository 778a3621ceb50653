from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import OutletError
from lingqu.core.i18n import Phrase, keepable
from lingqu.core.nouns import Backend, Route
from lingqu.outlets.routing.route import Asked, Split

STEPS = (0.01, 0.05, 0.25, 0.5)


def canary(share: float, channel: str = "c", **more: object) -> Split:
    backends = (Backend("old", 1 - share), Backend("new", share, "canary"))
    return Split(Route(channel, backends, **more))  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1, max_size=40), st.lists(st.floats(0.001, 0.999), max_size=6))
def test_a_growing_share_moves_a_caller_one_way_only(session: bytes, shares: list[float]):
    arms = [canary(share).choose(Asked(session)).arm for share in sorted([*shares, *STEPS])]
    for before, after in pairwise(arms):
        assert (before, after) != ("canary", "champion")


def test_callers_are_spread_by_the_shares_and_stay():
    for share in STEPS:
        split = canary(share)
        chosen = {n: split.choose(Asked(b"%d" % n)).arm for n in range(5000)}
        part = sum(arm == "canary" for arm in chosen.values()) / 5000
        assert abs(part - share) < 4 * (share * (1 - share) / 5000) ** 0.5
        assert all(split.choose(Asked(b"%d" % n, number=7)).arm == chosen[n] for n in range(300))


def test_a_key_stays_too_and_a_session_goes_before_it():
    split = canary(0.5)
    by_key = {split.choose(Asked(key="k1", number=n)).arm for n in range(50)}
    by_session = {split.choose(Asked(b"%d" % n, "k1")).arm for n in range(50)}
    assert (len(by_key), len(by_session)) == (1, 2)


def test_a_route_may_say_what_a_caller_stays_by():
    asked = [Asked(key="k1", number=n) for n in range(100)]
    dealt = [canary(0.1, sticky="session").choose(one).arm for one in asked]
    assert dealt.count("canary") == 10
    sessions = [Asked(b"ann", number=n) for n in range(100)]
    none = [canary(0.1, sticky="none").choose(one).arm for one in sessions]
    assert none.count("canary") == 10
    assert {one.caller for one in sessions} == {0}


def test_two_channels_do_not_pick_the_same_callers():
    one, other = canary(0.5, "churn"), canary(0.5, "credit")
    same = sum(
        one.choose(Asked(b"%d" % n)).arm == other.choose(Asked(b"%d" % n)).arm for n in range(2000)
    )
    assert 900 < same < 1100


def test_rules_go_before_shares_and_the_first_that_holds_decides():
    backends = (
        Backend("old", 1.0),
        Backend("cn", 0.0, "cn", "country == 'CN'"),
        Backend("lab", 0.0, "lab", "key == 'lab' or region == 'north'"),
    )
    split = Split(Route("c", backends), {"k7": "lab"})
    assert (split.alone, split.reads_rows) == (None, True)
    assert split.releases == ("old", "cn", "lab")
    assert split.choose(Asked(row=lambda: {"country": "CN"}, key="k7")).arm == "cn"
    assert split.choose(Asked(key="k7")).arm == "lab"
    assert split.choose(Asked(region=b"north")).arm == "lab"
    assert split.choose(Asked(row=lambda: {"country": "US"})).arm == "champion"


def test_a_stopped_route_says_why_and_keeps_its_releases_open():
    why = keepable(Phrase("route.rail_errors", {"seen": "9%", "requests": 9, "allowed": "1%"}))
    split = canary(0.1, stopped=True, reason=why, fallback="older", otherwise=(("previous", None),))
    assert (split.releases, split.needed) == ((), ("old", "new", "older"))
    with pytest.raises(OutletError) as caught:
        split.choose(Asked())
    assert caught.value.key == "outlets.stopped_because"
    assert "guard rail" in caught.value.told("en") and "护栏" in caught.value.told("zh")


def test_shadows_get_no_answers_to_give_but_are_opened():
    split = Split(Route("c", (Backend("a", 1.0), Backend("b", 0.5, "shadow"))))
    assert (split.releases, split.needed) == (("a",), ("a", "b"))
    assert split.alone == Backend("a", 1.0)
