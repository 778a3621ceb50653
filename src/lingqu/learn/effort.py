"""What a graph takes to answer, told by its form: a clock would tell of the machine's other work.

Trees take one comparison per level, however many leaves lie beside the path; of a matrix every
number is used. Measured for LightGBM, XGBoost, extra trees and boosted curves: 5 to 8 ns a
comparison (and 0.01 to 0.2 s a megabyte for 10,000 rows, so that megabytes tell nothing); for
kernels and TabM 0.2 ns a number; for plain nets, float32 throughout, 0.03 ns. A number of a matrix
in eight bits (`lingqu.learn.compress.int8`) takes half of that, and each that its products read or
make 0.8 ns: rows are scaled for them.
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
_EIGHT_BITS_S, _SCALED_S = 1.5e-11, 8e-10


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
    small = {node.input[1] for node in body.node if node.op_type == "MatMulInteger"}
    sizes = [(tensor.name, tensor.data_type, tensor.dims) for tensor in body.initializer]
    sizes += [(one.values.name, one.values.data_type, one.dims) for one in body.sparse_initializer]
    seconds = total * _COMPARISON_S
    for name, kind, dims in sizes:
        if name in small:
            seconds += math.prod(dims) * _EIGHT_BITS_S + sum(dims) * _SCALED_S
        else:
            quick = name in plain and kind == TensorProto.FLOAT
            seconds += math.prod(dims) * (_PLAIN_S if quick else _NUMBER_S)
    return MANY * seconds


def steps_of(graph: bytes) -> int:
    """Return how many steps a graph has.

    Example:
        >>> import numpy as np
        >>> from lingqu.learn.tabular.graph import graph
        >>> step = ("MatMul", ["x", "weight"], ["values"], {})
        >>> steps_of(graph([step], {"weight": np.ones((5, 100))}, 5, "values"))
        1
    """
    return len(onnx.load_model_from_string(graph).graph.node)


def _levels(node: NodeProto) -> float:
    """Return how many nodes a row meets in all trees, were each as even as it can be."""
    told = {attribute.name: attribute for attribute in node.attribute}
    trees = np.array(told["nodes_treeids"].ints, dtype=np.int64)
    leaves = np.bincount(trees[np.array(told["nodes_modes"].strings) == b"LEAF"])
    return float((np.log2(leaves[leaves > 0]) + 1).sum())  # a leaf is looked up as well
