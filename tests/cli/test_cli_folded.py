"""Lines of cells in a terminal, and what a run says of failures that it let pass."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lingqu.cli.folded import folded, units
from lingqu.cli.session import print_table
from lingqu.cli.shown import print_run
from lingqu.core.nouns import Finding, Run

SAID = st.text("留出五分之一，（用于）评判。budget auto 300 ", min_size=1, max_size=60)


@given(SAID, st.integers(8, 30))
@example("00 。。。", 8)
@settings(max_examples=100, deadline=None)
def test_nothing_is_lost_and_no_line_begins_with_a_mark_that_closes(said: str, width: int) -> None:
    lines = folded(said, width).split("\n")
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", said)
    assert not any(line[:1] and line[0] in "，。）" for line in lines[1:])
    if re.search("[留出五分之一用于评判，（）。]", said):
        assert all(cell_len(line) <= width or len(units(line)) == 1 for line in lines)


def test_chinese_fills_its_column_and_english_is_left_alone() -> None:
    assert folded("300 行中留出五分之一", 11).split("\n") == ["300 行中留", "出五分之一"]
    assert folded("各列（熵）的平均值", 8).split("\n") == ["各列", "（熵）的", "平均值"]
    words = "a fifth of the rows is set aside"
    assert folded(words, 9) == words


def test_a_table_shows_brackets_and_blanks_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    print_table("", ["a", "b"], [("[red]", "300 行中留出五分之一用于评判")])
    said = capsys.readouterr().out
    assert "[red]" in said and "300 行中留出" in said


def gated(blocking: Sequence[str], require: Sequence[str] = ()) -> Run:
    passed = [{"text": text, "verdict": "pass", "seen": ["x"], "missing": []} for text in require]
    gate = {"requirements": passed, "blocking": list(blocking)}
    summary = {"metric": "accuracy", "state": "blocked" if blocking else "approved", "gate": gate}
    return Run("r1", "hotel", "v", "done", "2026-11-22T00:00:00", summary=summary)


FINDINGS = (
    Finding("leakage", "leakage.near", 0.2, "review", verdict="fail", severity="warn"),
    Finding("leakage", "leakage.exact", 0.1, verdict="fail", severity="warn"),
    Finding(
        "contract", "contract.failures", None, "range(price)", verdict="unknown",
        severity="block",
        evidence={"why": "the table has no column 'price'", "why_zh": "表中没有列 'price'"},
    ),
)  # fmt: skip


def test_a_rule_that_could_not_be_judged_is_not_called_failed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    print_run(gated(["contract.failures(range(price))"]), FINDINGS)
    said = capsys.readouterr().out
    assert "  unknown  contract.failures(range(price))\n    → the table has no column" in said
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    print_run(gated(["contract.failures(range(price))"]), FINDINGS)
    assert "  未知  contract.failures(range(price))\n    → 表中没有列" in capsys.readouterr().out


def test_an_approved_release_names_what_failed_without_blocking(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_run(gated([], ["leakage.exact <= 0.2"]), FINDINGS)
    said = capsys.readouterr().out
    assert "Fails without blocking: leakage.near(review). See `lingqu show hotel`." in said
    print_run(gated([]), FINDINGS[2:])
    assert "without blocking" not in capsys.readouterr().out
