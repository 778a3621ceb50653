"""Column profiles and details of operators made small: what a page can show, and no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lingqu.core.nouns import Json

FEW = 12
"""Levels, words, files of one list."""
_PLAIN = (
    "rows", "missing", "distinct", "distinct_error", "min", "max", "mean", "std", "skew", "other",
    "blank", "sampled", "corrupt", "different_sizes", "needs", "zeros", "negative", "infinite",
    "whole", "single", "true_share", "days", "unsaid",
)  # fmt: skip
_COUNTS = ("top", "languages", "scripts", "shares", "sizes", "modes", "rates", "channels")
_HIDDEN = ("rows", "missing", "unsaid", "distinct", "blank", "sampled")
"""What may be told of a column whose values may not."""


def small_profile(profile: Mapping[str, Json], hidden: bool = False) -> dict[str, Json]:
    """Return what a card shows of a profile: numbers with six digits, lists cut.

    Example:
        >>> small_profile({"rows": 3, "mean": 1 / 3, "top": {"a": 2}})
        {'rows': 3, 'mean': 0.333333, 'top': {'a': 2}}
    """
    if hidden:
        return {name: profile[name] for name in _HIDDEN if profile.get(name) is not None}
    told: dict[str, Json] = {}
    for name in _PLAIN:
        if profile.get(name) is not None:
            told[name] = rounded(profile[name])
    for name in _COUNTS:
        if isinstance(profile.get(name), Mapping):
            told[name] = _first(profile[name])
    for name in ("histogram", "core"):
        if isinstance(profile.get(name), Mapping):
            told[name] = _histogram(profile[name])
    if isinstance(profile.get("quantiles"), Mapping):
        told["quantiles"] = _first(profile["quantiles"])
    if isinstance(profile.get("frequent"), list):
        told["frequent"] = rounded(profile["frequent"][:FEW])
    for name in ("weekdays", "hours"):
        if isinstance(profile.get(name), list):
            told[name] = profile[name][:24]
    if isinstance(profile.get("variants"), list):
        told["variants"] = [bounded(row) for row in profile["variants"][:3]]
    if isinstance(profile.get("corrupt_samples"), list):
        told["corrupt_samples"] = [_cut(row) for row in profile["corrupt_samples"][:3]]
    if isinstance(profile.get("words"), Mapping):
        told["words"] = _words(profile["words"])
    if isinstance(profile.get("parts"), Mapping):
        parts = list(profile["parts"].items())[:FEW]
        told["parts"] = {n: small_profile(p) for n, p in parts if isinstance(p, Mapping)}
    return told


def _histogram(histogram: Mapping[str, Any]) -> dict[str, Json]:
    counts, edges = histogram.get("counts") or [], histogram.get("edges") or []
    return {"counts": list(counts)[:40], "edges": rounded([edges[0], edges[-1]] if edges else [])}


def _words(words: Mapping[str, Any]) -> dict[str, Json]:
    told = {n: rounded(words[n]) for n in ("per_text", "different", "vocabulary") if n in words}
    frequent = words.get("frequent")
    if isinstance(frequent, list):
        told["frequent"] = frequent[:FEW]
    return told


def _first(counts: Mapping[str, Any]) -> dict[str, Json]:
    return {str(name)[:60]: rounded(n) for name, n in list(counts.items())[:FEW]}


def _cut(row: Any) -> Json:
    if isinstance(row, Mapping):
        return {str(name): str(value)[:160] for name, value in row.items()}
    return str(row)[:160]


def rounded(value: Any) -> Json:
    """Return numbers with six digits that matter, in lists too.

    Example:
        >>> rounded([0.1234567, 12])
        [0.123457, 12]
    """
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return value


def bounded(value: Any, hidden: Collection[str] = (), depth: int = 4, room: int = FEW) -> Json:
    """Return what an operator tells of itself, cut in depth, in width and in what is personal.

    Args:
        value: JSON.
        hidden: Columns whose values may not be told.
        depth: Levels that are followed.
        room: Entries of a list or mapping.

    Example:
        >>> bounded({"values": {"age": 41.0, "tel": "139"}}, ["tel"])
        {'values': {'age': 41.0, 'tel': '***'}}
        >>> bounded([{"column": "tel", "from": "139"}], ["tel"])
        [{'column': 'tel', 'from': '***'}]
    """
    if isinstance(value, Mapping):
        if depth <= 0:
            return {}
        about = value.get("column") in hidden if isinstance(value.get("column"), str) else False
        return {
            str(name): "***"
            if str(name) in hidden or (about and name in ("value", "from", "to"))
            else bounded(part, hidden, depth - 1, room)
            for name, part in list(value.items())[:room]
        }
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [bounded(part, hidden, depth - 1, room) for part in value[:room]] if depth else []
    if isinstance(value, str):
        return value[:200]
    return rounded(value) if isinstance(value, bool | int | float) or value is None else str(value)
