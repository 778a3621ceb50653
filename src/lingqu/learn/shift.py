"""Answers moved by a constant, so that a stated share of the truth lies below them."""

from __future__ import annotations

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
    import onnx  # only needed where a quantile is asked for
    from onnx import TensorProto, helper

    model = onnx.load_from_string(graph)
    for node in model.graph.node:
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                if name == "values":
                    names[index] = "values_before"
    model.graph.initializer.append(
        helper.make_tensor("values_shift", TensorProto.FLOAT, [1], [float(amount)])
    )
    model.graph.node.append(
        helper.make_node("Add", ["values_before", "values_shift"], ["values"], name="values_shift")
    )
    return bytes(model.SerializeToString())
