"""What a model wants on top of raw numbers, twice: in numpy and as nodes of a graph.

The same steps are written two ways on purpose: the library is asked with the first, the graph
that is released answers with the second, and the two are compared (`bring`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from lingqu.core.errors import SpecError
from lingqu.learn.imported.model_file import Layout, ModelFile
from lingqu.learn.imported.original import Original, Sample
from lingqu.learn.imported.plain import row_shape
from lingqu.learn.imported.reading import Reading

PREFIX = "own/"
"""Stands before every name of the graph that was brought."""


class Nodes:
    """Nodes and constants that are added to a graph, with names nobody else has."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, array: NDArray[Any] | Sequence[Any], kind: Any = None) -> str:
        """Add a constant and return its name."""
        name = f"{self._prefix}c{len(self.constants)}"
        values = np.asarray(array, dtype=kind)
        if values.dtype.kind == "U":
            words = [word.encode() for word in values.ravel().tolist()]
            made = helper.make_tensor(name, TensorProto.STRING, values.shape, words)
        else:
            made = numpy_helper.from_array(np.ascontiguousarray(values).reshape(values.shape), name)
        self.constants.append(made)
        return name

    def node(self, operator: str, *inputs: str, named: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        name = named or f"{self._prefix}t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name


@dataclass(frozen=True)
class Feed:
    """How the raw tensor of an encoding becomes what a model reads.

    Args:
        reading: How rows become that tensor.
        mean: Taken from it; broadcast against a row.
        scale: By what it is then divided.
        turned: Whether channels go last.
        shape: Shape of a row as the model reads it.
        apart: Whether it reads each column by itself.
        unknown: What stands for a text that is no level, by place; "" where nothing is said.
    """

    reading: Reading
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    turned: bool
    shape: tuple[int, ...]
    apart: bool = False
    unknown: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, file: ModelFile, original: Original, reading: Reading) -> Feed:
        """Return the feed that a channel declares and a model needs.

        Raises:
            SpecError: The model reads another shape, or there are not as many means as numbers.
        """
        if original.reading is not None:
            # Rows of any length: 0 keeps what is there.
            nothing, one = np.zeros((), np.float32), np.ones((), np.float32)
            return cls(reading, nothing, one, False, tuple(side or 0 for side in reading.shape))
        raw = reading.shape
        layout = file.layout if file.layout != "auto" else _layout(original.shape, raw)
        turned = len(raw) == 3 and layout in ("channels_last", "flat")
        whole = (*raw[1:], raw[0]) if turned else raw
        shape: tuple[int, ...] = (int(np.prod(raw)),) if layout == "flat" else whole
        wanted = original.shape
        if wanted is not None and len(wanted) != len(shape) and all(wanted):
            shape = wanted  # (D,) read as (1, D), or (1, H, W) as (H, W)
        if wanted is not None and not _fits(shape, wanted, int(np.prod(raw))):
            raise SpecError("imported.shape", path=file.path, expected=_sides(wanted),
                            received=_sides(whole))  # fmt: skip
        mean, scale = (_broadcast(file, name, raw) for name in ("mean", "scale"))
        if original.apart is not None and (mean.any() or (scale != 1).any()):
            raise SpecError("imported.scaled_apart", path=file.path)
        return cls(reading, mean, scale, turned, shape, original.apart is not None)

    def with_known_only(self, frame: pl.DataFrame) -> Feed:
        """Return the feed with the commonest level in place of any text that is none."""
        names = {place: self.reading.columns[place] for place in self.reading.texts}
        usual = {p: frame.get_column(n).drop_nulls().mode().sort()[0] for p, n in names.items()}
        return replace(self, unknown={place: str(level) for place, level in usual.items()})

    def sample(self, frame: pl.DataFrame) -> Sample:
        """Return rows as the model reads them."""
        raw = self.reading.tensor(frame)
        x = (np.where(np.isnan(raw), self.reading.fill, raw) - self.mean) / self.scale
        if self.turned:
            x = np.moveaxis(x, 1, -1)
        x = np.ascontiguousarray(x, dtype=np.float32)
        x = x.reshape(len(x), *(self.shape if all(self.shape) else x.shape[1:]))
        return Sample(x, self._filled(frame, raw))

    def _filled(self, frame: pl.DataFrame, raw: NDArray[np.float32]) -> pl.DataFrame:
        """Return the columns with what stands for missing values in their place."""
        columns = []
        for place, name in enumerate(self.reading.columns):
            series = frame.get_column(name)
            if place in self.reading.texts:
                columns.append(series.cast(pl.String).fill_null(""))
            elif raw.ndim == 2 and raw.shape[1] == len(self.reading.columns):
                values = np.where(np.isnan(raw[:, place]), self.reading.fill[place], raw[:, place])
                columns.append(pl.Series(name, values))
            else:
                columns.append(series)
        return pl.DataFrame(columns)

    def nodes(self, inputs: Sequence[ValueInfoProto]) -> Nodes:
        """Return the nodes from the raw tensor to the inputs of a model, in their order."""
        made, x = Nodes("in/"), str(self.reading.encoding["tensor"])
        if not np.isnan(self.reading.fill).all():
            fill = made.constant(self.reading.fill)
            x = made.node("Where", made.node("IsNaN", x), fill, x)
        if self.mean.any():
            x = made.node("Sub", x, made.constant(self.mean))
        if (self.scale != 1).any():
            x = made.node("Div", x, made.constant(self.scale))
        if self.apart:
            for place, value in enumerate(inputs):
                self._one(made, x, place, value)
            return made
        if self.turned:
            x = made.node("Transpose", x, perm=[0, 2, 3, 1])
        x = made.node("Reshape", x, made.constant([-1, *self.shape], np.int64))
        _cast(made, x, inputs[0])
        return made

    def _one(self, made: Nodes, x: str, place: int, value: ValueInfoProto) -> None:
        """Add the nodes of one column: (N, D) → (N, 1), text where the model wants text."""
        column = made.node("Gather", x, made.constant([place], np.int64), axis=1)
        if not row_shape(value) and value.type.tensor_type.HasField("shape"):
            column = made.node("Reshape", column, made.constant([-1], np.int64))
        if place not in self.reading.texts:
            _cast(made, column, value)
            return
        levels = [*self.reading.texts[place], self.unknown.get(place, "")]
        table = made.constant(np.array(levels, dtype=np.str_))
        code = made.node("Cast", column, to=TensorProto.INT64)
        made.node("Gather", table, code, named=PREFIX + value.name, axis=0)


def _cast(made: Nodes, x: str, value: ValueInfoProto) -> None:
    kind = value.type.tensor_type.elem_type
    made.node("Cast", x, named=PREFIX + value.name, to=kind)


def _layout(wanted: tuple[int, ...] | None, raw: tuple[int, ...]) -> Layout:
    """Return how a model reads a picture of shape (C, H, W), as its input tells."""
    if len(raw) != 3 or wanted is None:
        return "channels_first"
    if len(wanted) == 1:
        return "flat"
    last = len(wanted) == 3 and wanted[2] == raw[0] and wanted[0] != raw[0]
    return "channels_last" if last else "channels_first"


def _fits(shape: tuple[int, ...], wanted: tuple[int, ...], size: int) -> bool:
    same = len(shape) == len(wanted) and all(
        w in (0, s) for s, w in zip(shape, wanted, strict=True)
    )
    return same and int(np.prod(shape)) == size


def _sides(shape: Sequence[int]) -> str:
    return " × ".join(str(side or "?") for side in shape)


def _broadcast(file: ModelFile, name: str, raw: tuple[int, ...]) -> NDArray[np.float32]:
    """Return means or scales in a shape that fits a row, (D,) or (C, H, W)."""
    given = np.atleast_1d(np.asarray(getattr(file, name), dtype=np.float32))
    size, channels = int(np.prod(raw)), raw[0]
    if name == "scale" and not np.all(given != 0):
        raise SpecError("imported.zero_scale", path=file.path)
    if len(given) == 1:
        return given.reshape(())
    if len(given) == size:
        return given.reshape(raw)
    if len(raw) == 3 and len(given) == channels:
        return given.reshape(channels, 1, 1)
    expected = f"1, {size}" if len(raw) == 1 else f"1, {channels}, {size}"
    raise SpecError("imported.numbers", path=file.path, option=name, expected=expected,
                    received=len(given))  # fmt: skip
