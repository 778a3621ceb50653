"""Quantities as people write them: durations, sizes, quotas, shares.

A size in MB is 10⁶ bytes, as drives and networks count; MiB is 2²⁰.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
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
_QUOTA = re.compile(r"(\d{1,15})\s*/\s*([A-Za-z]+)", re.ASCII)


@dataclass(frozen=True)
class Quota:
    """So many calls per period.

    Args:
        limit: Calls allowed in one period, ≥ 1.
        per_s: Length of the period in seconds.
        unit: The period as written: ``s``, ``min``, ``h`` or ``d``.

    Example:
        >>> parse_quota("600/min")
        Quota(limit=600, per_s=60.0, unit='min')
    """

    limit: int
    per_s: float
    unit: str

    def __str__(self) -> str:
        return f"{self.limit}/{self.unit}"


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


def parse_quota(text: str) -> Quota:
    """Return the quota that ``"600/min"`` means.

    Raises:
        SpecError: Not ``<whole number>/<s, min, h or d>``, or zero.
    """
    found = _QUOTA.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None or found[2] not in ("s", "min", "h", "d") or int(found[1]) < 1:
        raise SpecError("core.bad_unit", value=text, expected="/s, /min, /h, /d")
    return Quota(int(found[1]), SECONDS[found[2]], found[2])


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
