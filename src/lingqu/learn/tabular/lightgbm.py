"""Gradient-boosted trees."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import lightgbm
import numpy as np
from annotated_types import Gt, Lt
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.learn.tabular.graph import verify
from lingqu.learn.tabular.monotone import signs
from lingqu.learn.tabular.options import Directed
from lingqu.learn.tabular.order import TOP, Order
from lingqu.learn.tabular.rows import Rows
from lingqu.learn.tabular.target import Bend
from lingqu.learn.tabular.trees import (
    AT_MOST,
    LEAF,
    Tree,
    bend_of,
    boosted,
    goal_of,
    lifted,
    one_of,
    scale_of,
)
from lingqu.release.encode import layout

LEVELS = 32
"""Categories with more levels are split as ordered codes: so many are one test in the graph."""
WIDE = 5000
"""Rows below which a second thread costs more than it brings."""
CROWDED = 1_000
"""Columns above which a histogram of each at every leaf is what takes the time and the memory."""
LARGE = 50_000
"""Rows from which columns that can never be split are left out beforehand."""
_BINNED = 50_000
"""Rows by which columns are cut into bins where there are more than twice as many: each of their
numbers takes eight bytes meanwhile."""
_OBJECTIVES = {"": "regression", "squared": "regression", "absolute": "regression_l1",
               "huber": "huber", "quantile": "quantile", "rank": "lambdarank"}  # fmt: skip
_MEANS = ("", "squared", "huber")
"""Objectives whose answer is a mean: that of logarithms is not that of values."""
_EVERY = 10
_LEAF_S = 8e-6
"""Seconds that the graph takes for each leaf."""


@dataclass
class LightGbm(Directed):
    """Fit trees one after the other, each on the errors of those before it.

    The strongest single learner on larger tables of mixed columns; reads missing values and
    categories as they are. Training stops when the validation loss does, or when time is up.

    Args:
        learning_rate: Weight of each tree, 0 to 1; 0 chooses it by rows and classes.
        leaves: Leaves of a tree; 0 chooses 15 up to 3 000 rows and 31 above.
        smallest_leaf: Fewest rows in a leaf; 0 chooses 5 up to 3 000 rows and 20 above.
        rounds: Most trees per class; validation usually stops earlier.
        patience: Rounds without gain on the validation rows before stopping.
        column_share: Share of the columns each tree may read, 0 to 1.
        row_share: Share of the rows each tree is fitted on, 0 to 1.
        l2: Penalty of large leaf values, ≥ 0.
        extra_random: Draw split points at random: weaker trees that err differently.
        objective: What a regression minimises: ``squared`` (the usual one), ``absolute``,
            ``huber``, ``quantile``: values that a share `alpha` of the truth lies below; or
            ``rank``: the order of the rows that have one value in the column of role ``group``,
            by grades of 0 or more.
        alpha: The share of ``quantile``, 0 to 1.
        bins: Most bins of a column; 0 chooses 255, 127 of more than 200 000 rows, and 63 of more
            than 1 000 columns.

    Example:
        >>> LightGbm(leaves=7).leaves, LightGbm.engine
        (7, 'sklearn')

    Source: Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS
        2017; Friedman, 2001, doi:10.1214/aos/1013203451; quantiles: Koenker and Bassett, 1978,
        doi:10.2307/1913643; ranking: Burges, "From RankNet to LambdaRank to LambdaMART",
        2010, MSR-TR-2010-82.
    """

    name: ClassVar[str] = "lightgbm"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    engine: ClassVar[str] = "sklearn"

    learning_rate: float = 0.0
    leaves: int = 0
    smallest_leaf: int = 0
    rounds: int = 2000
    patience: int = 40
    column_share: float = 0.8
    row_share: float = 0.8
    l2: float = 0.0
    extra_random: bool = False
    objective: Literal["", "squared", "absolute", "huber", "quantile", "rank"] = ""
    alpha: Annotated[float, Gt(0), Lt(1)] = 0.5
    bins: int = 0

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, stop on `valid` or at `budget.seconds`."""
        end = time.monotonic() + 0.95 * budget.seconds
        fold = self.fold(train, valid)
        self._refuse(fold)
        limit = _TimeLimit(end)
        if self.objective == "rank":
            order = Order.of(train, valid, fold)
            booster = self._boost_order(order, fold, budget, progress, limit)
            bend = Bend(0.0, *order.scale(np.asarray(booster.predict(fold.x, num_threads=1))))
        else:
            bend = bend_of(fold, self.target)
            booster = self._boost(fold, bend, budget, progress, limit)
            if self.objective in _MEANS:
                bend = lifted(bend, fold, partial(booster.predict, num_threads=1))
        data = boosted(trees_of(booster.model_to_string()), fold, bend)
        expected = _expected(booster, fold, bend)
        verify(self.name, data, fold.sample, expected, scale_of(fold), budget.threads)
        trees = booster.current_iteration()
        # More rows bear a few more trees. A bag of folds is better than one refit, if there is one.
        notes = {"rounds": trees, "refit": {"rounds": max(1, round(1.1 * trees))}, "bag": True}
        notes |= {"cut_short": limit.reached}
        return fold.model(self.name, data, notes)

    def _refuse(self, fold: Rows) -> None:
        if self.objective == "rank" and self.target != "plain":
            raise SpecError("trees.rank_target", name=self.name, target=self.target)
        if self.objective and fold.classes:
            raise SpecError("trees.objective_task", name=self.name, objective=self.objective)
        if self.monotone and self.objective in ("absolute", "quantile", "rank"):
            raise SpecError("trees.objective_monotone", name=self.name, objective=self.objective)

    def _boost(
        self,
        fold: Rows,
        bend: Bend,
        budget: Budget,
        progress: Progress,
        limit: _TimeLimit,
    ) -> Any:
        parameters = self._parameters(fold, budget)
        limit.round_s = _LEAF_S * parameters["num_leaves"] * parameters.get("num_class", 1)
        table = lightgbm.Dataset(
            fold.x,
            goal_of(fold, bend),
            weight=fold.weight,
            categorical_feature=few_levels(fold),
            params=parameters,
        )
        shown: list[Any] = []
        if len(fold.valid_x):
            truth = goal_of(fold, bend, fold.valid_y)
            shown = [table.create_valid(fold.valid_x, truth, params=parameters)]
        return self._trained(parameters, table, shown, limit, progress)

    def _boost_order(
        self, order: Order, fold: Rows, budget: Budget, progress: Progress, limit: _TimeLimit
    ) -> Any:
        """Learn the order within lists; rows of one list must stand together for it."""
        parameters = self._parameters(fold, budget) | {
            "label_gain": order.gains, "eval_at": [TOP], "lambdarank_truncation_level": 2 * TOP,
        }  # fmt: skip
        limit.round_s = _LEAF_S * parameters["num_leaves"]
        weight = None if fold.weight is None else fold.weight[order.rows]
        table = lightgbm.Dataset(
            fold.x[order.rows], order.grades, weight=weight, group=order.sizes,
            categorical_feature=few_levels(fold), params=parameters,
        )  # fmt: skip
        shown = []
        if len(order.valid_rows):
            shown = [table.create_valid(fold.valid_x[order.valid_rows], order.valid_grades,
                                        group=order.valid_sizes, params=parameters)]  # fmt: skip
        return self._trained(parameters, table, shown, limit, progress)

    def _trained(
        self, parameters: Any, table: Any, shown: list[Any], limit: _TimeLimit, progress: Progress
    ) -> Any:
        """Return the booster at its best round."""
        callbacks: list[Callable[..., None]] = [limit, _tell(progress)]
        if shown:
            callbacks.append(lightgbm.early_stopping(self.patience, verbose=False))
        booster = lightgbm.train(
            parameters, table, self.rounds, valid_sets=shown, callbacks=callbacks
        )
        best = booster.best_iteration
        if best > 0:
            booster = lightgbm.Booster(model_str=booster.model_to_string(num_iteration=best))
        return booster

    def _parameters(self, fold: Rows, budget: Budget) -> dict[str, Any]:
        n, k = len(fold.x), len(fold.classes)
        small = n <= 3000
        of_classes = "binary" if k == 2 else "multiclass"
        parameters = {
            "objective": of_classes if k else _OBJECTIVES[self.objective],
            "learning_rate": self.learning_rate or (0.1 if k > 2 else 0.05),
            "num_leaves": self.leaves or (15 if small else 31),
            "min_data_in_leaf": self.smallest_leaf or (5 if small else 20),
            "feature_fraction": self.column_share,
            "bagging_fraction": self.row_share,
            "bagging_freq": 1 if self.row_share < 1.0 else 0,
            "lambda_l2": self.l2,
            "extra_trees": self.extra_random,
            # Few rows say little of a set of levels: there one level is told from the rest.
            "max_cat_to_onehot": LEVELS if small else 4,
            "max_bin": self.bins or _bins(n, fold.x.shape[1]),
            "bin_construct_sample_cnt": n if n <= 2 * _BINNED else _BINNED,
            "num_threads": budget.threads if n >= WIDE else 1,
            "seed": budget.seed,
            "deterministic": True,
            "force_col_wise": True,
            "feature_pre_filter": n >= LARGE,
            "verbose": -1,
        }
        if k > 2:
            parameters["num_class"] = k
        if self.objective == "quantile":
            parameters["alpha"] = self.alpha
        if any(wanted := signs(fold, self.monotone)):
            parameters |= {
                "monotone_constraints": wanted,
                "monotone_constraints_method": "intermediate",
            }
        return parameters


def _bins(rows: int, columns: int) -> int:
    if columns > CROWDED:
        return 63
    return 255 if rows <= 200_000 else 127


@dataclass(eq=False)  # LightGBM keeps callbacks in a set
class _TimeLimit:
    """A callback that ends training while there is still time for the graph.

    Args:
        end: When all must be done, by `time.monotonic`.
        round_s: Seconds that the graph takes for each round.
        reached: Whether it has ended the training.
        order: LightGBM sorts callbacks by this.
    """

    end: float
    round_s: float = 0.0
    reached: bool = False
    order: int = 40

    def __call__(self, state: Any) -> None:
        if time.monotonic() + self.round_s * (state.iteration + 1) > self.end:
            self.reached = True
            raise lightgbm.callback.EarlyStopException(
                state.iteration, state.evaluation_result_list
            )


def _tell(progress: Progress) -> Callable[[Any], None]:
    """Return a callback that reports the validation loss now and then."""

    def tell(state: Any) -> None:
        if state.iteration % _EVERY == 0 and state.evaluation_result_list:
            loss = float(state.evaluation_result_list[0][2])
            progress({"epoch": state.iteration + 1, "valid_loss": loss})

    tell.order = 20  # type: ignore[attr-defined]
    return tell


def few_levels(fold: Rows) -> list[int]:
    """Return the tensor positions that hold codes of few-level categories."""
    return [
        place.start
        for block, place in layout(fold.encoding)
        if block["type"] == "ordinal" and len(block["levels"]) <= LEVELS
    ]


def trees_of(model: str) -> list[Tree]:
    """Return the trees in a text that LightGBM wrote.

    With K classes, tree i adds to class i mod K.

    Example:
        >>> table = lightgbm.Dataset(np.arange(90.0)[:, None], np.arange(90.0) > 44)
        >>> wish = {"objective": "binary", "num_leaves": 2, "verbose": -1}
        >>> found = lightgbm.train(wish, table, 3)
        >>> [tree.leaves for tree in trees_of(found.model_to_string())]
        [2, 2, 2]
    """
    head, *texts = model.partition("end of trees")[0].split("\nTree=")
    said = next((line for line in head.splitlines() if line.startswith("num_tree_per_iter")), "=1")
    k = int(said.partition("=")[2])
    return [_tree(text, index % k) for index, text in enumerate(texts)]


def _tree(text: str, output: int) -> Tree:
    said = dict(line.split("=", 1) for line in text.splitlines()[1:] if "=" in line)
    leaves = np.array(said["leaf_value"].split(), dtype=np.float64)
    inner, n = len(leaves) - 1, 2 * len(leaves) - 1

    def padded(name: str, kind: Any = np.int64) -> NDArray[Any]:
        array = np.zeros(n, dtype=kind)
        array[:inner] = np.array(said[name].split(), dtype=kind) if inner else 0
        return array

    def follower(name: str) -> NDArray[np.int64]:
        child = padded(name)
        return np.where(child < 0, inner + ~child, child)

    decision, threshold = padded("decision_type"), padded("threshold", np.float64)
    form = (decision >> 2) & 3
    # Where no missing value was seen in training, LightGBM reads one as 0.
    missing = np.where(form == 0, threshold >= 0, (decision & 2) > 0) & (decision & 1 == 0)
    value = np.zeros(n)
    value[inner:] = leaves
    mode = np.full(n, LEAF)
    mode[:inner] = AT_MOST
    tree = Tree(mode, padded("split_feature"), threshold, follower("left_child"),
                follower("right_child"), missing, value, output)  # fmt: skip
    return one_of(tree, _sets(said, decision[:inner], threshold))


def _sets(
    said: Mapping[str, str], decision: NDArray[np.int64], threshold: NDArray[np.float64]
) -> dict[int, list[int]]:
    """Return, per node that asks for a category, the codes that go left."""
    asking = np.flatnonzero(decision & 1)
    if not len(asking):
        return {}
    bounds = [int(word) for word in said["cat_boundaries"].split()]
    words = [int(word) for word in said["cat_threshold"].split()]
    sets = {}
    for node in asking:
        place = int(threshold[node])
        mask = words[bounds[place] : bounds[place + 1]]
        sets[int(node)] = [32 * i + b for i, w in enumerate(mask) for b in range(32) if w >> b & 1]
    return sets


def _expected(booster: Any, fold: Rows, bend: Bend) -> NDArray[np.float64]:
    said = np.asarray(booster.predict(fold.sample.astype(np.float64), num_threads=1))
    if fold.task == "regress":
        return bend.backward(said)[:, None]
    return np.column_stack([1.0 - said, said]) if said.ndim == 1 else said
