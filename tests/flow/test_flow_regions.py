"""A plan says what intervals and sets shall hold, and refuses what the rows cannot promise."""

from __future__ import annotations

import polars as pl
import pytest
from tests.walked import channel, people

from lingqu.core.errors import SpecError
from lingqu.workspace import Workspace

TRAIN = {"task": "classify", "target": "churned", "algorithm": "logistic", "budget": "5 s"}


def test_the_plan_says_it_and_why(workspace: Workspace) -> None:
    plan = workspace.plan(channel(train={**TRAIN, "coverage": 0.9}), people())
    lines = {line.name: line for line in plan.settings if line.section == "train"}
    assert lines["coverage"].value == 0.9 and lines["coverage"].declared
    assert lines["coverage_by"].value == "rows" and not lines["coverage_by"].declared
    each = workspace.plan(
        channel(train={**TRAIN, "coverage": 0.9, "coverage_by": "class"}), people()
    )
    lines = {line.name: line for line in each.settings if line.section == "train"}
    assert lines["coverage_by"].value == "class" and lines["coverage_by"].declared
    without = workspace.plan(channel(train=TRAIN), people())
    assert not {"coverage", "coverage_by"} & {line.name for line in without.settings}


@pytest.mark.parametrize(("rows", "coverage"), [(20, 0.95), (160, 0.995)])
def test_too_few_rows_for_a_coverage_are_refused_before_anything_runs(
    workspace: Workspace, rows: int, coverage: float
) -> None:
    wish = channel(train={**TRAIN, "coverage": coverage})
    with pytest.raises(SpecError, match="held-out rows"):
        workspace.plan(wish, people(rows))


def test_groups_are_counted_instead_of_rows(workspace: Workspace) -> None:
    grouped = people().with_columns(shop=pl.int_range(160) % 8)
    wish = channel(data={"source": "people.csv", "group": "shop"}, train={**TRAIN, "coverage": 0.9})
    with pytest.raises(SpecError, match="there are 6"):
        workspace.plan(wish, grouped)
