from __future__ import annotations

from typing import Any

import pytest

from lingqu.core.errors import SpecError
from lingqu.core.piece import Piece
from lingqu.core.route_section import STEPS, RouteSection, step_of
from lingqu.core.spec import Channel


def channel(route: Any) -> Channel:
    access = {} if route is None else {"route": route}
    train = {"task": "classify", "target": "y"}
    return Channel.of({"channel": "c", "data": "x.csv", "train": train, "access": access})


def test_the_short_form_says_how_a_release_begins_and_is_written_back_so():
    for written, canary, shadow in (
        ("canary 10%", 0.1, None),
        ("canary  0.1", 0.1, None),
        ("shadow", None, 1.0),
        ("shadow 20%", None, 0.2),
    ):
        section = channel(written).access.routing
        assert (section.canary, section.shadow) == (canary, shadow)
    assert "route: canary 10%" in channel("canary 0.1").to_yaml()
    assert "route: shadow" in channel("shadow 100%").to_yaml()
    assert channel("canary 10%").version == channel({"begin": "canary 0.1"}).version


def test_nothing_declared_is_the_defaults():
    section = channel(None).access.routing
    assert section == RouteSection()
    assert (section.steps, section.auto, section.margin) == (STEPS, "canary", 0.01)
    assert (section.canary, section.shadow) == (None, None)


def test_what_is_declared_is_read_and_written_back():
    route = {
        "begin": "shadow",
        "steps": ["5%", "50%"],
        "margin": "2%",
        "auto": "full",
        "sticky": "session",
        "when": "country == 'CN'",
        "otherwise": ["previous", {"answer": {"value": 1, "when": "a > 2"}}, "queue"],
    }
    declared = channel(route)
    section = declared.access.routing
    assert (section.steps, section.margin, section.least) == ((0.05, 0.5), 0.02, 100)
    assert [step_of(piece)[0] for piece in section.otherwise] == ["previous", "answer", "queue"]
    assert Channel.parse(declared.to_yaml()) == declared


@pytest.mark.parametrize(
    ("route", "place"),
    [
        ("canary", "access.route"),
        ("canary 100%", "access.route"),
        ("shadow 0%", "access.route"),
        ("later", "access.route"),
        ({"steps": ["50%", "5%"]}, "access.route.steps"),
        ({"margin": 0}, "access.route.margin"),
        ({"auto": "always"}, "access.route.auto"),
        ({"when": "country ="}, "access.route.when"),
        ({"otherwise": ["hope"]}, "access.route.otherwise"),
        ({"otherwise": [{"answer": {"when": "a > 1"}}]}, "access.route.otherwise"),
        ({"begins": "shadow"}, "access.route.begins"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(route: Any, place: str):
    with pytest.raises(SpecError) as caught:
        channel(route)
    assert f"`{place}`" in str(caught.value)


@pytest.mark.parametrize("piece", [Piece("previous", 1), Piece("answer"), Piece("queue", {})])
def test_a_step_is_one_of_three(piece: Piece):
    with pytest.raises(SpecError):
        step_of(piece)
