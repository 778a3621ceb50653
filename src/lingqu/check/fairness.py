"""Fairness: do groups of people get the same share of good answers, and equally right ones?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.truth import Labelled, finite, labelled, right, unknown, why
from lingqu.core import metrics
from lingqu.core.nouns import VALUES, Finding, Json, Subject
from lingqu.core.schema import Column

Floats = NDArray[np.float64]
Means = dict[str, Callable[[Floats], list[Floats]]]
"""Gap → the means of each group, as row weights (B, N) give them: per class (B, groups)."""
GAPS = ("fairness.gap", "fairness.equal_opportunity", "fairness.accuracy_gap")


@dataclass
class Fairness:
    """Measure the largest gap between groups of each protected column.

    ``fairness.gap`` is the demographic parity difference (share of the positive answer; for a
    regression, mean answer in standard deviations of the target),
    ``fairness.equal_opportunity`` the gap in the share of true positives found,
    ``fairness.accuracy_gap`` the gap in accuracy (regression: in mean absolute error, in
    standard deviations). With more than two classes the worst class counts. Numbers are cut
    into four groups of equal size; groups under `least` rows are shown, not judged. Groups are
    those of the rows as they were read, also where privacy operators made a protected column
    coarser: bands of ten years would hide a gap inside a band. They are then named by the coarse
    values only.

    Args:
        limit: Largest gap that passes.
        least: Fewest rows of a group that is judged.
        positive: The favourable class of two; the second when omitted.

    Example:
        >>> rates = np.array([[[0.5, 0.2, 0.9]]])
        >>> _widest(rates).tolist()
        [0.7]

    The interval of a gap is the gap ± the 95 % quantile of how far any difference of two groups
    moves in resamples, cut at 0: a widest gap cannot move farther than the differences that it is
    the widest of. Quantiles of resampled gaps would lie too high, and never reach 0, since
    resampling pulls equal groups apart.

    Source: Hardt, Price, Srebro, "Equality of Opportunity in Supervised Learning", NeurIPS 2016,
    arXiv:1610.02413; demographic parity: Dwork et al. 2012, arXiv:1104.3913. Intervals of all
    differences at once: Tukey, "The Problem of Multiple Comparisons", 1953, by the bootstrap.
    """

    name: ClassVar[str] = "fairness"
    stages: ClassVar[frozenset[str]] = frozenset({"gate", "live"})

    limit: float = 0.1
    least: int = 30
    positive: str = ""

    def look(self, subject: Subject) -> list[Finding]:
        protected = subject.schema.having("protected")
        if not protected:
            reason = why("check.no_protected")
            return [Finding(self.name, "fairness", None, verdict="note", evidence=reason)]
        rows = labelled(subject)
        found: list[Finding] = []
        for column in protected:
            if not isinstance(rows, Labelled):
                found += self._unknown(rows, column.name, 0)
            elif column.name not in rows.frame.columns:
                reason = why("check.no_column", column=column.name)
                found += self._unknown(reason, column.name, 0)
            else:
                found += self._column(rows, column, subject)
        return found

    def _unknown(self, reason: dict[str, Json], column: str, n: int) -> list[Finding]:
        return [unknown(self.name, gap, reason, column, n) for gap in GAPS]

    def _column(self, rows: Labelled, column: Column, subject: Subject) -> list[Finding]:
        names, codes = grouped(rows, column, subject)
        sizes = np.bincount(codes, minlength=len(names))
        judged = np.flatnonzero(sizes >= self.least)
        if len(judged) < 2:
            reason = why("check.few_groups", column=column.name, least=self.least)
            reason["groups"] = _sizes(names, sizes)
            return self._unknown(reason, column.name, len(rows.y))
        member = np.eye(len(names))[codes]  # (N, groups)
        measured = _regress if subject.task in VALUES else self._classify
        statistics = measured(rows, member, judged, self.least)
        table = _sizes(names, sizes)
        for entry, group in zip(table, member.T, strict=True):
            entry["judged"] = entry["n"] >= self.least
            answers = rows.said.labels[group > 0].astype(np.float64)
            entry["mean_answer"] = finite(answers.mean()) if len(answers) else None
        found = []
        for gap in GAPS:
            means = statistics.get(gap)
            if means is None:
                reason = why("check.gap_undefined", gap=gap, least=self.least)
                found.append(unknown(self.name, gap, reason, column.name, len(rows.y)))
                continue
            found.append(self._finding(gap, column.name, means, table, rows, subject.seed))
        return found

    def _classify(self, rows: Labelled, member: Floats, judged: NDArray[Any], least: int) -> Means:
        classes = rows.said.classes
        favoured = classes.index(self.positive) if self.positive in classes else 1
        wanted = [favoured] if len(classes) == 2 else list(range(len(classes)))
        chosen = (rows.said.labels[:, None] == np.array(wanted)).astype(np.float64)  # (N, C)
        true = (rows.y[:, None] == np.array(wanted)).astype(np.float64)
        hits = right(rows.y, rows.said)
        part = member[:, judged]
        enough = [(c, np.flatnonzero(part.T @ true[:, c] >= least)) for c in range(len(wanted))]
        enough = [(c, cells) for c, cells in enough if len(cells) >= 2]

        def parity(weights: Floats) -> list[Floats]:
            return [_means(weights, part, chosen[:, c]) for c in range(len(wanted))]

        def opportunity(weights: Floats) -> list[Floats]:
            return [
                _means(weights, part[:, cells] * true[:, [c]], chosen[:, c]) for c, cells in enough
            ]

        statistics: Means = {
            GAPS[0]: parity, GAPS[2]: lambda weights: [_means(weights, part, hits)]
        }  # fmt: skip
        return {**statistics, GAPS[1]: opportunity} if enough else statistics

    def _finding(
        self,
        gap: str,
        column: str,
        means: Callable[[Floats], list[Floats]],
        table: list[dict[str, Json]],
        rows: Labelled,
        seed: int,
    ) -> Finding:
        n = len(rows.y)
        value, moved = _resampled(means, n, seed)
        most = 1.0 if rows.said.classes else np.inf
        failed = value > self.limit
        return Finding(
            self.name,
            gap,
            value,
            column,
            finite(max(0.0, value - moved)),
            finite(min(most, value + moved)),
            n,
            "fail" if failed else "pass",
            "warn" if failed else "info",
            {"groups": table, "limit": self.limit},
            "check.unfair" if failed else "",
        )


def grouped(
    rows: Labelled, column: Column, subject: Subject
) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names of the groups and the group of each row, by the values as they were read."""
    coarse = rows.frame[column.name]
    if rows.grouped is None or subject.grouped is None or column.name not in rows.grouped.columns:
        return groups(coarse, column.kind == "number")
    as_read = subject.grouped.schema[column.name]
    names, codes = groups(rows.grouped[column.name], as_read.kind == "number")
    return _veiled(coarse, codes, len(names)), codes


def _veiled(coarse: pl.Series, codes: NDArray[np.int64], count: int) -> list[str]:
    """Name each group by the coarse value that most of its rows have, with a number if need be.

    Example:
        >>> coarse = pl.Series(["20-39", "20-39", "40-59"])
        >>> _veiled(coarse, np.array([0, 1, 2]), 3)
        ['20-39 (1)', '20-39 (2)', '40-59']
    """
    said = coarse.cast(pl.String).fill_null("missing")
    names = [str(said.filter(pl.Series(codes == code)).mode().sort()[0]) for code in range(count)]
    place = {name: iter(range(1, count + 1)) for name in names}
    return [f"{name} ({next(place[name])})" if names.count(name) > 1 else name for name in names]


def groups(series: pl.Series, number: bool) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names of the groups of a column and the group of each row.

    Example:
        >>> groups(pl.Series(["f", "m", None]), number=False)[0]
        ['f', 'm', 'missing']
    """
    values = series.cast(pl.Float64, strict=False) if number else series.cast(pl.String)
    if number:
        values = values.fill_nan(None)
        cuts = np.unique(
            np.quantile(values.drop_nulls(), (0.25, 0.5, 0.75)) if len(values.drop_nulls()) else []
        )
        codes = np.searchsorted(cuts, values.to_numpy(), side="right")
        marks = [f"{cut:.4g}" for cut in cuts]
        names = [f"{a} – {b}" for a, b in zip(["min", *marks], [*marks, "max"], strict=True)]
        values = pl.Series(names).gather(codes).set(values.is_null(), None)
    found = values.fill_null("missing")
    present = found.unique().to_list()
    order = [name for name in names if name in present] if number else sorted(present)
    if number and "missing" in present:
        order.append("missing")
    indices = found.cast(pl.Enum(order)).to_physical().cast(pl.Int64)
    return order, indices.to_numpy()


def _means(weights: Floats, member: Floats, values: Floats) -> Floats:
    """Return the mean of each group, one row per weighting; member is (N, groups)."""
    total = weights @ member
    means: Floats = np.divide(
        weights @ (member * values[:, None]),
        total,
        out=np.full(total.shape, np.nan),
        where=total > 0,
    )
    return means


def _widest(means: Sequence[Floats]) -> Floats:
    """Return the widest gap of groups, one per weighting: of the class with the widest."""
    widest: Floats = np.max([np.nanmax(m, axis=1) - np.nanmin(m, axis=1) for m in means], axis=0)
    return widest


def _resampled(
    means: Callable[[Floats], list[Floats]], rows: int, seed: int
) -> tuple[float, float]:
    """Return the widest gap, and how far differences of groups move in 95 % of resamples."""
    seen = means(np.ones((1, rows)))
    moved = [
        _widest([drawn - here for drawn, here in zip(means(weights), seen, strict=True)])
        for weights in metrics.draws(rows, seed=seed)
    ]
    return float(_widest(seen)[0]), float(np.nanquantile(np.concatenate(moved), 0.95))


def _regress(rows: Labelled, member: Floats, judged: NDArray[Any], least: int) -> Means:
    deviation = float(np.std(rows.y)) or 1.0
    part = member[:, judged]
    answer = rows.said.labels.astype(np.float64) / deviation
    error = np.abs(rows.said.labels.astype(np.float64) - rows.y) / deviation
    return {
        GAPS[0]: lambda weights: [_means(weights, part, answer)],
        GAPS[2]: lambda weights: [_means(weights, part, error)],
    }


def _sizes(names: list[str], sizes: NDArray[Any]) -> list[dict[str, Json]]:
    return [{"group": name, "n": int(n)} for name, n in zip(names, sizes, strict=True)]
