"""Quality: eight scores of a data set from 0 to 1, and a profile of each column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.columns import describe, entropies, valid
from lingqu.check.declared import compared, flagged
from lingqu.check.rows import fingerprints
from lingqu.check.truth import finite, unknown, why
from lingqu.check.two_sample import coarser
from lingqu.check.variety import variety
from lingqu.core import metrics
from lingqu.core.i18n import text
from lingqu.core.missing import MISSING
from lingqu.core.nouns import CLASSES, Dataset, Finding, Json, Subject
from lingqu.core.schema import Column, present
from lingqu.release.profile import count, fit_profile, signals

Floats = NDArray[np.float64]
SCORES = (
    "completeness",
    "validity",
    "uniqueness",
    "consistency",
    "timeliness",
    "diversity",
    "representativeness",
    "authenticity",
)
DECLARED = ("source", "license", "consent", "purpose", "owner", "retention")
_DRAWS = 200
_WORST = 20
_COMPARED = 100_000
"""Most rows of each part whose distributions are compared: more would change no third digit."""


@dataclass
class Quality:
    """Score the training rows; each score comes with formula, number of rows and interval.

    A score that cannot be measured is unknown, never a full mark. Where a channel declares whom
    the data stand for (``data: {represent: {sex: {f: 0.5, m: 0.5}}}``), representativeness is
    measured against that, else between training and test rows.

    Args:
        fresh_days: Age up to which a row counts as timely, against the fact ``now`` (ISO 8601),
            else against the newest row.
        declared: Facts that should be known of the source.

    Example:
        >>> from lingqu.core.schema import Schema
        >>> data = Dataset(pl.DataFrame({"a": [1, None]}), Schema((Column("a", "number"),)))
        >>> found = Quality().look(Subject("data", "classify", data.schema, train=data))
        >>> {f.measure: f.value for f in found}["quality.completeness"]
        0.5

    Source: ISO/IEC 25012:2008 and Wang and Strong, 1996, doi:10.1080/07421222.1996.11518099
    (dimensions); Shannon entropy for diversity, for texts and pictures the Vendi score (Friedman
    and Dieng, 2023, arXiv:2210.02410); Jensen-Shannon divergence (Lin, 1991) for
    representativeness; the formulas of the other scores are our own.
    """

    name: ClassVar[str] = "quality"
    stages: ClassVar[frozenset[str]] = frozenset({"data"})

    fresh_days: float = 365.0
    declared: list[str] = field(default_factory=lambda: list(DECLARED))

    def look(self, subject: Subject) -> list[Finding]:
        data = subject.train if subject.train is not None else subject.test
        if data is None or data.frame.height == 0:
            return [unknown(self.name, f"quality.{s}", why("check.no_rows")) for s in SCORES]
        found = [self.score(score, data, subject) for score in SCORES]
        return found + [self._profile(data.frame[c.name], c) for c in _judged(data)]

    def score(self, name: str, data: Dataset, subject: Subject) -> Finding:
        """Return one of the eight scores of some rows, of which there is at least one."""
        columns = _judged(data)
        measures: dict[str, Callable[[], Finding]] = {
            "completeness": lambda: self._completeness(data, columns),
            "validity": lambda: self._validity(data, columns),
            "uniqueness": lambda: self._uniqueness(data),
            "consistency": lambda: self._consistency(data, subject),
            "timeliness": lambda: self._timeliness(data, subject),
            "diversity": lambda: self._diversity(data, columns, subject.seed),
            "representativeness": lambda: self._representativeness(data, subject),
            "authenticity": lambda: self._authenticity(data, subject),
        }
        return measures[name]()

    def _finding(
        self, score: str, value: float, n: int, low: float, high: float, **evidence: Json
    ) -> Finding:
        key = f"check.formula_{score}"
        formula = {"formula": text(key, "en"), "formula_zh": text(key, "zh")}
        return Finding(
            self.name, f"quality.{score}", value, "", finite(low), finite(high), n,
            evidence={**formula, **evidence},
        )  # fmt: skip

    def _share(self, score: str, rows: NDArray[np.bool_], **evidence: Json) -> Finding:
        """Report the share of rows that are good, with examples of those that are not."""
        n = len(rows)
        low, high = metrics.wilson(float(rows.sum()), n)
        worst = np.flatnonzero(~rows)[:_WORST].tolist()
        return self._finding(score, float(rows.mean()), n, low, high, rows=worst, **evidence)

    def _completeness(self, data: Dataset, columns: list[Column]) -> Finding:
        there = np.zeros(data.frame.height)
        for column in columns:
            there += _present(data.frame[column.name], column)
        shares = there / len(columns)
        n, value = len(shares), float(shares.mean())
        half = 1.96 * float(shares.std()) / n**0.5
        low, high = (value - half, value + half) if half else metrics.wilson(value * n, n)
        worst = np.argsort(shares, kind="stable")[:_WORST]
        rows = [int(row) for row in worst if shares[row] < 1]
        return self._finding(
            "completeness", value, n, max(0.0, low), min(1.0, high), rows=rows,
            columns=_gaps(data, columns),
        )  # fmt: skip

    def _validity(self, data: Dataset, columns: list[Column]) -> Finding:
        good = np.ones(data.frame.height, dtype=np.bool_)
        broken: dict[str, Json] = {}
        for column in columns:
            rows = valid(data.frame[column.name], column)
            if not rows.all():
                broken[column.name] = int((~rows).sum())
            good &= rows
        return self._share("validity", good, columns=broken)

    def _uniqueness(self, data: Dataset) -> Finding:
        columns = data.schema.inputs
        marks = fingerprints(data.frame, columns)
        return self._share("uniqueness", marks.is_first_distinct().to_numpy())

    def _consistency(self, data: Dataset, subject: Subject) -> Finding:
        """Equal rows must have one label; equal words one spelling."""
        good = np.ones(data.frame.height, dtype=np.bool_)
        target = data.schema.target
        evidence: dict[str, Json] = {}
        if subject.task in CLASSES and target is not None and target.name in data.frame:
            pairs = pl.DataFrame({
                "mark": fingerprints(data.frame, data.schema.features),
                "label": data.frame[target.name].cast(pl.String),
            })  # fmt: skip
            clash = pairs.select(pl.col("label").n_unique().over("mark") > 1)["label"].to_numpy()
            evidence["contradicting_labels"] = int(clash.sum())
            good &= ~clash
        for column in data.schema:
            if column.kind == "category" and column.name in data.frame:
                odd = _misspelt(data.frame[column.name])
                if odd.any():
                    evidence.setdefault("spellings", {})[column.name] = int(odd.sum())
                good &= ~odd
        return self._share("consistency", good, **evidence)

    def _timeliness(self, data: Dataset, subject: Subject) -> Finding:
        times = present(data.schema.having("time"), data.frame)
        seconds = _seconds(data.frame[times[0].name]) if times else None
        if seconds is None or seconds.null_count() == len(seconds):
            return unknown(self.name, "quality.timeliness", why("check.no_time"))
        dated = seconds.drop_nulls().to_numpy()
        stated = subject.facts.get("now")
        now = dated.max()
        if stated:
            moment = datetime.fromisoformat(str(stated))
            now = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
        fresh = (now - dated) / 86_400 <= self.fresh_days
        against = stated or "newest"
        return self._share("timeliness", fresh, fresh_days=self.fresh_days, against=against)

    def _diversity(self, data: Dataset, columns: list[Column], seed: int) -> Finding:
        random = np.random.default_rng(seed)
        drawn = {
            c.name: variety(data.frame[c.name], c, random, _DRAWS)
            if c.kind in ("text", "image", "vector")
            else entropies(data.frame[c.name], c, random, _DRAWS)
            for c in columns
        }
        known = {name: value for name, value in drawn.items() if value is not None}
        if not known:
            return unknown(self.name, "quality.diversity", why("check.no_rows"))
        table = np.mean(list(known.values()), axis=0)  # first the value, then its resamples
        low, high = np.quantile(table[1:], (0.025, 0.975))
        each = {name: round(float(value[0]), 4) for name, value in known.items()}
        return self._finding(
            "diversity",
            float(table[0]),
            data.frame.height,
            min(low, table[0]),
            max(high, table[0]),
            columns=each,
        )

    def _representativeness(self, data: Dataset, subject: Subject) -> Finding:
        declared = subject.facts.get("represent") or data.facts.get("represent")
        if declared:
            return self._represented(data, declared, subject.seed)
        test = subject.test
        if test is None or test is data or test.frame.height < 20:
            reason = why("check.no_test")
            return unknown(self.name, "quality.representativeness", reason)
        random = np.random.default_rng(subject.seed)
        frames = [_sample(part.frame, random) for part in (data, test)]
        watched = signals(frames[0], data.schema)
        if not watched.width:
            return unknown(self.name, "quality.representativeness", why("check.no_features"))
        before = fit_profile(watched)
        now = count(before, signals(frames[1], data.schema))
        n = frames[1].height
        drawn = []
        for name, part in before["columns"].items():
            first, second = np.asarray(part["counts"]), np.asarray(now["columns"][name]["counts"])
            if first.sum() and second.sum():
                first, second = coarser(first, second, max(2, min(10, n // 20)))
                resampled = random.multinomial(int(second.sum()), second / second.sum(), _DRAWS)
                drawn.append(_divergence(first, np.vstack([second, resampled])))
        if not drawn:
            return unknown(self.name, "quality.representativeness", why("check.no_rows"))
        table = 1 - np.mean(drawn, axis=0)
        low, high = np.quantile(table[1:], (0.025, 0.975))
        value = float(table[0])
        seen = {"train_rows": frames[0].height, "test_rows": n}
        return self._finding(
            "representativeness", value, n, min(low, value), max(high, value), **seen
        )

    def _represented(self, data: Dataset, declared: Mapping[str, Json], seed: int) -> Finding:
        """Compare with the distribution that was declared of whom the data stand for."""
        random = np.random.default_rng(seed)
        known = {name: shares for name, shares in declared.items() if name in data.frame.columns}
        if len(known) < len(declared):
            missing = ", ".join(sorted(set(declared) - set(known)))
            reason = why("check.no_column", column=missing)
            return unknown(self.name, "quality.representativeness", reason)
        parts = {
            name: compared(data.frame[name], shares, random, _DRAWS)
            for name, shares in known.items()
        }
        table = np.mean([part.scores for part in parts.values()], axis=0)
        low, high = np.quantile(table[1:], (0.025, 0.975))
        value = float(table[0])
        found = self._finding(
            "representativeness", value, data.frame.height, min(low, value), max(high, value),
            groups={name: part.groups for name, part in parts.items()},
        )  # fmt: skip
        formula = {
            "formula": text("judge.formula_represented", "en"),
            "formula_zh": text("judge.formula_represented", "zh"),
        }
        return replace(found, evidence={**found.evidence, **formula})

    def _authenticity(self, data: Dataset, subject: Subject) -> Finding:
        facts = {**subject.facts, **data.facts}
        known = [name for name in self.declared if facts.get(name)]
        value = len(known) / max(len(self.declared), 1)
        missing = [name for name in self.declared if name not in known]
        return self._finding(
            "authenticity",
            value,
            len(self.declared),
            np.nan,
            np.nan,
            declared=known,
            missing=missing,
            estimates=flagged(data.frame, data.schema),
        )

    def _profile(self, series: pl.Series, column: Column) -> Finding:
        share = float(_present(series, column).mean())
        low, high = metrics.wilson(share * len(series), len(series))
        return Finding(
            self.name, "quality.column", share, column.name, low, high, len(series),
            evidence=describe(series, column),
        )  # fmt: skip


def _judged(data: Dataset) -> list[Column]:
    return [c for c in present(data.schema, data.frame) if c.role != "ignored"]


def _sample(frame: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    if frame.height <= _COMPARED:
        return frame
    return frame[np.sort(random.choice(frame.height, _COMPARED, replace=False))]


def _gaps(data: Dataset, columns: list[Column]) -> dict[str, int]:
    """Return the columns with the most missing cells, and how many."""
    counts = {c.name: int((~_present(data.frame[c.name], c)).sum()) for c in columns}
    worst = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return {name: count for name, count in worst[:_WORST] if count}


def _present(series: pl.Series, column: Column) -> NDArray[np.bool_]:
    if column.kind == "number":
        series = series.cast(pl.Float64, strict=False).fill_nan(None)
    there = series.is_not_null()
    if column.kind == "category" and column.role != "target":
        words = series.cast(pl.String).str.strip_chars().str.to_lowercase()
        there &= ~words.is_in(list(MISSING)).fill_null(False)
    return there.to_numpy()


def _seconds(series: pl.Series) -> pl.Series | None:
    """Return a column of dates as seconds since 1970 in UTC; None when it holds no dates."""
    if series.dtype == pl.String:
        series = series.str.to_datetime(strict=False)
    if series.dtype not in (pl.Date, pl.Datetime):
        return None
    return series.cast(pl.Datetime("us", getattr(series.dtype, "time_zone", None))).dt.epoch("s")


def _misspelt(series: pl.Series) -> NDArray[np.bool_]:
    """Return the rows whose level is a rarer spelling (case, blanks) of another level."""
    words = series.cast(pl.String)
    pairs = pl.DataFrame({"word": words, "plain": words.str.strip_chars().str.to_lowercase()})
    counts = pairs.drop_nulls().group_by("plain", "word").len().sort("len", "word", descending=True)
    usual = counts.group_by("plain", maintain_order=True).first()["word"]
    return (words.is_not_null() & ~words.is_in(usual.implode())).to_numpy()


def _divergence(first: Floats, others: Floats) -> Floats:
    """Return the Jensen-Shannon divergence, in bits, of one histogram from each of several."""
    p = np.broadcast_to(first / first.sum(), others.shape)
    q = others / others.sum(1, keepdims=True)
    middle = (p + q) / 2
    total = np.zeros(len(others))
    for part in (p, q):
        logs = np.log2(np.divide(part, middle, out=np.ones(part.shape), where=part > 0))
        total += (part * logs).sum(1) / 2
    return total
