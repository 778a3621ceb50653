"""Contracts in files of their own, tables that rules compare with, tables that are streamed."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import KEEP
from lingqu.core.schema import Column, Schema
from lingqu.core.surroundings import Surroundings
from lingqu.govern.contract.distribution_rules import population_stability, summary
from lingqu.govern.contract.evaluate import Result, evaluate
from lingqu.govern.contract.file import read_contract, short, written
from lingqu.govern.contract.operator import Contract, contract_findings
from lingqu.govern.contract.rules import parse
from lingqu.govern.contract.table import UnevaluatedError

ROWS: list[Any] = [
    {"not_null": ["age", "年龄"]},
    {"range": {"column": "age", "min": 0, "max": 120}, "severity": "warn", "mostly": 0.99},
    {"levels": {"column": "answer", "allowed": ["yes", "no", "1.0", "a: b", "", "性别"]}},
    {"compare": "start <= end"},
    {"expression": "total == `unit price` * 2", "id": "totals"},
    {"regex": {"column": "code", "pattern": r"^\d+\s"}},
    {"level_shares": {"column": "answer", "shares": {"yes": 0.5, "no": 0.5}}},
    {"row_count": {"min": 1}},
    {"columns": {"columns": ["age"], "exactly": False}},
]


def test_a_contract_is_written_and_read_back(tmp_path: Path) -> None:
    rules = parse(ROWS)
    for to in ("en", "zh"):
        file = tmp_path / f"{to}.yaml"
        file.write_text(written(rules, to, ["Drafted."]), encoding="utf-8")
        assert read_contract(file) == rules
        assert file.read_text(encoding="utf-8").startswith("# Drafted.\n- {not_null: ")
    assert short(rules[0]) == {"not_null": "age"}
    assert parse([short(rule) for rule in rules]) == rules


def test_why_a_rule_was_drafted_stands_above_it() -> None:
    [rule] = parse([{"not_null": "a", "reason": "it was always there", "reason_zh": "从未缺失"}])
    assert written([rule]) == "# it was always there\n- {not_null: a}\n"
    assert written([rule], "zh") == "# 从未缺失\n- {not_null: a}\n"
    assert parse([rule.to_json()])[0].reason_zh == "从未缺失"


@pytest.mark.parametrize(
    ("content", "key", "said"),
    [
        (b"- {rnage: {column: a}}\n", "contract.bad_rule", "c.yaml line 1"),
        (b"- not_null: a\n- {range: {column: a, min: 2, max: 1}}\n", "contract.bad_rule", "line 2"),
        (b"rules: {}\n", "contract.file_form", "c.yaml"),
        (b"", "contract.file_form", "None"),
        (b"- not_null: [a\n", "core.bad_yaml", "c.yaml"),
        (b"\xff\xfe", "contract.file_absent", "c.yaml"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(
    tmp_path: Path, content: bytes, key: str, said: str
) -> None:
    (tmp_path / "c.yaml").write_bytes(content)
    with pytest.raises(SpecError) as caught:
        read_contract(tmp_path / "c.yaml")
    assert caught.value.key == key and said in str(caught.value)


def test_the_operator_reads_its_file_beside_the_channel(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("- {range: {column: a, min: 2}}\n", encoding="utf-8")
    data = Dataset(pl.DataFrame({"a": [1, 2, 3]}), Schema((Column("a", "number"),)))
    step = Contract("c.yaml")
    step.settle(Surroundings(folder=tmp_path))
    step.fit(data)
    step.apply(data)
    [finding] = contract_findings(step.report())
    assert (finding.argument, finding.value, finding.verdict) == ("range(a)", 1.0, "fail")
    lost = Contract("absent.yaml")
    lost.settle(Surroundings(folder=tmp_path))
    with pytest.raises(SpecError, match=r"absent\.yaml"):
        lost.fit(data)


def test_marking_leaves_what_most_rows_allow() -> None:
    data = Dataset(pl.DataFrame({"a": [1, 2, 3, 99]}), Schema((Column("a", "number"),)))
    for mostly, kept in ((0.75, [True] * 4), (0.9, [True, True, True, False])):
        step = Contract([{"range": {"column": "a", "max": 9}, "mostly": mostly}], on_fail="mark")
        step.fit(data)
        after = step.apply(data).frame
        assert (after[KEEP].to_list() if KEEP in after.columns else [True] * 4) == kept
    stop = Contract([{"range": {"column": "a", "max": 9}, "mostly": 0.75}], on_fail="stop")
    stop.fit(data)
    assert stop.apply(data) is data
    strict = Contract([{"range": {"column": "a", "max": 9}}], on_fail="stop")
    strict.fit(data)
    with pytest.raises(DataError, match=r"range\(a\)"):
        strict.apply(data)


def one(rule: Any, frame: Any, folder: Path) -> Result:
    [result] = evaluate(frame, parse([rule]), datetime(2026, 1, 1), folder)
    return result


def test_rules_against_another_table(tmp_path: Path) -> None:
    shops = pl.DataFrame({"country": ["CN", "CN", "DE"], "shop": [1, 2, 1]})
    shops.write_parquet(tmp_path / "shops.parquet")
    shops.write_csv(tmp_path / "shops.csv")
    frame = pl.DataFrame(
        {"land": ["CN", "DE", "DE", None, "FR"], "shop": [2, 1, 2, 1, 1], "n": ["x"] * 5}
    )
    for file in ("shops.parquet", "shops.csv"):
        rule = {
            "references": {"columns": ["land", "shop"], "file": file, "keys": ["country", "shop"]}
        }
        for rows in (frame, frame.lazy()):
            result = one(rule, rows, tmp_path)
            assert [s["row"] for s in result.samples] == [2, 4]
            assert (result.n, result.failures) == (4, 2)
            assert result.samples[0]["value"] == ["DE", 2]
        foreign = one(
            {"foreign": {"column": "land", "file": file, "key": "country"}}, frame, tmp_path
        )
        assert [s["value"] for s in foreign.samples] == ["FR"]
    uneven = {"references": {"columns": ["land", "shop"], "file": "shops.csv", "keys": ["shop"]}}
    assert "not as many" in one(uneven, frame, tmp_path).why
    other = {"references": {"columns": ["land"], "file": "shops.csv", "keys": ["gone"]}}
    assert "cannot be read" in one(other, frame, tmp_path).why
    wrong = {"references": {"columns": ["shop"], "file": "shops.csv", "keys": ["country"]}}
    assert "engine" in one(wrong, frame, tmp_path).why


def test_drift_against_a_file_is_the_textbook_index(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    old = pl.DataFrame({"x": random.normal(0, 1, 4000), "k": random.choice(["a", "b", "c"], 4000)})
    old.write_parquet(tmp_path / "old.parquet")
    new = pl.DataFrame({"x": random.normal(0.7, 1, 4000), "k": random.choice(["a", "b"], 4000)})
    for name in ("x", "k"):
        rule = {"drift": {"column": name, "file": "old.parquet"}}
        still, moved = one(rule, old, tmp_path), one(rule, new, tmp_path)
        assert still.verdict == "pass" and still.observed == pytest.approx(0, abs=1e-9)
        assert moved.verdict == "fail"
        assert one(rule, new.lazy(), tmp_path) == moved
        kept = {"drift": {"column": name, "summary": summary(old[name])}}
        assert one(kept, new, tmp_path).observed == pytest.approx(moved.observed)
    edges = np.quantile(old["x"].to_numpy(), np.arange(1, 10) / 10)
    shares = [np.bincount(np.searchsorted(edges, f["x"].to_numpy()), minlength=10) / 4000
              for f in (old, new)]  # fmt: skip
    expected = population_stability(*(list(map(float, part)) for part in shares))
    rule = {"drift": {"column": "x", "file": "old.parquet"}}
    assert one(rule, new, tmp_path).observed == pytest.approx(expected, rel=0.02)


def test_a_summary_needs_values() -> None:
    for series in (pl.Series([], dtype=pl.Float64), pl.Series([[1]]), pl.Series([float("nan")])):
        with pytest.raises(UnevaluatedError):
            summary(series)
    assert summary(pl.Series([1, 1, 1])) == {"edges": [1.0], "shares": [0.0, 1.0]}


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "soundfile.py").write_text("raise ModuleNotFoundError(name='soundfile')")
    code = (
        "import polars as pl\n"
        "from lingqu.govern.contract.evaluate import evaluate\n"
        "from lingqu.govern.contract.rules import parse\n"
        "rules = parse([{'audio_rate': {'column': 'a', 'allowed': [8000]}}])\n"
        "[result] = evaluate(pl.DataFrame({'a': [b'x']}), rules)\n"
        "assert result.verdict == 'unknown', result\n"
        "assert 'lingqu[audio]' in result.why, result\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_a_stream_from_a_file_judges_as_memory_does(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    rows = 30_000
    frame = pl.DataFrame(
        {
            "id": np.arange(rows),
            "mail": [f"u{i % 29_990}@example.com" for i in range(rows)],
            "x": random.normal(size=rows),
            "k": random.integers(0, 9, rows),
        }
    ).with_columns(
        pl.when(pl.col("id") % 5000 == 4999).then(None).otherwise(pl.col("x")).alias("x")
    )
    frame.write_parquet(tmp_path / "rows.parquet", row_group_size=4000)
    rules = parse(
        [
            {"unique": "mail"},
            {"key": ["k", "mail"]},
            {"range": {"column": "x", "max": 3}},
            {"not_null": "x", "mostly": 0.9},
            {"increasing": "id"},
            {"no_outliers": "x"},
            {"median": {"column": "x", "min": 0.5}},
            {"distinct": {"column": "mail", "max": 10}},
            {"determines": {"columns": ["mail"], "target": "k"}},
            {"expression": "x < 3 or k > 2"},
            {"increasing": "k"},
            {"not_null": "gone"},
        ]
    )
    streamed = evaluate(pl.scan_parquet(tmp_path / "rows.parquet"), rules)
    assert streamed == evaluate(frame, rules)
    verdicts = {result.rule: result.verdict for result in streamed}
    assert verdicts["unique(mail)"] == "fail" and verdicts["increasing(id)"] == "pass"
    assert streamed[0].samples[0] == {"row": 29_990, "value": streamed[0].samples[0]["value"]}
    assert all(len(result.samples) <= 20 for result in streamed)


def test_a_rule_that_fails_inside_the_stream_is_unknown_alone() -> None:
    frame = pl.LazyFrame({"a": [[1], [2]], "i": [1, -1]})
    broken, good = evaluate(frame, parse([{"increasing": "a"}, {"positive": "i"}]))
    assert broken.verdict == "unknown" and broken.why
    assert (good.verdict, good.failures) == ("fail", 1)


def test_pictures_by_path_and_as_pixels(tmp_path: Path) -> None:
    Image.new("RGB", (9, 5)).save(tmp_path / "wide.png")
    Image.new("RGB", (5, 9)).save(tmp_path / "tall.png")
    frame = pl.DataFrame({"a": ["wide.png", "tall.png", "absent.png", None]})
    rule = {"image_size": {"column": "a", "min_width": 9}}
    for rows in (frame, frame.lazy()):
        result = one(rule, rows, tmp_path)
        assert [s["row"] for s in result.samples] == [1, 2] and result.n == 3
    pixels = pl.DataFrame({"a": np.zeros((2, 4, 8))})
    assert one({"image_size": {"column": "a", "max_height": 4}}, pixels, tmp_path).verdict == "pass"
    assert one({"image_size": {"column": "a", "max_width": 4}}, pixels, tmp_path).failures == 2
