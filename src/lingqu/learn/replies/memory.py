"""Answer with what belongs to the nearest known text: translation memory, known questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.replies.axes import Axes, nodes, refuse_grams
from lingqu.learn.replies.reading import Reading, read
from lingqu.learn.tabular.graph import IR_VERSION, OPSET
from lingqu.release.replies import reply_encoding


@dataclass
class Memory:
    """Remember every text and what belongs to it; answer with that of the nearest.

    Texts are compared by their runs of characters: rare ones count more, and what occurs together
    counts as alike. It invents nothing: an answer is one that was given.

    Args:
        buckets: Numbers into which runs of characters are hashed.
        low: Characters of the shortest run.
        high: Characters of the longest run.
        width: Numbers that stand for a text.

    Example:
        >>> Memory(width=64).width
        64

    Source: Sparck Jones, 1972, doi:10.1108/eb026526 (rarity); Deerwester et al., 1990 (latent
        semantic indexing); Halko, Martinsson and Tropp, 2011, arXiv:0909.4061.
    """

    name: ClassVar[str] = "memory"
    tasks: ClassVar[frozenset[str]] = frozenset({"answer", "translate", "chat"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})
    engine: ClassVar[str] = "sklearn"

    buckets: int = 4096
    low: int = 1
    high: int = 4
    width: int = 256

    def __post_init__(self) -> None:
        refuse_grams(self.buckets, self.low, self.high, self.width)

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Remember `train`; nothing is tuned on `valid`."""
        rows = read(train)
        known, said = _usual(rows)
        grams = self.buckets, self.low, self.high
        axes = Axes.of([known], grams, self.width, budget.seed)
        block = {
            "type": "memory", "columns": list(rows.columns), "known": known, "said": said,
            "buckets": self.buckets, "low": self.low, "high": self.high,
        }  # fmt: skip
        member = Member(
            self.name, self.name, 1.0, reply_encoding(block, rows.left_out),
            _graph(axes), {"known": len(known), "width": axes.places.shape[1]},
        )  # fmt: skip
        return Model("answer", (), (member,))

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.memory(rows, columns, classes)


def _usual(rows: Reading) -> tuple[list[str], list[str]]:
    """Return each known text once, with what was said to it most often, first of equals."""
    frame = pl.DataFrame({"text": rows.texts, "said": rows.wanted})
    counted = frame.group_by("text", "said", maintain_order=True).len()
    best = counted.sort("len", descending=True, maintain_order=True).unique(
        "text", keep="first", maintain_order=True
    )
    return best["text"].to_list(), best["said"].to_list()


def _graph(axes: Axes) -> bytes:
    """Return the graph: counts (B, buckets) → the nearest known text and its cosine, (B, 1)."""
    constants: dict[str, NDArray[Any]] = axes.constants() | {
        "places": axes.places.T.astype(np.float32), "count": np.ones(1, np.int64),
    }  # fmt: skip
    steps = [
        *nodes(),
        helper.make_node("MatMul", ["unit", "places"], ["likenesses"]),
        helper.make_node("TopK", ["likenesses", "count"], ["likeness", "nearest"], axis=1),
    ]
    stored = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    read = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", len(axes.rarity)])]
    told = [helper.make_tensor_value_info("nearest", TensorProto.INT64, ["N", 1]),
            helper.make_tensor_value_info("likeness", TensorProto.FLOAT, ["N", 1])]  # fmt: skip
    body = helper.make_graph(steps, "memory", read, told, stored)
    versions = [helper.make_opsetid("", min(OPSET, 17))]
    data: bytes = helper.make_model(
        body, opset_imports=versions, ir_version=IR_VERSION
    ).SerializeToString()
    return data
