"""Robustness: how much worse do the answers get when the inputs are slightly wrong?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check import perturb
from lingqu.check.truth import Labelled, labelled, right, unknown, why
from lingqu.core import metrics
from lingqu.core.errors import LingquError
from lingqu.core.nouns import Finding, Subject
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Kind, present

Change = Callable[[pl.Series, Column, np.random.Generator], pl.Series]


def _step(function: Callable[..., pl.Series], level: float) -> Change:
    def change(series: pl.Series, column: Column, random: np.random.Generator) -> pl.Series:
        return function(series, column, level, random)

    return change


CORRUPTIONS: dict[str, tuple[frozenset[Kind], Change]] = {
    "noise_5%": (frozenset({"number"}), _step(perturb.noise, 0.05)),
    "noise_10%": (frozenset({"number"}), _step(perturb.noise, 0.10)),
    "noise_20%": (frozenset({"number"}), _step(perturb.noise, 0.20)),
    "missing_10%": (
        frozenset({"number", "category", "boolean", "text"}),
        _step(perturb.missing, 0.10),
    ),
    "typos_5%": (frozenset({"text"}), _step(perturb.typos, 0.05)),
    "pixel_noise_10%": (frozenset({"image"}), _step(perturb.pixel_noise, 0.10)),
    "shift_1px": (frozenset({"image"}), _step(perturb.shifted, 1)),
    "brightness_20%": (frozenset({"image"}), _step(perturb.brightness, 0.20)),
    "hiss_20db": (frozenset({"audio"}), _step(perturb.hiss, 20.0)),
    "shift_50ms": (frozenset({"audio"}), _step(perturb.delayed, 50.0)),
}


@dataclass
class Robustness:
    """Corrupt the test rows in small, common ways and measure the drop of the score.

    The drop is of accuracy; for a regression it is the rise of the mean absolute error in
    standard deviations of the target. ``robustness.drop`` without argument is the worst one.

    What callers send is corrupted, and prepared again: a recording hisses before its log-mel
    picture is made, and no such picture is darkened as if it were a photograph. Pictures are
    corrupted in the size in which the model sees them.

    Args:
        limit: Largest drop that passes.
        rows: Test rows used, at most.

    Example:
        >>> sorted(CORRUPTIONS)[:3]
        ['brightness_20%', 'hiss_20db', 'missing_10%']

    Source: Hendrycks and Dietterich, ICLR 2019, arXiv:1903.12261 (see `check/perturb.py`).
    """

    name: ClassVar[str] = "robustness"
    stages: ClassVar[frozenset[str]] = frozenset({"gate"})

    limit: float = 0.05
    rows: int = 1000

    def look(self, subject: Subject) -> list[Finding]:
        measure = "robustness.drop"
        rows = labelled(subject)
        if not isinstance(rows, Labelled):
            return [unknown(self.name, measure, rows)]
        if subject.predict is None:
            return [unknown(self.name, measure, why("check.no_model"), n=len(rows.y))]
        rows = rows.taken(self.rows, subject.seed)
        before = _quality(rows.y, rows.said)
        found: list[Finding] = []
        for name, frame, predict in self._corrupted(rows, subject):
            try:
                drop = before - _quality(rows.y, predict(frame))
            except LingquError as error:
                reason = why("check.refused_input", name=name, problem=str(error))
                found.append(unknown(self.name, measure, reason, name, len(rows.y)))
                continue
            found.append(self._finding(name, drop, subject.seed))
        known = [finding for finding in found if finding.value is not None]
        if not known:
            reason = why("check.nothing_to_corrupt")
            return [*found, unknown(self.name, measure, reason, n=len(rows.y))]
        worst = max(known, key=lambda finding: finding.value or 0.0)
        return [*found, self._summary(worst)]

    def _corrupted(
        self, rows: Labelled, subject: Subject
    ) -> Iterator[tuple[str, pl.DataFrame, Callable[[pl.DataFrame], Predictions]]]:
        seen = present(subject.schema.features, rows.frame)
        given, sent = seen, rows.frame
        if subject.sent is not None and rows.sent is not None:
            given, sent = list(subject.sent.schema.features), rows.sent
            pictures = {c.name for c in given if c.kind == "image"}
            seen = [c for c in seen if c.name in pictures]
        for index, (name, (kinds, change)) in enumerate(CORRUPTIONS.items()):
            random = np.random.default_rng([subject.seed, index])
            as_seen = "image" in kinds or sent is rows.frame
            frame, predict = (rows.frame, subject.predict) if as_seen else (sent, subject.answer)
            touched = [c for c in (seen if as_seen else given) if c.kind in kinds]
            if touched:
                changed = [change(frame[c.name], c, random) for c in touched]
                yield name, frame.with_columns(changed), predict

    def _finding(self, argument: str, drop: NDArray[np.float64], seed: int) -> Finding:
        value = float(drop.mean())
        low, high = metrics.bootstrap(drop, seed=seed)
        failed = value > self.limit
        return Finding(
            self.name,
            "robustness.drop",
            value,
            argument,
            low,
            high,
            len(drop),
            "fail" if failed else "pass",
            "warn" if failed else "info",
            {"limit": self.limit},
            "check.fragile" if failed else "",
        )

    def _summary(self, worst: Finding) -> Finding:
        evidence: dict[str, Any] = {**worst.evidence, "worst": worst.argument}
        return Finding(
            self.name, worst.measure, worst.value, "", worst.low, worst.high, worst.n,
            worst.verdict, worst.severity, evidence, worst.advice,
        )  # fmt: skip


def _quality(y: NDArray[Any], said: Predictions) -> NDArray[np.float64]:
    """Return a value per row, greater is better, on the scale of the drop."""
    if said.classes:
        return right(y, said)
    error: NDArray[np.float64] = np.abs(y - said.labels.astype(np.float64))
    return -error / (float(np.std(y)) or 1.0)
