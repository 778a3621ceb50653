"""Dates in whatever form they were written: year first, day or month first, with words, Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from lingqu.govern.numerals import in_words
from lingqu.govern.spelling import tidy

_CLOCK = (
    r"(?:[ T,]{0,2}(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})[:分]?"
    r"(?:(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?秒?)?"
    r"\s?(?P<half>[AaPp]\.?[Mm]\.?)?\s?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})\s?[年/.-]\s?(?P<month>\d{1,2})\s?[月/.-]\s?(?P<day>\d{1,2})\s?[日号]?"
    + _CLOCK
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_NUMBERS = re.compile(r"(?P<one>\d{1,2})([/.-])(?P<two>\d{1,2})\2(?P<year>\d{4})" + _CLOCK)
_DAY_WORD = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<word>[A-Za-z]{3,9})\.?,?[ -](?P<year>\d{4})" + _CLOCK
)
_WORD_DAY = re.compile(
    r"(?P<word>[A-Za-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})" + _CLOCK
)
_WORDED = re.compile(
    r"(?P<year>[〇零一二三四五六七八九]{4})年"
    r"(?P<month>[一二三四五六七八九十]{1,3})月"
    r"(?P<day>[一二三四五六七八九十廿卅]{1,3})[日号]"
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


def date_in(text: str, day_first: bool | None = None) -> datetime | None:
    """Return the date a text says; None when it says none. A zone is brought to UTC.

    Args:
        text: As it was written.
        day_first: How ``5/3/2024`` is meant; when None, such a date is left alone.

    Example:
        >>> date_in("2024年3月5日 8:30"), date_in("5/3/2024")
        (datetime.datetime(2024, 3, 5, 8, 30), None)
        >>> date_in("5/3/2024", True) == date_in("March 5th, 2024") == date_in("二〇二四年三月五日")
        True
    """
    text = tidy(text)
    for pattern in (_YEAR_FIRST, _COMPACT, _DAY_WORD, _WORD_DAY):
        match = pattern.fullmatch(text)
        if match is not None:
            return _date(match.groupdict())
    match = _NUMBERS.fullmatch(text)
    if match is not None:
        if day_first is None:
            return None
        parts = match.groupdict()
        day, month = ("one", "two") if day_first else ("two", "one")
        return _date({**parts, "day": parts[day], "month": parts[month]})
    match = _WORDED.fullmatch(text)
    if match is None:
        return None
    said = {key: in_words(value) for key, value in match.groupdict().items()}
    if None in said.values():
        return None
    return _date({key: str(int(value or 0)) for key, value in said.items()})


def _date(parts: dict[str, str | None]) -> datetime | None:
    month = parts.get("month") or str(_month(parts.get("word") or ""))
    hour = int(parts.get("hour") or 0)
    half = (parts.get("half") or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        found = datetime(
            int(parts["year"] or 0),
            int(month),
            int(parts["day"] or 0),
            hour,
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
            int((parts.get("part") or "")[:6].ljust(6, "0")),
        )
    except ValueError:
        return None
    return _in_utc(found, parts.get("zone") or "")


def _in_utc(found: datetime, zone: str) -> datetime | None:
    if zone in ("", "Z"):
        return found
    digits = zone.replace(":", "")
    apart = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    if apart >= timedelta(days=1):
        return None
    there = timezone(apart if digits[0] == "+" else -apart)
    try:
        return found.replace(tzinfo=there).astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None


def _month(word: str) -> int:
    word = word.lower()
    whole = "september" if word == "sept" else word
    near = [i for i, name in enumerate(_MONTHS, 1) if name == whole or name[:3] == whole]
    return near[0] if near else 0


@dataclass(frozen=True)
class Order:
    """What the values of a column say of the order of day and month.

    Args:
        day_first: Values that only a day can begin, such as ``25/3/2024``.
        month_first: Values that only a month can begin.
        open: Values that may be read either way.
        samples: Some of the open ones, as written.
    """

    day_first: int
    month_first: int
    open: int
    samples: tuple[str, ...]

    @property
    def settled(self) -> bool | None:
        """Whether the day comes first; None where the values do not say, or disagree."""
        if bool(self.day_first) == bool(self.month_first):
            return None
        return bool(self.day_first)


def order_of(texts: Iterable[str]) -> Order:
    """Return what the values of a column say of the order of day and month.

    Example:
        >>> order_of(["5/3/2024", "25/3/2024"]).settled, order_of(["5/3/2024"]).open
        (True, 1)
    """
    day = month = either = 0
    samples: list[str] = []
    for text in texts:
        match = _NUMBERS.fullmatch(tidy(text))
        if match is None:
            continue
        one, two = int(match["one"]), int(match["two"])
        if one > 12 >= two:
            day += 1
        elif two > 12 >= one:
            month += 1
        elif one != two and max(one, two) <= 12:
            either += 1
            samples.append(text)
    return Order(day, month, either, tuple(samples[:5]))
