"""Answers of many parts at prediction time: texts, tags, vectors, boxes.

A model of such a task has one member. Its encoding holds one block, whose type names the class
that answers (`REPLIERS`): it asks the graph as often as it must, and says what came of it. The
graph may have any inputs and outputs; the rest of the house sees rows and `Replies`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar, Protocol, runtime_checkable

import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import GateError
from lingqu.core.nouns import Json
from lingqu.core.predictions import Replies
from lingqu.release.replies.progress import Progress
from lingqu.release.replies.writing import Writing

Run = Callable[[Sequence[str], Mapping[str, NDArray[Any]]], list[NDArray[Any]]]
"""Asks the graph: names of outputs, tensors by name → the outputs in that order."""

REPLIERS: dict[str, str] = {
    "memory": "lingqu.release.replies.memory:Memory",
    "usual_tags": "lingqu.release.replies.tags:UsualTags",
    "tagger": "lingqu.release.replies.tags:Tagger",
    "decoder": "lingqu.release.replies.decoder:Decoder",
    "pair": "lingqu.release.replies.pair:Pair",
    "reader": "lingqu.release.replies.spans:Reader",
    "ngram_axes": "lingqu.release.replies.vectors:NgramAxes",
    "embedder": "lingqu.release.replies.vectors:Embedder",
    "usual_boxes": "lingqu.release.replies.boxes:UsualBoxes",
    "boxes": "lingqu.release.replies.boxes:Boxes",
    "tree_rows": "lingqu.release.replies.tree_rows:TreeRows",
    "made_rows": "lingqu.release.replies.made_rows:MadeRows",
    "made_picture": "lingqu.release.replies.made_picture:MadePicture",
}
"""Type of block → dotted path of the class that answers."""


class Replier(Protocol):
    """What answers rows with replies; made of a block (JSON) of the encoding."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, each once."""

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        """Answer governed rows, at least one."""


@runtime_checkable
class Writes(Protocol):
    """A replier whose answers are drawn, so that a request may say how."""

    writes: ClassVar[bool]

    def reply(self, frame: pl.DataFrame, run: Run, writing: Writing | None = None) -> Replies:
        """Answer governed rows, at least one."""

    def steps(
        self, frame: pl.DataFrame, run: Run, writing: Writing | None = None
    ) -> Iterator[list[Progress]]:
        """Answer governed rows token by token."""


def replier_of(encoding: Mapping[str, Json]) -> Replier:
    """Return who answers with this encoding.

    Raises:
        GateError: Its block is of a type that this version does not know.
    """
    block = encoding["blocks"][0]
    path = REPLIERS.get(block["type"])
    if path is None:
        raise GateError("replies.unknown_block", type=block["type"], expected=", ".join(REPLIERS))
    module, _, name = path.partition(":")
    found: Replier = getattr(import_module(module), name)(block)
    return found


def reply_encoding(block: Mapping[str, Json], left_out: Sequence[str] = ()) -> dict[str, Json]:
    """Return the encoding of a model whose answers are replies.

    Args:
        block: Type, columns, and what else its class reads; JSON.
        left_out: Columns that are not read.
    """
    return {
        "version": 1, "style": "reply", "tensor": "x", "shape": [None], "blocks": [dict(block)],
        "left_out": list(left_out),
    }  # fmt: skip


def replies_frame(said: Replies) -> pl.DataFrame:
    """Return replies as a frame: what a caller gets.

    Returns:
        ``prediction`` (a text; a list of tags, of numbers, or of boxes), ``confidence`` where it
        is known, and what is told beside.

    Example:
        >>> replies_frame(Replies((["N", "V"],))).row(0)
        (['N', 'V'],)
    """
    data: dict[str, Any] = {"prediction": list(said.said)}
    if said.sure is not None:
        data["confidence"] = said.sure
    return pl.DataFrame({**data, **{name: list(cells) for name, cells in said.beside.items()}},
                        strict=False)  # fmt: skip


def joined(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Return the texts of several columns as one, with a line end between; "" for a missing one.

    Example:
        >>> joined(pl.DataFrame({"a": ["x", None], "b": ["y", "z"]}), ["a", "b"]).to_list()
        ['x\\ny', '\\nz']
    """
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in columns]
    return frame.select(pl.concat_str(parts, separator="\n").alias("text")).to_series()
