"""Stage 2, governance: operators fitted on training rows, then data-quality and leakage checks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from lingqu.core import catalog, digest
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.ports import Operator, Settled
from lingqu.core.schema import Schema
from lingqu.core.surroundings import Surroundings
from lingqu.flow.contracts import folder_of, referenced, with_rules
from lingqu.flow.data_stage import Parts
from lingqu.flow.decisions import Decisions, decided, row_key, spared, with_ids
from lingqu.flow.judge_privacy import judge_privacy
from lingqu.flow.keep_version import identities, keep_version
from lingqu.flow.last_run import REMOVED
from lingqu.flow.mask_keys import keys_of, noting_new_keys
from lingqu.flow.row_numbers import order_of
from lingqu.flow.shown import shown_row
from lingqu.flow.signature_memory import SignatureMemory
from lingqu.flow.walk import Walk
from lingqu.govern.contract.operator import contract_findings
from lingqu.govern.pipeline import Governed, govern
from lingqu.release.prepare import PROTECTS, apply_all, hidden_columns, save_operators

DATA_CHECKS = ("quality", "associations", "leakage")
REMOVED_SHOWN = 1000
"""Removed rows that the result of the stage itself lists; all of them lie in a blob."""


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
    pieces = with_rules(walk.channel, pieces)
    inputs = {"data": data["digest"], "operators": [[name, options] for name, options in pieces]}
    if files := referenced(walk.channel, pieces):
        inputs["files"] = files
    if keys := keys_of(walk.home, pieces):
        inputs["keys"] = keys
    decisions = decided(walk.home, walk.channel.name)
    if decisions.kept:
        inputs["kept"] = Decisions(kept=decisions.kept).key()

    def make() -> Mapping[str, Json]:
        rows = load()
        operators = built(
            pieces,
            Surroundings(
                walk.home.clock(),
                folder_of(walk.channel),
                walk.home.root,
                SignatureMemory(walk.home, walk.channel.name),
                order_of(walk, data, rows),
            ),
            partial(walk.channel.where, "govern"),
        )
        places = [place for place, operator in enumerate(operators) if not augments(operator)]
        steps = [pieces[place] for place in places]
        with noting_new_keys(walk.home):
            result = govern(
                rows.train,
                rows.test,
                [operators[place] for place in places],
                [name for name, _ in steps],
                walk.tell,
                spared(rows.train, decisions, row_key(walk.home)),
            )
        _try_augmenting(operators, result.train)
        saved = save_operators(result.operators)
        findings = list(_contract(result.reports))
        findings += judge_privacy(walk, result, saved)
        for name in ("quality", "associations"):
            findings += _look(walk, name, *_as_read(rows, hidden_columns(saved)))
        # A rule's action follows from what it sees, and equal decisions are two: that is no leak.
        if walk.channel.train.task != "control":
            findings += _look(walk, "leakage", *_in_words(result, rows))
        kept = {
            "train": _keep(walk, result.train, "train", rows.train.digest, steps),
            "test": _keep(walk, result.test or rows.test, "test", rows.test.digest, steps),
        }
        removed = _removed(walk, result.removed, rows.train)
        lists = [removed["removed_blob"]] if removed["removed_blob"] else []
        return {
            **kept,
            "digest": digest.of_json([kept["train"]["digest"], kept["test"]["digest"], inputs]),
            "schema": result.train.schema.to_json(),
            "raw_schema": data["schema"],
            "operators": saved,
            "augment": [
                [name, options, save_operators(operators[place + 1 :])]
                for place, (name, options) in enumerate(pieces)
                if augments(operators[place])
            ],
            "reports": [
                _with_rows(walk, report, rows.train, hidden_columns(saved))
                for report in result.reports
            ],
            **removed,
            "findings": [finding.to_json() for finding in findings],
            "blobs": [kept["train"]["blob"], kept["test"]["blob"], *lists],
        }

    # What was declared of the data changes what is found, not the rows: no model is fitted again.
    return walk.stage("govern", {**inputs, "facts": data.get("facts", {})}, make)


def built(
    pieces: Sequence[tuple[str, Any]], surroundings: Surroundings, where: Callable[[int], str]
) -> list[Operator]:
    """Return the operators that were declared, each told where it works if it asks.

    Args:
        pieces: Operators as (name, options).
        surroundings: The time, the folder, the keys and the memory to work with.
        where: Says where a piece stands, for an error message.

    Raises:
        SpecError: An operator is unknown, or refuses its options.
    """
    operators: list[Operator] = []
    for index, (name, options) in enumerate(pieces):
        operator: Operator = catalog.build("operators", name, options, where(index))
        if isinstance(operator, Settled):
            operator.settle(surroundings)
        operators.append(operator)
    return operators


def augments(operator: Operator) -> bool:
    """Say whether it makes training rows or re-draws them; a plug-in need not say it does not."""
    return bool(getattr(operator, "augments", False))


def _removed(walk: Walk, removed: Sequence[Mapping[str, Json]], train: Dataset) -> dict[str, Json]:
    """Return the first removed rows, how many there are, and where all of them are listed."""
    listed = with_ids(removed, train.frame, train.schema, row_key(walk.home))
    blob = ""
    if len(listed) > REMOVED_SHOWN:
        data = json.dumps(listed, ensure_ascii=False).encode()
        blob = f"{REMOVED}/{digest.of_bytes(data)}.json"
        walk.home.blobs.write(blob, data)
    return {
        "removed": listed[:REMOVED_SHOWN],
        "removed_count": len(listed),
        "removed_by": dict(Counter(str(row["operator"]) for row in listed)),
        "removed_blob": blob,
    }


def _try_augmenting(operators: Sequence[Operator], train: Dataset) -> None:
    """Fit what will augment, so that a wrong option is known now and not in every fit."""
    for operator in operators:
        if augments(operator):
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


def _in_words(result: Governed, rows: Parts) -> tuple[Dataset, Dataset]:
    """Return the governed rows, with the texts as read in place of vectors made of them.

    Copies are shown side by side, and near ones are found in words and not in weights. Personal
    data in the texts is masked as it was before the vectors were made.
    """
    train, test = result.train, result.test or rows.test
    vectors = {c.name for c in train.schema.features if c.kind == "vector"}
    names = [c.name for c in rows.train.schema.features if c.kind == "text" and c.name in vectors]
    if not names:
        return train, test
    masks = [operator for operator in result.operators if operator.name in PROTECTS]
    read = replace(rows.train, frame=rows.train.frame[result.kept_rows]), rows.test
    shown = [apply_all(part, masks) for part in read]
    names = [name for name in names if name in shown[0].schema]
    schema = Schema(tuple(shown[0].schema[c.name] if c.name in names else c for c in train.schema))
    parts = [
        replace(part, frame=part.frame.with_columns(words.frame.select(names)), schema=schema)
        for part, words in zip((train, test), shown, strict=True)
    ]
    return parts[0], parts[1]


def _look(walk: Walk, name: str, train: Dataset, test: Dataset) -> list[Finding]:
    walk.tell({"event": "check", "name": name})
    subject = Subject(
        "data", walk.channel.train.task, train.schema, train, test, facts=dict(train.facts)
    )
    found: list[Finding] = catalog.build("checks", name).look(subject)
    return found


def _with_rows(
    walk: Walk, report: Mapping[str, Json], train: Dataset, hidden: set[str]
) -> Mapping[str, Json]:
    """Return the report of label suspects with the rows themselves, to look at.

    Rows are shown as they were read, without the columns that hold personal data.
    """
    if report["operator"] != "find_label_errors":
        return report
    schema = train.schema.without(hidden)
    listed = report["report"].get("samples", ())
    samples = [
        {**sample, **shown_row(schema, train.frame.row(sample["row"], named=True))}
        for sample in with_ids(listed, train.frame, train.schema, row_key(walk.home))
    ]
    return {**report, "report": {**report["report"], "samples": samples}}


def _keep(
    walk: Walk, dataset: Dataset, name: str, parent: str, pieces: Sequence[tuple[str, Any]]
) -> dict[str, Json]:
    return keep_version(
        walk.home,
        walk.channel.name,
        f"{name}, governed",
        dataset,
        parents=[parent],
        operators=identities(pieces),
    )
