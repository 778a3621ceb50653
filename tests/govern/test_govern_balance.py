"""Balance: every method, what a made row takes over, refusals, and the contract with new rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.operator_contract import OperatorContract

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Operator
from lingqu.core.schema import Column, Schema
from lingqu.govern.augment.balance import Balance
from lingqu.govern.marks import commit, kept, mark
from lingqu.govern.reweigh import WEIGHT


def people(rows: int = 60, rare: int = 6) -> Dataset:
    """Return a table with a rare class, one column of each role and gaps."""
    random = np.random.default_rng(3)
    labels = ["yes"] * rare + ["no"] * (rows - rare)
    start = datetime(2024, 1, 1)
    frame = pl.DataFrame(
        {
            "pay": pl.Series([None if i == 1 else float(i) for i in range(rows)]),
            "jobs": pl.Series(random.integers(0, 5, rows)),
            "since": [start + timedelta(days=i) for i in range(rows)],
            "city": [["a", "b", None][i % 3] for i in range(rows)],
            "member": [bool(i % 2) for i in range(rows)],
            "number": [f"id{i}" for i in range(rows)],
            "family": [f"f{i // 2}" for i in range(rows)],
            "seen": [start + timedelta(hours=i) for i in range(rows)],
            "notes": [f"n{i}" for i in range(rows)],
            "sex": [["f", "m"][i % 2] for i in range(rows)],
            "churned": labels,
        }
    )
    schema = Schema(
        (
            Column("pay", "number", nullable=True),
            Column("jobs", "number"),
            Column("since", "datetime"),
            Column("city", "category", nullable=True, levels=("a", "b")),
            Column("member", "boolean"),
            Column("number", "category", "id"),
            Column("family", "category", "group"),
            Column("seen", "datetime", "time"),
            Column("notes", "text", "ignored"),
            Column("sex", "category", "protected", levels=("f", "m")),
            Column("churned", "category", "target", levels=("no", "yes")),
        )
    )
    return Dataset(frame, schema, "people", "d1")


def only(data: Dataset, *names: str) -> Dataset:
    schema = data.schema.without([n for n in data.schema.names if n not in names])
    return replace(data, frame=data.frame.select(schema.names), schema=schema)


def walked(step: Balance, data: Dataset) -> Dataset:
    step.fit(data)
    return step.apply(data)


def sizes(data: Dataset) -> dict[str, int]:
    return dict(Counter(kept(data).frame["churned"].to_list()))


class TestWeights:
    def test_every_class_weighs_the_same_and_the_mean_stays_one(self) -> None:
        after = walked(Balance(), people())
        weights = after.frame[WEIGHT]
        rare = after.frame["churned"] == "yes"
        assert weights.filter(rare).sum() == pytest.approx(weights.filter(~rare).sum())
        assert weights.mean() == pytest.approx(1)
        assert after.schema[WEIGHT].role == "weight"
        assert after.schema[WEIGHT].reason_zh.startswith("balance")

    def test_a_ratio_stops_short(self) -> None:
        weights = walked(Balance(ratio=0.5), people()).frame[WEIGHT]
        assert weights[0] * 6 == pytest.approx(0.5 * weights[-1] * 54)

    def test_weights_that_are_there_are_multiplied(self) -> None:
        data = people()
        schema = Schema((*data.schema, Column("w", "number", "weight")))
        data = replace(data, frame=data.frame.with_columns(pl.lit(2.0).alias("w")), schema=schema)
        after = walked(Balance(), data)
        assert after.frame["w"].mean() == pytest.approx(2)
        assert WEIGHT not in after.frame.columns

    def test_rows_without_a_label_or_marked_do_not_count(self) -> None:
        data = people()
        rows = np.zeros(60, dtype=bool)
        rows[10:40] = True
        frame = mark(data.frame, rows, "other: x")
        frame = frame.with_columns(pl.Series("churned", [*data.frame["churned"][:-1], None]))
        weights = walked(Balance(), replace(data, frame=frame)).frame[WEIGHT]
        assert weights[-1] == 1.0 and weights[0] == pytest.approx(29 / 12)


class TestOver:
    def test_rare_rows_are_repeated_evenly_behind_the_others(self) -> None:
        data = people()
        after = walked(Balance("over", seed=4), data)
        assert sizes(after) == {"yes": 54, "no": 54}
        assert after.frame.head(60).equals(data.frame)
        times = Counter(after.frame.filter(pl.col("churned") == "yes")["seen"].to_list())
        assert set(times.values()) == {9}

    def test_a_repeated_row_has_no_identity_but_its_group(self) -> None:
        made = walked(Balance("over"), people()).frame.tail(48)
        assert made["number"].null_count() == made["notes"].null_count() == 48
        assert set(made["family"]) == {"f0", "f1", "f2"}

    def test_the_seed_decides(self) -> None:
        data = people(rows=61, rare=7)
        one, two, other = (walked(Balance("over", 0.6, s), data).frame for s in (1, 1, 2))
        assert one.equals(two) and not one.equals(other)


class TestUnder:
    def test_frequent_rows_are_marked_and_not_deleted(self) -> None:
        after = walked(Balance("under"), people())
        assert after.frame.height == 60 and sizes(after) == {"yes": 6, "no": 6}
        _, _, removed = commit(after)
        assert len(removed) == 48
        assert removed[0]["reason_zh"].startswith("balance：类别 'no'")

    def test_a_ratio_leaves_more(self) -> None:
        assert sizes(walked(Balance("under", 0.25), people())) == {"yes": 6, "no": 24}


class TestSmote:
    def test_new_rows_lie_between_rows_of_their_class(self) -> None:
        data = people()
        step = Balance("smote", seed=1)
        after = walked(step, data)
        assert sizes(after) == {"yes": 54, "no": 54}
        assert after.frame.head(60).equals(data.frame)
        assert after.frame.dtypes == data.frame.dtypes
        made, rare = after.frame.tail(48), data.frame.head(6)
        for name in ("jobs", "since"):
            assert rare[name].min() <= made[name].min() and made[name].max() <= rare[name].max()
        # A gap in a number counts as the median of all rows.
        assert made["pay"].min() >= 0 and made["pay"].max() <= 30
        assert made["pay"].n_unique() > 10
        assert set(made["city"]) <= {"a", "b", None} and set(made["member"]) <= {True, False}
        assert step.report()["made"] == 48 and step.report()["after"] == {"no": 54, "yes": 54}

    def test_a_made_row_has_the_group_and_time_of_its_parent_and_no_identity(self) -> None:
        data = people()
        made = walked(Balance("smote"), data).frame.tail(48)
        assert made["number"].null_count() == made["notes"].null_count() == 48
        parents = set(data.frame.head(6).select("family", "seen", "sex").iter_rows())
        assert set(made.select("family", "seen", "sex").iter_rows()) <= parents

    @pytest.mark.parametrize(
        "names", [("pay", "jobs"), ("city", "member"), ("city",), ("pay", "city")]
    )
    def test_any_mixture_of_kinds(self, names: tuple[str, ...]) -> None:
        data = only(people(), *names, "churned")
        assert sizes(walked(Balance("smote"), data)) == {"yes": 54, "no": 54}

    def test_the_parent_is_the_row_it_lies_beside(self) -> None:
        data = only(people(80, 20), "pay", "family", "churned")
        frame = data.frame.with_columns(pl.Series("pay", [1000.0 * (i // 2) for i in range(80)]))
        made = walked(Balance("smote"), replace(data, frame=frame)).frame.tail(40)
        for pay, family in made.select("pay", "family").iter_rows():
            # Five neighbours of ten families a thousand apart: never more than three away.
            assert abs(pay - 1000 * int(family[1:])) <= 3000

    def test_few_rows_take_fewer_neighbours_and_one_row_is_repeated(self) -> None:
        assert sizes(walked(Balance("smote"), people(rare=2))) == {"yes": 58, "no": 58}
        step = Balance("smote")
        after = walked(step, people(rare=1))
        assert sizes(after) == {"yes": 59, "no": 59}
        report = step.report()
        assert "repeated: yes" in report["fallback"] and "yes" in report["fallback_zh"]
        assert after.frame.tail(58)["pay"].unique().to_list() == [0.0]

    def test_the_seed_decides(self) -> None:
        one, two, other = (walked(Balance("smote", seed=s), people()).frame for s in (1, 1, 2))
        assert one.equals(two) and not one.equals(other)

    def test_three_classes_reach_the_largest(self) -> None:
        data = people(90)
        labels = ["a"] * 60 + ["b"] * 20 + ["c"] * 10
        data = replace(data, frame=data.frame.with_columns(pl.Series("churned", labels)))
        assert sizes(walked(Balance("smote", 0.5), data)) == {"a": 60, "b": 30, "c": 30}


class TestRefusals:
    def test_kinds_that_cannot_be_made_are_refused_before_any_fit(self) -> None:
        data = people()
        text = replace(data, schema=data.schema.updated("city", kind="text"))
        with pytest.raises(SpecError, match="balance: over"):
            Balance("smote").fit(text)
        assert sizes(walked(Balance("over"), text)) == {"yes": 54, "no": 54}
        with pytest.raises(SpecError, match="balance: smote"):
            Balance("smote_nc").fit(only(data, "pay", "churned"))
        assert sizes(walked(Balance("smote_nc"), data)) == {"yes": 54, "no": 54}

    def test_numbers_to_predict_and_no_target_are_refused(self) -> None:
        data = people()
        numeric = data.schema.updated("churned", role="ignored").updated("pay", role="target")
        with pytest.raises(SpecError) as caught:
            Balance().fit(replace(data, schema=numeric))
        assert caught.value.key == "govern.wrong_kind"
        with pytest.raises(SpecError) as caught:
            Balance().fit(replace(data, schema=data.schema.updated("churned", role="ignored")))
        assert caught.value.key == "govern.no_target"

    @pytest.mark.parametrize("ratio", [0, -1, 1.5])
    def test_a_ratio_outside_its_limits_is_refused(self, ratio: float) -> None:
        with pytest.raises(SpecError, match="ratio"):
            catalog.build("operators", "balance", {"ratio": ratio})

    def test_one_class_alone_is_left_as_it_is(self) -> None:
        data = people(rare=0)
        for method in ("weights", "over", "under", "smote"):
            step = Balance(method)  # type: ignore[arg-type]
            assert walked(step, data) is data
            assert step.report()["changed"] == 0

    def test_unfitted_it_changes_nothing(self) -> None:
        step, data = Balance("over"), people()
        assert step.apply(data) is data and step.report()["changed"] == 0

    @given(
        st.lists(st.sampled_from("aab"), min_size=1, max_size=30),
        st.sampled_from(["weights", "over", "under", "smote"]),
        st.floats(0.1, 1),
    )
    @settings(max_examples=30, deadline=None)
    def test_given_rows_stay_and_sizes_are_as_asked(
        self, labels: list[str], method: Any, ratio: float
    ) -> None:
        rows = len(labels)
        data = only(people(max(rows, 7)), "pay", "jobs", "churned")
        frame = data.frame.head(rows).with_columns(pl.Series("churned", labels))
        data = replace(data, frame=frame)
        after = walked(Balance(method, ratio), data)
        assert after.frame.select(frame.columns).head(rows).equals(frame)
        found = sizes(after)
        assert set(found) == set(labels)
        if method != "weights" and len(found) == 2:
            assert min(found.values()) >= ratio * max(found.values()) - 1


@pytest.mark.parametrize("given_options", ["over", "under", "smote", "smote_nc"])
class TestContract(OperatorContract):
    @pytest.fixture(autouse=True)
    def _case(self, given_options: str) -> None:
        self.given = given_options

    def make(self) -> Operator:
        operator: Operator = catalog.build("operators", "balance", self.given)
        return operator

    def data(self) -> Dataset:
        return people()
