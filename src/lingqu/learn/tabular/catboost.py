"""Gradient-boosted symmetric trees of CatBoost."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import catboost
import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.tabular.catboost_levels import NONE, Chains, Table, chains
from lingqu.learn.tabular.graph import verify
from lingqu.learn.tabular.lightgbm import WIDE
from lingqu.learn.tabular.monotone import signs
from lingqu.learn.tabular.options import Directed
from lingqu.learn.tabular.rows import Rows
from lingqu.learn.tabular.target import Bend
from lingqu.learn.tabular.trees import (
    AT_MOST,
    LEAF,
    Tree,
    alone,
    bend_of,
    boosted,
    lifted,
    pruned,
    scale_of,
)

LEVELS = 1000
"""Levels of all categories, up to which they are counted: each count is looked up in use."""
_EVERY = 10
_LEAF_S = 1e-5
_NEVER = -1e4
"""Sum of a class that no training row has."""


@dataclass
class CatBoost(Directed):
    """Fit trees that ask the same question at every node of a level, one after the other.

    Such trees are weak alone and hard to overfit together: strong without tuning on small and
    middle-sized tables. It reads categories by statistics of its own, of one column at a time: what
    it counts of several columns together cannot be written into a graph.

    Args:
        learning_rate: Weight of each tree, 0 to 1; 0 lets CatBoost choose it by rows and rounds.
        depth: Questions of a tree, 1 to 10.
        rounds: Most trees; validation usually stops earlier.
        patience: Rounds without gain on the validation rows before stopping.
        column_share: Share of the columns each level may ask about, 0 to 1.
        l2: Penalty of large leaf values; 0 for CatBoost's own, 3.
        levels: How categories are read: by CatBoost's ``own`` statistics, as ``codes``, or
            ``auto``: its own where they have at most 1,000 levels in all and no direction is
            promised. Of its own, it makes use of plain columns alone unless `view` says otherwise.

    Example:
        >>> CatBoost(depth=4).depth, CatBoost.engine
        (4, 'sklearn')

    Source: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features",
        NeurIPS 2018, arXiv:1706.09516.
    """

    name: ClassVar[str] = "catboost"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    engine: ClassVar[str] = "sklearn"

    learning_rate: float = 0.0
    depth: int = 6
    rounds: int = 1000
    patience: int = 50
    column_share: float = 1.0
    l2: float = 0.0
    levels: Literal["auto", "own", "codes"] = "auto"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, stop on `valid` or at `budget.seconds`."""
        end = time.monotonic() + 0.95 * budget.seconds
        own = self._reads_levels(train)
        plain = own and self.view == "auto"
        fold = (replace(self, view="plain") if plain else self).fold(train, valid)
        table = Table.of(fold.encoding, own)
        bend = bend_of(fold, self.target)
        k, seen = len(fold.classes), fold.present
        width = len(seen) if k and len(seen) > 2 else 1
        limit = _Watch(end, _LEAF_S * 2.0**self.depth * width, progress)
        learner = self._boost(fold, table, bend, budget, limit)
        trees, bias, places = symmetric_trees(learner, width, table)
        if k > 2:
            trees, bias = _for_all(trees, bias, seen, k), np.zeros(1)
        if not fold.classes:
            bend = lifted(bend, fold, lambda x: _said(learner, table.data(x)))
        data = boosted(trees, fold, bend, float(bias[0]), places.steps, places.constants)
        verify(self.name, data, fold.sample, _expected(learner, table, fold, bend),
               scale_of(fold), budget.threads)  # fmt: skip
        done = int(learner.tree_count_)
        notes = {"rounds": done, "bag": True, "cut_short": limit.reached}
        # CatBoost's own learning rate goes by the rounds that it was promised.
        rate = float(learner.get_all_params()["learning_rate"])
        again = {"rounds": max(1, round(1.1 * done)), "learning_rate": round(rate, 6)}
        return fold.model(self.name, data, notes | {"refit": again})

    def _reads_levels(self, train: Dataset) -> bool:
        """Say whether CatBoost reads the categories itself."""
        if self.levels != "auto" or self.monotone:
            return self.levels == "own" and not self.monotone
        names = [c.name for c in train.schema.features if c.kind == "category"]
        return 0 < sum(train.frame.get_column(name).n_unique() for name in names) <= LEVELS

    def _boost(self, fold: Rows, table: Table, bend: Bend, budget: Budget, limit: _Watch) -> Any:
        seen = fold.present

        def truth(y: NDArray[Any]) -> NDArray[Any]:
            # CatBoost must not hear of classes that no training row has.
            return np.searchsorted(seen, y) if fold.classes else bend.forward(y)

        learner = catboost.CatBoost(self._parameters(fold, budget))
        rows = catboost.Pool(table.data(fold.x), truth(fold.y), weight=fold.weight)
        shown, more = None, {}
        known = np.isin(fold.valid_y, seen) if fold.classes else np.full(len(fold.valid_y), True)
        if known.any():
            shown = catboost.Pool(table.data(fold.valid_x[known]), truth(fold.valid_y[known]))
            more = {"early_stopping_rounds": self.patience}
        learner.fit(
            rows, eval_set=shown, use_best_model=shown is not None, callbacks=[limit], **more
        )
        return learner

    def _parameters(self, fold: Rows, budget: Budget) -> dict[str, Any]:
        k = len(fold.present) if fold.classes else 0
        parameters: dict[str, Any] = {
            "loss_function": {0: "RMSE", 2: "Logloss"}.get(k, "MultiClass"),
            "iterations": self.rounds,
            "depth": self.depth,
            "rsm": self.column_share,
            "thread_count": budget.threads if len(fold.x) >= WIDE else 1,
            "random_seed": budget.seed,
            "allow_writing_files": False,
            "allow_const_label": True,
            "logging_level": "Silent",
            "max_ctr_complexity": 1,
        }
        if self.l2:  # naming it, even its usual value, makes CatBoost choose no learning rate
            parameters["l2_leaf_reg"] = self.l2
        if self.learning_rate:
            parameters["learning_rate"] = self.learning_rate
        if any(wanted := signs(fold, self.monotone)):
            parameters["monotone_constraints"] = wanted
        return parameters


class _Watch:
    """Ends training while there is time for the graph, and reports the loss now and then."""

    def __init__(self, end: float, round_s: float, progress: Progress) -> None:
        self._end, self._round_s, self._progress = end, round_s, progress
        self.reached = False

    def after_iteration(self, info: Any) -> bool:
        """Say whether training goes on."""
        if info.iteration % _EVERY == 0 and info.metrics and "validation" in info.metrics:
            losses = next(iter(info.metrics["validation"].values()))
            self._progress({"epoch": info.iteration, "valid_loss": float(losses[-1])})
        self.reached = time.monotonic() + self._round_s * (info.iteration + 1) > self._end
        return not self.reached


def symmetric_trees(
    learner: Any, width: int, table: Table | None = None
) -> tuple[list[Tree], NDArray[np.float64], Chains]:
    """Return the trees of a fitted learner, what is added to their sums, (width,), and what they
    ask about levels.

    Args:
        learner: Fitted.
        width: Outputs of a leaf.
        table: What it has read; numbers in the order of its own when omitted.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"  # CatBoost writes JSON only into a file
        rows = catboost.Pool(table.data(np.zeros((1, table.width), np.float32))) if table else None
        learner.save_model(str(path), format="json", pool=rows)
        said = json.loads(path.read_bytes())
    told = said["features_info"].get("float_features") or []
    places = np.array([one["flat_feature_index"] for one in told], dtype=np.int64)
    upward = np.array([one["nan_value_treatment"] == "AsTrue" for one in told], dtype=bool)
    scale, bias = said["scale_and_bias"]
    splits = [tree["splits"] or [] for tree in said["oblivious_trees"]]
    of_levels = chains(learner, table, splits) if table is not None and table.levels else NONE
    if table is not None:
        places = table.numbers[places]

    def question(split: Mapping[str, Any]) -> tuple[int, float, bool]:
        if split["split_type"] != "FloatFeature":
            return *of_levels.asked[split["split_index"]], False
        number = split["float_feature_index"]
        return int(places[number]), float(split["border"]), not upward[number]

    trees = [
        pruned(_tree(list(map(question, asked)), tree["leaf_values"], width, float(scale)))
        for asked, tree in zip(splits, said["oblivious_trees"], strict=True)
    ]
    start = np.zeros(width) + np.array(bias or [0.0], dtype=np.float64)
    nothing = alone(np.zeros((1, width)) if width > 1 else np.zeros(1))
    return trees or [nothing], start, of_levels


def _for_all(
    trees: list[Tree], bias: NDArray[np.float64], seen: NDArray[np.int64], k: int
) -> list[Tree]:
    """Return trees with one output per class, and a tree of one leaf with what is added to each.

    Of two classes seen, the trees say the log-odds of the second.
    """
    places = seen if len(bias) > 1 else seen[1:]

    def spread_out(value: NDArray[np.float64], absent: float = 0.0) -> NDArray[np.float64]:
        whole = np.full((len(value), k), absent)
        whole[:, seen] = 0.0
        whole[:, places] = value.reshape(len(value), -1)
        return whole

    wide = [replace(tree, value=spread_out(tree.value)) for tree in trees]
    return [*wide, alone(spread_out(bias[None, :], _NEVER))]


def _said(learner: Any, data: Any, form: str = "RawFormulaVal") -> NDArray[np.float64]:
    return np.asarray(learner.predict(data, prediction_type=form, thread_count=1))


def _expected(learner: Any, table: Table, fold: Rows, bend: Bend) -> NDArray[np.float64]:
    rows = table.data(fold.sample)
    if not fold.classes:
        return bend.backward(_said(learner, rows))[:, None]
    said = _said(learner, rows, "Probability")
    expected = np.zeros((len(said), len(fold.classes)))
    expected[:, fold.present] = said
    return expected


def _tree(
    questions: Sequence[tuple[int, float, bool]],
    leaf_values: Sequence[float],
    width: int,
    scale: float,
) -> Tree:
    """Write 2^d leaves under d questions as a whole binary tree: node i leads to 2i+1 and 2i+2.

    Args:
        questions: The column, the border, and whether a missing value counts as below it.
        leaf_values: What CatBoost adds in each leaf, by its own number.
        width: Outputs of a leaf.
        scale: Of all leaves.
    """
    depth, count = len(questions), 2 ** len(questions)
    inner, n = count - 1, 2 * count - 1
    level = np.floor(np.log2(np.arange(n) + 1)).astype(np.int64)
    asks = np.minimum(level, max(0, depth - 1))
    asked = questions or [(0, 0.0, False)]
    feature = np.array([column for column, _, _ in asked], dtype=np.int64)
    border = np.array([value for _, value, _ in asked], dtype=np.float64)
    low = np.array([missing for _, _, missing in asked], dtype=bool)
    node = np.arange(n)
    leaf = node >= inner
    # The answer to question i is bit i of a leaf's number; along a path the first comes first.
    path = np.arange(count)
    number = np.zeros(count, dtype=np.int64)
    for i in range(depth):
        number |= ((path >> (depth - 1 - i)) & 1) << i
    values = np.array(leaf_values, dtype=np.float64).reshape(count, -1)[number] * scale
    value = np.zeros((n, values.shape[1]))
    value[inner:] = values
    return Tree(
        np.where(leaf, LEAF, AT_MOST),
        np.where(leaf, 0, feature[asks]),
        np.where(leaf, 0.0, border[asks]),
        np.where(leaf, 0, 2 * node + 1),
        np.where(leaf, 0, 2 * node + 2),
        ~leaf & low[asks],
        value if width > 1 else value[:, 0],
    )
