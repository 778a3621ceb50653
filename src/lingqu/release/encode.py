"""Columns → tensors: the one place, as data.

An encoding is JSON: a list of blocks that say how columns become numbers. It is learnt from
training rows (`fit_encoding`), travels in the release, and is compiled once (`Encoder`) by
whoever has rows to answer. Four forms exist:

- ``linear`` for methods that want comparable numbers (linear models, kernels, nets): no missing
  value and no infinity ever leaves it, and everything lies within ±8;
- ``tree`` for methods that split: raw values, codes of categories, NaN where nothing is known;
- ``image`` for methods that look at one picture: (N, C, H, W);
- ``net`` for nets of any mixture of columns: the linear form, the pixels of each picture, and the
  numbers of words in order, side by side. The tensor is no wider than the longest text at hand.

``linear+`` and ``tree+`` are the rich views of two styles: they also hold what is made of several
columns or of the target (`blocks_rich`). What training rows see of the target's means must come
from `encode_training`.

Series have a form of their own, which is made where they are learned (`release/series`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from itertools import accumulate, groupby, pairwise
from threading import Lock
from typing import Any, Literal, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.catalog import require
from lingqu.core.errors import DataError, GateError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import present
from lingqu.release.blocks import BLOCKS, Block, Categories, Category, Numbers, Pixels
from lingqu.release.blocks_rich import RICH, Facts, Pairs, Ramps
from lingqu.release.few_rows import Rows, few_of, frame_of
from lingqu.release.learn_blocks import (
    image_blocks,
    linear_blocks,
    net_blocks,
    readable,
    tree_blocks,
)
from lingqu.release.likeness import Likeness
from lingqu.release.ranks import Ranks
from lingqu.release.reading import PLAIN, Reading
from lingqu.release.targets import targets, weights
from lingqu.release.tokens import Tokens

__all__ = [
    "Encoder",
    "Style",
    "encode",
    "encode_training",
    "encoder",
    "fit_encoding",
    "layout",
    "targets",
    "weights",
]

Style = Literal["linear", "tree", "image", "net", "linear+", "tree+"]
VERSION = 1
_KEPT = 16
_WISHED: dict[str, type[Any]] = {"ranks": Ranks, "likeness": Likeness}
"""Blocks that only a `Reading` other than the plain one brings."""
KINDS = BLOCKS | RICH | _WISHED | {"tokens": Tokens}
_CELLS = (Numbers, Categories, Facts, Pairs, Ramps, Ranks)
"""Blocks that read a few rows as Python values."""
_QUICK = (*_CELLS, Pixels)
"""Blocks that need no frame; the others get one."""


def fit_encoding(dataset: Dataset, style: Style, reading: Reading = PLAIN) -> dict[str, Json]:
    """Learn from training rows how columns become tensors.

    Args:
        dataset: Training rows; only columns of role ``feature`` are read.
        style: ``linear``, ``tree``, ``image``, ``net``, or a rich view, ``linear+`` or ``tree+``.
        reading: How numbers are scaled and rare or similar levels are read.

    Returns:
        JSON: version, style, name and shape of the tensor, blocks, columns left out.

    Raises:
        DataError: No column can be read in this form, or there are no rows.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"age": [20.0, 40.0], "town": ["成都", "桂林"]})
        >>> schema = Schema((Column("age", "number"), Column("town", "category")))
        >>> encoding = fit_encoding(Dataset(frame, schema), "linear")
        >>> encode(frame, encoding)["x"].tolist()
        [[-1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """
    if not len(dataset):
        raise DataError("release.no_rows", where=f"`fit_encoding({dataset.name})`")
    rich, base = style.endswith("+"), style.rstrip("+")
    wanted = readable(base)
    used = [c for c in present(dataset.schema.features, dataset.frame) if c.kind in wanted]
    if style == "image":
        used = used[:1]
    if not used:
        kinds: list[str] = sorted({column.kind for column in dataset.schema.features})
        raise DataError(
            "release.no_features",
            style=style,
            expected=", ".join(sorted(wanted)),
            received=", ".join(kinds) or "-",
        )
    build = {
        "linear": linear_blocks, "tree": tree_blocks, "image": image_blocks, "net": net_blocks
    }[base]  # fmt: skip
    blocks = build(dataset.frame, used, reading)
    if rich:
        # Only who learns needs it: answering rows does not import it.
        from lingqu.release.learn_blocks_rich import rich_blocks

        blocks += rich_blocks(dataset, used, scaled=base == "linear")
    compiled = [_compiled(block) for block in blocks]
    shape: list[int | None] = [sum(block.width for block in compiled)]
    if style == "image":
        height, width = blocks[0]["size"] or blocks[0]["shape"][:2]
        shape = [compiled[0].width // (height * width), height, width]
    elif is_ragged(compiled[-1]):
        shape = [None]
    names = {column.name for column in used}
    return {
        "version": VERSION,
        "style": style,
        "tensor": "image" if style == "image" else "x",
        "shape": shape,
        "blocks": blocks,
        "left_out": [c.name for c in dataset.schema.features if c.name not in names],
    }


def _compiled(block: Mapping[str, Json]) -> Block:
    made: Block = _kind(str(block["type"]))(block)
    return made


def _kind(name: str) -> Any:
    """Return the class of a block; what few models have is loaded where it is."""
    if name == "series":
        from lingqu.release.series.block import SeriesBlock

        return SeriesBlock
    if name == "baskets":
        from lingqu.release.baskets.block import BasketsBlock

        return BasketsBlock
    if name == "pieces":
        require("tokenizers", "pretrained")
        from lingqu.release.pieces import Pieces

        return Pieces
    if name == "waves":
        require("soundfile", "pretrained")
        from lingqu.release.waves import Waves

        return Waves
    return KINDS[name]


def is_ragged(block: Block) -> bool:
    """Say whether a block writes rows of any length, and so stands last."""
    return bool(getattr(block, "ragged", False))


class Encoder:
    """An encoding, compiled: what every prediction goes through.

    Args:
        encoding: What `fit_encoding` returned.

    Raises:
        GateError: The encoding is of a version or kind that this Lingqu does not know.

    Attributes:
        blocks: What writes the tensor, from left to right.
        reads_cells: Whether one of them reads a few rows as Python values.
        words: Where the numbers of words, or samples, begin in it; None where it holds none.
    """

    def __init__(self, encoding: Mapping[str, Json]) -> None:
        kinds = (*KINDS, "series", "baskets", "pieces", "waves")
        known = all(block["type"] in kinds for block in encoding["blocks"])
        if encoding.get("version") != VERSION or not known:
            problem = f"version {encoding.get('version')!r}"
            raise GateError("release.bad_encoding", problem=problem, expected=VERSION)
        self.tensor: str = encoding["tensor"]
        self.shape: tuple[int | None, ...] = tuple(encoding["shape"])
        self.columns: tuple[str, ...] = tuple(
            name for block in encoding["blocks"] for name in _columns(block)
        )
        self.blocks: list[Block] = [_compiled(block) for block in encoding["blocks"]]
        self._steps = _together(self.blocks)
        self.reads_cells = any(isinstance(step, _CELLS) for step in self._steps)
        ends = list(accumulate((step.width for step in self._steps), initial=0))
        self._places = [slice(*ends_of) for ends_of in pairwise(ends)]
        self._width = ends[-1]
        self.words = ends[-2] if self.blocks and is_ragged(self.blocks[-1]) else None

    def encode(self, rows: Rows) -> dict[str, NDArray[np.float32]]:
        """Return the tensor of these rows, under its name.

        Args:
            rows: What `conform` and the travelling operators have been through.

        Raises:
            DataError: A column is missing, or a vector or image has another shape.
        """
        rows = few_of(rows) if self.reads_cells else rows
        out = np.empty((rows.height, self._width), dtype=np.float32)
        try:
            for step, place in zip(self._steps, self._places, strict=True):
                if isinstance(step, _QUICK):
                    step.write(rows, out[:, place])
                else:
                    step.write(frame_of(rows), out[:, place])
        except pl.exceptions.ColumnNotFoundError as error:
            known = frame_of(rows).columns
            lacking = next(name for name in self.columns if name not in known)
            raise DataError(
                "release.missing_column",
                column=lacking,
                expected=", ".join(self.columns),
                received=", ".join(known),
            ) from error
        if self.words is not None:
            read = np.flatnonzero(out[:, self.words :].any(axis=0))
            out = np.ascontiguousarray(out[:, : self.words + 1 + int(read.max(initial=0))])
        return {self.tensor: out.reshape(-1, *self.shape) if len(self.shape) > 1 else out}


def _together(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks with categories that lie side by side as one."""
    found: list[Block] = []
    for kind, run in groupby(blocks, type):
        side_by_side = list(run)
        alike = kind is Category
        found += [Categories(cast(list[Category], side_by_side))] if alike else side_by_side
    return found


def _columns(block: Mapping[str, Json]) -> list[str]:
    return list(block["columns"]) if "columns" in block else [block["column"]]


def encode_training(
    dataset: Dataset, encoding: Mapping[str, Json]
) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of the very rows from which `encoding` was learned.

    They differ from `encode` in the target's means alone: no row sees its own target in them.
    """
    tensors = encode(dataset.frame, encoding)
    if any(block["type"] == "facts" for block in encoding["blocks"]):
        from lingqu.release.learn_blocks_rich import training_columns

        for block, place in layout(encoding):
            if block["type"] == "facts":
                tensors[encoding["tensor"]][:, place] = training_columns(dataset, block)
    return tensors


def layout(encoding: Mapping[str, Json]) -> list[tuple[Mapping[str, Json], slice]]:
    """Return the blocks of an encoding, each with its place among the columns of the tensor.

    Example:
        >>> layout({"blocks": [{"type": "numbers", "columns": ["a", "b"]}]})[0][1]
        slice(0, 2, None)
    """
    found, start = [], 0
    for block in encoding["blocks"]:
        stop = start + _compiled(block).width
        found.append((block, slice(start, stop)))
        start = stop
    return found


_encoders: OrderedDict[int, tuple[Mapping[str, Any], Encoder]] = OrderedDict()
_lock = Lock()


def encoder(encoding: Mapping[str, Json]) -> Encoder:
    """Return the compiled form of an encoding, made once per object and kept for the last few."""
    with _lock:
        kept = _encoders.get(id(encoding))
        if kept is None:
            # The mapping itself is kept, so that its id cannot be given to another one.
            kept = _encoders[id(encoding)] = (encoding, Encoder(encoding))
            while len(_encoders) > _KEPT:
                _encoders.popitem(last=False)
    return kept[1]


def encode(rows: Rows, encoding: Mapping[str, Json]) -> dict[str, NDArray[np.float32]]:
    """Return the float32 tensors of rows, by name; the encoding must not change afterwards."""
    return encoder(encoding).encode(rows)
