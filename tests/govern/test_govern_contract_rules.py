"""Every kind of rule: kept, broken, unknown; no rows, one row; in memory and streamed."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
import soundfile
from PIL import Image

from lingqu.govern.contract.evaluate import Result, evaluate
from lingqu.govern.contract.forms import FORMS, MOSTLY, TABLE_FORMS
from lingqu.govern.contract.rules import parse

NOW = datetime(2026, 1, 10)
DAYS = [date(2026, 1, day) for day in (1, 2, 3, 4)]
HOURS = [datetime(2026, 1, 1, hour) for hour in (3, 1, 2, 4)]


def picture(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height)).save(file, "png")
    return file.getvalue()


def sound(seconds: float, rate: int = 8000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(int(seconds * rate)), rate, format="WAV")
    return file.getvalue()


@dataclass(frozen=True)
class Case:
    """One rule and what it must say.

    Args:
        rule: As a channel would write it.
        good: Columns on which it holds.
        bad: Columns on which it does not.
        failing: The rows that fail, or what is observed.
        unknown: Columns on which it cannot be judged.
        why: A part of the reason for that.
    """

    rule: Any
    good: dict[str, Any]
    bad: dict[str, Any]
    failing: Any
    unknown: dict[str, Any]
    why: str = "no column"

    @property
    def kind(self) -> str:
        return next(iter(self.rule))


GONE: dict[str, Any] = {"z": [1]}
TEXT: dict[str, Any] = {"a": ["x"]}
ZH = "这是一段用中文写成的文字，说的是货物的质量。"
EN = "This is a plain English sentence about the quality of goods."

CASES = [
    Case({"not_null": "a"}, {"a": [1, 2]}, {"a": [1, None]}, [1], GONE),
    Case({"not_null": "a"}, {"a": [1.0]}, {"a": [float("nan"), 1.0, None]}, [0, 2], GONE),
    Case({"not_blank": "a"}, {"a": ["x", None]}, {"a": ["x", "  ", ""]}, [1, 2], {"a": [1]},
         "needs text"),
    Case({"unique": "a"}, {"a": ["x", "y", None, None]}, {"a": ["x", "y", "x", None, "y"]}, [2, 4],
         GONE),
    Case({"key": ["a", "b"]}, {"a": [1, 1], "b": ["x", "y"]},
         {"a": [1, 1, 1], "b": ["x", "y", "x"]}, [2], {"a": [1]}),
    Case({"range": {"column": "a", "min": 0, "max": 9}}, {"a": [0, 9, None]}, {"a": [-1, 5, 10]},
         [0, 2], TEXT, "needs numbers"),
    Case({"range": {"column": "a", "min": "2026-01-02"}}, {"a": DAYS[1:]}, {"a": DAYS}, [0],
         {"a": [1]}, "needs dates"),
    Case({"date_range": {"column": "a", "min": "2026-01-02", "max": "2026-01-03"}},
         {"a": ["2026-01-02", "2026-01-03 00:00:00", None]},
         {"a": ["2026-01-01", "2026-01-02", "soon", "2026-01-03T10:00:00"]}, [0, 2, 3],
         {"a": [1]}, "needs dates"),
    Case({"age_range": {"column": "a", "min": 18, "max": 100}},
         {"a": [date(2000, 1, 1), date(2008, 1, 9)]},
         {"a": [date(2008, 1, 12), date(1900, 1, 1), date(1990, 1, 1), None]}, [0, 1], TEXT,
         "needs dates"),
    Case({"age_range": {"column": "a", "at": "b", "min": 1}},
         {"a": [DAYS[0]], "b": [NOW.replace(year=2028)]},
         {"a": [DAYS[0]], "b": [NOW]}, [0], {"a": DAYS[:1]}),
    Case({"positive": "a"}, {"a": [1, 2]}, {"a": [1, 0, -1]}, [1, 2], TEXT, "needs numbers"),
    Case({"positive": {"column": "a", "zero": True}}, {"a": [0]}, {"a": [0, -1]}, [1], TEXT,
         "needs numbers"),
    Case({"finite": "a"}, {"a": [1.0, None]}, {"a": [1.0, float("inf"), float("nan")]}, [1, 2],
         TEXT, "needs numbers"),
    Case({"whole": "a"}, {"a": [1.0, None]}, {"a": [1.0, 1.5]}, [1], TEXT, "needs numbers"),
    Case({"multiple_of": {"column": "a", "step": 0.05}}, {"a": [0.1, 0.15]}, {"a": [0.1, 0.12]},
         [1], TEXT, "needs numbers"),
    Case({"levels": {"column": "a", "allowed": ["x", "y"]}}, {"a": ["x", None]},
         {"a": ["x", "z"]}, [1], {"a": [[1]]}, "cannot be listed"),
    Case({"levels": {"column": "a", "allowed": [True]}}, {"a": [True]}, {"a": [True, False]}, [1],
         {"a": [[True]]}, "cannot be listed"),
    Case({"forbidden": {"column": "a", "values": [9]}}, {"a": [1]}, {"a": [9, 1]}, [0],
         {"a": [[9]]}, "cannot be listed"),
    Case({"regex": {"column": "a", "pattern": "^[a-z]+$"}}, {"a": ["x", None]}, {"a": ["x", "X"]},
         [1], {"a": [1]}, "needs text"),
    Case({"regex": {"column": "a", "pattern": "[0-9]", "absent": True}}, {"a": ["x"]},
         {"a": ["x", "x1"]}, [1], {"a": [1]}, "needs text"),
    Case({"starts_with": {"column": "a", "any": ["CN-", "EU-"]}}, {"a": ["CN-1", "EU-1"]},
         {"a": ["CN-1", "US-1"]}, [1], {"a": [1]}, "needs text"),
    Case({"ends_with": {"column": "a", "any": ".png"}}, {"a": ["a.png"]}, {"a": ["a.png", "a.jpg"]},
         [1], {"a": [1]}, "needs text"),
    Case({"contains": {"column": "a", "any": ["@", "#"]}}, {"a": ["a@", "#b"]}, {"a": ["a@", "b"]},
         [1], {"a": [1]}, "needs text"),
    Case({"contains": {"column": "a", "any": ["<", ">"], "absent": True}}, {"a": ["a"]},
         {"a": ["a", "<b>"]}, [1], {"a": [1]}, "needs text"),
    Case({"format": {"column": "a", "is": "email"}}, {"a": ["a.li@example.com", None]},
         {"a": ["a.li@example.com", "a@b"]}, [1], {"a": [1]}, "needs text"),
    Case({"format": {"column": "a", "is": "%d/%m/%Y"}}, {"a": ["31/01/2026", None]},
         {"a": ["31/01/2026", "01/31/2026"]}, [1], {"a": [1]}, "needs text"),
    Case({"language": {"column": "a", "is": ["zh"]}}, {"a": [ZH, None, "好", "聊聊你吧"]},
         {"a": [ZH, EN]}, [1], {"a": [1]}, "needs text"),
    Case({"length": {"column": "a", "min": 2, "max": 3}}, {"a": ["ab", "诗三首"]},
         {"a": ["a", "ab", "abcd"]}, [0, 2], {"a": [1]}, "needs text"),
    Case({"size": {"column": "a", "min": 1, "max": 2}}, {"a": [[1], [1, 2]]},
         {"a": [[], [1], [1, 2, 3]]}, [0, 2], {"a": [1]}, "needs lists"),
    Case({"image_size": {"column": "a", "min_width": 8, "max_height": 16}},
         {"a": [picture(8, 8), None]}, {"a": [picture(8, 8), picture(4, 8), picture(8, 17), b"?"]},
         [1, 2, 3], {"a": [1]}, "paths or bytes"),
    Case({"audio_rate": {"column": "a", "allowed": [8000]}}, {"a": [sound(0.1), None]},
         {"a": [sound(0.1), sound(0.1, 16000), b"?"]}, [1, 2], {"a": [1]}, "paths or bytes"),
    Case({"duration": {"column": "a", "min_s": 0.1, "max_s": 1}}, {"a": [sound(0.5)]},
         {"a": [sound(0.05), sound(0.5), sound(2), b""]}, [0, 2, 3], {"a": [1]}, "paths or bytes"),
    Case({"type": {"column": "a", "is": "number"}}, {"a": ["1", " 2.5 ", None]}, {"a": ["1", "x"]},
         [1], GONE),
    Case({"no_future": "a"}, {"a": DAYS}, {"a": [date(2026, 1, 11), date(2026, 1, 1)]}, [0], TEXT,
         "needs dates"),
    Case({"no_outliers": "a"}, {"a": [1, 2, 3, 4, 5]}, {"a": [1, 2, 3, 4, 5, 6, 7, 100]}, [7], TEXT,
         "needs numbers"),
    Case({"no_outliers": {"column": "a", "method": "z", "limit": 2}}, {"a": [1, 2, 3, 4, 5]},
         {"a": [*range(10), 100]}, [10], TEXT, "needs numbers"),
    Case({"compare": "a <= b"}, {"a": [1, None], "b": [1, 0]}, {"a": [1, 2], "b": [1, 1]}, [1],
         {"a": [1], "b": ["x"]}, "cannot be compared"),
    Case({"same": ["a", "b", "c"]}, {"a": [1, 1], "b": [1, 1], "c": [1, None]},
         {"a": [1, 1], "b": [1, 1], "c": [1, 2]}, [1], {"a": [1], "b": ["x"], "c": [1]},
         "cannot be compared"),
    Case({"same": {"columns": ["a", "b"], "tolerance": 0.1}}, {"a": [1.0], "b": [1.05]},
         {"a": [1.0, 1.0], "b": [1.0, 1.2]}, [1], {"a": ["x"], "b": ["x"]}, "needs numbers"),
    Case({"differ": ["a", "b", "c"]}, {"a": ["x"], "b": ["y"], "c": ["z"]},
         {"a": ["x", "x"], "b": ["y", "y"], "c": ["z", "x"]}, [1], {"a": ["x"], "b": ["y"]}),
    Case({"sum_of": {"columns": ["a", "b"], "equals": "c"}},
         {"a": [0.1, None], "b": [0.2, 1.0], "c": [0.3, 5.0]},
         {"a": [0.1, 1], "b": [0.2, 1], "c": [0.3, 3.0]},
         [1], {"a": [1], "b": [1]}),
    Case({"sum_of": {"columns": ["a", "b"], "equals": 100, "tolerance": 1}}, {"a": [40], "b": [59]},
         {"a": [40], "b": [58]}, [0], {"a": ["x"], "b": [1]}, "needs numbers"),
    Case({"expression": "a * b == c or d is null"},
         {"a": [2, 2], "b": [3, 3], "c": [6, 0], "d": ["x", None]},
         {"a": [2, 2], "b": [3, 3], "c": [6, 7], "d": ["x", "x"]}, [1], {"a": [1], "b": [1]}),
    Case({"expression": "length(a) + 1"}, {}, {}, [], {"a": ["x"]}, "neither true nor false"),
    Case({"expression": "a > 'x'"}, {"a": ["y"]}, {"a": ["x"]}, [0], {"a": [1]}, "engine"),
    Case({"required_if": {"column": "a", "when": "b", "equals": "x"}},
         {"a": [1, None], "b": ["x", "y"]}, {"a": [1, None], "b": ["x", "x"]}, [1], {"a": [1]}),
    Case({"any_present": ["a", "b"]}, {"a": [1, None], "b": [None, "x"]},
         {"a": [1, None], "b": [1, None]}, [1], {"a": [1]}),
    Case({"foreign": {"column": "a", "values": [1, 2]}}, {"a": [1, 2, None]}, {"a": [1, 3]}, [1],
         {"a": [[1]]}, "cannot be listed"),
    Case({"determines": {"columns": ["a", "b"], "target": "c"}},
         {"a": [1, 1, 2], "b": ["x", "x", "x"], "c": ["p", "p", "q"]},
         {"a": [1, 1, 1, None], "b": ["x"] * 4, "c": ["p", None, "q", "r"]}, [2],
         {"a": [1], "b": ["x"]}),
    Case({"increasing": "a"}, {"a": [1, 1, 2]}, {"a": [1, 3, 2]}, [2], GONE),
    Case({"increasing": {"column": "a", "strictly": True, "falling": True}}, {"a": [3, 2]},
         {"a": [3, 3, 2, 4]}, [1, 3], GONE),
    Case({"monotone_within": {"column": "a", "group": "b"}},
         {"a": [1, 9, 2, 9], "b": ["x", "y"] * 2},
         {"a": [5, 1, 4, 2], "b": ["x", "y"] * 2}, [2], {"a": [1]}),
    Case({"no_gaps": {"column": "a", "every": "1 h"}}, {"a": [*HOURS, None]},
         {"a": [HOURS[0], HOURS[1], HOURS[3], None]}, [0], {"a": [1]}, "needs dates"),
    Case({"no_gaps": {"column": "a", "every": "1 d", "group": ["b"]}},
         {"a": [DAYS[0], DAYS[2], DAYS[1]], "b": ["x", "y", "x"]},
         {"a": [DAYS[0], DAYS[0], DAYS[2]], "b": ["x", "y", "x"]}, [2], {"a": DAYS}),
    Case({"max_step": {"column": "a", "max": 2}}, {"a": [1, 3, 2]}, {"a": [1, 4, 3]}, [1], TEXT,
         "needs numbers"),
    Case({"max_step": {"column": "a", "max": 2, "group": "b"}},
         {"a": [1, 9, 2], "b": ["x", "y", "x"]},
         {"a": [1, 9, 4], "b": ["x", "y", "x"]}, [2], {"a": [1]}),
    Case({"row_count": {"min": 2, "max": 3}}, {"a": [1, 2]}, {"a": [1]}, 1, {}),
    Case({"columns": ["a", "b"]}, {"a": [1], "b": [1], "c": [1]}, {"a": [1]}, "b", {}),
    Case({"columns": {"columns": ["a", "b"], "exactly": True, "ordered": True}},
         {"a": [1], "b": [1]}, {"b": [1], "a": [1]}, "a, b", {}),
    Case({"max_missing": {"column": "a", "share": 0.5}}, {"a": [1, None]}, {"a": [None, None, 1]},
         2 / 3, GONE),
    Case({"distinct": {"column": "a", "min": 2}}, {"a": ["x", "y", None]}, {"a": ["x", "x"]}, 1,
         GONE),
    Case({"mean": {"column": "a", "min": 2}}, {"a": [1, 3]}, {"a": [1, 2]}, 1.5, TEXT,
         "needs numbers"),
    Case({"median": {"column": "a", "max": 2}}, {"a": [1, 2, 90]}, {"a": [1, 3, 9]}, 3, TEXT,
         "needs numbers"),
    Case({"quantile": {"column": "a", "at": 0.9, "max": 9}}, {"a": list(range(11))},
         {"a": list(range(21))}, 18, TEXT, "needs numbers"),
    Case({"quantile": {"column": "a", "at": 0, "min": 0}}, {"a": [0, 5]}, {"a": [-1, 5]}, -1, TEXT,
         "needs numbers"),
    Case({"std": {"column": "a", "min": 1}}, {"a": [1, 3]}, {"a": [1.0, 1.0]}, 0, TEXT,
         "needs numbers"),
    Case({"sum": {"column": "a", "max": 300}}, {"a": pl.Series([100, 127], dtype=pl.Int8)},
         {"a": pl.Series([120, 120, 120], dtype=pl.Int8)}, 360, TEXT, "needs numbers"),
    Case({"correlation": {"columns": ["a", "b"], "min": 0.9}}, {"a": [1, 2, None], "b": [2, 4, 0]},
         {"a": [1, 2, 3], "b": [3, 2, 1]}, -1, {"a": [1], "b": ["x"]}, "needs numbers"),
    Case({"max_share": {"column": "a", "share": 0.6}}, {"a": ["x", "y"]},
         {"a": ["x", "x", "x", "y"]}, 0.75, {"a": pl.Series([None], dtype=pl.String)}, "no value"),
    Case({"level_shares": {"column": "a", "shares": {"x": 0.5, "y": 0.5}, "tolerance": 0.1}},
         {"a": ["x", "y", None]}, {"a": ["x", "x", "x", "z"]}, 0.5, {"a": [["x"]]},
         "cannot be listed"),
    Case({"min_per_level": {"column": "a", "rows": 2}}, {"a": [1, 1, 2, 2, None]}, {"a": [1, 1, 2]},
         1, GONE),
    Case({"count_per_group": {"columns": ["a"], "min": 2, "max": 3}}, {"a": ["x", "x"]},
         {"a": ["x", "x", "y"]}, 1, GONE),
    Case({"count_per_group": {"columns": ["a", "b"], "max": 1}}, {"a": [1, 1], "b": [1, 2]},
         {"a": [1, 1], "b": [1, 1]}, 2, GONE),
    Case({"drift": {"column": "a", "summary": {"levels": {"x": 0.5, "y": 0.5}}}},
         {"a": ["x", "y"]}, {"a": ["x", "x", "x", "y"]}, 0.2746530721670274, GONE),
    Case({"drift": {"column": "a", "summary": {"edges": [5], "shares": [0.5, 0.5]}, "max": 0.1}},
         {"a": [1, 9]}, {"a": [1, 1, 1, 9]}, 0.2746530721670274, TEXT, "needs numbers"),
    Case({"fresh": {"column": "a", "days": 3}}, {"a": [date(2026, 1, 8)]}, {"a": DAYS},
         "2026-01-04T00:00:00", TEXT, "needs dates"),
    Case({"references": {"columns": ["a", "b"], "file": "no-such.csv"}}, {}, {}, [],
         {"a": [1], "b": [1]}, "cannot be read"),
]  # fmt: skip
IDS = [f"{case.kind}-{i}" for i, case in enumerate(CASES)]


def judge(rule: Any, frame: pl.DataFrame | pl.LazyFrame) -> Result:
    [result] = evaluate(frame, parse([rule]), NOW)
    return result


def test_every_kind_of_rule_is_tried() -> None:
    assert {case.kind for case in CASES} == set(FORMS)
    assert set(FORMS) == MOSTLY | set(TABLE_FORMS)
    assert len(FORMS) >= 40


@pytest.mark.parametrize("case", CASES, ids=IDS)
class TestEveryRule:
    def test_it_passes_where_it_is_kept(self, case: Case) -> None:
        if case.good:
            result = judge(case.rule, pl.DataFrame(case.good))
            assert (result.verdict, result.failures, result.why) == ("pass", 0, "")

    def test_it_names_the_rows_that_break_it(self, case: Case) -> None:
        if not case.bad:
            return
        frame = pl.DataFrame(case.bad)
        result = judge(case.rule, frame)
        assert result.verdict == "fail", result
        if isinstance(case.failing, list):
            assert [sample["row"] for sample in result.samples] == case.failing
            assert result.failures == len(case.failing)
            assert result.low is not None and result.high is not None and result.rate is not None
            assert result.low <= result.rate <= result.high
            assert len(case.failing) <= result.n <= frame.height
        else:
            assert result.observed == pytest.approx(case.failing)
            assert result.failures == 1
        json.dumps(result.to_json(), allow_nan=False)

    def test_it_is_unknown_where_it_cannot_be_judged(self, case: Case) -> None:
        if case.unknown:
            result = judge(case.rule, pl.DataFrame(case.unknown))
            assert result.verdict == "unknown"
            assert case.why in result.why
            assert result.why_zh and result.why_zh != result.why

    def test_a_stream_says_the_same(self, case: Case) -> None:
        for columns in (case.good, case.bad, case.unknown):
            frame = pl.DataFrame(columns)
            assert judge(case.rule, frame.lazy()) == judge(case.rule, frame)

    def test_no_rows_break_no_rule_about_rows(self, case: Case) -> None:
        if case.good:
            frame = pl.DataFrame(case.good).clear()
            result = judge(case.rule, frame)
            assert result.samples == () and result.n in (0, 2)
            if case.kind in MOSTLY:
                assert (result.verdict, result.failures, result.rate) == ("pass", 0, None)
            else:  # nothing was seen: never a silent pass of a statistic
                counts = ("row_count", "columns", "max_missing", "distinct", "sum")
                assert result.verdict == "unknown" or case.kind in counts
            assert judge(case.rule, frame.lazy()) == result

    def test_one_row_is_judged(self, case: Case) -> None:
        if case.good:
            frame = pl.DataFrame(case.good).head(1)
            result = judge(case.rule, frame)
            assert result.n in (0, 1, 2)
            if case.kind in MOSTLY:
                assert result.verdict == "pass"
            assert judge(case.rule, frame.lazy()) == result

    def test_most_rows_may_be_enough(self, case: Case) -> None:
        if case.kind in MOSTLY and case.bad:
            strict = judge(case.rule, pl.DataFrame(case.bad))
            assert strict.rate is not None
            enough = judge(
                {**case.rule, "mostly": max(1 - strict.rate, 1e-9)}, pl.DataFrame(case.bad)
            )
            assert (enough.verdict, enough.failures) == ("pass", strict.failures)
            assert enough.samples == strict.samples
            [same] = parse([{**case.rule, "mostly": 0.999999}])
            [result] = evaluate(pl.DataFrame(case.bad), [same], NOW)
            assert result.verdict == "fail"

    def test_its_json_reads_back(self, case: Case) -> None:
        [rule] = parse([case.rule])
        assert parse(json.loads(json.dumps([rule.to_json()]))) == [rule]


def test_cadence_of_a_long_series() -> None:
    hours = [datetime(2026, 1, 1) + timedelta(hours=i) for i in range(500)]
    frame = pl.DataFrame({"a": hours[:200] + hours[203:]}).sample(fraction=1, shuffle=True, seed=3)
    result = judge({"no_gaps": {"column": "a", "every": "60 min"}}, frame)
    assert result.failures == 1
    assert result.samples[0]["value"] == hours[203].isoformat()
