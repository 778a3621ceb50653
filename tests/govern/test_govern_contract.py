from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import KEEP, REASON
from lingqu.core.schema import Column, Schema
from lingqu.govern.contract.build import BUILDERS
from lingqu.govern.contract.draft import draft
from lingqu.govern.contract.evaluate import SLICE, Result, evaluate, plain, wilson
from lingqu.govern.contract.operator import Contract, contract_findings
from lingqu.govern.contract.rules import FORMS, parse

NOW = datetime(2026, 1, 10)
FRAME = pl.DataFrame(
    {
        "id": [1, 2, 2, 4, None],
        "n": [1.0, -2.0, float("inf"), 2.5, None],
        "i": [0, 5, 10, 12, 15],
        "t": ["a", " ", "abc", None, "12"],
        "w": ["1", "2.5", "x", "true", "2026-01-05"],
        "d": [date(2026, 1, 1), date(2026, 1, 9), date(2026, 2, 1), None, date(2025, 12, 1)],
        "e": [date(2026, 1, 2), date(2026, 1, 1), None, date(2026, 1, 1), date(2026, 1, 1)],
        "b": [True, False, True, True, None],
        "l": [[1], [1, 2], [], [1, 2, 3], None],
    }
).with_columns(pl.col("t").cast(pl.Categorical).alias("c"), pl.lit(b"xy").alias("raw"))

# rule, failing rows, rows it speaks about
ROWS: list[tuple[Any, list[int], int]] = [
    ({"not_null": "t"}, [3], 5),
    ({"not_null": "n"}, [4], 5),
    ({"not_blank": "t"}, [1], 4),
    ({"not_blank": "c"}, [1], 4),
    ({"unique": "id"}, [2], 4),
    ({"key": ["id", "b"]}, [], 5),
    ({"key": ["raw"]}, [1, 2, 3, 4], 5),
    ({"range": {"column": "i", "min": 5, "max": 12}}, [0, 4], 5),
    ({"range": {"column": "i", "min": 5, "exclusive": True}}, [0, 1], 5),
    ({"range": {"column": "d", "min": "2026-01-01", "max": "2026-01-31"}}, [2, 4], 4),
    ({"positive": "n"}, [1], 4),
    ({"positive": {"column": "i", "zero": True}}, [], 5),
    ({"positive": "i"}, [0], 5),
    ({"finite": "n"}, [2], 4),
    ({"finite": "i"}, [], 5),
    ({"whole": "n"}, [3], 4),
    ({"whole": "i"}, [], 5),
    ({"multiple_of": {"column": "i", "step": 5}}, [3], 5),
    ({"levels": {"column": "t", "allowed": ["a", "abc", "12"]}}, [1], 4),
    ({"levels": {"column": "i", "allowed": [0, 5, 10]}}, [3, 4], 5),
    ({"levels": {"column": "b", "allowed": ["true"]}}, [1], 4),
    ({"forbidden": {"column": "i", "values": [12]}}, [3], 5),
    ({"regex": {"column": "t", "pattern": "^[a-z]+$"}}, [1, 4], 4),
    ({"length": {"column": "t", "min": 1, "max": 2}}, [2], 4),
    ({"size": {"column": "l", "min": 1}}, [2], 4),
    ({"size": {"column": "raw", "max": 1}}, [0, 1, 2, 3, 4], 5),
    ({"type": {"column": "w", "is": "number"}}, [2, 3, 4], 5),
    ({"type": {"column": "w", "is": "integer"}}, [1, 2, 3, 4], 5),
    ({"type": {"column": "w", "is": "boolean"}}, [1, 2, 4], 5),
    ({"type": {"column": "w", "is": "date"}}, [0, 1, 2, 3], 5),
    ({"type": {"column": "w", "is": "text"}}, [], 5),
    ({"type": {"column": "n", "is": "integer"}}, [3], 4),
    ({"type": {"column": "b", "is": "number"}}, [0, 1, 2, 3], 4),
    ({"compare": "d <= e"}, [1], 3),
    ({"compare": "id == i"}, [0, 1, 2, 3], 4),
    ({"no_future": "d"}, [2], 4),
    ({"required_if": {"column": "t", "when": "b"}}, [3], 5),
    ({"required_if": {"column": "t", "when": "b", "equals": False}}, [], 5),
    ({"any_present": ["t", "d"]}, [3], 5),
    ({"increasing": "i"}, [], 5),
    ({"increasing": {"column": "id", "strictly": True}}, [2], 4),
    ({"foreign": {"column": "i", "values": [0, 5, 10, 12]}}, [4], 5),
]
# rule, verdict, observed
TABLES: list[tuple[Any, str, Any]] = [
    ({"row_count": {"min": 5}}, "pass", 5),
    ({"row_count": {"max": 4}}, "fail", 5),
    ({"columns": ["id", "n"]}, "pass", ""),
    ({"columns": ["id", "gone"]}, "fail", "gone"),
    ({"columns": {"columns": ["id"], "exactly": True}}, "fail", "b, c, d, e, i, l, n, raw, t, w"),
    ({"max_missing": {"column": "t", "share": 0.2}}, "pass", 0.2),
    ({"max_missing": {"column": "t", "share": 0.1}}, "fail", 0.2),
    ({"distinct": {"column": "id", "min": 3, "max": 3}}, "pass", 3),
    ({"distinct": {"column": "id", "min": 4}}, "fail", 3),
    ({"mean": {"column": "i", "min": 8, "max": 9}}, "pass", 8.4),
    ({"mean": {"column": "i", "max": 8}}, "fail", 8.4),
    ({"sum": {"column": "i", "min": 42, "max": 42}}, "pass", 42),
    ({"max_share": {"column": "b", "share": 0.7}}, "fail", 0.75),
    ({"max_share": {"column": "b", "share": 0.8}}, "pass", 0.75),
    ({"min_per_level": {"column": "b", "rows": 2}}, "fail", 1),
    ({"min_per_level": {"column": "raw", "rows": 5}}, "pass", 5),
    ({"fresh": {"column": "e", "days": 9}}, "pass", "2026-01-02T00:00:00"),
    ({"fresh": {"column": "e", "days": 7}}, "fail", "2026-01-02T00:00:00"),
]
UNKNOWN: list[tuple[Any, str]] = [
    ({"not_null": "gone"}, "no column 'gone'"),
    ({"positive": "t"}, "needs numbers"),
    ({"regex": {"column": "i", "pattern": "x"}}, "needs text"),
    ({"no_future": "i"}, "needs dates"),
    ({"size": {"column": "i", "min": 1}}, "needs lists or bytes"),
    ({"levels": {"column": "l", "allowed": [1]}}, "cannot be listed"),
    ({"compare": "t < i"}, "hold"),
    ({"range": {"column": "d", "min": "yesterday"}}, "not an ISO date"),
    ({"foreign": {"column": "i", "file": "no-such-file.csv"}}, "cannot be read"),
    ({"key": ["l", "gone"]}, "no column 'gone'"),
]


def one(rule: Any, frame: pl.DataFrame = FRAME) -> Result:
    [result] = evaluate(frame, parse([rule]), NOW)
    return result


@pytest.mark.parametrize(("rule", "failing", "judged"), ROWS, ids=[str(r[0]) for r in ROWS])
def test_a_rule_about_rows(rule: Any, failing: list[int], judged: int) -> None:
    result = one(rule)
    assert [sample["row"] for sample in result.samples] == failing
    assert (result.failures, result.n) == (len(failing), judged)
    assert result.verdict == ("fail" if failing else "pass")
    assert result.rate == pytest.approx(len(failing) / judged)
    assert result.low is not None and result.high is not None
    assert result.low <= len(failing) / judged <= result.high


@pytest.mark.parametrize(("rule", "verdict", "observed"), TABLES, ids=[str(r[0]) for r in TABLES])
def test_a_rule_about_the_table(rule: Any, verdict: str, observed: Any) -> None:
    result = one(rule)
    assert result.verdict == verdict
    assert result.observed == pytest.approx(observed)
    assert result.failures == int(verdict == "fail")


@pytest.mark.parametrize(("rule", "why"), UNKNOWN, ids=[str(r[0]) for r in UNKNOWN])
def test_what_cannot_be_judged_is_unknown_and_leaves_the_others(rule: Any, why: str) -> None:
    unknown, known = evaluate(FRAME, parse([rule, {"not_null": "i"}]), NOW)
    assert unknown.verdict == "unknown"
    assert why in unknown.why
    assert known.verdict == "pass"


def test_every_kind_of_rule_is_built() -> None:
    # test_govern_contract_rules.py tries each of them.
    assert set(FORMS) == set(BUILDERS)


def test_a_rule_that_fails_inside_the_engine_is_unknown_alone() -> None:
    # Lists pass every look at types; whether they can be ordered only shows while it runs.
    frame = pl.DataFrame({"a": [[1], [2]], "b": [[1], [3]], "i": [1, -1]})
    broken, good = evaluate(frame, parse([{"increasing": "a"}, {"positive": "i"}]))
    assert broken.verdict == "unknown" and broken.why
    assert (good.verdict, good.failures) == ("fail", 1)


def test_time_comes_from_outside_or_the_rule_is_unknown() -> None:
    [result] = evaluate(FRAME, parse([{"no_future": "d"}]))
    assert result.verdict == "unknown" and "as_of" in result.why


def test_zoned_times_are_compared_in_utc() -> None:
    frame = pl.DataFrame({"at": [datetime(2026, 1, 10, 7), datetime(2026, 1, 10, 9)]}).with_columns(
        pl.col("at").dt.replace_time_zone("Asia/Shanghai")
    )
    assert one({"no_future": "at"}, frame).failures == 1


def test_values_of_another_file(tmp_path: Path) -> None:
    pl.DataFrame({"code": [0, 5]}).write_csv(tmp_path / "codes.csv")
    pl.DataFrame({"i": [0, 5, 10]}).write_parquet(tmp_path / "codes.parquet")
    rule = {"foreign": {"column": "i", "file": str(tmp_path / "codes.csv"), "key": "code"}}
    assert one(rule).failures == 3
    assert one({"foreign": {"column": "i", "file": str(tmp_path / "codes.parquet")}}).failures == 2


def test_samples_are_bounded_and_the_first_ones_whatever_the_slice() -> None:
    rows = 2 * SLICE + 100
    late = SLICE + 7
    frame = pl.DataFrame({"x": [1] * rows, "y": list(range(rows))}).with_columns(
        pl.when(pl.col("y").is_in([3, late])).then(-1).otherwise(pl.col("x")).alias("x")
    )
    few, many, again = evaluate(
        frame, parse([{"positive": "x"}, {"range": {"column": "y", "max": 10}}, {"unique": "x"}])
    )
    assert [s["row"] for s in few.samples] == [3, late]
    assert [s["row"] for s in many.samples] == list(range(11, 31))
    assert len(again.samples) == 20
    assert again.failures == rows - 2


def test_no_rows_judge_nothing() -> None:
    result = one({"positive": "i"}, FRAME.clear())
    assert (result.verdict, result.n, result.rate) == ("pass", 0, None)


BAD: list[tuple[Any, str]] = [
    (5, "not a rule"),
    ({"rnage": "a"}, "unknown rule"),
    ({"range": {"column": "a"}}, "lacks an option"),
    ({"range": {"column": "a", "min": 3, "max": 1}}, "above max"),
    ({"range": {"column": "a", "min": 3, "max": "z"}}, "different types"),
    ({"range": {"column": "a", "min": True}}, "wrong type"),
    ({"range": {"column": "a", "mim": 1}}, "no option"),
    ({"not_null": "a", "severity": "fatal"}, "severity"),
    ({"not_null": "a", "unique": "a"}, "more or less than one"),
    ({"not_null": {}}, "about column"),
    ({"not_null": [1]}, "must be text"),
    ({"not_null": 7}, "no options"),
    ({"row_count": {"column": "a", "min": 1}}, "about table"),
    ({"regex": {"column": "a", "pattern": "("}}, "cannot be read"),
    ({"regex": {"column": "a", "pattern": "(?<!x)y"}}, "cannot be read"),
    ({"compare": "a is b"}, "not a comparison"),
    ({"compare": {"left": "a", "is": "~", "right": "b"}}, "unknown comparison"),
    ({"max_missing": {"column": "a", "share": 2}}, "outside"),
    ({"multiple_of": {"column": "a", "step": 0}}, "not positive"),
    ({"type": {"column": "a", "is": "int"}}, "unknown type"),
    ({"levels": {"column": "a", "allowed": []}}, "empty"),
]


def test_an_unknown_rule_is_told_near_names_and_what_lists_them_all() -> None:
    with pytest.raises(SpecError) as caught:
        parse([{"rnage": "a"}])
    assert "such as range" in str(caught.value)
    assert "`lingqu list rules`" in str(caught.value)


@pytest.mark.parametrize(("row", "problem"), BAD, ids=[str(b[0]) for b in BAD])
def test_a_bad_rule_is_refused_before_any_row_is_read(row: Any, problem: str) -> None:
    with pytest.raises(SpecError) as caught:
        Contract([{"not_null": "fine"}, row])
    assert problem in str(caught.value)
    assert "rule 2" in str(caught.value)


def test_an_id_that_stands_twice_is_refused() -> None:
    with pytest.raises(SpecError, match="used twice"):
        parse([{"not_null": "a"}, {"not_null": "a"}])
    assert len(parse([{"not_null": "a"}, {"not_null": "a", "id": "again"}])) == 2
    with pytest.raises(SpecError, match="used twice"):
        parse([{"not_null": "a", "id": "mine"}, {"not_null": "b", "id": "mine"}])


def test_two_ranges_of_a_column_are_two_rules() -> None:
    low, high = {"range": {"column": "a", "min": 0}}, {"range": {"column": "a", "max": 9}}
    assert [rule.id for rule in parse([low, high])] == ["range(a)", "range(a)#2"]
    with pytest.raises(SpecError, match=r"'range\(a\)' .*and 'range\(a\)#2'"):
        parse([low, {"range": {"column": "a", "max": -5}}])


def test_rules_survive_json() -> None:
    rules = parse(
        [case[0] for case in [*ROWS[:1], *ROWS[2:5], *TABLES[:1], ({"compare": "d <= e"},)]]
    )
    assert parse(json.loads(json.dumps([rule.to_json() for rule in rules]))) == rules
    assert {rule.severity for rule in rules} == {"block"}


@given(
    values=st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=40),
    low=st.integers(-40, 0),
    high=st.integers(0, 40),
)
@settings(max_examples=40, deadline=None)
def test_counts_agree_with_plain_python(values: list[int | None], low: int, high: int) -> None:
    frame = pl.DataFrame({"x": pl.Series(values, dtype=pl.Int64)})
    inside, unique, null = evaluate(
        frame,
        parse(
            [
                {"range": {"column": "x", "min": low, "max": high}},
                {"unique": "x"},
                {"not_null": "x"},
            ]
        ),
    )
    held = [v for v in values if v is not None]
    outside = [i for i, v in enumerate(values) if v is not None and not low <= v <= high]
    assert [s["row"] for s in inside.samples] == outside[:20]
    assert (inside.failures, inside.n) == (len(outside), len(held))
    assert unique.failures == len(held) - len(set(held))
    assert null.failures == len(values) - len(held)


@given(n=st.integers(1, 500), share=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_the_interval_holds_the_share(n: int, share: float) -> None:
    failures = round(share * n)
    low, high = wilson(failures, n)
    assert 0 <= low <= failures / n + 1e-12 and failures / n - 1e-12 <= high <= 1


def test_wilson_is_the_textbook_value() -> None:
    # Newcombe, Stat. Med. 17 (1998), table I: 81 of 263 and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def dataset(frame: pl.DataFrame, **roles: Any) -> Dataset:
    kinds: dict[Any, Any] = {pl.Int64: "number", pl.Float64: "number", pl.String: "text"}
    return Dataset(
        frame,
        Schema(
            tuple(Column(n, kinds[t], roles.get(n, "feature")) for n, t in frame.schema.items())
        ),
    )


AGES = pl.DataFrame({"age": [30, 430, -1, 50], "name": ["a", "b", None, "d"]})
RULES: list[Any] = [
    {"range": {"column": "age", "min": 0, "max": 120}},
    {"not_null": "name", "severity": "warn"},
]


def test_reporting_changes_nothing() -> None:
    step, data = Contract(RULES), dataset(AGES)
    step.fit(data)
    assert step.apply(data) is data
    report = step.report()
    assert (report["failed"], report["blocked"], report["changed"]) == (2, 1, 0)


def test_marking_takes_blocking_rules_only() -> None:
    step, data = Contract(RULES, on_fail="mark"), dataset(AGES)
    step.fit(data)
    after = step.apply(data).frame
    assert after[KEEP].to_list() == [True, False, False, True]
    assert after[REASON].to_list() == ["", "contract: range(age)", "contract: range(age)", ""]
    assert step.report()["changed"] == 2
    # A second contract only judges what is left, and keeps the row numbers of the first.
    later = Contract([{"range": {"column": "age", "max": 40}}], on_fail="report")
    later.fit(data)
    later.apply(dataset(AGES).__class__(after, data.schema))
    [rule] = later.report()["rules"]
    assert (rule["failures"], rule["samples"]) == (1, [{"row": 3, "value": 50}])


def test_stopping_names_the_rule_and_the_rows() -> None:
    step, data = Contract(RULES, on_fail="stop"), dataset(AGES)
    step.fit(data)
    with pytest.raises(DataError) as caught:
        step.apply(data)
    text = str(caught.value)
    assert "range(age)" in text and "2 of 4" in text
    worst = AGES["age"].to_list().index(430)  # counted from 0
    assert f"{worst + 1} (430" in text


def test_stopping_also_stops_at_an_unknown_rule() -> None:
    step, data = Contract([{"not_null": "gone"}], on_fail="stop"), dataset(AGES)
    step.fit(data)
    with pytest.raises(DataError, match="no column 'gone'"):
        step.apply(data)
    passing = Contract([{"row_count": {"min": 1}}], on_fail="stop")
    passing.fit(data)
    assert passing.apply(data) is data


def test_marking_passes_over_what_has_no_rows() -> None:
    step = Contract([{"row_count": {"min": 99}}, {"not_null": "gone"}], on_fail="mark")
    step.fit(dataset(AGES))
    assert KEEP not in step.apply(dataset(AGES)).frame.columns
    assert step.report()["blocked"] == 2


def test_findings_carry_count_interval_and_verdict() -> None:
    step, data = Contract([*RULES, {"not_null": "gone"}]), dataset(AGES)
    step.fit(data)
    step.apply(data)
    wide, missing, unknown = contract_findings(step.report())
    assert wide.subject == "contract.failures(range(age))"
    assert (wide.value, wide.n, wide.verdict, wide.severity) == (2.0, 4, "fail", "block")
    assert wide.low is not None and wide.high is not None and wide.low < 2 < wide.high
    assert (missing.severity, missing.verdict) == ("warn", "fail")
    assert (unknown.value, unknown.verdict) == (None, "unknown")
    assert "gone" in unknown.evidence["why"]
    assert unknown.advice != wide.advice != ""


def test_a_draft_holds_on_the_data_it_was_drafted_from() -> None:
    schema = Schema(
        (
            Column("id", "number", "id"),
            Column("age", "number", low=20, high=60, nullable=True),
            Column("city", "category", levels=("a", "b")),
            Column("note", "text"),
            Column("gone", "text", "ignored"),
            Column("y", "category", "target", levels=("n", "y")),
        )
    )
    frame = pl.DataFrame(
        {"id": [1, 2], "age": [20, 60], "city": ["a", "b"], "note": ["x", "y"], "gone": ["", ""],
         "y": ["n", "y"]}
    )  # fmt: skip
    rules = draft(schema)
    assert not any("gone" in rule.columns for rule in rules)
    assert {r.id for r in rules if r.severity == "block"} >= {"not_null(y)", "row_count"}
    assert all(result.verdict == "pass" for result in evaluate(frame, rules))
    worse = frame.with_columns(pl.lit("z").alias("city"), pl.lit(None).alias("y"))
    failed = {r.rule for r in evaluate(worse, rules) if r.verdict == "fail"}
    assert failed == {"levels(city)", "not_null(y)"}


def test_as_of_must_be_a_time() -> None:
    with pytest.raises(SpecError, match="as_of"):
        Contract(as_of="tomorrow")
    assert Contract(as_of="2026-01-10T08:00:00+08:00")._now() == datetime(2026, 1, 10)


def test_cells_are_cut_to_json() -> None:
    assert plain("x" * 200) == "x" * 79 + "…"
    assert plain(date(2026, 1, 1)) == "2026-01-01"
    assert plain(float("nan")) == "nan"
    assert plain(b"abc") == "<3 items>"
    assert plain(pl.Series([1, 2])) == "<2 items>"
    assert plain({"a": 1}) == "{'a': 1}"
