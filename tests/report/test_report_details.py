"""What operators tell of themselves, and hidden values beside each other."""

from __future__ import annotations

import pytest

from lingqu.core.nouns import Json
from lingqu.flow.data_rows import told_apart
from lingqu.report.data_sections.cells import HIDDEN, OTHER, beside, cell
from lingqu.report.data_sections.copies import draw
from lingqu.report.data_sections.details import details, kept


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")


def test_what_says_nothing_is_left_out() -> None:
    told = {"columns": {"city": {"to": "text", "unit": "", "samples": []}, "tel": HIDDEN}, "low": 0}
    assert kept(told) == {"columns": {"city": {"to": "text"}}}
    assert kept({"samples": [], "changed": 0, "of": {"a": None}}) is None


def test_names_are_told_in_both_languages_and_columns_keep_theirs() -> None:
    said = details({"filled": {"rows": 33}, "drafted": True, "odd_name": [1, 2]})
    assert "已填补" in said and "自动起草" in said and "是" in said
    assert "<dt>rows</dt>" in said and "odd_name" in said and "1; 2" in said
    inner = details({"columns": {"city": {"changed": 281, "to": "text"}}})
    assert "改动" in inner and "281" in inner and "{" not in inner


def test_hidden_values_that_differ_are_not_shown_as_shared() -> None:
    pair: list[dict[str, Json]] = [
        {"tel": HIDDEN, "mail": HIDDEN, "age": 41.0}, {"tel": HIDDEN, "mail": HIDDEN, "age": 41.0},
    ]  # fmt: skip
    one, two = told_apart(pair, ["tel"])
    assert (one["tel"], two["tel"], two["mail"]) == (HIDDEN, OTHER, HIDDEN)
    shown = beside([one, two], ["1", "2"])
    different, same = shown.split('class="beside shared"')
    assert ">tel<" in different and "<mark>" in different
    assert ">mail<" in same and ">tel<" not in same
    assert OTHER not in shown and cell(OTHER) == cell(HIDDEN)


@pytest.mark.parametrize(
    ("near", "said"),
    [
        ({"marked": False}, "removes those whose other columns are equal"),
        ({"marked": True, "equal_elsewhere": 0}, "None was removed"),
        ({"marked": True, "equal_elsewhere": 3}, "In 3 pair(s)"),
    ],
)
def test_near_copies_are_said_to_have_left_only_where_they_did(
    near: dict[str, Json], said: str
) -> None:
    told = {"looked": True, "near": {"rows": 6, "compared": 79, **near}}
    assert said in draw({"duplicates": told})
