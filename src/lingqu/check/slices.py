"""Slices: for which rows are the answers worse than for the rest?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.check.slice_search import WIDEST, Slice, parts_of, search
from lingqu.check.truth import Labelled, labelled, unknown, why
from lingqu.core import metrics
from lingqu.core.nouns import Finding, Json, Subject
from lingqu.core.schema import Column, present

Floats = NDArray[np.float64]
_KINDS = frozenset({"number", "category", "boolean"})
_SHOWN = 40
"""Letters of a level that are shown."""


@dataclass
class Slices:
    """Search the test rows for parts, told by one or two columns, that are answered worse.

    A slice is a quarter or half of a number, a level of a category, missing values, or where two
    of these meet. Its loss is its share of wrong answers; of values, the mean absolute error in
    standard deviations of the target. ``slices.worst`` is the largest gap to the rest, 0 where no
    slice is surely worse. Since thousands of slices are looked at, one is told only if it passes
    Benjamini and Hochberg's bound on false discoveries; the gaps of those that are told are
    larger than new rows will show, because they were picked for being large.

    Args:
        top: Slices told, at most.
        support: Fewest rows of a slice; a hundredth of the rows where that is more.
        effect: Fewest standard deviations by which its loss is above the rest.
        alpha: Share of false slices among those that are told.
        rows: Test rows used, at most.

    Example:
        >>> said = np.array([0, 0, 1, 1])
        >>> lost(np.array([0, 1, 1, 1]), said, ("no", "yes"), None).tolist()
        [0.0, 1.0, 0.0, 0.0]

    Source: Chung et al., "Slice Finder: automated data slicing for model validation", ICDE 2019,
    doi:10.1109/ICDE.2019.00139; Benjamini and Hochberg, "Controlling the false discovery rate",
    1995.
    """

    name: ClassVar[str] = "slices"
    stages: ClassVar[frozenset[str]] = frozenset({"gate"})

    top: int = 10
    support: int = 20
    effect: float = 0.3
    alpha: float = 0.05
    rows: int = 5_000

    def look(self, subject: Subject) -> list[Finding]:
        rows = labelled(subject)
        if not isinstance(rows, Labelled):
            return self._unknown(rows)
        rows = rows.taken(self.rows, subject.seed)
        n = len(rows.y)
        columns = _sliceable(subject, rows)
        if not columns:
            return self._unknown(why("check.nothing_to_slice"), n)
        support = max(self.support, n // 100)
        if n < 3 * support:
            return self._unknown(why("check.too_few", rows=n, least=3 * support), n)
        losses = lost(rows.y, rows.said.labels, rows.said.classes, rows.said.units)
        parts = parts_of(rows.frame, columns, support)
        found, looked = search(parts, losses, support, self.effect, self.alpha)
        by_name = {finding.argument: finding for finding in (self._told(s, losses) for s in found)}
        told = sorted(list(by_name.values())[: self.top], key=lambda f: -(f.value or 0.0))
        facts: dict[str, Json] = {
            "looked": looked, "support": support, "columns": len(columns),
            "loss": round(float(losses.mean()), 6), "found": len(found),
            "unit": "share" if rows.said.classes else "deviations",
        }  # fmt: skip
        return [self._worst(told, n, facts), *told]

    def _unknown(self, reason: dict[str, Json], n: int = 0) -> list[Finding]:
        return [unknown(self.name, "slices.worst", reason, n=n)]

    def _told(self, one: Slice, losses: Floats) -> Finding:
        inside, outside = losses[one.mask], losses[~one.mask]
        low, high = _ends(inside, outside)
        evidence: dict[str, Json] = {
            "slice": [_short(part.words) for part in one.parts],
            "loss": round(float(inside.mean()), 6),
            "rest": round(float(outside.mean()), 6),
            "p": float(f"{one.p:.3g}"),
        }
        gap = float(inside.mean() - outside.mean())
        name = " & ".join(evidence["slice"])
        return Finding(
            self.name, "slices.gap", gap, name, low, high, len(inside), evidence=evidence
        )

    def _worst(self, told: list[Finding], n: int, facts: dict[str, Json]) -> Finding:
        if not told:
            return Finding(self.name, "slices.worst", 0.0, n=n, evidence=facts)
        worst = told[0]
        evidence = {**facts, **worst.evidence, "worst": worst.argument}
        return Finding(
            self.name, "slices.worst", worst.value, "", worst.low, worst.high, worst.n,
            evidence=evidence,
        )  # fmt: skip


def _sliceable(subject: Subject, rows: Labelled) -> list[Column]:
    """Return the columns that say of a person what a slice is, features first."""
    roles = ("feature", "protected")
    columns = [c for role in roles for c in subject.schema.having(role)]  # type: ignore[arg-type]
    return [c for c in present(columns, rows.frame) if c.kind in _KINDS][:WIDEST]


def lost(
    y: NDArray[Any], labels: NDArray[Any], classes: tuple[str, ...], units: Floats | None
) -> Floats:
    """Return the loss of each row: wrong or not; of values, the error in units of its own.

    Args:
        y: Truth.
        labels: Answers.
        classes: Names of the classes; empty for values.
        units: Of each row what an error of 1 is there; the standard deviation when None.
    """
    if classes:
        return np.asarray((y != labels).astype(np.float64))
    error: Floats = np.abs(y - labels.astype(np.float64))
    whole = float(np.std(y)) or 1.0
    if units is None:
        return error / whole
    known = np.isfinite(units) & (units > 0)
    return error / np.where(known, units, whole)


def _ends(inside: Floats, outside: Floats) -> tuple[float, float]:
    """Return the 95 % interval of a gap of means: of shares Newcombe's, which holds at 0 and 1.

    Source: Newcombe, "Interval estimation for the difference between independent proportions",
    1998, method 10.
    """
    gap = float(inside.mean() - outside.mean())
    if np.isin(inside, (0.0, 1.0)).all() and np.isin(outside, (0.0, 1.0)).all():
        (a, b), (c, d) = (metrics.wilson(part.sum(), len(part)) for part in (inside, outside))
        one, two = float(inside.mean()), float(outside.mean())
        return gap - float(np.hypot(one - a, d - two)), gap + float(np.hypot(b - one, two - c))
    doubt = float(np.sqrt(inside.var() / len(inside) + outside.var() / len(outside)))
    return gap - 1.96 * doubt, gap + 1.96 * doubt


def _short(words: str) -> str:
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
