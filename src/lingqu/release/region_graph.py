"""Intervals and sets inside the graph of a model, so that whoever runs it has them.

A graph of values gives (N, 3) = answer, low, high instead of (N, 1); one of classes has a second
output, ``"sets"``, bool (N, K). `region` has the same formulas in NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from lingqu.core.nouns import Model, Region
from lingqu.release.region import weigh
from lingqu.release.session import SETS

Parts = tuple[list[NodeProto], list[TensorProto]]


class _Writer:
    """Nodes and constants with names of their own."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, value: Any, kind: Any = np.float32) -> str:
        array = np.asarray(value, dtype=kind)
        self.constants.append(numpy_helper.from_array(array, f"region/{name}"))
        return f"region/{name}"

    def add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        name = output if output in ("values", SETS) else f"region/{output}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def top(self, values: str, count: str) -> str:
        """Return the largest of each row, (N, 1)."""
        most = ["region/most", "region/which"]
        self.nodes.append(helper.make_node("TopK", [values, count], most, axis=1))
        return most[0]


def interval_nodes(region: Region, value: str, told: str) -> Parts:
    """Return the nodes that put the ends of an interval beside each value.

    Args:
        region: How far it reaches.
        value: Tensor of the values, (N, 1).
        told: Tensor of the answers of `Region.scale`, (N, 1); ``""`` where there is none.
    """
    write = _Writer()
    size = ""
    if told:
        size = write.add("Max", [told, write.constant("floor", region.floor)], "size")
    elif region.knots:
        at, sizes = np.array(region.knots).T
        first, span = write.constant("first", at[:-1]), write.constant("span", np.diff(at))
        slope = write.constant("slope", (np.diff(sizes) / np.diff(at))[:, None])
        past = write.add("Sub", [value, first], "past")  # (N, 1) - (M,) → (N, M)
        past = write.add("Max", [past, write.constant("zero", 0.0)], "from")
        past = write.add("Min", [past, span], "within")
        rise = write.add("MatMul", [past, slope], "rise")
        size = write.add("Add", [rise, write.constant("start", sizes[0])], "size")
    ends = []
    for name, op, reach in (("low", "Sub", region.below), ("high", "Add", region.above)):
        far = write.constant(f"reach_{name}", [[reach]])
        if size:
            far = write.add("Mul", [size, far], f"far_{name}")
        ends.append(write.add(op, [value, far], name))
    write.add("Concat", [value, *ends], "values", axis=1)
    return write.nodes, write.constants


def set_nodes(model: Model, region: Region) -> Parts:
    """Return the nodes that say which classes are in the set of each row."""
    write = _Writer()
    enough = write.constant("least", region.least)
    likely = write.add("GreaterOrEqual", ["probabilities", enough], "likely")
    weighed = write.add("Mul", ["probabilities", write.constant("weigh", weigh(model))], "weighed")
    # ReduceMax tells its axis in another way from operator set 18 on; TopK does not.
    one = write.constant("one", [1], np.int64)
    most = write.top(weighed, one)
    answer = write.add("GreaterOrEqual", [weighed, most], "answer")
    write.add("Or", [likely, answer], SETS)
    return write.nodes, write.constants
