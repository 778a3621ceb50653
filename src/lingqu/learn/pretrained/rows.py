"""Columns as a pre-trained encoder reads them, beside what a linear model reads of the others."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from numpy.typing import NDArray

from lingqu.core.catalog import require
from lingqu.core.errors import DataError, SpecError, TrainError
from lingqu.core.i18n import Language, both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, Schema, present
from lingqu.learn.pretrained.encoder import sides
from lingqu.learn.pretrained.folder import Folder
from lingqu.release.encode import VERSION, layout
from lingqu.release.learn_blocks import linear_blocks, readable
from lingqu.release.pictures import reduced_size
from lingqu.release.pieces import joined, lengths, opened, pieces_block

FOUND = "lingqu.found"
"""Column of what the encoder found, for the head that is fitted to it."""
_ROOM = 2.0
"""How much longer than any in training a recording may be where nobody said how long."""
_EIGHT_BITS = 100.0, 255.0
"""Between these lies the lightest pixel that was seen, where pixels have eight bits."""
_log = logging.getLogger("lingqu.learn")


@dataclass(frozen=True)
class Reading:
    """How the columns of training rows become one tensor.

    Args:
        encoding: A table of numbers, then what the encoder reads.
        table: Width of the table.
        read: Columns that the encoder reads.
        shape: Of pictures, (C, H, W); otherwise empty.
        notes: What is to be said of it, in both languages.
    """

    encoding: dict[str, Json]
    table: int
    read: tuple[str, ...]
    shape: tuple[int, ...] = ()
    notes: tuple[Mapping[Language, str], ...] = ()

    def found(self, dataset: Dataset, vectors: NDArray[Any]) -> Dataset:
        """Return rows with what the encoder found in place of the columns that it reads."""
        width = vectors.shape[1]
        column = pl.Series(FOUND, vectors, dtype=pl.Array(pl.Float32, width))
        frame = dataset.frame.drop(self.read).with_columns(column)
        others = [c for c in dataset.schema if c.name not in self.read]
        schema = Schema((*others, Column(FOUND, "vector", shape=(width,))))
        return Dataset(frame, schema, dataset.name)


def reading(train: Dataset, folder: Folder, context: int = 0, seconds: float = 0.0) -> Reading:
    """Learn from training rows how columns become numbers.

    Args:
        train: Training rows.
        folder: Says what the encoder reads.
        context: Most pieces of a text, longer ones are cut; 0 for as many as the model reads, and
            then longer ones are refused.
        seconds: Most seconds of a recording, longer ones are cut; 0 for twice the longest of
            these, and then longer ones are refused.

    Raises:
        SpecError: There is no column that the encoder reads, or it cannot read so much.
        DataError: There are no rows, or no columns that can be read.
        TrainError: Texts or recordings are longer than the model reads, and nobody said that they
            may be cut.
    """
    if not len(train):
        raise DataError("release.no_rows", where=f"`reading({train.name})`")
    kinds_read = readable("linear") | {folder.reads}
    used = [c for c in present(train.schema.features, train.frame) if c.kind in kinds_read]
    kinds = ", ".join(sorted({column.kind for column in used})) or "-"
    if not used:
        raise DataError("release.no_features", style="pretrained", received=kinds,
                        expected=", ".join(sorted(kinds_read)))  # fmt: skip
    mine = [column for column in used if column.kind == folder.reads]
    if not mine:
        raise SpecError("pretrained.no_column", path=folder.path.name, reads=folder.reads,
                        received=kinds)  # fmt: skip
    mine = mine if folder.reads == "text" else mine[:1]
    others = [c for c in used if c not in mine and c.kind in readable("linear")]
    blocks = linear_blocks(train.frame, others) if others else []
    notes: list[Mapping[Language, str]] = []
    shape: tuple[int, ...] = ()
    if folder.reads == "text":
        block, notes = _pieces(train.frame, [c.name for c in mine], folder, context)
    elif folder.reads == "image":
        block, shape = _picture(mine[0], folder)
    else:
        block, notes = _waves(train.frame, mine[0].name, folder, seconds)
    blocks = [*blocks, block]
    place = layout({"blocks": blocks})[-1][1]
    names = {column.name for column in (*mine, *others)}
    encoding: dict[str, Json] = {
        "version": VERSION, "style": "pretrained", "tensor": "x",
        "shape": [place.stop] if folder.reads == "image" else [None], "blocks": blocks,
        "left_out": [c.name for c in train.schema.features if c.name not in names],
    }  # fmt: skip
    return Reading(encoding, place.start, tuple(c.name for c in mine), shape, tuple(notes))


def _pieces(
    frame: pl.DataFrame, names: list[str], folder: Folder, context: int
) -> tuple[dict[str, Json], list[Mapping[Language, str]]]:
    """Return the block of the texts; count those that are too long."""
    if not 0 <= context <= folder.longest:
        raise SpecError("pretrained.bad_context", received=context, path=folder.path.name,
                        expected=folder.longest)  # fmt: skip
    most = context or folder.longest
    block = pieces_block(names, folder.tokeniser, most, bool(context))
    texts = joined([frame.get_column(name) for name in names])
    counts = lengths(texts, opened(block["tokenizer"]))
    long = int((counts > most).sum())
    if not long:
        return block, []
    if not context:
        raise TrainError("pretrained.too_long", rows=long, of=len(texts), expected=most,
                         received=int(counts.max()))  # fmt: skip
    _log.info("%d of %d texts were cut to %d pieces", long, len(texts), most)
    return block, [both("pretrained.note_cut", rows=long, of=len(texts), length=most)]


def _waves(
    frame: pl.DataFrame, name: str, folder: Folder, seconds: float
) -> tuple[dict[str, Json], list[Mapping[Language, str]]]:
    """Return the block of the recordings; count those that are too long."""
    if not 0 <= seconds <= folder.longest_s:
        raise SpecError("pretrained.bad_seconds", received=seconds, path=folder.path.name,
                        expected=folder.longest_s)  # fmt: skip
    # Recordings are read where they are heard, and soundfile is an extra.
    require("soundfile", "pretrained")
    from lingqu.release.sound import read_cell
    from lingqu.release.waves import LEAST_S, waves_block

    cells = frame.get_column(name)
    lasts = [0.0 if cell is None else read_cell(cell, name, row).seconds
             for row, cell in enumerate(cells, start=1)]  # fmt: skip
    usual = max(LEAST_S, _ROOM * max(lasts))
    most = seconds or min(usual, folder.longest_s)
    block = waves_block(name, folder.rate, math.ceil(most * folder.rate), bool(seconds))
    long = sum(lasting > most for lasting in lasts)
    if not long:
        return block, []
    if not seconds:
        raise TrainError("pretrained.too_long_sound", rows=long, of=len(lasts), expected=most,
                         received=max(lasts))  # fmt: skip
    _log.info("%d of %d recordings were cut to %g s", long, len(lasts), most)
    return block, [both("pretrained.note_cut_sound", rows=long, of=len(lasts), length=most)]


def _picture(column: Column, folder: Folder) -> tuple[dict[str, Json], tuple[int, ...]]:
    """Return the block of a picture, from 0 to 1 and no larger than the encoder sees it."""
    shape, size = column.shape, sides(folder.preparation)
    smaller = reduced_size(shape, max(size))
    low, high = _ends(column)
    channels = shape[2] if len(shape) == 3 else 1
    block: dict[str, Json] = {
        "type": "pixels", "column": column.name, "shape": list(shape),
        "size": list(smaller) if smaller != tuple(shape[:2]) else None, "grey": False,
        "channels_first": True, "mean": low, "scale": (high - low) or 1.0,
    }  # fmt: skip
    return block, (channels, *smaller)


def _ends(column: Column) -> tuple[float, float]:
    """Return what is black and what is white: of eight bits 0 and 255, whatever was seen."""
    low, high = column.low, column.high
    if low is None or high is None or (low >= 0 and _EIGHT_BITS[0] < high <= _EIGHT_BITS[1]):
        return 0.0, _EIGHT_BITS[1]
    return float(low), float(high)
