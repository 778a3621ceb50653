"""Outliers: own limits per column, the isolation forest, reasons and evidence of marks."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import KEEP
from lingqu.core.schema import Column, Schema
from lingqu.govern.isolation import FACTOR, Forest, grow
from lingqu.govern.marks import commit
from lingqu.govern.outliers import Outliers


def numbers(**columns: Any) -> Dataset:
    frame = pl.DataFrame(columns)
    return Dataset(frame, Schema(tuple(Column(n, "number") for n in frame.columns)))


def ring(rows: int = 300) -> Dataset:
    """Return two crowds, and one row that has a usual value of each crowd, never seen together."""
    random = np.random.default_rng(0)
    a = random.normal(size=rows) * 0.4 + 6.0 * (np.arange(rows) % 2)
    b = random.normal(size=rows) * 0.4 + 6.0 * (np.arange(rows) % 2)
    a[7], b[7] = 0.1, 5.9
    return numbers(a=a, b=b, c=random.uniform(size=rows))


def fitted(step: Outliers, data: Dataset) -> Outliers:
    step.fit(data)
    return step


class TestOwnLimits:
    def test_own_limits_go_before_learnt_ones(self) -> None:
        data = numbers(age=[20.0, 30.0, 40.0, 50.0, 130.0], pay=[1.0, 2.0, 3.0, 4.0, 5000.0])
        step = catalog.build("operators", "outliers", {"limits": {"age": [0, 120]}})
        fitted(step, data).apply(data)
        report = step.report()
        assert report["limits"]["age"] == [0, 120]
        assert report["outside"] == {"age": 1, "pay": 1}

    def test_an_open_end_and_another_method(self) -> None:
        data = numbers(a=[-5.0, 1.0, 2.0, 3.0, 4.0, 1e6], b=[1.0, 2.0, 3.0, 4.0, 5.0, 1e6])
        step = Outliers("clip", limits={"a": (0, None), "b": "mad"})
        frame = fitted(step, data).apply(data).frame
        assert frame["a"].to_list() == [0.0, 1.0, 2.0, 3.0, 4.0, 1e6]
        assert frame["b"].max() < 20
        assert json.loads(json.dumps(step.state)) == step.state
        assert {s["to"] for s in step.report()["samples"]} >= {0.0}

    def test_limits_of_a_column_that_columns_leaves_out_count_too(self) -> None:
        data = numbers(a=[1.0, 2.0, 3.0, 4.0, 99.0], b=[1.0, 2.0, 3.0, 4.0, 99.0])
        step = Outliers(columns=("a",), limits={"b": (None, 50)})
        fitted(step, data).apply(data)
        assert set(step.report()["outside"]) == {"a", "b"}

    @pytest.mark.parametrize(
        ("options", "option"),
        [
            ({"limits": {"a": [5, 1]}}, "limits.a"),
            ({"factor": 0}, "factor"),
            ({"share": 0.9}, "share"),
            ({"method": "isolation", "action": "clip"}, "action"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, options: Any, option: str) -> None:
        with pytest.raises(SpecError) as caught:
            catalog.build("operators", "outliers", options)
        assert caught.value.facts["option"] == option
        assert str(caught.value)

    def test_an_unknown_column_is_refused(self) -> None:
        with pytest.raises(SpecError, match="Near names: age"):
            Outliers(limits={"agee": (0, 1)}).fit(numbers(age=[1.0]))


class TestMarks:
    def test_a_mark_says_why_in_both_languages_and_shows_the_cells(self) -> None:
        data = numbers(age=[20.0, 30.0, 40.0, 50.0, 130.0])
        step = Outliers("mark", limits={"age": (0, 120)})
        _, rows, removed = commit(fitted(step, data).apply(data))
        assert rows == [0, 1, 2, 3]
        assert removed[0]["reason"] == "outliers: outside the limits of iqr"
        assert removed[0]["reason_zh"] == "outliers：超出 iqr 的界限"
        assert removed[0]["outside"] == [{"column": "age", "value": 130.0, "limits": [0, 120]}]

    def test_nothing_is_changed_by_default(self) -> None:
        data = ring()
        for method in ("iqr", "isolation"):
            step = fitted(Outliers(method=method), data)  # type: ignore[arg-type]
            assert step.apply(data) is data


class TestIsolation:
    def test_an_unusual_combination_is_found_and_explained(self) -> None:
        data = ring()
        alone = fitted(Outliers(), data)
        alone.apply(data)
        assert alone.report()["outside"] == {}
        step = Outliers("mark", "isolation", share=0.02, seed=1)
        after = fitted(step, data).apply(data)
        marked = np.flatnonzero(~after.frame[KEEP].to_numpy())
        assert 7 in marked and len(marked) <= 7
        _, _, removed = commit(after)
        proof = next(row for row in removed if row["row"] == 7)
        assert proof["columns"][0]["column"] in ("a", "b")
        assert "孤立森林" in proof["reason_zh"] and proof["score"] > 0.5
        report = step.report()
        assert report["unusual"] == len(marked) and report["changed"] == 0
        assert report["unusual_samples"][0]["columns"][0]["usual"][1] > 6

    def test_far_rows_are_found_without_a_share(self) -> None:
        random = np.random.default_rng(3)
        values = random.normal(size=(1000, 5))
        values[:10] *= 6
        data = numbers(**{f"x{i}": values[:, i] for i in range(5)})
        step = fitted(Outliers(method="isolation"), data)
        step.apply(data)
        rows = {row["row"] for row in step.report()["unusual_samples"]}
        assert len(rows & set(range(10))) >= 8
        assert step.report()["unusual"] <= 15

    def test_even_rows_have_nothing_unusual(self) -> None:
        data = numbers(a=[1.0] * 50, b=[2.0] * 50)
        step = fitted(Outliers("mark", "isolation", share=0.1), data)
        assert step.apply(data) is data
        assert step.report()["unusual"] == 0

    def test_few_rows_void_columns_and_gaps(self) -> None:
        few = numbers(a=[1.0, 2.0, 900.0])
        assert "forest" not in fitted(Outliers(method="isolation"), few).state
        base = ring().frame.with_columns(pl.Series("void", [None] * 300, dtype=pl.Float64))
        base = base.with_columns(pl.when(pl.col("c") > 0.5).then(pl.col("c")).alias("c"))
        data = Dataset(base, Schema(tuple(Column(n, "number") for n in base.columns)))
        step = fitted(Outliers(method="isolation"), data)
        assert step.state["forest"]["columns"] == ["a", "b", "c"]
        step.apply(data)
        assert json.dumps(step.report(), allow_nan=False)

    def test_the_order_of_the_rows_does_not_matter(self) -> None:
        data = ring()
        order = np.random.default_rng(0).permutation(len(data))
        mixed = Dataset(data.frame[order], data.schema)
        one, two = (fitted(Outliers(method="isolation"), d) for d in (data, mixed))
        assert one.state["forest"]["trees"] == two.state["forest"]["trees"]
        assert one.state["forest"]["cut"] == pytest.approx(two.state["forest"]["cut"])

    def test_a_row_alone_scores_as_among_many(self) -> None:
        values = ring().frame.to_numpy()
        forest = Forest(json.loads(json.dumps(grow(values, ["a", "b", "c"], 0, FACTOR, None))))
        scores = forest.scores(values)
        assert forest.scores(values[7:8])[0] == scores[7]
        assert forest.scores(values[:0]).shape == (0,)
        assert ((scores > 0) & (scores < 1)).all()

    def test_own_limits_beside_the_forest(self) -> None:
        data = ring()
        step = Outliers("mark", "isolation", limits={"c": (None, 0.99)}, share=0.01)
        _, _, removed = commit(fitted(step, data).apply(data))
        assert any("outside" in row for row in removed) and any("score" in row for row in removed)

    @given(
        st.lists(
            st.tuples(st.floats(-1e9, 1e9), st.one_of(st.none(), st.floats(-5, 5))),
            min_size=1,
            max_size=60,
        ),
        st.sampled_from(["iqr", "zscore", "mad", "isolation"]),
    )
    @settings(max_examples=50, deadline=None)
    def test_no_row_is_deleted_and_no_value_moves(self, rows: list[Any], method: Any) -> None:
        a, b = (list(part) for part in zip(*rows, strict=True))
        frame = pl.DataFrame({"a": a, "b": pl.Series(b, dtype=pl.Float64)})
        data = Dataset(frame, numbers(a=[0.0], b=[0.0]).schema)
        step = fitted(Outliers("mark", method), data)
        after = step.apply(data).frame
        assert after.select("a", "b").equals(frame)
        assert json.dumps(step.report(), allow_nan=False)
        assert step.apply(Dataset(frame.clear(), data.schema)).frame.height == 0
