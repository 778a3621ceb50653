"""Stage 4, judgement: the chosen model on rows that were never used for fitting or choosing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from lingqu.core import catalog, digest
from lingqu.core.nouns import Finding, Json, Model, Predictions, Subject
from lingqu.core.schema import Schema
from lingqu.flow.data_stage import Parts
from lingqu.flow.train_stage import load_model
from lingqu.flow.walk import Walk
from lingqu.release.encode import targets
from lingqu.release.media import pixels
from lingqu.release.model import to_bytes
from lingqu.release.predictor import Predictor
from lingqu.release.prepare import PROTECTS, asked
from lingqu.release.profile import fit_profile, signals

GATE_CHECKS = (
    "metrics",
    "calibration",
    "efficiency",
    "fairness",
    "robustness",
    "importance",
)
SAMPLES = 100


def check_stage(
    walk: Walk,
    governed: Mapping[str, Json],
    trained: Mapping[str, Json],
    load: Callable[[], Parts],
    raw: Callable[[], Parts],
) -> Mapping[str, Json]:
    """Judge the model on the test rows.

    The model that is judged is the one that will be served: the same encoding and ONNX graph.

    Returns:
        Findings, the reference profile for monitoring and sample predictions for the report.
    """
    inputs = {
        "data": governed["digest"],
        "model": trained["digest"],
        "protected": list(walk.channel.data.protected),
        "seed": walk.channel.train.seed,
    }

    def make() -> Mapping[str, Json]:
        rows = load()
        model = load_model(walk, trained)
        predictor = Predictor.of(model, rows.test.schema)
        predictions = predictor.predict(rows.test.frame)
        subject = Subject(
            "gate",
            walk.channel.train.task,
            rows.train.schema,
            rows.train,
            rows.test,
            predictions,
            predictor.predict,
            facts=_facts(trained, model),
            seed=walk.channel.train.seed,
        )
        findings: list[Finding] = []
        for name in GATE_CHECKS:
            walk.tell({"event": "check", "name": name})
            findings.extend(catalog.build("checks", name).look(subject))
        y, _ = targets(rows.test, walk.channel.train.task)
        profile = fit_profile(_signals(raw(), governed), predictions, y=y)
        blob = walk.write_json(f"profiles/{digest.of_json(profile)}.json", profile)
        return {
            "findings": [finding.to_json() for finding in findings],
            "profile": blob,
            "samples": samples(rows, predictions),
            "blobs": [blob],
        }

    return walk.stage("check", inputs, make)


def _signals(raw: Parts, governed: Mapping[str, Json]) -> pl.DataFrame:
    """Return the signals of the reference rows as callers send them.

    Raw rows, since a fault such as a column gone missing is no longer seen once it is repaired;
    without the columns that hold personal data, which are never logged.
    """
    schema = asked(Schema.from_json(governed["raw_schema"]), Schema.from_json(governed["schema"]))
    hidden = {
        column
        for operator in governed["operators"]
        if operator["name"] in PROTECTS
        for column in operator["options"].get("columns", ())
    }
    seen = Schema(tuple(c for c in schema.features if c.name not in hidden))
    frames = [part.frame.select(seen.names) for part in (raw.train, raw.test)]
    return signals(pl.concat(frames), seen)


def _facts(trained: Mapping[str, Json], model: Model) -> dict[str, Json]:
    done = [c for c in trained["candidates"] if c["state"] == "done"]
    return {
        "fit_s": sum(c["seconds"] for c in done),
        "fit_cpu_s": sum(c["cpu_seconds"] for c in done),
        "size_mb": len(to_bytes(model)) / 1e6,
        "peak_mb": max((c["peak_mb"] for c in done), default=0.0),
    }


def samples(rows: Parts, predictions: Predictions) -> list[dict[str, Json]]:
    """Return the first test rows with what the model said of them, for the report."""
    schema = rows.test.schema
    target = schema.target
    if target is None:
        return []
    taken = rows.test.frame.head(SAMPLES)
    out: list[dict[str, Json]] = []
    for index, row in enumerate(taken.iter_rows(named=True)):
        truth = row[target.name]
        said, confidence = _said(predictions, index)
        out.append(
            {
                "values": {c.name: _plain(row[c.name]) for c in _shown(schema)},
                "image": _image(schema, row),
                "truth": truth,
                "prediction": said,
                "confidence": confidence,
                "right": said == truth if isinstance(said, str) else None,
            }
        )
    return out


def _shown(schema: Schema) -> tuple[Any, ...]:
    return tuple(c for c in schema.features if c.kind not in ("image", "audio", "vector"))[:8]


def _said(predictions: Predictions, index: int) -> tuple[Json, float | None]:
    if predictions.probabilities is None:
        return float(predictions.labels[index]), None
    label = int(predictions.labels[index])
    return predictions.classes[label], float(predictions.probabilities[index, label])


def _image(schema: Schema, row: Mapping[str, Any]) -> Json:
    """Return small decoded images as rows of 0–255, for inline pictures."""
    column = next((c for c in schema.features if c.kind == "image"), None)
    if column is None:
        return None
    shape = column.shape or (32, 32)
    picture = pixels(pl.Series([row[column.name]]), tuple(min(s, 48) for s in shape[:2]))[0]
    low, high = column.low or 0.0, column.high or 255.0
    scaled = (np.asarray(picture, dtype=float) - low) / max(high - low, 1e-9) * 255
    return np.clip(scaled, 0, 255).astype(int).tolist()


def _plain(value: Any) -> Json:
    return value if isinstance(value, (int, float, str, bool)) or value is None else str(value)
