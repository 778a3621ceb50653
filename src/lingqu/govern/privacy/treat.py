"""What is written in place of a value: one writer for each strategy."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Literal, Protocol

import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.privacy.coarse import coarse
from lingqu.govern.privacy.recognise import hidden
from lingqu.govern.privacy.scan import Seen
from lingqu.store.vault import MaskKey

Strategy = Literal["mask", "redact", "hash", "tokenise", "generalise", "drop"]
KEYED = frozenset(("hash", "tokenise"))
"""Strategies that need a key, wherever the release is used."""
NARROW = frozenset(("secret", "url_credentials", "email", "ipv4", "ipv6", "birth_date", "address"))
"""Kinds of which the ends would tell too much: one character stays."""
POSTCODE = re.compile(r"邮编|邮政编码|post.?code|postal|zip", re.IGNORECASE)
BORN = re.compile(r"出生|生日|birth|dob|born", re.IGNORECASE)
RANGES = 10
"""About how many ranges the values of a number are cut into."""


class Write(Protocol):
    """Kind and value → what stands there instead; writing twice changes nothing more."""

    def __call__(self, kind: str, value: str, /) -> str: ...


def writer(strategy: Strategy, key: MaskKey | None, row: Mapping[str, Json]) -> Write:
    """Return the function of a strategy.

    Args:
        strategy: What to do.
        key: For the strategies of `KEYED`.
        row: What was learnt of the column: ``step`` or ``unit`` of numbers and dates.
    """
    if strategy in KEYED and key is not None:
        # Ciphers are imported only where somebody asks for them.
        from lingqu.govern.privacy.tokens import Hasher, Tokeniser

        return Hasher(key) if strategy == "hash" else Tokeniser(key)
    if strategy == "generalise":
        return Ranges(row) if "step" in row else coarse
    return redacted if strategy == "redact" else masked


def masked(kind: str, value: str) -> str:
    """Hide the middle of numbers, and nearly all of what can be guessed from its ends.

    Example:
        >>> masked("mobile", "13912345678"), masked("email", "a.li@example.com")
        ('13*******78', 'a***************')
    """
    if "**" in value:
        return value
    if kind in NARROW or len(value) < 7:
        return value[:1] + "*" * max(2, len(value) - 1)
    return hidden(value)


def redacted(kind: str, value: str) -> str:
    """Write the kind instead of the value."""
    return f"[{kind}]"


class Ranges:
    """A number → the middle of its range, a date → the first day of its month or year.

    The column keeps its kind, so a model can still learn from it, and what is in the middle of a
    range stays there.

    Example:
        >>> Ranges({"step": 10.0}).series(pl.Series([34.0, 41.0, None])).to_list()
        [35.0, 45.0, None]
    """

    def __init__(self, row: Mapping[str, Json]) -> None:
        self._step = row["step"]

    def __call__(self, kind: str, value: str, /) -> str:
        return coarse(kind, value)

    def series(self, series: pl.Series) -> pl.Series:
        """Return a column of numbers or dates, made coarser."""
        if isinstance(self._step, str):
            return series.dt.truncate(self._step)
        step = float(self._step)
        return ((series.cast(pl.Float64) / step).floor() + 0.5) * step


def steps_of(column: Column, series: pl.Series) -> dict[str, Json]:
    """Return the step of a column of numbers or dates: about ten ranges; months, or years of birth.

    Numbers so long that they name somebody have no ranges.
    """
    if column.kind == "datetime":
        return {"step": "1y" if BORN.search(column.name) else "1mo"}
    values = series.cast(pl.Float64, strict=False).drop_nulls().drop_nans()
    spread = float(values.max() or 0) - float(values.min() or 0) if len(values) else 0.0  # type: ignore[arg-type]
    if POSTCODE.search(column.name) or not math.isfinite(spread) or values.abs().max() >= 1e9:  # type: ignore[operator]
        return {}
    return {"step": round_step(spread / RANGES)}


def round_step(width: float) -> float:
    """Return the next width of 1, 2 or 5 times a power of ten.

    Example:
        >>> round_step(7.3), round_step(0.0)
        (10.0, 1.0)
    """
    if width <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(width))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= width)


def column_kind(column: Column, seen: Seen) -> str:
    """Return what the cells of a column are: by what was found in them, else by its name."""
    if POSTCODE.search(column.name):
        return "postcode"
    if seen.kinds and seen.rows >= 0.5 * max(1, seen.cells):
        return max(sorted(seen.kinds), key=lambda kind: seen.kinds[kind])
    if BORN.search(column.name):
        return "birth_date"
    return "personal"
