"""The trees of a forest as one node of a graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.learn.tabular.graph import Step

_LEAF = -1
_CHUNK = 20_000


@dataclass(frozen=True)
class Tree:
    """One tree as arrays of its nodes: column, threshold, children, and what each leaf says."""

    column: NDArray[np.int64]
    threshold: NDArray[np.float32]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    said: NDArray[np.float64]


Tables = tuple[Tree, ...]


def expected_cuts(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Return how many more cuts a group of so many rows would take on average.

    Example:
        >>> expected_cuts(np.array([1, 2])).tolist()
        [0.0, 1.0]

    Source: Liu, Ting and Zhou, 2008, equation 1.
    """
    n = np.asarray(rows, dtype=np.float64)
    many = 2.0 * (np.log(np.maximum(n - 1.0, 1.0)) + np.euler_gamma) - 2.0 * (n - 1.0) / n
    return np.where(n <= 1, 0.0, np.where(n == 2, 1.0, many))


def isolating(forest: Any) -> Tables:
    """Return the trees of a fitted `sklearn.ensemble.IsolationForest`: minus the number of cuts."""
    pairs = zip(forest.estimators_, forest.estimators_features_, strict=True)
    return tuple(_tree(one.tree_, columns, -_cuts(one.tree_)) for one, columns in pairs)


def voting(forest: Any) -> Tables:
    """Return the trees of a fitted `sklearn.ensemble.RandomForestClassifier` of two classes: the
    share of the second."""
    columns = np.arange(forest.n_features_in_)
    trees = (one.tree_ for one in forest.estimators_)
    return tuple(_tree(tree, columns, tree.value[:, 0, 1]) for tree in trees)


def _tree(tree: Any, columns: NDArray[np.int64], said: NDArray[np.float64]) -> Tree:
    # A value is never between the threshold and the next smaller float32: the same way down.
    exact = tree.threshold.astype(np.float32)
    exact = np.where(exact > tree.threshold, np.nextafter(exact, np.float32(-np.inf)), exact)
    inner = tree.children_left != _LEAF
    return Tree(
        np.where(inner, columns[np.maximum(tree.feature, 0)], 0).astype(np.int64),
        np.where(inner, exact, 0).astype(np.float32),
        tree.children_left.astype(np.int64),
        tree.children_right.astype(np.int64),
        said,
    )


def _cuts(tree: Any) -> NDArray[np.float64]:
    """Return how many cuts lead to each node, and would lead on to single rows."""
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):  # children come after their parents
        for child in (tree.children_left[node], tree.children_right[node]):
            if child != _LEAF:
                depth[child] = depth[node] + 1
    found: NDArray[np.float64] = depth + expected_cuts(tree.n_node_samples)
    return found


def mean_said(tables: Tables, x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean over the trees of what they say of each row."""
    parts = [_mean_said(tables, x[at : at + _CHUNK]) for at in range(0, len(x), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _mean_said(tables: Tables, x: NDArray[np.float32]) -> NDArray[np.float64]:
    total = np.zeros(len(x))
    rows = np.arange(len(x))
    for tree in tables:
        node = np.zeros(len(x), dtype=np.int64)
        active = rows
        while len(active):
            here = node[active]
            active = active[tree.left[here] != _LEAF]
            here = node[active]
            less = x[active, tree.column[here]] <= tree.threshold[here]
            node[active] = np.where(less, tree.left[here], tree.right[here])
        total += tree.said[node]
    return total / len(tables)


def forest_graph(tables: Tables) -> list[Step]:
    """Return the node from ``filled`` to ``score``: the mean over the trees of what they say."""
    lists: dict[str, list[Any]] = {name: [] for name in _LISTS}
    for index, tree in enumerate(tables):
        inner = tree.left != _LEAF
        nodes = range(len(tree.left))
        lists["nodes_treeids"] += [index] * len(nodes)
        lists["nodes_nodeids"] += list(nodes)
        lists["nodes_featureids"] += tree.column.tolist()
        lists["nodes_values"] += tree.threshold.tolist()
        lists["nodes_modes"] += ["BRANCH_LEQ" if i else "LEAF" for i in inner]
        lists["nodes_truenodeids"] += np.where(inner, tree.left, 0).tolist()
        lists["nodes_falsenodeids"] += np.where(inner, tree.right, 0).tolist()
        leaves = np.flatnonzero(~inner)
        lists["target_treeids"] += [index] * len(leaves)
        lists["target_nodeids"] += leaves.tolist()
        lists["target_ids"] += [0] * len(leaves)
        lists["target_weights"] += (tree.said[leaves] / len(tables)).tolist()
    options = {**lists, "n_targets": 1, "aggregate_function": "SUM", "domain": "ai.onnx.ml"}
    return [("TreeEnsembleRegressor", ["filled"], ["score"], options)]


_LISTS = (
    "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_values", "nodes_modes",
    "nodes_truenodeids", "nodes_falsenodeids",
    "target_treeids", "target_nodeids", "target_ids", "target_weights",
)  # fmt: skip
