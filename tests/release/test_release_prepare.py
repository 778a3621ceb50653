from __future__ import annotations

import json

import polars as pl
import pytest

from lingqu.core.errors import GateError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.govern.drop_ids import DropIds
from lingqu.govern.impute import Impute
from lingqu.govern.outliers import Outliers
from lingqu.govern.reweigh import Reweigh
from lingqu.release.prepare import (
    apply_all,
    apply_frame,
    asked,
    options,
    restore_operators,
    save_operators,
)

SCHEMA = Schema((Column("x", "number"),))


def fitted() -> list[Impute | Outliers]:
    data = Dataset(pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, None]}), SCHEMA)
    steps = [Impute("mean"), Outliers("clip", factor=1.0)]
    for step in steps:
        step.fit(data)
    return steps


def test_a_release_keeps_only_what_travels_as_json() -> None:
    rows = save_operators([*fitted(), Reweigh("x")])
    assert [row["name"] for row in rows] == ["impute", "outliers"]
    assert json.loads(json.dumps(rows)) == rows
    options = {"strategy": "mean", "fill": None, "columns": [], "indicator": False}
    assert rows[0]["options"] == options


def test_restored_steps_prepare_as_the_fitted_ones() -> None:
    rows = json.loads(json.dumps(save_operators(fitted())))
    sent = pl.DataFrame({"x": [None, 99.0]})
    expected = apply_frame(sent, SCHEMA, fitted())
    assert apply_frame(sent, SCHEMA, restore_operators(rows)).equals(expected)
    assert expected["x"].to_list() == [2.5, pytest.approx(4.75)]


def test_marks_do_not_reach_a_prediction() -> None:
    step = Outliers("mark", factor=1.0)
    step.fit(Dataset(pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]}), SCHEMA))
    after = apply_all(Dataset(pl.DataFrame({"x": [99.0]}), SCHEMA), [step])
    assert after.frame.columns == ["x"] and after.frame.height == 1


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ("impute", "prepare.bad_row"),
        ({"name": "impute", "options": {}}, "prepare.bad_row"),
        ({"name": "imputee", "options": {}, "state": {}}, "prepare.not_restored"),
        ({"name": "impute", "options": {"x": 1}, "state": {}}, "prepare.not_restored"),
        ({"name": "impute", "options": {"strategy": "magic"}, "state": {}}, "prepare.not_restored"),
    ],
)
def test_a_row_that_is_no_step_is_refused(row: object, key: str) -> None:
    with pytest.raises(GateError) as caught:
        restore_operators([save_operators(fitted())[0], row])  # type: ignore[list-item]
    assert caught.value.key == key
    assert "preparation[1]" in str(caught.value)


def test_options_are_those_a_channel_may_set() -> None:
    assert options(DropIds(0.9, ("a",))) == {"share": 0.9, "columns": ["a"]}


def test_a_caller_is_asked_for_what_governance_kept() -> None:
    raw = Schema((Column("id", "number"), Column("tel", "text"), Column("age", "text")))
    governed = raw.without(["tel"]).updated("id", role="ignored").updated("age", kind="number")
    wanted = asked(raw, governed)
    assert [(c.name, c.kind) for c in wanted.inputs] == [("age", "text")]
    assert wanted.names == raw.names
