"""What a graph takes to answer, told by its form: a clock would tell of the machine's other work.

Trees take one comparison per level, however many leaves lie beside the path; of a matrix every
number is used. Measured for LightGBM, XGBoost, extra trees and boosted curves: 5 to 8 ns a
comparison (and 0.01 to 0.2 s a megabyte for 10,000 rows, so that megabytes tell nothing); for
kernels and TabM 0.2 ns a number; for plain nets, float32 throughout, 0.03 ns.
"""

from __future__ import annotations

import math

import numpy as np
import onnx
from onnx import NodeProto, TensorProto

from lingqu.learn.candidate import MANY

_TREES = frozenset({"TreeEnsembleRegressor", "TreeEnsembleClassifier"})
_COMPARISON_S = 6.5e-9
_NUMBER_S, _PLAIN_S = 2e-10, 3e-11


def effort_s(graph: bytes) -> float:
    """Return the estimated seconds on one core for `MANY` rows.

    Example:
        >>> import numpy as np
        >>> from lingqu.learn.tabular.graph import graph
        >>> step = ("MatMul", ["x", "weight"], ["values"], {})
        >>> round(effort_s(graph([step], {"weight": np.ones((5, 100))}, 5, "values")), 6)
        0.001
    """
    body = onnx.load_model_from_string(graph).graph
    total = sum(_levels(node) for node in body.node if node.op_type in _TREES)
    plain = {name for node in body.node if node.op_type == "Gemm" for name in node.input}
    seconds = total * _COMPARISON_S
    for tensor in body.initializer:
        quick = tensor.name in plain and tensor.data_type == TensorProto.FLOAT
        seconds += math.prod(tensor.dims) * (_PLAIN_S if quick else _NUMBER_S)
    return MANY * seconds


def _levels(node: NodeProto) -> float:
    """Return how many nodes a row meets in all trees, were each as even as it can be."""
    told = {attribute.name: attribute for attribute in node.attribute}
    trees = np.array(told["nodes_treeids"].ints, dtype=np.int64)
    leaves = np.bincount(trees[np.array(told["nodes_modes"].strings) == b"LEAF"])
    return float((np.log2(leaves[leaves > 0]) + 1).sum())  # a leaf is looked up as well
