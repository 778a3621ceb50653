"""Numbers and dates that were written as text: "1,200 元", "3.5 kg", "12%", "2024年3月5日"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lingqu.govern.spelling import tidy

FAMILIES: dict[str, dict[str, float]] = {
    "cny": {"元": 1, "块": 1, "圆": 1, "¥": 1, "rmb": 1, "cny": 1, "人民币": 1, "千元": 1e3,
            "万元": 1e4, "亿元": 1e8},
    "usd": {"$": 1, "usd": 1, "us$": 1, "美元": 1, "万美元": 1e4, "亿美元": 1e8},
    "eur": {"€": 1, "eur": 1, "欧元": 1},
    "gbp": {"£": 1, "gbp": 1, "英镑": 1},
    "count": {"个": 1, "人": 1, "次": 1, "件": 1, "台": 1, "万": 1e4, "亿": 1e8},
    "share": {"%": 1e-2, "‰": 1e-3},
    "mass": {"mg": 1e-6, "g": 1e-3, "克": 1e-3, "kg": 1, "千克": 1, "公斤": 1, "斤": 0.5, "t": 1e3,
             "吨": 1e3, "lb": 0.45359237, "oz": 0.028349523125},
    "length": {"mm": 1e-3, "毫米": 1e-3, "cm": 1e-2, "厘米": 1e-2, "m": 1, "米": 1, "km": 1e3,
               "公里": 1e3, "千米": 1e3, "in": 0.0254, "ft": 0.3048},
    "area": {"m2": 1, "㎡": 1, "平方米": 1, "平米": 1, "平": 1, "亩": 2000 / 3},
    "time": {"s": 1, "秒": 1, "min": 60, "分钟": 60, "h": 3600, "小时": 3600, "天": 86400,
             "days": 86400, "day": 86400},
    "years": {"岁": 1, "年": 1, "years": 1, "year": 1},
    "temperature": {"℃": 1, "°c": 1, "c": 1},
}  # fmt: skip
"""Unit → factor, per family; only units of one family are ever converted into each other."""

_UNIT_OF = {
    unit: (family, factor) for family, units in FAMILIES.items() for unit, factor in units.items()
}
_NUMBER = re.compile(
    r"(?P<before>[^\d+\-.,\s]{0,3})\s*"
    r"(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*"
    r"(?P<after>[^\d\s,.+\-][^\d\s,.+\-]{0,5}|m2)?"
)
_DATE = re.compile(
    r"(\d{4})\s?[年/.-]\s?(\d{1,2})\s?[月/.-]\s?(\d{1,2})\s?日?"
    r"(?:[ T]?(\d{1,2})[:时](\d{1,2})[:分]?(?:(\d{1,2})秒?)?)?"
)


@dataclass(frozen=True)
class Quantity:
    """One parsed value: the number as written, its unit (``""`` for none) and family."""

    number: float
    unit: str
    family: str
    marked: bool


def parse(text: str) -> Quantity | None:
    """Return the quantity a text says, or None.

    Example:
        >>> parse("1,200 元").number, parse("１２％").unit, parse("room 5")
        (1200.0, '%', None)
    """
    match = _NUMBER.fullmatch(tidy(text))
    if match is None:
        return None
    written = match["number"]
    unit = (match["before"] or match["after"] or "").lower()
    if (match["before"] and match["after"]) or (unit and unit not in _UNIT_OF):
        return None
    digits = written.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
        return None  # "007" is a code, not seven
    family = _UNIT_OF[unit][0] if unit else ""
    return Quantity(float(written.replace(",", "")), unit, family, bool(unit) or "," in written)


def unit_of(texts: Iterable[str], share: float) -> str | None:
    """Return the commonest unit of texts that are quantities of one family, else None.

    Args:
        texts: Values of one column.
        share: Least share of values that must parse.

    Returns:
        The unit in which numbers will be given; ``""`` for grouped numbers without a unit.
        None also when nothing but bare digits was seen: they may be codes.
    """
    units: Counter[str] = Counter()
    families: set[str] = set()
    total = marked = 0
    for text in texts:
        total += 1
        found = parse(text)
        if found is None:
            continue
        units[found.unit] += 1
        marked += found.marked
        if found.family:
            families.add(found.family)
    parsed = sum(units.values())
    if not parsed or parsed < share * total or len(families) > 1 or marked * 2 < parsed:
        return None
    if families == {"share"}:
        return ""  # 12 % is 0.12, and 5 ‰ is 0.005
    named = [(count, unit) for unit, count in units.items() if unit]
    return min(named, key=lambda pair: (-pair[0], pair[1]))[1] if named else ""


def number_in(text: str, unit: str) -> float | None:
    """Return the number a text says, in `unit`; None when it is not such a quantity.

    Example:
        >>> number_in("1.5 万元", "元"), number_in("12%", ""), number_in("n/a", "元")
        (15000.0, 0.12, None)
    """
    found = parse(text)
    if found is None:
        return None
    if not found.unit:
        return found.number
    family, factor = _UNIT_OF[found.unit]
    if unit and _UNIT_OF[unit][0] != family:
        return None
    base = _UNIT_OF[unit][1] if unit else 1.0
    # Multiplying by the rounded ratio keeps 1.5 万元 at exactly 15,000.
    return found.number * factor / base if factor >= base else found.number / (base / factor)


def date_in(text: str) -> datetime | None:
    """Return the date a text says, year first; None when it says none.

    Day-first and month-first forms are left alone: they cannot be told apart safely.

    Example:
        >>> date_in("2024年3月5日 8:30"), date_in("5/3/2024")
        (datetime.datetime(2024, 3, 5, 8, 30), None)
    """
    match = _DATE.fullmatch(tidy(text))
    if match is None:
        return None
    parts = [int(part) for part in match.groups(default="0")]
    try:
        return datetime(*parts)  # type: ignore[arg-type]
    except ValueError:
        return None
