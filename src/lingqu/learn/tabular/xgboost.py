"""Gradient-boosted trees of XGBoost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import xgboost
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.tabular.graph import verify
from lingqu.learn.tabular.lightgbm import WIDE, few_levels
from lingqu.learn.tabular.monotone import signs
from lingqu.learn.tabular.options import Directed
from lingqu.learn.tabular.rows import Rows
from lingqu.learn.tabular.target import Bend
from lingqu.learn.tabular.trees import (
    BELOW,
    LEAF,
    Tree,
    bend_of,
    boosted,
    goal_of,
    lifted,
    one_of,
    scale_of,
)

_EVERY = 10
_MANY = 100_000
"""Rows above which only their bins are held."""
_LEAF_S = 1e-5


@dataclass
class XgBoost(Directed):
    """Fit trees of bounded depth one after the other, each on the errors of those before it.

    Grows level by level and shrinks leaves by their certainty: a cousin of LightGBM that errs a
    little differently.

    Args:
        learning_rate: Weight of each tree, 0 to 1; 0 chooses 0.1 for more than two classes, 0.05
            else.
        depth: Most questions in a row, ≥ 1; 0 chooses 4 up to 3 000 rows and 6 above.
        smallest_leaf: Least sum of curvature in a leaf, ≥ 0; for values the number of rows.
        rounds: Most trees per class; validation usually stops earlier.
        patience: Rounds without gain on the validation rows before stopping.
        column_share: Share of the columns each tree may read, 0 to 1.
        row_share: Share of the rows each tree is fitted on, 0 to 1.
        l2: Penalty of large leaf values, ≥ 0.

    Example:
        >>> XgBoost(depth=4).depth, XgBoost.engine
        (4, 'sklearn')

    Source: Chen and Guestrin, "XGBoost: a scalable tree boosting system", KDD 2016,
        doi:10.1145/2939672.2939785.
    """

    name: ClassVar[str] = "xgboost"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    engine: ClassVar[str] = "sklearn"

    learning_rate: float = 0.0
    depth: int = 0
    smallest_leaf: float = 3.0
    rounds: int = 2000
    patience: int = 40
    column_share: float = 0.6
    row_share: float = 0.8
    l2: float = 1.0

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, stop on `valid` or at `budget.seconds`."""
        end = time.monotonic() + 0.95 * budget.seconds
        fold = self.fold(train, valid)
        bend = bend_of(fold, self.target)
        parameters = self._parameters(fold, budget)
        limit = _Watch(end, _LEAF_S * 2.0 ** parameters["max_depth"], progress)
        tables = _tables(fold, bend)
        fold = fold.judging()  # XGBoost has its own copy of the rows, and needs as much beside it
        booster = self._boost(parameters, *tables, limit)
        trees = trees_of(bytes(booster.save_raw("json")))
        base = parameters["base_score"]
        bias = float(np.log(base / (1 - base))) if len(fold.classes) == 2 else 0.0
        bend = lifted(bend, fold, lambda x: booster.predict(_table(fold, x)))
        data = boosted(trees, fold, bend, bias)
        said = np.asarray(booster.predict(_table(fold, fold.sample)), dtype=np.float64)
        if not fold.classes:
            said = bend.backward(said)[:, None]
        elif said.ndim == 1:
            said = np.column_stack([1.0 - said, said])
        verify(self.name, data, fold.sample, said, scale_of(fold), budget.threads)
        done = booster.num_boosted_rounds()
        notes = {"rounds": done, "refit": {"rounds": max(1, round(1.1 * done))}, "bag": True}
        return fold.model(self.name, data, notes | {"cut_short": limit.reached})

    def _boost(
        self, parameters: dict[str, Any], table: Any, shown: list[tuple[Any, str]], limit: _Watch
    ) -> Any:
        callbacks: list[xgboost.callback.TrainingCallback] = [limit]
        if shown:
            callbacks.append(xgboost.callback.EarlyStopping(rounds=self.patience))
        booster = xgboost.train(
            parameters, table, self.rounds, evals=shown, callbacks=callbacks, verbose_eval=False
        )
        return booster[: booster.best_iteration + 1] if shown else booster

    def _parameters(self, fold: Rows, budget: Budget) -> dict[str, Any]:
        n, k = len(fold.x), len(fold.classes)
        objectives = {0: "reg:squarederror", 2: "binary:logistic"}
        base = 0.0 if not k else 0.5
        if k == 2:
            base = float(np.clip(np.average(fold.y, weights=fold.weight), 1e-3, 1 - 1e-3))
        parameters = {
            "objective": objectives.get(k, "multi:softprob"),
            "base_score": base,
            "learning_rate": self.learning_rate or (0.1 if k > 2 else 0.05),
            "max_depth": self.depth or (4 if n <= 3000 else 6),
            "min_child_weight": self.smallest_leaf,
            "colsample_bytree": self.column_share,
            "subsample": self.row_share,
            "lambda": self.l2,
            "tree_method": "hist",
            "nthread": budget.threads if n >= WIDE else 1,
            "seed": budget.seed,
            "verbosity": 0,
        }
        if k > 2:
            parameters["num_class"] = k
        if any(wanted := signs(fold, self.monotone)):
            parameters["monotone_constraints"] = tuple(wanted)
        return parameters


class _Watch(xgboost.callback.TrainingCallback):  # type: ignore[misc]
    """Ends training while there is time for the graph, and reports the loss now and then."""

    def __init__(self, end: float, round_s: float, progress: Progress) -> None:
        super().__init__()
        self._end, self._round_s, self._progress = end, round_s, progress
        self.reached = False

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Say whether training must stop."""
        if epoch % _EVERY == 0 and evals_log:
            (losses,) = evals_log["valid"].values()
            self._progress({"epoch": epoch + 1, "valid_loss": float(losses[-1])})
        self.reached = time.monotonic() + self._round_s * (epoch + 2) > self._end
        return self.reached


def _tables(fold: Rows, bend: Bend) -> tuple[Any, list[tuple[Any, str]]]:
    """Return the training rows and, where there are any, those that say when to stop."""
    # The same trees from bins alone: 145 MB less for 230,000 rows of 41 columns, for some seconds.
    binned = xgboost.QuantileDMatrix if len(fold.x) > _MANY else None
    table = _table(fold, fold.x, goal_of(fold, bend), fold.weight, binned or xgboost.DMatrix)
    if not len(fold.valid_y):
        return table, []
    held = partial(binned, ref=table) if binned else xgboost.DMatrix
    truth = goal_of(fold, bend, fold.valid_y)
    return table, [(_table(fold, fold.valid_x, truth, made=held), "valid")]


def _table(
    fold: Rows,
    x: NDArray[np.float32],
    y: NDArray[Any] | None = None,
    weight: NDArray[np.float64] | None = None,
    made: Callable[..., Any] = xgboost.DMatrix,
) -> Any:
    few = set(few_levels(fold))
    kinds = ["c" if place in few else "q" for place in range(x.shape[1])]
    return made(x, y, weight=weight, missing=np.nan, feature_types=kinds, enable_categorical=True)


def trees_of(model: bytes) -> list[Tree]:
    """Return the trees in a JSON model that XGBoost wrote."""
    body = json.loads(model)["learner"]["gradient_booster"]["model"]
    return [
        _tree(tree, int(output))
        for tree, output in zip(body["trees"], body["tree_info"], strict=True)
    ]


def _tree(tree: Mapping[str, Any], output: int) -> Tree:
    left = np.array(tree["left_children"], dtype=np.int64)
    right = np.array(tree["right_children"], dtype=np.int64)
    # The shortest digits of a float32: read as one, they are exact.
    number = np.array(tree["split_conditions"], dtype=np.float32).astype(np.float64)
    missing_left = np.array(tree["default_left"], dtype=np.int64) > 0
    asking = np.array(tree["split_type"], dtype=np.int64) > 0
    inner = left >= 0
    # A code in the set goes right, a number below the threshold goes left.
    found = Tree(
        np.where(inner, BELOW, LEAF),
        np.array(tree["split_indices"], dtype=np.int64),
        np.where(inner, number, 0.0),
        np.where(asking, right, left),
        np.where(asking, left, right),
        inner & np.where(asking, ~missing_left, missing_left),
        np.where(inner, 0.0, number),
        output,
    )
    codes, sets = tree["categories"], {}
    for node, start, size in zip(
        tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True
    ):
        sets[int(node)] = [int(code) for code in codes[start : start + size]]
    return one_of(found, sets)
