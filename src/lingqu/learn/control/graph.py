"""A policy as an ONNX graph: raw columns in, the probability of each action out, or an amount.

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

from lingqu.core.predictions import OUT_OF_RANGE
from lingqu.environment.fallback import Fallback
from lingqu.environment.observed import Floats, Observed
from lingqu.learn.control.known import Known
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
"""Adds the nodes of a policy: name of the features (N, F) → name of the scores (N, actions), or of
an amount in half-widths of its bounds about their middle (N, 1)."""


def write(
    observed: Observed,
    body: Body,
    known: Known,
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
        ONNX bytes: ``x`` (N, columns) → ``probabilities`` (N, actions) or ``values`` (N, 1);
        ``out_of_range`` (N,), bool, and with a fallback ``fallback`` (N,), bool.
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
    said = _amount(writer, scores, *observed.span) if observed.span else ""
    said = said or writer.node("Softmax", scores, axis=1)
    outside = _outside(writer, x, known)
    outputs = _told(writer, outside, OUT_OF_RANGE)
    if fallback is not None:
        rule = _ruled(writer, x, fallback, observed)
        if told:  # a rule that says what may not be done is not followed
            share = writer.node("Mul", rule, told)
            share = writer.node("ReduceSum", share, writer.constant([1], np.int64), keepdims=0)
            may = writer.node("Greater", share, writer.constant(0.5))
            outside = writer.node("And", outside, may)
        each = writer.node("Unsqueeze", outside, writer.constant([1], np.int64))
        said = writer.node("Where", each, rule, said)
        outputs += _told(writer, outside, FALLBACK)
    name, width = ("values", 1) if observed.span else ("probabilities", None)
    writer.nodes.append(helper.make_node("Identity", [said], [name]))
    first = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", width])
    return _finished(writer, len(observed.columns), [first, *outputs])


def _told(writer: Writer, flags: str, name: str) -> list[Any]:
    """Name an output that says something of each row, bool (N,)."""
    writer.nodes.append(helper.make_node("Identity", [flags], [name]))
    return [helper.make_tensor_value_info(name, TensorProto.BOOL, ["N"])]


def _amount(writer: Writer, scores: str, low: float, high: float) -> str:
    """Return amounts between their bounds, of half-widths about the middle, (N, 1)."""
    ends = writer.constant(-1.0), writer.constant(1.0)
    held = writer.node("Clip", scores, *ends)
    wide = writer.node("Mul", held, writer.constant((high - low) / 2))
    return writer.node("Add", wide, writer.constant((high + low) / 2))


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


def _outside(writer: Writer, x: str, known: Known) -> str:
    """Return which rows are unlike all that training has seen, or no numbers: (N,) bool."""
    slack = MARGIN * np.maximum(known.high - known.low, 1e-6)
    low, high = known.low - slack, known.high + slack
    below = writer.node("Less", x, writer.constant(low[None]))
    above = writer.node("Greater", x, writer.constant(high[None]))
    either = writer.node("Or", writer.node("Or", below, above), writer.node("IsNaN", x))
    whole = writer.node("Cast", either, to=TensorProto.FLOAT)
    most = writer.node("ReduceMax", whole, axes=[1], keepdims=0)
    outside = writer.node("Cast", most, to=TensorProto.BOOL)
    near = known.near
    if near is None or not np.isfinite(near.most):
        return outside
    some = writer.node("Gather", x, writer.constant(near.places, np.int64), axis=1)
    apart = writer.node("Sub", some, writer.constant(near.middle[None]))
    steps = writer.node("MatMul", apart, writer.constant(near.axes))
    square = writer.node("Mul", steps, steps)
    far = writer.node("ReduceSum", square, writer.constant([1], np.int64), keepdims=0)
    return writer.node("Or", outside, writer.node("Greater", far, writer.constant(near.most**2)))


def _ruled(writer: Writer, x: str, rule: Fallback, observed: Observed) -> str:
    """Return what a rule answers: 1 for its action (N, actions), or an amount (N, 1)."""
    read = [place for place, weight in enumerate(rule.weights) if weight] or [0]
    some = writer.node("Gather", x, writer.constant(read, np.int64), axis=1)
    weights = np.array(rule.weights)[read]
    starts = float(weights @ [observed.parts[place].start for place in read])
    value = writer.node("MatMul", some, writer.constant(weights[:, None]))
    value = writer.node("Add", value, writer.constant(starts))  # codes are counted from 0
    edges = writer.constant(np.array([*rule.edges, np.inf])[None])
    over = writer.node("Cast", writer.node("Greater", value, edges), to=TensorProto.INT64)
    steps = writer.node("ReduceSum", over, writer.constant([1], np.int64), keepdims=0)
    table = np.array(rule.actions)[:, None]
    if observed.span is None:
        table = np.eye(len(observed.actions))[[int(place) for place in rule.actions]]
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
