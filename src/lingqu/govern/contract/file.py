"""A contract in a file of its own: read with the lines of its rules, written for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lingqu.core import yaml
from lingqu.core.errors import SpecError
from lingqu.core.i18n import Language
from lingqu.core.nouns import Json
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.rules import parse

_TOP: yaml.Path = ()
_BARE = re.compile(r"[^\W\d][\w./-]*")
_SPECIAL = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def read_contract(path: str | Path) -> list[Rule]:
    """Return the rules of a contract file.

    Args:
        path: A YAML file: a list of rules, or such a list under ``rules``.

    Raises:
        SpecError: The file cannot be read, or a rule is refused: says the line.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "contract.yaml")
        ...     _ = file.write_text("- not_null: [a, b]\\n- {range: {column: a, min: 0}}\\n")
        ...     [(rule.id, rule.where) for rule in read_contract(file)][-1]
        ('range(a)', 'contract.yaml line 2')
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise SpecError("contract.file_absent", file=str(path), problem=problem) from error
    document = yaml.load(text, path.name)
    rows, place = document.data, _TOP
    if isinstance(rows, Mapping) and set(rows) == {"rules"}:
        rows, place = rows["rules"], ("rules",)
    if not isinstance(rows, list):
        raise SpecError("contract.file_form", file=path.name, received=repr(rows)[:60])
    lines = {i: document.lines[(*place, i)] for i in range(len(rows))}
    return parse(rows, path.name, lines)


def written(rules: Sequence[Rule], to: Language = "en", head: Sequence[str] = ()) -> str:
    """Return the text of a contract file: a line per rule, why it was drafted above it.

    Args:
        rules: From `parse` or `draft`.
        to: Language of the reasons.
        head: Lines to stand above them as comments.

    Example:
        >>> print(written(parse([{"range": {"column": "age", "min": 0}}])), end="")
        - {range: {column: age, min: 0}}
    """
    lines = [f"# {line}" for line in head]
    for rule in rules:
        reason = rule.reason_zh if to == "zh" and rule.reason_zh else rule.reason
        if reason:
            lines.append(f"# {reason}")
        lines.append(f"- {flow(short(rule))}")
    return "\n".join(lines) + "\n"


def short(rule: Rule) -> dict[str, Json]:
    """Return the shortest form of a rule: without what `parse` would fill in."""
    row = rule.to_json()
    for name in ("reason", "reason_zh"):
        row.pop(name, None)
    body: Any = row.pop(rule.kind)
    if set(body) == {"column"}:
        body = body["column"]
    elif set(body) == {"columns"}:
        body = body["columns"]
    elif rule.kind == "compare":
        body = f"{body['left']} {body['is']} {body['right']}"
    elif set(body) == {"that"}:
        body = body["that"]
    if rule.severity == "block":
        row.pop("severity")
    bare = parse([{rule.kind: body}])
    if [other.id for other in bare] == [rule.id]:
        row.pop("id")
    return {rule.kind: body, **row}


def flow(value: Any) -> str:
    """Write plain data as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, str) and _BARE.fullmatch(value) and value.lower() not in _SPECIAL:
        return value
    return json.dumps(value, ensure_ascii=False)
