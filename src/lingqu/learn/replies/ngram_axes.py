"""Texts as vectors of their runs of characters: the floor under every net that places texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from onnx import TensorProto, helper, numpy_helper

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.replies.axes import Axes, nodes, refuse_grams
from lingqu.learn.replies.belonging import Belonging, belonging
from lingqu.learn.tabular.graph import IR_VERSION, OPSET
from lingqu.release.replies import joined, reply_encoding


@dataclass
class NgramAxes:
    """Place texts by their runs of characters, on the axes along which texts differ most.

    Of pairs both texts are counted together, so that what is said in two languages lies near.

    Args:
        buckets: Numbers into which runs of characters are hashed.
        low: Characters of the shortest run.
        high: Characters of the longest run.
        width: Numbers of a vector.

    Example:
        >>> NgramAxes(width=64).width
        64

    Source: Deerwester et al., 1990 (latent semantic indexing); Dumais et al., 1997 (across
        languages); Halko, Martinsson and Tropp, 2011, arXiv:0909.4061.
    """

    name: ClassVar[str] = "ngram_axes"
    tasks: ClassVar[frozenset[str]] = frozenset({"embed"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})
    engine: ClassVar[str] = "sklearn"

    buckets: int = 4096
    low: int = 1
    high: int = 4
    width: int = 128

    def __post_init__(self) -> None:
        refuse_grams(self.buckets, self.low, self.high, self.width)

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Find the axes of `train`; nothing is tuned on `valid`."""
        found = belonging(train)
        columns = [column.name for column in found.rows.schema if column.kind == "text"]
        if not columns:
            kinds = ", ".join(sorted({column.kind for column in found.rows.schema}))
            raise DataError("replies.no_text", received=kinds)
        grams = self.buckets, self.low, self.high
        axes = Axes.of(_sides(found, columns), grams, self.width, budget.seed)
        block = {
            "type": "ngram_axes", "columns": columns, "paired": found.paired,
            "buckets": self.buckets, "low": self.low, "high": self.high,
        }  # fmt: skip
        others = [name for name in found.rows.schema.names if name not in columns]
        member = Member(
            self.name, self.name, 1.0, reply_encoding(block, [*found.left_out, *others]),
            _graph(axes), {"rows": len(found.rows), "width": axes.places.shape[1]},
        )  # fmt: skip
        return Model("embed", (), (member,))

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.memory(rows, columns, classes)


def _sides(found: Belonging, columns: list[str]) -> list[list[str]]:
    """Return the texts of the rows, and of pairs those that belong to them."""
    frames = [found.rows.frame, *([found.partners] if found.paired else [])]
    return [joined(frame, columns).to_list() for frame in frames]


def _graph(axes: Axes) -> bytes:
    """Return the graph: counts (N, buckets) → vectors of length 1, (N, width)."""
    steps = [*nodes(), helper.make_node("Identity", ["unit"], ["vectors"])]
    stored = [numpy_helper.from_array(a, name) for name, a in axes.constants().items()]
    width, buckets = axes.axes.shape
    read = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", buckets])]
    told = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["N", width])]
    body = helper.make_graph(steps, "ngram_axes", read, told, stored)
    versions = [helper.make_opsetid("", min(OPSET, 17))]
    made = helper.make_model(body, opset_imports=versions, ir_version=IR_VERSION)
    data: bytes = made.SerializeToString(deterministic=True)
    return data
