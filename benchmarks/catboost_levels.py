"""What CatBoost's own statistics of categories are worth beside codes of their levels.

A bag of five folds of each, on the tables of `small_tables.py` that have categories; all other rows
judge. A line per table and draw, then the mean; exit code 1 if its own are no better.

    python benchmarks/catboost_levels.py [--splits 2]
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from time import process_time

import numpy as np
from figures import machine
from small_tables import TABLES, halves

from lingqu.core.metrics import greater_is_better, loss
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget
from lingqu.core.predictions import Predictions
from lingqu.data.infer import typed
from lingqu.data.roles import ready
from lingqu.learn.tabular.catboost import CatBoost
from lingqu.release.predictor import Predictor

NAMES = (
    "mlc", "insured", "remote", "hmda", "arrests", "contraception", "schooling", "scores",
    "hours", "voted",
)  # fmt: skip


def bag(data: Dataset, levels: str, split: int, judge: object, metric: str) -> tuple[float, float]:
    """Return the loss of the mean of five fits on other rows, and CPU seconds."""
    from sklearn.model_selection import KFold, StratifiedKFold

    def part(rows: np.ndarray) -> Dataset:
        return replace(data, frame=data.frame[rows], digest="")

    began, said, classes = process_time(), [], ()
    y = data.frame["target"].to_numpy()
    numbers = data.frame["target"].dtype.is_numeric()
    cut = (KFold if numbers else StratifiedKFold)(5, shuffle=True, random_state=split)
    for learned, held in cut.split(y, y):
        learner = CatBoost(levels=levels)
        model = learner.fit(part(learned), part(held), Budget(60.0), lambda row: None)
        told = Predictor.of(model, data.schema).predict(judge.drop("target"))
        classes = model.classes
        said.append(told.labels if told.probabilities is None else told.probabilities)
    mean, truth = np.mean(said, axis=0), judge["target"].to_numpy()
    if classes:
        truth = np.array([classes.index(name) for name in truth])
    answer = Predictions(mean.argmax(1), mean, classes) if classes else Predictions(mean)
    least = 1.0 if greater_is_better(metric) else 0.0
    return loss(metric, truth, answer) + least, process_time() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=2)
    asked = parser.parse_args()
    print(machine())
    print(f"{'table':15} {'draw':>4} {'codes':>9} {'own':>9} {'change':>8} {'CPU s':>12}")
    changes = []
    for name in NAMES:
        _, _, task, metric, _, _ = TABLES[name]
        for split in range(asked.splits):
            learn, judge = halves(name, split)
            data = ready(typed(learn), target="target", task=task)
            (codes, one), (own, two) = (
                bag(data, levels, split, judge, metric) for levels in ("codes", "own")
            )
            changes.append(own / codes - 1)
            print(f"{name:15} {split:4} {codes:9.4f} {own:9.4f} {changes[-1]:+8.1%} "
                  f"{one:5.1f}, {two:4.1f}", flush=True)  # fmt: skip
    mean, error = np.mean(changes), np.std(changes, ddof=1) / np.sqrt(len(changes))
    print(f"change of the loss by its own statistics: {mean:+.1%} ± {error:.1%}")
    return 0 if mean < 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
