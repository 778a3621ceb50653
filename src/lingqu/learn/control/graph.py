"""A policy as an ONNX graph: raw columns in, the probability of each action out.

What belongs to the answer is inside: the size of the numbers, codes of categories, which actions
may be taken, and what is answered to an observation unlike those of training. So every place that
can run the graph gives the same answer, and none runs code of the environment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lingqu.environment.fallback import Fallback
from lingqu.environment.observed import Floats, Observed
from lingqu.release.session import FALLBACK

OPSET, IR_VERSION = 17, 8
CLOSED = -1e9
"""Added to the score of an action that may not be taken."""
MARGIN = 0.01
"""Share of the span of training by which an observation may lie outside before it is unlike it."""


@dataclass
class Writer:
    """Nodes and constants of a graph in the making."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def constant(self, array: Any, kind: Any = np.float32) -> str:
        """Add a constant; return its name."""
        name = f"c{len(self.constants)}"
        values = np.ascontiguousarray(np.asarray(array, dtype=kind))
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def node(self, operator: str, *given: str, **attributes: Any) -> str:
        """Add a node; return the name of its output."""
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(given), [name], **attributes))
        return name

    def part(self, x: str, start: int, end: int) -> str:
        """Return columns of a table, (N, end - start)."""
        ends = [self.constant([value], np.int64) for value in (start, end, 1)]
        return self.node("Slice", x, *ends)


Body = Callable[[Writer, str], str]
"""Adds the nodes of a policy: name of the features (N, F) → name of the scores (N, actions)."""


@dataclass(frozen=True)
class Range:
    """The smallest and largest value of each part of an observation in training, (parts,) each."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]


def write(
    observed: Observed,
    body: Body,
    known: Range,
    fallback: Fallback | None = None,
    codes: bool = False,
) -> bytes:
    """Return the graph of a policy.

    Args:
        observed: What its input holds.
        body: From features to scores; features are the raw numbers, and each category as ones and
            zeros.
        known: What training has seen.
        fallback: What is answered outside of it; without one the policy answers everything.
        codes: Whether the body reads codes of categories as they are.

    Returns:
        ONNX bytes: ``x`` (N, columns) → ``probabilities`` (N, actions), and with a fallback
        ``fallback`` (N,), bool.
    """
    writer, parts, told = Writer(), len(observed.parts), ""
    x = writer.part("x", 0, parts)
    scores = body(writer, x if codes else _features(writer, x, observed))
    if observed.masked:
        told = writer.part("x", parts, parts + len(observed.actions))
        unknown = writer.node("IsNaN", told)
        told = writer.node("Where", unknown, writer.constant(1.0), told)
        shut = writer.node("Sub", writer.constant(1.0), told)
        shut = writer.node("Mul", shut, writer.constant(CLOSED))
        scores = writer.node("Add", scores, shut)
    chances = writer.node("Softmax", scores, axis=1)
    outputs = [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", None])]
    if fallback is not None:
        outside = _outside(writer, x, known)
        rule = _ruled(writer, x, fallback, len(observed.actions))
        if told:  # a rule that says what may not be done is not followed
            share = writer.node("Mul", rule, told)
            share = writer.node("ReduceSum", share, writer.constant([1], np.int64), keepdims=0)
            may = writer.node("Greater", share, writer.constant(0.5))
            outside = writer.node("And", outside, may)
        chances = writer.node("Where", writer.node("Unsqueeze", outside,
                              writer.constant([1], np.int64)), rule, chances)  # fmt: skip
        writer.nodes.append(helper.make_node("Identity", [outside], [FALLBACK]))
        outputs.append(helper.make_tensor_value_info(FALLBACK, TensorProto.BOOL, ["N"]))
    writer.nodes.append(helper.make_node("Identity", [chances], ["probabilities"]))
    return _finished(writer, len(observed.columns), outputs)


def _finished(writer: Writer, width: int, outputs: Sequence[Any]) -> bytes:
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", width])
    body = helper.make_graph(writer.nodes, "policy", [given], list(outputs), writer.constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    data: bytes = model.SerializeToString()
    return data


def _features(writer: Writer, x: str, observed: Observed) -> str:
    """Return the numbers as they are, and each code as ones and zeros: (N, F)."""
    if not any(observed.levels):
        return x
    found = []
    for place, levels in enumerate(observed.levels):
        column = writer.part(x, place, place + 1)
        if levels:
            same = writer.node("Equal", column, writer.constant(np.arange(levels)[None]))
            column = writer.node("Cast", same, to=TensorProto.FLOAT)
        found.append(column)
    return writer.node("Concat", *found, axis=1)


def _outside(writer: Writer, x: str, known: Range) -> str:
    """Return which rows lie outside of what training has seen, or are no numbers: (N,) bool."""
    slack = MARGIN * np.maximum(known.high - known.low, 1e-6)
    low, high = known.low - slack, known.high + slack
    below = writer.node("Less", x, writer.constant(low[None]))
    above = writer.node("Greater", x, writer.constant(high[None]))
    either = writer.node("Or", writer.node("Or", below, above), writer.node("IsNaN", x))
    whole = writer.node("Cast", either, to=TensorProto.FLOAT)
    most = writer.node("ReduceMax", whole, axes=[1], keepdims=0)
    return writer.node("Cast", most, to=TensorProto.BOOL)


def _ruled(writer: Writer, x: str, rule: Fallback, actions: int) -> str:
    """Return what a rule answers, 1 for its action, (N, actions)."""
    value = writer.part(x, rule.column, rule.column + 1)
    edges = writer.constant(np.array([*rule.edges, np.inf])[None])
    over = writer.node("Cast", writer.node("Greater", value, edges), to=TensorProto.INT64)
    steps = writer.node("ReduceSum", over, writer.constant([1], np.int64), keepdims=0)
    table = np.eye(actions, dtype=np.float32)[list(rule.actions)]
    return writer.node("Gather", writer.constant(table), steps, axis=0)


def layers(
    weights: Sequence[tuple[NDArray[Any], NDArray[Any]]], bend: str, size: NDArray[Any]
) -> Body:
    """Return the body of a net of dense layers.

    Args:
        weights: Weight (out, in) and bias of each.
        bend: ONNX operator between them.
        size: By what each feature is divided, (F,).
    """

    def add(writer: Writer, x: str) -> str:
        x = writer.node("Div", x, writer.constant(size[None]))
        for place, (weight, bias) in enumerate(weights):
            if place:
                x = writer.node(bend, x)
            x = writer.node("Gemm", x, writer.constant(weight), writer.constant(bias), transB=1)
        return x

    return add


def table(scores: Floats) -> Body:
    """Return the body of a table: a row of scores (levels, actions) for each state.

    It reads codes: `write` is to be told so. A state that nobody knows gets equal scores.

    Args:
        scores: Such as 0 for the best action and -1e9 for all others.
    """
    padded = np.concatenate([scores, np.zeros((1, scores.shape[1]), np.float32)])

    def add(writer: Writer, x: str) -> str:
        unknown = writer.node("IsNaN", x)
        code = writer.node("Where", unknown, writer.constant(float(len(scores))), x)
        ends = writer.constant(0.0), writer.constant(float(len(scores)))
        place = writer.node("Cast", writer.node("Clip", code, *ends), to=TensorProto.INT64)
        place = writer.node("Squeeze", place, writer.constant([1], np.int64))
        return writer.node("Gather", writer.constant(padded), place, axis=0)

    return add


def constant(scores: Sequence[float]) -> Body:
    """Return the body of a policy that does not look: the same scores for every row."""

    def add(writer: Writer, x: str) -> str:
        nothing = writer.node("ReduceSum", x, writer.constant([1], np.int64), keepdims=1)
        blank = writer.node("Sub", nothing, nothing)
        known = writer.node("IsNaN", blank)
        blank = writer.node("Where", known, writer.constant(0.0), blank)
        return writer.node("Add", blank, writer.constant(np.array(scores)[None]))

    return add
