"""Quantities that were written as text: "1,200 元", "3.5 kg", "12%", "三千五百米", "98.6 °F"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lingqu.govern.dates import date_in as date_in
from lingqu.govern.numerals import MULTIPLIERS, WORDS, decimal_mark, in_digits, in_words
from lingqu.govern.spelling import tidy

FAMILIES: dict[str, dict[str, float]] = {
    "cny": {"元": 1, "块": 1, "块钱": 1, "圆": 1, "¥": 1, "rmb": 1, "cny": 1, "人民币": 1,
            "角": 0.1, "千元": 1e3, "万元": 1e4, "百万元": 1e6, "亿元": 1e8},
    "usd": {"$": 1, "usd": 1, "us$": 1, "美元": 1, "万美元": 1e4, "亿美元": 1e8},
    "eur": {"€": 1, "eur": 1, "欧元": 1, "万欧元": 1e4},
    "gbp": {"£": 1, "gbp": 1, "英镑": 1},
    "jpy": {"jpy": 1, "日元": 1, "日圆": 1, "円": 1, "万日元": 1e4},
    "hkd": {"hk$": 1, "hkd": 1, "港元": 1, "港币": 1},
    "krw": {"₩": 1, "krw": 1, "韩元": 1},
    "inr": {"₹": 1, "inr": 1, "卢比": 1},
    "rub": {"₽": 1, "rub": 1, "卢布": 1},
    "count": {"个": 1, "人": 1, "次": 1, "件": 1, "台": 1, "名": 1, "位": 1, "套": 1, "万": 1e4,
              "万人": 1e4, "亿": 1e8, "千": 1e3, "k": 1e3},
    "share": {"%": 1e-2, "‰": 1e-3},
    "mass": {"mg": 1e-6, "毫克": 1e-6, "g": 1e-3, "克": 1e-3, "kg": 1, "kgs": 1, "千克": 1,
             "公斤": 1, "斤": 0.5, "市斤": 0.5, "两": 0.05, "t": 1e3, "吨": 1e3, "lb": 0.45359237,
             "lbs": 0.45359237, "磅": 0.45359237, "oz": 0.028349523125, "盎司": 0.028349523125},
    "length": {"nm": 1e-9, "um": 1e-6, "μm": 1e-6, "微米": 1e-6, "mm": 1e-3, "毫米": 1e-3,
               "cm": 1e-2, "厘米": 1e-2, "dm": 0.1, "分米": 0.1, "m": 1, "米": 1, "km": 1e3,
               "公里": 1e3, "千米": 1e3, "里": 500, "尺": 1 / 3, "寸": 1 / 30, "in": 0.0254,
               "inch": 0.0254, "inches": 0.0254, "英寸": 0.0254, "\"": 0.0254, "ft": 0.3048,
               "feet": 0.3048, "foot": 0.3048, "英尺": 0.3048, "yd": 0.9144, "mi": 1609.344,
               "mile": 1609.344, "miles": 1609.344, "英里": 1609.344},
    "area": {"cm2": 1e-4, "m2": 1, "㎡": 1, "平方米": 1, "平米": 1, "平": 1, "亩": 2000 / 3,
             "公顷": 1e4, "ha": 1e4, "km2": 1e6, "平方公里": 1e6, "sqft": 0.09290304},
    "volume": {"ml": 1e-3, "毫升": 1e-3, "cl": 1e-2, "dl": 0.1, "l": 1, "升": 1, "m3": 1e3,
               "立方米": 1e3, "gal": 3.785411784},
    "time": {"ms": 1e-3, "毫秒": 1e-3, "s": 1, "sec": 1, "秒": 1, "min": 60, "mins": 60,
             "分钟": 60, "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
             "小时": 3600, "天": 86400, "days": 86400, "day": 86400, "周": 604800, "week": 604800,
             "weeks": 604800},
    "years": {"岁": 1, "周岁": 1, "年": 1, "years": 1, "year": 1, "yrs": 1},
    "speed": {"m/s": 1, "米/秒": 1, "km/h": 1 / 3.6, "公里/小时": 1 / 3.6, "mph": 0.44704},
    "temperature": {"℃": 1, "°c": 1, "c": 1, "摄氏度": 1, "℉": 5 / 9, "°f": 5 / 9,
                    "华氏度": 5 / 9},
}  # fmt: skip
"""Unit → factor, per family; only units of one family are ever converted into each other, and no
currency into another."""
CURRENCIES = frozenset({"cny", "usd", "eur", "gbp", "jpy", "hkd", "krw", "inr", "rub"})
_FROM: dict[str, float] = {"℉": 32.0, "°f": 32.0, "华氏度": 32.0}
"""What is taken off before the factor, where zero is not zero."""

_UNIT_OF = {
    unit: (family, factor) for family, units in FAMILIES.items() for unit, factor in units.items()
}
_UNIT = r"[^\d\s,.+\-'’][^\d\s,.+\-'’]{0,6}|[ck]?m[23]"
_NUMBER = re.compile(
    r"(?P<before>[^\d+\-.,\s'’]{0,3})\s*"
    r"(?P<number>[+-]?\d+(?:[,.'’ ]\d+)*)\s*"
    rf"(?P<after>{_UNIT})?"
)
_WORDED = re.compile(rf"(?P<number>[{WORDS}\d.]+)\s*(?P<after>{_UNIT})?")


@dataclass(frozen=True)
class Quantity:
    """One parsed value: the number as written, its unit (``""`` for none) and family."""

    number: float
    unit: str
    family: str
    marked: bool


def parse(text: str, decimal: str = ".") -> Quantity | None:
    """Return the quantity a text says, or None.

    Args:
        text: As it was written.
        decimal: The decimal mark of its column, ``.`` or ``,``.

    Example:
        >>> parse("1,200 元").number, parse("１２％").unit, parse("room 5")
        (1200.0, '%', None)
        >>> parse("壹万元整").number
        10000.0
    """
    text = tidy(text)
    match = _NUMBER.fullmatch(text)
    if match is None:
        return _worded(text)
    written = match["number"]
    unit = (match["before"] or match["after"] or "").lower()
    if (match["before"] and match["after"]) or (unit and unit not in _UNIT_OF):
        return _worded(text)
    digits = written.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1] not in ".,":
        return None  # "007" is a code, not seven
    number = in_digits(written, decimal)
    if number is None:
        return None
    family = _UNIT_OF[unit][0] if unit else ""
    grouped = any(mark in written for mark in ",'’ ") or written.count(".") > 1
    return Quantity(number, unit, family, bool(unit) or grouped)


def _worded(text: str) -> Quantity | None:
    """Read a number in Chinese words; "整" and "正" at its end mean that no fen follow."""
    if text[:3] == "百分之":
        number = in_words(text[3:])
        return None if number is None else Quantity(number, "%", "share", True)
    if text[-2:] in ("元整", "元正", "圆整", "圆正"):
        text = text[:-1]
    for stop in range(len(text), 0, -1):  # the longest part that is a number; the rest is a unit
        number = in_words(text[:stop])
        if number is None:
            continue
        unit = text[stop:].strip().lower()
        if unit and unit not in _UNIT_OF:
            continue
        family = _UNIT_OF[unit][0] if unit else ""
        worded = any(char in MULTIPLIERS for char in text[:stop])
        return Quantity(number, unit, family, bool(unit) or worded)
    return None


@dataclass(frozen=True)
class Reading:
    """How the quantities of a column are read.

    Args:
        unit: The unit in which numbers will be given; ``""`` for none.
        decimal: The decimal mark, ``.`` or ``,``.
        families: Number of values per family of units, where there is more than one: currencies
            and other units that cannot be converted into each other.
    """

    unit: str
    decimal: str
    families: dict[str, int]


def reading_of(texts: Iterable[str], share: float) -> Reading | None:
    """Return how a column of quantities is to be read, or None where it is no such column.

    Args:
        texts: Values of one column.
        share: Least share of values that must parse.

    Returns:
        None also when nothing but bare digits was seen: they may be codes.
    """
    values = list(texts)
    numbers = [m["number"] for m in map(_NUMBER.fullmatch, map(tidy, values)) if m]
    decimal = decimal_mark(numbers)
    if not decimal:
        return None
    units: Counter[str] = Counter()
    families: Counter[str] = Counter()
    marked = 0
    for text in values:
        found = parse(text, decimal)
        if found is None:
            continue
        units[found.unit] += 1
        marked += found.marked
        if found.family:
            families[found.family] += 1
    parsed = sum(units.values())
    # A decimal comma says as much as a unit: nobody writes codes with one.
    if not parsed or parsed < share * len(values) or (marked * 2 < parsed and decimal == "."):
        return None
    if len(families) > 1:
        return Reading("", decimal, dict(sorted(families.items())))
    if set(families) == {"share"}:
        return Reading("", decimal, {})  # 12 % is 0.12, and 5 ‰ is 0.005
    named = [(count, unit) for unit, count in units.items() if unit]
    unit = min(named, key=lambda pair: (-pair[0], pair[1]))[1] if named else ""
    return Reading(unit, decimal, {})


def unit_of(texts: Iterable[str], share: float) -> str | None:
    """Return the commonest unit of texts that are quantities of one family, else None.

    Args:
        texts: Values of one column.
        share: Least share of values that must parse.
    """
    found = reading_of(texts, share)
    return None if found is None or found.families else found.unit


def number_in(text: str, unit: str, decimal: str = ".") -> float | None:
    """Return the number a text says, in `unit`; None when it is not such a quantity.

    Example:
        >>> number_in("1.5 万元", "元"), number_in("12%", ""), number_in("n/a", "元")
        (15000.0, 0.12, None)
        >>> round(number_in("98.6 °F", "°c"), 6)
        37.0
    """
    found = parse(text, decimal)
    if found is None:
        return None
    if not found.unit:
        return found.number
    family, factor = _UNIT_OF[found.unit]
    if unit and _UNIT_OF[unit][0] != family:
        return None
    base = _UNIT_OF[unit][1] if unit else 1.0
    number = found.number - _FROM.get(found.unit, 0.0)
    # Multiplying by the rounded ratio keeps 1.5 万元 at exactly 15,000.
    number = number * factor / base if factor >= base else number / (base / factor)
    return number + _FROM.get(unit, 0.0)


def amount_in(text: str, decimal: str = ".") -> tuple[float, str] | None:
    """Return a number in the first unit of its family, and the family; for columns of several.

    Example:
        >>> amount_in("1.5 万元"), amount_in("$20"), amount_in("soon")
        ((15000.0, 'cny'), (20.0, 'usd'), None)
    """
    found = parse(text, decimal)
    if found is None:
        return None
    if not found.unit:
        return found.number, ""
    number = (found.number - _FROM.get(found.unit, 0.0)) * _UNIT_OF[found.unit][1]
    return number, found.family
