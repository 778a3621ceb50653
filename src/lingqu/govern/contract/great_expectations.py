"""Contracts as suites of Great Expectations (GX 1.x).

Only the JSON is written and read (`from_suite`): Great Expectations need not be installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from lingqu.core.nouns import Json
from lingqu.govern.contract.expectations_read import from_suite
from lingqu.govern.contract.formats import FORMATS
from lingqu.govern.contract.forms import FORMS
from lingqu.govern.contract.rule import Rule

__all__ = ["from_suite", "to_suite"]

Kwargs = dict[str, Json]
Said = tuple[str, Kwargs]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SEVERITY = {"block": "critical", "warn": "warning"}
_EITHER = {"ignore_row_if": "either_value_is_missing"}
_ANY = {"ignore_row_if": "any_value_is_missing"}


def to_suite(rules: Sequence[Rule], name: str) -> dict[str, Json]:
    """Return an expectation suite, as ``ExpectationSuite.to_json_dict`` of GX 1.x would.

    Args:
        rules: From `parse`, `draft` or `read_contract`.
        name: Name of the suite.

    Returns:
        JSON. ``meta["lingqu"]["left_out"]`` holds the rules that have no counterpart there, whole:
        nothing is dropped silently.

    Example:
        >>> from lingqu.govern.contract.rules import parse
        >>> suite = to_suite(parse([{"not_null": "age"}, {"expression": "age > 3"}]), "people")
        >>> suite["expectations"][0]["type"], len(suite["meta"]["lingqu"]["left_out"])
        ('expect_column_values_to_not_be_null', 1)

    Source: Great Expectations documentation, "Expectation Gallery" and "ExpectationSuite" (GX 1.x).
    """
    expectations: list[Json] = []
    left_out: list[Json] = []
    for rule in rules:
        said = list(_said(rule))
        if not said:
            left_out.append(rule.to_json())
        expectations += [_expectation(rule, kind, kwargs) for kind, kwargs in said]
    return {
        "name": name,
        "expectations": expectations,
        "meta": {"lingqu": {"left_out": left_out}},
        "notes": None,
    }


def _expectation(rule: Rule, kind: str, kwargs: Kwargs) -> dict[str, Json]:
    told: dict[str, Json] = {"id": rule.id}
    if rule.reason:
        told |= {"reason": rule.reason, "reason_zh": rule.reason_zh}
    mostly = {"mostly": rule.mostly} if rule.mostly != 1 else {}
    return {
        "type": f"expect_{kind}",
        "kwargs": {**kwargs, **mostly},
        "meta": {"lingqu": told},
        "severity": _SEVERITY[rule.severity],
    }


def _said(rule: Rule) -> Iterator[Said]:
    """Yield the expectations that together say what a rule says."""
    about = {"column": rule.columns[0]} if FORMS[rule.kind].shape == "column" else {}
    for kind, kwargs in _WRITE[rule.kind](rule) if rule.kind in _WRITE else ():
        yield kind, {**about, **kwargs}


def _limits(rule: Rule) -> Kwargs:
    exclusive = rule.options.get("exclusive", False)
    found: Kwargs = {}
    for end in ("min", "max"):
        if rule.options.get(end) is not None:
            found[f"{end}_value"] = rule.options[end]
            if exclusive:
                found[f"strict_{end}"] = True
    return found


def _range(rule: Rule) -> list[Said]:
    return [("column_values_to_be_between", _limits(rule))]


def _dates(rule: Rule) -> list[Said]:
    """Say days as moments: a bare day would be compared as a date, which no timestamp can be."""
    ends = _limits(rule).items()
    moments = {name: f"{end}T00:00:00" if _DAY.fullmatch(str(end)) else end for name, end in ends}
    return [("column_values_to_be_between", moments)]


def _positive(rule: Rule) -> list[Said]:
    strict = {} if rule.options.get("zero") else {"strict_min": True}
    return [("column_values_to_be_between", {"min_value": 0, **strict})]


def _regex(rule: Rule) -> list[Said]:
    absent = "not_" if rule.options.get("absent") else ""
    return [(f"column_values_to_{absent}match_regex", {"regex": rule.options["pattern"]})]


def _affix(before: str, after: str) -> Callable[[Rule], list[Said]]:
    def make(rule: Rule) -> list[Said]:
        given = rule.options["any"]
        parts = [given] if isinstance(given, str) else given
        pattern = f"{before}(?:{'|'.join(re.escape(part) for part in parts)}){after}"
        absent = "not_" if rule.options.get("absent") else ""
        return [(f"column_values_to_{absent}match_regex", {"regex": pattern})]

    return make


def _format(rule: Rule) -> list[Said]:
    form = FORMATS.get(rule.options["is"])
    if form is None or form.check is not None:  # a checksum is more than a pattern
        return []
    return [("column_values_to_match_regex", {"regex": f"^(?:{form.pattern})$"})]


def _compare(rule: Rule) -> list[Said]:
    (left, right), sign = rule.columns, rule.options["is"]
    if sign == "==":
        equal: Kwargs = {"column_A": left, "column_B": right, **_EITHER}
        return [("column_pair_values_to_be_equal", equal)]
    if sign == "!=":
        both = {"column_list": [left, right], **_ANY}
        return [("select_column_values_to_be_unique_within_record", both)]
    if sign in ("<", "<="):
        left, right = right, left
    pair: Kwargs = {"column_A": left, "column_B": right, "or_equal": "=" in sign, **_EITHER}
    return [("column_pair_values_a_to_be_greater_than_b", pair)]


def _same(rule: Rule) -> list[Said]:
    if rule.options.get("tolerance") or len(rule.columns) > 2:
        return []  # pairs would be judged on other rows than all columns together
    return [
        ("column_pair_values_to_be_equal", {"column_A": one, "column_B": other, **_EITHER})
        for one, other in pairwise(rule.columns)
    ]


def _differ(rule: Rule) -> list[Said]:
    body = {"column_list": list(rule.columns), **_ANY}
    return [("select_column_values_to_be_unique_within_record", body)]


def _sum_of(rule: Rule) -> list[Said]:
    total = rule.options["equals"]
    if isinstance(total, str) or rule.options.get("tolerance"):
        return []
    body = {"column_list": list(rule.columns), "sum_total": total, **_ANY}
    return [("multicolumn_sum_to_equal", body)]


def _key(rule: Rule) -> list[Said]:
    body = {"column_list": list(rule.columns), "ignore_row_if": "never"}
    return [("compound_columns_to_be_unique", body)]


def _columns(rule: Rule) -> list[Said]:
    if rule.options.get("exactly") and rule.options.get("ordered"):
        return [("table_columns_to_match_ordered_list", {"column_list": list(rule.columns)})]
    if rule.options.get("ordered"):
        return []
    exact = bool(rule.options.get("exactly"))
    body = {"column_set": list(rule.columns), "exact_match": exact}
    return [("table_columns_to_match_set", body)]


def _quantile(rule: Rule) -> list[Said]:
    at = rule.options["at"]
    if at in (0, 1):
        return [("column_max_to_be_between" if at else "column_min_to_be_between", _limits(rule))]
    ends = [rule.options.get("min"), rule.options.get("max")]
    ranges = {"quantiles": [at], "value_ranges": [ends]}
    return [("column_quantile_values_to_be_between", {"quantile_ranges": ranges})]


def _no_outliers(rule: Rule) -> list[Said]:
    if rule.options.get("method") != "z":
        return []
    body = {"threshold": rule.options.get("limit", 4.0), "double_sided": True}
    return [("column_value_z_scores_to_be_less_than", body)]


def _foreign(rule: Rule) -> list[Said]:
    values = rule.options.get("values")
    return [("column_values_to_be_in_set", {"value_set": list(values)})] if values else []


def _statistic(kind: str) -> Callable[[Rule], list[Said]]:
    return lambda rule: [(kind, _limits(rule))]


_WRITE: dict[str, Callable[[Rule], list[Said]]] = {
    "not_null": lambda rule: [("column_values_to_not_be_null", {})],
    "max_missing": lambda rule: [
        ("column_values_to_not_be_null", {"mostly": round(1 - rule.options["share"], 12)})
    ],
    "not_blank": lambda rule: [("column_values_to_match_regex", {"regex": r"\S"})],
    "unique": lambda rule: [("column_values_to_be_unique", {})],
    "key": _key,
    "range": _range,
    "date_range": _dates,
    "positive": _positive,
    "levels": lambda r: [("column_values_to_be_in_set", {"value_set": list(r.options["allowed"])})],
    "forbidden": lambda r: [
        ("column_values_to_not_be_in_set", {"value_set": list(r.options["values"])})
    ],
    "foreign": _foreign,
    "regex": _regex,
    "starts_with": _affix("^", ""),
    "ends_with": _affix("", "$"),
    "contains": _affix("", ""),
    "format": _format,
    "length": lambda rule: [("column_value_lengths_to_be_between", _limits(rule))],
    "compare": _compare,
    "same": _same,
    "differ": _differ,
    "sum_of": _sum_of,
    "columns": _columns,
    "row_count": lambda rule: [("table_row_count_to_be_between", _limits(rule))],
    "distinct": _statistic("column_unique_value_count_to_be_between"),
    "mean": _statistic("column_mean_to_be_between"),
    "median": _statistic("column_median_to_be_between"),
    "std": _statistic("column_stdev_to_be_between"),
    "sum": _statistic("column_sum_to_be_between"),
    "quantile": _quantile,
    "no_outliers": _no_outliers,
}
"""Kind of rule → the expectations that say the same; none where GX has none."""
