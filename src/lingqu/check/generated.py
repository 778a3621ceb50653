"""Made rows and pictures beside real ones: like them, of use, and nobody's row again?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl

from lingqu.check.anonymity import Anonymity
from lingqu.check.made_rows import Sides, copies, fidelity, nearest, variety
from lingqu.check.truth import unknown, why
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.schema import Schema
from lingqu.release.made.columns import frame_of, learned
from lingqu.release.made.likeness import Score, lessons, matrix, taught, two_sample

FEWEST = 20
"""Test rows without which nothing is said."""


@dataclass
class Generated:
    """Set made rows beside test rows, which no generator has seen.

    ``c2st`` is the AUC of a judge that tells made from real rows: 0.5 where it cannot, 1 where it
    always can. ``tstr`` is the score on real rows of a judge that learned the target from made rows
    only, ``trtr`` that of one that learned from as many real ones. ``copies`` is the share of made
    rows that equal a training row, and ``copies.excess`` how much more that is than of fresh real
    rows. ``nearest.ratio`` says how far made rows lie from the nearest training row, in units of
    how far real test rows do: well below 1, rows are remembered. ``fidelity(class)`` is the share
    of rows asked for a class that a judge of real rows takes for it; ``variety`` how various made
    rows are, in shares of real ones: 0 where all are alike. Where protected or other identifying
    columns are made, ``made.k`` is the smallest group of made rows that are equal in all of these.
    Of pictures, ``fid`` is the Fréchet distance between what a small net sees in both.

    Args:
        rows: Rows that are set beside each other at most.

    Example:
        >>> from lingqu.core.predictions import Predictions, Replies
        >>> from lingqu.core.schema import Column
        >>> real = pl.DataFrame({"age": np.arange(60.0)})
        >>> data = Dataset(real, Schema((Column("age", "number"),)))
        >>> rows = tuple({"age": float(age)} for age in range(60))
        >>> said = Predictions(np.ones(60), replies=Replies(rows))
        >>> subject = Subject("gate", "generate", data.schema, data, data, said)
        >>> {f.subject: f.value for f in Generated().look(subject)}["copies"]
        1.0

    Source: Lopez-Paz and Oquab, 2017, arXiv:1610.06545 (c2st); Esteban et al., 2017,
        arXiv:1706.02633 (tstr); Heusel et al., 2017, arXiv:1706.08500 (fid); Sweeney, 2002 (k).
    """

    name: ClassVar[str] = "generated"
    stages: ClassVar[frozenset[str]] = frozenset({"gate"})

    rows: int = 5_000

    def look(self, subject: Subject) -> list[Finding]:
        said = subject.predictions
        told = None if said is None else said.replies
        if subject.train is None or subject.test is None or told is None:
            return [unknown(self.name, "c2st", why("generate.no_made"))]
        if not isinstance(told.said[0], str | dict):
            return [unknown(self.name, "c2st", why("generate.no_made"))]
        if isinstance(told.said[0], str):  # a picture as an address
            from lingqu.check.made_pictures import looked

            return looked(subject, told)
        return self._table(subject, subject.train, subject.test, list(told.said))

    def _table(
        self, subject: Subject, train: Dataset, test: Dataset, said: list[dict[str, Json]]
    ) -> list[Finding]:
        columns = tuple(c for c in learned(test.schema) if c.name in said[0])
        real = test.frame.select(c.name for c in columns).head(self.rows)
        made = frame_of(said[: self.rows], columns)
        sides = Sides(train.frame.select(real.columns), real, made, columns, subject.seed)
        if real.height < FEWEST:
            reason = why("generate.few_judged", rows=real.height)
            return [unknown(self.name, "c2st", reason, "", real.height)]
        x, other = matrix([real, made], columns)
        found = [self._scored("c2st", two_sample(x, other, subject.seed))]
        target = test.schema.target
        if target is not None:
            of_made, of_real, asked = lessons([made, train.frame, real], columns, target)
            few = np.random.default_rng(subject.seed).permutation(len(of_real.y))[: len(of_made.y)]
            as_many = type(of_real)(of_real.form, of_real.x[few], of_real.y[few])
            told: dict[str, Json] = {"score": asked.form, "learned_from": made.height}
            found += [
                self._scored("tstr", taught(of_made, asked, subject.seed), **told),
                self._scored("trtr", taught(as_many, asked, subject.seed), **told),
            ]
            found += fidelity(self.name, sides, target)
        found += [*copies(self.name, sides), nearest(self.name, sides), variety(self.name, sides)]
        return found + self._groups(test.schema, made)

    def _scored(self, measure: str, found: Score, **evidence: Any) -> Finding:
        if not np.isfinite(found.value):
            reason = why("generate.few_judged", rows=found.n)
            return unknown(self.name, measure, reason, "", found.n)
        return Finding(
            self.name, measure, found.value, "", found.low, found.high, found.n, evidence=evidence
        )

    def _groups(self, schema: Schema, made: pl.DataFrame) -> list[Finding]:
        """Return how many made rows share what could tell people apart, where that is declared."""
        declared = [c.name for c in schema.having("protected") if c.name in made.columns]
        if not declared:
            return []
        rows = Dataset(made, Schema(tuple(c for c in schema if c.name in made.columns)))
        subject = Subject("data", "generate", rows.schema, train=rows)
        found = Anonymity(columns=declared).look(subject)
        names = {"anonymity.k": "made.k", "anonymity.unique": "made.unique"}
        return [
            Finding(self.name, names[f.measure], f.value, "", f.low, f.high, f.n,
                    evidence=f.evidence)
            for f in found if f.measure in names
        ]  # fmt: skip
