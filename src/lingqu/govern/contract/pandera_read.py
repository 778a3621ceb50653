"""pandera schemas as contracts (extra ``pandera``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pandera.io import pandas_io, polars_io

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.govern.contract.exchange import Imported, imported

CARRIED = "lingqu"
"""Under this name a custom check carries the rule that it was made from."""


def from_pandera(schema: Any) -> Imported:
    """Return the rules of a pandera ``DataFrameSchema`` (Polars or pandas).

    Args:
        schema: A schema object; for a ``DataFrameModel`` give ``Model.to_schema()``.

    Example:
        >>> import pandera.polars as pa
        >>> age = pa.Column(int, pa.Check.ge(0))
        >>> [rule.id for rule in from_pandera(pa.DataFrameSchema({"age": age})).rules]
        ['type(age)', 'not_null(age)', 'range(age)']

    Source: pandera documentation, "Checks": the names and statistics of the built-in checks.
    """
    rows: list[Json] = []
    left_out: list[str] = []
    for name, column in schema.columns.items():
        if column.regex:
            left_out.append(f"{name}: a pattern of column names")
            continue
        kind = _type(column.dtype)
        if kind:
            rows.append({"type": {"column": name, "is": kind}})
        elif column.dtype is not None:
            left_out.append(f"{name}: type {column.dtype}")
        if not column.required:
            left_out.append(f"{name}: that it may be absent")
        if not column.nullable:
            rows.append({"not_null": name})
        if column.unique:
            rows.append({"unique": name})
        if column.coerce:
            left_out.append(f"{name}: coercion to {column.dtype}")
        for check in column.checks:
            _read(check, name, rows, left_out)
    for check in schema.checks:
        _read(check, None, rows, left_out)
    if schema.unique:
        rows.append({"key": list(schema.unique)})
    if schema.strict is True:
        ordered = {"ordered": True} if schema.ordered else {}
        rows.append({"columns": {"columns": list(schema.columns), "exactly": True, **ordered}})
    elif schema.strict:
        left_out.append(f"strict: {schema.strict}")
    if getattr(schema, "index", None) is not None:
        left_out.append("the index")
    return imported(rows, left_out)


def _type(dtype: Any) -> str:
    written = str(dtype).lower()
    for kind, starts in _TYPES.items():
        if dtype is not None and written.startswith(starts):
            return kind
    return ""


_TYPES = {
    "integer": ("int", "uint"),
    "number": ("float", "decimal"),
    "boolean": ("bool",),
    "date": ("date", "timestamp", "time["),
    "text": ("str", "utf8", "object", "categor", "enum"),
}


def _read(check: Any, column: str | None, rows: list[Json], left_out: list[str]) -> None:
    """Add the rule that a check stands for, or say that there is none."""
    facts: Mapping[str, Any] = check.statistics or {}
    if CARRIED in facts:
        rows.append(dict(facts[CARRIED]))
        return
    kind = check.registry_name or check.name
    found = _READ.get(kind, _no_rule)({k: _json(v) for k, v in facts.items()})
    if found is None or column is None:
        left_out.append(f"{column or 'the table'}: check {check.name}")
        return
    rule, body = found
    severity = {"severity": "warn"} if check.raise_warning else {}
    rows.append({rule: {"column": column, **body}, **severity})


def _json(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return [_json(item) for item in sorted(value)]
    return [_json(item) for item in value] if isinstance(value, (tuple, list)) else value


Facts = Mapping[str, Any]
Read = tuple[str, dict[str, Json]] | None


def _no_rule(facts: Facts) -> Read:
    return None


def _read_range(facts: Facts) -> Read:
    body = {"min": facts["min_value"], "max": facts["max_value"]}
    sides = {facts.get("include_min", True), facts.get("include_max", True)}
    if sides == {True, False}:
        return None
    return "range", body if True in sides else {**body, "exclusive": True}


def _read_length(facts: Facts) -> Read:
    exact = facts.get("exact_value")
    low, high = facts.get("min_value"), facts.get("max_value")
    pairs = {"min": exact if low is None else low, "max": exact if high is None else high}
    return "length", {name: value for name, value in pairs.items() if value is not None}


def _pattern(facts: Facts) -> str:
    return str(getattr(facts["pattern"], "pattern", facts["pattern"]))


_READ: dict[str, Callable[[Facts], Read]] = {
    "in_range": _read_range,
    "greater_than": lambda f: ("range", {"min": f["min_value"], "exclusive": True}),
    "greater_than_or_equal_to": lambda f: ("range", {"min": f["min_value"]}),
    "less_than": lambda f: ("range", {"max": f["max_value"], "exclusive": True}),
    "less_than_or_equal_to": lambda f: ("range", {"max": f["max_value"]}),
    "equal_to": lambda f: ("levels", {"allowed": [f["value"]]}),
    "not_equal_to": lambda f: ("forbidden", {"values": [f["value"]]}),
    "isin": lambda f: ("levels", {"allowed": list(f["allowed_values"])}),
    "notin": lambda f: ("forbidden", {"values": list(f["forbidden_values"])}),
    "str_matches": lambda f: ("regex", {"pattern": f"^(?:{_pattern(f)})"}),
    "str_contains": lambda f: ("regex", {"pattern": _pattern(f)}),
    "str_startswith": lambda f: ("starts_with", {"any": f["string"]}),
    "str_endswith": lambda f: ("ends_with", {"any": f["string"]}),
    "str_length": _read_length,
}
"""Name of a built-in check → our rule, or None where we have no such rule."""


def read_pandera(path: str | Path) -> Imported:
    """Return the rules of a schema that pandera wrote as YAML or JSON.

    Raises:
        SpecError: The file cannot be read, or is no such schema.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise SpecError("contract.file_absent", file=str(path), problem=problem) from error
    if "schema_type" not in text:
        raise SpecError("contract.not_pandera", file=path.name, problem="schema_type: ?")
    library = polars_io if "polars" in text[:400] else pandas_io
    read = library.from_json if path.suffix == ".json" else library.from_yaml
    try:
        schema = read(text)
    except Exception as error:
        # pandera raises whatever its parsers raise: each is a file that is no schema.
        problem = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise SpecError("contract.not_pandera", file=path.name, problem=problem) from error
    return from_pandera(schema)
