"""Facts of data: retention as a length of time, and facts that a channel requires."""

from __future__ import annotations

import pytest

from lingqu.core.errors import SpecError
from lingqu.core.facts import FACTS, kept_until, retention_days
from lingqu.core.spec import Channel

CHANNEL = """
channel: loans
data: {source: d.csv, license: CC0-1.0, FACTS}
train: {task: classify, target: y}
"""
AT = "2026-11-21T10:00:00.000000+00:00"


def channel(facts: str) -> Channel:
    return Channel.parse(CHANNEL.replace("FACTS", facts))


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("90 d", 90),
        ("90d", 90),
        ("12 weeks", 84),
        ("6 months", 6 * 30.4375),
        ("2 Years", 730.5),
        ("2 年", 730.5),
        ("6个月", 6 * 30.4375),
        ("1.5 h", 1.5 / 24),
        ("", None),
        ("as long as the contract runs", None),
    ],
)
def test_a_retention_is_read(said: str, days: float | None) -> None:
    assert retention_days(said) == pytest.approx(days)


@pytest.mark.parametrize("said", ["5 yeras", "90", "3 d and more", "7 bananas"])
def test_a_number_without_a_unit_of_time_is_refused_at_the_door(said: str) -> None:
    with pytest.raises(ValueError):
        retention_days(said)
    with pytest.raises(SpecError, match=r"data\.retention.*is no length of time"):
        channel(f"retention: '{said}'")


def test_the_day_until_which_data_may_be_kept() -> None:
    assert kept_until({"retention": "10 d"}, AT) == "2026-12-01"
    assert kept_until({"retention": "while it is needed"}, AT) == ""
    assert kept_until({}, AT) == kept_until({"retention": "5 yeras"}, AT) == ""
    assert kept_until({"retention": "99999 years"}, AT) == ""


def test_required_facts_that_are_missing_are_named_at_once() -> None:
    with pytest.raises(SpecError, match="consent, owner") as caught:
        channel("require_facts: [license, consent, owner]")
    assert "`data.require_facts` (channel.yaml line 3)" in str(caught.value)
    with pytest.raises(SpecError, match="consent"):
        channel("consent: ' ', require_facts: consent")
    declared = channel("consent: contract, origin: our shop, require_facts: [license, consent]")
    assert declared.data.require_facts == ("license", "consent")
    assert Channel.parse(declared.to_yaml()).version == declared.version


def test_only_facts_can_be_required() -> None:
    with pytest.raises(SpecError, match="license"):
        channel("require_facts: [licence]")
    assert set(FACTS) <= set(type(channel("owner: we").data).model_fields)
