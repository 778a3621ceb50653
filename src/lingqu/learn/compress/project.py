"""A large matrix as the product of two small ones.

Source: Denton et al., 2014, arXiv:1404.0736 (layers by their singular values); Lan et al.,
"ALBERT", 2020, arXiv:1909.11942, section 3.1 (an embedding through a narrow layer); Eckart and
Young, 1936, doi:10.1007/BF02288367.
"""

from __future__ import annotations

import numpy as np
from onnx import NodeProto

from lingqu.learn.compress.body import Array, Body, Names, Step, bias_of, chained

_LARGE = 32_768
"""Numbers from which a matrix is worth it."""
_NARROW = 16
"""Smallest side of a matrix that is made of fewer ranks."""


def projected(graph: bytes, keep: float) -> bytes | None:
    """Return the graph with large matrices of fewer ranks, or None if there are none.

    Args:
        graph: ONNX bytes.
        keep: Share of a matrix's numbers that its two factors hold together.

    Example:
        >>> from lingqu.learn.tabular.graph import graph
        >>> step = ("MatMul", ["x", "weight"], ["values"], {})
        >>> plain = graph([step], {"weight": np.ones((2000, 64))}, 2000, "values")
        >>> {n: array.shape for n, array in Body(projected(plain, 0.25)).constants.items()}
        {'rank_1': (2000, 16), 'rank_2': (16, 64)}

    Source: Denton et al., 2014, arXiv:1404.0736; Eckart and Young, 1936.
    """
    body = Body(graph)
    names, nodes, done = Names(body, "rank_"), list[NodeProto](), 0
    for node in body.nodes:
        looked_up = body.table(node)
        whole = body.matrix(node) if looked_up is None else looked_up
        if whole is None or whole.size < _LARGE or min(whole.shape) < _NARROW:
            nodes.append(node)
            continue
        left, right = _factors(whole, keep)
        first, second = names(), names()
        body.constants |= {first: left, second: right}
        x = str(node.input[0])
        start = Step("MatMul", [x, first])
        if looked_up is not None:
            start = Step("Gather", [first, str(node.input[1])], {"axis": 0})
        steps = [start, Step("MatMul", [second])]
        steps += [Step("Add", [bias_of(node)])] if bias_of(node) else []
        nodes += chained(names, steps, node.output[0])[0]
        done += 1
    body.nodes = nodes
    return body.write() if done else None


def _factors(matrix: Array, keep: float) -> tuple[Array, Array]:
    """Return (K, r) and (r, N) whose product is nearest, r so that they hold a share of it."""
    tall, wide = matrix.shape
    rank = max(1, min(round(keep * tall * wide / (tall + wide)), min(tall, wide) - 1))
    left, size, right = np.linalg.svd(matrix.astype(np.float64), full_matrices=False)
    root = np.sqrt(size[:rank])
    return (
        (left[:, :rank] * root).astype(np.float32),
        (root[:, None] * right[:rank]).astype(np.float32),
    )
