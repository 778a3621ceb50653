"""The forms of a model in the report and on the terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lingqu.cli.leaderboard import print_forms
from lingqu.learn.compress.pareto import Form
from lingqu.report.sections import forms as section

ORIGINAL = Form("original", 0.95, 0.01, 0.0, 0.0, 0.0, 500, 1.2, 0.02, 0.5, state="kept")
FORMS: list[dict[str, Any]] = [
    ORIGINAL.to_json(),
    replace(ORIGINAL, name="pruned+int8", score=0.948, gap=-0.002, gap_error=0.004, lost=0.002,
            size_mb=0.0379, front=True, state="chosen").to_json(),
    replace(ORIGINAL, name="sparse", score=0.9, gap=-0.05, gap_error=0.01, lost=0.05,
            state="lost").to_json(),
]  # fmt: skip


def test_the_report_marks_the_chosen_form() -> None:
    drawn = str(section.draw(FORMS, "accuracy"))
    chosen = drawn[drawn.index('class="chosen"') :].split("</tr>")[0]
    for said in (
        "pruned+int8",
        "37.9 kB",
        "20 µs",
        "500 ms",
        "half of the channels",
        "保留一半通道",
    ):
        assert said in chosen
    assert drawn.count('class="chosen"') == 1
    assert "loses too much" in drawn and "损失过多" in drawn
    assert str(section.draw([], "accuracy")) == ""


@pytest.mark.parametrize(("language", "words"), [("en", "chosen"), ("zh", "入选")])
def test_the_terminal_shows_the_same(
    language: str,
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", language)
    monkeypatch.setenv("COLUMNS", "140")
    print_forms(FORMS, "accuracy")
    said = capsys.readouterr().out
    for part in ("pruned+int8 *", "37.9 kB", "0.948", words):
        assert part in said
    print_forms([], "accuracy")
    assert not capsys.readouterr().out
