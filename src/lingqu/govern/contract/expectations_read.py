"""Suites of Great Expectations (GX 1.x JSON) as contracts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.govern.contract.exchange import Imported, imported

Kwargs = dict[str, Json]


def from_suite(suite: Mapping[str, Json]) -> Imported:
    """Return the rules of an expectation suite.

    Args:
        suite: What ``ExpectationSuite.to_json_dict`` of GX 1.x returns, or the JSON it saved.

    Raises:
        SpecError: It is no such suite.

    Example:
        >>> suite = {"name": "people", "expectations": [
        ...     {"type": "expect_column_values_to_be_in_set", "severity": "warning",
        ...      "kwargs": {"column": "sex", "value_set": ["f", "m"], "mostly": 0.99}}]}
        >>> [rule.to_json()["mostly"] for rule in from_suite(suite).rules]
        [0.99]

    Source: Great Expectations documentation, "Expectation Gallery" (GX 1.x).
    """
    listed = suite.get("expectations") if isinstance(suite, Mapping) else None
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise SpecError(
            "contract.not_a_suite", problem="no list of expectations", received=repr(suite)[:60]
        )
    rows: list[Json] = []
    left_out: list[str] = []
    for one in listed:
        if not isinstance(one, Mapping) or not isinstance(one.get("kwargs"), Mapping):
            raise SpecError("contract.not_a_suite", problem="kwargs", received=repr(one)[:60])
        kind = str(one.get("type", "")).removeprefix("expect_")
        kwargs = {k: v for k, v in one["kwargs"].items() if v is not None}
        found = _read(kind, kwargs)
        if found is None:
            left_out.append(f"{one.get('type')} {dict(one['kwargs'])}")
            continue
        severity = {} if one.get("severity", "critical") == "critical" else {"severity": "warn"}
        mostly = {"mostly": kwargs["mostly"]} if kwargs.get("mostly", 1) != 1 else {}
        known = (one.get("meta") or {}).get("lingqu", {})
        rows.append({**found, **severity, **mostly, **{k: known[k] for k in ("id",) if k in known}})
    return imported(rows, left_out)


_IGNORED = frozenset({"column", "mostly", "batch_id", "ignore_row_if", "result_format"})


def _read(kind: str, kwargs: Kwargs) -> Json | None:
    """Return the rule that an expectation stands for, or None where a part would be lost."""
    if kind not in _READ:
        return None
    needed, make = _READ[kind]
    if set(kwargs) - _IGNORED - set(needed) or len(_strict(kwargs)) > 1:
        return None
    try:
        rule, body = make(kwargs)
    except (KeyError, TypeError, ValueError):
        return None
    if "column" in kwargs:
        body = {"column": kwargs["column"], **body}
    return {rule: body}


def _strict(kwargs: Kwargs) -> set[bool]:
    """Return whether the limits that are there are exclusive: one answer for both, or two."""
    return {bool(kwargs.get(f"strict_{end}")) for end in ("min", "max") if f"{end}_value" in kwargs}


def _both(kwargs: Kwargs) -> Kwargs:
    pairs = {"min": kwargs.get("min_value"), "max": kwargs.get("max_value")}
    found = {name: value for name, value in pairs.items() if value is not None}
    return {**found, "exclusive": True} if True in _strict(kwargs) else found


def _between(limits: Kwargs) -> tuple[str, Kwargs]:
    """Tell limits of dates, which are texts, from limits of numbers."""
    dates = {k: v.removesuffix("T00:00:00") for k, v in limits.items() if isinstance(v, str)}
    return ("date_range", limits | dates) if dates else ("range", limits)


def _ordered(kwargs: Kwargs) -> tuple[str, Kwargs]:
    sign = ">=" if kwargs.get("or_equal") else ">"
    return "compare", {"left": kwargs["column_A"], "is": sign, "right": kwargs["column_B"]}


def _quantiles(kwargs: Kwargs) -> tuple[str, Kwargs]:
    [at], [[low, high]] = (kwargs["quantile_ranges"][k] for k in ("quantiles", "value_ranges"))
    return "quantile", {"at": at, **_both({"min_value": low, "max_value": high})}


_BETWEEN = ("min_value", "max_value", "strict_min", "strict_max")
_ENDS = ("min_value", "max_value")
_READ: dict[str, tuple[tuple[str, ...], Callable[[Kwargs], tuple[str, Kwargs]]]] = {
    "column_values_to_not_be_null": ((), lambda k: ("not_null", {})),
    "column_values_to_be_unique": ((), lambda k: ("unique", {})),
    "column_values_to_be_between": (_BETWEEN, lambda k: _between(_both(k))),
    "column_values_to_be_in_set": (
        ("value_set",), lambda k: ("levels", {"allowed": list(k["value_set"])})),
    "column_values_to_not_be_in_set": (
        ("value_set",), lambda k: ("forbidden", {"values": list(k["value_set"])})),
    "column_values_to_match_regex": (("regex",), lambda k: ("regex", {"pattern": k["regex"]})),
    "column_values_to_not_match_regex": (
        ("regex",), lambda k: ("regex", {"pattern": k["regex"], "absent": True})),
    "column_value_lengths_to_be_between": (_ENDS, lambda k: ("length", _both(k))),
    "column_value_lengths_to_equal": (
        ("value",), lambda k: ("length", {"min": k["value"], "max": k["value"]})),
    "column_value_z_scores_to_be_less_than": (
        ("threshold", "double_sided"),
        lambda k: ("no_outliers", {"method": "z", "limit": k["threshold"]})),
    "column_pair_values_a_to_be_greater_than_b": (("column_A", "column_B", "or_equal"), _ordered),
    "column_pair_values_to_be_equal": (
        ("column_A", "column_B"),
        lambda k: ("compare", {"left": k["column_A"], "is": "==", "right": k["column_B"]})),
    "select_column_values_to_be_unique_within_record": (
        ("column_list",), lambda k: ("differ", {"columns": k["column_list"]})),
    "multicolumn_sum_to_equal": (
        ("column_list", "sum_total"),
        lambda k: ("sum_of", {"columns": k["column_list"], "equals": k["sum_total"]})),
    "compound_columns_to_be_unique": (
        ("column_list",), lambda k: ("key", {"columns": k["column_list"]})),
    "column_to_exist": ((), lambda k: ("columns", {"columns": [k.pop("column")]})),
    "table_columns_to_match_set": (
        ("column_set", "exact_match"),
        lambda k: ("columns", {"columns": k["column_set"], "exactly": k.get("exact_match", True)})),
    "table_columns_to_match_ordered_list": (
        ("column_list",),
        lambda k: ("columns", {"columns": k["column_list"], "exactly": True, "ordered": True})),
    "table_row_count_to_be_between": (_ENDS, lambda k: ("row_count", _both(k))),
    "table_row_count_to_equal": (
        ("value",), lambda k: ("row_count", {"min": k["value"], "max": k["value"]})),
    "column_unique_value_count_to_be_between": (_ENDS, lambda k: ("distinct", _both(k))),
    "column_mean_to_be_between": (_ENDS, lambda k: ("mean", _both(k))),
    "column_median_to_be_between": (_ENDS, lambda k: ("median", _both(k))),
    "column_stdev_to_be_between": (_ENDS, lambda k: ("std", _both(k))),
    "column_sum_to_be_between": (_ENDS, lambda k: ("sum", _both(k))),
    "column_min_to_be_between": (_ENDS, lambda k: ("quantile", {"at": 0, **_both(k)})),
    "column_max_to_be_between": (_ENDS, lambda k: ("quantile", {"at": 1, **_both(k)})),
    "column_quantile_values_to_be_between": (("quantile_ranges",), _quantiles),
}  # fmt: skip
"""Expectation → the kwargs that are understood, and the rule that they make."""
