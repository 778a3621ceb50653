from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import SpecError
from lingqu.govern.contract.file import read_contract
from lingqu.govern.contract.operator import Contract
from lingqu.govern.contract.rules import parse


def limits(kind: str, **options: Any) -> dict[str, Any]:
    return {kind: {"column": "a", **options}, "id": f"{kind} {options}"}


AGAINST: list[tuple[Any, Any]] = [
    (limits("range", min=18), limits("range", max=17)),
    (limits("range", min="2026-01-02"), limits("date_range", max="2026-01-01")),
    (limits("positive"), limits("range", max=-1)),
    (limits("range", min=0, max=1), limits("mean", min=2)),
    (limits("range", min=0, max=1), limits("quantile", at=0.5, max=-1)),
    (limits("median", min=3), limits("median", max=2)),
    (limits("quantile", at=0.5, min=3), limits("quantile", at=0.5, max=2)),
    (limits("length", min=5), limits("length", max=4)),
    (limits("distinct", min=5), limits("distinct", max=4)),
    (limits("levels", allowed=["x", "y"]), limits("forbidden", values=["y"])),
    (limits("levels", allowed=["x"]), limits("levels", allowed=["y"])),
    (limits("levels", allowed=["x"]), limits("regex", pattern="^[0-9]")),
    (limits("levels", allowed=[1, 2]), limits("range", min=3)),
    (limits("levels", allowed=["abc"]), limits("length", max=2)),
    (limits("levels", allowed=["x", "y"]), limits("distinct", min=3)),
    (limits("levels", allowed=["x", "y"]), limits("max_share", share=0.4)),
    (limits("distinct", max=2), limits("max_share", share=0.4)),
    (limits("not_null"), limits("max_missing", share=0.1)),
    (limits("unique"), limits("min_per_level", rows=2)),
    ({"unique": "a"}, {"count_per_group": {"columns": ["a"], "min": 2}}),
    (limits("type", **{"is": "text"}), limits("positive")),
    (limits("type", **{"is": "text"}), limits("type", **{"is": "date"})),
    ({"row_count": {"min": 9}, "id": "many"}, {"row_count": {"max": 8}, "id": "few"}),
    ({"row_count": {"max": 8}}, limits("distinct", min=9)),
    ({"compare": "a < b"}, {"compare": "b <= a"}),
    ({"compare": "a < b"}, {"compare": "a == b"}),
    ({"compare": "a == b"}, {"compare": "b != a"}),
    ({"columns": {"columns": ["b"], "exactly": True}}, {"not_null": "a"}),
]


@pytest.mark.parametrize(("one", "other"), AGAINST, ids=[f"{a} {b}" for a, b in AGAINST])
def test_rules_that_no_table_can_keep_are_refused_by_name(one: Any, other: Any) -> None:
    ids = {rule.id for row in (one, other) for rule in parse([row])}
    for rows in ([one, other], [other, {"not_null": "z"}, one]):
        with pytest.raises(SpecError) as caught:
            Contract(rows)
        assert caught.value.key == "contract.contradiction"
        assert {caught.value.facts["first"], caught.value.facts["second"]} == ids
        places = {caught.value.facts["first_where"], caught.value.facts["second_where"]}
        assert places == {"rule 1", f"rule {len(rows)}"}


TOGETHER: list[list[Any]] = [
    [limits("range", min=18), limits("range", max=18)],
    [limits("range", min=0, max=1), limits("mean", min=0.5), limits("std", max=9)],
    [limits("quantile", at=0.1, max=2), limits("quantile", at=0.9, min=3)],
    [limits("mean", min=5), limits("median", max=2)],
    [limits("range", min=5), limits("length", max=2)],
    [{"range": {"column": "a", "min": 5}}, {"range": {"column": "b", "max": 2}}],
    [limits("levels", allowed=["x", "y"]), limits("regex", pattern="x"), limits("distinct", min=2)],
    [limits("type", **{"is": "number"}), limits("type", **{"is": "integer"}), limits("positive")],
    [{"compare": "a <= b"}, {"compare": "b <= a"}, {"compare": "a < c"}],
    [{"not_null": "a", "severity": "warn"}, {"max_missing": {"column": "a", "share": 0.1}}],
    [{"range": {"column": "a", "min": 5}, "mostly": 0.9}, limits("range", max=4)],
    [{"unique": "a"}, {"row_count": {"min": 9}}, {"levels": {"column": "a", "allowed": ["x"]}}],
    [{"columns": {"columns": ["a"], "exactly": True}}, {"not_null": "a"}],
]


@pytest.mark.parametrize("rows", TOGETHER, ids=[str(i) for i in range(len(TOGETHER))])
def test_rules_that_some_table_keeps_are_taken(rows: list[Any]) -> None:
    assert len(parse(rows)) == len(rows)


def test_more_rows_than_values_where_each_is_another() -> None:
    rows: list[Any] = [{"not_null": "a"}, {"unique": "a"}, {"row_count": {"min": 3}}]
    with pytest.raises(SpecError, match="there cannot be 3 rows"):
        parse([*rows, {"levels": {"column": "a", "allowed": ["x", "y"]}}])
    with pytest.raises(SpecError, match="there cannot be 3 rows"):
        parse([*rows, {"distinct": {"column": "a", "max": 2}}])


def test_a_file_names_the_lines(tmp_path: Path) -> None:
    file = tmp_path / "contract.yaml"
    file.write_text(
        "# ages\nrules:\n  - {range: {column: age, min: 18}}\n"
        "  - not_null: [age, name]\n  - {range: {column: age, max: 17}, id: young}\n",
        encoding="utf-8",
    )
    with pytest.raises(SpecError) as caught:
        read_contract(file)
    said = str(caught.value)
    assert "'range(age)' (contract.yaml line 3)" in said
    assert "'young' (contract.yaml line 5)" in said
    assert "at least 18 and at most 17" in said


def test_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    with pytest.raises(SpecError) as caught:
        parse([limits("range", min=2), {**limits("range", max=1), "id": "b"}])
    assert "第 1 条规则" in str(caught.value) and "无法同时成立" in str(caught.value)


@given(low=st.integers(-20, 20), high=st.integers(-20, 20), other=st.integers(-20, 20))
@settings(max_examples=60, deadline=None)
def test_intervals_are_refused_exactly_when_they_are_apart(low: int, high: int, other: int) -> None:
    rows = [
        {"range": {"column": "a", "min": low, "max": max(low, high)}, "id": "one"},
        {"range": {"column": "a", "min": other}, "id": "two"},
    ]
    if other > max(low, high):
        with pytest.raises(SpecError, match="cannot both be kept"):
            parse(rows)
    else:
        assert len(parse(rows)) == 2
