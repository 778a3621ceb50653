"""Rules that no table can keep together: refused before a row is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NoReturn

import polars as pl

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.core.phrases import Phrase
from lingqu.govern.contract.evaluate import evaluate
from lingqu.govern.contract.rule import Rule

Facts = Mapping[str, Json]
_INFINITE = float("inf")
_CENTRES = ("mean", "median", "quantile")
"""Statistics that lie between the smallest and the largest value."""
_NUMERIC = frozenset(
    {"positive", "finite", "whole", "multiple_of", "no_outliers", "std", "sum", "max_step",
     *_CENTRES}
)  # fmt: skip
_NOT_NUMBERS = ("text", "boolean", "date")
_ORDERS = {
    "<": {-1},
    "<=": {-1, 0},
    "==": {0},
    ">=": {0, 1},
    ">": {1},
    "!=": {-1, 1},
}
_JUDGED_BY_VALUE = frozenset(
    {"range", "date_range", "positive", "finite", "whole", "multiple_of", "forbidden", "regex",
     "starts_with", "ends_with", "contains", "format", "length", "type", "not_blank", "levels"}
)  # fmt: skip
"""Rules that can be asked of the allowed values themselves."""


def refuse_contradictions(rules: Sequence[Rule]) -> None:
    """Refuse two rules that cannot both be kept.

    Why: such a contract fails on every table, and each failure looks like the fault of the data.

    Raises:
        SpecError: Names both rules, where they stand, and what they say.

    Example:
        >>> low, high = (Rule("range", ("age",), {key: 18}, id=key) for key in ("min", "max"))
        >>> refuse_contradictions([low, high])
        >>> zero = Rule("range", ("age",), {"max": 0}, id="none")
        >>> try:
        ...     refuse_contradictions([low, zero])
        ... except SpecError as error:
        ...     print(error.facts["first"], error.facts["second"])
        min none

    Source: Own; after constraint consistency in Fan and Geerts, Foundations of Data Quality
        Management (2012), chapter 2.
    """
    strict = [rule for rule in rules if rule.mostly == 1]
    for one, other, reason, facts in _contradictions(strict):
        _refuse(one, other, reason, facts)
    listing = [rule for rule in strict if rule.kind == "levels"]
    for levels in listing:
        _check_levels(levels, strict)
    _check_counts(strict)


def _refuse(one: Rule, other: Rule, reason: str, facts: Facts) -> NoReturn:
    raise SpecError(
        "contract.contradiction",
        first=one.id,
        first_where=one.where,
        second=other.id,
        second_where=other.where,
        reason=Phrase(f"contract.{reason}", facts),
    )


def _contradictions(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule, str, Facts]]:
    """Yield two rules that cannot both be kept, and why."""
    for exact in rules:
        if exact.kind == "columns" and exact.options.get("exactly"):
            for other in rules:
                strange = [name for name in other.columns if name not in exact.columns]
                if strange and other.kind != "columns":
                    yield exact, other, "against_columns", {"column": strange[0]}
    alike: dict[frozenset[str], list[Rule]] = defaultdict(list)
    for rule in rules:
        alike[frozenset(rule.columns)].append(rule)
    for group in alike.values():
        for one, other in combinations(group, 2):
            if one.kind == other.kind == "compare":
                yield from ((one, other, *found) for found in _orders(one, other))
            elif one.columns == other.columns:
                yield from ((one, other, *found) for found in _intervals(one, other))
                yield from ((one, other, *found) for found in _unlike(one, other))
                yield from ((other, one, *found) for found in _unlike(other, one))


def _orders(one: Rule, other: Rule) -> Iterator[tuple[str, Facts]]:
    first, second = (_ORDERS[rule.options["is"]] for rule in (one, other))
    if one.columns != other.columns:
        second = {-sign for sign in second}
    if not first & second:
        yield "against_order", {}


def _intervals(one: Rule, other: Rule) -> Iterator[tuple[str, Facts]]:
    first, second = _interval(one), _interval(other)
    if first is None or second is None or first[0] != second[0]:
        return
    if one.kind == other.kind == "quantile" and one.options["at"] != other.options["at"]:
        return
    if one.kind != other.kind and {one.kind, other.kind} <= set(_CENTRES):
        return
    low, high = max(first[1], second[1]), min(first[2], second[2])
    if low > high:
        yield "against_limits", {"low": low, "high": high}


def _interval(rule: Rule) -> tuple[str, Any, Any] | None:
    """Return what a rule limits, and the interval that it allows; dates are ISO text."""
    low, high = rule.options.get("min"), rule.options.get("max")
    if rule.kind == "positive":
        return "value", 0, _INFINITE
    if rule.kind in ("range", "date_range", *_CENTRES):
        if isinstance(low if low is not None else high, str):
            return "date", low or "", high or "~"
        return "value", -_INFINITE if low is None else low, _INFINITE if high is None else high
    if rule.kind in ("length", "size", "distinct", "row_count", "std", "sum", "age_range"):
        return rule.kind, -_INFINITE if low is None else low, _INFINITE if high is None else high
    return None


def _unlike(one: Rule, other: Rule) -> Iterator[tuple[str, Facts]]:
    """Yield the contradictions of two kinds that are asked one way round."""
    asked = _UNLIKE.get((one.kind, other.kind))
    if asked is not None and (facts := asked(one, other)):
        yield _REASONS[one.kind, other.kind], facts
    if one.kind == "type" and one.options["is"] in _NOT_NUMBERS and other.kind in _NUMERIC:
        yield "against_type", {"type": one.options["is"]}


def _forbidden(levels: Rule, other: Rule) -> Facts:
    both = [v for v in levels.options["allowed"] if v in other.options["values"]]
    return {"value": both[0]} if both else {}


def _missing(one: Rule, other: Rule) -> Facts:
    # A warning at the first gap and a stop at many is a plan; the other way round is not.
    sooner = one.severity == "warn" and other.severity == "block"
    share = other.options["share"]
    return {"share": share} if share > 0 and not sooner else {}


def _repeated(one: Rule, other: Rule) -> Facts:
    rows = other.options.get("rows", other.options.get("min", 0))
    return {"rows": rows} if rows > 1 else {}


def _shared(one: Rule, other: Rule) -> Facts:
    most = _most_distinct(other)
    return {"levels": most} if most is not None and one.options["share"] * most < 1 else {}


def _too_few(one: Rule, other: Rule) -> Facts:
    return {"levels": _count(other)} if one.options.get("min", 0) > _count(other) else {}


def _other_type(one: Rule, other: Rule) -> Facts:
    types = {one.options["is"], other.options["is"]}
    return {"type": one.options["is"]} if len(types) > 1 and types != {"number", "integer"} else {}


_UNLIKE: dict[tuple[str, str], Callable[[Rule, Rule], Facts]] = {
    ("levels", "forbidden"): _forbidden,
    ("not_null", "max_missing"): _missing,
    ("unique", "min_per_level"): _repeated,
    ("unique", "count_per_group"): _repeated,
    ("max_share", "distinct"): _shared,
    ("max_share", "levels"): _shared,
    ("distinct", "levels"): _too_few,
    ("type", "type"): _other_type,
}
"""Two kinds → what makes them contradict, empty where nothing does."""
_REASONS = {
    ("levels", "forbidden"): "against_forbidden",
    ("not_null", "max_missing"): "against_missing",
    ("unique", "min_per_level"): "against_unique",
    ("unique", "count_per_group"): "against_unique",
    ("max_share", "distinct"): "against_share",
    ("max_share", "levels"): "against_share",
    ("distinct", "levels"): "against_distinct",
    ("type", "type"): "against_type",
}


def _count(levels: Rule) -> int:
    return len(set(map(str, levels.options["allowed"])))


def _check_levels(levels: Rule, rules: Sequence[Rule]) -> None:
    """Ask the other rules of the column about the allowed values: one must be possible."""
    others = [
        rule
        for rule in rules
        if rule.kind in _JUDGED_BY_VALUE and rule.columns == levels.columns and rule is not levels
    ]
    if not others:
        return
    values = levels.options["allowed"]
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    column = pl.Series(levels.columns[0], [float(v) if numbers else str(v) for v in values])
    for other, result in zip(others, evaluate(column.to_frame(), others), strict=True):
        if result.verdict != "unknown" and result.failures == len(values):
            _refuse(levels, other, "against_levels", {})


def _check_counts(rules: Sequence[Rule]) -> None:
    """Refuse more rows than there may be distinct values, where each must be another one."""
    rows = [rule for rule in rules if rule.kind == "row_count" and "min" in rule.options]
    filled = {rule.columns for rule in rules if rule.kind == "not_null"}
    unique = [rule for rule in rules if rule.kind == "unique" and rule.columns in filled]
    for rule in rules:
        for count in rows:
            most = _most_distinct(rule)
            same = [u for u in unique if u.columns == rule.columns]
            if most is not None and same and count.options["min"] > most:
                _refuse(same[0], rule, "against_rows", {"rows": count.options["min"]})
        if rule.kind == "distinct":
            for count in (r for r in rules if r.kind == "row_count" and "max" in r.options):
                if rule.options.get("min", 0) > count.options["max"]:
                    _refuse(rule, count, "against_rows", {"rows": count.options["max"]})


def _most_distinct(rule: Rule) -> int | None:
    if rule.kind == "levels":
        return _count(rule)
    return rule.options.get("max") if rule.kind == "distinct" else None
