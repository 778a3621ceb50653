"""Rows of rare classes that a generator makes, which learned from the training part of a fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.phrases import Phrase
from lingqu.core.ports import Budget
from lingqu.core.schema import Column, Kind, Schema
from lingqu.govern.augment.rows import Made, added, cells
from lingqu.govern.marks import keeping
from lingqu.govern.step import Step, bad_option, within

OF_TABLES, OF_PICTURES = "sequential_trees", "picture_vae"
"""Generators that are taken when none is named."""
_LARGEST = 2**53


@dataclass
class MadeRows(Step):
    """Add rows of rare classes that a generator of `task: generate` makes.

    Why: between two rows of a rare class there may be none like them; a generator learns from all
    rows how columns go together, and from the rare ones how these differ. It learns anew in each
    fit, from the training part only, and its rows are kept only where held-out real rows are then
    answered better. Columns of kinds that cannot be made, such as texts, stay those of a real row
    of that class.

    Args:
        algorithm: Of `task: generate`; `sequential_trees`, or `picture_vae` where the only
            feature is a picture, when empty.
        ratio: Size of every rarer class as a share of the largest, above 0 to 1.
        least: Classes with fewer rows are left as they are: of three rows nothing can be learned.
        seconds: In which a generator learns, at most, in each fit.
        options: Of the generator.
        seed: Seed of the draws; that of the fit when omitted.

    Example:
        >>> frame = pl.DataFrame({"x": [1.0] * 40 + [9.0] * 10, "y": ["n"] * 40 + ["y"] * 10})
        >>> schema = Schema((Column("x", "number"), Column("y", "category", "target")))
        >>> step, data = MadeRows(), Dataset(frame, schema)
        >>> step.fit(data)
        >>> grown = step.apply(data).frame.filter(pl.col("y") == "y")
        >>> grown.height, grown["x"].unique().to_list()
        (40, [9.0])

    Source: Reiter, 2005, Journal of Official Statistics 21 (trees); Kingma and Welling, 2014,
        arXiv:1312.6114 (pictures); that it must earn its place: docs/decisions/0005.
    """

    name: ClassVar[str] = "made_rows"
    main: ClassVar[str] = "algorithm"
    augments: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"category", "boolean"})

    algorithm: str = ""
    ratio: float = 1.0
    least: int = 8
    seconds: float = 20.0
    options: dict[str, Any] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        within(self, least=(2, 1e6), seconds=(0.1, 3600))
        if not 0 < self.ratio <= 1:
            raise bad_option(self, "ratio", Phrase("balance.expects_ratio"), self.ratio)
        if self.algorithm:
            kind = catalog.load("algorithms", self.algorithm)
            if "generate" not in kind.tasks:
                raise bad_option(self, "algorithm", Phrase("made.expects_maker"), self.algorithm)

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        target = dataset.schema.target
        if target is None:
            raise SpecError("govern.no_target", operator=self.name)
        if target.kind not in self.kinds:
            raise SpecError(
                "govern.wrong_kind", operator=self.name, column=target.name, kind=target.kind,
                expected=", ".join(sorted(self.kinds)),
            )  # fmt: skip
        if not self._columns(dataset.schema):
            raise SpecError("made.nothing_made", operator=self.name)
        counts = dataset.frame.get_column(target.name).cast(pl.String).drop_nulls().value_counts()
        return {"target": target.name, "sizes": dict(counts.sort(target.name).iter_rows())}

    def transform(self, dataset: Dataset) -> Dataset:
        short = self._short(dataset) if self.state else {}
        if not short:
            return dataset
        columns = self._columns(dataset.schema)
        target = dataset.schema[self.state["target"]]
        words = [word for word, count in short.items() for _ in range(count)]
        random = np.random.default_rng(self.seed)
        usable = keeping(dataset.frame)
        rows = dataset.frame.filter(pl.Series(usable)).select(c.name for c in (*columns, target))
        said = self._said(Dataset(rows, Schema((*columns, target)), dataset.name), words, random)
        fresh = _pictures(said, rows, columns[0]) if columns[0].kind == "image" else _cells(
            said, rows, columns)  # fmt: skip
        labels = dataset.frame.get_column(target.name)
        parents = _parents(labels, usable, words, random)
        fresh[target.name] = labels.gather(parents)
        for column in dataset.schema:
            if column.role in ("id", "ignored"):
                series = dataset.frame.get_column(column.name)
                fresh[column.name] = pl.Series(column.name, [None] * len(words), series.dtype)
        return added(dataset, [Made(parents, fresh)])

    def _columns(self, schema: Schema) -> list[Column]:
        """Return the features that are made: a picture alone, or those of a table."""
        # Only who makes rows pays for what they are made with.
        from lingqu.release.made.columns import KINDS

        features = list(schema.features)
        if len(features) == 1 and features[0].kind == "image":
            return features
        return [column for column in features if column.kind in KINDS]

    def _short(self, dataset: Dataset) -> dict[str, int]:
        """Return how many rows each rare class lacks, of those that can be learned from."""
        labels = dataset.frame.get_column(self.state["target"]).cast(pl.String)
        known = labels.filter(pl.Series(keeping(dataset.frame))).drop_nulls()
        sizes = {str(word): int(count) for word, count in known.value_counts().iter_rows()}
        wanted = int(np.ceil(self.ratio * max(sizes.values(), default=0)))
        return {
            word: wanted - size for word, size in sorted(sizes.items())
            if self.least <= size < wanted
        }  # fmt: skip

    def _said(
        self, rows: Dataset, words: Sequence[str], random: np.random.Generator
    ) -> tuple[Json, ...]:
        """Fit a generator and return what it makes of these classes."""
        from lingqu.core.schema import SEED
        from lingqu.release.runner import Runner

        name = self.algorithm or (OF_PICTURES if rows.schema.features[0].kind == "image" else
                                  OF_TABLES)  # fmt: skip
        maker = catalog.build("algorithms", name, dict(self.options))
        nothing = Dataset(rows.frame.head(0), rows.schema)
        budget = Budget(self.seconds, seed=self.seed)
        model = maker.fit(rows, nothing, budget, lambda row: None)
        target = rows.schema.target
        assert target is not None
        asked: list[Any] = [word == "true" for word in words]
        asked = list(words) if target.kind == "category" else asked
        seeds = random.integers(0, _LARGEST, len(words)).astype(np.float64)
        frame = pl.DataFrame({SEED: seeds, target.name: asked})
        told = Runner.of(model, threads=1).predict(frame).replies
        assert told is not None
        return tuple(told.said)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        if not self.state:
            return {"changed": 0}
        fresh = after.frame.height - before.frame.height
        labels = after.frame.get_column(self.state["target"]).cast(pl.String).drop_nulls()
        sizes = dict(labels.value_counts().sort(self.state["target"]).iter_rows())
        told: dict[str, Json] = {
            "before": self.state["sizes"], "after": sizes, "made": fresh, "changed": fresh,
        }  # fmt: skip
        few = [word for word, size in self.state["sizes"].items() if size < self.least]
        if few:
            words = both("made.left", labels=", ".join(few[:20]), least=self.least)
            told["left"], told["left_zh"] = words["en"], words["zh"]
        return told


def _parents(
    labels: pl.Series, usable: NDArray[np.bool_], words: Sequence[str], random: np.random.Generator
) -> NDArray[np.int64]:
    """Return a real row of the class of each made row: what is not made is taken from it."""
    known = labels.cast(pl.String).to_numpy()
    rows = {word: np.flatnonzero((known == word) & usable) for word in dict.fromkeys(words)}
    return np.array([rows[word][random.integers(len(rows[word]))] for word in words], np.int64)


def _cells(
    said: Sequence[Json], rows: pl.DataFrame, columns: Sequence[Column]
) -> dict[str, pl.Series]:
    """Return made rows of a table by column, in the types of the real ones."""
    from lingqu.release.made.columns import frame_of

    made = frame_of(said, columns)
    found = {}
    for column in columns:
        series, dtype = made.get_column(column.name), rows.schema[column.name]
        whole = series.round() if dtype.is_integer() else series
        found[column.name] = whole.cast(dtype)
    return found


def _pictures(said: Sequence[Json], rows: pl.DataFrame, column: Column) -> dict[str, pl.Series]:
    """Return made pictures as a column, on the scale of the real ones."""
    from lingqu.release.made.levels import Levels, of_bytes
    from lingqu.release.made.png import pixels_of
    from lingqu.release.media import pixels

    levels = Levels.of(pixels(rows.get_column(column.name), column.shape), column)
    x = of_bytes(np.stack([pixels_of(str(one)) for one in said]), levels.count)
    values = levels.low + (x + 1) / 2 * (levels.high - levels.low)  # (N, C, H, W)
    values = np.moveaxis(values, 1, 3) if len(column.shape) == 3 else values[:, 0]
    return {column.name: cells(values, column.name)}
