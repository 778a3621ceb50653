"""Contract rules as data: what a channel file may write, checked before a row is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lingqu.core.catalog import near
from lingqu.core.nouns import Json
from lingqu.core.phrases import Phrase
from lingqu.govern.contract import expression
from lingqu.govern.contract.contradictions import refuse_contradictions
from lingqu.govern.contract.forms import COMPARISONS, FORMS, MOSTLY
from lingqu.govern.contract.limits import check_options
from lingqu.govern.contract.refusal import refuse
from lingqu.govern.contract.rule import Rule

__all__ = ["FORMS", "Rule", "parse"]

BESIDE = ("severity", "id", "mostly", "reason", "reason_zh")
"""What may stand beside the name of a rule."""
_COMPARE = re.compile(r"\s*(?P<left>.+?)\s*(?P<sign><=|>=|==|!=|<|>)\s*(?P<right>.+?)\s*")


def parse(
    rows: Sequence[Json], file: str = "", lines: Mapping[int, int] | None = None
) -> list[Rule]:
    """Return the rules of a contract, each with a unique id, none against another.

    Args:
        rows: ``{"range": {"column": "age", "min": 0, "max": 120}, "severity": "warn"}`` and
            shorter forms: ``{"not_null": ["a", "b"]}``, ``{"compare": "start <= end"}``,
            ``{"expression": "total == price * quantity"}``.
        file: Name of the file they stand in, for errors.
        lines: Number of the rule → line of that file.

    Raises:
        SpecError: A row is not such a rule, or two rules cannot both be kept; says which, what
            was expected and received.

    Example:
        >>> [rule.id for rule in parse([{"not_null": ["a", "b"]}, {"compare": "a <= b"}])]
        ['not_null(a)', 'not_null(b)', 'compare(a <= b)']
    """
    rules: list[Rule] = []
    for index, row in enumerate(rows):
        line = (lines or {}).get(index)
        place = Phrase("contract.rule_number", {"number": index + 1})
        if line:
            place = Phrase("contract.rule_line", {"file": file, "line": line})
        rules += _parse(str(place), row)
    rules = _told_apart(rules)
    refuse_contradictions(rules)
    return rules


def _told_apart(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules with ids of their own: a second range of a column is ``range(age)#2``.

    Raises:
        SpecError: A rule stands twice, or two have the same id by choice.
    """
    seen: dict[str, list[Rule]] = {}
    named = []
    for rule in rules:
        others = seen.setdefault(rule.id, [])
        chosen = rule.id != _id(rule.kind, rule.columns, rule.options)
        if others and (chosen or any(rule.options == other.options for other in others)):
            refuse(rule.where, "contract.id_twice", Phrase("contract.expects_unique_id"), rule.id)
        others.append(rule)
        named.append(replace(rule, id=f"{rule.id}#{len(others)}") if len(others) > 1 else rule)
    return named


def _parse(where: str, row: Json) -> list[Rule]:
    if isinstance(row, str):
        row = {row: {}}
    if not isinstance(row, Mapping):
        refuse(where, "contract.not_a_rule", "{rule: {column: …}}", row)
    severity, mostly = row.get("severity", "block"), row.get("mostly", 1.0)
    if severity not in ("block", "warn"):
        refuse(where, "contract.unknown_severity", "block, warn", severity)
    bodies = [(kind, body) for kind, body in row.items() if kind not in BESIDE]
    if len(bodies) != 1:
        refuse(where, "contract.not_one_rule", ", ".join(FORMS), row)
    kind, body = bodies[0]
    if kind not in FORMS:
        close = Phrase("contract.expects_rule", {"near": near(str(kind), FORMS)})
        refuse(where, "contract.unknown_rule", close, kind)
    columns, options = _body(where, kind, body)
    check_options(where, kind, columns, options)
    _check_mostly(where, kind, mostly)
    groups = [(c,) for c in columns] if FORMS[kind].shape == "column" else [columns]
    words = {name: str(row.get(name) or "") for name in ("id", "reason", "reason_zh")}
    return [
        Rule(
            kind,
            group,
            options,
            severity,
            words["id"] or _id(kind, group, options),
            float(mostly),
            words["reason"],
            words["reason_zh"],
            where,
        )
        for group in groups
    ]


def _check_mostly(where: str, kind: str, mostly: Any) -> None:
    if isinstance(mostly, bool) or not isinstance(mostly, (int, float)) or not 0 < mostly <= 1:
        refuse(where, "contract.bad_mostly", "0 < mostly ≤ 1", mostly)
    if mostly != 1 and kind not in MOSTLY:
        refuse(where, "contract.no_mostly", ", ".join(sorted(MOSTLY)), kind, kind=kind)


def _id(kind: str, columns: tuple[str, ...], options: Mapping[str, Json]) -> str:
    if kind == "compare":
        return f"compare({options['left']} {options['is']} {options['right']})"
    if kind == "expression":
        return f"expression({options['that']})"
    about = ", ".join(columns)
    if kind == "quantile":
        about += f", {options['at']:g}"
    elif kind == "sum_of":
        about = f"{' + '.join(columns)} = {options['equals']}"
    elif kind == "determines":
        about += f" → {options['target']}"
    return f"{kind}({about})" if columns else kind


def _body(where: str, kind: str, body: Json) -> tuple[tuple[str, ...], dict[str, Json]]:
    """Split what is written after a rule's name into columns and options."""
    shape = FORMS[kind].shape
    if kind == "compare" and isinstance(body, str):
        body = _comparison(where, body)
    if kind == "expression":
        options = {"that": body} if isinstance(body, str) else body
        if not isinstance(options, Mapping) or not isinstance(options.get("that"), str):
            refuse(where, "contract.no_expression", "total == price * quantity", body)
        return expression.columns(options["that"]), dict(options)
    if isinstance(body, str):
        body = {"column": body}
    elif isinstance(body, (list, tuple)):
        body = {"columns": list(body)}
    if not isinstance(body, Mapping):
        refuse(where, "contract.no_options", "{column: …}", body, kind=kind)
    options = dict(body)
    named = options.pop("columns", None) or options.pop("column", None)
    options.pop("column", None)
    if kind == "compare":
        return (str(options.get("left")), str(options.get("right"))), options
    columns = (named,) if isinstance(named, str) else tuple(named or ())
    if not all(isinstance(name, str) for name in columns):
        refuse(where, "contract.names_not_text", "[name, name]", named)
    if bool(columns) != (shape != "table"):
        about = Phrase(f"contract.shape_{shape}")
        refuse(where, "contract.wrong_shape", f"{{{kind}: {{column: …}}}}", body,
               kind=kind, shape=about)  # fmt: skip
    return columns, options


def _comparison(where: str, text: str) -> dict[str, Json]:
    match = _COMPARE.fullmatch(text)
    if match is None:
        refuse(where, "contract.not_a_comparison", f"start <= end ({' '.join(COMPARISONS)})", text)
    return {"left": match["left"], "is": match["sign"], "right": match["right"]}
