"""A whole data document with something in every part, as the flow builds one."""

from __future__ import annotations

from typing import Any

from lingqu.report.picture import data_uri

PIXEL = data_uri([[0, 128], [255, 64]])
PICTURE = {"picture": PIXEL}
SOUND = {"sound": {"seconds": 1.5, "rate": 8000, "wave": [[-50, 60], [-3, 4]], "bands": PIXEL}}


def _score(name: str, value: float | None, **more: Any) -> dict[str, Any]:
    words = {"formula": f"{name} / all", "formula_zh": f"{name} / 全部", "why": "", "why_zh": ""}
    ends = {"low": None, "high": None, "n": 90, "parts": {}, "worst": []}
    return {"name": name, "value": value, **words, **ends, **more}


def _column(name: str, kind: str, profile: dict[str, Any], **more: Any) -> dict[str, Any]:
    told = {"name": name, "kind": kind, "role": "feature", "reason": "seen", "reason_zh": "所见"}
    return {**told, "hidden": False, "masked": False, "profile": profile, **more}


def _columns() -> list[dict[str, Any]]:
    bins = {"counts": [1, 5, 2], "edges": [0, 9]}
    return [
        _column("age", "number", {"rows": 90, "missing": 9, "min": 1.0, "max": 99.0, "mean": 41.5,
                "core": bins, "quantiles": {"25": 20.0, "50": 41.0, "75": 60.0}}),
        _column("town", "category", {"rows": 90, "missing": 0, "distinct": 30,
                "top": {"绍兴": 50, "Lyon": 20}}),
        _column("when", "datetime", {"rows": 90, "missing": 0, "min": "2024-01-01",
                "max": "2024-06-30", "histogram": bins, "weekdays": [1, 2, 3, 4, 5, 0, 0]}),
        _column("note", "text", {"rows": 90, "missing": 0, "languages": {"zh": 0.9, "en": 0.1},
                "words": {"frequent": [["酒店", 40]]}, "parts": {"length": {"min": 1, "max": 80,
                "histogram": bins}}}, masked=True),
        _column("photo", "image", {"rows": 90, "missing": 0, "corrupt": 1, "sizes": {"8×8": 89},
                "corrupt_samples": [{"picture": "a.png", "problem": "cut short"}],
                "parts": {"mean": {"min": 0, "max": 9, "histogram": bins}}},
                cells=[PICTURE, {"broken": "cut short"}], shape=[8, 8]),
        _column("voice", "audio", {"rows": 90, "missing": 0, "needs": "pip install"},
                cells=[SOUND]),
        _column("phone", "text", {"rows": 90, "missing": 0}, hidden=True),
    ]  # fmt: skip


def _pairs() -> list[dict[str, Any]]:
    one = {"note": "房间很好", "photo": PICTURE, "town": "绍兴", "age": 41.0}
    two = {"note": "房间不好", "photo": PICTURE, "town": "绍兴", "age": None}
    return [{"rows": [3, 5], "similarity": 0.91, "labels": ["good", "bad"], "records": [one, two]}]


def _removed() -> dict[str, Any]:
    row = {"row": 7, "id": "abcdef123456", "reason": "dedupe: copy", "reason_zh": "dedupe：重复"}
    record = {"age": 41.0, "town": "绍兴"}
    copy = {**row, "evidence": {"copy_of": 4, "similarity": 1.0}, "cells": {},
            "twin": [record, record]}  # fmt: skip
    odd = {**row, "evidence": {"given": "a", "why": {"x": 1}}, "cells": record, "twin": []}
    return {
        "count": 12,
        "by": {"dedupe": 11, "outliers": 1},
        "samples": {"dedupe": [copy], "outliers": [odd]},
        "undo": "lingqu data undo visits",
    }


def data_document() -> dict[str, Any]:
    """Return a new document."""
    scores = [
        _score("completeness", 0.98, low=0.97, high=0.99, parts={"columns": {"age": 9}},
               worst=[{"row": 3, "cells": {"age": None, "town": "绍兴"}}]),
        _score("timeliness", None, why="No column holds dates.", why_zh="没有含日期的列。"),
        _score("authenticity", 0.3, parts={"declared": ["license"], "missing": ["owner"]}),
    ]  # fmt: skip
    rule = {"kind": "range", "severity": "block", "n": 90, "rate": 0.1, "low": 0.05, "high": 0.2,
            "columns": ["age"], "why": "", "why_zh": "", "observed": None}  # fmt: skip
    rules = [
        {**rule, "rule": "range(age)", "verdict": "fail", "failures": 9,
         "samples": [{"row": 1, "value": 430}]},
        {**rule, "rule": "unique(id)", "verdict": "unknown", "failures": 0, "samples": [],
         "why": "There is no such column.", "why_zh": "没有这一列。"},
        {**rule, "rule": "row_count", "verdict": "pass", "failures": 0, "samples": [],
         "observed": 90},
    ]  # fmt: skip
    leak = {"value": 0.2, "low": 0.1, "high": 0.3, "n": 90, "limit": 0.0, "count": 18,
            "verdict": "fail", "argument": "", "why": "", "why_zh": ""}  # fmt: skip
    return {
        "form": 1,
        "of": "run",
        "identity": {
            "name": "visits", "channel": "visits", "run": "20260101T000000-abc", "rows": 120,
            "columns": 7, "clean_rows": 78, "version": "ab" * 32, "clean": "cd" * 32,
            "made": "2026-01-01T00:00:00+00:00", "beside": "20260101T000000-abc.html",
            "facts": {"license": "MIT", "note": {"en": "A note.", "zh": "备注。"}},
            "undeclared": ["consent", "owner"],
        },
        "scores": scores,
        "columns": {"count": 9, "shown": _columns(), "left_out": ["x", "y"], "left": 2},
        "associations": {
            "looked": True, "n": 90, "columns": ["age", "town"], "matrix": [[1, 0.8], [0.8, 1]],
            "pairs": [{"columns": ["age", "town"], "measure": "correlation_ratio", "value": 0.8,
                       "low": 0.7, "high": 0.9, "n": 90}],
        },
        "duplicates": {
            "looked": True, "copies": 11, "groups": 5, "conflicting": 2, "by_chance": 0.01,
            "only_reported": True,
            "exact": [{"rows": [4, 7], "count": 2, "record": {"age": 41.0, "voice": SOUND}}],
            "conflicts": [{"rows": [1, 2, 9], "shown": [1, 9], "records": _pairs()[0]["records"]}],
            "near": {"groups": 3, "rows": 6, "compared": 79, "left_out": 4, "pairs": _pairs()},
        },
        "leakage": [
            {**leak, "measure": "leakage.near", "argument": "note",
             "pairs": [{**_pairs()[0], "distance": 0.02}]},
            {**leak, "measure": "leakage.time", "value": None, "verdict": "unknown", "pairs": [],
             "why": "No dates.", "why_zh": "没有日期。"},
        ],
        "labels": {
            "looked": True, "judged": 90, "suspects": 3, "share": 0.0333,
            "samples": [{"row": 2, "id": "fedcba654321", "given": "good", "suggested": "very bad",
                         "score": -0.8, "cells": {"label": "good", "note": "房间很好"}}],
        },
        "contract": {"drafted": True, "count": 3, "passed": 1, "failed": 1, "unknown": 1,
                     "blocked": 2, "rules": rules, "left": 0},
        "privacy": {
            "looked": True, "columns": ["phone"], "strategy": "mask",
            "treated": [{"column": "phone", "by": "cell", "kinds": {"mobile": 90}, "cells": 90,
                         "left": 0}],
            "left": [{"measure": "privacy.found", "column": "note", "value": 0.02, "n": 90,
                      "kinds": {"email": 2}}],
        },
        "removed": _removed(),
        "changes": [
            {"column": "age", "kind": "number", "measure": "ks", "distance": 0.1,
             "before": {"rows": 90, "missing": 9, "mean": 41.5}, "after": {"rows": 78,
             "missing": 0, "mean": 42.0}},
            {"column": "town", "kind": "category", "measure": "tv", "distance": 0.0,
             "before": {"rows": 90, "missing": 0, "share": 0.5},
             "after": {"rows": 78, "missing": 0, "share": 0.5}},
            {"column": "phone", "kind": "text", "before": {"rows": 90}, "after": None},
        ],
        "operators": [
            {"name": "dedupe", "operator": "dedupe", "rows_before": 90, "rows_after": 79,
             "changed": 11, "travels": False, "seconds": 0.2, "detail": {"groups": 5}},
            {"name": "outliers", "operator": "outliers", "rows_before": 79, "rows_after": 78,
             "changed": 1, "travels": True, "seconds": 0.1,
             "detail": {"applicable": False, "why": "No numbers.", "why_zh": "没有数值。"}},
        ],
        "cost": {"stages": {"data": 0.2, "govern": 1.1}, "seconds": 1.3},
        "measures": [
            {"check": "quality", "measure": "quality.completeness", "argument": "", "value": 0.98,
             "low": 0.97, "high": 0.99, "n": 90, "verdict": "note", "severity": "info"},
            {"check": "leakage", "measure": "leakage.near", "argument": "note", "value": 0.2,
             "low": 0.1, "high": 0.3, "n": 90, "verdict": "fail", "severity": "warn"},
            {"check": "data", "measure": "data.label_errors", "argument": "", "value": None,
             "low": None, "high": None, "n": 0, "verdict": "unknown", "severity": "info",
             "why": "Nobody judged the labels.", "why_zh": "没有评判过标签。"},
        ],
        "notes": [{"en": "A sample.", "zh": "样本。"}],
        "gaps": [],
        "left_out": [],
    }  # fmt: skip
