"""Leakage: does the model get to see what it should have to predict?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.overlap import near_texts, readable, too_early
from lingqu.check.recommend import taken_before
from lingqu.check.rows import fingerprints, nearest, points, record
from lingqu.check.truth import truth, unknown, why
from lingqu.core import metrics
from lingqu.core.nouns import CLASSES, REPLIES, Dataset, Finding, Json, Subject
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, present

_PAIRS = 20
_BINS = 24
SURE = 100
"""Judged rows from which a column that gives the answer away blocks a release: among fewer, one
of many columns may part the classes by chance."""


@dataclass
class Leakage:
    """Look for test rows that were trained on, and for columns that give the answer away.

    ``leakage.exact`` is the share of test rows that are also training rows, ``leakage.near`` the
    share that nearly are: nearer to a training row than `closeness` times the usual distance.
    ``leakage.near(column)`` is the same for a column of free text, by `similarity`.
    ``leakage.group(column)`` is the share of test rows whose group was trained on,
    ``leakage.time(column)`` the share of test rows that are earlier than the last training row,
    of their series where `data.group` names series.
    ``leakage.target(column)`` is the ROC AUC (regression: R²) of that column alone, binned on
    one half of the rows and scored on the other. A column above `target` blocks a release, unless
    a requirement of the channel names ``leakage.target`` and so takes the decision.

    Args:
        exact: Largest share of repeated rows that passes.
        near: Largest share of nearly repeated rows that passes.
        closeness: What counts as near, as a part of the median distance to the nearest row; less
            where few columns bring strangers as close as that (more than one in a thousand).
        similarity: Jaccard similarity of two texts from which one counts as a near copy.
        early: Largest share of test rows earlier than the last training row that passes.
        target: Largest score of a single column that passes.
        rows: Training rows compared, at most; a quarter as many test rows.

    Example:
        >>> from lingqu.core.schema import Schema
        >>> schema = Schema((Column("a", "number"),))
        >>> data = [Dataset(pl.DataFrame({"a": part}), schema) for part in ([1, 2, 3], [3, 9])]
        >>> subject = Subject("data", "regress", schema, train=data[0], test=data[1])
        >>> Leakage().look(subject)[0].value
        0.5

    Source: Kaufman et al., "Leakage in Data Mining", TKDD 6(4), 2012, doi:10.1145/2382577.2382579;
    near duplicates of CIFAR: Barz and Denzler 2020, arXiv:1902.00423.
    """

    name: ClassVar[str] = "leakage"
    stages: ClassVar[frozenset[str]] = frozenset({"data"})

    exact: float = 0.0
    near: float = 0.01
    closeness: float = 0.1
    similarity: float = 0.8
    early: float = 0.0
    target: float = 0.99
    rows: int = 8000

    def look(self, subject: Subject) -> list[Finding]:
        train, test = subject.train, subject.test
        if subject.task == "recommend" and train is not None and test is not None:
            return [taken_before(train, test)]
        if train is None or not train.frame.height or test is None or not test.frame.height:
            reason = why("check.no_split")
            found = [unknown(self.name, f"leakage.{kind}", reason) for kind in ("exact", "near")]
        else:
            found = [self._exact(train, test), self._near(train, test, subject.seed)]
            found += [
                self._near_text(train, test, column)
                for column in present(train.schema.features, test.frame)
                if readable(train.frame, column)
            ]
            # A group that callers name, as the series of a forecast, is on both sides by design.
            groups = [c for c in train.schema.having("group") if not c.seen]
            found += [self._group(train, test, c) for c in groups]
            found += [self._time(train, test, c) for c in train.schema.having("time")]
        # No single column gives a text, tags or boxes away.
        return found if subject.task in REPLIES else found + self._targets(subject)

    def _judged(
        self, kind: str, hits: float, n: int, limit: float, argument: str = "", **evidence: Json
    ) -> Finding:
        low, high = metrics.wilson(hits, n)
        failed = hits / n > limit
        return Finding(
            self.name,
            f"leakage.{kind}",
            hits / n,
            argument,
            low,
            high,
            n,
            "fail" if failed else "pass",
            "warn" if failed else "info",
            {"limit": limit, "count": int(hits), **evidence},
            f"check.leak_{kind}" if failed else "",
        )

    def _exact(self, train: Dataset, test: Dataset) -> Finding:
        features = train.schema.features
        if not features:
            return unknown(self.name, "leakage.exact", why("check.no_features"))
        known = fingerprints(train.frame, features)
        asked = fingerprints(test.frame, features)
        both = asked.is_in(known.unique().implode()).arg_true()
        first = ((known == asked[row]).arg_true()[0] for row in both.head(_PAIRS))
        pairs = list(zip(first, both.head(_PAIRS), strict=True))
        shown = _shown(train, test, pairs)
        return self._judged("exact", len(both), len(asked), self.exact, pairs=shown)

    def _near(self, train: Dataset, test: Dataset, seed: int) -> Finding:
        random = np.random.default_rng(seed)
        kept = [_sample(train.frame.height, self.rows, random)]
        kept.append(_sample(test.frame.height, max(1, self.rows // 4), random))
        frames = train.frame[kept[0]], test.frame[kept[1]]
        placed = points(*frames, train.schema.features)
        if placed is None or len(placed[0]) < 10:
            return unknown(self.name, "leakage.near", why("check.no_distance"))
        distance, where = nearest(*placed)
        usual = float(np.median(distance))
        close = (distance > 1e-6) & (distance < _reach(distance, self.closeness) * usual)
        ordered = [int(i) for i in np.argsort(distance, kind="stable") if close[i]]
        pairs = [(int(kept[0][where[i]]), int(kept[1][i])) for i in ordered]
        shown = _shown(train, test, pairs)
        for entry, i in zip(shown, ordered, strict=False):
            entry["distance"] = round(float(distance[i]) / usual, 4)
        return self._judged(
            "near", len(pairs), len(distance), self.near, pairs=shown, usual_distance=usual
        )

    def _near_text(self, train: Dataset, test: Dataset, column: Column) -> Finding:
        name = column.name
        overlap = near_texts(train.frame[name], test.frame[name], self.similarity)
        if not overlap.judged:
            return unknown(self.name, "leakage.near", why("check.no_rows"), name)
        shown = _shown(train, test, overlap.pairs)
        for entry, similarity in zip(shown, overlap.similarity, strict=False):
            entry["similarity"] = round(float(similarity), 4)
        return self._judged(
            "near", len(overlap.pairs), overlap.judged, self.near, name, pairs=shown,
            threshold=self.similarity,
        )  # fmt: skip

    def _time(self, train: Dataset, test: Dataset, column: Column) -> Finding:
        name = column.name
        if name not in train.frame.columns or name not in test.frame.columns:
            reason = why("check.no_column", column=name)
            return unknown(self.name, "leakage.time", reason, name)
        series = [c for c in train.schema.having("group") if c.seen]
        groups = [c.name for c in present(series, test.frame)]
        compared = too_early(train.frame, test.frame, name, groups)
        if compared is None:
            return unknown(self.name, "leakage.time", why("check.no_time"), name)
        early, judged, last = compared
        rows = np.flatnonzero(early)[:_PAIRS].tolist()
        return self._judged(
            "time", float(early.sum()), judged, self.early, name, last_trained=last, rows=rows
        )

    def _group(self, train: Dataset, test: Dataset, column: Column) -> Finding:
        if column.name not in train.frame.columns or column.name not in test.frame.columns:
            reason = why("check.no_column", column=column.name)
            return unknown(self.name, "leakage.group", reason, column.name)
        known = train.frame[column.name].cast(pl.String).drop_nulls().unique()
        shared = test.frame[column.name].cast(pl.String).is_in(known.implode()).fill_null(False)
        return self._judged("group", float(shared.sum()), len(shared), 0.0, column.name)

    def _targets(self, subject: Subject) -> list[Finding]:
        """Score every column by itself."""
        data = subject.train if subject.train is not None else subject.test
        column = subject.schema.target
        if data is None or column is None or column.name not in data.frame.columns:
            return [unknown(self.name, "leakage.target", why("check.no_labels"))]
        classes: tuple[str, ...] = ()
        if subject.task in CLASSES:
            labels = data.frame[column.name].cast(pl.String).drop_nulls().unique().sort()
            classes = tuple(labels.to_list())
        y = truth(
            data.frame[column.name].cast(pl.String) if classes else data.frame[column.name], classes
        )
        known = np.flatnonzero(y >= 0 if classes else np.isfinite(y))
        if len(known) < 40 or (subject.task in CLASSES and len(classes) < 2):
            reason = why("check.too_few", rows=len(known), least=40)
            return [unknown(self.name, "leakage.target", reason, n=len(known))]
        known = np.random.default_rng(subject.seed).permutation(known)[: 10 * self.rows]
        frame, y = data.frame[known], y[known]
        places = np.arange(len(known))
        halves = places[::2], places[1::2]
        found = []
        for feature in present(data.schema.features, frame):
            cells = _cells(frame, feature, halves[0])
            if cells is not None:
                finding = self._target(feature.name, cells, y, halves, classes)
                if subject.task == "forecast" and finding.severity == "block":
                    finding = replace(finding, severity="warn")  # what is known in advance may
                found.append(finding)
        return found or [unknown(self.name, "leakage.target", why("check.no_features"))]

    def givers(self, subject: Subject) -> list[Finding]:
        """Return the columns that give the answer away, which need no test rows to be found."""
        return [f for f in self._targets(subject) if f.verdict == "fail"]

    def _target(
        self,
        column: str,
        cells: NDArray[np.int64],
        y: NDArray[Any],
        halves: tuple[NDArray[np.int64], NDArray[np.int64]],
        classes: tuple[str, ...],
    ) -> Finding:
        learn, judge = halves
        said = _table_answers(cells, y, learn, judge, classes)
        metric = "roc_auc" if classes else "r2"
        value = metrics.score(metric, y[judge], said)
        if np.isnan(value):
            reason = why("check.undefined", metric=metric)
            return unknown(self.name, "leakage.target", reason, column, len(judge))
        failed = value > self.target
        return Finding(
            self.name,
            "leakage.target",
            value,
            column,
            n=len(judge),
            verdict="fail" if failed else "pass",
            severity=("block" if len(judge) >= SURE else "warn") if failed else "info",
            evidence={"metric": metric, "limit": self.target},
            advice="check.leak_target" if failed else "",
        )


def _reach(distance: NDArray[np.float64], most: float) -> float:
    """Return which part of the usual distance strangers undercut once in a thousand times.

    In d dimensions a stranger is nearer than c times the usual distance with a chance of about
    c to the power d; d shows in how much the distances differ (they follow Weibull's law).
    """
    apart = distance[distance > 1e-6]
    if len(apart) == 0:
        return most
    low, high = np.quantile(apart, (0.25, 0.75))
    dimensions = np.log(np.log(4) / np.log(4 / 3)) / np.log(high / low) if high > low else np.inf
    return float(min(most, 0.001 ** (1 / dimensions)))


def _sample(rows: int, most: int, random: np.random.Generator) -> NDArray[np.int64]:
    if rows <= most:
        return np.arange(rows)
    return np.sort(random.choice(rows, most, replace=False))


def _shown(
    train: Dataset, test: Dataset, pairs: Iterable[tuple[int, int]]
) -> list[dict[str, Json]]:
    """Return both records of each pair side by side."""
    columns = [c for c in train.schema if c.role in ("feature", "target")][:40]
    return [
        {
            "train_row": first,
            "test_row": second,
            "train": record(train.frame, first, columns),
            "test": record(test.frame, second, columns),
        }
        for first, second in list(pairs)[:_PAIRS]
    ]


def _cells(
    frame: pl.DataFrame, column: Column, learn: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """Return the bin or level of each row; None for kinds that are not judged alone."""
    series = frame[column.name]
    if column.kind == "number":
        values = series.cast(pl.Float64, strict=False).to_numpy()
        seen = np.sort(values[learn][~np.isnan(values[learn])])
        if len(seen) == 0:
            return None
        cuts = np.unique(seen[(np.arange(1, _BINS) * len(seen)) // _BINS])
        binned = np.searchsorted(cuts, values, side="right")
        return np.where(np.isnan(values), len(cuts) + 1, binned)
    if column.kind in ("category", "boolean"):
        return series.cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64)
    return None


def _table_answers(
    cells: NDArray[np.int64],
    y: NDArray[Any],
    learn: NDArray[np.int64],
    judge: NDArray[np.int64],
    classes: tuple[str, ...],
) -> Predictions:
    """Answer with the class shares (or mean) of the rows in the same bin.

    One imagined row with the overall shares keeps a bin that holds a single row from being sure.
    """
    size = int(cells.max()) + 1
    values = np.eye(len(classes))[y] if classes else y[:, None]  # (N, K)
    prior = values[learn].mean(0)
    total = np.tile(prior, (size, 1))
    np.add.at(total, cells[learn], values[learn])
    number = 1.0 + np.bincount(cells[learn], minlength=size)
    answers = (total / number[:, None])[cells[judge]]
    if not classes:
        return Predictions(answers[:, 0])
    return Predictions(answers.argmax(1), answers, classes)
