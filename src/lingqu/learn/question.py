"""What a choice is asked, once its rows are settled: the truth, the score, the held-out rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import SpecError, TrainError
from lingqu.core.floors import floor_of
from lingqu.core.i18n import both
from lingqu.core.metrics import greater_is_better
from lingqu.core.nouns import VALUES, Dataset, Task
from lingqu.learn.adjust import adjustment_of
from lingqu.learn.assemble import Choice
from lingqu.learn.contest import Contest
from lingqu.learn.custom_metric import known
from lingqu.learn.folds import Folds, Rows, lonely, make_folds, refuse_unscored
from lingqu.learn.lists import lists_of
from lingqu.learn.repeats import repeated
from lingqu.learn.sample import sample
from lingqu.learn.shift import share_of
from lingqu.learn.standings import Standings
from lingqu.release.encode import targets, weights


@dataclass(frozen=True)
class Question:
    """Rows to learn from, and by what answers to them are judged.

    Args:
        train: The rows, perhaps a sample of those that were given.
        task: What is asked of a row.
        y: Truth of each row, in `units`.
        classes: Names of the classes; empty for a regression.
        metric: Score that decides.
        folds: The held-out rows.
        lists: Which rows are ranked together, where the score is of lists.
        share: Of a quantile, where the score is of one.
        sampled: Numbers of the rows of `train` among those that were given; None for all.
        given: How many rows were given.
        contest: What the task brings of its own.
    """

    train: Dataset
    task: Task
    y: NDArray[Any]
    classes: tuple[str, ...]
    metric: str
    folds: Folds
    lists: Rows | None
    share: float | None
    sampled: Rows | None
    given: int
    contest: Contest | None

    @property
    def by_row(self) -> bool:
        """Whether rows are drawn one by one and judged one by one, by answers as they came."""
        return self.contest is None and self.lists is None and self.share is None

    def instruct(self, standings: Standings, tuned: bool) -> None:
        """Tell the standings how answers are compared.

        Args:
            standings: Of the race.
            tuned: Whether each candidate is compared with its own best threshold.
        """
        standings.lists, standings.share = self.lists, self.share
        if not tuned:
            standings.adjust = adjustment_of(self.y, len(self.classes), self.metric)
        if self.contest is not None:
            standings.close, standings.settle = self.contest.close, self.contest.settle

    def among_given(self, choice: Choice) -> Choice:
        """Return a choice with the rows numbered as they were given, and what is to say of them."""
        first, *notes = choice.notes
        if self.sampled is not None:
            of = self.sampled
            missed = tuple({**row, "row": int(of[row["row"]])} for row in choice.missed)
            choice = replace(choice, rows=of[choice.rows], missed=missed)
            notes.insert(0, both("choice.note_sample", rows=len(self.train), all=self.given))
        if alone := lonely(self.y, self.classes):
            notes.insert(0, both("learn.note_lonely", names=", ".join(alone)))
        return replace(choice, notes=(first, *notes))


def ask(
    train: Dataset,
    task: Task,
    *,
    budget_s: float,
    workers: int,
    seed: int,
    metric: str,
    folds: int | None,
    optimise: Sequence[str],
    families: NDArray[np.int64] | None,
    contest: Contest | None,
    hears: bool = False,
) -> Question:
    """Settle the rows of a choice and how they are judged; for the arguments see `choose`.

    `hears` says whether a learner was named that reads recordings as they are.

    Raises:
        TrainError: The rows hold nothing to learn, or allow no validation by this metric.
        SpecError: Unknown metric, or a floor where there are not two classes.
        DataError: A target or weight that cannot be used.
    """
    train = with_levels(train, task)
    given, sampled = len(train), None
    if contest is None and families is None:
        train, sampled = sample(train, task, budget_s, workers, seed)
    y, classes = targets(train, task)
    _refuse_hopeless(train, y, classes, hears)
    refuse_floor(classes, optimise)
    metric = known(metric) if metric else default_metric(task, y)
    greater_is_better(metric)  # refuses an unknown name before any work
    parts = contest.folds if contest else make_folds(train, y, task, folds, seed, families)
    if contest is None and folds is None:
        parts = repeated(
            parts, len(train), lambda turn: make_folds(train, y, task, None, seed + turn, families)
        )
    if contest is not None and contest.units is not None:
        y = y / contest.units
    lists = lists_of(train, metric) if contest is None else None
    refuse_unscored(parts, y, classes, metric, lists)
    share = share_of(metric) if contest is None else None
    return Question(train, task, y, classes, metric, parts, lists, share, sampled, given, contest)


def with_levels(train: Dataset, task: Task) -> Dataset:
    """Return the data with a target that says what it is: a number, or classes with names."""
    column = train.schema.target
    if column is None or column.name not in train.frame.columns:
        return train  # `targets` words the error
    if task in VALUES:
        return replace(train, schema=train.schema.updated(column.name, kind="number"))
    levels = column.levels
    if not levels and train.frame.get_column(column.name).dtype != pl.Boolean:
        values = train.frame.get_column(column.name).drop_nulls().unique().sort()
        levels = tuple(dict.fromkeys(values.cast(pl.String).to_list()))
    kind = column.kind if column.kind in ("category", "boolean") else "category"
    return replace(train, schema=train.schema.updated(column.name, kind=kind, levels=levels))


def default_metric(task: Task, y: NDArray[Any]) -> str:
    """Return the score that decides when the channel names none.

    Example:
        >>> default_metric("classify", np.array([0] * 9 + [1]))
        'roc_auc'
    """
    if task in VALUES:
        return "rmse"
    if task == "verify":
        return "eer"
    shares = np.unique(y, return_counts=True)[1] / len(y)
    if len(shares) == 2:
        return "roc_auc" if shares.min() < 0.35 else "accuracy"
    return "accuracy" if shares.max() < 5 * shares.min() else "balanced_accuracy"


def refuse_floor(classes: Sequence[str], optimise: Sequence[str]) -> None:
    """Refuse a floor for the threshold where there is none to set.

    Raises:
        SpecError: There are not two classes.
    """
    floor = floor_of(optimise)
    if floor is not None and len(classes) != 2:
        names = ", ".join(classes[:10])
        raise SpecError("choice.floor_classes", floor=str(floor), count=len(classes), classes=names)


def _refuse_hopeless(
    train: Dataset, y: NDArray[Any], classes: tuple[str, ...], hears: bool
) -> None:
    """Refuse rows that hold nothing to learn."""
    features = train.schema.features
    if features and not hears and all(column.kind == "audio" for column in features):
        raise TrainError("learn.only_audio", columns=", ".join(c.name for c in features))
    different = np.unique(y)
    if len(different) >= 2:
        weight = weights(train)
        if weight is not None and len(np.unique(y[weight > 0])) < 2:
            name = train.schema.having("weight")[0].name
            raise TrainError("learn.one_class_weighed", column=name, rows=int((weight > 0).sum()))
        return
    if classes:
        raise TrainError("learn.one_class", seen=classes[int(different[0])] if len(y) else None)
    name = train.schema.target.name if train.schema.target else ""
    raise TrainError("learn.constant_target", column=name, value=float(y[0]) if len(y) else None)
