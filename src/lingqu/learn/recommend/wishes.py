"""What is tried when a channel names no recommender, with which options, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from lingqu.core.nouns import Json

_LONG = 10.0
"""Seconds of a budget from which learners that go over the rows many times are tried."""
_NET = 60.0
"""Seconds of a budget from which a net is tried."""
_EASE, _DEAR = 5_000, 2_000
"""Items up to which ease is tried, and up to which several of its penalties are."""


def wishes_of(
    items: int, timed: bool, weighed: bool, budget_s: float
) -> list[tuple[str, dict[str, Json]]]:
    """Return names and options, the cheapest first.

    Args:
        items: Items of the catalogue.
        timed: Whether a column of times is declared.
        weighed: Whether a column says how much was taken.
        budget_s: Wall seconds for everything.

    Example:
        >>> [name for name, _ in wishes_of(10_000, False, False, 2.0)]
        ['popularity', 'item_knn', 'item_knn']
    """
    found: list[tuple[str, Mapping[str, Json]]] = [("popularity", {})]
    found += [("popularity", {"half_life": 0.1})] if timed else []
    found += [("item_knn", {}), ("item_knn", {"weighting": "bm25", "neighbours": 50,
                                              "shrinkage": 0.0})]  # fmt: skip
    if items <= _EASE:
        penalties = (100.0, 300.0, 1000.0) if items <= _DEAR else (300.0,)
        found += [("ease", {"penalty": penalty}) for penalty in penalties]
        found += [("ease", {"strengths": True})] if weighed else []
    if budget_s >= _LONG:
        found += [("als", {}), ("als", {"confidence": 5.0}), ("bpr", {})]
    if budget_s >= _NET and find_spec("torch") is not None:
        found.append(("two_tower", {}))
    return [(name, dict(options)) for name, options in found]
