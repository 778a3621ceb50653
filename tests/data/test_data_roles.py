"""Roles, and targets that cannot be learned."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.data.infer import typed
from lingqu.data.roles import assign, order_levels, ready


def table(**columns: Any) -> Dataset:
    rows = len(next(iter(columns.values())))
    return typed(pl.DataFrame({"x": [i * 1.5 for i in range(rows)], **columns}))


def test_every_role_is_given() -> None:
    data = table(
        y=["a", "b"] * 10,
        sex=["f", "m"] * 10,
        shop=[i // 5 for i in range(20)],
        day=["2024-01-05", "2024-01-06"] * 10,
        load=[1.5, 2.5] * 10,
        row=list(range(20)),
        junk=["q", "r"] * 10,
    )
    schema = assign(
        data.schema,
        data.frame,
        target="y",
        protected=["sex"],
        group="shop",
        time="day",
        weight="load",
        id="row",
        drop=("junk",),
    )
    assert {column.name: column.role for column in schema} == {
        "x": "feature",
        "y": "target",
        "sex": "protected",
        "shop": "group",
        "day": "time",
        "load": "weight",
        "row": "id",
        "junk": "ignored",
    }
    assert schema["junk"].reason.endswith("drop in channel.yaml")


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (["No", "Yes"] * 5, ("No", "Yes")),
        (["是", "否"] * 5, ("否", "是")),
        ([0, 1] * 5, ("0", "1")),
        ([True, False] * 5, ("false", "true")),
        ([10, 9, 2, 10, 9] * 2, ("2", "9", "10")),
        (["b", "a"] * 5, ("a", "b")),
        ([1.0, 2.0] * 5, ("1", "2")),
    ],
)
def test_classes_keep_how_they_were_written(values: list[Any], levels: tuple[str, ...]) -> None:
    dataset = ready(table(y=values), target="y")
    assert dataset.schema.target is not None
    assert (dataset.schema.target.kind, dataset.schema.target.levels) == ("category", levels)
    assert set(dataset.frame["y"]) == set(levels)
    text = [str(value).lower() if isinstance(value, bool) else f"{value:g}"
            if isinstance(value, float) else str(value) for value in values]  # fmt: skip
    assert dataset.frame["y"].to_list() == text


def test_the_reason_is_one_line_whatever_columns_are_called() -> None:
    names = [f"price (¥) \n{i}" for i in range(30)]
    data = table(y=["a", "b"] * 20, **{name: [1.0, 2.5] * 20 for name in names})
    with pytest.raises(DataError, match=r"price \(¥\) 10: ignored") as caught:
        ready(data, target="y", task="classify", drop=["x", *names])
    assert "\n" not in str(caught.value) and "11: ignored" not in str(caught.value)


def test_ready_changes_the_digest_with_the_schema() -> None:
    data = table(y=["a", "b"] * 5)
    one, two = ready(data, target="y"), ready(data, target="y", task="classify", drop=())
    assert one.digest == two.digest != data.digest


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        ("classify", {"target": "yy"}, r"no column 'yy'.*Near names: y\."),
        ("classify", {"target": "y", "drop": ["zz"]}, r"`data: \{drop: …\}`.*'zz'"),
        ("classify", {"target": "y", "drop": "y"}, "both target and ignored"),
        ("classify", {"target": "y", "protected": "c", "group": "c"}, "both protected and group"),
        ("classify", {"target": "y", "time": "c"}, "column 'c', row 1.*datetime / number"),
        ("classify", {"target": "y", "weight": "c"}, "column 'c', row 1"),
        ("classify", {"target": "y", "weight": "minus"}, "column 'minus', row 2.*≥ 0"),
        ("classify", {"target": "same"}, "'x' in all 40 rows"),
        ("regress", {"target": "seven"}, "7.0 in all 40 rows"),
        ("classify", {"target": "gap"}, "no value in 1 row.*row 2 "),
        ("regress", {"target": "hole"}, "no value in 2 row.*row 1 "),
        ("classify", {"target": "none"}, "no value in any row"),
        ("regress", {"target": "y"}, "row 1 is 'a'"),
        ("classify", {"target": "x"}, "40 different values in 40 rows"),
        ("classify", {"target": "day"}, "is of kind datetime"),
        ("regress", {"target": "day"}, "is of kind datetime"),
        ("classify", {"target": "y", "kinds": {"c": "cat"}}, "the kind 'cat'.*category"),
        ("classify", {"target": "y", "kinds": {"c": "number"}}, "column 'c', row 1"),
        ("classify", {"target": "y"}, r"'none' has no value.*40 rows.*drop: \[none\]"),
        ("classify",
         {"target": "y", "drop": ["x", "c", "minus", "gap", "hole", "day", "none"]},
         "No column is left"),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_is_refused(
    task: Any, options: dict[str, Any], message: str
) -> None:
    data = table(
        y=["a", "b"] * 20,
        c=["p", "q"] * 20,
        minus=[1.5, -1.5] * 20,
        same=["x"] * 40,
        seven=[7] * 40,
        gap=["a", None, *["a", "b"] * 19],
        hole=[float("nan"), float("inf"), *[i * 1.1 for i in range(38)]],
        none=[None] * 40,
        day=["2024-01-05", "2024-01-06"] * 20,
    )
    with pytest.raises(DataError, match=message):
        assign(data.schema, data.frame, task=task, **options)


def test_infinite_targets_are_refused_in_a_frame_that_was_not_conformed() -> None:
    data = table(y=[1.5, 2.5] * 5)
    raw = data.frame.with_columns(pl.Series("y", [1.0, float("inf")] * 5))
    with pytest.raises(DataError, match="row 2"):
        assign(data.schema, raw, target="y", task="regress")


def test_coded_numbers_can_be_regressed_on() -> None:
    data = ready(table(y=[1, 2, 3] * 10), target="y", task="regress")
    assert data.frame["y"].dtype == pl.Float64
    assert data.schema.target is not None
    assert (data.schema.target.low, data.schema.target.high) == (1.0, 3.0)
    assert ready(table(y=[0, 1] * 10), target="y", task="regress").frame["y"].sum() == 10.0


def test_a_class_of_one_row_is_reported() -> None:
    data = table(y=["a"] * 9 + ["rare"])
    assert "only one row of 'rare'" in assign(data.schema, data.frame, target="y")["y"].reason


def test_a_declared_kind_takes_back_what_was_set_aside() -> None:
    data = table(y=["a", "b"] * 10, code=[f"A{i:04d}" for i in range(20)])
    assert data.schema["code"].role == "id"
    schema = assign(data.schema, data.frame, target="y", kinds={"code": "text"})
    assert schema["code"].role == "feature"
    flag = table(y=["a", "b"] * 10, paid=["yes", "no"] * 10)
    changed = ready(flag, target="y", kinds={"paid": "category"})
    assert changed.frame["paid"].to_list() == ["yes", "no"] * 10


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.integers().map(str), st.text(max_size=4)), max_size=8))
def test_levels_have_one_order(values: list[str]) -> None:
    ordered = order_levels(values)
    assert ordered == order_levels(reversed(values))
    assert set(ordered) == set(values)
    whole = [int(level) for level in ordered if level.lstrip("-").isdecimal() and level.isascii()]
    assert whole == sorted(whole)


def test_long_codes_and_nan_keep_one_order() -> None:
    codes = ["9007199254740993", "9007199254740992", "nan", "inf", "2"]
    assert order_levels(codes) == ("2", "9007199254740992", "9007199254740993", "inf", "nan")
