"""Graphs of forecasters: from the numbers of the series block to values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lingqu.learn.tabular.graph import IR_VERSION, OPSET, Step, graph
from lingqu.release.blocks import STEP, UNIT
from lingqu.release.series.block import LEVEL, MOVE


def picked(column: int, width: int, floor: float | None) -> bytes:
    """Return a graph whose answer is one column, told in units of the series."""
    steps: list[Step] = [("Gather", ["x", "column"], ["told"], {"axis": 1})]
    constants: dict[str, NDArray[Any]] = {"column": np.array([column])}
    more, named = _value("told", floor)
    return graph([*steps, *more], {**constants, **named}, width, "values")


def wrapped(inner: bytes, columns: Sequence[int], width: int, floor: float | None) -> bytes:
    """Return a graph that gives `columns` to an inner one and reads its answer as told values.

    Args:
        inner: A graph from ``x`` to ``values`` (N, 1).
        columns: What it reads, in its order.
        width: Numbers of the series block.
        floor: No value is below it; None for no such bound.
    """
    model = onnx.load_model_from_string(inner)
    _rename(model, {"x": "own", "values": "told"})
    first = helper.make_node("Gather", ["x", "own_columns"], ["own"], axis=1)
    more, named = _value("told", floor)
    last = [helper.make_node(op, list(i), list(o), **at) for op, i, o, at in more]
    body = model.graph
    nodes = [first, *body.node, *last]
    del body.node[:], body.input[:], body.output[:]
    body.node.extend(nodes)
    body.input.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", width]))
    body.output.append(helper.make_tensor_value_info("values", TensorProto.FLOAT, ["N", None]))
    _constants(model, {"own_columns": np.array(columns, dtype=np.int64), **named})
    return _bytes(model)


def moved(data: bytes, columns: Sequence[int], width: int) -> bytes:
    """Return the graph reading its numbers from other places of a wider tensor."""
    model = onnx.load_model_from_string(data)
    _rename(model, {"x": "shared"})
    body = model.graph
    nodes = [helper.make_node("Gather", ["x", "shared_columns"], ["shared"], axis=1), *body.node]
    del body.node[:], body.input[:]
    body.node.extend(nodes)
    body.input.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", width]))
    _constants(model, {"shared_columns": np.array(columns, dtype=np.int64)})
    return _bytes(model)


def with_interval(
    data: bytes,
    below: Sequence[float],
    above: Sequence[float],
    quantiles: Sequence[Sequence[float]],
    floor: float | None,
) -> bytes:
    """Return the graph with the ends of an interval and Q quantiles beside its value, (N, 3 + Q).

    Args:
        data: A graph of one value.
        below: For each step ahead how far below the value the interval starts, in units.
        above: The same above.
        quantiles: Of each quantile the same, negative where it lies below the value.
        floor: No end is below it.
    """
    ends = np.stack([-np.asarray(below), np.asarray(above), *map(np.asarray, quantiles)], axis=1)
    model = onnx.load_model_from_string(data)
    _rename(model, {"values": "around_point"})
    steps: list[Step] = [
        ("Gather", ["x", "around_step_column"], ["around_step"], {"axis": 1}),
        ("Gather", ["x", "around_unit_column"], ["around_unit"], {"axis": 1}),
        ("Cast", ["around_step"], ["around_whole_step"], {"to": TensorProto.INT64}),
        ("Sub", ["around_whole_step", "around_one"], ["around_from_zero"], {}),
        ("Clip", ["around_from_zero", "around_zero", "around_last"], ["around_slot"], {}),
        ("Gather", ["around_ends", "around_slot"], ["around_away_3"], {"axis": 0}),
        ("Squeeze", ["around_away_3", "around_axis"], ["around_away"], {}),
        ("Mul", ["around_away", "around_unit"], ["around_far"], {}),
        ("Add", ["around_point", "around_far"], ["around_free"], {}),
        ("Max", ["around_free", "around_floor"], ["around_kept"], {}),
        ("Concat", ["around_point", "around_kept"], ["values"], {"axis": 1}),
    ]
    if floor is None:
        steps[-2] = ("Identity", ["around_free"], ["around_kept"], {})
    body = model.graph
    body.node.extend(helper.make_node(op, list(i), list(o), **at) for op, i, o, at in steps)
    del body.output[:]
    shape = ["N", 1 + ends.shape[1]]
    body.output.append(helper.make_tensor_value_info("values", TensorProto.FLOAT, shape))
    constants: dict[str, NDArray[Any]] = {
        "around_step_column": np.array([STEP]),
        "around_unit_column": np.array([UNIT]),
        "around_one": np.array(1),
        "around_zero": np.array(0),
        "around_last": np.array(len(below) - 1),
        "around_axis": np.array([1]),
        "around_ends": ends.astype(np.float32),
    }
    if floor is not None:
        constants["around_floor"] = np.float32(floor).reshape(1)
    _constants(model, constants)
    return _bytes(model)


def _value(told: str, floor: float | None) -> tuple[list[Step], dict[str, NDArray[Any]]]:
    """Return the nodes that turn told values into values: level + movement × told."""
    end = "values" if floor is None else "told_free"
    steps: list[Step] = [
        ("Gather", ["x", "told_level_column"], ["told_level"], {"axis": 1}),
        ("Gather", ["x", "told_move_column"], ["told_move"], {"axis": 1}),
        ("Mul", ["told_move", told], ["told_away"], {}),
        ("Add", ["told_level", "told_away"], [end], {}),
    ]
    constants: dict[str, NDArray[Any]] = {
        "told_level_column": np.array([LEVEL]), "told_move_column": np.array([MOVE])
    }  # fmt: skip
    if floor is not None:
        steps.append(("Max", ["told_free", "told_lowest"], ["values"], {}))
        constants["told_lowest"] = np.float32(floor).reshape(1)
    return steps, constants


def _rename(model: Any, names: dict[str, str]) -> None:
    for node in model.graph.node:
        for side in (node.input, node.output):
            for index, name in enumerate(side):
                side[index] = names.get(name, name)


def _constants(model: Any, constants: dict[str, NDArray[Any]]) -> None:
    model.graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(value), name)
        for name, value in constants.items()
    )


def _bytes(model: Any) -> bytes:
    for entry in model.opset_import:
        if entry.domain == "":
            entry.version = max(entry.version, OPSET)
    model.ir_version = IR_VERSION
    data: bytes = model.SerializeToString(deterministic=True)
    return data
