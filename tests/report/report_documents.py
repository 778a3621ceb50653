"""A whole document as the flow builds one, with something in every section."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lingqu.core.nouns import Action, Candidate, Finding
from lingqu.core.schema import Column, Schema

DIGEST = "ab" * 32
PICTURE = [[0, 40, 80, 120], [160, 200, 240, 255], [0, 0, 255, 0], [9, 8, 7, 6]]


def findings() -> list[Finding]:
    """One finding of each kind that the checks give."""
    words = {"formula": "present cells / all cells", "formula_zh": "非缺失单元格数 / 单元格总数"}
    why = {"why": "No column holds dates.", "why_zh": "没有含日期的列。"}
    number = {
        "kind": "number", "role": "feature", "rows": 90, "missing": 1, "distinct": 40, "min": -1.5,
        "max": 9.0, "histogram": {"edges": [-1.5, 3.0, 9.0], "counts": [60, 29]},
    }  # fmt: skip
    pairs = [
        {
            "train_row": 3, "test_row": 5,
            "train": {"age": 7.0, "photo": PICTURE, "town": "绍兴"},
            "test": {"age": 7.0, "photo": PICTURE, "town": "杭州"},
        }
    ] * 8  # fmt: skip
    classes = {
        "skipped": 0,
        "classes": ["cat", "dog"],
        "confusion": [[40, 3], [1, 46]],
        "per_class": [
            {"class": "cat", "n": 43, "precision": 0.976, "recall": 0.93, "recall_low": 0.81,
             "recall_high": 0.98, "f1": 0.952},
            {"class": "dog", "n": 0, "precision": None, "recall": None, "recall_low": 0.0,
             "recall_high": 1.0, "f1": None},
        ],
    }  # fmt: skip
    curve = [{"confidence": 0.7, "accuracy": 0.8, "low": 0.6, "high": 0.9, "n": 45}]
    groups = [
        {"group": "f", "n": 40, "judged": True, "mean_answer": 0.4},
        {"group": "m", "n": 5, "judged": False, "mean_answer": None},
    ]
    top = {"kind": "category", "role": "target", "missing": 0, "distinct": 30, "other": 4}
    top_levels = top | {"top": {"cat": 43, "dog": 40, "eel": 3, "fox": 1}}
    parts = {"kind": "image", "missing": 0, "parts": {"mean": number}}
    return [
        Finding("quality", "quality.completeness", 0.98, "", 0.9, 1.0, 90, evidence=words),
        Finding("quality", "quality.timeliness", None, verdict="unknown", evidence=why),
        Finding("quality", "quality.authenticity", 0.2, n=6, evidence={"missing": ["owner"]}),
        Finding("quality", "quality.column", 0.99, "age", n=90, evidence=number),
        Finding("quality", "quality.column", 1.0, "animal", n=90, evidence=top_levels),
        Finding("quality", "quality.column", 1.0, "photo", n=90, evidence=parts),
        Finding("leakage", "leakage.exact", 0.1, "", 0.05, 0.2, 90, "fail", "warn",
                {"limit": 0.0, "count": 9, "pairs": pairs}, "check.leak_exact"),
        Finding("metrics", "accuracy", 0.9556, "", 0.89, 0.98, 90),
        Finding("metrics", "log_loss", 0.21, "", 0.1, 0.4, 90),
        Finding("metrics", "error_rate", 0.0444, n=90, evidence=classes),
        Finding("calibration", "calibration.ece", 0.1, "", 0.05, 0.2, 90,
                evidence={"curve": curve}),
        Finding("robustness", "robustness.drop", 0.3, "shift_1px", 0.2, 0.4, 90, "fail", "warn",
                {"limit": 0.05}, "check.fragile"),
        Finding("robustness", "robustness.drop", 0.3, "", 0.2, 0.4, 90, "fail", "warn",
                {"limit": 0.05, "worst": "shift_1px"}, "check.fragile"),
        Finding("fairness", "fairness.gap", 0.02, "sex", 0.0, 0.1, 90, "pass",
                evidence={"groups": groups, "limit": 0.1}),
        Finding("importance", "importance", 0.4, "photo", 0.3, 0.5, 90,
                evidence={"map": [[0.0, 0.5], [0.1, -0.1]]}),
        Finding("efficiency", "efficiency.latency_ms", 0.076, n=298),
    ]  # fmt: skip


def candidates() -> list[Candidate]:
    """A winner with a curve, one without, and one that crashed."""
    curve = [
        {
            "epoch": float(e),
            "train_loss": 2.0 / e,
            "valid_loss": 2.2 / e,
            "valid_score": 1 - 0.5 / e,
        }
        for e in range(1, 9)
    ]
    return [
        Candidate(
            "cnn", "cnn", "done", 0.97, "accuracy", 1.2, 1.1, 350.0, 0.7, "1 of 5 folds", curve
        ),
        Candidate("mlp#2", "mlp", "done", 0.95, "accuracy", 0.4, 0.4, 300.0, 0.3, "", curve[:1]),
        Candidate(
            "svm", "rbf_svm", "done", 0.9, "accuracy", 0.4, 0.4, 300.0, 0.0, "", [{"c": 1.0}]
        ),
        Candidate(
            "forest", "lightgbm", "memory", reason="killed at 900 MB", reason_zh="在 900 MB 处终止"
        ),
    ]


def operators() -> list[dict[str, Any]]:
    """Reports of the operators, with something to show for each part."""
    suspect = {"row": 4, "given": "cat", "suggested": "dog", "score": -0.7, "image": PICTURE}
    rule = {"rule": "range(age)", "severity": "block", "verdict": "fail", "failures": 2, "n": 90,
            "low": 0.0, "high": 0.07}  # fmt: skip
    held = [rule | {"rule": f"not_null(c{i})", "verdict": "pass", "failures": 0} for i in range(20)]
    reports: dict[str, dict[str, Any]] = {
        "contract": {"drafted": True, "rules": [rule, *held], "changed": 2},
        "impute": {"filled": {"age": 1}, "values": {"age": 4.5}, "changed": 1},
        "reweigh": {"applicable": False, "why": "no protected column", "changed": 0},
        "find_label_errors": {
            "applicable": True, "judged": 90, "suspects": 1, "samples": [suspect], "changed": 0
        },
    }  # fmt: skip
    return [
        {"operator": name, "name": name, "rows_before": 92, "rows_after": 90, "seconds": 0.01,
         "travels": name == "impute", "report": report}
        for name, report in reports.items()
    ]  # fmt: skip


def samples(regress: bool = False, pictures: bool = True) -> list[dict[str, Any]]:
    """Answers, right and wrong."""
    if regress:
        return [
            {"row": 0, "values": {"age": 7.0}, "image": None, "truth": 10.0, "prediction": 12.5,
             "confidence": None, "right": None}
        ]  # fmt: skip
    return [
        {"row": 20 * row, "values": {"age": 7.0, "town": "绍兴"},
         "image": PICTURE if pictures else None,
         "truth": truth, "prediction": "cat", "confidence": 0.91, "right": truth == "cat"}
        for row, truth in enumerate(["cat"] * 18 + ["dog"] * 2)
    ]  # fmt: skip


def document(state: str = "approved", task: str = "classify") -> dict[str, Any]:
    """Return a document of a classification of pictures, or of a regression."""
    found = [finding.to_json() for finding in findings()]
    if task == "regress":
        found = [f for f in found if f["check"] not in ("metrics", "calibration")]
        points = [[float(i), i + (-1.0) ** i] for i in range(20)]
        rmse = Finding("metrics", "rmse", 50.2, "", 40.0, 60.0, 90)
        p90 = Finding("metrics", "error_p90", 78.0, n=90, evidence={"points": points})
        found += [rmse.to_json(), p90.to_json()]
    by_check: dict[str, list[Any]] = {}
    for finding in found:
        by_check.setdefault(finding["check"], []).append(finding)
    schema = Schema(
        (
            Column("age", "number", reason="all values are numbers"),
            Column("photo", "image", shape=(4, 4)),
            Column("animal", "category", "target", levels=("cat", "dog")),
            Column("note", "text", "ignored"),
        )
    )
    action = Action(
        "a1", "reweigh", "fairness.gap > 0", "pets", "done", "2026-01-01T00:00:00+00:00",
        {"column": "sex"},
    )  # fmt: skip
    refused = state == "blocked"
    return {
        "run": {
            "id": "20260101T000000-abcdef", "channel": "pets", "version": DIGEST, "state": "done",
            "started": "2026-01-01T00:00:00+00:00", "ended": "", "release": DIGEST,
            "release_state": state, "seconds": 75.0,
        },
        "task": task,
        "stages": [
            {"name": "data", "state": "reused", "seconds": 0.0},
            {"name": "govern", "state": "done", "seconds": 0.2},
            {"name": "govern #2", "state": "done", "seconds": 0.3},
            {"name": "train", "state": "done", "seconds": 4.0},
            {"name": "check", "state": "done", "seconds": 0.3},
        ],
        "data": {
            "source": "https://example.org/pets.csv", "rows": 182, "train_rows": 92,
            "test_rows": 90, "split": {"how": "random", "reason": "asked for"},
            "facts": {"source": "x", "owner": "the zoo", "version": "1.9.1"},
            "columns": schema.to_json(),
            "quality": by_check["quality"], "leakage": by_check["leakage"],
        },
        "governance": {
            "operators": operators(),
            "removed": [
                {"row": 7, "reason": "copy of an earlier row", "reason_zh": "与前面某行相同",
                 "operator": "dedupe"}
            ],
            "removed_count": 2,
            "contract": [],
        },
        "candidates": [asdict(candidate) for candidate in candidates()],
        "choice": {
            "metric": "rmse" if task == "regress" else "accuracy",
            "score": 0.97,
            "history": [
                {"seconds": 1.0, "score": 0.5, "members": {"svm": 1.0}},
                {"seconds": 2.0, "score": 0.97, "members": {"cnn": 1.0}},
            ],
            "notes": [{"en": "Validated on 20 rows.", "zh": "用 20 行验证。"}],
        },
        "metrics": by_check["metrics"],
        "calibration": by_check.get("calibration", []),
        "samples": samples(task == "regress"),
        "findings": found,
        "advice": {
            "check.fragile": {"en": "Small errors cost `too` much.", "zh": "小误差代价大。"}
        },
        "gate": {
            "passed": not refused,
            "requirements": [
                {"text": "accuracy >= 0.97", "verdict": "fail" if refused else "pass",
                 "seen": ["accuracy = 0.9556"], "missing": ["recall(eel)"]}
            ],
            "blocking": ["leakage.exact"] if refused else [],
        },
        "other_attempt": None,
        "actions": [asdict(action)],
        "lineage": [
            {"what": "channel", "digest": DIGEST, "from": []},
            {"what": "release", "digest": "", "from": ["model", "governed test rows"]},
        ],
        "trail": {"count": 12, "head": DIGEST, "ok": True},
        "machine": {"python": "3.11.7", "lingqu": "0.1.0"},
        "channel_text": "channel: pets\n",
    }  # fmt: skip
