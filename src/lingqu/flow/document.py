"""Everything a report shows, as plain data: the report room draws it and knows nothing else."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from math import isfinite
from typing import Any

from lingqu.core.i18n import Language, both
from lingqu.core.nouns import Action, Finding, Json, Run
from lingqu.core.schema import Schema
from lingqu.flow.controls import shown_policy
from lingqu.flow.walk import Walk
from lingqu.release.prepare import bare_columns, without_values

LIBRARIES = ("lingqu", "polars", "scikit-learn", "lightgbm", "onnxruntime")

_OF_WALK = frozenset({"environment", "baseline", "enough", "table"})
"""Facts of the walk of an environment that learners read; the policy's section tells people."""


def document(
    walk: Walk,
    run: Run,
    data: Mapping[str, Json],
    governed: Mapping[str, Json],
    trained: Mapping[str, Json],
    checked: Mapping[str, Json],
    findings: Sequence[Finding],
    decision: Mapping[str, Json],
    actions: Iterable[Action],
) -> dict[str, Json]:
    """Return the content of the report of a run.

    Returns:
        Sections ``run``, ``stages``, ``data``, ``governance``, ``candidates``, ``metrics``,
        ``samples``, ``findings``, ``gate``, ``actions``, ``lineage``, ``trail``, ``machine``.
    """
    by_check: dict[str, list[dict[str, Json]]] = {}
    for finding in findings:
        by_check.setdefault(finding.check, []).append(finding.to_json())
    trail = walk.home.ledger.events.verify()
    return {
        "run": {
            "id": run.id,
            "channel": run.channel,
            "version": run.version,
            "state": run.state,
            "started": run.started,
            "ended": run.ended,
            "release": run.release,
            "release_state": run.summary["state"],
            "seconds": run.summary["seconds"],
        },
        "task": walk.channel.train.task,
        "imported": walk.channel.train.model is not None,
        "stages": [{"name": s.name, "state": s.state, "seconds": s.seconds} for s in walk.stages],
        "data": {
            "source": walk.channel.data.named,
            "rows": data["rows"],
            "train_rows": data["train"]["rows"],
            "test_rows": data["test"]["rows"],
            "split": data["split"],
            "facts": {k: v for k, v in data["facts"].items() if k not in _OF_WALK},
            "columns": without_values(
                Schema.from_json(data["schema"]), bare_columns(governed["operators"])
            ).to_json(),
            "quality": by_check.get("quality", []),
            "leakage": by_check.get("leakage", []),
        },
        "governance": {
            "operators": governed["reports"],
            "removed": governed["removed"][:50],
            "removed_count": governed["removed_count"],
            "contract": by_check.get("contract", []),
        },
        "candidates": trained["candidates"],
        "choice": {
            "metric": trained["metric"],
            "score": trained["score"],
            "history": [point for point in trained["history"] if isfinite(point["score"])],
            "notes": trained["notes"],
            "why": trained.get("why", []),
            "growth": trained.get("growth", {}),
            "forms": (trained.get("account") or {}).get("forms", []),
        },
        "metrics": by_check.get("metrics") or by_check.get("generated", []),
        "calibration": by_check.get("calibration", []),
        "forecast": checked.get("forecast", []),
        "policy": shown_policy(walk, checked, trained["candidates"]),
        "decisions": by_check.get("off_policy", []),
        "flagged": checked.get("flagged", {}),
        "lists": checked.get("lists", []),
        "scenes": checked.get("scenes", []),
        "made": checked.get("made", {}),
        "curves": checked.get("curves", {}),
        "seen": walk.read_json(checked["seen"]) if checked.get("seen") else {},
        "samples": checked["samples"],
        "findings": [finding.to_json() for finding in findings],
        "advice": _advice(findings),
        "gate": decision,
        "other_attempt": run.summary.get("other_attempt"),
        "actions": [asdict(action) for action in actions],
        "lineage": _lineage(walk, run, data, governed, trained),
        "trail": {"count": trail.count, "head": trail.head, "ok": trail.ok},
        "machine": _machine(),
        "channel_text": walk.channel.text,
    }


def _advice(findings: Iterable[Finding]) -> dict[str, Mapping[Language, str]]:
    """Return each advice that is given, in both languages, by its message key."""
    return {key: both(key) for key in {f.advice for f in findings if f.advice}}


def _lineage(
    walk: Walk,
    run: Run,
    data: Mapping[str, Json],
    governed: Mapping[str, Json],
    trained: Mapping[str, Json],
) -> list[dict[str, Any]]:
    """Return what came from what: rows of ``what``, ``digest``, ``from``."""
    train, test = governed["train"]["digest"], governed["test"]["digest"]
    return [
        {"what": "channel", "digest": walk.channel.version, "from": []},
        {"what": "train rows", "digest": data["train"]["digest"], "from": ["channel"]},
        {"what": "test rows", "digest": data["test"]["digest"], "from": ["channel"]},
        {"what": "governed train rows", "digest": train, "from": ["train rows"]},
        {"what": "governed test rows", "digest": test, "from": ["test rows", "train rows"]},
        {"what": "model", "digest": trained["digest"], "from": ["governed train rows"]},
        {"what": "release", "digest": run.release, "from": ["model", "governed test rows"]},
    ]


def _machine() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **{name: version(name) for name in LIBRARIES},
    }
