"""The words that people write for "nothing", for yes and for no."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL")
"""Words that mean "no value" in every kind except text."""
MISSING_NUMBER = (*MISSING, "None", "none", "-", "--", "?", ".", "无", "缺失")
"""Words that mean "no value" where a number, a date or a yes/no is expected."""
PAIRS: tuple[tuple[str, str], ...] = (
    ("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("0", "1"), ("off", "on"),
    ("否", "是"), ("假", "真"), ("错", "对"), ("无", "有"), ("0.0", "1.0"),
)  # fmt: skip
"""(false, true) as people write them."""
_FALSE = frozenset(pair[0] for pair in PAIRS)
_TRUE = frozenset(pair[1] for pair in PAIRS)


def absent(text: pl.Expr, words: tuple[str, ...] = MISSING_NUMBER) -> pl.Expr:
    """Tell which cells of a text column say "no value"."""
    return text.is_null() | text.str.strip_chars().is_in(words)


@lru_cache(maxsize=256)
def sides(levels: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words for no and those for yes, in small letters, where a column has its own.

    Example:
        >>> no, yes = sides(("on", "off"))
        >>> "on" in no, "off" in yes, "yes" in yes
        (True, True, True)
    """
    if len(levels) != 2:
        return _FALSE, _TRUE
    low, high = (level.lower() for level in levels)
    return (_FALSE | {low}) - {high}, (_TRUE | {high}) - {low}
