from __future__ import annotations

import pytest

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Backend, Route
from lingqu.outlets.routing.route import Asked, Split


def test_a_canary_gets_its_share_exactly():
    split = Split(Route("c", (Backend("old", 0.9), Backend("new", 0.1, "canary"))))
    arms = [split.choose(Asked(number=n)).arm for n in range(1000)]
    assert abs(arms.count("canary") - 100) <= 1
    assert abs(arms[:50].count("canary") - 5) <= 1


def test_a_session_stays_with_its_release():
    split = Split(Route("c", (Backend("old", 0.7), Backend("new", 0.3, "canary"))))
    chosen = {i: split.choose(Asked(b"session-%d" % i)).release for i in range(2000)}
    again = {i: split.choose(Asked(b"session-%d" % i, number=9)).release for i in chosen}
    assert again == chosen
    assert 0.25 < sum(r == "new" for r in chosen.values()) / 2000 < 0.35


def test_shadows_do_not_answer_and_a_stopped_channel_says_so():
    split = Split(Route("c", (Backend("a", 1.0), Backend("b", 0.5, "shadow"))))
    assert split.releases == ("a",)
    with pytest.raises(OutletError) as caught:
        Split(Route("c", ())).choose(Asked())
    assert caught.value.key == "outlets.stopped"
