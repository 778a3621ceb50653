"""Stage 4, judgement: the chosen model on rows that were never used for fitting or choosing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl
from numpy.typing import NDArray

from lingqu.check.curves import curves
from lingqu.check.see.seen import seen
from lingqu.core import catalog, digest
from lingqu.core.metric_table import is_known, named_by
from lingqu.core.metrics import names
from lingqu.core.nouns import REPLIES, Finding, Json, Model, Subject, Task
from lingqu.core.ports import Engine
from lingqu.core.predictions import Predictions
from lingqu.core.spec import Channel
from lingqu.flow.control_rows import acts
from lingqu.flow.controls import CHECKS as POLICY_CHECKS
from lingqu.flow.controls import judged_rows as judged_parts
from lingqu.flow.controls import kept_film, played
from lingqu.flow.data_served import watched
from lingqu.flow.data_stage import Parts
from lingqu.flow.detects import shown_scenes
from lingqu.flow.flags import shown_flags
from lingqu.flow.forecasts import shown_series
from lingqu.flow.generate_pictures import picture_eyes
from lingqu.flow.generates import CHECKS as MADE_CHECKS
from lingqu.flow.generates import asks, conditions, shown_made, watched_conditions
from lingqu.flow.logged import CHECKS as LOG_CHECKS
from lingqu.flow.recommends import CHECKS as LIST_CHECKS
from lingqu.flow.recommends import shown_users, some_users
from lingqu.flow.replies import CHECKS as REPLY_CHECKS
from lingqu.flow.replies import judged_rows, shown_replies, with_truth
from lingqu.flow.sent import as_sent, kept
from lingqu.flow.shown import plain, shown_row
from lingqu.flow.train_stage import load_model
from lingqu.flow.walk import Walk
from lingqu.learn.custom_metric import known
from lingqu.release.encode import targets
from lingqu.release.model import to_bytes
from lingqu.release.predictor import Predictor
from lingqu.release.prepare import restore_operators
from lingqu.release.profile import fit_profile, signals

GATE_CHECKS = (
    "metrics",
    "calibration",
    "efficiency",
    "fairness",
    "robustness",
    "importance",
    "slices",
)
SAMPLES = 100
"""Test rows shown in the report, from the first."""
WRONG_SAMPLES = 30
"""Wrongly answered test rows shown beside them, at most."""


def check_stage(
    walk: Walk,
    governed: Mapping[str, Json],
    trained: Mapping[str, Json],
    load: Callable[[], Parts],
    raw: Callable[[], Parts],
    engine: Callable[[], Engine] | None = None,
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

    asked = asked_metrics(walk.channel)
    if asked:
        inputs["metrics"] = asked

    def make() -> Mapping[str, Json]:
        rows, as_read = load(), raw().test
        facts: dict[str, Json] = {}
        if walk.channel.train.task == "recommend":
            user = rows.test.schema.having("group")[0].name
            facts = {"users": rows.test.frame.get_column(user).n_unique()}
            test, as_read = some_users([rows.test, as_read], user, walk.channel.train.seed)
            rows = replace(rows, test=test)
        test, as_read = judged_rows(
            walk.channel.train.task, [rows.test, as_read], walk.channel.train.seed
        )
        rows = replace(rows, test=test)
        model = load_model(walk, trained)
        told = played(walk, model, rows.test, engine) if acts(walk.channel) else None
        rows, as_read = judged_parts(rows, told), as_read if told is None else told.rows
        made = model.task == "generate"
        sent = conditions(rows.test) if made else rows.test
        predictor = Predictor.of(model, sent.schema)
        predictions = with_truth(predictor, rows.test, predictor.predict(sent.frame))
        subject = Subject(
            "gate",
            walk.channel.train.task,
            rows.train.schema,
            rows.train,
            rows.test,
            predictions,
            asks(predictor) if made else predictor.predict,
            facts=_facts(trained, model)
            | {
                "coverage": walk.channel.train.coverage,
                "coverage_by": walk.channel.train.coverage_by,
                "hierarchy": list(walk.channel.train.hierarchy),
            }
            | facts
            | picture_eyes(rows.train, walk.channel.train.task, walk.channel.train.seed)
            | ({"played": told.told} if told else {}),
            seed=walk.channel.train.seed,
            **(
                {"sent": sent, "answer": predictor.predict}
                if made
                else as_sent(as_read, governed, predictor.runner)
            ),
        )
        replies = subject.task in REPLIES
        exact = {} if replies or told else curves(model, rows.test.frame, rows.test.schema)
        findings: list[Finding] = []
        for name in judges(subject.task, bool(subject.schema.having("reward"))):
            walk.tell({"event": "check", "name": name})
            options: dict[str, Json] = {}
            if name == "metrics" and asked:
                options = {"also": asked}
            elif name == "importance" and exact:  # what is known need not be sampled
                options = {"effects": 0}
            findings.extend(catalog.build("checks", name, options).look(subject))
        of_policy = rows if told else raw()
        watched = watched_conditions(rows) if made else _signals(of_policy, governed)
        profile = fit_profile(watched, predictions, y=_truth(rows, subject.task))
        blob = walk.write_json(f"profiles/{digest.of_json(profile)}.json", profile)
        walk.tell({"event": "check", "name": "see"})
        looked = seen(model, subject, kept(as_read, restore_operators(governed["operators"])))
        made_shown = shown_made(rows, predictions, predictor)
        if "pictures" in made_shown:
            looked = {**looked, "made": made_shown["pictures"]}
        shown = walk.write_json(f"seen/{digest.of_json(looked)}.json", looked)
        film = kept_film(walk, told)
        return {
            "findings": [finding.to_json() for finding in findings],
            "profile": blob,
            "curves": exact,
            "seen": shown,
            "played": dict(told.told) if told else {},
            "film": film,
            "samples": []
            if made or told
            else samples(rows, predictions) + shown_replies(rows, predictions),
            "made": made_shown,
            "forecast": shown_series(rows, model, predictor.predict),
            "flagged": shown_flags(rows, predictor, predictions),
            "lists": shown_users(rows, predictions),
            "scenes": shown_scenes(rows, predictions),
            "blobs": [blob, shown, *([film] if film else [])],
        }

    return walk.stage("check", inputs, make)


def judges(task: Task, log: bool = False) -> tuple[str, ...]:
    """Return the checks that judge the answers of a task.

    Args:
        task: Of the channel.
        log: Whether the rows are logged decisions.
    """
    if log:
        return LOG_CHECKS
    if task == "control":
        return POLICY_CHECKS
    if task == "generate":
        return MADE_CHECKS
    if task in REPLIES:
        return REPLY_CHECKS
    return LIST_CHECKS if task == "recommend" else GATE_CHECKS


def asked_metrics(channel: Channel) -> list[str]:
    """Return the metrics that a channel names and that are not always measured."""
    train, usual = channel.train, names(channel.train.task)
    rules = [*channel.release.require, *(response.when for response in channel.respond)]
    written = [named_by(*measure) for rule in rules for measure in rule.measures]
    wanted = dict.fromkeys([*([train.metric] if train.metric else []), *written])
    for name in wanted:
        if ":" in name:
            known(name)
    return [name for name in wanted if name not in usual and is_known(name)]


def _truth(rows: Parts, task: Task) -> NDArray[Any] | None:
    """Return the truth of the test rows; None where confidence is no chance to be right.

    A live window estimates its accuracy from confidence and this truth: of flags there is no
    such estimate, for how odd a row looks does not say how sure its label is.
    """
    unknown = task in ("flag", "recommend", "control") or task in REPLIES
    return None if unknown else targets(rows.test, task)[0]


def _signals(raw: Parts, governed: Mapping[str, Json]) -> pl.DataFrame:
    """Return the signals of the reference rows as callers send them.

    Raw rows, since a fault such as a column gone missing is no longer seen once it is repaired;
    without the columns that hold personal data, which are never logged.
    """
    seen = watched(governed)
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
    """Return test rows with what the model said of them, for the report.

    The first rows as they come, and every row that was answered wrongly, up to a limit: a
    picture of right answers only would say little.
    """
    target = rows.test.schema.target
    if target is None or predictions.lists is not None or predictions.replies is not None:
        return []
    truths = rows.test.frame.get_column(target.name).to_list()
    wrong = [i for i, truth in enumerate(truths) if _right(predictions, i, truth) is False]
    taken = sorted({*range(min(SAMPLES, len(truths))), *wrong[:WRONG_SAMPLES]})
    out: list[dict[str, Json]] = []
    for index in taken:
        said, confidence = _said(predictions, index)
        out.append(
            {
                "row": index,
                **shown_row(rows.test.schema, rows.test.frame.row(index, named=True)),
                "truth": plain(truths[index]),
                "prediction": said,
                "confidence": confidence,
                "right": _right(predictions, index, truths[index]),
            }
        )
    return out


def _right(predictions: Predictions, index: int, truth: Any) -> bool | None:
    if predictions.probabilities is None:
        return None
    said = predictions.classes[int(predictions.labels[index])]
    if isinstance(truth, bool):
        return said.lower() == str(truth).lower()
    return said == str(truth)


def _said(predictions: Predictions, index: int) -> tuple[Json, float | None]:
    if predictions.probabilities is None:
        return float(predictions.labels[index]), None
    label = int(predictions.labels[index])
    return predictions.classes[label], float(predictions.probabilities[index, label])
