"""What stands for a learner in a release: one fold, the bag of five, or one refit on all rows.

A few hundred rows are drawn from each of many public tables (those of `small_tables.py`); each
learner is fitted on five folds of them, and on all of them with the options that its folds tell
(`Lane.refit_options`). All other rows of the table judge. Printed is the loss of the bag and of the
refit beside the mean of the folds alone; the last column is a refit that trains to the end of its
schedule, as if held-out rows had said nothing.

    python benchmarks/refits.py [--learners mlp,tabm,lightgbm,xgboost] [--tables voted,hpc]
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from figures import machine
from small_tables import TABLES, halves

from lingqu.core import catalog
from lingqu.core.metrics import greater_is_better, loss
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget
from lingqu.core.predictions import Predictions
from lingqu.data.infer import typed
from lingqu.data.roles import ready
from lingqu.learn.candidate import Fit
from lingqu.learn.ensemble import average
from lingqu.learn.lane import STOPS, Lane
from lingqu.learn.portfolio import Entry, facts_of
from lingqu.release.runner import predict_model

FOLDS = 5
SECONDS = 120.0


def learned(name: str, options: Mapping[str, Json], train: Dataset, valid: Dataset) -> Model:
    """Fit a learner by its name."""
    learner: Any = catalog.load("algorithms", name)(**options)
    model: Model = learner.fit(train, valid, Budget(SECONDS, seed=0), lambda row: None)
    return model


def losses(table: str, name: str) -> tuple[float, float, float, float]:
    """Return the losses of one fold (mean), of the bag, of the refit, and of a refit to the end."""
    _, _, task, metric, _, _ = TABLES[table]
    learn, judge = halves(table, 0)
    rows = ready(typed(learn), target="target", task=task)
    turn = np.random.default_rng(0).permutation(len(learn))
    lane = Lane(Entry(name, name, tag=facts_of(name).engine))
    said: list[Predictions] = []
    asked = judge.drop("target")
    for fold in range(FOLDS):
        held = np.sort(turn[fold::FOLDS])
        train, valid = (
            replace(rows, frame=rows.frame[part])
            for part in (np.setdiff1d(turn, held), held)
        )  # fmt: skip
        model = learned(name, lane.fold_options, train, valid)
        lane.fits[fold] = Fit(model, None)
        said.append(predict_model(model, asked))
    truth = judge["target"].to_numpy()
    if model.classes:
        truth = np.array([model.classes.index(label) for label in truth])
    least = 1.0 if greater_is_better(metric) else 0.0

    def lost(one: Predictions) -> float:
        return loss(metric, truth, one) + least

    lane.all_rows = True
    again = dict(lane.refit_options or {})
    nobody = replace(rows, frame=rows.frame.head(0))
    refit = predict_model(learned(name, again, rows, nobody), asked)
    heedless = {key: value for key, value in again.items() if key not in STOPS}
    to_the_end = predict_model(learned(name, heedless, rows, nobody), asked)
    bag = average(said, [1 / FOLDS] * FOLDS)
    return float(np.mean([lost(one) for one in said])), lost(bag), lost(refit), lost(to_the_end)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", default="mlp,tabm,lightgbm,xgboost,catboost")
    parser.add_argument("--tables", default=",".join(TABLES))
    given = parser.parse_args()
    print(machine())
    print(f"{'learner, table, score':<34} {'one fold':>9} {'bag':>9} {'refit':>9} {'to end':>9}")
    worse = 0
    for name in given.learners.split(","):
        found = []
        for table in given.tables.split(","):
            one, *others = losses(table, name)
            found.append([other / one - 1 for other in others])
            shares = "".join(f" {share:+9.1%}" for share in found[-1])
            print(f"{f'{name}, {table}, {TABLES[table][3]}':<34} {one:9.4f}{shares}", flush=True)
        mean = np.mean(found, axis=0)
        error = np.std(found, axis=0, ddof=min(1, len(found) - 1)) / len(found) ** 0.5
        print(f"{name}, mean (standard error)", end=" ")
        print("".join(f" {m:+.1%} ({e:.1%})" for m, e in zip(mean, error, strict=True)))
        worse += mean[1] > 0
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
