"""Quantities as people write them: durations, sizes, quotas, shares.

A size in MB is 10⁶ bytes, as drives and networks count; MiB is 2²⁰.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lingqu.core.errors import SpecError

SECONDS: Mapping[str, float] = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
"""Unit of time → seconds."""
BYTES: Mapping[str, int] = {
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
"""Unit of size → bytes. Read without regard to case."""

_BYTES_FOLDED = {unit.lower(): factor for unit, factor in BYTES.items()}
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*|%)", re.ASCII)
_QUOTA = re.compile(
    r"(\d+(?:\.\d+)?(?:[eE]\+?\d{1,2})?)\s*([a-z]+|[A-Z]{3})?\s*/\s*([a-z]+)", re.ASCII
)
_MEASURES = {"request": "requests", "call": "requests", "row": "rows", "token": "tokens"}
_PERIODS = {
    **{unit: unit for unit in ("s", "min", "h", "d", "month")},
    **{"second": "s", "minute": "min", "hour": "h", "day": "d"},
}


@dataclass(frozen=True)
class Quota:
    """So much of one measure per period.

    Args:
        limit: What one period holds, > 0; whole, but for money.
        unit: The period: ``s``, ``min``, ``h``, ``d`` or ``month``, by the calendar in UTC.
        measure: ``requests``, ``rows``, ``tokens`` or ``money``.
        currency: Three letters, for money.

    Example:
        >>> str(parse_quotas("50 EUR/month")[0])
        '50 EUR/month'
    """

    limit: float
    unit: str
    measure: str = "requests"
    currency: str = ""

    def __str__(self) -> str:
        what = self.currency or ("" if self.measure == "requests" else self.measure)
        limit = number_text(self.limit)
        return f"{limit} {what}/{self.unit}" if what else f"{limit}/{self.unit}"


def period(unit: str, at: float) -> tuple[int, int]:
    """Return when the period of a quota that holds a moment began, and when it ends.

    Args:
        unit: As in `Quota`.
        at: Unix seconds.

    Example:
        >>> period("min", 90.5), period("month", 0.0)
        ((60, 120), (0, 2678400))
    """
    if unit != "month":
        length = int(SECONDS[unit])
        start = int(at // length) * length
        return start, start + length
    month = datetime.fromtimestamp(at, UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    after = (month + timedelta(days=32)).replace(day=1)
    return int(month.timestamp()), int(after.timestamp())


def seconds(value: str | int | float) -> float:
    """Return a duration in seconds; a bare number is seconds already.

    Raises:
        SpecError: Not a duration, negative, or not finite.

    Example:
        >>> seconds("5 min"), seconds("250ms"), seconds(300)
        (300.0, 0.25, 300.0)
    """
    expected = "s, min, h, d, ms"
    number, unit = _split(value, expected)
    factor = SECONDS.get(unit) if unit else 1.0
    if factor is None or number < 0:
        raise SpecError("core.bad_unit", value=value, expected=expected)
    return _finite(number * factor, value, expected)


def bytes_of(value: str | int) -> int:
    """Return a size in bytes; a bare number is bytes already.

    Raises:
        SpecError: Not a size, or negative.

    Example:
        >>> bytes_of("20 MB"), bytes_of("1 KiB"), bytes_of(512)
        (20000000, 1024, 512)
    """
    expected = "B, kB, MB, GB, TB, KiB, MiB, GiB, TiB"
    number, unit = _split(value, expected)
    factor = _BYTES_FOLDED.get(unit.lower()) if unit else 1
    if factor is None or number < 0:
        raise SpecError("core.bad_unit", value=value, expected=expected)
    return round(_finite(number * factor, value, expected))


def share(value: str | int | float) -> float:
    """Return a part of a whole, between 0 and 1.

    Raises:
        SpecError: Not a number or percentage, or outside 0 … 1 (0 % … 100 %).

    Example:
        >>> share("10%"), share(0.25)
        (0.1, 0.25)
    """
    expected = "%, 0 … 1"
    number, unit = _split(value, expected)
    if unit not in ("", "%"):
        raise SpecError("core.bad_unit", value=value, expected=expected)
    part = number / 100 if unit else number
    if not 0 <= part <= 1:
        raise SpecError("core.bad_amount", value=value, expected="0 … 1, 0% … 100%")
    return part


def parse_quotas(text: str) -> tuple[Quota, ...]:
    """Return the limits that ``"600/min, 20000 rows/day"`` means, all of which hold.

    Args:
        text: ``<number> [requests, rows, tokens or a currency]/<s, min, h, d or month>``, several
            with commas between them.

    Raises:
        SpecError: It cannot be read, a limit is not above zero, two are of the same measure and
            period, or money is counted in two currencies.

    Example:
        >>> [str(quota) for quota in parse_quotas("600/min, 1e6 tokens/month")]
        ['600/min', '1000000 tokens/month']
    """
    parts = text.split(",") if isinstance(text, str) else []
    quotas = tuple(_quota_of(part, text) for part in parts)
    kinds = {(quota.measure, quota.unit) for quota in quotas}
    currencies = {quota.currency for quota in quotas} - {""}
    if not quotas or len(kinds) < len(quotas) or len(currencies) > 1:
        raise SpecError("core.bad_quota", value=text)
    return quotas


def quotas_text(quotas: Iterable[Quota]) -> str:
    """Return the shortest way to write limits, so that `parse_quotas` reads it back."""
    return ", ".join(map(str, quotas))


def _quota_of(part: str, text: str) -> Quota:
    found = _QUOTA.fullmatch(part.strip())
    unit = _PERIODS.get(found[3]) if found else None
    if found is None or unit is None:
        raise SpecError("core.bad_quota", value=text)
    limit, what = float(found[1]), found[2] or "request"
    measure = _MEASURES.get(what.removesuffix("s"), "money" if what.isupper() else "")
    if not measure or not 0 < limit < 1e15 or (measure != "money" and limit != int(limit)):
        raise SpecError("core.bad_quota", value=text)
    return Quota(limit, unit, measure, what if measure == "money" else "")


def duration_text(value_s: float) -> str:
    """Return the shortest way to write a duration, so that `seconds` reads it back.

    Example:
        >>> duration_text(300.0), duration_text(90.0), duration_text(0.25)
        ('5 min', '90 s', '250 ms')
    """
    for unit in ("d", "h", "min"):
        count = value_s / SECONDS[unit]
        if value_s and count == int(count):
            return f"{int(count)} {unit}"
    milli = round(value_s * 1000)
    if 0 < value_s < 1 and milli * SECONDS["ms"] == value_s:
        return f"{milli} ms"
    return f"{number_text(value_s)} s"


def bytes_text(size: int) -> str:
    """Return the shortest way to write a size, so that `bytes_of` reads it back.

    Example:
        >>> bytes_text(2_000_000_000), bytes_text(1536)
        ('2 GB', '1536 B')
    """
    for unit in ("TB", "TiB", "GB", "GiB", "MB", "MiB", "kB", "KiB"):
        if size and size % BYTES[unit] == 0:
            return f"{size // BYTES[unit]} {unit}"
    return f"{size} B"


def number_text(value: float) -> str:
    """Return a number without a needless ``.0``.

    Example:
        >>> number_text(5.0), number_text(0.05)
        ('5', '0.05')
    """
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _split(value: Any, expected: str) -> tuple[float, str]:
    """Return number and unit as written; the unit is ``""`` for a bare number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return _finite(float(value), value, expected), ""
        except OverflowError:
            raise SpecError("core.bad_unit", value=value, expected=expected) from None
    found = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise SpecError("core.bad_unit", value=value, expected=expected)
    return _finite(float(found[1]), value, expected), found[2]


def _finite(number: float, value: Any, expected: str) -> float:
    if not math.isfinite(number):
        raise SpecError("core.bad_unit", value=value, expected=expected)
    return number
