"""Rows of a table from trees: each column is drawn, given the columns before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import SEED, Kind
from lingqu.engine.budget import Deadline
from lingqu.learn import costs
from lingqu.learn.generate.table import Table, few_rows
from lingqu.learn.tabular.graph import IR_VERSION, OPSET
from lingqu.release.made.columns import KINDS, Made
from lingqu.release.replies import reply_encoding
from lingqu.release.replies.tree_rows import ARRAYS

Floats = NDArray[np.float64]
_ALONE = 0.5
"""Share of numbers that one row has alone from which a column tells rows apart."""


@dataclass
class SequentialTrees:
    """Draw each column from the leaf of a tree that reads the columns before it.

    Values that are made were seen: leaves hold real cells, and a row that repeats a training row
    in every column can come out. `min_leaf` and `between` make that rarer; the check ``generated``
    counts it. It is fast, and hard to tell from real rows.

    Args:
        min_leaf: Fewest rows of a leaf, 2 or more.
        between: How far a number may move towards the next larger one of its leaf, as a share
            of the way, 0 to 1; only in columns where most numbers belong to one row alone, which
            such a number could tell. 0 makes only numbers that were seen.
        most_rows: Rows that are learned from at most, drawn by the seed.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column, Schema
        >>> from lingqu.release.runner import Runner
        >>> rows = pl.DataFrame({"age": [20.0, 30.0] * 20, "ill": ["no", "yes"] * 20})
        >>> schema = Schema((Column("age", "number"), Column("ill", "category", "target")))
        >>> data = Dataset(rows, schema)
        >>> model = SequentialTrees().fit(data, data, Budget(5), lambda row: None)
        >>> asked = pl.DataFrame({"seed": [1.0], "ill": ["yes"]})
        >>> Runner.of(model).predict(asked).replies.said
        ({'age': 30, 'ill': 'yes'},)

    Source: Reiter, "Using CART to generate partially synthetic public use microdata", 2005, Journal
        of Official Statistics 21; Nowok, Raab and Dibben, "synthpop", 2016,
        doi:10.18637/jss.v074.i11.
    """

    name: ClassVar[str] = "sequential_trees"
    tasks: ClassVar[frozenset[str]] = frozenset({"generate"})
    kinds: ClassVar[frozenset[Kind]] = KINDS
    engine: ClassVar[str] = "sklearn"

    min_leaf: int = 10
    between: float = 0.5
    most_rows: int = 50_000

    def __post_init__(self) -> None:
        given = {"min_leaf": (self.min_leaf, 2, np.inf, "≥ 2"), "between": (self.between, 0, 1,
                 "0 … 1"), "most_rows": (self.most_rows, 2, np.inf, "≥ 2")}  # fmt: skip
        for option, (value, low, high, expected) in given.items():
            if not low <= value <= high:
                raise TrainError(
                    "deep.bad_number", option=option, received=value, expected=expected
                )

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit one tree a column; nothing is tuned on `valid`."""
        deadline = Deadline(budget.seconds)
        table = Table.of(train, self.most_rows, budget.seed)
        order = table.order
        read = np.zeros((len(table.values), len(order)), np.float32)
        trees, absent, late = [], [], 0
        for place, column in enumerate(order):
            known = table.values[:, column]
            depth = None if deadline.left() > 0 else 0
            late += depth == 0 and place > 0
            trees.append(self._tree(read[:, :place], known, table.made[column], depth))
            absent.append(_below(known))
            read[:, place] = np.where(np.isnan(known), absent[-1], known)
            progress({"columns": place + 1})
        block = {
            "type": "tree_rows", "columns": [SEED, *table.asked],
            "between": [self._between(table, column) for column in order],
            "made": [made.to_json() for made in table.made], "order": order, "absent": absent,
            "nodes": np.cumsum([0, *(len(tree.left) for tree in trees[:-1])]).tolist(),
            "target": table.target,
        }  # fmt: skip
        notes: dict[str, Json] = {
            "rows": len(table.values), "nodes": sum(len(tree.left) for tree in trees),
            "unfinished": bool(late), "cut_short": bool(late), "told": few_rows(train),
        }  # fmt: skip
        member = Member(self.name, self.name, 1.0, reply_encoding(block, table.left_out),
                        _graph(trees), notes)  # fmt: skip
        return Model("generate", (), (member,))

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.sequential_trees(rows, columns, classes)

    def _between(self, table: Table, column: int) -> float:
        """Return how far numbers of a column move: those that most rows share stay as they are."""
        known = table.values[:, column]
        known = known[np.isfinite(known)]
        told = table.made[column].is_number and len(known) > 0
        alone = told and (np.unique(known, return_counts=True)[1] == 1).sum() > _ALONE * len(known)
        return self.between if alone else 0.0

    def _tree(self, read: NDArray[np.float32], known: Floats, made: Made, most: int | None) -> Tree:
        """Return the tree of one column; one leaf holds all cells of the first."""
        if not read.shape[1] or most == 0 or len(known) < 2 * self.min_leaf:
            return _stump(known)
        wanted = np.where(np.isnan(known), _below(known), known)
        kind = DecisionTreeRegressor if made.is_number else DecisionTreeClassifier
        fitted = kind(min_samples_leaf=self.min_leaf, random_state=0).fit(read, wanted)
        return _grown(fitted.tree_, fitted.apply(read), known)


@dataclass(frozen=True)
class Tree:
    """One tree, with the cells of each leaf in rising order; see `release.replies.tree_rows`."""

    feature: NDArray[np.int64]
    threshold: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    start: NDArray[np.int64]
    count: NDArray[np.int64]
    cells: Floats


def _below(known: Floats) -> float:
    """Return a number below all others, which stands for a cell that is missing."""
    there = known[np.isfinite(known)]
    if not len(there):
        return 0.0
    return float(there.min() - max(1.0, float(np.ptp(there))))


def _stump(known: Floats) -> Tree:
    none = np.array([-1])
    return Tree(np.array([0]), np.zeros(1), none, none, np.array([0]), np.array([len(known)]),
                np.sort(known))  # fmt: skip


def _grown(tree: Any, leaf: NDArray[np.int64], known: Floats) -> Tree:
    order = np.lexsort((known, leaf))
    count = np.bincount(leaf, minlength=tree.node_count)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    return Tree(
        np.maximum(tree.feature, 0), tree.threshold, tree.children_left, tree.children_right,
        start, count, known[order],
    )  # fmt: skip


def _graph(trees: list[Tree]) -> bytes:
    """Return the graph that gives the trees, one behind the other."""
    nodes = np.cumsum([0, *(len(tree.left) for tree in trees)])
    cells = np.cumsum([0, *(len(tree.cells) for tree in trees)])
    joined: dict[str, NDArray[Any]] = {
        name: np.concatenate([getattr(tree, name) for tree in trees]) for name in ARRAYS
    }
    behind = np.repeat(nodes[:-1], np.diff(nodes))
    for side in ("left", "right"):
        joined[side] = np.where(joined[side] < 0, -1, joined[side] + behind)
    joined["start"] = joined["start"] + np.repeat(cells[:-1], np.diff(nodes))
    exact = frozenset({"threshold", "cells"})
    constants = {
        name: array.astype(np.float64 if name in exact else np.int64)
        for name, array in joined.items()
    }
    stored = [numpy_helper.from_array(array, f"all/{name}") for name, array in constants.items()]
    told = [helper.make_node("Identity", [f"all/{name}"], [name]) for name in ARRAYS]
    outputs = [
        helper.make_tensor_value_info(
            name, TensorProto.DOUBLE if name in exact else TensorProto.INT64, [len(constants[name])]
        )
        for name in ARRAYS
    ]
    body = helper.make_graph(told, "sequential_trees", [], outputs, stored)
    made = helper.make_model(
        body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    data: bytes = made.SerializeToString(deterministic=True)
    return data
