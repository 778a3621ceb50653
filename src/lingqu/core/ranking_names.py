"""Names of the scores of lists, such as ``ndcg@10``: what is counted, and how long a list is."""

from __future__ import annotations

import re

KINDS = ("ndcg", "recall", "hit_rate", "mrr")
"""Scores of a list, the usual one first."""
LONGEST = 100
"""Items of a list, at most."""
USUAL = 10
BESIDE = ("scores", "based_on", "unknown")
"""Columns of an answer beside its list."""
_NAMED = re.compile(r"([a-z_]+)@([1-9][0-9]{0,2})")


def parse(name: str) -> tuple[str, int] | None:
    """Return kind and length of a named score, or None where it is no such name.

    Example:
        >>> parse("ndcg@10"), parse("ndcg"), parse("accuracy@1")
        (('ndcg', 10), None, None)
    """
    found = _NAMED.fullmatch(name)
    if found is None or found[1] not in KINDS or int(found[2]) > LONGEST:
        return None
    return found[1], int(found[2])


def usual(top: int) -> str:
    """Return the score that decides where nobody says.

    Example:
        >>> usual(20), usual(5)
        ('ndcg@10', 'ndcg@5')
    """
    return f"{KINDS[0]}@{min(top, USUAL)}"


def measured(top: int) -> tuple[str, ...]:
    """Return the scores that are measured where lists have `top` items.

    Example:
        >>> measured(20)[:2], len(measured(10))
        (('ndcg@10', 'recall@10'), 4)
    """
    return tuple(name for k in sorted({min(top, USUAL), top}) for name in names(k))


def names(top: int = USUAL) -> tuple[str, ...]:
    """Return the scores of lists of `top` items, the usual one first."""
    return tuple(f"{kind}@{top}" for kind in KINDS)
