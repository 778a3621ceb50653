"""Operators that change columns: impute, outliers, clean_categories, standardise, drop_*."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Kind, Role, Schema
from lingqu.govern.clean_categories import CleanCategories
from lingqu.govern.drop_constant import DropConstant
from lingqu.govern.drop_ids import DropIds
from lingqu.govern.impute import Impute
from lingqu.govern.outliers import Outliers
from lingqu.govern.quantities import date_in, number_in, parse, unit_of
from lingqu.govern.spelling import folded, half_width, says_missing, tidy
from lingqu.govern.standardise import Standardise
from lingqu.govern.step import SMALL, Remembered


def single(
    values: Any, kind: Kind, role: Role = "feature", dtype: Any = None, **more: Any
) -> Dataset:
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype)})
    return Dataset(frame, Schema((Column("x", kind, role, **more),)))


def walked(step: Any, train: Dataset, rows: Dataset | None = None) -> pl.Series:
    step.fit(train)
    return step.apply(rows or train).frame["x"]


class TestImpute:
    @pytest.mark.parametrize(
        ("strategy", "filled"), [("median", 2.5), ("mean", 4.0), ("mode", 1.0), ("indicator", 2.5)]
    )
    def test_each_strategy(self, strategy: Any, filled: float) -> None:
        series = walked(Impute(strategy), single([1, 1, 4, 10, None], "number"))
        assert series[4] == filled
        assert series[:4].to_list() == [1, 1, 4, 10]

    def test_it_fills_with_what_training_showed_also_where_training_had_no_gap(self) -> None:
        step = Impute()
        train = single([1.0, 3.0], "number")
        assert walked(step, train, single([None, float("nan"), 9.0], "number")).to_list() == [
            2,
            2,
            9,
        ]

    def test_integers_turn_into_floats_in_every_frame_alike(self) -> None:
        step = Impute()
        step.fit(single([1, 2], "number"))
        for values in ([1, None], [1, 2]):
            series = step.apply(single(values, "number", dtype=pl.Int64)).frame["x"]
            assert series.dtype == pl.Float64
        whole = walked(Impute(), single([1, 3, None], "number"))
        assert (whole.dtype, whole.to_list()) == (pl.Int64, [1, 3, 2])

    def test_categories_and_booleans_take_their_mode(self) -> None:
        assert walked(Impute(), single(["b", "a", "a", None], "category")).to_list()[3] == "a"
        assert walked(Impute("mean"), single([True, True, False, None], "boolean"))[3] is True
        enum = single(["b", "b", None], "category", dtype=pl.Categorical)
        assert walked(Impute(), enum).to_list() == ["b", "b", "b"]
        # Ties are settled by order, not by chance.
        assert walked(Impute(), single(["b", "a", None], "category"))[2] == "a"

    def test_constants(self) -> None:
        assert walked(Impute("constant", -1.0), single([1.0, None], "number")).to_list() == [1, -1]
        assert walked(Impute("constant", "?"), single(["a", None], "category")).to_list() == [
            "a",
            "?",
        ]
        assert walked(Impute("constant", 0.0), single(["a", None], "category")).to_list() == [
            "a",
            "a",
        ]
        with pytest.raises(DataError) as caught:
            Impute("constant").fit(single([1.0, None], "number"))
        assert caught.value.key == "govern.no_fill"

    def test_indicators_say_where(self) -> None:
        step, train = Impute("indicator"), single([1.0, None, 3.0], "number")
        step.fit(train)
        after = step.apply(train)
        assert after.schema.names == ("x", "x.missing")
        assert after.schema["x.missing"].kind == "boolean"
        assert after.frame["x.missing"].to_list() == [False, True, False]
        assert step.report()["filled"] == {"x": 1}
        assert not after.schema["x"].nullable

    def test_nothing_but_gaps_is_refused(self) -> None:
        for values in ([None, None], [float("nan"), float("nan")]):
            with pytest.raises(DataError) as caught:
                Impute().fit(single(values, "number", dtype=pl.Float64))
            assert caught.value.key == "govern.all_missing"

    def test_an_untyped_column_of_nulls_is_filled_at_prediction(self) -> None:
        step = Impute()
        step.fit(single([1.0, 3.0], "number"))
        sent = Dataset(pl.DataFrame({"x": [None]}), Schema((Column("x", "number"),)))
        assert step.apply(sent).frame["x"].to_list() == [2.0]

    @given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=30))
    @settings(max_examples=40, deadline=None)
    def test_no_gap_is_left_and_nothing_else_moves(self, values: list[float | None]) -> None:
        if all(value is None for value in values):
            return
        after = walked(Impute(), single(values, "number", dtype=pl.Float64))
        assert after.null_count() == 0
        assert [b for a, b in zip(values, after, strict=True) if a is not None] == [
            a for a in values if a is not None
        ]


VALUES = [*range(1, 21), 500, -400]
MESSY = ["Beijing"] * 3 + [" beijing", "BEIJING　", "Ｂeijing", "N/A", "无", "没有", "none", "无"]


class TestOutliers:
    @pytest.mark.parametrize("method", ["iqr", "mad"])
    def test_the_far_ones_are_reported_and_left(self, method: Any) -> None:
        step, data = Outliers(method=method), single(VALUES, "number")
        assert walked(step, data).to_list() == VALUES
        report = step.report()
        assert report["outside"] == {"x": 2}
        assert {s["row"] for s in report["samples"]} == {20, 21}
        assert report["changed"] == 0

    def test_clipping_keeps_integers_whole_and_inside(self) -> None:
        step, data = Outliers("clip"), single(VALUES, "number", low=-400, high=500)
        series = walked(step, data)
        low, high = step.state["limits"]["x"]
        assert series.dtype == pl.Int64
        assert low <= series.min() and series.max() <= high
        assert series.to_list()[:20] == VALUES[:20]
        schema = step.apply(data).schema["x"]
        assert (schema.low, schema.high) == (low, high)
        assert step.report()["changed"] == 2

    def test_clipping_uses_limits_of_training(self) -> None:
        step = Outliers("clip", "zscore", 2.0)
        series = walked(step, single([0.0, 1.0] * 10, "number"), single([9.0, None, 0.5], "number"))
        assert series.to_list() == [pytest.approx(1.5), None, 0.5]

    def test_marking_leaves_values_and_gives_a_reason(self) -> None:
        step, data = Outliers("mark"), single(VALUES, "number")
        step.fit(data)
        after = step.apply(data).frame
        assert after["lingqu.keep"].to_list() == [True] * 20 + [False] * 2
        assert "iqr" in after["lingqu.reason"][20]
        assert after["x"].to_list() == VALUES

    def test_no_spread_means_no_limit(self) -> None:
        for values in ([5.0] * 30, [1.0, 2.0], [float("nan")] * 5, [0.0] * 30 + [1.0]):
            step = Outliers()
            step.fit(single(values, "number"))
            assert step.state == {"limits": {}}

    @given(st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=40))
    @settings(max_examples=40, deadline=None)
    def test_clipped_values_lie_inside_and_twice_is_once(self, values: list[float]) -> None:
        step, data = Outliers("clip"), single(values, "number")
        once = walked(step, data)
        if "x" in step.state["limits"]:
            low, high = step.state["limits"]["x"]
            assert low <= once.min() and once.max() <= high
        assert_series_equal(step.apply(single(once.to_list(), "number")).frame["x"], once)


class TestCleanCategories:
    def test_spellings_become_one(self) -> None:
        step = CleanCategories()
        levels = tuple(sorted(set(MESSY)))
        data = single(MESSY, "category", levels=levels)
        after = walked(step, data).to_list()
        assert after == ["Beijing"] * 6 + [None] + ["无"] * 4
        assert set(step.apply(data).schema["x"].levels) == {"Beijing", "无"}
        merged = step.report()["merged"]["x"]
        assert {"from": " beijing", "to": "Beijing", "rows": 1} in merged
        assert sum(row["rows"] for row in merged) == step.report()["changed"]

    def test_short_codes_keep_their_case(self) -> None:
        assert walked(CleanCategories(), single(["mW", "MW", "mW "], "category")).to_list() == [
            "mW",
            "MW",
            "mW",
        ]

    def test_a_new_value_at_prediction_is_cleaned_by_the_same_map(self) -> None:
        step = CleanCategories()
        new = single(["BEIJING", "Tianjin ", "unknown", None], "category")
        assert walked(step, single(MESSY, "category"), new).to_list() == [
            "Beijing",
            "Tianjin",
            None,
            None,
        ]

    def test_a_target_is_never_made_null(self) -> None:
        data = single(["Unknown", "known", "KNOWN", "known"], "category", "target")
        assert walked(CleanCategories(), data).to_list() == ["Unknown", "known", "known", "known"]

    def test_rare_levels_meet_in_other(self) -> None:
        values = ["aaa"] * 50 + ["bbb"] * 48 + ["ccc", "ddd"]
        step = CleanCategories(rare=0.05)
        assert set(walked(step, single(values, "category"))) == {"aaa", "bbb", "other"}
        assert step.apply(single(["new"], "category")).frame["x"].to_list() == ["other"]
        alone = CleanCategories(rare=0.05)
        assert "ccc" in walked(alone, single([*values[:98], "ccc"], "category")).to_list()

    def test_own_spellings_of_missing(self) -> None:
        step = CleanCategories(missing=("Z.Z.",))
        assert walked(step, single(["z.z.", "abc"], "category")).to_list() == [None, "abc"]

    def test_categoricals_and_numbers(self) -> None:
        data = single(["abc ", "abc"], "category", dtype=pl.Categorical)
        assert walked(CleanCategories(), data).to_list() == ["abc", "abc"]
        numbers = single([1, 2], "category")
        step = CleanCategories()
        assert walked(step, numbers).to_list() == [1, 2]
        assert step.state == {"columns": {}}

    @given(st.lists(st.one_of(st.none(), st.text(max_size=6)), min_size=1, max_size=12))
    @settings(max_examples=60, deadline=None)
    def test_a_small_and_a_large_frame_are_cleaned_alike(self, values: list[str | None]) -> None:
        step = CleanCategories()
        small = walked(step, single(values, "category", dtype=pl.String)).to_list()
        copies = SMALL // len(values) + 1
        large = step.apply(single(values * copies, "category", dtype=pl.String)).frame["x"]
        assert large.to_list() == small * copies
        again = step.apply(single(small, "category", dtype=pl.String)).frame["x"].to_list()
        assert again == small


class TestStandardise:
    def test_money_becomes_numbers_in_the_commonest_unit(self) -> None:
        data = single(["1,200 元", "0.5万元", "８０元", None, "￥30"], "text")
        step = Standardise()
        series = walked(step, data)
        assert series.to_list() == [1200, 5000, 80, None, 30]
        assert step.apply(data).schema["x"].kind == "number"
        report = step.report()["columns"]["x"]
        assert (report["unit"], report["changed"], report["unread"]) == ("元", 4, 0)

    def test_what_cannot_be_read_later_is_null_and_counted(self) -> None:
        step = Standardise()
        series = walked(step, single(["12%", "5%"], "text"), single(["7%", "soon", "0.3"], "text"))
        assert series.to_list() == [pytest.approx(0.07), None, 0.3]
        assert step.report()["columns"]["x"]["unread_samples"] == ["soon"]

    def test_a_caller_may_send_the_number_itself(self) -> None:
        step = Standardise()
        step.fit(single(["12 kg", "5 kg"], "text"))
        sent = Dataset(pl.DataFrame({"x": [3]}), Schema((Column("x", "text"),)))
        assert step.apply(sent).frame["x"].to_list() == [3.0]
        assert step.apply(Dataset(pl.DataFrame({"x": [3.5]}), sent.schema)).frame["x"][0] == 3.5

    @pytest.mark.parametrize(
        "values",
        [
            ["007", "012", "100"],
            ["1", "2", "3"],
            ["5 kg", "3 元"],
            ["12 kg", "about ten"],
            ["A1", "B2"],
            ["5/3/2024", "6/3/2024"],
        ],
    )
    def test_codes_and_mixtures_stay_text(self, values: list[str]) -> None:
        step = Standardise()
        assert walked(step, single(values, "text")).to_list() == values
        assert step.apply(single(values, "text")).schema["x"].kind == "text"

    def test_dates_become_datetimes(self) -> None:
        data = single(["2024年3月5日", "2024/03/06 08:30", None], "text")
        step = Standardise()
        assert walked(step, data).to_list() == [
            datetime(2024, 3, 5),
            datetime(2024, 3, 6, 8, 30),
            None,
        ]
        assert step.apply(data).schema["x"].kind == "datetime"
        off = Standardise(dates=False)
        assert walked(off, data).dtype == pl.String

    def test_text_keeps_its_lines_and_chinese_punctuation(self) -> None:
        data = single(["ＡＢＣ　１２３，好的。\n  第二  行 ", "plain"], "text")
        assert walked(Standardise(), data).to_list() == ["ABC 123，好的。\n第二 行", "plain"]

    def test_levels_follow(self) -> None:
        data = single(["Ａ", "A ", "B"], "category", levels=("A ", "B", "Ａ"))
        step = Standardise()
        assert walked(step, data).to_list() == ["A", "A", "B"]
        assert step.apply(data).schema["x"].levels == ("A", "B")

    @pytest.mark.parametrize(
        "values", [["1 kg", "2000 g"], ["2024-1-2", "2024年2月3日"], ["Ａ", "b"]]
    )
    def test_small_and_large_frames_agree(self, values: list[str]) -> None:
        step = Standardise()
        small = walked(step, single(values, "text")).to_list()
        large = step.apply(single(values * SMALL, "text")).frame["x"].to_list()
        assert large == small * SMALL
        same = step.apply(single(["ok"] * (SMALL + 1), "text"))
        assert same.frame.height == SMALL + 1


class TestReadingQuantities:
    @pytest.mark.parametrize(
        ("text", "unit", "number"),
        [
            ("1,234.5 kg", "kg", 1234.5),
            ("250 g", "kg", 0.25),
            ("-3 ℃", "℃", -3.0),
            ("3亿元", "万元", 30000.0),
            ("$1,000", "usd", 1000.0),
            ("90 分钟", "小时", 1.5),
            ("5‰", "", 0.005),
            ("12,34", "", None),
            ("1.2.3", "", None),
            ("3 kg", "元", None),
            ("5 apples", "", None),
            ("$5元", "元", None),
            ("", "", None),
        ],
    )
    def test_numbers(self, text: str, unit: str, number: float | None) -> None:
        found = number_in(text, unit)
        assert found == (None if number is None else pytest.approx(number))

    def test_units(self) -> None:
        assert unit_of(["1 kg", "2 kg", "500 g"], 0.98) == "kg"
        assert unit_of(["1,000", "2,500"], 0.98) == ""
        assert unit_of([], 0.98) is None
        assert unit_of(["10%", "5‰"], 0.98) == ""

    @given(st.integers(0, 10**9))
    @settings(max_examples=40, deadline=None)
    def test_what_is_written_is_read(self, number: int) -> None:
        assert number_in(f"{number:,} 元", "元") == number

    @given(st.text(max_size=20))
    @settings(max_examples=100, deadline=None)
    def test_any_text_is_read_or_not_but_never_breaks(self, text: str) -> None:
        found = parse(text)
        assert found is None or found.number == found.number
        assert date_in(text) is None or len(text) >= 8

    def test_impossible_dates_are_none(self) -> None:
        assert date_in("2024-02-30") is None
        assert date_in("2024-13-01") is None

    def test_forms(self) -> None:
        assert half_width("ａ１：＠") == "a1：＠"
        assert tidy("a　 b") == "a b"
        assert folded("ABC") == "abc" and folded("AB") == "AB"
        assert says_missing(" N/a ") and not says_missing("无")


class TestDropping:
    def columns(self, step: Any, frame: pl.DataFrame, **kinds: Kind) -> list[str]:
        schema = Schema(tuple(Column(n, kinds.get(n, "number")) for n in frame.columns))
        step.fit(Dataset(frame, schema))
        after = step.apply(Dataset(frame, schema))
        assert after.frame is frame
        assert json.dumps(step.report())
        return [c.name for c in after.schema if c.role == "ignored"]

    def test_constants(self) -> None:
        frame = pl.DataFrame(
            {
                "one": [7] * 100,
                "gap": [7] * 99 + [None],
                "void": pl.Series([None] * 100, dtype=pl.Float64),
                "nearly": [1] * 98 + [2, 3],
                "late": [0] * 99 + [1],
                "list": [[1]] * 100,
            }
        )
        assert self.columns(DropConstant(), frame, list="vector") == ["one", "void"]
        assert self.columns(DropConstant(0.98), frame, list="vector") == [
            "one", "gap", "void", "nearly", "late",
        ]  # fmt: skip
        late = pl.DataFrame({"late": [0] * 2000 + [1]})
        assert self.columns(DropConstant(), late) == []

    def test_ids(self) -> None:
        rows = 60
        frame = pl.DataFrame(
            {
                "order_id": [i * 37 % 1009 for i in range(rows)],
                "counter": list(range(100, 100 + rows)),
                "measured": [i * 0.37 for i in range(rows)],
                "spread": [i * 37 % 1009 for i in range(rows)],
                "code": [f"A-{i:04d}" for i in range(rows)],
                "title": [f"the story of {i}" for i in range(rows)],
                "word": [chr(97 + i % 26) * (i % 20 + 1) + "x" * (i // 26) for i in range(rows)],
                "valid": [i % 2 for i in range(rows)],
                "编号": [f"甲{i}" for i in range(rows)],
            }
        )
        kinds: dict[str, Kind] = dict.fromkeys(("code", "title", "word", "编号"), "text")
        assert self.columns(DropIds(), frame, **kinds) == ["order_id", "counter", "code", "编号"]
        assert self.columns(DropIds(), frame.head(10), **kinds) == []


def test_a_remembered_function_is_bounded() -> None:
    asked: list[str] = []
    remembered = Remembered(lambda text: asked.append(text) or len(text))  # type: ignore[func-returns-value]
    assert [remembered("ab"), remembered("ab"), remembered("x" * 65), remembered("x" * 65)] == [
        2, 2, 65, 65,
    ]  # fmt: skip
    assert len(asked) == 3
    for i in range(5000):
        remembered(str(i))
    assert len(remembered.known) == 4096


def test_a_column_that_the_schema_promises_must_be_there() -> None:
    step = Impute()
    step.fit(single([1.0, 2.0], "number"))
    with pytest.raises(DataError) as caught:
        step.apply(Dataset(pl.DataFrame({"z": [1]}), Schema((Column("x", "number"),))))
    assert caught.value.facts["column"] == "x"
