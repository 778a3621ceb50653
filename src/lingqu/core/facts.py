"""What is declared of data: whose it is, what it may be used for, how long it may be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

FACTS = ("license", "consent", "purpose", "origin", "owner", "retention")
"""Names of the facts, in the order of cards."""
_DAYS: Mapping[str, float] = {
    "min": 1 / 1440,
    "minute": 1 / 1440,
    "分钟": 1 / 1440,
    "h": 1 / 24,
    "hour": 1 / 24,
    "小时": 1 / 24,
    "d": 1,
    "day": 1,
    "天": 1,
    "日": 1,
    "w": 7,
    "week": 7,
    "周": 7,
    "星期": 7,
    "month": 30.4375,
    "月": 30.4375,
    "个月": 30.4375,
    "y": 365.25,
    "year": 365.25,
    "年": 365.25,
}
"""Unit of a retention → days; months and years are those of the calendar on average."""
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z\u4e00-\u9fff]+)")
EXPECTED_RETENTION = "90 d, 12 weeks, 6 months, 2 years"


def retention_days(text: str) -> float | None:
    """Return the days for which data may be kept, or None where words say it.

    Raises:
        ValueError: It begins with a number but names no unit of time.

    Example:
        >>> [retention_days(said) for said in ("90 d", "2 年", "while the contract runs")]
        [90.0, 730.5, None]
    """
    said = text.strip()
    if not said[:1].isdigit():
        return None
    found = _WRITTEN.fullmatch(said)
    unit = found[2].lower() if found else ""
    days = _DAYS.get(unit) or _DAYS.get(unit.removesuffix("s"))
    if found is None or days is None:
        raise ValueError(text)
    return float(found[1]) * days


def kept_until(facts: Mapping[str, Any], at: str) -> str:
    """Return the day until which data of this time may be kept, ``""`` where none is declared.

    Example:
        >>> kept_until({"retention": "90 d"}, "2026-11-21T00:00:00.000000+00:00")
        '2027-02-19'
    """
    declared = facts.get("retention")
    try:
        days = retention_days(str(declared)) if declared else None
    except ValueError:
        return ""  # written before retentions were checked at the door
    if days is None:
        return ""
    try:
        return (datetime.fromisoformat(at) + timedelta(days=days)).date().isoformat()
    except OverflowError:
        return ""
