"""Classes of very different size: weigh, repeat, thin out, or make rows in between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.phrases import Phrase
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.govern.augment.rows import Made, added
from lingqu.govern.marks import keeping, mark
from lingqu.govern.reweigh import WEIGHT
from lingqu.govern.step import Step, arrange, bad_option
from lingqu.store.extras import need

Codes = NDArray[np.intp]
_MADE_OF = frozenset({"number", "datetime", "category", "boolean"})
"""Kinds of features that a row in between can have."""


@dataclass
class Balance(Step):
    """Give rare classes the weight of frequent ones while a model is fitted, and only then.

    Why: where one row in a hundred is fraud, a learner that never says "fraud" is 99 % right. It
    runs on the training part of each fit, after the folds are cut, so no row that is judged is
    ever repeated, thinned out or made up.

    Args:
        method: ``weights`` (a weight per row, no row changes), ``over`` (rows of rare classes are
            repeated), ``under`` (rows of frequent classes are marked to be left out), ``smote``
            (new rows between neighbours of a rare class; with categories it is ``smote_nc``, in
            which a category is the commonest among the neighbours).
        ratio: Size of every rarer class as a share of the largest (for ``under``: of the largest
            over the smallest, the other way round), above 0 to 1.
        seed: Seed of the draws.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> frame = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": ["n", "n", "n", "y"]})
        >>> schema = Schema((Column("x", "number"), Column("y", "category", "target")))
        >>> step, data = Balance(), Dataset(frame, schema)
        >>> step.fit(data)
        >>> [round(w, 2) for w in step.apply(data).frame["lingqu.weight"]]
        [0.67, 0.67, 0.67, 2.0]

    Source: He & Garcia, IEEE TKDE 21 (2009), doi:10.1109/TKDE.2008.239; SMOTE and SMOTE-NC: Chawla
        et al., JAIR 16 (2002), arXiv:1106.1813, through imbalanced-learn.
    """

    name: ClassVar[str] = "balance"
    main: ClassVar[str] = "method"
    augments: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"category", "boolean"})

    method: Literal["weights", "over", "under", "smote", "smote_nc"] = "weights"
    ratio: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.ratio <= 1:
            raise bad_option(self, "ratio", Phrase("balance.expects_ratio"), self.ratio)

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        target = self._target(dataset.schema)
        if self.method in ("smote", "smote_nc"):
            need("imblearn", self.name)
            self._refuse_kinds(dataset.schema)
        counts = dataset.frame.get_column(target.name).cast(pl.String).drop_nulls().value_counts()
        sizes = dict(counts.sort(target.name).iter_rows())
        return {"target": target.name, "sizes": sizes}

    def _target(self, schema: Schema) -> Column:
        target = schema.target
        if target is None:
            raise SpecError("govern.no_target", operator=self.name)
        if target.kind not in self.kinds:
            raise SpecError(
                "govern.wrong_kind",
                operator=self.name,
                column=target.name,
                kind=target.kind,
                expected=", ".join(sorted(self.kinds)),
            )
        return target

    def _refuse_kinds(self, schema: Schema) -> None:
        features = schema.features
        for column in features:
            if column.kind not in _MADE_OF:
                raise SpecError(
                    "balance.unmade_kind",
                    method=self.method,
                    column=column.name,
                    kind=column.kind,
                )
        if self.method == "smote_nc" and not any(_is_level(column) for column in features):
            raise SpecError("balance.no_categories", method=self.method)

    def transform(self, dataset: Dataset) -> Dataset:
        if not self.state or not dataset.frame.height:
            return dataset
        labels = dataset.frame.get_column(self.state["target"]).cast(pl.String)
        usable = keeping(dataset.frame) & labels.is_not_null().to_numpy()
        classes, codes = np.unique(labels.fill_null("").to_numpy().astype(str), return_inverse=True)
        sizes = np.bincount(codes[usable], minlength=len(classes))
        if int((sizes > 0).sum()) < 2:
            return dataset
        if self.method == "weights":
            return self._weighed(dataset, codes, usable, sizes)
        if self.method == "under":
            return self._thinned(dataset, codes, usable, sizes, classes)
        return added(
            dataset, [m for m in self._made(dataset, codes, usable, sizes) if len(m.parents)]
        )

    def _weighed(self, dataset: Dataset, codes: Codes, usable: Any, sizes: Codes) -> Dataset:
        """Weigh rows as if each class had `ratio` of the largest; the weights' mean stays 1."""
        there = sizes > 0
        wanted = np.where(there, np.maximum(sizes, self.ratio * sizes.max()), 0.0)
        factors = np.divide(wanted, sizes, out=np.ones(len(sizes)), where=there)
        factors *= sizes.sum() / wanted.sum()
        weights = np.where(usable, factors[codes], 1.0)
        frame, schema = dataset.frame, dataset.schema
        held = next(iter(schema.having("weight")), None)
        name = held.name if held is not None else WEIGHT
        if held is not None:
            weights = weights * frame.get_column(name).cast(pl.Float64).to_numpy()
        else:
            column = Column(name, "number", "weight", **because("balance.reason_weight"))
            schema = Schema((*schema, column))
        frame = arrange(frame.with_columns(pl.Series(name, weights)), schema)
        return Dataset(frame, schema, dataset.name, "", dataset.facts)

    def _thinned(
        self, dataset: Dataset, codes: Codes, usable: Any, sizes: Codes, classes: Any
    ) -> Dataset:
        """Mark rows of the larger classes until the smallest is `ratio` of each."""
        random = np.random.default_rng(self.seed)
        most = int(np.floor(sizes[sizes > 0].min() / self.ratio))
        frame = dataset.frame
        for code in np.flatnonzero(sizes > most).tolist():
            rows = np.flatnonzero(usable & (codes == code))
            gone = np.zeros(frame.height, dtype=bool)
            gone[random.permutation(rows)[most:]] = True
            words = both("balance.reason_thinned", operator=self.name, label=str(classes[code]))
            frame = mark(frame, gone, words["en"], words["zh"])
        return replace(dataset, frame=frame)

    def _made(self, dataset: Dataset, codes: Codes, usable: Any, sizes: Codes) -> list[Made]:
        """Return new rows for every class below `ratio` of the largest."""
        wanted = int(np.ceil(self.ratio * sizes.max()))
        short = [int(code) for code in np.flatnonzero((sizes > 0) & (sizes < wanted))]
        random = np.random.default_rng(self.seed)
        names = [c.name for c in dataset.schema if c.role in ("id", "ignored")]
        blank = {n: dataset.frame.get_column(n).dtype for n in names}
        made = []
        for code in short:
            count = wanted - int(sizes[code])
            rows = np.flatnonzero(usable & (codes == code))
            if self.method == "over" or len(rows) < 2:
                made.append(_repeated(rows, count, random, blank))
            else:
                made.append(self._between(dataset, codes, usable, code, count, blank))
        return made

    def _between(
        self, dataset: Dataset, codes: Codes, usable: Any, code: int, count: int, blank: Any
    ) -> Made:
        # imbalanced-learn is an extra and takes a second to import: only those who use it pay.
        from lingqu.govern.augment.rows_between import rows_between

        return rows_between(dataset, codes, usable, code, count, self.seed, blank)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        if not self.state:
            return {"changed": 0}
        name = self.state["target"]
        kept_rows = after.frame.filter(pl.Series(keeping(after.frame)))
        sizes = dict(
            kept_rows.get_column(name)
            .cast(pl.String)
            .drop_nulls()
            .value_counts()
            .sort(name)
            .iter_rows()
        )
        fresh = after.frame.height - before.frame.height
        gone = int(keeping(before.frame).sum()) - int(keeping(after.frame).sum()) + fresh
        told: dict[str, Json] = {
            "method": self.method,
            "before": self.state["sizes"],
            "after": sizes,
            "made": fresh,
            "changed": fresh + gone,
        }
        alone = [label for label, size in self.state["sizes"].items() if size == 1]
        if self.method in ("smote", "smote_nc") and alone:
            words = both("balance.alone", labels=", ".join(alone[:20]))
            told["fallback"], told["fallback_zh"] = words["en"], words["zh"]
        if self.method == "weights":
            weight = after.schema.having("weight")
            told["changed"] = after.frame.height if weight else 0
        return told


def _is_level(column: Column) -> bool:
    return column.kind in ("category", "boolean")


def _repeated(rows: Codes, count: int, random: np.random.Generator, blank: Any) -> Made:
    """Return rows again: each in turn, the rest by chance, so that none is drawn far more often."""
    whole, rest = divmod(count, len(rows))
    parents = np.concatenate([np.repeat(rows, whole), random.permutation(rows)[:rest]])
    cells = {name: pl.Series(name, [None] * count, dtype=dtype) for name, dtype in blank.items()}
    return Made(np.sort(parents).astype(np.int64), cells)
