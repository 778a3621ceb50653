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


Sure = tuple[float, float]
"""How sharp what is told is taken, and how much of the popularity of items is added to it."""


def front(items: int) -> tuple[list[Step], dict[str, NDArray[Any]]]:
    """Return the steps that part the tensor: ``taken`` (how much), ``had`` (1 or 0), ``people``
    (what is known of the user), ``bare``.

    ``bare`` (N, 1) is 1 for whoever took nothing.
    """
    steps: list[Step] = [
        ("Slice", ["x", "first", "behind", "axis"], ["taken"], {}),
        ("Slice", ["x", "behind", "last", "axis"], ["people"], {}),
        ("Slice", ["x", "last", "end", "axis"], ["asked"], {}),
        ("Greater", ["taken", "zero"], ["positive"], {}),
        ("Cast", ["positive"], ["had"], {"to": TensorProto.FLOAT}),
        ("ReduceMax", ["had", "axis"], ["some"], {"keepdims": 1}),
        ("Sub", ["one", "some"], ["bare"], {}),
    ]
    constants: dict[str, NDArray[Any]] = {
        "first": np.array([0]), "behind": np.array([items]), "last": np.array([-1]),
        "end": np.array([2**31 - 1]), "axis": np.array([1]), "zero": np.array(0.0),
        "one": np.array(1.0),
    }  # fmt: skip
    return steps, constants


def answer_graph(
    steps: Sequence[Step],
    constants: Mapping[str, NDArray[Any]],
    popular: Floats,
    sure: Sure,
    stranger: Sure | None = None,
    known: int = 0,
) -> bytes:
    """Return the graph of a learner from ``x`` (N, items + known + 1) to ``probabilities``.

    Args:
        steps: From ``taken``, ``had`` and ``people`` to ``told`` (N, items).
        constants: Of these steps.
        popular: Logarithm of how often each item was taken, (items,).
        sure: For whoever took something.
        stranger: For whoever took nothing, and of whom something is known; None where the learner
            does not read it.
        known: Numbers that are known of a user.
    """
    first, named = front(len(popular))
    nobody, strange = _strangers(popular, stranger)
    last: list[Step] = [
        ("Mul", ["told", "answer/sharpness"], ["answer/sharp"], {}),
        ("Add", ["answer/sharp", "answer/prior"], ["answer/own"], {}),
        ("Mul", ["answer/own", "some"], ["answer/known"], {}),
        *nobody,
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
        "answer/sharpness": np.array(sure[0]), "answer/prior": sure[1] * popular[None, :],
        "answer/popular": popular[None, :], "answer/gone": np.array(GONE),
        "answer/least": np.array(LEAST),
    }  # fmt: skip
    named = {**named, **constants, **more, **strange}
    width = len(popular) + known + 1
    return graph([*first, *steps, *last], named, width, "probabilities")


def _strangers(
    popular: Floats, stranger: Sure | None
) -> tuple[list[Step], dict[str, NDArray[Any]]]:
    """Return the steps to ``answer/stranger``: what whoever took nothing is told."""
    if stranger is None:
        return [("Mul", ["answer/popular", "bare"], ["answer/stranger"], {})], {}
    steps: list[Step] = [
        ("Abs", ["people"], ["stranger/size"], {}),
        ("ReduceMax", ["stranger/size", "axis"], ["stranger/most"], {"keepdims": 1}),
        ("Greater", ["stranger/most", "zero"], ["stranger/any"], {}),
        ("Mul", ["told", "stranger/sharpness"], ["stranger/sharp"], {}),
        ("Add", ["stranger/sharp", "stranger/prior"], ["stranger/own"], {}),
        ("Where", ["stranger/any", "stranger/own", "answer/popular"], ["stranger/told"], {}),
        ("Mul", ["stranger/told", "bare"], ["answer/stranger"], {}),
    ]
    constants: dict[str, NDArray[Any]] = {
        "stranger/sharpness": np.array(stranger[0]),
        "stranger/prior": stranger[1] * popular[None, :],
    }
    return steps, constants


def chances(
    told: Floats,
    taken: NDArray[Any],
    popular: Floats,
    sure: Sure,
    stranger: Sure | None = None,
    people: NDArray[Any] | None = None,
) -> Floats:
    """Return what the graph answers, from what a learner told; items that are taken are left out.

    Args:
        told: (N, items).
        taken: How much of each item was taken, (N, items).
        popular: As in `answer_graph`, and so are the others.
        people: What is known of the users, (N, known).
    """
    had = np.asarray(taken) > 0
    some = had.any(1, keepdims=True)
    nobody = np.broadcast_to(popular, told.shape)
    if stranger is not None and people is not None:
        known = (np.asarray(people) != 0).any(1, keepdims=True)
        nobody = np.where(known, stranger[0] * told + stranger[1] * popular, nobody)
    whole = np.where(some, sure[0] * told + sure[1] * popular, nobody)
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
