"""Contracts as pandera schemas, and pandera schemas as contracts (extra ``pandera``).

What pandera has a check for becomes that check, so that it can be read, changed and stored there;
every other rule becomes a custom check that runs our own builder on pandera's frame.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pandera.api.checks import Check
from pandera.io import pandas_io, polars_io

from lingqu.govern.contract.build import build
from lingqu.govern.contract.evaluate import evaluate
from lingqu.govern.contract.pandera_read import CARRIED, from_pandera, read_pandera
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Table, UnevaluatedError, moment

__all__ = ["Api", "from_pandera", "read_pandera", "to_pandera", "write_pandera"]

Api = Literal["polars", "pandas"]


def to_pandera(
    rules: Sequence[Rule],
    api: Api = "polars",
    as_of: datetime | None = None,
    custom: bool = True,
) -> Any:
    """Return a pandera ``DataFrameSchema`` that refuses the rows these rules refuse.

    Args:
        rules: From `parse`, `draft` or `read_contract`.
        api: Whether the schema judges Polars or pandas frames.
        as_of: UTC time that counts as now, for custom checks.
        custom: Whether rules that pandera has no check for become custom checks; those cannot be
            written to a file. ``schema.metadata["lingqu"]`` lists them under ``custom``, or under
            ``left_out``.

    Example:
        >>> from lingqu.govern.contract.rules import parse
        >>> schema = to_pandera(parse([{"range": {"column": "age", "min": 0, "max": 120}}]))
        >>> schema.columns["age"].checks
        [<Check in_range: in_range(0, 120)>]

    Source: pandera documentation, "DataFrame Schemas" and "Checks" (0.24 and later).
    """
    library = import_module(f"pandera.{api}")
    sure = {rule.columns[0] for rule in rules if rule.kind == "not_null" and _plain(rule)}
    columns: dict[str, dict[str, Any]] = defaultdict(lambda: {"checks": [], "nullable": True})
    whole: dict[str, Any] = {"checks": []}
    others: list[Rule] = []
    for rule in rules:
        checks = _CHECKS.get(rule.kind, _no_checks)(rule) if rule.mostly == 1 else []
        if rule.kind == "columns":
            _table_columns(rule, columns, whole)
        elif _plain(rule) and rule.kind == "not_null":
            columns[rule.columns[0]]["nullable"] = False
        elif _plain(rule) and rule.kind == "unique" and rule.columns[0] in sure:
            columns[rule.columns[0]]["unique"] = True
        elif _plain(rule) and rule.kind == "key" and "unique" not in whole:
            whole["unique"] = list(rule.columns)
        elif checks:
            columns[rule.columns[0]]["checks"] += checks
        else:
            others.append(rule)
    if custom:
        whole["checks"] = [_custom(rule, api, as_of) for rule in others]
    known = "custom" if custom else "left_out"
    return library.DataFrameSchema(
        {name: library.Column(None, **facts) for name, facts in columns.items()},
        metadata={CARRIED: {"custom": [], "left_out": [], known: [rule.id for rule in others]}},
        **whole,
    )


def _plain(rule: Rule) -> bool:
    """Say whether a rule may become an attribute: those know no warnings and no exceptions."""
    return rule.severity == "block" and rule.mostly == 1


def _table_columns(rule: Rule, columns: dict[str, dict[str, Any]], whole: dict[str, Any]) -> None:
    for name in rule.columns:
        columns[name]["required"] = True
    whole["strict"] = bool(rule.options.get("exactly"))
    whole["ordered"] = bool(rule.options.get("ordered"))


def _no_checks(rule: Rule) -> list[Any]:
    return []


def _range(rule: Rule) -> list[Any]:
    low, high = (_bound(rule.options.get(end)) for end in ("min", "max"))
    tight = rule.options.get("exclusive", False)
    if low is not None and high is not None:
        sides = {"include_min": not tight, "include_max": not tight}
        return [Check.in_range(low, high, raise_warning=_warns(rule), **sides)]
    if low is not None:
        make = Check.greater_than if tight else Check.greater_than_or_equal_to
        return [make(low, raise_warning=_warns(rule))]
    make = Check.less_than if tight else Check.less_than_or_equal_to
    return [make(high, raise_warning=_warns(rule))]


def _bound(value: Any) -> Any:
    return moment(value) if isinstance(value, str) else value


def _warns(rule: Rule) -> bool:
    return rule.severity == "warn"


def _positive(rule: Rule) -> list[Any]:
    make = Check.greater_than_or_equal_to if rule.options.get("zero") else Check.greater_than
    return [make(0, raise_warning=_warns(rule))]


def _one_text(rule: Rule, make: Callable[..., Any]) -> list[Any]:
    given = rule.options["any"]
    if not isinstance(given, str):
        if len(given) != 1:
            return []
        given = given[0]
    return [make(given, raise_warning=_warns(rule))]


def _regex(rule: Rule) -> list[Any]:
    if rule.options.get("absent"):
        return []
    return [Check.str_contains(rule.options["pattern"], raise_warning=_warns(rule))]


def _length(rule: Rule) -> list[Any]:
    low, high = rule.options.get("min"), rule.options.get("max")
    return [Check.str_length(low, high, raise_warning=_warns(rule))]


_CHECKS: dict[str, Callable[[Rule], list[Any]]] = {
    "range": _range,
    "positive": _positive,
    "levels": lambda rule: [Check.isin(rule.options["allowed"], raise_warning=_warns(rule))],
    "forbidden": lambda rule: [Check.notin(rule.options["values"], raise_warning=_warns(rule))],
    "regex": _regex,
    "length": _length,
    "starts_with": lambda rule: _one_text(rule, Check.str_startswith),
    "ends_with": lambda rule: _one_text(rule, Check.str_endswith),
}
"""Kind of rule → the checks of pandera that say the same; none where there is no such check."""


def _custom(rule: Rule, api: Api, as_of: datetime | None) -> Any:
    judge = _judge_polars if api == "polars" else _judge_pandas
    return Check(
        partial(judge, rule=rule, as_of=as_of),
        name=rule.id,
        raise_warning=_warns(rule),
        statistics={CARRIED: rule.to_json()},
        ignore_na=False,
    )


def _judge_polars(data: Any, rule: Rule, as_of: datetime | None) -> Any:
    frame: pl.LazyFrame = data.lazyframe
    good = _good_rows(frame, rule, as_of)
    if not isinstance(good, bool):
        return frame.select(good)
    if good or not frame.select(pl.len()).collect().item():
        return good
    # pandera cannot list a bare False beside other failures: the first row stands for the table.
    return frame.select((pl.int_range(pl.len()) > 0).alias("kept"))


def _judge_pandas(data: Any, rule: Rule, as_of: datetime | None) -> Any:
    import pandas as pd

    frame = pl.from_pandas(data)
    good = _good_rows(frame.lazy(), rule, as_of)
    if isinstance(good, bool):
        return good
    return pd.Series(frame.select(good).to_series().to_list(), index=data.index, dtype=bool)


def _good_rows(frame: pl.LazyFrame, rule: Rule, as_of: datetime | None) -> bool | pl.Expr:
    """Return which rows keep a rule; one verdict for rules about the table or most rows."""
    try:
        ready = build(rule, Table.of(frame, as_of))
    except UnevaluatedError:
        return False
    if ready.rows is None or rule.mostly != 1:
        [result] = evaluate(frame, [rule], as_of)
        return result.verdict == "pass"
    return ~ready.rows.fill_null(False)


def write_pandera(rules: Sequence[Rule], path: str | Path, api: Api = "polars") -> list[str]:
    """Write a schema as YAML or JSON (by the ending) and return the ids of rules left out.

    A file can only hold checks that pandera itself has.
    """
    schema = to_pandera(rules, api, custom=False)
    library = polars_io if api == "polars" else pandas_io
    write = library.to_json if Path(path).suffix == ".json" else library.to_yaml
    Path(path).write_text(write(schema), encoding="utf-8")
    return list(schema.metadata[CARRIED]["left_out"])
