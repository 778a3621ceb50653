"""Parts of the data document that speak of columns: scores, profiles, associations, before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lingqu.core.nouns import Json
from lingqu.core.schema import Schema
from lingqu.flow.data_profiles import FEW, bounded, rounded, small_profile
from lingqu.flow.data_rows import Rows

Found = Sequence[Mapping[str, Json]]
WORST = 5
"""Rows shown of a score."""
MOST = 60
"""Columns shown in full."""
NAMED = 400
"""Columns left out that are named."""
PICTURES = 8
_OWN = ("rows", "formula", "formula_zh", "why", "why_zh")


def scores(found: Found, rows: Rows) -> list[dict[str, Json]]:
    """Return the eight scores with what they are made of, and their worst rows as records."""
    return [
        _score(finding, rows)
        for finding in found
        if finding.get("check") == "quality" and finding.get("measure") != "quality.column"
    ]


def _score(finding: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    evidence = finding.get("evidence") or {}
    parts = {name: part for name, part in evidence.items() if name not in _OWN}
    gaps = parts.get("columns") or parts.get("spellings") or {}
    first = list(gaps)[:FEW] if isinstance(gaps, Mapping) else []
    worst = [
        {"row": rows.number(place), "cells": rows.record(rows.number(place), first)}
        for place in (evidence.get("rows") or [])[:WORST]
        if 0 <= place < len(rows.dataset)
    ]
    return {
        "name": str(finding["measure"]).partition(".")[2],
        "value": rounded(finding.get("value")),
        "low": rounded(finding.get("low")),
        "high": rounded(finding.get("high")),
        "n": finding.get("n", 0),
        **{name: str(evidence.get(name) or "") for name in _OWN if name != "rows"},
        "parts": bounded(parts, (), 4, 20),
        "worst": worst,
    }


def columns(schema: Schema, profiles: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    """Return a card for each column; of many columns those that say most, the others by name."""
    listed = [c for c in schema if c.name in profiles or c.role != "ignored"]

    def rank(place: int) -> tuple[int, float, int]:
        column, profile = listed[place], profiles.get(listed[place].name) or {}
        special = 0 if column.role not in ("feature", "ignored") else 1
        return special, -float(profile.get("missing") or 0), place

    chosen = sorted(sorted(range(len(listed)), key=rank)[:MOST])
    taken = set(chosen)
    left = [column.name for place, column in enumerate(listed) if place not in taken]
    cards = [_card(listed[place], profiles.get(listed[place].name) or {}, rows) for place in chosen]
    return {"count": len(listed), "shown": cards, "left_out": left[:NAMED], "left": len(left)}


def _card(column: Any, profile: Mapping[str, Any], rows: Rows) -> dict[str, Json]:
    hidden = column.name in rows.hidden
    told: dict[str, Json] = {
        "name": column.name,
        "kind": column.kind,
        "role": column.role,
        "reason": column.reason[:300],
        "reason_zh": (column.reason_zh or column.reason)[:300],
        "hidden": hidden,
        "masked": column.name in rows.texts,
        "profile": small_profile(profile, hidden),
    }
    if column.shape:
        told["shape"] = list(column.shape)
    if column.kind in ("image", "audio") and not hidden:
        told["cells"] = samples(rows, column.name)
    return told


def samples(rows: Rows, name: str) -> list[Json]:
    """Return cells of a media column from everywhere in the rows."""
    frame = rows.dataset.frame
    if name not in frame.columns or name not in rows.dataset.schema or not frame.height:
        return []
    series, column = frame[name], rows.dataset.schema[name]
    most = PICTURES if column.kind == "image" else PICTURES // 2
    step = max(1, frame.height // most)
    places = [row for row in range(0, frame.height, step) if series[row] is not None][:most]
    return [rows.cell(column, series[row]) for row in places]


def profiles_of(found: Found) -> dict[str, Mapping[str, Json]]:
    """Return the profile of each column that the quality check looked at."""
    return {
        str(finding["argument"]): finding.get("evidence") or {}
        for finding in found
        if finding.get("measure") == "quality.column"
    }


def associations(found: Found) -> dict[str, Json]:
    """Return the strong pairs of columns, and the matrix where there is one."""
    told: dict[str, Json] = {"looked": False, "pairs": []}
    for finding in found:
        evidence = finding.get("evidence") or {}
        if finding.get("measure") == "associations.count":
            told |= {
                "looked": finding.get("value") is not None,
                "strong": finding.get("value"),
                "n": finding.get("n", 0),
                "limit": evidence.get("strong"),
                "compared": evidence.get("compared"),
                "columns": list(evidence.get("columns") or ())[:20],
                "matrix": [list(line)[:20] for line in (evidence.get("matrix") or ())[:20]],
                "why": str(evidence.get("why") or ""),
                "why_zh": str(evidence.get("why_zh") or ""),
            }
        elif finding.get("measure") == "associations.pair":
            told["pairs"].append(_pair(finding, evidence))
    return told


def _pair(finding: Mapping[str, Any], evidence: Mapping[str, Any]) -> dict[str, Json]:
    columns = evidence.get("columns") or [finding.get("argument", ""), ""]
    return {
        "columns": list(columns)[:2],
        "measure": evidence.get("measure", ""),
        "value": rounded(finding.get("value")),
        "low": rounded(finding.get("low")),
        "high": rounded(finding.get("high")),
        "n": finding.get("n", 0),
    }


def measures(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Json]]:
    """Return every number of the judgement as a rule names it: what gate, monitor and risk read."""
    names = ("check", "measure", "argument", "value", "low", "high", "n", "verdict", "severity")
    return [
        {name: rounded(finding.get(name)) for name in names}
        for finding in found
        if finding.get("measure") != "quality.column"
    ]
