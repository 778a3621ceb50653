"""What the path of tasks whose answers are replies does otherwise: chooser, judged rows, report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lingqu.core.nouns import REPLIES, TEXTS, Dataset, Json, Task
from lingqu.core.predictions import Predictions
from lingqu.core.reply_metrics import truths
from lingqu.flow.data_stage import Parts
from lingqu.flow.shown import plain, shown_row
from lingqu.learn.assemble import Choice
from lingqu.learn.replies.choose import choose_reply
from lingqu.release.predictor import Predictor

CHECKS = ("metrics", "efficiency")
"""What judges replies; the other checks are of single classes or values."""
JUDGED = 2_000
FEW_JUDGED = 300
"""Test rows that are judged at most; of texts, which some write word by word, fewer."""
_FIRST = 4
SHOWN = 40
"""Test rows that the report shows."""
_NOT_OURS = frozenset({"optimise", "augment", "workers", "folds"})


def choose_replies(section: Any) -> Any:
    """Return the chooser of these tasks with the arguments of that of tables."""

    def chosen(train: Dataset, task: Task, **given: Any) -> Choice:
        ours = {name: value for name, value in given.items() if name not in _NOT_OURS}
        return choose_reply(train, task, **ours)

    return chosen


def judged_rows(task: Task, parts: list[Dataset], seed: int) -> list[Dataset]:
    """Return the same test rows in several forms: all, or some of a task that takes its time.

    Args:
        task: Of the channel.
        parts: Test rows in several forms, row for row the same.
        seed: Seed of the draw.
    """
    most = FEW_JUDGED if task in TEXTS else JUDGED
    if task not in REPLIES or len(parts[0]) <= most:
        return parts
    drawn = np.random.default_rng(seed).choice(len(parts[0]), most, replace=False)
    rows = np.sort(drawn)
    return [replace(part, frame=part.frame[rows], digest="") for part in parts]


def with_truth(predictor: Predictor, test: Dataset, said: Predictions) -> Predictions:
    """Return answers to test rows with what the model makes of their truth, where it can tell.

    Rows whose truth nobody knows are told as if an empty text were wanted; no score counts them.
    """
    target = test.schema.target
    if said.replies is None or target is None or predictor.task == "generate":
        return said
    wanted = truths(test.frame.get_column(target.name).to_list(), predictor.task)
    frame = predictor.prepared(test.frame)
    return predictor.runner.with_truth(frame, said, ["" if one is None else one for one in wanted])


def shown_replies(rows: Parts, said: Predictions) -> list[dict[str, Json]]:
    """Return some test rows with what was said and what was wanted, spread as they come.

    Nothing for a task whose answers are classes, values or lists.
    """
    told, schema = said.replies, rows.test.schema
    target = schema.target
    if told is None or target is None or target.kind == "boxes":  # drawn, see `detects`
        return []
    shown: list[dict[str, Json]] = []
    for row in np.unique(np.linspace(0, len(told.said) - 1, SHOWN).astype(int)).tolist():
        cells = rows.test.frame.row(row, named=True)
        shown.append(
            {
                "row": row,
                **shown_row(schema, cells),
                "truth": plain(cells[target.name]),
                "prediction": in_words(told.said[row]),
                "confidence": None if told.sure is None else float(told.sure[row]),
                "right": None,
                "reply": True,
            }
        )
    return shown


def in_words(said: Json) -> str:
    """Return an answer as one text: tags with blanks between, the first numbers of a vector.

    Example:
        >>> in_words(["N", "V"]), in_words([0.25] * 9), in_words("the canal")
        ('N V', '0.25 0.25 0.25 0.25 … (9)', 'the canal')
    """
    if not isinstance(said, list):
        return str(said)
    if not all(isinstance(part, float) for part in said) or not said:
        return " ".join(map(str, said))
    return " ".join(f"{number:.3g}" for number in said[:_FIRST]) + f" … ({len(said)})"
