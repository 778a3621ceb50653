"""Stage 5, release: pack what was chosen and judged into one signed, content-addressed bundle."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lingqu.core.nouns import Finding, Json, Model, ReleaseRecord
from lingqu.core.schema import Schema
from lingqu.flow.data_stage import Parts
from lingqu.flow.forecasts import later, up_to_now
from lingqu.flow.generates import conditions
from lingqu.flow.recommends import up_to_now as with_last
from lingqu.flow.sent import kept
from lingqu.flow.walk import Walk
from lingqu.release.bundle import Contents, pack
from lingqu.release.prepare import (
    apply_all,
    asked,
    bare_columns,
    restore_operators,
    without_values,
)
from lingqu.store.folders import keep_release

_OF_CANDIDATE = ("name", "state", "score", "seconds", "weight", "reason", "reason_zh")
"""What the record of a release tells of each candidate."""
_JUDGES = frozenset({"metrics", "policy", "off_policy", "generated"})
"""Checks whose measures say how good a model is."""


def release_stage(
    walk: Walk,
    data: Mapping[str, Json],
    governed: Mapping[str, Json],
    checked: Mapping[str, Json],
    trained: Mapping[str, Json],
    findings: Sequence[Finding],
    decision: Mapping[str, Json],
    other_attempt: Mapping[str, Json] | None,
    model: Callable[[], Model],
    raw: Callable[[], Parts],
) -> Mapping[str, Json]:
    """Pack and sign a release and enter it in the ledger as a candidate.

    The same channel, data and seed give the same digest; times lie in files outside it.
    """
    inputs = {
        "data": data["digest"],
        "governed": governed["digest"],
        "model": trained["digest"],
        "profile": checked["profile"],
        "channel": walk.channel.version,
    }

    def make() -> Mapping[str, Json]:
        operators = restore_operators(governed["operators"])
        schema = asked(
            Schema.from_json(data["schema"]),
            Schema.from_json(governed["schema"]),
            governed["operators"],
        )
        schema = without_values(schema, bare_columns(governed["operators"]))
        chosen, golden = model(), kept(raw().test, operators).frame
        if chosen.task == "forecast":
            chosen = up_to_now(chosen, apply_all(raw().test, operators))
            golden = later(chosen, golden, schema)
        elif chosen.task == "recommend":
            chosen = with_last(chosen, apply_all(raw().test, operators))
        elif chosen.task == "generate":
            # Rows are asked for as governance left them: nothing of a request is prepared.
            made = conditions(apply_all(raw().test, operators))
            schema, golden, operators = made.schema, made.frame, []
        contents = Contents(
            name=walk.channel.name,
            model=chosen,
            schema=schema,
            operators=operators,
            golden_rows=golden,
            profile=walk.read_json(checked["profile"]),
            findings=findings,
            metrics=_headline(findings),
            facts={"name": walk.channel.name, "source": walk.channel.data.named}
            | dict(data["facts"]),
            seen=_seen(walk, checked, trained),
            lineage=_lineage(walk, data, governed, trained, decision)
            | {"other_attempt": other_attempt},
            channel_text=walk.channel.text,
            channel=walk.channel.version,
            data=governed["digest"],
            seed=walk.channel.train.seed,
        )
        key = walk.home.signing_key
        with tempfile.TemporaryDirectory(prefix="lingqu-") as scratch:
            folder = Path(scratch) / "release"
            manifest = pack(
                folder,
                contents,
                created=walk.home.clock(),
                sign=key.sign,
                public_key=key.public_raw,
            )
            keep_release(walk.home, manifest.digest, folder)
        prefix = f"releases/{manifest.digest}"
        return {"digest": manifest.digest, "needs": [f"{prefix}/release.json"]}

    result = walk.stage("release", inputs, make)
    walk.home.ledger.releases.put(
        ReleaseRecord(
            str(result["digest"]),
            walk.channel.name,
            walk.run_id,
            "candidate",
            walk.home.clock(),
            {"metrics": _headline(findings), "metric": trained["metric"]},
        )
    )
    return result


def _seen(walk: Walk, checked: Mapping[str, Json], trained: Mapping[str, Json]) -> dict[str, Json]:
    """Return what `Release.plots` draws: what was looked at, and how the candidates learnt."""
    curves = [
        {"name": c["name"], "curve": c["curve"]} for c in trained["candidates"] if c.get("curve")
    ]
    return {**(walk.read_json(checked["seen"]) if checked.get("seen") else {}), "curves": curves}


def _headline(findings: Sequence[Finding]) -> dict[str, float]:
    return {
        finding.measure: finding.value
        for finding in findings
        if finding.check in _JUDGES and finding.value is not None and not finding.argument
    }


def _lineage(
    walk: Walk,
    data: Mapping[str, Json],
    governed: Mapping[str, Json],
    trained: Mapping[str, Json],
    decision: Mapping[str, Json],
) -> dict[str, Json]:
    trail = walk.home.ledger.events.head()
    return {
        "run": walk.run_id,
        "channel_version": walk.channel.version,
        "train_rows": data["train"]["digest"],
        "test_rows": data["test"]["digest"],
        "governed_train_rows": governed["train"]["digest"],
        "governed_test_rows": governed["test"]["digest"],
        "split": data["split"],
        "candidates": [{k: c.get(k) for k in _OF_CANDIDATE} for c in trained["candidates"]],
        "gate": decision,
        "trail": {"count": trail.count, "head": trail.hash},
    }
