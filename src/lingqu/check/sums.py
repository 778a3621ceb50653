"""What the test rows say of forecasts of sums: each level of a hierarchy by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from lingqu.check.truth import truth, unknown, why
from lingqu.core import metrics
from lingqu.core.forecast_metrics import covered, wql
from lingqu.core.nouns import Finding, Json, Subject
from lingqu.core.predictions import Predictions
from lingqu.release.series.sums import SUM, Sums, emptied, starts_of, with_sums


def sum_findings(subject: Subject, coverage: float) -> list[Finding]:
    """Return error, coverage and weighted quantile loss of each level above the series.

    Args:
        subject: What is looked at; its fact ``hierarchy`` names the columns of the levels.
        coverage: What an interval should hold.
    """
    names = subject.facts.get("hierarchy") or ()
    if not names or subject.train is None or subject.test is None or subject.predict is None:
        return []
    target, time = subject.schema.target, subject.schema.having("time")[0].name
    groups = [column.name for column in subject.schema.having("group")]
    sums = Sums.of(subject.train.frame, groups, names)
    starts = starts_of(subject.train, groups)
    rows = with_sums(subject.test, sums, starts).frame
    found: list[Finding] = []
    for name, kept in sums.levels[:-1]:
        one = pl.all_horizontal((pl.col(g) == SUM) != pl.lit(g in kept) for g in groups)
        here = rows.filter(one)
        if not here.height or target is None:
            found.append(unknown("metrics", "sums.mase", why("check.no_sums", level=name), name))
            continue
        said = subject.predict(here.with_columns(emptied(groups)))
        y = truth(here[target.name], ())
        sizes = here.select(groups).n_unique()
        evidence: dict[str, Json] = {"sums": sizes, "wanted": coverage,
                                     "steps": here[time].n_unique()}  # fmt: skip
        found += _level(name, y, said, coverage, evidence, subject.seed)
    return found


def _level(
    name: str, y: Any, said: Predictions, coverage: float, evidence: dict[str, Json], seed: int
) -> list[Finding]:
    ends = metrics.intervals(["mase"], y, said, seed=seed)["mase"]
    low, high = (None if end != end or ends[0] == ends[1] else end for end in ends)
    evidence = evidence | {"smape": metrics.score("smape", y, said)}
    found = [Finding("metrics", "sums.mase", metrics.score("mase", y, said), name, low, high,
                     len(y), evidence=evidence)]  # fmt: skip
    inside = covered(y, said)
    if inside is not None:
        edges = metrics.wilson(float(inside.sum()), len(inside))
        found.append(Finding("metrics", "sums.coverage", float(inside.mean()), name, *edges,
                             len(y), evidence={"wanted": coverage}))  # fmt: skip
    loss = wql(y, said, coverage)
    if np.isfinite(loss):
        found.append(Finding("metrics", "sums.wql", loss, name, n=len(y)))
    return found
