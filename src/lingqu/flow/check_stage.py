"""Stage 4, judgement: the chosen model on rows that were never used for fitting or choosing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from lingqu.check.curves import curves
from lingqu.check.see.seen import seen
from lingqu.core import catalog, digest
from lingqu.core.metric_table import is_known, named_by
from lingqu.core.metrics import names
from lingqu.core.nouns import REPLIES, Finding, Json, Subject, Task
from lingqu.core.ports import Engine
from lingqu.core.predictions import Predictions
from lingqu.core.spec import Channel
from lingqu.flow.case import case_of
from lingqu.flow.controls import CHECKS as POLICY_CHECKS
from lingqu.flow.controls import kept_film
from lingqu.flow.data_stage import Parts
from lingqu.flow.detects import shown_scenes
from lingqu.flow.flags import shown_flags
from lingqu.flow.forecasts import shown_series
from lingqu.flow.generates import CHECKS as MADE_CHECKS
from lingqu.flow.generates import shown_made, watched_outputs
from lingqu.flow.logged import CHECKS as LOG_CHECKS
from lingqu.flow.recommends import CHECKS as LIST_CHECKS
from lingqu.flow.recommends import shown_users
from lingqu.flow.replies import CHECKS as REPLY_CHECKS
from lingqu.flow.replies import shown_replies
from lingqu.flow.sent import kept
from lingqu.flow.shown import plain, shown_row
from lingqu.flow.train_stage import load_model
from lingqu.flow.walk import Walk
from lingqu.learn.custom_metric import known
from lingqu.release.encode import targets
from lingqu.release.prepare import restore_operators
from lingqu.release.profile import fit_profile

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
        case = case_of(walk, load_model(walk, trained), load(), raw().test, engine)
        subject, rows, said = case.subject(walk, governed, trained), case.rows, case.said
        alike = subject.task not in REPLIES and case.played is None
        exact = curves(case.model, rows.test.frame, rows.test.schema) if alike else {}
        findings = _found(walk, subject, asked, bool(exact))
        profile = fit_profile(case.signals(raw(), governed), said, y=_truth(rows, subject.task))
        profile["outputs"] = watched_outputs(profile["outputs"], governed)
        blob = walk.write_json(f"profiles/{digest.of_json(profile)}.json", profile)
        walk.tell({"event": "check", "name": "see"})
        made = shown_made(rows, said, case.predictor)
        operators = restore_operators(governed["operators"])
        looked = {
            **seen(case.model, subject, kept(case.as_read, operators)),
            **({"made": made["pictures"]} if "pictures" in made else {}),
        }
        shown = walk.write_json(f"seen/{digest.of_json(looked)}.json", looked)
        film = kept_film(walk, case.played)
        told = not case.makes and case.played is None
        return {
            "findings": [finding.to_json() for finding in findings],
            "profile": blob,
            "curves": exact,
            "seen": shown,
            "played": dict(case.played.told) if case.played else {},
            "film": film,
            "samples": samples(rows, said) + shown_replies(rows, said) if told else [],
            "made": made,
            "forecast": shown_series(rows, case.model, case.predictor.predict),
            "flagged": shown_flags(rows, case.predictor, said),
            "lists": shown_users(rows, said),
            "scenes": shown_scenes(rows, said),
            "blobs": [blob, shown, *([film] if film else [])],
        }

    return walk.stage("check", inputs, make)


def _found(walk: Walk, subject: Subject, asked: Sequence[str], exact: bool) -> list[Finding]:
    """Return what the checks of the task see, one after the other.

    Args:
        walk: The run, which is told of each.
        subject: What they look at.
        asked: Metrics that are measured beside the usual ones.
        exact: Whether the curves of the model are known: what is known need not be sampled.
    """
    findings: list[Finding] = []
    for name in judges(subject.task, bool(subject.schema.having("reward"))):
        walk.tell({"event": "check", "name": name})
        options: dict[str, Json] = {}
        if name == "metrics" and asked:
            options = {"also": list(asked)}
        elif name == "importance" and exact:
            options = {"effects": 0}
        findings.extend(catalog.build("checks", name, options).look(subject))
    return findings


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
