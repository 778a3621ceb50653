"""The baseline of detect: the usual box of each label, whatever the picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.detect.scenes import Scenes, scenes
from lingqu.learn.tabular.graph import IR_VERSION, OPSET
from lingqu.release.replies import reply_encoding

_THRESHOLD, _MOST = 0.5, 100


@dataclass
class UsualBoxes:
    """Say of every picture that each label is where it usually is, as sure as it is frequent.

    It looks at no picture: a net that finds objects gains all of what it scores above this.

    Example:
        >>> UsualBoxes().tasks
        frozenset({'detect'})

    Source: Own; medians of the boxes.
    """

    name: ClassVar[str] = "usual_boxes"
    tasks: ClassVar[frozenset[str]] = frozenset({"detect"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"image"})
    engine: ClassVar[str] = "numpy"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Look at the boxes of `train`; nothing is tuned on `valid`."""
        rows = scenes(train)
        labels = rows.labels
        table = np.array([_usual(rows, label) for label in labels], dtype=np.float32)
        block = rows.block("usual_boxes", labels, threshold=_THRESHOLD, most=_MOST)
        notes = {"labels": len(labels), "boxes": sum(map(len, rows.boxes))}
        member = Member(self.name, self.name, 1.0, reply_encoding(block, rows.left_out),
                        _graph(table), notes)  # fmt: skip
        return Model("detect", (), (member,))

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.usual_boxes(rows, columns, classes)


def _usual(rows: Scenes, label: str) -> list[float]:
    """Return left, top, right and bottom as shares of the sides, and in how many pictures."""
    mine = [[box for box in boxes if box["label"] == label] for boxes in rows.boxes]
    flat = [box for boxes in mine for box in boxes]
    ends = [(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]) for box in flat]
    height, width = rows.shape[:2]
    middle = np.median(np.array(ends), axis=0) / np.array([width, height] * 2)
    return [*middle.tolist(), sum(map(bool, mine)) / len(mine)]


def _graph(table: NDArray[np.float32]) -> bytes:
    """Return the graph: it gives the boxes (K, 5), whatever ``pictures`` (B,) are."""
    constants: dict[str, NDArray[Any]] = {"table": table, "nothing": np.array(0, np.float32)}
    nodes = [
        helper.make_node("ReduceMax", ["pictures"], ["most"], keepdims=0),
        helper.make_node("Mul", ["most", "nothing"], ["none"]),
        helper.make_node("Add", ["table", "none"], ["boxes"]),
    ]
    stored = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    read = [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["B"])]
    told = [helper.make_tensor_value_info("boxes", TensorProto.FLOAT, list(table.shape))]
    body = helper.make_graph(nodes, "usual_boxes", read, told, stored)
    made = helper.make_model(
        body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    data: bytes = made.SerializeToString(deterministic=True)
    return data
