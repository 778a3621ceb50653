"""Data in use: the rows of a window, scored as the training rows were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from lingqu.check.quality import Quality
from lingqu.check.truth import unknown, why
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.schema import Schema, present

SERVED = ("completeness", "validity", "uniqueness")
"""Scores that need nothing but the rows that callers send."""
PLAIN = frozenset({"number", "category", "boolean"})
"""Kinds whose cells themselves are logged; of the others, only measures of them are."""
_SHOWN = 20


@dataclass
class Data:
    """Score the rows of a window as the training rows were scored, and say what was lost.

    ``data.completeness``, ``data.validity`` and ``data.uniqueness`` are those scores over the
    inputs that the log keeps; a word that the release never saw is not valid. ``data.drop(score)``
    is the score of the training rows, over the same inputs, less that of the window.
    ``data.broken_rules`` counts the rules of the contract about single rows that the window
    breaks. The other five scores ask for labels, dates or facts that a request does not carry:
    they are known of the training rows only.

    Nothing here passes or fails by itself: `drift` tests what is missing or unseen, and the
    limits that matter are in the rules of the channel.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column
        >>> rows = Dataset(pl.DataFrame({"age": [41.0, None]}), Schema((Column("age", "number"),)))
        >>> trained = {"trained": {"completeness": {"value": 0.75}}}
        >>> found = Data().look(Subject("live", "classify", rows.schema, test=rows, facts=trained))
        >>> {f.subject: f.value for f in found}["data.drop(completeness)"]
        0.25

    Source: Own; the scores are those of the check `quality`, where their sources stand.
    """

    name: ClassVar[str] = "data"
    stages: ClassVar[frozenset[str]] = frozenset({"live"})

    def look(self, subject: Subject) -> list[Finding]:
        rows = subject.test
        if rows is None or not rows.frame.height:
            reason = why("check.no_rows")
            return [unknown(self.name, f"data.{score}", reason) for score in SERVED]
        found = [self._score(score, rows, subject) for score in SERVED]
        return [*found, *self._drops(found, subject), *self._rules(rows, subject)]

    def _score(self, score: str, rows: Dataset, subject: Subject) -> Finding:
        measure, n = f"data.{score}", rows.frame.height
        kept = present(rows.schema.features, rows.frame)
        plain = [column for column in kept if column.kind in PLAIN]
        lost = {c.name for c in subject.schema.features} - {column.name for column in plain}
        if score == "uniqueness" and lost:
            # Rows that differ only in what is not logged would count as copies.
            reason = why("figures.not_logged", columns=", ".join(sorted(lost)[:_SHOWN]))
            return unknown(self.name, measure, reason, n=n)
        columns = kept if score == "completeness" else plain
        if not columns:
            return unknown(self.name, measure, why("check.no_features"), n=n)
        seen = Dataset(rows.frame, Schema(tuple(columns)))
        return replace(Quality().score(score, seen, subject), check=self.name, measure=measure)

    def _drops(self, found: Sequence[Finding], subject: Subject) -> list[Finding]:
        trained: Mapping[str, Mapping[str, Any]] = subject.facts.get("trained") or {}
        if not trained:
            return [unknown(self.name, "data.drop", why("figures.no_document"))]
        return [
            self._drop(finding, score, trained[score])
            for finding, score in zip(found, SERVED, strict=True)
            if finding.value is not None and trained.get(score, {}).get("value") is not None
        ]

    def _drop(self, finding: Finding, score: str, before: Mapping[str, Any]) -> Finding:
        drop = float(before["value"]) - float(finding.value or 0.0)
        widths = [_half(before.get("low"), before.get("high")), _half(finding.low, finding.high)]
        half = sum(width**2 for width in widths) ** 0.5
        evidence = {"trained": before["value"], "trained_rows": before.get("n", 0)}
        return Finding(
            self.name, "data.drop", drop, score, drop - half, drop + half, finding.n,
            evidence=evidence,
        )  # fmt: skip

    def _rules(self, rows: Dataset, subject: Subject) -> list[Finding]:
        judged: Mapping[str, Any] = subject.facts.get("rules") or {}
        if not judged:
            return []
        results: Sequence[Mapping[str, Json]] = judged.get("results") or ()
        n = rows.frame.height
        if not results:
            reason = dict(judged) if "why" in judged else why("figures.no_row_rules")
            return [unknown(self.name, "data.broken_rules", reason, n=n)]
        broken = [result for result in results if result["verdict"] == "fail"]
        shown = [{x: r[x] for x in ("rule", "failures", "n")} for r in broken[:_SHOWN]]
        evidence = {"judged": len(results), "broken": shown}
        value = float(len(broken))
        return [Finding(self.name, "data.broken_rules", value, n=n, evidence=evidence)]


def _half(low: float | None, high: float | None) -> float:
    """Return half the width of an interval; of one that is not known, nothing."""
    return 0.0 if low is None or high is None else (high - low) / 2
