"""Reasons of candidates, in the language of whoever reads them."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from lingqu.cli.leaderboard import reason_of
from lingqu.core.nouns import Candidate

LINE = asdict(Candidate("svm", "rbf_svm", "skipped", reason="no time", reason_zh="没有时间"))


def test_a_reason_is_told_in_the_language_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    assert reason_of(LINE) == "没有时间"
    # A run that an earlier version walked knows one language only.
    assert reason_of({"reason": "太慢"}) == "太慢"
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")
    assert reason_of(LINE) == "no time" and reason_of({"reason": "太慢"}) == "太慢"
