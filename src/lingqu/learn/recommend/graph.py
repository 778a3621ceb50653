"""Graphs of recommenders: from histories to the chances of all items, what is taken left out.

Whatever a learner says of the items is turned into chances in one way: sharpened, joined with how
popular each item is, and shared out among the items that are not taken yet. Whoever took nothing
is told what is popular.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from lingqu.learn.tabular.graph import Step, graph

Floats = NDArray[np.float64]
GONE = 1.0e9
"""Taken from what is said of an item that must not be listed."""
LEAST = 1.0e-12
"""Chance of every item that may be listed: one after the last of the likely ones."""


def front() -> tuple[list[Step], dict[str, NDArray[Any]]]:
    """Return the steps that part the tensor: ``taken`` (how much), ``had`` (1 or 0), ``bare``.

    ``bare`` (N, 1) is 1 for whoever took nothing.
    """
    steps: list[Step] = [
        ("Slice", ["x", "first", "last", "axis"], ["taken"], {}),
        ("Slice", ["x", "last", "end", "axis"], ["asked"], {}),
        ("Greater", ["taken", "zero"], ["positive"], {}),
        ("Cast", ["positive"], ["had"], {"to": TensorProto.FLOAT}),
        ("ReduceMax", ["had", "axis"], ["some"], {"keepdims": 1}),
        ("Sub", ["one", "some"], ["bare"], {}),
    ]
    constants: dict[str, NDArray[Any]] = {
        "first": np.array([0]), "last": np.array([-1]), "end": np.array([2**31 - 1]),
        "axis": np.array([1]), "zero": np.array(0.0), "one": np.array(1.0),
    }  # fmt: skip
    return steps, constants


def answer_graph(
    steps: Sequence[Step],
    constants: Mapping[str, NDArray[Any]],
    popular: Floats,
    sharpness: float,
    prior: float,
) -> bytes:
    """Return the graph of a learner from ``x`` (N, items + 1) to ``probabilities`` (N, items).

    Args:
        steps: From ``taken`` and ``had`` to ``told`` (N, items).
        constants: Of these steps.
        popular: Logarithm of how often each item was taken, (items,).
        sharpness: Multiplies what is told.
        prior: Share of `popular` that is added to it.
    """
    first, named = front()
    last: list[Step] = [
        ("Mul", ["told", "answer/sharpness"], ["answer/sharp"], {}),
        ("Add", ["answer/sharp", "answer/prior"], ["answer/own"], {}),
        ("Mul", ["answer/own", "some"], ["answer/known"], {}),
        ("Mul", ["answer/popular", "bare"], ["answer/stranger"], {}),
        ("Add", ["answer/known", "answer/stranger"], ["answer/whole"], {}),
        ("Mul", ["had", "asked"], ["answer/out"], {}),
        ("Mul", ["answer/out", "answer/gone"], ["answer/off"], {}),
        ("Sub", ["answer/whole", "answer/off"], ["answer/left"], {}),
        ("Softmax", ["answer/left"], ["answer/shares"], {"axis": 1}),
        ("Add", ["answer/shares", "answer/least"], ["answer/open"], {}),
        ("Sub", ["one", "answer/out"], ["answer/stays"], {}),
        ("Mul", ["answer/open", "answer/stays"], ["probabilities"], {}),
    ]
    more: dict[str, NDArray[Any]] = {
        "answer/sharpness": np.array(sharpness), "answer/prior": prior * popular[None, :],
        "answer/popular": popular[None, :], "answer/gone": np.array(GONE),
        "answer/least": np.array(LEAST),
    }  # fmt: skip
    return graph(
        [*first, *steps, *last], {**named, **constants, **more}, len(popular) + 1, "probabilities"
    )


def chances(
    told: Floats, taken: NDArray[Any], popular: Floats, sharpness: float, prior: float
) -> Floats:
    """Return what the graph answers, from what a learner told; items that are taken are left out.

    Args:
        told: (N, items).
        taken: How much of each item was taken, (N, items).
        popular: As in `answer_graph`, and so are the others.
    """
    had = np.asarray(taken) > 0
    some = had.any(1, keepdims=True)
    whole = np.where(some, sharpness * told + prior * popular, popular)
    whole = np.where(had, -GONE, whole)
    powers = np.exp(whole - whole.max(1, keepdims=True))
    found = powers / powers.sum(1, keepdims=True) + LEAST
    return np.asarray(np.where(had, 0.0, found))


def neighbours(
    weights: NDArray[np.float32], nearest: NDArray[np.int64], read: str = "taken"
) -> tuple[list[Step], dict[str, NDArray[Any]]]:
    """Return the steps that add up, for each item, what was taken of its few neighbours.

    Args:
        weights: Of each item the weight of each of its neighbours, (items, K).
        nearest: Which items these are, (items, K).
        read: ``taken`` or ``had``.
    """
    steps: list[Step] = [
        ("Gather", [read, "nearest"], ["near"], {"axis": 1}),
        ("Mul", ["near", "weights"], ["parts"], {}),
        ("ReduceSum", ["parts", "inner"], ["told"], {"keepdims": 0}),
    ]
    constants: dict[str, NDArray[Any]] = {
        "nearest": nearest, "weights": weights[None], "inner": np.array([2]),
    }  # fmt: skip
    return steps, constants


def dense(
    weights: NDArray[np.floating[Any]], read: str = "taken"
) -> tuple[list[Step], dict[str, NDArray[Any]]]:
    """Return the step that adds up what was taken, weighted: histories × (items, items)."""
    return [("MatMul", [read, "weights"], ["told"], {})], {"weights": np.asarray(weights)}
