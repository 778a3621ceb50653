"""Parts of the data document about what was done: operators, rules, privacy, rows that left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lingqu.core.nouns import Json
from lingqu.flow.data_profiles import bounded, rounded
from lingqu.flow.data_rows import HIDDEN, Rows

Found = Sequence[Mapping[str, Any]]
EACH = 6
"""Removed rows shown of one operator."""
RULES = 80
_PROOF = ("row", "reason", "reason_zh", "operator", "id")
_OWN = ("operator", "rows", "changed", "rules", "samples", "fixes", "near", "conflict_samples")
_BAD = ("fail", "unknown")


def operators(reports: Found, rows: Rows) -> list[dict[str, Json]]:
    """Return what each operator did, in order, with counts and a short detail."""
    told = []
    for report in reports:
        about = report.get("report") or {}
        detail = {n: v for n, v in about.items() if n not in _OWN and v not in (None, "", [], {})}
        told.append(
            {
                "name": str(report.get("name") or report.get("operator") or "")[:80],
                "operator": str(report.get("operator") or "")[:80],
                "rows_before": report.get("rows_before"),
                "rows_after": report.get("rows_after"),
                "changed": about.get("changed", 0),
                "travels": bool(report.get("travels")),
                "seconds": rounded(report.get("seconds")),
                "detail": bounded(detail, rows.hidden, 3, 10),
            }
        )
    return told


def rules(reports: Found, rows: Rows) -> dict[str, Json]:
    """Return the verdicts of a contract, what failed first."""
    report = next((r.get("report") or {} for r in reports if r.get("operator") == "contract"), None)
    return judged(report.get("rules") or (), bool(report.get("drafted")), rows) if report else {}


def judged(found: Iterable[Mapping[str, Any]], drafted: bool, rows: Rows) -> dict[str, Json]:
    """Return results of rules as the document holds them."""
    results = sorted(found, key=lambda r: (r.get("verdict") not in _BAD, r.get("severity", "")))
    return {
        "drafted": drafted,
        "count": len(results),
        "passed": sum(r.get("verdict") == "pass" for r in results),
        "failed": sum(r.get("verdict") == "fail" for r in results),
        "unknown": sum(r.get("verdict") == "unknown" for r in results),
        "blocked": sum(r.get("verdict") in _BAD and r.get("severity") == "block" for r in results),
        "rules": [_rule(result, rows) for result in results[:RULES]],
        "left": max(0, len(results) - RULES),
    }


def _rule(result: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    names = ("rule", "kind", "severity", "verdict", "failures", "n", "rate", "low", "high")
    columns = [str(name) for name in result.get("columns") or ()]
    private = bool(set(columns) & rows.hidden)
    return {name: rounded(result.get(name)) for name in names} | {
        "columns": columns[:8],
        "why": str(result.get("why") or "")[:300],
        "why_zh": str(result.get("why_zh") or result.get("why") or "")[:300],
        "observed": bounded(result.get("observed"), rows.hidden, 2),
        "samples": [
            {
                "row": sample.get("row"),
                "value": HIDDEN if private else _value(sample.get("value"), columns, rows),
            }
            for sample in (result.get("samples") or ())[:3]
        ],
    }


def _value(value: Any, columns: Sequence[str], rows: Rows) -> Json:
    name = next((n for n in columns if n in rows.texts), columns[0] if columns else "")
    return rows.plain(name, value)


def privacy(reports: Found, found: Found, personal: Iterable[str]) -> dict[str, Json]:
    """Return the personal data that was found, how it was treated, and what is left."""
    mask = next((r.get("report") or {} for r in reports if r.get("operator") == "mask"), {})
    treated = [
        {
            "column": name,
            "by": row.get("by", ""),
            "kinds": bounded(row.get("kinds") or {}, (), 2),
            "cells": row.get("cells", 0),
            "left": row.get("left", 0),
        }
        for name, row in list((mask.get("columns") or {}).items())[:60]
        if isinstance(row, Mapping)
    ]
    looked = [f for f in found if f.get("check") == "privacy"]
    left = [
        {
            "measure": f.get("measure", ""),
            "column": f.get("argument", ""),
            "value": rounded(f.get("value")),
            "n": f.get("n", 0),
            "verdict": f.get("verdict", "note"),
            "kinds": bounded((f.get("evidence") or {}).get("kinds") or {}, (), 2),
        }
        for f in looked
        if f.get("argument") or f.get("value")
    ]
    return {
        "looked": bool(looked) or bool(mask),
        "columns": sorted(personal)[:60],
        "strategy": str(mask.get("strategy") or ""),
        "treated": treated,
        "left": left[:60],
    }


def removed(
    governed: Mapping[str, Any],
    rows: Rows,
    channel: str,
    everything: Callable[[], Sequence[Mapping[str, Any]]] | None = None,
) -> dict[str, Json]:
    """Return the rows that left, by operator, with the evidence, and how to have one back.

    Args:
        governed: What the govern stage left.
        rows: Rows as they were read.
        channel: Whose rows they are; ``""`` where nothing can be taken back.
        everything: Gives all removed rows, when the first ones do not show every operator.
    """
    listed: Sequence[Mapping[str, Any]] = governed.get("removed") or ()
    by = dict(governed.get("removed_by") or {})
    if by and everything and {str(r.get("operator")) for r in listed} < set(by):
        listed = everything()
    shown: dict[str, list[dict[str, Json]]] = {}
    for row in listed:
        part = shown.setdefault(str(row.get("operator", "")), [])
        if len(part) < EACH:
            part.append(_gone(row, rows))
    return {
        "count": governed.get("removed_count", len(listed)),
        "by": by,
        "samples": shown,
        "undo": f"lingqu data undo {channel}" if channel else "",
    }


def _gone(row: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    proof = {name: value for name, value in row.items() if name not in _PROOF}
    number, twin = row.get("row"), proof.get("copy_of")
    both = rows.pair(twin, number) if isinstance(twin, int) and isinstance(number, int) else []
    reason = str(row.get("reason") or "")
    return {
        "row": number,
        "id": str(row.get("id") or ""),
        "reason": reason[:300],
        "reason_zh": str(row.get("reason_zh") or reason)[:300],
        "evidence": bounded(proof, rows.hidden, 3, 8),
        "cells": rows.record(number) if isinstance(number, int) and not both else {},
        "twin": both,
    }
