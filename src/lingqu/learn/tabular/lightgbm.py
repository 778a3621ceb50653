"""Gradient-boosted trees."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import lightgbm
import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxmltools.convert import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.tabular.graph import IR_VERSION, OPSET, verify
from lingqu.learn.tabular.rows import Rows, rows
from lingqu.release.blocks import BLOCKS

_LEVELS = 32
"""Categories with more levels are split as ordered codes: their graph would grow too large."""
_EVERY = 10
_LEAF_S = 4e-5
"""Seconds that the graph takes for each leaf. With many classes it costs as much as the trees."""


@dataclass
class LightGbm:
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

    Example:
        >>> LightGbm(leaves=7).leaves, LightGbm.engine
        (7, 'sklearn')

    Source: Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS
        2017; Friedman, 2001, doi:10.1214/aos/1013203451.
    """

    name: ClassVar[str] = "lightgbm"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )
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

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, stop on `valid` or at `budget.seconds`."""
        end = time.monotonic() + 0.95 * budget.seconds
        fold = rows(train, valid, "tree")
        # A regression is learned in units of its own spread, so that float32 sums stay exact.
        middle, spread = 0.0, 1.0
        if fold.task == "regress":
            middle, spread = float(np.mean(fold.y)), float(np.std(fold.y)) or 1.0
        limit = _TimeLimit(end)
        booster = self._boost(fold, middle, spread, budget, progress, limit)
        exact = lightgbm.Booster(model_str=_in_float32(booster.model_to_string()))
        data = _graph(exact, fold, middle, spread)
        expected = _expected(exact, fold, middle, spread)
        scale = max(1.0, float(np.abs(fold.y).max())) if fold.task == "regress" else 1.0
        verify(self.name, data, fold.sample, expected, scale, budget.threads)
        trees = booster.current_iteration()
        # More rows bear a few more trees. A bag of folds is better than one refit, if there is one.
        notes = {"rounds": trees, "refit": {"rounds": max(1, round(1.1 * trees))}, "bag": True}
        notes |= {"cut_short": limit.reached}
        return fold.model(self.name, data, notes)

    def _boost(
        self,
        fold: Rows,
        middle: float,
        spread: float,
        budget: Budget,
        progress: Progress,
        limit: _TimeLimit,
    ) -> Any:
        parameters = self._parameters(fold, budget)
        limit.round_s = _LEAF_S * parameters["num_leaves"] * parameters.get("num_class", 1)
        categories = _categories(fold)
        table = lightgbm.Dataset(
            fold.x,
            (fold.y - middle) / spread if fold.task == "regress" else fold.y,
            weight=fold.weight,
            categorical_feature=categories,
            params=parameters,
        )
        shown: list[Any] = []
        if len(fold.valid_x):
            truth = (fold.valid_y - middle) / spread if fold.task == "regress" else fold.valid_y
            shown = [table.create_valid(fold.valid_x, truth, params=parameters)]
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
        small, k = len(fold.x) <= 3000, len(fold.classes)
        objective = "regression" if not k else "binary" if k == 2 else "multiclass"
        rate = self.learning_rate or (0.1 if k > 2 else 0.05)
        return {
            "objective": objective,
            **({"num_class": k} if k > 2 else {}),
            "learning_rate": rate,
            "num_leaves": self.leaves or (15 if small else 31),
            "min_data_in_leaf": self.smallest_leaf or (5 if small else 20),
            "feature_fraction": self.column_share,
            "bagging_fraction": self.row_share,
            "bagging_freq": 1 if self.row_share < 1.0 else 0,
            "lambda_l2": self.l2,
            "extra_trees": self.extra_random,
            "num_threads": budget.threads,
            "seed": budget.seed,
            "deterministic": True,
            "force_col_wise": True,
            "feature_pre_filter": False,
            "verbose": -1,
        }

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.lightgbm(rows, columns, classes)


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


def _categories(fold: Rows) -> list[int]:
    """Return the tensor positions that hold codes of few-level categories."""
    found, at = [], 0
    for block in fold.encoding["blocks"]:
        if block["type"] == "ordinal" and len(block["levels"]) <= _LEVELS:
            found.append(at)
        at += BLOCKS[block["type"]](block).width
    return found


def _in_float32(model: str) -> str:
    """Round every threshold of a model text down to a float32.

    For float32 inputs ``x <= t`` and ``x <= floor32(t)`` are the same, and the graph stores
    float32: without this, values at a rounded-up threshold would take the other branch.
    """

    def floor(value: str) -> str:
        exact = float(value)
        near = np.float32(exact)
        if float(near) > exact:
            near = np.nextafter(near, np.float32(-np.inf))
        return repr(float(near))

    def line(found: re.Match[str]) -> str:
        return "threshold=" + " ".join(map(floor, found.group(1).split()))

    # The sizes of the trees in bytes have changed; without that line they are read in turn.
    model = re.sub(r"^tree_sizes=.*\n", "", model, flags=re.MULTILINE)
    return re.sub(r"^threshold=(.*)$", line, model, flags=re.MULTILINE)


def _graph(booster: Any, fold: Rows, middle: float, spread: float) -> bytes:
    """Return the trees as ONNX with the output named and scaled as a member's must be."""
    made = convert_lightgbm(
        booster,
        name="lightgbm",  # else a random one: the same model must have the same bytes
        initial_types=[("x", FloatTensorType([None, fold.x.shape[1]]))],
        zipmap=False,
        target_opset=15,
    )
    body = made.graph
    if fold.task == "regress":
        last, output = body.output[0].name, "values"
        scales = {"spread": spread, "middle": middle}
        for name, number in scales.items():
            body.initializer.append(numpy_helper.from_array(np.float32(number).reshape(1), name))
        body.node.append(helper.make_node("Mul", [last, "spread"], ["scaled"]))
        body.node.append(helper.make_node("Add", ["scaled", "middle"], [output]))
    else:
        last, output = body.output[1].name, "probabilities"
        if last != output:
            body.node.append(helper.make_node("Identity", [last], [output]))
    del body.output[:]
    body.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", None]))
    for entry in made.opset_import:
        if entry.domain == "":  # Cast, Identity, Mul and Add mean the same since 13
            entry.version = OPSET
    made.ir_version = IR_VERSION
    data: bytes = made.SerializeToString()
    return data


def _expected(booster: Any, fold: Rows, middle: float, spread: float) -> NDArray[np.float64]:
    said = np.asarray(booster.predict(fold.sample.astype(np.float64), num_threads=1))
    if fold.task == "regress":
        return said[:, None] * spread + middle
    return np.column_stack([1.0 - said, said]) if said.ndim == 1 else said
