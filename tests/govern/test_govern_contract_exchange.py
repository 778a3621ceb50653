"""Contracts to and from pandera and Great Expectations: the same rows are refused."""

from __future__ import annotations

import json
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas
import pandera.polars as pa
import polars as pl
import pytest
from pandera.errors import SchemaErrors, SchemaWarning

from lingqu.core.errors import SpecError
from lingqu.govern.contract.evaluate import evaluate
from lingqu.govern.contract.exchange import imported
from lingqu.govern.contract.great_expectations import from_suite, to_suite
from lingqu.govern.contract.pandera import (
    Api,
    from_pandera,
    read_pandera,
    to_pandera,
    write_pandera,
)
from lingqu.govern.contract.rules import parse

FRAME = pl.DataFrame(
    {
        "id": [1, 2, 2, 4, None],
        "age": [10, 200, -1, 30, None],
        "city": ["Ulm", "Jena", "Rome", None, "Ulm"],
        "mail": ["a@b.de", "x", "c@d.de", None, "e@f.de"],
        "start": [datetime(2026, 1, day) for day in (1, 2, 3, 4, 5)],
        "a": [1, 2, 3, 4, 5],
        "b": [1, 2, 2, 5, 5],
        "k": ["u", "v", "v", "w", "u"],
        "t": ["x", " ", "y", None, "z"],
    }
)
BUILT_IN: list[Any] = [
    {"not_null": "id"},
    {"unique": "id"},
    {"key": ["city", "k"]},
    {"range": {"column": "age", "min": 0, "max": 120}},
    {"range": {"column": "age", "min": 10, "max": 200, "exclusive": True}},
    {"range": {"column": "age", "min": 0}},
    {"range": {"column": "age", "min": 10, "exclusive": True}},
    {"range": {"column": "age", "max": 30}},
    {"range": {"column": "age", "max": 30, "exclusive": True}},
    {"range": {"column": "start", "min": "2026-01-02", "max": "2026-01-04"}},
    {"levels": {"column": "city", "allowed": ["Ulm", "Jena"]}},
    {"forbidden": {"column": "city", "values": ["Rome"]}},
    {"regex": {"column": "mail", "pattern": "@"}},
    {"length": {"column": "mail", "min": 2, "max": 9}},
    {"length": {"column": "mail", "min": 2}},
    {"starts_with": {"column": "city", "any": ["U"]}},
    {"ends_with": {"column": "city", "any": "m"}},
]
CUSTOM: list[Any] = [
    {"positive": "age", "severity": "warn"},
    {"positive": {"column": "age", "zero": True}},
    {"format": {"column": "mail", "is": "email"}},
    {"compare": "a <= b"},
    {"expression": "a < 4 or k == 'w'"},
    {"sum_of": {"columns": ["a", "b"], "equals": 4}},
    {"starts_with": {"column": "city", "any": ["U", "J"]}},
    {"regex": {"column": "mail", "pattern": "^x$", "absent": True}},
    {"increasing": "age"},
    {"unique": "city"},
    {"row_count": {"min": 9}},
    {"mean": {"column": "age", "max": 9}},
    {"range": {"column": "age", "max": 120}, "mostly": 0.9},
    {"fresh": {"column": "start", "days": 1}},
    {"not_null": "gone"},
]
NOW = datetime(2026, 2, 1)


def failing(schema: Any, frame: Any) -> int:
    """Return how many rows (or tables) pandera says fail, warnings included."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SchemaWarning)
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as error:
            cases = error.failure_cases
            cases = pl.from_pandas(cases.astype(str)) if isinstance(cases, pd.DataFrame) else cases
            return int(cases.select(pl.struct("check", "index").n_unique()).item())
    return sum(issubclass(one.category, SchemaWarning) for one in caught)


@pytest.mark.parametrize("api", ["polars", "pandas"])
@pytest.mark.parametrize("row", [*BUILT_IN, *CUSTOM], ids=str)
def test_pandera_refuses_the_rows_that_we_refuse(row: Any, api: Api) -> None:
    rules = parse([row])
    [result] = evaluate(FRAME, rules, NOW)
    assert result.verdict != "pass"
    schema = to_pandera(rules, api, NOW)
    frame = FRAME if api == "polars" else FRAME.to_pandas()
    found = failing(schema, frame)
    if row in CUSTOM[:1] or "unique" in row or "key" in row or result.verdict == "unknown":
        assert found >= 1
    elif "mostly" in row:
        assert found == 1
    else:
        assert found == result.failures
    good = FRAME.clear() if "row_count" not in row and result.verdict == "fail" else None
    if good is not None and "mean" not in row and "fresh" not in row:
        assert failing(schema, good if api == "polars" else good.to_pandas()) == 0


@pytest.mark.parametrize("api", ["polars", "pandas"])
def test_every_rule_comes_back_from_pandera(api: Api) -> None:
    rows = [{**row, "id": f"{i}"} for i, row in enumerate([*BUILT_IN[3:], *CUSTOM])]
    for row in rows:
        rules = parse([row])
        back = from_pandera(to_pandera(rules, api))
        [rule] = [found for found in back.rules if found.kind not in ("not_null", "type")] or [
            *back.rules
        ]
        assert back.left_out == ()
        before, after = (evaluate(FRAME, [r], NOW)[0] for r in (rules[0], rule))
        assert (before.verdict, before.failures, before.severity) == (
            after.verdict,
            after.failures,
            after.severity,
        )


def test_attributes_come_back_from_pandera() -> None:
    rows: list[Any] = [
        {"not_null": "id"},
        {"unique": "id"},
        {"key": ["id", "a"]},
        {"columns": {"columns": ["id", "a"], "exactly": True, "ordered": True}},
    ]
    schema = to_pandera(parse(rows))
    assert schema.strict and schema.ordered and schema.unique == ["id", "a"]
    assert {rule.id for rule in from_pandera(schema).rules} == {r.id for r in parse(rows)}


def test_a_schema_that_others_wrote() -> None:
    schema = pa.DataFrameSchema(
        {
            "n": pa.Column(pl.Int64, [pa.Check.eq(3), pa.Check.ne(4)], coerce=True),
            "x": pa.Column(float, pa.Check.in_range(0, 1, include_max=False), nullable=True),
            "t": pa.Column(str, [pa.Check.str_matches("a+"), pa.Check.str_length(exact_value=2)]),
            "d": pa.Column(pl.Datetime("us"), pa.Check.ge(datetime(2026, 1, 1)), required=False),
            "l": pa.Column(pl.List(pl.Int64), nullable=True),
            "^r.*$": pa.Column(bool, regex=True),
        },
        checks=pa.Check(lambda data: data.lazyframe.select(pl.col("n") > 0), name="mine"),
        strict="filter",
    )
    found = from_pandera(schema)
    assert {rule.id for rule in found.rules} == {
        "type(n)", "not_null(n)", "levels(n)", "forbidden(n)", "type(x)", "type(t)", "not_null(t)",
        "regex(t)", "length(t)", "type(d)", "not_null(d)", "range(d)",
    }  # fmt: skip
    assert [said.split(":")[0] for said in found.left_out] == [
        "n", "x", "d", "l", "^r.*$", "the table", "strict"
    ]  # fmt: skip
    [dates] = [rule for rule in found.rules if rule.id == "range(d)"]
    assert dates.options == {"min": "2026-01-01T00:00:00"}
    rows = pl.DataFrame({"n": [3, 4], "t": ["aa", "ba"]})
    verdicts = {r.rule: r.failures for r in evaluate(rows, found.rules)}
    assert (verdicts["levels(n)"], verdicts["forbidden(n)"], verdicts["regex(t)"]) == (1, 1, 1)


def test_a_pandas_schema_with_an_index_is_listed() -> None:
    library = pandera.pandas
    schema = library.DataFrameSchema(
        {"a": library.Column(int, library.Check.isin({1, 2}))}, index=library.Index(int)
    )
    found = from_pandera(schema)
    assert [rule.id for rule in found.rules] == ["type(a)", "not_null(a)", "levels(a)"]
    assert found.left_out == ("the index",)


@pytest.mark.parametrize("ending", ["yaml", "json"])
@pytest.mark.parametrize("api", ["polars", "pandas"])
def test_files_of_pandera(tmp_path: Path, ending: str, api: Api) -> None:
    rows = [{**row, "id": f"{i}"} for i, row in enumerate(BUILT_IN[3:9] + BUILT_IN[10:])]
    rules = parse([{"not_null": "id"}, *rows, CUSTOM[3]])
    file = tmp_path / f"schema.{ending}"
    assert write_pandera(rules, file, api) == ["compare(a <= b)"]
    library: Any = __import__(f"pandera.io.{api}_io", fromlist=["from_yaml"])
    theirs = (library.from_json if ending == "json" else library.from_yaml)(file.read_text())
    assert theirs.columns["age"].checks
    back = read_pandera(file)
    assert back.left_out == ()
    ours = [r for r in rules if r.kind != "compare"]
    before = sorted((r.kind, r.failures) for r in evaluate(FRAME, ours))
    assert sorted((r.kind, r.failures) for r in evaluate(FRAME, back.rules)) == before


def test_a_file_that_is_no_schema_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("channel: x\n", encoding="utf-8")
    (tmp_path / "a.json").write_text('{"schema_type": 3', encoding="utf-8")
    for file in ("a.yaml", "a.json"):
        with pytest.raises(SpecError, match="no pandera schema"):
            read_pandera(tmp_path / file)
    with pytest.raises(SpecError, match="cannot be read"):
        read_pandera(tmp_path / "absent.yaml")


SUITE_ROWS: list[Any] = [
    *BUILT_IN,
    *[row for row in CUSTOM if next(iter(row)) not in ("expression", "increasing", "fresh")],
    {"max_missing": {"column": "city", "share": 0.1}},
    {"not_blank": "t"},
    {"date_range": {"column": "start", "min": "2026-01-02"}},
    {"foreign": {"column": "city", "values": ["Ulm"]}},
    {"contains": {"column": "city", "any": ["l.m", "e"]}},
    {"contains": {"column": "mail", "any": "x", "absent": True}},
    {"compare": "a > b"},
    {"compare": "a < b"},
    {"compare": "a >= b"},
    {"compare": "a == b"},
    {"compare": "a != b"},
    {"same": ["a", "b"]},
    {"differ": ["a", "b"]},
    {"columns": ["id", "gone"]},
    {"columns": {"columns": ["id"], "exactly": True}},
    {"columns": {"columns": ["id", "age"], "exactly": True, "ordered": True}},
    {"distinct": {"column": "city", "max": 2}},
    {"median": {"column": "age", "max": 9}},
    {"std": {"column": "age", "max": 9}},
    {"sum": {"column": "age", "max": 9}},
    {"quantile": {"column": "age", "at": 0, "min": 0}},
    {"quantile": {"column": "age", "at": 1, "max": 9}},
    {"quantile": {"column": "age", "at": 0.5, "max": 9}},
    {"no_outliers": {"column": "age", "method": "z", "limit": 1}},
]
LEFT_OUT: list[Any] = [
    {"expression": "a < 4"},
    {"format": {"column": "mail", "is": "china_id"}},
    {"format": {"column": "t", "is": "%d/%m/%Y"}},
    {"same": ["a", "b", "id"]},
    {"sum_of": {"columns": ["a"], "equals": "b"}},
    {"no_outliers": "age"},
    {"foreign": {"column": "a", "file": "x.csv"}},
    {"columns": {"columns": ["id"], "ordered": True}},
    {"drift": {"column": "a", "file": "x.csv"}},
    {"increasing": "a"},
    {"fresh": {"column": "start", "days": 1}},
]
OF_A_COLUMN = "expect_column_"


@pytest.mark.parametrize("row", SUITE_ROWS, ids=str)
def test_a_suite_says_the_same_when_it_is_read_back(row: Any) -> None:
    rules = parse([{**row, "severity": "warn"}])
    suite = json.loads(json.dumps(to_suite(rules, "orders")))
    assert suite["meta"]["lingqu"]["left_out"] == []
    back = from_suite(suite)
    assert back.left_out == () and len(back.rules) == 1
    before, after = (evaluate(FRAME, list(r), NOW)[0] for r in (rules, back.rules))
    assert before.verdict != "pass" or row in ({"compare": "a >= b"}, {"compare": "a < b"})
    assert (before.verdict, before.severity) == (after.verdict, after.severity)
    if row.get("not_null") != "gone" and next(iter(row)) != "max_missing":
        assert before.failures == after.failures


@pytest.mark.parametrize("row", SUITE_ROWS, ids=str)
def test_an_expectation_has_the_form_of_gx_1(row: Any) -> None:
    suite = to_suite(parse([row]), "orders")
    assert set(suite) == {"name", "expectations", "meta", "notes"}
    for one in suite["expectations"]:
        assert set(one) == {"type", "kwargs", "meta", "severity"}
        assert one["severity"] in ("critical", "warning")
        kind, kwargs = one["type"], one["kwargs"]
        if kind.startswith("expect_column_pair_"):
            assert {"column_A", "column_B", "ignore_row_if"} <= set(kwargs)
        elif kind.startswith(OF_A_COLUMN):
            assert isinstance(kwargs["column"], str)
        else:
            assert "column" not in kwargs
        assert not any(value is None for value in kwargs.values())


def test_what_gx_has_no_word_for_is_listed_whole() -> None:
    rules = parse([*LEFT_OUT, {"not_null": "a", "reason": "always there", "reason_zh": "从未缺失"}])
    suite = to_suite(rules, "orders")
    assert parse(suite["meta"]["lingqu"]["left_out"]) == rules[:-1]
    [one] = suite["expectations"]
    assert one["meta"]["lingqu"]["reason_zh"] == "从未缺失"


def test_a_suite_that_others_wrote() -> None:
    def said(kind: str, **kwargs: Any) -> dict[str, Any]:
        return {"type": f"expect_{kind}", "kwargs": kwargs, "meta": {}}

    between = "column_values_to_be_between"
    suite = {
        "name": "theirs",
        "meta": {"great_expectations_version": "1.5.0"},
        "expectations": [
            said(between, column="a", min_value=1, mostly=0.5, max_value=None),
            said(between, column="a", max_value=3, strict_max=True),
            said(between, column="a", min_value=1, max_value=3, strict_max=True),
            said("column_value_lengths_to_equal", column="city", value=3),
            said("table_row_count_to_equal", value=5),
            said("column_to_exist", column="a"),
            said("column_quantile_values_to_be_between", column="a",
                 quantile_ranges={"quantiles": [0.1, 0.9], "value_ranges": [[0, 1], [4, 5]]}),
            said("column_values_to_be_unique", column="a", row_condition="b > 1"),
            said("column_kl_divergence_to_be_less_than", column="a", threshold=0.1),
            said("column_values_to_be_in_set", column="a"),
        ],
    }  # fmt: skip
    found = from_suite(suite)
    assert [rule.id for rule in found.rules] == [
        "range(a)", "range(a) #2", "length(city)", "row_count", "columns(a)"
    ]  # fmt: skip
    assert found.rules[0].mostly == 0.5 and found.rules[1].options["exclusive"] is True
    assert len(found.left_out) == 5
    assert any("row_condition" in said for said in found.left_out)


@pytest.mark.parametrize(
    "suite", [{}, [], {"expectations": "x"}, {"expectations": [{"type": "y"}]}]
)
def test_what_is_no_suite_is_refused(suite: Any) -> None:
    with pytest.raises(SpecError, match="no suite"):
        from_suite(suite)


def test_what_cannot_be_a_rule_here_is_listed() -> None:
    found = imported(
        [{"range": {"column": "a", "min": 3, "max": 1}}, {"unique": "a"}], ["b: index"]
    )
    assert [rule.id for rule in found.rules] == ["unique(a)"]
    assert found.left_out[0] == "b: index" and "above max" in found.left_out[1]


def test_days_are_written_as_moments_and_read_back_as_days() -> None:
    rules = parse([{"date_range": {"column": "day", "min": "2024-01-05", "max": "2024-02-01"}}])
    suite = to_suite(rules, "days")
    assert suite["expectations"][0]["kwargs"]["min_value"] == "2024-01-05T00:00:00"
    assert [rule.options for rule in from_suite(suite).rules] == [rules[0].options]
