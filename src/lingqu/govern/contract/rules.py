"""Contract rules as data: what a channel file may write, checked before a row is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json

Level = Literal["block", "warn"]
Shape = Literal["column", "columns", "table"]
NUMBER = (int, float)
BOUND = (int, float, str)

COMPARISONS = ("<=", ">=", "==", "!=", "<", ">")
_COMPARE = re.compile(r"\s*(?P<left>.+?)\s*(?P<sign><=|>=|==|!=|<|>)\s*(?P<right>.+?)\s*")
TYPES = ("number", "integer", "boolean", "date", "text")


@dataclass(frozen=True)
class Form:
    """How one kind of rule is written.

    Args:
        shape: About one column, several, or the table.
        options: Option → accepted types.
        required: Options that must be there; of a tuple inside, at least one.
    """

    shape: Shape
    options: Mapping[str, tuple[type, ...]] = field(default_factory=dict)
    required: tuple[str | tuple[str, ...], ...] = ()


FORMS: dict[str, Form] = {
    "not_null": Form("column"),
    "not_blank": Form("column"),
    "unique": Form("column"),
    "key": Form("columns"),
    "range": Form("column", {"min": BOUND, "max": BOUND, "exclusive": (bool,)}, (("min", "max"),)),
    "positive": Form("column", {"zero": (bool,)}),
    "finite": Form("column"),
    "whole": Form("column"),
    "multiple_of": Form("column", {"step": NUMBER}, ("step",)),
    "levels": Form("column", {"allowed": (list, tuple)}, ("allowed",)),
    "forbidden": Form("column", {"values": (list, tuple)}, ("values",)),
    "regex": Form("column", {"pattern": (str,)}, ("pattern",)),
    "length": Form("column", {"min": (int,), "max": (int,)}, (("min", "max"),)),
    "size": Form("column", {"min": (int,), "max": (int,)}, (("min", "max"),)),
    "type": Form("column", {"is": (str,)}, ("is",)),
    "compare": Form(
        "columns", {"left": (str,), "is": (str,), "right": (str,)}, ("left", "is", "right")
    ),
    "no_future": Form("column"),
    "required_if": Form("column", {"when": (str,), "equals": (str, int, float, bool)}, ("when",)),
    "any_present": Form("columns"),
    "increasing": Form("column", {"strictly": (bool,)}),
    "foreign": Form(
        "column", {"values": (list, tuple), "file": (str,), "key": (str,)}, (("values", "file"),)
    ),
    "row_count": Form("table", {"min": (int,), "max": (int,)}, (("min", "max"),)),
    "columns": Form("columns", {"exactly": (bool,)}),
    "max_missing": Form("column", {"share": NUMBER}, ("share",)),
    "distinct": Form("column", {"min": (int,), "max": (int,)}, (("min", "max"),)),
    "mean": Form("column", {"min": NUMBER, "max": NUMBER}, (("min", "max"),)),
    "sum": Form("column", {"min": NUMBER, "max": NUMBER}, (("min", "max"),)),
    "max_share": Form("column", {"share": NUMBER}, ("share",)),
    "min_per_level": Form("column", {"rows": (int,)}, ("rows",)),
    "fresh": Form("column", {"days": NUMBER}, ("days",)),
}  # fmt: skip
"""Every kind of rule."""


@dataclass(frozen=True)
class Rule:
    """One promise about the data.

    Args:
        kind: A key of `FORMS`.
        columns: Columns it is about; empty for the table.
        options: Its limits.
        severity: ``block``: a failure stops a release; ``warn``: it is shown.
        id: Unique in a contract: ``range(age)`` unless given.
    """

    kind: str
    columns: tuple[str, ...] = ()
    options: Mapping[str, Json] = field(default_factory=dict)
    severity: Level = "block"
    id: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return the rule in the long form that `parse` reads."""
        body: dict[str, Json] = dict(self.options)
        if self.columns and self.kind != "compare":
            body["column" if len(self.columns) == 1 else "columns"] = (
                self.columns[0] if len(self.columns) == 1 else list(self.columns)
            )
        return {self.kind: body, "severity": self.severity, "id": self.id}


def parse(rows: Sequence[Json]) -> list[Rule]:
    """Return the rules of a contract, each with a unique id.

    Args:
        rows: ``{"range": {"column": "age", "min": 0, "max": 120}, "severity": "warn"}`` and
            shorter forms: ``{"not_null": ["a", "b"]}``, ``{"compare": "start <= end"}``.

    Raises:
        SpecError: A row is not such a rule; says which, what was expected and received.

    Example:
        >>> [rule.id for rule in parse([{"not_null": ["a", "b"]}, {"compare": "a <= b"}])]
        ['not_null(a)', 'not_null(b)', 'compare(a <= b)']
    """
    rules: list[Rule] = []
    for index, row in enumerate(rows):
        rules += _parse(index, row)
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.id in seen:
            _refuse(index, "the id is used twice", "a unique `id`", rule.id)
        seen.add(rule.id)
    return rules


def _refuse(index: int, problem: str, expected: str, received: Any) -> None:
    raise SpecError(
        "govern.bad_rule", index=index, problem=problem, expected=expected, received=received
    )


def _parse(index: int, row: Json) -> list[Rule]:
    if isinstance(row, str):
        row = {row: {}}
    if not isinstance(row, Mapping):
        _refuse(index, "it is not a rule", "{rule: {column: …}}", row)
    severity, given = row.get("severity", "block"), row.get("id", "")
    if severity not in ("block", "warn"):
        _refuse(index, "unknown severity", "block or warn", severity)
    bodies = [(kind, body) for kind, body in row.items() if kind not in ("severity", "id")]
    if len(bodies) != 1:
        _refuse(index, "it names more or less than one rule", "one of " + ", ".join(FORMS), row)
    kind, body = bodies[0]
    if kind not in FORMS:
        _refuse(index, "unknown rule", f"one of {near(str(kind), FORMS)}", kind)
    columns, options = _body(index, kind, body)
    _check(index, kind, options)
    groups = [(c,) for c in columns] if FORMS[kind].shape == "column" else [columns]
    return [
        Rule(kind, group, options, severity, str(given) or _id(kind, group, options))
        for group in groups
    ]


def _id(kind: str, columns: tuple[str, ...], options: Mapping[str, Json]) -> str:
    if kind == "compare":
        return f"compare({options['left']} {options['is']} {options['right']})"
    return f"{kind}({', '.join(columns)})" if columns else kind


def _body(index: int, kind: str, body: Json) -> tuple[tuple[str, ...], dict[str, Json]]:
    """Split what is written after a rule's name into columns and options."""
    shape = FORMS[kind].shape
    if kind == "compare" and isinstance(body, str):
        match = _COMPARE.fullmatch(body)
        if match is None:
            _refuse(index, "it is not a comparison", "start <= end", body)
            return (), {}
        body = {"left": match["left"], "is": match["sign"], "right": match["right"]}
    if isinstance(body, str):
        body = {"column": body}
    elif isinstance(body, (list, tuple)):
        body = {"columns": list(body)}
    if not isinstance(body, Mapping):
        _refuse(index, f"`{kind}` has no options", "{column: …}", body)
    options = dict(body)
    named = options.pop("columns", None) or options.pop("column", None)
    options.pop("column", None)
    if kind == "compare":
        return (str(options.get("left")), str(options.get("right"))), options
    columns = (named,) if isinstance(named, str) else tuple(named or ())
    if not all(isinstance(name, str) for name in columns):
        _refuse(index, "column names must be text", "a name, or a list of names", named)
    if bool(columns) != (shape != "table"):
        _refuse(index, f"`{kind}` is about {shape}", f"{{{kind}: {{column: …}}}}", body)
    return columns, options


def _check(index: int, kind: str, options: Mapping[str, Json]) -> None:
    form = FORMS[kind]
    for option, value in options.items():
        if option not in form.options:
            known = ", ".join(("column", *form.options))
            _refuse(index, f"`{kind}` has no option `{option}`", known, option)
        accepted = form.options[option]
        if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
            names = " or ".join(kind.__name__ for kind in accepted)
            _refuse(index, f"option `{option}` of `{kind}` is of a wrong type", names, value)
    for wanted in form.required:
        choices = (wanted,) if isinstance(wanted, str) else wanted
        if not any(choice in options for choice in choices):
            _refuse(index, f"`{kind}` lacks an option", " or ".join(choices), dict(options))
    _check_values(index, kind, options)


def _check_values(index: int, kind: str, options: Mapping[str, Json]) -> None:
    low, high = options.get("min"), options.get("max")
    if low is not None and high is not None:
        if isinstance(low, str) != isinstance(high, str):
            _refuse(
                index, "min and max are of different types", "two numbers or two dates", [low, high]
            )
        elif low > high:
            _refuse(index, "min is above max", "min ≤ max", [low, high])
    if "share" in options and not 0 <= options["share"] <= 1:
        _refuse(index, "a share lies outside 0 to 1", "0 ≤ share ≤ 1", options["share"])
    if kind == "multiple_of" and not options["step"] > 0:
        _refuse(index, "the step is not positive", "step > 0", options["step"])
    if kind == "type" and options["is"] not in TYPES:
        _refuse(index, "unknown type", ", ".join(TYPES), options["is"])
    if kind == "compare" and options["is"] not in COMPARISONS:
        _refuse(index, "unknown comparison", " ".join(COMPARISONS), options["is"])
    if kind in ("levels", "forbidden") and not options[_VALUES[kind]]:
        _refuse(index, "the list is empty", "at least one value", [])
    if kind == "regex":
        try:
            pl.Series([""]).str.contains(options["pattern"])
        except pl.exceptions.ComputeError as error:
            _refuse(
                index, f"the pattern cannot be read ({error})", "an RE2 pattern", options["pattern"]
            )


_VALUES = {"levels": "allowed", "forbidden": "values"}
