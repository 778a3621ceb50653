"""Pairs as a learner reads them: the things in them, once each, and how both sides are encoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import DataError, TrainError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.row_digest import of_rows
from lingqu.core.schema import Column, Schema
from lingqu.learn.verify import FIRST, OTHER, SECOND
from lingqu.release.encode import encode, fit_encoding, layout, targets, weights
from lingqu.release.reading import PLAIN, Reading

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
_NAMED = ("column", "columns", "missing")
"""Keys of a block that hold names of columns."""


@dataclass(frozen=True)
class Pairs:
    """Training and validation pairs as arrays.

    Args:
        single: How one thing is encoded.
        encoding: How a pair is: the numbers of the first thing, then those of the second.
        things: The training things, once each, (T, W).
        identity: Of each a number, (T,).
        x: Training pairs, (N, V); `half` numbers of each are of the first thing.
        y: 1 where both are the same, (N,).
        weight: Of each training pair, (N,), or None.
        valid_x: Validation pairs, (M, V); M may be 0.
        valid_y: (M,).
        half: Numbers of the first side.
    """

    single: dict[str, Json]
    encoding: dict[str, Json]
    things: Floats
    identity: Ints
    x: Floats
    y: Ints
    weight: NDArray[np.float64] | None
    valid_x: Floats
    valid_y: Ints
    half: int

    @property
    def known(self) -> tuple[Floats, Ints, NDArray[np.float64] | None]:
        """Pairs on which probabilities are settled: held-out ones, where there are any."""
        if len(self.valid_y):
            return self.valid_x, self.valid_y, None
        return self.x, self.y, self.weight


def pairs(
    train: Dataset,
    valid: Dataset,
    style: Literal["linear", "net"],
    reading: Reading = PLAIN,
) -> Pairs:
    """Encode pairs; the encoding is learned from the things in the training pairs.

    Args:
        train: Pairs to learn from: each column twice, the second with ``.other`` behind its name.
        valid: Pairs to validate on; none in a refit.
        style: In which form columns are read.
        reading: How numbers are scaled and words are read.

    Raises:
        TrainError: All training pairs that count are of one class.
        DataError: A column has no other side, or a target or column cannot be read.
    """
    y, classes = targets(train, "verify")
    weight = weights(train)
    counts = np.ones(len(y), dtype=bool) if weight is None else weight > 0
    if len(y) and len(classes) != 2:
        raise TrainError("verify.two_classes", count=len(classes), received=", ".join(classes))
    if len(y) and len(np.unique(y[counts])) < 2:
        raise TrainError("learn.one_class", seen=classes[int(y[counts][0])])
    things, identity = once(replace(train, frame=train.frame.filter(pl.Series(counts))))
    single = fit_encoding(things, style, reading)
    encoding = doubled(single, train.schema)
    tensor = str(encoding["tensor"])
    held = encode(valid.frame, encoding)[tensor] if len(valid) else np.zeros((0, 0), np.float32)
    return Pairs(
        single, encoding, encode(things.frame, single)[tensor], identity,
        encode(train.frame, encoding)[tensor], y.astype(np.int64), weight, held,
        targets(valid, "verify")[0].astype(np.int64) if len(valid) else np.zeros(0, np.int64),
        sum(place.stop - place.start for _, place in layout(single)),
    )  # fmt: skip


def sides(schema: Schema) -> tuple[tuple[Column, Column], ...]:
    """Return the features of a schema as pairs of columns.

    An operator may have put something behind the names of both: ``x mel``, ``x.other mel``.

    Raises:
        DataError: There are none, or the two of a pair are not read alike.

    Example:
        >>> schema = Schema((Column("x mel", "image"), Column("x.other mel", "image")))
        >>> [(a.name, b.name) for a, b in sides(schema)]
        [('x mel', 'x.other mel')]
    """
    features = {column.name: column for column in schema.features}
    found = []
    for name, other in features.items():
        first = features.get(name.replace(OTHER, "", 1)) if OTHER in name else None
        if first is None:
            continue
        for one, two in ((first.kind, other.kind), (first.shape, other.shape)):
            if one != two:
                raise DataError("verify.sides_differ", left=first.name, right=name,
                                first=str(one), second=str(two))  # fmt: skip
        found.append((first, other))
    if features and not found:
        raise DataError("verify.no_sides", received=", ".join(features))
    return tuple(found)


def once(train: Dataset) -> tuple[Dataset, Ints]:
    """Return the things in pairs, once each, and of each a number for its identity, (T,)."""
    both, target = sides(train.schema), train.schema.target
    firsts = [first for first, _ in both]
    schema = Schema(tuple(firsts))
    ways = {first.name: other.name for first, other in both}
    one = train.frame.select(list(ways))
    two = train.frame.select(pl.col(other).alias(name) for name, other in ways.items())
    frame = pl.concat([one, two], how="vertical_relaxed")
    if not both or not frame.height or target is None:  # `fit_encoding` words what is wrong
        return Dataset(train.frame, schema, train.name), np.zeros(0, dtype=np.int64)
    whose = np.concatenate([train.frame[target.name + end].to_numpy() for end in (FIRST, SECOND)])
    keys = of_rows(frame.with_columns(pl.Series("", whose)), ["", *ways])
    rows = np.sort(np.unique(keys, return_index=True)[1])
    return Dataset(frame[rows], schema, train.name), whose[rows].astype(np.int64)


def doubled(single: Mapping[str, Json], schema: Schema) -> dict[str, Json]:
    """Return the encoding of a pair: that of one thing, for the first and for the second side."""
    other = {first.name: second.name for first, second in sides(schema)}

    def of_other(value: Any) -> Any:
        if isinstance(value, str):
            return other[value]
        return [other[name] for name in value] if isinstance(value, list) else value

    blocks = cast(list[dict[str, Json]], single["blocks"])
    seconds = [
        {key: of_other(value) if key in _NAMED else value for key, value in block.items()}
        for block in blocks
    ]
    width = [None if size is None else 2 * size for size in single["shape"]]
    return {**single, "blocks": [*blocks, *seconds], "shape": width}
