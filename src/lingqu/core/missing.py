"""Spellings that say a value is not known: one list for what judges and for what repairs."""

from __future__ import annotations

MISSING = frozenset(
    {
        "", "n/a", "#n/a", "n.a.", "na", "nan", "null", "nil", "<na>", "-", "--", "---", "?", "??",
        "missing", "unknown", "not available", "缺失", "未知", "不详", "未填",
        "未填写", "空", "暂缺",
    }
)  # fmt: skip
"""In lower case, without blanks around."""
