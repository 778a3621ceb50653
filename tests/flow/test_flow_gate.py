"""The gate: requirements, unknown measures, findings that block, rules that fire."""

from __future__ import annotations

from tests.walked import CHANNEL

from lingqu.core.nouns import Finding
from lingqu.core.rules import parse
from lingqu.core.spec import Channel
from lingqu.flow.gate import fired, judge

GOOD = Finding("metrics", "roc_auc", 0.9, low=0.85, high=0.95)


def test_a_requirement_that_holds_passes_and_shows_what_was_seen() -> None:
    decision = judge([parse("roc_auc >= 0.8")], [GOOD])
    assert decision.passed
    assert decision.to_json() == {
        "passed": True,
        "requirements": [
            {
                "text": "roc_auc >= 0.8",
                "verdict": "pass",
                "seen": ["roc_auc = 0.9 [0.85, 0.95]"],
                "missing": [],
            }
        ],
        "blocking": [],
    }


def test_one_failed_requirement_of_two_refuses() -> None:
    decision = judge([parse("roc_auc >= 0.8"), parse("roc_auc >= 0.99")], [GOOD])
    assert [r.verdict for r in decision.requirements] == ["pass", "fail"]
    assert not decision.passed


def test_a_measure_that_nobody_delivered_is_unknown_and_refuses() -> None:
    decision = judge([parse("fairness.gap(sex) <= 0.1")], [GOOD])
    (requirement,) = decision.requirements
    assert (requirement.verdict, requirement.missing) == ("unknown", ("fairness.gap(sex)",))
    assert not decision.passed


def test_a_measure_without_a_value_is_unknown_and_refuses() -> None:
    blank = Finding("metrics", "roc_auc", None, verdict="unknown")
    decision = judge([parse("roc_auc >= 0.8")], [blank])
    assert decision.requirements[0].verdict == "unknown"
    assert decision.requirements[0].seen == ("roc_auc = unknown",)
    assert not decision.passed


def test_the_worst_of_several_groups_decides() -> None:
    gaps = [Finding("fairness", "fairness.gap", v, a) for v, a in ((0.01, "sex"), (0.2, "age"))]
    assert not judge([parse("fairness.gap <= 0.1")], gaps).passed


def test_without_requirements_everything_passes_that_nothing_blocks() -> None:
    assert judge([], [GOOD]).passed


def test_a_blocking_finding_refuses_whether_it_failed_or_is_unknown() -> None:
    for verdict in ("fail", "unknown"):
        leak = Finding("leakage", "leakage.exact", 3, verdict=verdict, severity="block")
        decision = judge([parse("roc_auc >= 0.8")], [GOOD, leak])
        assert not decision.passed
        assert decision.to_json()["blocking"] == ["leakage.exact"]


def test_a_blocking_check_that_passed_or_only_warns_does_not_refuse() -> None:
    fine = Finding("leakage", "leakage.exact", 0, verdict="pass", severity="block")
    warned = Finding("quality", "quality.missing", 0.4, verdict="fail", severity="warn")
    assert judge([], [fine, warned]).passed


def test_a_rule_fires_on_the_first_finding_that_matches_and_says_which_it_saw() -> None:
    rules = Channel.parse(
        CHANNEL + "respond: [{when: drift.psi > 0.2, do: notify}, {when: roc_auc < 0.5, do: block}]"
    ).respond
    calm, wild = (Finding("drift", "drift.psi", v, a) for v, a in ((0.01, "a"), (0.9, "b")))
    hits = fired(rules, [calm, wild, GOOD])
    assert [rule.do.name for rule, _ in hits] == ["notify"]
    assert hits[0][1] == (calm, wild)
    assert fired(rules, [calm]) == []
    assert fired(rules, []) == []
