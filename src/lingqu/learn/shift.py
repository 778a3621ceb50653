"""Answers moved by a constant, so that a stated share of the truth lies below them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lingqu.core.metric_table import metric_of, subject_of


def share_of(metric: str) -> float | None:
    """Return the share of the truth that answers shall lie above, where the score asks for one.

    Example:
        >>> share_of("pinball(0.9)"), share_of("rmse")
        (0.9, None)
    """
    if not metric or ":" in metric:
        return None
    name, share = subject_of(metric_of(metric).name)
    return float(share) if name == "pinball" else None


def shifted(graph: bytes, amount: float) -> bytes:
    """Return a graph whose ``values`` are greater by an amount.

    A learner of means, moved by a quantile of what its held-out answers lacked, answers a
    quantile; one of quantiles that is a little off is put right.

    Args:
        graph: ONNX bytes with the output ``values`` (N, 1).
        amount: What is added.

    Source: Koenker, "Quantile regression", 2005, chapter 2 (the location-shift model).
    """
    return ended(graph, "values", [("Add", amount)])


Step = tuple[str, ArrayLike | None]
NORMALISE: Step = ("Normalise", None)
"""The step after which the numbers of a row sum to 1."""


def ended(graph: bytes, output: str, steps: Sequence[Step]) -> bytes:
    """Return a graph whose output goes through further steps.

    Args:
        graph: ONNX bytes.
        output: Name of the output, float32 (N, K).
        steps: Operators with their second input, a number or (K,); or `NORMALISE`.
    """
    import onnx  # only needed where answers are changed
    from onnx import helper, numpy_helper

    model = onnx.load_from_string(graph)
    before = f"{output}_before"
    for node in model.graph.node:
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                if name == output:
                    names[index] = before
    for index, (operator, amount) in enumerate(steps, 1):
        by = f"{output}_by_{index}"
        after = output if index == len(steps) else f"{output}_{index}"
        if amount is None:
            model.graph.node.append(helper.make_node("ReduceSum", [before, "last"], [by]))
            last = numpy_helper.from_array(np.array([-1]), "last")
            model.graph.initializer.append(last)
            operator = "Div"
        else:
            constant = np.asarray(amount, dtype=np.float32).reshape(-1)
            model.graph.initializer.append(numpy_helper.from_array(constant, by))
        model.graph.node.append(helper.make_node(operator, [before, by], [after]))
        before = after
    return bytes(model.SerializeToString())
