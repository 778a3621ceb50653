"""The plan names every setting, where it comes from, and why, in both languages."""

from __future__ import annotations

import json
import re

import pytest
from tests.walked import CHANNEL, channel, people

from lingqu.core.errors import DataError, SpecError
from lingqu.core.spec import Channel
from lingqu.flow.plan import Plan, Setting
from lingqu.workspace import Workspace

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def planned(workspace: Workspace) -> Plan:
    plan: Plan = workspace.plan(channel(), people())
    return plan


def setting(plan: Plan, section: str, name: str) -> Setting:
    return next(s for s in plan.settings if (s.section, s.name) == (section, name))


def test_every_line_has_a_reason_in_both_languages(planned: Plan) -> None:
    for line in planned.settings:
        assert line.why["en"].strip(), line
        assert line.why["zh"].strip(), line
        assert _CHINESE.search(line.why["zh"]), line
        assert not _CHINESE.search(line.why["en"]), line


def test_what_the_file_says_is_declared_and_the_rest_is_chosen(planned: Plan) -> None:
    assert setting(planned, "train", "task").declared
    assert setting(planned, "train", "budget").declared
    assert setting(planned, "train", "algorithm").value == ["logistic"]
    assert setting(planned, "train", "algorithm").declared
    assert not setting(planned, "train", "seed").declared
    assert not setting(planned, "data", "test").declared
    assert not setting(planned, "release", "require").declared
    assert not setting(planned, "outlets", "server").declared


def test_declaring_a_default_makes_it_declared(workspace: Workspace) -> None:
    more = channel(
        release={"require": ["accuracy >= 0.5"], "approve": "human"},
        outlets=["local"],
        monitor={"window": 500},
        govern=["dedupe"],
    )
    plan = workspace.plan(more, people())
    for section, name in (
        ("release", "require"),
        ("release", "approve"),
        ("outlets", "local"),
        ("monitor", "window"),
        ("govern", "operator"),
    ):
        assert setting(plan, section, name).declared, (section, name)
    assert [name for name, _ in plan.operators] == ["dedupe"]


def test_every_column_has_its_kind_role_and_reason(planned: Plan) -> None:
    assert setting(planned, "data", "column age").value == "number"
    assert setting(planned, "data", "column city").value == "category"
    assert setting(planned, "data", "column sex").value == "category, protected"
    assert setting(planned, "data", "column churned").value == "category, target"
    assert setting(planned, "data", "column person").value.endswith(", id")


def test_without_an_algorithm_the_candidates_are_named_in_order(workspace: Workspace) -> None:
    plan = workspace.plan(channel(train={"algorithm": "auto"}), people())
    names = setting(plan, "train", "algorithm").value
    assert not setting(plan, "train", "algorithm").declared
    assert {"logistic", "constant", "lightgbm"} <= set(names)


def test_it_is_plain_data(planned: Plan) -> None:
    told = json.loads(json.dumps(planned.to_json()))
    assert told["channel"] == "churn" and told["rows"] == 160
    assert len(told["settings"]) == len(planned.settings)


def test_nothing_is_run_or_kept(workspace: Workspace) -> None:
    before = len(workspace.runs()), len(workspace.events())
    workspace.plan(channel(), people(seed=9))
    assert (len(workspace.runs()), len(workspace.events())) == before


def test_data_that_cannot_serve_the_task_is_refused(workspace: Workspace) -> None:
    with pytest.raises(DataError, match="churned"):
        workspace.plan(channel(), people().drop("churned"))


def test_a_wrong_operator_is_refused_before_the_data_is_read(workspace: Workspace) -> None:
    wrong = Channel.parse(CHANNEL.replace("people.csv", "nowhere.csv") + "govern: [dedup]\n")
    with pytest.raises(SpecError, match=r"line 4.*'dedup'.*dedupe"):
        workspace.plan(wrong)
