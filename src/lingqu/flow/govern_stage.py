"""Stage 2, governance: operators fitted on training rows, then data-quality and leakage checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lingqu.core import catalog, digest
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.ports import Operator
from lingqu.data import versions
from lingqu.flow.data_stage import Parts
from lingqu.flow.shown import shown_row
from lingqu.flow.walk import Walk
from lingqu.govern.contract.operator import contract_findings
from lingqu.govern.pipeline import govern
from lingqu.govern.privacy.recognise import scan
from lingqu.release.prepare import hidden_columns, save_operators

DATA_CHECKS = ("quality", "leakage")
PRIVACY_ROWS = 20_000
"""Rows that are read for personal data after governance."""


def govern_stage(
    walk: Walk,
    data: Mapping[str, Json],
    pieces: Sequence[tuple[str, Any]],
    load: Callable[[], Parts],
) -> Mapping[str, Json]:
    """Clean and judge the rows of a channel.

    Args:
        walk: The run.
        data: Result of the data stage.
        pieces: Operators as (name, options), declared or chosen by plan.
        load: Gives the rows of the data stage, when they are needed.

    Returns:
        Versions of the governed rows, the state of the operators that travel, their reports,
        and the findings of the data checks.
    """
    inputs = {"data": data["digest"], "operators": [[name, options] for name, options in pieces]}

    def make() -> Mapping[str, Json]:
        rows = load()
        operators = [
            catalog.build("operators", name, options, walk.channel.where("govern", index))
            for index, (name, options) in enumerate(pieces)
        ]
        for operator in operators:
            if getattr(operator, "as_of", None) == "":
                operator.as_of = walk.home.clock()
        steps = [(o, name) for o, (name, _) in zip(operators, pieces, strict=True)
                 if not getattr(o, "augments", False)]  # fmt: skip
        result = govern(
            rows.train, rows.test, [o for o, _ in steps], [name for _, name in steps], walk.tell
        )
        _try_augmenting(operators, result.train)
        saved = save_operators(result.operators)
        findings = list(_contract(result.reports))
        findings += _private(result.train)
        findings += _look(walk, "quality", *_as_read(rows, hidden_columns(saved)))
        findings += _look(walk, "leakage", result.train, result.test or rows.test)
        kept = {
            "train": _keep(walk, result.train, "train", rows.train.digest),
            "test": _keep(walk, result.test or rows.test, "test", rows.test.digest),
        }
        return {
            **kept,
            "digest": digest.of_json([kept["train"]["digest"], kept["test"]["digest"], inputs]),
            "schema": result.train.schema.to_json(),
            "raw_schema": data["schema"],
            "operators": saved,
            "augment": [
                [name, options, save_operators(operators[place + 1 :])]
                for place, (name, options) in enumerate(pieces)
                if getattr(operators[place], "augments", False)
            ],
            "reports": [
                _with_rows(report, rows.train, hidden_columns(saved)) for report in result.reports
            ],
            "removed": list(result.removed),
            "findings": [finding.to_json() for finding in findings],
            "blobs": [kept["train"]["blob"], kept["test"]["blob"]],
        }

    return walk.stage("govern", inputs, make)


def _try_augmenting(operators: Sequence[Operator], train: Dataset) -> None:
    """Fit what will augment, so that a wrong option is known now and not in every fit."""
    for operator in operators:
        if getattr(operator, "augments", False):
            operator.fit(train)


def _contract(reports: Sequence[Mapping[str, Json]]) -> Sequence[Finding]:
    for report in reports:
        if report["operator"] == "contract":
            return contract_findings(report["report"])
    return ()


def _as_read(rows: Parts, hidden: set[str]) -> tuple[Dataset, Dataset]:
    """Return the rows before any repair, without the columns that hold personal data.

    How good the data is must be said of what came in: after governance nothing is missing.
    """
    parts = [
        replace(
            part, frame=part.frame.drop(hidden, strict=False), schema=part.schema.without(hidden)
        )
        for part in (rows.train, rows.test)
    ]
    return parts[0], parts[1]


def _look(walk: Walk, name: str, train: Dataset, test: Dataset) -> list[Finding]:
    walk.tell({"event": "check", "name": name})
    subject = Subject(
        "data", walk.channel.train.task, train.schema, train, test, facts=dict(train.facts)
    )
    found: list[Finding] = catalog.build("checks", name).look(subject)
    return found


def _with_rows(report: Mapping[str, Json], train: Dataset, hidden: set[str]) -> Mapping[str, Json]:
    """Return the report of label suspects with the rows themselves, to look at.

    Rows are shown as they were read, without the columns that hold personal data.
    """
    if report["operator"] != "find_label_errors":
        return report
    schema = train.schema.without(hidden)
    samples = [
        {**sample, **shown_row(schema, train.frame.row(sample["row"], named=True))}
        for sample in report["report"].get("samples", ())
    ]
    return {**report, "report": {**report["report"], "samples": samples}}


def _private(train: Dataset) -> list[Finding]:
    """Return what direct personal data is left in the governed rows, or one finding of none."""
    read = train.frame.head(PRIVACY_ROWS)
    none = Finding("privacy", "privacy.found", 0.0, n=read.height, verdict="pass")
    return scan(read, train.schema) or [none]


def _keep(walk: Walk, dataset: Dataset, name: str, parent: str) -> dict[str, Json]:
    part = replace(dataset, digest=digest.of_frame(dataset.frame, dataset.schema))
    blob = versions.save(part, walk.home.blobs)
    if part.digest != parent:
        walk.home.ledger.datasets.put(
            part.digest,
            walk.channel.name,
            f"{name}, governed",
            blob,
            part.schema.to_json(),
            dict(part.facts),
            len(part),
            [parent],
            walk.home.clock(),
        )
    return {"blob": blob, "digest": part.digest, "rows": len(part)}
