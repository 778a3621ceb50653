"""Each token has the tag that it had most often: the floor under every tagger."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.replies.tagged import Tagged, read_tagged
from lingqu.learn.tabular.graph import IR_VERSION, OPSET
from lingqu.release.replies import reply_encoding


@dataclass
class UsualTags:
    """Give each token the tag that it had most often, and an unknown one that of rare tokens.

    It reads no neighbour: what a net gains over it is what the neighbours say.

    Example:
        >>> UsualTags().tasks
        frozenset({'tag'})

    Source: Church, "A stochastic parts program", 1988, doi:10.3115/974235.974260 (the baseline).
    """

    name: ClassVar[str] = "usual_tags"
    tasks: ClassVar[frozenset[str]] = frozenset({"tag"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})
    engine: ClassVar[str] = "numpy"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Count the tags of `train`; nothing is tuned on `valid`."""
        rows = read_tagged(train)
        tokens, names, tags, shares = _counted(rows)
        block = {"type": "usual_tags", "columns": [rows.column], "tokens": tokens, "tags": names}
        member = Member(
            self.name, self.name, 1.0, reply_encoding(block, rows.left_out), _graph(tags, shares),
            {"tokens": len(tokens), "tags": len(names)},
        )  # fmt: skip
        return Model("tag", (), (member,))

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.usual_tags(rows, columns, classes)


def _counted(
    rows: Tagged,
) -> tuple[list[str], list[str], NDArray[np.int64], NDArray[np.float32]]:
    """Return tokens and tags, and of each token (first: an unknown one) its usual tag and share."""
    frame = pl.DataFrame({
        "token": list(chain.from_iterable(rows.tokens)),
        "tag": list(chain.from_iterable(rows.tags)),
    })  # fmt: skip
    names = sorted(frame["tag"].unique().to_list())
    counted = frame.group_by("token", "tag").len()
    counted = counted.with_columns(pl.col("len").sum().over("token").alias("seen"))
    best = counted.sort(["token", "len", "tag"], descending=[False, True, False]).unique(
        "token", keep="first", maintain_order=True
    )
    # A token that nobody has seen is most like those that were seen once.
    rare = counted.filter(pl.col("seen") == 1)
    usual = (rare if rare.height else counted).group_by("tag").agg(pl.col("len").sum())
    usual = usual.sort(["len", "tag"], descending=[True, False])
    place = {name: number for number, name in enumerate(names)}
    tags = [place[usual["tag"][0]], *(place[tag] for tag in best["tag"].to_list())]
    known = (best["len"] / best["seen"]).to_numpy()
    shares = np.concatenate([[usual["len"][0] / usual["len"].sum()], known])
    return (
        best["token"].to_list(), names, np.array(tags, np.int64), shares.astype(np.float32)
    )  # fmt: skip


def _graph(tags: NDArray[np.int64], shares: NDArray[np.float32]) -> bytes:
    """Return the graph: numbers of tokens (T,) → tag and share, (T,)."""
    constants: dict[str, NDArray[Any]] = {"tags": tags, "shares": shares}
    nodes = [
        helper.make_node("Gather", ["tags", "numbers"], ["tag"]),
        helper.make_node("Gather", ["shares", "numbers"], ["share"]),
    ]
    stored = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    read = [helper.make_tensor_value_info("numbers", TensorProto.INT64, ["T"])]
    told = [helper.make_tensor_value_info("tag", TensorProto.INT64, ["T"]),
            helper.make_tensor_value_info("share", TensorProto.FLOAT, ["T"])]  # fmt: skip
    body = helper.make_graph(nodes, "usual_tags", read, told, stored)
    made = helper.make_model(
        body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    data: bytes = made.SerializeToString(deterministic=True)
    return data
