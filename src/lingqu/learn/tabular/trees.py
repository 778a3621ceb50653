"""Fitted trees → one ONNX node: what every learner of trees shares.

Each library keeps its trees in another form; brought into `Tree`, they become one
``TreeEnsembleRegressor`` with the sums of their leaves as output. What follows (a softmax, a
scale) is plain ONNX. No converter is imported, and a graph is written in milliseconds.

A graph compares float32. For float32 inputs ``x <= t`` and ``x <= below(t)`` are the same, as are
``x < t`` and ``x < above(t)``: so the trees decide exactly as their library does.

Source: ONNX operators ``ai.onnx.ml.TreeEnsembleRegressor``, version 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import AttributeProto, NodeProto

from lingqu.learn.tabular.graph import Large, Step, graph
from lingqu.learn.tabular.rows import Rows
from lingqu.learn.tabular.target import Bend, Wish, skewed

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAF, AT_MOST, BELOW, EQUAL = 0, 1, 2, 3
_PIECE = 10_000
_MODES = (b"LEAF", b"BRANCH_LEQ", b"BRANCH_LT", b"BRANCH_EQ")


@dataclass(frozen=True)
class Tree:
    """One tree of n nodes; node 0 is the root.

    Args:
        mode: Per node `LEAF`, or how its feature is compared with its threshold, (n,).
        feature: Tensor position that a node reads, (n,).
        threshold: What it is compared with, (n,).
        yes: Next node where the comparison holds, (n,).
        no: Next node where it does not, (n,).
        missing: Whether a missing value goes to `yes`, (n,).
        value: What a leaf adds to the outputs, (n,) for one output or (n, K).
        output: The output that leaves of one number add to.
    """

    mode: Ints
    feature: Ints
    threshold: Floats
    yes: Ints
    no: Ints
    missing: NDArray[np.bool_]
    value: Floats
    output: int = 0

    @property
    def leaves(self) -> int:
        """How many leaves it has."""
        return int((self.mode == LEAF).sum())


def below(threshold: Floats) -> NDArray[np.float32]:
    """Return the largest float32 at or below each threshold.

    Example:
        >>> below(np.array([16777217.5])).tolist()
        [16777216.0]
    """
    with np.errstate(over="ignore"):
        near = np.asarray(threshold, dtype=np.float64).astype(np.float32)
    over = near.astype(np.float64) > threshold
    near[over] = np.nextafter(near[over], np.float32(-np.inf))
    return near


def above(threshold: Floats) -> NDArray[np.float32]:
    """Return the smallest float32 at or above each threshold."""
    return -below(-np.asarray(threshold, dtype=np.float64))


def one_of(tree: Tree, sets: Mapping[int, Iterable[int]]) -> Tree:
    """Return a tree in which some nodes ask whether a code is one of a set.

    Such a node becomes a chain of comparisons that lead to the same next node; ONNX Runtime
    reads the chain as one test. Missing values go the way that the node says.

    Args:
        tree: The tree; `yes` and `no` of those nodes are set.
        sets: Node → the codes for which it leads to `yes`.
    """
    if not sets:
        return tree
    columns: list[list[Any]] = [
        array.tolist()
        for array in (tree.mode, tree.feature, tree.threshold, tree.yes, tree.no, tree.missing)
    ]
    mode, feature, threshold, yes, no, missing = columns
    for node, codes in sets.items():
        rest = sorted(codes)
        other, at = no[node], node
        if not rest:  # nobody is in it, whatever the value
            mode[node], threshold[node] = AT_MOST, -np.inf
            continue
        for index, code in enumerate(rest):
            mode[at], threshold[at] = EQUAL, float(code)
            if index + 1 == len(rest):
                no[at] = other
                break
            no[at] = len(mode)
            for column, of_next in zip(
                columns, (EQUAL, feature[node], 0.0, yes[node], other, missing[node]), strict=True
            ):
                column.append(of_next)
            at = no[at]
    grown = len(mode) - len(tree.mode)
    value = np.concatenate([tree.value, np.zeros((grown, *tree.value.shape[1:]))])
    return Tree(
        np.array(mode, np.int64), np.array(feature, np.int64), np.array(threshold, np.float64),
        np.array(yes, np.int64), np.array(no, np.int64), np.array(missing, bool), value,
        tree.output,
    )  # fmt: skip


def ensemble(trees: Sequence[Tree], outputs: int, result: str, x: str = "x") -> Large:
    """Return what fills the node that adds up the trees: (N, D) → (N, outputs).

    Args:
        trees: At least one.
        outputs: How many sums.
        result: Name of the output.
        x: Name of the input.
    """
    return lambda node: _fill(node, trees, outputs, result, x)


def _fill(node: NodeProto, trees: Sequence[Tree], outputs: int, result: str, x: str) -> None:
    """Write trees into a node."""
    sizes = np.array([len(tree.mode) for tree in trees], dtype=np.int64)
    of_tree = np.repeat(np.arange(len(trees)), sizes)
    of_node = np.concatenate([np.arange(size) for size in sizes])
    mode = _joined(tree.mode for tree in trees)
    inner = mode != LEAF
    threshold = _joined(tree.threshold for tree in trees)
    exact = np.where(mode == BELOW, above(threshold), below(threshold))
    leaf_tree, leaf_node, leaf_output, leaf_value = _leaves(trees)
    node.op_type, node.domain = "TreeEnsembleRegressor", "ai.onnx.ml"
    node.input.append(x)
    node.output.append(result)
    integers = {
        "n_targets": outputs,
        "nodes_treeids": of_tree,
        "nodes_nodeids": of_node,
        "nodes_featureids": np.where(inner, _joined(tree.feature for tree in trees), 0),
        "nodes_truenodeids": np.where(inner, _joined(tree.yes for tree in trees), 0),
        "nodes_falsenodeids": np.where(inner, _joined(tree.no for tree in trees), 0),
        "target_treeids": leaf_tree,
        "target_nodeids": leaf_node,
        "target_ids": leaf_output,
    }
    missing = inner & _joined(tree.missing for tree in trees)
    if missing.any():
        integers["nodes_missing_value_tracks_true"] = missing.astype(np.int64)
    for name, numbers in integers.items():
        _add_integers(node, name, numbers)
    _add_floats(node, "nodes_values", np.where(inner, exact, 0))
    _add_floats(node, "target_weights", leaf_value)
    words = node.attribute.add(name="nodes_modes", type=AttributeProto.STRINGS)
    words.strings.extend(map(_MODES.__getitem__, mode.tolist()))


def _joined(parts: Iterable[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(list(parts))


def _leaves(trees: Sequence[Tree]) -> tuple[Ints, Ints, Ints, Floats]:
    """Return tree, node, output and number of everything that leaves add, without zeros."""
    parts = []
    for index, tree in enumerate(trees):
        leaf = np.flatnonzero(tree.mode == LEAF)
        if tree.value.ndim == 1:
            node, output, value = leaf, np.full(len(leaf), tree.output), tree.value[leaf]
        else:
            added = tree.value[leaf]  # (leaves, K)
            kept = added != 0
            kept[~kept.any(axis=1), 0] = True  # a leaf must say something, if only 0
            row, output = np.nonzero(kept)
            node, value = leaf[row], added[row, output]
        parts.append((np.full(len(node), index), node, output, value))
    one, two, three, four = (np.concatenate(column) for column in zip(*parts, strict=True))
    return one, two, three, four


def _add_integers(node: NodeProto, name: str, numbers: Any) -> None:
    if isinstance(numbers, int):
        node.attribute.add(name=name, type=AttributeProto.INT, i=numbers)
        return
    found = node.attribute.add(name=name, type=AttributeProto.INTS)
    for start in range(0, len(numbers), _PIECE):  # Python's integers take four times the room
        found.ints.extend(numbers[start : start + _PIECE].tolist())


def _add_floats(node: NodeProto, name: str, numbers: NDArray[Any]) -> None:
    found = node.attribute.add(name=name, type=AttributeProto.FLOATS)
    exact = np.asarray(numbers, dtype=np.float32)
    for start in range(0, len(exact), _PIECE):
        found.floats.extend(exact[start : start + _PIECE].tolist())


def alone(value: Floats) -> Tree:
    """Return a tree of one leaf that says `value`, (1,) or (1, K)."""
    none = np.zeros(1, dtype=np.int64)
    return Tree(none + LEAF, none, np.zeros(1), none, none, none > 0, value)


def pruned(tree: Tree) -> Tree:
    """Return the tree without the comparisons behind which every leaf says the same."""
    value, mode = tree.value.copy(), tree.mode.copy()
    per_node = value[0].size
    while True:
        inner = np.flatnonzero(mode != LEAF)
        yes, no = tree.yes[inner], tree.no[inner]
        same = (value[yes] == value[no]).reshape(len(inner), per_node).all(axis=1)
        same &= (mode[yes] == LEAF) & (mode[no] == LEAF)
        if not same.any():
            break
        value[inner[same]] = value[yes[same]]
        mode[inner[same]] = LEAF
    kept = np.zeros(len(mode), dtype=bool)
    reached = np.zeros(1, dtype=np.int64)
    while len(reached):
        kept[reached] = True
        inner = reached[mode[reached] != LEAF]
        reached = np.concatenate([tree.yes[inner], tree.no[inner]])
    place = np.cumsum(kept) - 1
    return Tree(
        mode[kept], tree.feature[kept], tree.threshold[kept], place[tree.yes[kept]],
        place[tree.no[kept]], tree.missing[kept], value[kept], tree.output,
    )  # fmt: skip


def boosted(
    trees: Sequence[Tree], fold: Rows, bend: Bend, bias: float = 0.0,
    before: Sequence[Step] = (), constants: Mapping[str, NDArray[Any]] | None = None,
) -> bytes:  # fmt: skip
    """Return a whole graph of trees whose sums are log-odds, or standard values.

    Args:
        trees: One output each for more than two classes, else one output in all.
        fold: The rows that they were learned from: how wide, which classes.
        bend: How standard values become values.
        bias: Added to the sum of two classes, or of values.
        before: Steps that make a tensor ``seen`` of ``x``, which the trees then read.
        constants: What those steps name.
    """
    k = len(fold.classes)
    sums = ensemble(trees, k if k > 2 else 1, "sums", "seen" if before else "x")
    held = dict(constants or {})
    steps: list[Step | Large] = [*before, sums]
    if k > 2:
        steps.append(("Softmax", ["sums"], ["probabilities"], {"axis": 1}))
    elif k == 2:
        held |= {"bias": np.array([bias]), "one": np.array([1.0])}
        steps += [
            ("Add", ["sums", "bias"], ["odds"], {}),
            ("Sigmoid", ["odds"], ["second"], {}),
            ("Sub", ["one", "second"], ["first"], {}),
            ("Concat", ["first", "second"], ["probabilities"], {"axis": 1}),
        ]
    else:
        if bias:
            held["bias"] = np.array([bias])
            steps.append(("Add", ["sums", "bias"], ["standard"], {}))
        bent, constants_of = bend.steps("standard" if bias else "sums")
        held |= constants_of
        steps += bent
    return graph(steps, held, fold.x.shape[1], "probabilities" if k else "values")


def averaged(trees: Sequence[Tree], fold: Rows, bend: Bend) -> bytes:
    """Return a whole graph of trees whose sums are probabilities, or standard values.

    Args:
        trees: Leaves of two classes say the probability of the second one.
        fold: The rows that they were learned from.
        bend: How standard values become values.
    """
    k = len(fold.classes)
    if not k:
        return boosted(trees, fold, bend)
    if k > 2:
        steps: list[Step | Large] = [ensemble(trees, k, "probabilities")]
        return graph(steps, {}, fold.x.shape[1], "probabilities")
    held = {"low": np.zeros(()), "high": np.ones(()), "one": np.ones(1)}
    steps = [
        ensemble(trees, 1, "sums"),
        ("Clip", ["sums", "low", "high"], ["second"], {}),  # a sum of float32 may be 1 + 1e-7
        ("Sub", ["one", "second"], ["first"], {}),
        ("Concat", ["first", "second"], ["probabilities"], {"axis": 1}),
    ]
    return graph(steps, held, fold.x.shape[1], "probabilities")


def bend_of(fold: Rows, wish: Wish = "plain") -> Bend:
    """Return how values are learned: in units of their spread, so that float32 sums stay exact."""
    return Bend(0.0, 0.0, 1.0) if fold.classes else skewed(fold.y, wish)


def goal_of(fold: Rows, bend: Bend, y: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return what is learned of the training rows, or of others: classes, or standard values."""
    y = fold.y if y is None else y
    return y if fold.classes else bend.forward(y)


def lifted(bend: Bend, fold: Rows, said: Callable[[NDArray[np.float32]], NDArray[Any]]) -> Bend:
    """Return a bend whose answers have the mean of the truth.

    Args:
        bend: How values were learned.
        fold: The rows; those of validation are looked at, where there are any.
        said: Rows (N, D) → standard answers (N,).
    """
    if not bend.unit:
        return bend
    if len(fold.valid_y):
        return bend.lifted(fold.valid_y, np.asarray(said(fold.valid_x), dtype=np.float64))
    return bend.lifted(fold.y, np.asarray(said(fold.x), dtype=np.float64), fold.weight)


def scale_of(fold: Rows) -> float:
    """Return the size of the answers, for the comparison of a graph with its library."""
    return 1.0 if fold.classes else max(1.0, float(np.abs(fold.y).max()))
