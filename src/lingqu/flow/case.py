"""What is judged at the gate: rows that were never used, how they are asked for, what was said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from lingqu.core.nouns import Dataset, Json, Model, Subject
from lingqu.core.ports import Engine
from lingqu.core.predictions import Predictions
from lingqu.flow.control_rows import acts
from lingqu.flow.controls import Played, played
from lingqu.flow.controls import judged_rows as walked_rows
from lingqu.flow.data_served import watched
from lingqu.flow.data_stage import Parts
from lingqu.flow.generate_pictures import picture_eyes
from lingqu.flow.generates import asks, conditions, watched_conditions
from lingqu.flow.recommends import some_users
from lingqu.flow.replies import judged_rows, with_truth
from lingqu.flow.sent import as_sent
from lingqu.flow.walk import Walk
from lingqu.release.model import to_bytes
from lingqu.release.predictor import Predictor
from lingqu.release.profile import signals


@dataclass(frozen=True)
class Case:
    """A model, and what it said of test rows.

    Args:
        model: As it will be released.
        predictor: It, opened.
        rows: Governed rows; of test rows those that are judged. Of a policy, what it saw.
        as_read: The same test rows before governance.
        asked: What the model was asked: the test rows; of a generator, conditions.
        said: Its answers.
        facts: What is known of the rows beside, JSON.
        played: The episodes of a policy; None for other tasks.
    """

    model: Model
    predictor: Predictor
    rows: Parts
    as_read: Dataset
    asked: Dataset
    said: Predictions
    facts: Mapping[str, Json]
    played: Played | None = None

    @property
    def makes(self) -> bool:
        """Whether rows are made, so that no answer belongs to a test row."""
        return self.model.task == "generate"

    def subject(
        self, walk: Walk, governed: Mapping[str, Json], trained: Mapping[str, Json]
    ) -> Subject:
        """Return what the checks look at.

        Args:
            walk: The run.
            governed: Result of the govern stage.
            trained: Result of the train stage.
        """
        train, rows = walk.channel.train, self.rows
        if self.makes:
            sent: dict[str, Any] = {"sent": self.asked, "answer": self.predictor.predict}
        else:
            sent = as_sent(self.as_read, governed, self.predictor.runner)
        facts = {
            **_cost(trained, self.model), "coverage": train.coverage,
            "coverage_by": train.coverage_by, "hierarchy": list(train.hierarchy), **self.facts,
        }  # fmt: skip
        return Subject(
            "gate", train.task, rows.train.schema, rows.train, rows.test, self.said,
            asks(self.predictor) if self.makes else self.predictor.predict,
            facts=facts, seed=train.seed, **sent,
        )  # fmt: skip

    def signals(self, raw: Parts, governed: Mapping[str, Json]) -> pl.DataFrame:
        """Return the signals of the reference rows as callers send them.

        Raw rows, since a fault such as a column gone missing is no longer seen once it is repaired;
        without the columns that hold personal data, which are never logged. Of a policy what it
        saw, of a generator what it was asked.
        """
        if self.makes:
            return watched_conditions(self.rows)
        seen = watched(governed)
        parts = raw if self.played is None else self.rows
        return signals(
            pl.concat(part.frame.select(seen.names) for part in (parts.train, parts.test)), seen
        )


def case_of(
    walk: Walk,
    model: Model,
    rows: Parts,
    as_read: Dataset,
    engine: Callable[[], Engine] | None = None,
) -> Case:
    """Let a model answer the test rows; many rows, users or texts are judged by some of them.

    Args:
        walk: The run.
        model: As it will be released.
        rows: Governed rows.
        as_read: The test rows before governance, row for row the same.
        engine: Gives the workers in which an environment runs.
    """
    train, facts = walk.channel.train, dict[str, Json]()
    tests = [rows.test, as_read]
    if train.task == "recommend":
        user = rows.test.schema.having("group")[0].name
        facts["users"] = rows.test.frame.get_column(user).n_unique()
        tests = some_users(tests, user, train.seed)
    test, as_read = judged_rows(train.task, tests, train.seed)
    rows = replace(rows, test=test)
    told = played(walk, model, rows.test, engine) if acts(walk.channel) else None
    if told is not None:
        rows, as_read = walked_rows(rows, told), told.rows
        facts["played"] = told.told
    facts |= picture_eyes(rows.train, train.task, train.seed)
    asked = conditions(rows.test) if model.task == "generate" else rows.test
    predictor = Predictor.of(model, asked.schema)
    said = with_truth(predictor, rows.test, predictor.predict(asked.frame))
    return Case(model, predictor, rows, as_read, asked, said, facts, told)


def _cost(trained: Mapping[str, Json], model: Model) -> dict[str, Json]:
    done = [c for c in trained["candidates"] if c["state"] == "done"]
    return {
        "fit_s": sum(c["seconds"] for c in done),
        "fit_cpu_s": sum(c["cpu_seconds"] for c in done),
        "size_mb": len(to_bytes(model)) / 1e6,
        "peak_mb": max((c["peak_mb"] for c in done), default=0.0),
    }
