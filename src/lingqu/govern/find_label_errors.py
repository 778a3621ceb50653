"""Find labels that a model and the neighbours both doubt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import polars as pl

from lingqu.core import digest
from lingqu.core.errors import SpecError
from lingqu.core.i18n import Language, both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.phrases import Phrase
from lingqu.core.schema import Column, Kind, Schema, present
from lingqu.govern import label_jury
from lingqu.govern.marks import keeping, mark
from lingqu.govern.step import SAMPLES, Step

MOST_ROWS = 20_000
"""Rows judged; of larger tables a seeded sample is."""
FEWEST_ROWS = 20
LISTED = 200
"""Suspects that the report lists, with what is needed to correct them."""


@dataclass
class FindLabelErrors(Step):
    """Rank labels by how much unseen-row models and the nearest rows prefer another one.

    Why: a model that is always right about 95 % correct labels looks 5 % wrong, and learns the
    wrong ones too. The mean of unlike judges does not swing with the model, as one judge does:
    logistic models (of numbers as they are and by ranks with bends, of words), naive Bayes of
    words, a kernel fit, and the neighbours that are not doubted themselves. Every row is judged
    by a fit that has not seen it. Nothing is marked unless asked for, and no label is ever
    changed: the report names row, digest, given and suggested label, so that a person can accept
    the change. Numbers to predict are judged by their residuals.

    Args:
        drop: Mark at most this share of the rows, the worst suspects first; 0 marks none.
        seed: Seed of the sample, the projection, the folds and the centres.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> x, y = [i / 40 for i in range(40)], ["a"] * 20 + ["b"] * 20
        >>> y[3] = "b"
        >>> frame = pl.DataFrame({"x": x, "y": y})
        >>> schema = Schema((Column("x", "number"), Column("y", "category", "target")))
        >>> step, data = FindLabelErrors(), Dataset(frame, schema)
        >>> step.fit(data)
        >>> [row["row"] for row in (step.apply(data) and step.report())["samples"]]
        [3]

    Source: Own mean of judges (measured against confident learning: Northcutt et al., JAIR 70
        (2021), arXiv:1911.00068); leave-one-out in closed form: Cawley & Talbot, Pattern
        Recognition 36 (2003), doi:10.1016/S0031-3203(03)00136-5; kernel centres: Williams &
        Seeger, NIPS 2000.
    """

    name: ClassVar[str] = "find_label_errors"
    main: ClassVar[str] = "drop"
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )

    drop: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.drop <= 0.5:
            raise SpecError(
                "govern.bad_limit",
                operator=self.name,
                option="drop",
                expected=Phrase("labels.expects_share"),
                received=self.drop,
            )

    def transform(self, dataset: Dataset) -> Dataset:
        if self.drop == 0:
            return dataset
        judged = self._judge(dataset)
        if isinstance(judged, dict):
            return dataset
        suspects = judged.filter("suspect").sort("score", "row")
        worst = suspects.head(int(self.drop * int(keeping(dataset.frame).sum())))
        if not worst.height:
            return dataset
        rows = np.zeros(dataset.frame.height, dtype=bool)
        rows[worst.get_column("row").to_numpy()] = True
        target = dataset.schema.having("target")[0]
        key = "labels.reason_value" if target.kind == "number" else "labels.reason_suspect"
        words = both(key, operator=self.name)
        evidence = {
            row["row"]: {k: row[k] for k in ("given", "suggested", "model", "neighbours")}
            for row in worst.iter_rows(named=True)
        }
        marked = mark(dataset.frame, rows, words["en"], words["zh"], evidence)
        return replace(dataset, frame=marked)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        found = self._found(before)
        if isinstance(found, dict):
            return {"applicable": False, "why": found["en"], "why_zh": found["zh"], "changed": 0}
        judged, facts = found
        suspects = judged.filter("suspect").drop("suspect").sort("score", "row")
        listed = _with_digests(before, suspects.head(LISTED))
        return {
            "applicable": True,
            "judged": judged.height,
            "suspects": suspects.height,
            "share": suspects.height / judged.height,
            **facts,
            "samples": listed[:SAMPLES],
            "fixes": [
                [row["row"], row["digest"], row["given"], row["suggested"], round(row["score"], 4)]
                for row in listed
            ],
            "changed": int(keeping(before.frame).sum() - keeping(after.frame).sum()),
        }

    def _judge(self, dataset: Dataset) -> pl.DataFrame | dict[Language, str]:
        """Return ``row, given, suggested, score, …, suspect`` per judged row, or why not."""
        found = self._found(dataset)
        return found if isinstance(found, dict) else found[0]

    def _found(
        self, dataset: Dataset
    ) -> tuple[pl.DataFrame, dict[str, Json]] | dict[Language, str]:
        why = _refusal(dataset)
        if why:
            return why
        target = dataset.schema.having("target")[0]
        rows = self._rows(dataset, target)
        if rows.size < FEWEST_ROWS:
            return both("govern.unjudged_rows")
        frame = dataset.frame[rows]
        features = [c for c in dataset.schema.features if c.kind in self.kinds]
        features = [c for c in features if frame.get_column(c.name).null_count() < frame.height]
        if not features:
            return both("govern.unjudged_features")
        judge = label_jury.judge_numbers if target.kind == "number" else label_jury.judge_labels
        said = judge(frame, target, features, self.seed)
        if isinstance(said, dict):
            return said
        return said[0].with_columns(pl.Series("row", rows)), said[1]

    def _rows(self, dataset: Dataset, target: Column) -> Any:
        held = dataset.frame.get_column(target.name).is_not_null()
        rows = np.flatnonzero(keeping(dataset.frame) & held.to_numpy())
        if rows.size > MOST_ROWS:
            random = np.random.default_rng(self.seed)
            rows = np.sort(random.choice(rows, MOST_ROWS, replace=False))
        return rows


def _refusal(dataset: Dataset) -> dict[Language, str] | None:
    target = dataset.schema.target
    if target is None:
        return both("govern.unjudged_target")
    if target.kind not in ("category", "boolean", "number"):
        return both("govern.unjudged_kind", kind=target.kind)
    if dataset.frame.height < FEWEST_ROWS:
        return both("govern.unjudged_rows")
    return None


def _with_digests(dataset: Dataset, suspects: pl.DataFrame) -> list[dict[str, Json]]:
    """Return suspects with the digest of each row, so that a later fix can prove it is the one."""
    names = [column.name for column in present(dataset.schema, dataset.frame)]
    bare = dataset.frame.select(names)
    return [
        {**row, "digest": digest.short(digest.of_frame(bare[row["row"]], Schema(())))}
        for row in suspects.iter_rows(named=True)
    ]
