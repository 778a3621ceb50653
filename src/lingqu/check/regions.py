"""Intervals and prediction sets on test rows: how often they hold the truth, and how wide."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.check.fairness import grouped
from lingqu.check.truth import Labelled, finite
from lingqu.core import metrics
from lingqu.core.forecast_metrics import covered
from lingqu.core.nouns import Finding, Json, Subject
from lingqu.core.predictions import Predictions

LEAST = 30
"""Rows of a class or group that is judged by itself."""
_SHOWN = 20
"""Classes with a finding of their own, the worst covered first."""
_DRAWN = 60
"""Intervals that the report draws, at most."""
Inside = NDArray[np.bool_]


def inside_of(y: NDArray[Any], said: Predictions) -> Inside | None:
    """Return which rows have their truth in the interval or set; None where there is none.

    Example:
        >>> sets = np.array([[True, True], [True, False]])
        >>> inside_of(np.array([1, 1]), Predictions(np.array([0, 0]), sets=sets)).tolist()
        [True, False]
    """
    if said.sets is not None:
        found: Inside = said.sets[np.arange(len(y)), y]
        return found
    return covered(y, said)


def region_findings(rows: Labelled, subject: Subject) -> list[Finding]:
    """Return coverage, mean width or size, and coverage by class and by protected group.

    Args:
        rows: Test rows with truth and answers.
        subject: What is looked at; its fact ``coverage`` says what was promised, and
            ``coverage_by`` within what.
    """
    inside = inside_of(rows.y, rows.said)
    if inside is None or subject.task not in ("classify", "regress"):
        return []
    wanted = subject.facts.get("coverage")
    by_class, by_group = _by_class(rows, inside), _by_group(rows, subject, inside)
    evidence: dict[str, Json] = {"wanted": wanted, "by_class": by_class, "by_group": by_group}
    evidence |= _drawn(rows)
    found = [covering("metrics", "coverage", "", inside, wanted, evidence), _width(rows, subject)]
    promised = wanted if subject.facts.get("coverage_by") == "class" else None
    for entry in sorted(by_class, key=lambda entry: float(entry["coverage"]))[:_SHOWN]:
        if entry["n"] >= LEAST or promised is not None:
            here = inside[rows.y == rows.said.classes.index(entry["class"])]
            found.append(covering("metrics", "coverage.class", entry["class"], here, promised))
    for column, table in by_group.items():
        judged = [entry for entry in table if entry["n"] >= LEAST]
        if judged:
            worst = min(judged, key=lambda entry: float(entry["coverage"]))
            found.append(
                Finding(
                    "metrics", "coverage.group", worst["coverage"], column, worst["low"],
                    worst["high"], worst["n"], evidence={"group": worst["group"]},
                )
            )  # fmt: skip
    return found


def covering(
    check: str,
    measure: str,
    argument: str,
    inside: Inside,
    wanted: float | None,
    evidence: dict[str, Json] | None = None,
) -> Finding:
    """Return a coverage; it fails where it is below what was promised beyond chance."""
    low, high = metrics.wilson(float(inside.sum()), len(inside))
    failed = wanted is not None and high < wanted
    return Finding(
        check, measure, float(inside.mean()), argument, low, high, len(inside),
        "note" if wanted is None else "fail" if failed else "pass",
        "warn" if failed else "info",
        {"wanted": wanted} if evidence is None else evidence,
        "check.uncovered" if failed else "",
    )  # fmt: skip


def _width(rows: Labelled, subject: Subject) -> Finding:
    """Return the mean width of the intervals, or the mean number of classes in a set."""
    said = rows.said
    if said.sets is not None:
        measure, size = "set_size", said.sets.sum(1).astype(np.float64)
    else:
        assert said.low is not None and said.high is not None  # else nothing was covered
        measure, size = "interval_width", said.high - said.low
    low, high = metrics.bootstrap(
        lambda weights: weights @ size / weights.sum(1), len(size), seed=subject.seed
    )
    evidence = {"quartiles": [float(q) for q in np.quantile(size, (0.25, 0.5, 0.75))]}
    return Finding(
        "metrics", measure, float(size.mean()), "", finite(low), finite(high), len(size),
        evidence=evidence,
    )  # fmt: skip


def _line(inside: Inside) -> dict[str, Json]:
    low, high = metrics.wilson(float(inside.sum()), len(inside))
    return {"n": len(inside), "coverage": float(inside.mean()), "low": low, "high": high}


def _by_class(rows: Labelled, inside: Inside) -> list[dict[str, Json]]:
    return [
        {"class": name, **_line(inside[rows.y == k])}
        for k, name in enumerate(rows.said.classes)
        if (rows.y == k).any()
    ]


def _by_group(rows: Labelled, subject: Subject, inside: Inside) -> dict[str, list[dict[str, Json]]]:
    """Return the coverage of each group of the protected columns."""
    tables = {}
    for column in subject.schema.having("protected"):
        if column.name in rows.frame.columns:
            names, codes = grouped(rows, column, subject)
            tables[column.name] = [
                {"group": name, **_line(inside[codes == code])}
                for code, name in enumerate(names)
                if (codes == code).any()
            ]
    return tables


def _drawn(rows: Labelled) -> dict[str, Json]:
    """Return what the report draws: some intervals with their truth, or how large sets are."""
    said = rows.said
    if said.sets is not None:
        counts = np.bincount(said.sets.sum(1), minlength=1)
        return {"sizes": [[size, int(n)] for size, n in enumerate(counts) if n]}
    assert said.low is not None and said.high is not None
    order = np.argsort(said.labels, kind="stable")
    picked = order[np.unique(np.linspace(0, len(order) - 1, _DRAWN).astype(int))]
    columns = (rows.y, said.labels, said.low, said.high)
    return {"intervals": [[round(float(part[row]), 6) for part in columns] for row in picked]}
