"""What the test rows say of forecasts beside their errors: intervals, and each step by itself."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.sums import sum_findings
from lingqu.check.truth import Labelled
from lingqu.core import metrics
from lingqu.core.forecast_metrics import below, covered, wql
from lingqu.core.nouns import Finding, Json, Subject

COVERAGE = 0.9


def forecast_findings(rows: Labelled, subject: Subject) -> list[Finding]:
    """Return the weighted quantile loss and the coverage, with a table by step.

    Args:
        rows: Test rows with truth and answers.
        subject: What is looked at; its fact ``coverage`` says what an interval should hold.
    """
    said, wanted = rows.said, float(subject.facts.get("coverage") or COVERAGE)
    inside = covered(rows.y, said)
    if inside is None:
        return []
    evidence: dict[str, Json] = {"wanted": wanted, "by_step": _by_step(rows, subject, inside)}
    if said.quantiles is not None:
        shares = zip(said.levels, below(rows.y, said), strict=True)
        evidence["quantiles"] = [{"level": level, "below": share} for level, share in shares]
    low, high = metrics.wilson(float(inside.sum()), len(inside))
    found = [Finding("metrics", "coverage", float(inside.mean()), "", low, high, len(inside),
                     evidence=evidence)]  # fmt: skip
    value = wql(rows.y, said, wanted)
    if np.isfinite(value):
        found.append(Finding("metrics", "wql", value, n=len(inside), evidence={"wanted": wanted}))
    return found + sum_findings(subject, wanted)


def _by_step(rows: Labelled, subject: Subject, inside: NDArray[np.bool_]) -> list[dict[str, Json]]:
    """Return error and coverage at each step ahead, in the order of time."""
    steps = _steps(rows, subject)
    error = np.abs(rows.y - rows.said.labels)
    told = error / rows.said.units if rows.said.units is not None else None
    table: list[dict[str, Json]] = []
    for step in np.unique(steps):
        here = steps == step
        table.append(
            {
                "step": int(step),
                "n": int(here.sum()),
                "mae": float(error[here].mean()),
                "mase": None if told is None else float(told[here].mean()),
                "coverage": float(inside[here].mean()),
            }
        )
    return table


def _steps(rows: Labelled, subject: Subject) -> NDArray[np.int64]:
    """Return the place of each row in time within its series, from 1."""
    schema = subject.schema
    rank = pl.col(schema.having("time")[0].name).rank("dense")
    if schema.having("group"):
        rank = rank.over([column.name for column in schema.having("group")])
    return rows.frame.select(rank).to_series().cast(pl.Int64).to_numpy()
