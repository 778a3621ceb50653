"""A model as it was brought: what is known of it, and how it is asked and written as a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Dataset, Json

if TYPE_CHECKING:
    from lingqu.learn.imported.reading import Reading

Output = Literal["auto", "probabilities", "logits", "values", "labels"]


@dataclass(frozen=True)
class Sample:
    """Some rows as the model reads them.

    Args:
        x: Its one tensor, scaled and in its layout, float32, (N, …).
        frame: The columns themselves in its order, nothing missing; for a model that reads each
            column by itself.
    """

    x: NDArray[Any]
    frame: pl.DataFrame


@dataclass(frozen=True)
class Exported:
    """A model as a graph, and what its own library says of the sample.

    Args:
        graph: ONNX bytes as the exporter has written them.
        said: The answers of the library to the sample, (N,) or (N, K): what the graph's one
            output that matters must say too.
    """

    graph: bytes
    said: NDArray[Any]


@dataclass(frozen=True)
class Original:
    """A model that was trained elsewhere.

    Args:
        export: Returns the graph and the library's answers to a sample.
        columns: Names of the columns that it reads, in order; empty where it does not say.
        classes: Names of its classes in the order of its outputs; empty where it does not say.
        levels: Levels of its categories in the order of their codes, as far as it says.
        shape: Shape of one row of its one tensor, 0 where free; None where it does not say.
        apart: Where it reads each column by itself, the names of its inputs, in order, and whether
            each wants text, or None where it takes a category as text and all else as a number.
        means: What its numbers mean, as far as it says.
        gaps: Tells of a row of its columns, all numbers missing, whether it can be read.
        facts: What else is worth recording.
        reading: Says of training rows how they become what it reads, where it reads them
            otherwise than number by number.
    """

    export: Callable[[Sample], Exported]
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shape: tuple[int, ...] | None = None
    apart: Mapping[str, bool | None] | None = None
    means: Output = "auto"
    gaps: Callable[[pl.DataFrame], bool] = lambda row: False
    facts: Mapping[str, Json] = field(default_factory=dict)
    reading: Callable[[Dataset], Reading] | None = None
