"""What is known of the data of a run, from the results of its stages data and govern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from lingqu.core.nouns import Dataset, Json
from lingqu.flow.data_document import Judged
from lingqu.flow.data_scan import associated
from lingqu.flow.data_served import served_scores
from lingqu.store.home import Home


def judged_of(
    home: Home,
    channel: str,
    data: Mapping[str, Any],
    governed: Mapping[str, Any],
    raw: Dataset,
    clean: Dataset,
) -> Judged:
    """Return all that the document of a run is made of.

    Args:
        home: The workspace.
        channel: Name of the channel.
        data: Result of the data stage.
        governed: Result of the govern stage that counts.
        raw: Training rows as they were read.
        clean: Training rows that governance left.
    """
    usual = [{"name": n, "options": o, "state": {}} for n, o, *_ in data.get("operators") or ()]
    findings = list(governed.get("findings") or ())
    if not any(finding.get("check") == "associations" for finding in findings):
        findings += [finding.to_json() for finding in associated(raw)]
    blob = str(governed.get("removed_blob") or "")
    return Judged(
        channel,
        "run",
        int(data.get("rows") or len(raw)),
        raw,
        findings,
        clean=clean,
        reports=governed.get("reports") or (),
        governed=governed,
        protect=[*(governed.get("operators") or ()), *usual],
        identity={
            "channel": channel,
            "train_rows": len(raw),
            "clean_rows": len(clean),
            "test_rows": (data.get("test") or {}).get("rows"),
            "version": (data.get("train") or {}).get("digest", ""),
            "clean": (governed.get("train") or {}).get("digest", ""),
            "split": data.get("split") or {},
        },
        everything=(lambda: _listed(home, blob)) if blob else None,
        served=served_scores(raw, governed) if len(raw) else {},
    )


def _listed(home: Home, blob: str) -> Sequence[Mapping[str, Json]]:
    with home.blobs.open(blob) as file:
        return list(orjson.loads(file.read()))
