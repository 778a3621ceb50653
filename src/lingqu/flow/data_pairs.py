"""Parts of the data document that show rows beside each other: copies, leaks, doubted labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.nouns import Json
from lingqu.flow.data_profiles import bounded, rounded
from lingqu.flow.data_rows import HIDDEN, LETTERS, Rows, told_apart
from lingqu.report.picture import data_uri

Found = Sequence[Mapping[str, Any]]
PAIRS = 8
"""Pairs shown of one kind."""
GROUPS = 8
SUSPECTS = 20
_LISTED = 12


def duplicates(reports: Found, rows: Rows) -> dict[str, Json]:
    """Return exact and near copies and contradicting labels, each with the rows side by side."""
    report = next((r.get("report") or {} for r in reports if r.get("operator") == "dedupe"), None)
    if report is None:
        return {"looked": False}
    return {
        "looked": True,
        "columns": list(report.get("columns") or ())[:40],
        "rows": report.get("rows", 0),
        "copies": report.get("copies", 0),
        "groups": report.get("groups", 0),
        "only_reported": bool(report.get("only_reported")),
        "by_chance": rounded(report.get("by_chance")),
        "exact": [_group(group, rows) for group in (report.get("samples") or ())[:GROUPS]],
        "conflicting": report.get("conflicting_labels", 0),
        "conflicts": [
            _conflict(group, rows)
            for group in (report.get("conflict_samples") or ())[:PAIRS]
            if len(group) > 1
        ],
        "near": _near(report.get("near") or {}, rows),
    }


def _group(group: Sequence[int], rows: Rows) -> dict[str, Json]:
    record = rows.record(group[0]) if group else {}
    return {"rows": list(group)[:_LISTED], "count": len(group), "record": record}


def _conflict(group: Sequence[int], rows: Rows) -> dict[str, Json]:
    pair = rows.clash(group)
    return {"rows": list(group)[:_LISTED], "shown": list(pair), "records": rows.pair(*pair)}


def _near(near: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    if not near:
        return {}
    names = ("columns", "compared", "left_out", "marked", "groups", "rows", "equal_elsewhere",
             "conflicting_labels")  # fmt: skip
    return {name: near[name] for name in names if name in near} | {
        "pairs": [_near_pair(pair, rows) for pair in (near.get("pairs") or ())[:PAIRS]]
    }


def _near_pair(pair: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    told: dict[str, Json] = {
        "rows": list(pair.get("rows") or ())[:2],
        "similarity": rounded(pair.get("similarity")),
        "records": rows.pair(*pair["rows"][:2]) if len(pair.get("rows") or ()) > 1 else [],
    }
    if pair.get("labels"):
        told["labels"] = [str(label)[:60] for label in pair["labels"][:2]]
    return told


def leakage(found: Found, rows: Rows) -> list[dict[str, Json]]:
    """Return what leaks from training to test rows, what failed first, with both records."""
    judged = [f for f in found if f.get("check") == "leakage"]
    judged.sort(key=lambda f: (f.get("verdict") != "fail", -(f.get("value") or 0.0)))
    return [_leak(finding, rows) for finding in judged[: 4 * _LISTED]]


def _leak(finding: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    evidence = finding.get("evidence") or {}
    told = {name: rounded(finding.get(name)) for name in ("value", "low", "high", "n")}
    return told | {
        "measure": finding.get("measure", ""),
        "argument": finding.get("argument", ""),
        "verdict": finding.get("verdict", "note"),
        "limit": rounded(evidence.get("limit")),
        "count": evidence.get("count"),
        "last_trained": str(evidence.get("last_trained") or "")[:40],
        "why": str(evidence.get("why") or ""),
        "why_zh": str(evidence.get("why_zh") or ""),
        "pairs": [_leaked(pair, rows) for pair in (evidence.get("pairs") or ())[:PAIRS]],
    }


def _leaked(pair: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    one, two = (pair.get(side) or {} for side in ("train", "test"))
    differ = [name for name in one if one[name] != two.get(name)]
    sides = told_apart([_shown(side, rows) for side in (one, two)], differ)
    return {
        "rows": [pair.get("train_row"), pair.get("test_row")],
        "similarity": rounded(pair.get("similarity")),
        "distance": rounded(pair.get("distance")),
        "records": sides,
    }


def _shown(record: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    """Return a record that a check has shown: rows of pixels become a picture."""
    told: dict[str, Json] = {}
    for name, value in list(record.items())[:_LISTED]:
        if name in rows.hidden:
            told[name] = HIDDEN
        elif isinstance(value, list) and value and isinstance(value[0], list):
            told[name] = {"picture": _pixels(value)}
        elif isinstance(value, str):
            told[name] = rows.said(name, value)[:LETTERS]
        else:
            told[name] = rounded(value)
    return told


def _pixels(grid: Sequence[Sequence[float]]) -> str:
    """Return pixels of any scale that starts at 0 as a picture."""
    top = max((value for line in grid for value in line), default=0) or 1
    return data_uri([[value / top * 255 for value in line] for line in grid])


def labels(reports: Found, rows: Rows) -> dict[str, Json]:
    """Return the labels that a model and the neighbours doubt, with the rows themselves."""
    report = next(
        (r.get("report") or {} for r in reports if r.get("operator") == "find_label_errors"), None
    )
    if report is None:
        return {"looked": False}
    if report.get("applicable") is False:
        why = str(report.get("why") or "")
        return {"looked": False, "why": why, "why_zh": str(report.get("why_zh") or why)}
    samples = (report.get("samples") or ())[:SUSPECTS]
    return {
        "looked": True,
        "judged": report.get("judged", 0),
        "suspects": report.get("suspects", len(samples)),
        "share": rounded(report.get("share")),
        "facts": bounded(
            {n: v for n, v in report.items() if n not in ("samples", "fixes")}, rows.hidden, 2
        ),
        "samples": [_suspect(sample, rows) for sample in samples],
    }


def _suspect(sample: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    row = sample.get("row")
    cells = rows.record(row) if isinstance(row, int) else {}
    names = ("given", "suggested", "score", "model", "neighbours", "id")
    told = {n: rounded(sample.get(n)) for n in names if sample.get(n) is not None}
    return {"row": row, **told, "cells": cells or bounded(sample.get("values") or {}, rows.hidden)}
