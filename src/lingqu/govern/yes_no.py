"""Words for yes and no in one column: Y, yes, 是, √, true …"""

from __future__ import annotations

from collections.abc import Iterable

from lingqu.govern.spelling import tidy

YES = frozenset(
    {"yes", "y", "true", "t", "on", "1", "1.0", "是", "真", "对", "有", "√", "✓", "✔", "☑"}
)
NO = frozenset(
    {
        "no",
        "n",
        "false",
        "f",
        "off",
        "0",
        "0.0",
        "否",
        "不是",
        "假",
        "错",
        "没有",
        "×",
        "✗",
        "✘",
        "☐",
    }
)


def yes_in(text: str) -> bool | None:
    """Return what a word for yes or no says, None for any other text.

    Example:
        >>> yes_in(" Ｙes"), yes_in("否"), yes_in("maybe")
        (True, False, None)
    """
    word = tidy(text).casefold()
    return True if word in YES else False if word in NO else None


def mixed_yes_no(texts: Iterable[str], share: float) -> bool:
    """Say whether a column holds yes and no, each value in more than one spelling or the other.

    A column with one word for each is left alone: it is a category that needs no repair.

    Args:
        texts: Distinct values of one column.
        share: Least share of them that must be such words.
    """
    words = [tidy(text).casefold() for text in texts]
    said = [word for word in words if word in YES or word in NO]
    kinds = {word in YES for word in said}
    return len(kinds) == 2 and len(set(said)) > 2 and len(said) >= share * len(words)
