"""Columns of a channel → the numbers that a model expects, in its order.

Only raw blocks of `release/encode.py` are used: numbers as they are, codes of categories, zeros
and ones for levels, vectors, pixels. What the model wants on top (scaling, a layout, text in
place of codes) is written into its graph by `wrap`, so that every outlet does the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.i18n import Language, both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column, present
from lingqu.learn.imported.model_file import ModelFile
from lingqu.learn.imported.original import Original
from lingqu.release.encode import VERSION, encode, layout
from lingqu.release.learn_blocks import vector_length

_READABLE = frozenset({"number", "boolean", "category", "vector", "image"})
_MOST = 20_000
"""Rows that medians are taken from."""


@dataclass(frozen=True)
class Reading:
    """How rows become the one tensor of a model.

    Args:
        encoding: Raw blocks, see `release/encode.py`.
        columns: The columns, in the model's order.
        fill: What stands for a missing number, (D,), or () for pictures; NaN where it stays.
        texts: Place in the tensor → levels, for a model that reads categories as text.
        notes: What was taken for granted, in both languages.
    """

    encoding: Mapping[str, Json]
    columns: tuple[str, ...]
    fill: NDArray[np.float32]
    texts: Mapping[int, tuple[str, ...]]
    notes: tuple[Mapping[Language, str], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a row before the model's own layout: (D,), or (C, H, W)."""
        return tuple(self.encoding["shape"])

    def tensor(self, frame: pl.DataFrame) -> NDArray[np.float32]:
        """Return rows as the encoding has them, (N, …), raw."""
        return next(iter(encode(frame, self.encoding).values()))


@dataclass(frozen=True)
class _Part:
    """One column as the model wants it; with a level, whether it has that one."""

    column: Column
    level: str | None = None


def read_columns(file: ModelFile, original: Original, train: Dataset) -> Reading:
    """Find out how the columns of a channel become what a model reads.

    Args:
        file: What the channel says of the model.
        original: What the model says of itself.
        train: Rows to learn medians and levels from.

    Raises:
        SpecError: A column that the model reads is not there or of a kind that it cannot read,
            or they make another number of numbers.
    """
    if original.reading is not None:
        return original.reading(train)
    parts, notes = _parts(file, original, train)
    if any(part.column.kind == "image" for part in parts):
        return _picture(file, parts, train)
    blocks, texts = [], dict[int, tuple[str, ...]]()
    width = 0
    worded = _worded(file, original, parts)
    for place, part in enumerate(parts):
        block, said = _block(part, file, original, train.frame)
        if place in worded:
            texts[width] = tuple(block["levels"])
        elif said:
            notes.append(said)
        width += _width(block)
        blocks.append(block)
    encoding = {"version": VERSION, "style": "imported", "tensor": "x", "shape": [width],
                "blocks": list(_joined(blocks)), "left_out": []}  # fmt: skip
    _refuse_width(file, original, width, [part.column.name for part in parts])
    fill, more = _fill(file, original, encoding, train.frame, texts)
    names = tuple(dict.fromkeys(part.column.name for part in parts))
    return Reading(encoding, names, fill, texts, (*notes, *more))


def _parts(
    file: ModelFile, original: Original, train: Dataset
) -> tuple[list[_Part], list[Mapping[Language, str]]]:
    """Return the columns in the model's order, and a note where that order was assumed."""
    known = {c.name: c for c in present(train.schema.features, train.frame)}
    asked = tuple(str(name) for name in file.columns)
    told = asked or tuple(original.apart or original.columns)
    find = _finder(known)
    found = [find(name) for name in told]
    parts = [part for part in found if part is not None]
    notes: list[Mapping[Language, str]] = []
    lost = [name for name, part in zip(told, found, strict=True) if part is None]
    if lost and (asked or parts or original.apart):
        raise SpecError("imported.no_column", path=file.path, names=", ".join(lost[:8]),
                        received=", ".join(list(known)[:30]))  # fmt: skip
    if not parts:
        parts = [_Part(column) for column in known.values()]
        if len(parts) > 1:
            notes.append(both("imported.note_order", names=_shortened(list(known))))
    for part in parts:
        if part.column.kind not in _READABLE:
            raise SpecError("imported.other_kind", path=file.path, column=part.column.name,
                            kind=part.column.kind,
                            expected=", ".join(sorted(_READABLE)))  # fmt: skip
    return parts, notes


def _worded(file: ModelFile, original: Original, parts: Sequence[_Part]) -> set[int]:
    """Return the places of the columns that the model reads as text."""
    worded = set()
    for place, (part, text) in enumerate(zip(parts, (original.apart or {}).values(), strict=False)):
        if text or (text is None and part.column.kind == "category"):
            worded.add(place)
    for place in worded:
        column = parts[place].column
        if column.kind != "category":
            raise SpecError("imported.other_kind", path=file.path, column=column.name,
                            kind=column.kind, expected="category")  # fmt: skip
    return worded


def _finder(known: Mapping[str, Column]) -> Callable[[str], _Part | None]:
    """Return what finds the column a model means: by its name, or as a level of a category.

    Libraries write names with underscores; ``column=level`` and ``column_level`` (as pandas'
    `get_dummies` writes) stand for one level.
    """
    plain = {_plain(name): column for name, column in known.items()}
    levels = {
        _plain(f"{column.name}_{level}"): _Part(column, level)
        for column in known.values() if column.kind == "category" for level in column.levels
    }  # fmt: skip

    def find(name: str) -> _Part | None:
        if name in known:
            return _Part(known[name])
        column, equals, level = name.rpartition("=")
        if equals and column in known:
            return _Part(known[column], level)
        if _plain(name) in plain:
            return _Part(plain[_plain(name)])
        return levels.get(_plain(name))

    return find


def _plain(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _shortened(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (" …" if len(names) > 8 else "")


def _block(
    part: _Part, file: ModelFile, original: Original, frame: pl.DataFrame
) -> tuple[dict[str, Json], Mapping[Language, str] | None]:
    """Return how one column is read, and a note where the order of its levels was assumed."""
    name, kind = part.column.name, part.column.kind
    if part.level is not None:
        return _hot(name, [part.level]), None
    if kind == "vector":
        length = vector_length(frame.get_column(name), part.column)
        return {"type": "vector", "column": name, "length": length}, None
    if kind != "category":
        return {"type": "numbers", "columns": [name]}, None
    given = [str(level) for level in file.levels.get(name, original.levels.get(name, ()))]
    seen = frame.get_column(name).drop_nulls().cast(pl.String).unique().to_list()
    levels = given or sorted(dict.fromkeys([*seen, *part.column.levels]))
    if name in file.one_hot:
        return _hot(name, levels), None
    said = None
    if not given:
        said = both("imported.note_levels", column=name, levels=_shortened(levels))
    return {"type": "ordinal", "column": name, "levels": levels}, said


def _hot(name: str, levels: list[str]) -> dict[str, Json]:
    return {"type": "category", "column": name, "levels": levels, "hot": len(levels),
            "shares": [], "buckets": 0, "missing": False}  # fmt: skip


def _width(block: Mapping[str, Json]) -> int:
    ((_, place),) = layout({"blocks": [block]})
    return int(place.stop)


def _joined(blocks: Sequence[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    """Yield blocks with numbers that stand side by side as one: they are read at once."""
    run: list[str] = []
    for block in blocks:
        if block["type"] == "numbers":
            run += block["columns"]
            continue
        if run:
            yield {"type": "numbers", "columns": run}
            run = []
        yield block
    if run:
        yield {"type": "numbers", "columns": run}


def _refuse_width(file: ModelFile, original: Original, width: int, names: list[str]) -> None:
    expected = original.shape
    if original.apart is not None:
        if len(original.apart) != len(names):
            raise SpecError("imported.width", path=file.path, expected=len(original.apart),
                            received=len(names), names=_shortened(names))  # fmt: skip
        return
    if expected is None or not all(expected):
        return
    size = int(np.prod(expected))
    if size != width:
        raise SpecError("imported.width", path=file.path, expected=size, received=width,
                        names=_shortened(names))  # fmt: skip


def _fill(
    file: ModelFile,
    original: Original,
    encoding: Mapping[str, Json],
    frame: pl.DataFrame,
    texts: Mapping[int, tuple[str, ...]],
) -> tuple[NDArray[np.float32], list[Mapping[Language, str]]]:
    """Return what stands for missing numbers, (D,), and a note where medians do."""
    width, columns = encoding["shape"][0], list(dict.fromkeys(_columns(encoding)))
    reads_gaps = original.gaps(_nothing_known(frame.select(columns).head(1)))
    if file.missing is not None:
        fill = np.full(width, file.missing, dtype=np.float32)
    elif reads_gaps:
        fill = np.full(width, np.nan, dtype=np.float32)
    else:
        fill = _usual(encoding, frame)
    for place, levels in texts.items():
        fill[place] = len(levels)  # reads as a text that is no level
    gaps = [name for name in columns if frame[name].null_count() or _nan(frame[name])]
    if gaps and file.missing is None and not reads_gaps:
        return fill, [both("imported.note_filled", names=_shortened(gaps))]
    return fill, []


def _columns(encoding: Mapping[str, Json]) -> list[str]:
    return [n for b in encoding["blocks"] for n in b.get("columns", [b.get("column")])]


def _nothing_known(row: pl.DataFrame) -> pl.DataFrame:
    """Return a row with every number missing."""
    numbers = [name for name, kind in row.schema.items() if kind.is_numeric()]
    return row.with_columns(pl.lit(np.nan).alias(name) for name in numbers)


def _nan(series: pl.Series) -> bool:
    return series.dtype.is_float() and bool(series.is_nan().any())


def _usual(encoding: Mapping[str, Json], frame: pl.DataFrame) -> NDArray[np.float32]:
    """Return the median of each number, and the commonest code of each category, (D,)."""
    seen = next(iter(encode(frame.head(_MOST), encoding).values()))
    fill = np.zeros(seen.shape[1], dtype=np.float32)
    for block, place in layout(encoding):
        for column in range(place.start, place.stop):
            values = seen[:, column][np.isfinite(seen[:, column])]
            if not len(values):
                continue
            common = Counter(values.tolist()).most_common(1)[0][0]
            fill[column] = common if block["type"] == "ordinal" else np.median(values)
    return fill


def _picture(file: ModelFile, parts: Sequence[_Part], train: Dataset) -> Reading:
    """Return how one column of pictures is read: raw pixels, channels first."""
    if len(parts) > 1:
        names = ", ".join(part.column.name for part in parts)
        raise SpecError("imported.one_picture", path=file.path, received=names)
    column = parts[0].column
    shape: Any = column.shape
    channels = shape[2] if len(shape) == 3 else 1
    block = {"type": "pixels", "column": column.name, "shape": list(shape), "size": None,
             "grey": False, "channels_first": True}  # fmt: skip
    encoding = {"version": VERSION, "style": "imported", "tensor": "image",
                "shape": [channels, *shape[:2]], "blocks": [block], "left_out": []}  # fmt: skip
    fill = np.float32(0.0 if file.missing is None else file.missing)
    return Reading(encoding, (column.name,), np.asarray(fill), {}, ())
