"""What the path of the task flag does otherwise: its chooser, and the rows that were flagged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lingqu.core.nouns import Dataset, Json
from lingqu.core.predictions import Predictions
from lingqu.core.train_section import TrainSection
from lingqu.flow.data_stage import Parts
from lingqu.flow.shown import plain, shown_row
from lingqu.learn.assemble import Choice
from lingqu.learn.flag.choose import choose_flag
from lingqu.release.predictor import Predictor
from lingqu.release.reasons import reasons

SHOWN = 50
"""Flagged test rows that the report shows, the oddest first."""
_NOT_OURS = ("metric", "optimise", "augment", "workers")


def choose_flags(section: TrainSection) -> Any:
    """Return the chooser of this task with the arguments of that of tables."""

    def chosen(train: Dataset, task: str, **given: Any) -> Choice:
        for other in _NOT_OURS:
            given.pop(other, None)
        return choose_flag(train, rate=section.rate, **given)

    return chosen


def shown_flags(rows: Parts, predictor: Predictor, said: Predictions) -> Mapping[str, Json]:
    """Return the flagged test rows with what makes each odd, and how many there are.

    Nothing for a task that flags nothing.
    """
    if predictor.task != "flag" or said.probabilities is None:
        return {}
    odd = said.probabilities[:, 1]
    flagged = np.flatnonzero(said.labels == 1)
    order = flagged[np.argsort(-odd[flagged], kind="stable")][:SHOWN]
    target = rows.test.schema.target
    told: list[dict[str, Json]] = []
    if len(order):
        shown = rows.test.frame[order]
        for index, why in zip(order.tolist(), reasons(predictor.runner, shown), strict=True):
            row = rows.test.frame.row(index, named=True)
            told.append(
                {
                    "row": index,
                    **shown_row(rows.test.schema, row),
                    "truth": None if target is None else plain(row[target.name]),
                    "share": float(odd[index]),
                    "reasons": [reason.to_json() for reason in why],
                }
            )
    return {
        "count": len(flagged),
        "rows": len(odd),
        "threshold": predictor.runner.threshold,
        "labelled": target is not None,
        "shown": told,
    }
