"""Metrics: how good the answers are on rows that were never used, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.forecast import forecast_findings
from lingqu.check.recommend import recommend_findings
from lingqu.check.regions import region_findings
from lingqu.check.truth import Labelled, finite, labelled, unknown, why
from lingqu.core import metrics
from lingqu.core.metric_table import CUSTOM, subject_of
from lingqu.core.nouns import Finding, Json, Subject
from lingqu.core.predictions import Predictions
from lingqu.core.reply_metrics import NATS

_POINTS = 400


@dataclass
class Metrics:
    """Score the answers on the test rows.

    Args:
        positive: Class that precision, recall, f1, roc_auc and average_precision are about when
            there are two; the second class when omitted.
        names: Metrics to compute; the usual ones of the task when empty.
        also: Metrics to compute beside these, such as ``mcc`` or ``pinball(0.9)``.
        resamples: Bootstrap resamples of the 95 % intervals.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Column, Schema
        >>> schema = Schema((Column("y", "category", "target"),))
        >>> test = Dataset(pl.DataFrame({"y": ["a", "b"]}), schema)
        >>> said = Predictions(np.array([0, 1]), None, ("a", "b"))
        >>> subject = Subject("gate", "classify", schema, test=test, predictions=said)
        >>> Metrics().look(subject)[0].value
        1.0

    Source: Efron 1979 (bootstrap); Wilson 1927 (accuracy); definitions as in scikit-learn.
    """

    name: ClassVar[str] = "metrics"
    stages: ClassVar[frozenset[str]] = frozenset({"gate", "live"})

    positive: str = ""
    names: list[str] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    resamples: int = 400

    def look(self, subject: Subject) -> list[Finding]:
        if subject.task == "recommend":
            return recommend_findings(subject, self.resamples)
        rows = labelled(subject)
        probabilities = subject.predictions is None or subject.predictions.probabilities is not None
        wanted = tuple(self.names) or metrics.names(subject.task, probabilities)
        if not isinstance(rows, Labelled):
            return [unknown(self.name, name, rows) for name in wanted]
        if rows.said.probabilities is None and not self.names:
            wanted = metrics.names(subject.task, probabilities=False)
            if rows.said.replies is not None and NATS in rows.said.replies.beside:
                wanted = (*wanted, "perplexity")
        if not self.names:
            more = [name for name in self.also if metrics.metric(name).fits(subject.task)]
            wanted = tuple(dict.fromkeys((*wanted, *more)))
        rows = _with_lists(rows, wanted, subject)
        positive = _index(self.positive, rows.said)
        ends = metrics.intervals(wanted, rows.y, rows.said, self.resamples, subject.seed, positive)
        found = []
        for name in wanted:
            value = metrics.score(name, rows.y, rows.said, positive)
            if np.isnan(value):
                reason = why("check.undefined", metric=name)
                measure, argument = subject_of(name)
                found.append(unknown(self.name, measure, reason, argument, len(rows.y)))
                continue
            low, high = ends[name]
            if low == high:  # resamples of answers that are all right say nothing of doubt
                low = high = np.nan
            measure, argument = subject_of(name)
            how = {"interval": "wilson" if name == "accuracy" else "bootstrap"}
            if measure == CUSTOM:
                how["better"] = "lower" if metrics.metric(name).smaller else "higher"
            found.append(
                Finding(self.name, measure, value, argument, finite(low), finite(high),
                        len(rows.y), evidence=how)
            )  # fmt: skip
        found += _below(rows, wanted)
        if subject.task == "forecast":
            found += forecast_findings(rows, subject)
        if rows.said.replies is not None:
            return found
        return [*found, *region_findings(rows, subject), _table(rows)]


def _below(rows: Labelled, wanted: Sequence[str]) -> list[Finding]:
    """Return, for each quantile that is judged, the share of the truth below the answers."""
    found = []
    for name in wanted:
        measure, share = subject_of(name)
        if measure == "pinball" and share:
            hits, n = float((rows.y <= rows.said.labels).sum()), len(rows.y)
            low, high = metrics.wilson(hits, n)
            how = {"interval": "wilson", "wanted": float(share)}
            found.append(
                Finding("metrics", "share_below", hits / n, share, low, high, n, evidence=how)
            )
    return found


def _with_lists(rows: Labelled, wanted: Sequence[str], subject: Subject) -> Labelled:
    """Tell the answers which list each belongs to, where a score judges lists."""
    column = next(iter(subject.schema.having("group")), None)
    ranked = any(metrics.metric(name).form == "ranking" for name in wanted)
    if not ranked or column is None or column.name not in rows.frame.columns:
        return rows
    codes = rows.frame[column.name].cast(pl.String).fill_null("").rank("dense").to_numpy()
    return replace(rows, said=replace(rows.said, groups=codes.astype(np.int64)))


def _index(positive: str, said: Predictions) -> int:
    return said.classes.index(positive) if positive in said.classes else 1


def _table(rows: Labelled) -> Finding:
    """Return the finding that carries the tables of the report: errors, one by one."""
    classes = rows.said.classes
    evidence: dict[str, Json] = {"skipped": rows.skipped}
    if classes:
        matrix = metrics.confusion(rows.y, rows.said.labels, len(classes))
        evidence |= {
            "classes": list(classes),
            "confusion": matrix.tolist(),
            "per_class": _per_class(matrix, classes),
        }
        wrong = float((rows.y != rows.said.labels).mean())
        return Finding("metrics", "error_rate", wrong, n=len(rows.y), evidence=evidence)
    step = max(1, len(rows.y) // _POINTS)
    error = np.abs(rows.y - rows.said.labels)
    evidence["points"] = [
        [round(float(t), 6), round(float(p), 6)]
        for t, p in zip(rows.y[::step], rows.said.labels[::step], strict=True)
    ]
    worst = float(np.quantile(error, 0.9))
    return Finding("metrics", "error_p90", worst, n=len(rows.y), evidence=evidence)


def _per_class(matrix: NDArray[Any], classes: tuple[str, ...]) -> list[dict[str, Json]]:
    table = []
    for k, name in enumerate(classes):
        hits, true, said = int(matrix[k, k]), int(matrix[k].sum()), int(matrix[:, k].sum())
        low, high = metrics.wilson(hits, true)
        table.append(
            {
                "class": name,
                "n": true,
                "precision": hits / said if said else None,
                "recall": hits / true if true else None,
                "recall_low": low,
                "recall_high": high,
                "f1": 2 * hits / (true + said) if true + said else None,
            }
        )
    return table
