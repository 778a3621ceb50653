"""Imputing per column and from the other columns; strategies alone are in test_govern_columns."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer

from lingqu.core import catalog
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.govern import impute_model
from lingqu.govern.impute import Impute
from lingqu.govern.step import SMALL

KINDS: dict[str, Any] = {"city": "category", "member": "boolean"}


def table(**columns: Any) -> Dataset:
    frame = pl.DataFrame(columns, strict=False)
    return Dataset(frame, Schema(tuple(Column(n, KINDS.get(n, "number")) for n in frame.columns)))


def linked(rows: int = 80, seed: int = 0) -> Dataset:
    """Return columns that foretell each other: b = 2a + 1, the city and membership follow a."""
    a = np.random.default_rng(seed).normal(size=rows)
    return table(
        a=a.tolist(),
        b=(2 * a + 1).tolist(),
        city=["north" if v > 0 else "south" for v in a],
        member=[bool(v > 0) for v in a],
        noise=np.random.default_rng(seed + 1).normal(size=rows).tolist(),
    )


def gapped(data: Dataset, share: float, seed: int) -> tuple[Dataset, dict[str, Any]]:
    """Return the rows with gaps at random, and where they are."""
    random = np.random.default_rng(seed)
    gaps = {name: random.random(len(data)) < share for name in data.frame.columns}
    columns = [
        pl.Series(
            name,
            [None if gone else v for gone, v in zip(gaps[name], data.frame[name], strict=True)],
            dtype=data.frame[name].dtype,
        )
        for name in data.frame.columns
    ]
    return replace(data, frame=pl.DataFrame(columns)), gaps


def walked(step: Impute, train: Dataset, rows: Dataset | None = None) -> pl.DataFrame:
    step.fit(train)
    return step.apply(rows or train).frame


class TestPerColumn:
    def test_each_column_takes_its_own_strategy(self) -> None:
        data = table(a=[1.0, None, 5.0, 6.0], b=[1.0, None, 5.0, 6.0], city=["x", None, "y", "y"])
        step = catalog.build(
            "operators",
            "impute",
            {"columns": {"a": "mean", "b": {"constant": -1}, "city": {"constant": "unknown"}}},
        )
        frame = walked(step, data)
        assert frame.row(1) == (4.0, -1.0, "unknown")
        assert step.report()["filled"] == {"a": 1, "b": 1, "city": 1}

    def test_a_column_that_is_not_named_keeps_its_gaps(self) -> None:
        data = table(a=[1.0, None], b=[2.0, None])
        assert walked(Impute(columns={"a": "median"}), data).row(1) == (1.0, None)

    @pytest.mark.parametrize("wish", ["media", {"constat": 1}, {}])
    def test_an_unknown_strategy_is_refused_before_rows_are_read(self, wish: Any) -> None:
        with pytest.raises(SpecError) as caught:
            catalog.build("operators", "impute", {"columns": {"a": wish}})
        assert "columns.a" in str(caught.value) and "model" in str(caught.value)

    def test_a_mean_of_words_is_refused(self) -> None:
        with pytest.raises(SpecError) as caught:
            Impute(columns={"city": "mean"}).fit(table(city=["x", None]))
        assert caught.value.key == "govern.wrong_kind"

    def test_an_unknown_column_is_refused(self) -> None:
        with pytest.raises(SpecError, match="Near names: city"):
            Impute(columns={"citty": "mode"}).fit(table(city=["x", None]))

    @pytest.mark.parametrize("strategy", ["median", "model"])
    def test_a_column_of_gaps_alone_is_refused_by_name(self, strategy: Any) -> None:
        data = table(a=[1.0, 2.0], void=pl.Series([None, None], dtype=pl.Float64))
        with pytest.raises(DataError, match="void"):
            Impute(strategy).fit(data)

    def test_a_flag_beside_any_strategy(self) -> None:
        data, _ = gapped(linked(), 0.2, 0)
        step = Impute("model", indicator=True)
        frame = walked(step, data)
        assert frame["b.missing"].to_list() == data.frame["b"].is_null().to_list()
        assert frame["b"].null_count() == 0


class TestModel:
    def test_a_value_that_follows_from_the_others_is_foretold(self) -> None:
        whole = linked(400)
        data, gaps = gapped(whole, 0.15, 3)
        step = Impute("model")
        frame = walked(step, data)
        assert sum(frame.null_count().row(0)) == 0
        # Where all that could tell is there, the answer is nearly exact.
        clear = gaps["b"] & ~gaps["a"]
        errors = (frame["b"] - whole.frame["b"]).to_numpy()[clear]
        assert np.abs(errors).max() < 0.2
        clear = gaps["city"] & ~gaps["a"] & ~gaps["member"]
        assert (frame["city"] == whole.frame["city"]).to_numpy()[clear].mean() > 0.9
        clear = gaps["member"] & ~gaps["city"]
        assert (frame["member"] == whole.frame["member"]).to_numpy()[clear].mean() > 0.9
        gains = step.report()["gains"]
        assert gains["b"] > 0.8 and gains["city"] > 0.5
        assert {row["column"] for row in step.report()["samples"]} >= {"a", "b", "city", "member"}

    def test_where_it_foretells_nothing_the_constant_stays(self) -> None:
        random = np.random.default_rng(0)
        data = table(a=[None, *random.normal(size=200)], b=[0.0, *random.normal(size=200)])
        step = Impute("model")
        frame = walked(step, data)
        assert step.state["model"]["gains"]["a"] < 0.05
        if not step.state["model"]["steps"]:
            assert frame["a"][0] == pytest.approx(data.frame["a"].median())

    def test_it_beats_the_median_on_rows_it_has_not_seen(self) -> None:
        x = load_breast_cancer().data[:, :12]
        whole = table(**{f"x{i}": x[:, i] for i in range(x.shape[1])})
        data, gaps = gapped(whole, 0.15, 1)
        errors = {}
        for strategy in ("median", "model"):
            step = Impute(strategy)  # type: ignore[arg-type]
            step.fit(replace(data, frame=data.frame[::2]))
            frame = step.apply(replace(data, frame=data.frame[1::2])).frame
            total = []
            for name in whole.frame.columns:
                here = gaps[name][1::2]
                off = (frame[name] - whole.frame[name][1::2]).to_numpy()[here]
                total.append((off**2).mean() / whole.frame[name].var())
            errors[strategy] = np.sqrt(np.mean(total))
        assert errors["model"] < 0.6 * errors["median"]

    def test_one_row_is_answered_as_among_many(self) -> None:
        data, _ = gapped(linked(), 0.3, 5)
        step = Impute("model")
        many = walked(step, data)
        assert len(data) < SMALL
        repeated = replace(data, frame=pl.concat([data.frame] * (SMALL // len(data) + 2)))
        large = step.apply(repeated).frame
        for row in range(len(data)):
            alone = step.apply(replace(data, frame=data.frame[row : row + 1])).frame
            assert alone.row(0)[2:4] == many.row(row)[2:4]
            assert alone["b"][0] == pytest.approx(many["b"][row])
            assert large["b"][row] == pytest.approx(many["b"][row])

    def test_the_order_of_the_rows_does_not_matter(self) -> None:
        data, _ = gapped(linked(), 0.2, 5)
        order = np.random.default_rng(0).permutation(len(data))
        one, two = Impute("model"), Impute("model")
        straight = walked(one, data)
        shuffled = walked(two, replace(data, frame=data.frame[order]))
        assert straight["b"].to_numpy()[order] == pytest.approx(shuffled["b"].to_numpy())
        assert straight["city"].gather(order).to_list() == shuffled["city"].to_list()

    def test_rows_are_not_kept_in_the_state(self) -> None:
        data, _ = gapped(linked(300), 0.1, 0)
        step = Impute("model")
        step.fit(data)
        text = json.dumps(step.state)
        low, high = data.frame["a"].min(), data.frame["a"].max()
        inner = [v for v in data.frame["a"].drop_nulls() if low < v < high]
        assert len(text) < 20_000
        assert not [v for v in inner if repr(v) in text and v != data.frame["a"].median()]

    def test_a_large_table_is_sampled_by_content(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(impute_model, "MOST_ROWS", 60)
        data, _ = gapped(linked(200), 0.1, 0)
        order = np.random.default_rng(1).permutation(200)
        one, two = Impute("model"), Impute("model")
        one.fit(data)
        two.fit(replace(data, frame=data.frame[order]))
        gains = [step.state["model"]["gains"] for step in (one, two)]
        assert gains[0] == pytest.approx(gains[1], abs=1e-3)

    def test_integers_become_floats_in_every_frame_alike(self) -> None:
        a = list(range(40))
        data = table(a=a, b=[None, *(2 * v for v in a[1:])])
        step = Impute("model")
        assert walked(step, data)["b"].dtype == pl.Float64
        whole = Dataset(pl.DataFrame({"a": [3], "b": [6]}), data.schema)
        assert step.apply(whole).frame["b"].dtype == pl.Float64
        untyped = Dataset(pl.DataFrame({"a": [3], "b": [None]}), data.schema)
        assert step.apply(untyped).frame["b"][0] == pytest.approx(6, abs=0.5)

    def test_few_known_values_keep_the_constant(self) -> None:
        data = table(a=[float(i) for i in range(20)], b=[1.0, 2.0, 3.0, *[None] * 17])
        step = Impute("model")
        assert walked(step, data)["b"].to_list()[3:] == [2.0] * 17
        assert "b" not in step.state["model"]["gains"]

    def test_categoricals_and_odd_levels(self) -> None:
        data, _ = gapped(linked(), 0.2, 2)
        typed = replace(data, frame=data.frame.with_columns(pl.col("city").cast(pl.Categorical)))
        step = Impute("model")
        assert walked(step, typed)["city"].null_count() == 0
        strange = {"a": [1.0], "b": [None], "city": ["atlantis"], "member": [True], "noise": [0.0]}
        asked = Dataset(pl.DataFrame(strange), data.schema)
        assert 0 < step.apply(asked).frame["b"][0] < 6

    @given(
        st.lists(
            st.tuples(
                st.one_of(st.none(), st.floats(-1e6, 1e6)),
                st.one_of(st.none(), st.floats(-1e6, 1e6)),
                st.one_of(st.none(), st.sampled_from(["n", "s", "e"])),
            ),
            min_size=1,
            max_size=40,
        ),
        st.sampled_from(["median", "mean", "mode", "model", "indicator"]),
    )
    @settings(max_examples=60, deadline=None)
    def test_no_gap_is_left_and_known_values_stay(self, rows: list[Any], strategy: Any) -> None:
        columns = [list(part) for part in zip(*rows, strict=True)]
        if any(all(v is None for v in column) for column in columns):
            return
        frame = pl.DataFrame(
            {
                "a": pl.Series(columns[0], dtype=pl.Float64),
                "b": pl.Series(columns[1], dtype=pl.Float64),
                "city": pl.Series(columns[2], dtype=pl.String),
            }
        )
        data = table(a=[0.0], b=[0.0], city=["n"])
        data = Dataset(frame, data.schema)
        step = Impute(strategy)
        after = walked(step, data)
        for name in ("a", "b", "city"):
            assert after[name].null_count() == 0
            known = frame[name].is_not_null()
            assert after[name].filter(known).to_list() == frame[name].filter(known).to_list()
        for name in ("a", "b"):
            held = frame[name].drop_nulls()
            assert after[name].min() >= held.min() - 1e-6 * max(1, abs(held.min()))
            assert after[name].max() <= held.max() + 1e-6 * max(1, abs(held.max()))
        assert step.apply(replace(data, frame=frame.clear())).frame.height == 0
